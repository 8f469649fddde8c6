// SPDX-License-Identifier: Apache-2.0
// Honest halves: which rows choose, and which are judged. Decided by a hash of row identity, never
// by position, so that the halves hold while data grow and under any order of the rows.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/table.hpp"

namespace mlrepro::detail::core {

struct JudgedRows {
  std::vector<std::uint8_t> judged{};  // one a row, 0 or 1
  bool by_copy = false;  // some rows repeat so often that each copy was drawn for itself
};

// purpose: domain of the hash. target: a column that must not decide its own half; it leaves an
// identity made of values (null: none). copies_by: one number a row that orders equal rows.
// Rows of one identity share a half, or copies of a row would vouch for each other. Where there is
// no key and one identity holds over 1% of the rows (a table with few distinct rows), a shared half
// would hang on a handful of coin tosses: there the k-th copy, in the order of copies_by, is drawn
// by (identity, k). O(n log n) without a key.
JudgedRows judged_rows(const Table& table, std::string_view purpose, const Column* target,
                       std::span<const std::int64_t> copies_by, int threads);

}  // namespace mlrepro::detail::core
