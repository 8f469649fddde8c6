// SPDX-License-Identifier: Apache-2.0
// How many threads a call takes that names none (threads = 0): MLREPRO_NUM_THREADS; else 1 in a
// worker process; else OMP_NUM_THREADS; else the CPUs that the process may use (affinity and cgroup
// quota). The number moves no bit of any result. Thread safety: every function may be called from
// any thread.
#pragma once
#include <mlrepro/core/export.hpp>

namespace mlrepro {

// The number for threads = 0, at least 1. ArgumentError: a variable that holds no number from 1 to
// 1,024.
[[nodiscard]] MLREPRO_API int default_threads();

// Says that this process is one of several that share the machine. A forked child is one without
// saying; the Python package says it in processes of multiprocessing, joblib and Dask.
MLREPRO_API void set_worker_process(bool is_worker) noexcept;

}  // namespace mlrepro
