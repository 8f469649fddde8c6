// SPDX-License-Identifier: Apache-2.0
// Groups rows by the 128-bit hash of their key. O(rows).
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "core/hash.hpp"

#include <mlrepro/fwd.hpp>

namespace mlrepro::detail::split {

struct Groups {
  std::vector<std::int32_t> group_of_row;  // -1: the key is missing
  std::vector<core::Hash128> key;          // of each group, in the order of first occurrence
  std::vector<RowIndex> n_rows, first_row;
  RowIndex n_grouped = 0;  // rows that are in a group
};

// missing: one byte a row, or empty. LimitError beyond 2^31 - 1 groups.
Groups group_rows(std::span<const core::Hash128> hashes, std::span<const std::uint8_t> missing);

}  // namespace mlrepro::detail::split
