// SPDX-License-Identifier: Apache-2.0
// Runs fixed chunks of a range on several threads. The only place with OpenMP; built without OpenMP
// the same chunks run on std::thread. Which thread takes which chunk is left to chance: bodies
// write to memory of their chunk, or to exact partial states that merge() in any order, so that no
// result depends on it. Exceptions: all chunks below a failed one still run, and the one with the
// lowest chunk index is rethrown. A cancelled call (core/cancel.hpp) starts no further chunk, and
// what its hook threw comes before any other exception.
#pragma once
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "core/cancel.hpp"
#include "core/fp_guard.hpp"
#include "core/progress.hpp"

namespace mlrepro::detail::core {

// A thread count for `requested`: itself if positive; if 0, as in include/mlrepro/core/threads.hpp.
// ArgumentError on negative numbers and nonsense.
int resolve_threads(int requested);

// Marks a parallel region of this thread, for the fork hooks (see parallel.cpp).
class RegionMark {
 public:
  RegionMark() noexcept;
  ~RegionMark();
  RegionMark(const RegionMark&) = delete;
  RegionMark& operator=(const RegionMark&) = delete;
};
bool must_run_serially() noexcept;  // in a child that was forked out of a running region: the pool
                                    // is lost
// The size of the next team of this thread: `wanted`, fewer where the system grants no more
// threads, up to `most` where the pool has them anyway. libgomp ends the process when it cannot
// start a thread (a limit on memory or processes), so others are started and ended first; and it
// ends threads when a team is smaller than the last one, so teams do not shrink without need.
int team_size(int wanted, int most) noexcept;
// A thread's first use of thread-local data and its first exception take memory, and the C library
// ends the process where there is none. This takes it now; false: there is none, so a worker leaves
// its share to the others.
bool has_room_for_thread_data() noexcept;

class FirstError {
 public:
  bool skips(std::int64_t chunk) const noexcept {
    return chunk > lowest_.load(std::memory_order_relaxed);
  }
  void keep(std::int64_t chunk) noexcept {
    const std::lock_guard lock(mutex_);
    if (chunk < lowest_.load(std::memory_order_relaxed)) {
      lowest_.store(chunk, std::memory_order_relaxed);
      error_ = std::current_exception();
    }
  }
  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  std::mutex mutex_;
  std::atomic<std::int64_t> lowest_{INT64_MAX};
  std::exception_ptr error_;
};

template <class Worker>
void run_workers(int n_workers, Worker&& worker) {
  const RegionMark mark;
#if defined(_OPENMP)
#pragma omp parallel num_threads(n_workers)
  worker();
#else
  std::vector<std::thread> threads;
  threads.reserve(static_cast<std::size_t>(n_workers));
  try {
    for (int i = 1; i < n_workers; ++i) threads.emplace_back([&] { worker(); });
  } catch (...) {  // no more threads, or no memory for one: those that started share the chunks
  }
  worker();
  for (std::thread& thread : threads) thread.join();
#endif
}

// body(chunk_index, begin, end) for each chunk of at most `chunk` items of [0, n_items). `threads`
// as from resolve_threads; <= 1 runs on this thread, in order. Bodies that can take long call
// check_cancelled() themselves.
template <class F>
void parallel_for_chunks(std::int64_t n_items, std::int64_t chunk, int threads, F&& body) {
  check_cancelled();  // others may take all chunks before this thread has one
  ChunkTeller teller;
  const std::int64_t size = std::max<std::int64_t>(chunk, 1);
  const std::int64_t n_chunks = n_items <= 0 ? 0 : (n_items - 1) / size + 1;
  const auto run = [&](std::int64_t i) {
    check_cancelled();
    body(i, i * size, std::min(n_items, (i + 1) * size));
  };
  const auto wanted = static_cast<int>(std::min<std::int64_t>(threads, n_chunks));
  const int n_workers = wanted <= 1 || must_run_serially() ? 1 : team_size(wanted, threads);
  if (n_workers <= 1) {
    const FpGuard guard;
    for (std::int64_t i = 0; i < n_chunks; ++i) {
      run(i);
      teller.tell(i + 1, n_chunks);
    }
    return;
  }
  std::atomic<std::int64_t> next{0};
  FirstError error;
  Crew crew(current_cancel());
  const std::thread::id caller = std::this_thread::get_id();
  run_workers(n_workers, [&]() noexcept {
    if (!has_room_for_thread_data() && std::this_thread::get_id() != caller) return;
    const RegionMark mark;
    const FpGuard guard;
    const CrewMember member(crew);
    for (std::int64_t i = next.fetch_add(1); i < n_chunks; i = next.fetch_add(1)) {
      if (is_cancelled(crew.cancel())) break;
      if (error.skips(i)) continue;
      try {
        run(i);
        if (std::this_thread::get_id() == caller)
          teller.tell(std::min(next.load(), n_chunks), n_chunks);
      } catch (...) {
        error.keep(i);
      }
    }
  });
  rethrow_cancelled(crew.cancel());
  error.rethrow();
}

}  // namespace mlrepro::detail::core
