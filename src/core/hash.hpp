// SPDX-License-Identifier: Apache-2.0
// XXH3 of libxxhash, behind a few functions; xxhash.h itself is included by sources only.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mlrepro::detail::core {

struct Hash128 {
  std::uint64_t low = 0, high = 0;
  bool operator==(const Hash128&) const noexcept = default;
  bool operator<(const Hash128& other) const noexcept {
    return high != other.high ? high < other.high : low < other.low;
  }
};

std::string hex(const Hash128& h);  // 32 digits, the high half first

Hash128 xxh3_128(const void* bytes, std::size_t size, std::uint64_t seed) noexcept;
std::uint64_t xxh3_64(const void* bytes, std::size_t size, std::uint64_t seed) noexcept;

// The same digest from pieces: for text of any length, without allocation.
class HashStream {
 public:
  explicit HashStream(std::uint64_t seed) noexcept;
  void update(const void* bytes, std::size_t size) noexcept;
  Hash128 digest() const noexcept;

 private:
  alignas(64) unsigned char state_[576];  // an XXH3_state_t; its size is asserted in hash.cpp
};

// Seed of a domain: XXH3-64("mlrepro:1:" + domain; 0). Domains: "split", "probe-honest", "value",
// "row", ...
std::uint64_t domain_seed(std::string_view domain) noexcept;

}  // namespace mlrepro::detail::core
