// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/core/build_info.hpp>
#include <mlrepro/core/errors.hpp>
#include <mlrepro/version.hpp>

#include <bit>

#include "core/json.hpp"
#include "core/parallel.hpp"
#include "core/simd.hpp"

#if defined(__clang__)
#define MLREPRO_COMPILER "Clang " __clang_version__
#elif defined(__GNUC__)
#define MLREPRO_COMPILER "GCC " __VERSION__
#else
#define MLREPRO_COMPILER "unknown"
#endif

namespace mlrepro {
namespace {

using detail::core::Json;
using detail::core::SimdLevel;

constexpr bool kOpenMp =
#if defined(_OPENMP)
    true;
#else
    false;
#endif

constexpr const char* kArchitecture =
#if defined(__x86_64__)
    "x86_64";
#elif defined(__aarch64__)
    "aarch64";
#elif defined(__s390x__)
        "s390x";
#else
        "other";
#endif

Json names_where(bool (*holds)(SimdLevel) noexcept) {
  Json names = Json::array();
  for (const SimdLevel level : {SimdLevel::baseline, SimdLevel::avx2, SimdLevel::avx512}) {
    if (holds(level))
      names.push_back(std::string(detail::core::kSimdNames[static_cast<std::size_t>(level)]));
  }
  return names;
}

Json threads_here() {
  try {
    return detail::core::resolve_threads(0);
  } catch (const ArgumentError&) {
    return nullptr;
  }
}

}  // namespace

std::string build_info() {
  const auto level = static_cast<std::size_t>(detail::core::simd_level());
  const Json info{{"version", MLREPRO_VERSION_STRING},
                  {"canon", 1},
                  {"compiler", MLREPRO_COMPILER},
                  {"architecture", kArchitecture},
                  {"byte_order", std::endian::native == std::endian::little ? "little" : "big"},
                  {"openmp", kOpenMp},
                  {"simd",
                   {{"compiled", names_where(&detail::core::is_compiled)},
                    {"supported", names_where(&detail::core::is_supported)},
                    {"in_use", std::string(detail::core::kSimdNames[level])}}},
                  {"threads", threads_here()}};
  return detail::core::canonical_json(info);
}

}  // namespace mlrepro
