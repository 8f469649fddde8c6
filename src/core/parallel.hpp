// SPDX-License-Identifier: Apache-2.0
// Runs fixed chunks of a range on several threads. The only place with OpenMP; built without OpenMP
// the same chunks run on std::thread. Which thread takes which chunk is left to chance: bodies
// write to memory of their chunk, or to exact partial states that merge() in any order, so that no
// result depends on it. Exceptions: all chunks below a failed one still run, and the one with the
// lowest chunk index is rethrown.
#pragma once
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "core/fp_guard.hpp"

namespace mlrepro::detail::core {

// A thread count for `requested`: itself if positive; if 0, MLREPRO_NUM_THREADS, else
// OMP_NUM_THREADS, else the CPUs this process may use (affinity and cgroup quota), and 1 in a
// forked child. ArgumentError on negative numbers and nonsense.
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
  } catch (const std::system_error&) {  // no more threads: those that started share the chunks
  }
  worker();
  for (std::thread& thread : threads) thread.join();
#endif
}

// body(chunk_index, begin, end) for each chunk of at most `chunk` items of [0, n_items). `threads`
// as from resolve_threads; <= 1 runs on this thread, in order.
template <class F>
void parallel_for_chunks(std::int64_t n_items, std::int64_t chunk, int threads, F&& body) {
  const std::int64_t size = std::max<std::int64_t>(chunk, 1);
  const std::int64_t n_chunks = n_items <= 0 ? 0 : (n_items - 1) / size + 1;
  const auto run = [&](std::int64_t i) { body(i, i * size, std::min(n_items, (i + 1) * size)); };
  if (threads <= 1 || n_chunks <= 1 || must_run_serially()) {
    const FpGuard guard;
    for (std::int64_t i = 0; i < n_chunks; ++i) run(i);
    return;
  }
  std::atomic<std::int64_t> next{0};
  FirstError error;
  run_workers(static_cast<int>(std::min<std::int64_t>(threads, n_chunks)), [&]() noexcept {
    const FpGuard guard;
    for (std::int64_t i = next.fetch_add(1); i < n_chunks; i = next.fetch_add(1)) {
      if (error.skips(i)) continue;
      try {
        run(i);
      } catch (...) {
        error.keep(i);
      }
    }
  });
  error.rethrow();
}

}  // namespace mlrepro::detail::core
