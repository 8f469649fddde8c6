// SPDX-License-Identifier: Apache-2.0
// Kernels that are compiled once for each instruction set, behind one table of function pointers.
// The table is constant-initialised with the baseline, so that it can be called before any
// constructor has run, and is raised when the library is loaded: to the best level that the CPU
// has, or to the one that MLREPRO_SIMD names. Every level gives the same bytes.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mlrepro::detail::core {

enum class SimdLevel : std::uint8_t { baseline, avx2, avx512 };
inline constexpr std::string_view kSimdNames[] = {"baseline", "avx2", "avx512"};

struct Kernels {
  // XXH3-128 of libxxhash, its long loop for this level. out: low, high.
  void (*hash)(const void* bytes, std::size_t size, std::uint64_t seed,
               std::uint64_t out[2]) noexcept;
  // Feeds an XXH3_state_t.
  void (*hash_update)(void* state, const void* bytes, std::size_t size) noexcept;
};

extern std::atomic<const Kernels*> kernels_in_use;
inline const Kernels& kernels() noexcept {
  return *kernels_in_use.load(std::memory_order_relaxed);
}

bool is_compiled(SimdLevel level) noexcept;   // into this library
bool is_supported(SimdLevel level) noexcept;  // by this CPU and operating system; and compiled
SimdLevel simd_level() noexcept;              // in use
// For tests: false, and nothing is changed, if it is not supported.
bool use_simd_level(SimdLevel level) noexcept;

// ArgumentError if MLREPRO_SIMD is no level, or one that cannot run here; the baseline runs until
// then. Asked by every call that takes threads.
void check_simd_environment();

}  // namespace mlrepro::detail::core
