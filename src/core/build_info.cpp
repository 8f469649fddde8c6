// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/core/build_info.hpp>
#include <mlrepro/version.hpp>

#if defined(__clang__)
#define MLREPRO_COMPILER "Clang " __clang_version__
#elif defined(__GNUC__)
#define MLREPRO_COMPILER "GCC " __VERSION__
#else
#define MLREPRO_COMPILER "unknown"
#endif

#if defined(_OPENMP)
#define MLREPRO_HAS_OPENMP "true"
#else
#define MLREPRO_HAS_OPENMP "false"
#endif

namespace mlrepro {

std::string_view build_info() noexcept {
  return "{\"compiler\":\"" MLREPRO_COMPILER "\",\"openmp\":" MLREPRO_HAS_OPENMP
         ",\"version\":\"" MLREPRO_VERSION_STRING "\"}";
}

}  // namespace mlrepro
