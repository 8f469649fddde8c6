// SPDX-License-Identifier: Apache-2.0
// How the loaded library was built and what it runs on here; said in run records, because a program
// can meet another build than it was compiled with. Thread safety: may be called from any thread.
#pragma once
#include <string>

#include <mlrepro/core/export.hpp>

namespace mlrepro {

// JSON object: "version"; "canon": of canonical elements; "compiler"; "architecture", "byte_order";
// "openmp": chunks run on OpenMP, else on std::thread; "simd": levels "compiled" into the library,
// "supported" by this CPU, and the one "in_use" (MLREPRO_SIMD chooses); "threads": what threads=0
// means in this process, null where an environment variable is no number of threads.
[[nodiscard]] MLREPRO_API std::string build_info();

}  // namespace mlrepro
