// SPDX-License-Identifier: Apache-2.0
// The digests of canon 1 over canonical elements: seeds by domain, order-free sums, Merkle roots.
// Fed to a hash, a digest is its low u64, then its high u64, little-endian.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <mlrepro/core/order_key.hpp>
#include <mlrepro/fingerprint/fingerprint.hpp>

#include "core/hash.hpp"

namespace mlrepro::detail::fingerprint {

using core::Hash128;
using core::hex;
using core::UInt128;

// Little-endian bytes in the making.
class ByteWriter {
 public:
  void u64(std::uint64_t v);
  void hash(const Hash128& h) {
    u64(h.low);
    u64(h.high);
  }
  void text(std::string_view t) {  // with its length
    u64(t.size());
    bytes_ += t;
  }
  const std::string& bytes() const noexcept { return bytes_; }

 private:
  std::string bytes_;
};

// How many values, and the sum of their hashes mod 2^128: adding never hides pairs, as XOR would;
// 2^k equal values lose k bits of it, hence the count.
struct HashSum {
  std::uint64_t count = 0;
  UInt128 sum = 0;
  void add(const Hash128& h) noexcept {
    ++count;
    sum += static_cast<UInt128>(h.high) << 64 | h.low;
  }
  HashSum& operator+=(const HashSum& other) noexcept {
    count += other.count;
    sum += other.sum;
    return *this;
  }
  HashSum times(std::uint64_t n) const noexcept { return {count * n, sum * n}; }
  bool operator==(const HashSum&) const noexcept = default;
};
inline Hash128 as_hash(UInt128 sum) noexcept {
  return {static_cast<std::uint64_t>(sum), static_cast<std::uint64_t>(sum >> 64)};
}
inline UInt128 as_sum(const Hash128& h) noexcept {
  return static_cast<UInt128>(h.high) << 64 | h.low;
}

struct Counters {
  std::int64_t n_null = 0, n_nan = 0, n_negzero = 0;
  Counters& operator+=(const Counters& other) noexcept {
    n_null += other.n_null;
    n_nan += other.n_nan;
    n_negzero += other.n_negzero;
    return *this;
  }
  bool operator==(const Counters&) const noexcept = default;
};

// A seed a domain; hash_key enters each.
struct Seeds {
  explicit Seeds(std::string_view hash_key);
  std::uint64_t value, cell, row, name, leaf, node, root, levels, schema, content, table;
  std::string key_id;  // 32 hex digits that tell keys apart; empty: no key
};

Hash128 hash_of(const ByteWriter& bytes, std::uint64_t seed) noexcept;
Hash128 name_hash(std::string_view name, const Seeds& seeds) noexcept;
Hash128 merkle_root(RowIndex n_rows, std::span<const Hash128> leaves, const Seeds& seeds);

}  // namespace mlrepro::detail::fingerprint
