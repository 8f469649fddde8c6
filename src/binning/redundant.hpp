// SPDX-License-Identifier: Apache-2.0
// Columns that say nothing, or nothing new: constant, duplicate and complementary ones are named
// once, so that the number of columns that are tested stays honest.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "binning/binned_column.hpp"

namespace mlrepro::detail::binning {

struct NamedBins {
  std::string_view name{};
  const BinnedColumn* bins = nullptr;
};

struct Redundant {
  std::vector<bool> dropped{};                        // by column
  std::vector<std::string> constant{}, duplicates{};  // in the order of columns; "a = b" names both
};

// columns in order of name: of two that say the same, the first one stays. Equal digests propose,
// equal bytes decide. O(columns) digests, O(rows) for each pair that agrees.
Redundant find_redundant(const std::vector<NamedBins>& columns);

}  // namespace mlrepro::detail::binning
