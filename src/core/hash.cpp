// SPDX-License-Identifier: Apache-2.0
#include "core/hash.hpp"

#include <new>
#include <string>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "core/hash_kernels.hpp"

static_assert(XXH_VERSION_NUMBER >= 800, "libxxhash 0.8 froze XXH3");

namespace mlrepro::detail::core {

namespace {
constexpr std::size_t kShort = XXH3_MIDSIZE_MAX;  // up to here XXH3 has no loop to vectorise
}

extern const Kernels kernels_baseline;
constinit const Kernels kernels_baseline{&hash_of_level, &update_of_level};

std::string hex(const Hash128& h) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const std::uint64_t half : {h.high, h.low}) {
    for (int shift = 60; shift >= 0; shift -= 4) out += kDigits[half >> shift & 15];
  }
  return out;
}

Hash128 xxh3_128(const void* bytes, std::size_t size, std::uint64_t seed) noexcept {
  if (size > kShort) {  // the vector loop
    std::uint64_t out[2];
    kernels().hash(bytes, size, seed, out);
    return {out[0], out[1]};
  }
  const XXH128_hash_t h = XXH3_128bits_withSeed(bytes, size, seed);
  return {h.low64, h.high64};
}

std::uint64_t xxh3_64(const void* bytes, std::size_t size, std::uint64_t seed) noexcept {
  return XXH3_64bits_withSeed(bytes, size, seed);
}

std::uint64_t domain_seed(std::string_view domain) noexcept {
  char bytes[256] = "mlrepro:1:";
  constexpr std::size_t kPrefix = 10;
  if (domain.size() <= sizeof bytes - kPrefix) {
    domain.copy(bytes + kPrefix, domain.size());
    return xxh3_64(bytes, kPrefix + domain.size(), 0);
  }
  std::string longer(bytes, kPrefix);
  longer += domain;
  return xxh3_64(longer.data(), longer.size(), 0);
}

static_assert(sizeof(HashStream) >= sizeof(XXH3_state_t) &&
              alignof(HashStream) >= alignof(XXH3_state_t));

HashStream::HashStream(std::uint64_t seed) noexcept {
  auto* state = ::new (static_cast<void*>(state_)) XXH3_state_t;
  XXH3_INITSTATE(state);  // reset compares with the old seed, which must not be what the stack held
  XXH3_128bits_reset_withSeed(state, seed);
}
void HashStream::update(const void* bytes, std::size_t size) noexcept {
  kernels().hash_update(state_, bytes, size);
}
Hash128 HashStream::digest() const noexcept {
  const XXH128_hash_t h = XXH3_128bits_digest(reinterpret_cast<const XXH3_state_t*>(state_));
  return {h.low64, h.high64};
}

}  // namespace mlrepro::detail::core
