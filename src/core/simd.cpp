// SPDX-License-Identifier: Apache-2.0
#include "core/simd.hpp"

#include <cstdlib>

#include "core/raise.hpp"

namespace mlrepro::detail::core {

extern const Kernels kernels_baseline;  // hash.cpp
#if defined(__x86_64__)
extern const Kernels kernels_avx2, kernels_avx512;
#endif

constinit std::atomic<const Kernels*> kernels_in_use{&kernels_baseline};

namespace {

constexpr SimdLevel kLevels[] = {SimdLevel::baseline, SimdLevel::avx2, SimdLevel::avx512};

const Kernels* kernels_of(SimdLevel level) noexcept {
  switch (level) {
    case SimdLevel::baseline:
      return &kernels_baseline;
#if defined(__x86_64__)
    case SimdLevel::avx2:
      return &kernels_avx2;
    case SimdLevel::avx512:
      return &kernels_avx512;
#else
    default:
      break;
#endif
  }
  return nullptr;
}

bool cpu_has(SimdLevel level) noexcept {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (level == SimdLevel::avx2) return __builtin_cpu_supports("avx2") != 0;
  if (level == SimdLevel::avx512)
    return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
           __builtin_cpu_supports("avx512vl") != 0;
#endif
  return level == SimdLevel::baseline;
}

SimdLevel best_level() noexcept {
  SimdLevel best = SimdLevel::baseline;
  for (const SimdLevel level : kLevels) {
    if (is_supported(level)) best = level;
  }
  return best;
}

std::string_view asked_for() noexcept {
  const char* text = std::getenv("MLREPRO_SIMD");
  return text == nullptr ? std::string_view() : std::string_view(text);
}

bool raise_level() noexcept {
  const std::string_view asked = asked_for();
  if (asked.empty()) return use_simd_level(best_level());
  for (const SimdLevel level : kLevels) {
    if (kSimdNames[static_cast<std::size_t>(level)] == asked) return use_simd_level(level);
  }
  return false;
}

const bool environment_is_good = raise_level();  // at load; false, the baseline stays

}  // namespace

bool is_compiled(SimdLevel level) noexcept {
  return kernels_of(level) != nullptr;
}
bool is_supported(SimdLevel level) noexcept {
  return is_compiled(level) && cpu_has(level);
}

SimdLevel simd_level() noexcept {
  for (const SimdLevel level : kLevels) {
    if (&kernels() == kernels_of(level)) return level;
  }
  return SimdLevel::baseline;
}

bool use_simd_level(SimdLevel level) noexcept {
  if (!is_supported(level)) return false;
  kernels_in_use.store(kernels_of(level), std::memory_order_relaxed);
  return true;
}

void check_simd_environment() {
  if (environment_is_good) return;
  std::string names;
  for (const SimdLevel level : kLevels) {
    if (!is_supported(level)) continue;
    names += (names.empty() ? "" : ", ") + std::string(kSimdNames[static_cast<std::size_t>(level)]);
  }
  raise<ArgumentError>({.message = "the environment variable MLREPRO_SIMD is " +
                                   in_quotes(asked_for()) + ", which this machine cannot run.",
                        .next_step = "Set it to one of " + names + ", or unset it."});
}

}  // namespace mlrepro::detail::core
