// SPDX-License-Identifier: Apache-2.0
// The hash kernels of one level: included by one source a level, after xxhash.h was included for
// it. Not for any other file.
#pragma once
#include "core/simd.hpp"

namespace mlrepro::detail::core {
namespace {

inline void hash_of_level(const void* bytes, std::size_t size, std::uint64_t seed,
                          std::uint64_t out[2]) noexcept {
  const XXH128_hash_t h = XXH3_128bits_withSeed(bytes, size, seed);
  out[0] = h.low64;
  out[1] = h.high64;
}

inline void update_of_level(void* state, const void* bytes, std::size_t size) noexcept {
  XXH3_128bits_update(static_cast<XXH3_state_t*>(state), bytes, size);
}

}  // namespace
}  // namespace mlrepro::detail::core
