// SPDX-License-Identifier: Apache-2.0
// The number of threads, and the hooks that keep a forked child from hanging: libgomp's pool does
// not survive fork(), and the next region of the child would wait for threads that are gone. So the
// pool is released before each fork; a child that was forked from inside a region, where it cannot
// be released, runs serially.
#include "core/parallel.hpp"

#include <pthread.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#if defined(__linux__)
#include <sched.h>
#endif
#if defined(_OPENMP)
#include <omp.h>
#endif

#include "core/raise.hpp"
#include "core/simd.hpp"

namespace mlrepro::detail::core {
namespace {

thread_local int region_depth = 0;
std::atomic<bool> forked{false};
std::atomic<bool> pool_lost{false};

void before_fork() noexcept {
#if defined(_OPENMP)
  if (region_depth == 0) omp_pause_resource_all(omp_pause_hard);
#endif
}

void in_child() noexcept {
  forked.store(true);
  if (region_depth != 0) pool_lost.store(true);
}

bool ensure_fork_hooks() noexcept {
  static const bool registered = pthread_atfork(&before_fork, nullptr, &in_child) == 0;
  return registered;
}

// At load: a child that is forked before the first region is a worker process too.
[[maybe_unused]] const bool registered_at_load = ensure_fork_hooks();

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

// CPUs' worth of time that the container may use (cgroup v2, then v1), rounded up; 0: no limit.
int cgroup_cpus() noexcept {
  long long quota = 0;
  long long period = 0;
  if (std::FILE* file = std::fopen("/sys/fs/cgroup/cpu.max", "r")) {
    const bool limited =
        std::fscanf(file, "%lld %lld", &quota, &period) == 2;  // "max 100000": no number, no limit
    std::fclose(file);
    if (!limited) return 0;
  } else {
    const char* paths[] = {"/sys/fs/cgroup/cpu/cpu.cfs_quota_us",
                           "/sys/fs/cgroup/cpu/cpu.cfs_period_us"};
    long long* values[] = {&quota, &period};
    for (int i = 0; i < 2; ++i) {
      std::FILE* old = std::fopen(paths[i], "r");
      if (old == nullptr) return 0;
      const bool read = std::fscanf(old, "%lld", values[i]) == 1;
      std::fclose(old);
      if (!read) return 0;
    }
  }
  if (quota <= 0 || period <= 0) return 0;
  return static_cast<int>(std::min<long long>((quota - 1) / period + 1, kMostThreads));
}

int usable_cpus() noexcept {
  int n = static_cast<int>(std::thread::hardware_concurrency());
#if defined(__linux__)
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) == 0) n = CPU_COUNT(&set);
#endif
  const int quota = cgroup_cpus();
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

bool must_run_serially() noexcept {
  return pool_lost.load(std::memory_order_relaxed);
}

int resolve_threads(int requested) {
  if (requested < 0 || requested > kMostThreads) {
    raise<ArgumentError>(
        {.message = "threads is " + std::to_string(requested) + ", not a number from 1 to 1,024.",
         .next_step = "Pass such a number, or leave threads out for all usable CPUs."});
  }
  check_simd_environment();
  if (requested > 0) return requested;
  if (const int n = threads_from("MLREPRO_NUM_THREADS"); n > 0) return n;
  if (forked.load()) return 1;
  if (const int n = threads_from("OMP_NUM_THREADS"); n > 0) return n;
  return usable_cpus();
}

}  // namespace mlrepro::detail::core
