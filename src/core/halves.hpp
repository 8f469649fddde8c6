// SPDX-License-Identifier: Apache-2.0
// Honest halves: which rows choose, and which are judged. Decided by a hash of row identity, never
// by position, so that the halves hold while data grow and under any order of the rows.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/hash.hpp"
#include "core/table.hpp"

namespace mlrepro::detail::core {

// What the identity of rows alone decides; the same for every target, so it can be kept.
struct IdentityHalves {
  std::vector<std::uint8_t> judged{};  // one a row, 0 or 1
  bool by_copy = false;  // one identity holds over 1% of the rows: copies are drawn one by one
  std::vector<Hash128> ids{};  // by row, if by_copy
};
using HalvesPtr = std::shared_ptr<const IdentityHalves>;

// purpose: domain of the hash. target: a column that must not decide its own half; it leaves an
// identity made of values (null: none). O(cells of the identity).
HalvesPtr halves_of(const Table& table, std::string_view purpose, const Column* target,
                    int threads);
// From identities that were hashed before, in the order of the rows.
HalvesPtr halves_of_ids(std::vector<Hash128> ids, bool by_key);
std::vector<Hash128> identity_hashes(const Table& table, std::string_view purpose,
                                     const Column* target, int threads);
// The purpose of the halves of probes.
std::string honest_purpose(std::uint64_t seed);
// The name under which the target leaves the identity; empty where it is no part of it.
std::string_view target_in_identity(const Table& table, const Column* target) noexcept;

struct JudgedRows {
  std::vector<std::uint8_t> judged{};  // one a row, 0 or 1
  bool by_copy = false;   // some rows repeat so often that each copy was drawn for itself
  RowIndex n_copies = 0;  // by_copy: rows that are equal to another one
};

// known: halves_of the same table, purpose and target. copies_by: one number a row that orders
// equal rows. Rows of one identity share a half, or copies of a row would vouch for each other.
// Where there is no key and one identity holds over 1% of the rows (a table with few distinct
// rows), a shared half would hang on a handful of coin tosses: there the k-th copy, in the order of
// copies_by, is drawn by (identity, k), O(n log n).
JudgedRows judged_rows(std::string_view purpose, const IdentityHalves& known,
                       std::span<const std::int64_t> copies_by);
JudgedRows judged_rows(const Table& table, std::string_view purpose, const Column* target,
                       std::span<const std::int64_t> copies_by, int threads);

// Whether one id occurs more than once, and on over 1% of the rows. O(n).
bool one_holds_too_many(std::span<const Hash128> ids);

}  // namespace mlrepro::detail::core
