// SPDX-License-Identifier: Apache-2.0
// The number of threads, and the hooks that keep a forked child from hanging: libgomp's pool does
// not survive fork(), and the next region of the child would wait for threads that are gone. So the
// pool is released before each fork; a child that was forked from inside a region, where it cannot
// be released, runs serially.
#include "core/parallel.hpp"

#include <pthread.h>

#include <cerrno>
#include <charconv>
#include <condition_variable>
#include <cstdlib>
#include <string>
#include <string_view>

#if defined(__linux__)
#include <sched.h>
#endif
#if defined(_OPENMP)
#include <omp.h>
#endif

#include <mlrepro/core/threads.hpp>

#include "core/cpu_quota.hpp"
#include "core/raise.hpp"
#include "core/simd.hpp"

namespace mlrepro::detail::core {
namespace {

thread_local int region_depth = 0;
std::atomic<bool> worker_process{false};
std::atomic<bool> pool_lost{false};
#if defined(_OPENMP)
thread_local int last_team = 1;  // of this thread: so many its pool has
#endif

void before_fork() noexcept {
#if defined(_OPENMP)
  if (region_depth == 0 && omp_pause_resource_all(omp_pause_hard) == 0) last_team = 1;
#endif
}

void in_child() noexcept {
  worker_process.store(true);
  if (region_depth != 0) pool_lost.store(true);
}

bool ensure_fork_hooks() noexcept {
  static const bool registered = pthread_atfork(&before_fork, nullptr, &in_child) == 0;
  return registered;
}

// At load: a child that is forked before the first region is a worker process too.
[[maybe_unused]] const bool registered_at_load = ensure_fork_hooks();
[[maybe_unused]] const bool loading_thread_is_ready = has_room_for_thread_data();

constexpr int kMostThreads = 1024;

// The first number of a variable ("4" or OpenMP's "4,2"), 0 if it is unset or empty.
int threads_from(const char* variable) {
  const char* text = std::getenv(variable);
  if (text == nullptr || *text == '\0') return 0;
  const std::string_view all(text);
  const std::string_view first = all.substr(0, all.find(','));
  int n = 0;
  const auto [end, error] = std::from_chars(first.data(), first.data() + first.size(), n);
  if (error != std::errc{} || end != first.data() + first.size() || n < 1 || n > kMostThreads) {
    raise<ArgumentError>({.message = "the environment variable " + std::string(variable) + " is " +
                                     in_quotes(all) + ", not a number of threads from 1 to 1,024.",
                          .next_step = "Set it to such a number, unset it, or pass threads=."});
  }
  return n;
}

int usable_cpus() {
  int n = 0;
#if defined(__linux__)
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) == 0) n = CPU_COUNT(&set);
#endif
  if (n == 0) n = static_cast<int>(std::thread::hardware_concurrency());
  static std::atomic<int> known_quota{-1};  // its files are slow to read: once is enough
  int quota = known_quota.load(std::memory_order_relaxed);
  if (quota < 0) known_quota.store(quota = cgroup_cpus(), std::memory_order_relaxed);
  if (quota > 0) n = std::min(n, quota);
  return std::clamp(n, 1, kMostThreads);
}

}  // namespace

RegionMark::RegionMark() noexcept {
  ensure_fork_hooks();  // a static library's global constructors may come before ours
  ++region_depth;
}

RegionMark::~RegionMark() {
  --region_depth;
}

bool has_room_for_thread_data() noexcept {
  void* volatile room = std::malloc(4096);
  if (room == nullptr) return false;
  std::free(room);
  const volatile int touched = region_depth + std::uncaught_exceptions();
  return touched >= 0;
}

bool must_run_serially() noexcept {
  return pool_lost.load(std::memory_order_relaxed);
}

#if defined(_OPENMP)
namespace {

// Starts up to n threads that all wait for the last one, so that they hold their stacks at once.
int rehearse(int n) noexcept {
  std::mutex mutex;
  std::condition_variable changed;
  bool over = false;
  std::vector<std::thread> threads;
  try {
    threads.reserve(static_cast<std::size_t>(n));
    for (int i = 0; i < n; ++i) {
      threads.emplace_back([&] {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return over; });
      });
    }
  } catch (...) {  // so many and no more
  }
  {
    const std::lock_guard lock(mutex);
    over = true;
  }
  changed.notify_all();
  for (std::thread& thread : threads) thread.join();
  return static_cast<int>(threads.size());
}

}  // namespace

int team_size(int wanted, int most) noexcept {
  if (region_depth > 0) return wanted;  // a nested team is this thread alone
  if (last_team >= wanted && last_team <= most) return last_team;
  if (last_team < wanted) {
    const int started = rehearse(wanted - 1);
    if (started < wanted - 1) return 1 + started / 2;  // near the limit: libgomp needs memory too
  }
  last_team = wanted;
  return wanted;
}
#else
int team_size(int wanted, int) noexcept {
  return wanted;  // std::thread says so when it cannot start
}
#endif

int resolve_threads(int requested) {
  if (requested < 0 || requested > kMostThreads) {
    raise<ArgumentError>(
        {.message = "threads is " + std::to_string(requested) + ", not a number from 1 to 1,024.",
         .next_step = "Pass such a number, or leave threads out for all usable CPUs."});
  }
  check_simd_environment();
  if (requested > 0) return requested;
  if (const int n = threads_from("MLREPRO_NUM_THREADS"); n > 0) return n;
  if (worker_process.load()) return 1;
  if (const int n = threads_from("OMP_NUM_THREADS"); n > 0) return n;
  return usable_cpus();
}

}  // namespace mlrepro::detail::core

namespace mlrepro {

int default_threads() {
  return detail::core::resolve_threads(0);
}

void set_worker_process(bool is_worker) noexcept {
  detail::core::worker_process.store(is_worker);
}

}  // namespace mlrepro
