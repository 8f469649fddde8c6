// SPDX-License-Identifier: Apache-2.0
#include "core/hash.hpp"

#include <new>
#include <string>

#define XXH_INLINE_ALL
#include <xxhash.h>

static_assert(XXH_VERSION_NUMBER >= 800, "libxxhash 0.8 froze XXH3");

namespace mlrepro::detail::core {

Hash128 xxh3_128(const void* bytes, std::size_t size, std::uint64_t seed) noexcept {
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
  XXH3_128bits_update(reinterpret_cast<XXH3_state_t*>(state_), bytes, size);
}
Hash128 HashStream::digest() const noexcept {
  const XXH128_hash_t h = XXH3_128bits_digest(reinterpret_cast<const XXH3_state_t*>(state_));
  return {h.low64, h.high64};
}

}  // namespace mlrepro::detail::core
