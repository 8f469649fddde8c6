// SPDX-License-Identifier: Apache-2.0
// How the loaded library was built; said in run records, because a program can meet another build
// than it was compiled with. Constant, thread-safe.
#pragma once
#include <string_view>

#include <mlrepro/core/export.hpp>

namespace mlrepro {

// JSON object: {"compiler":"GCC 12.2.0","openmp":true,"version":"0.1.0"}.
[[nodiscard]] MLREPRO_API std::string_view build_info() noexcept;

}  // namespace mlrepro
