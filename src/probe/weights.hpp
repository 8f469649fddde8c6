// SPDX-License-Identifier: Apache-2.0
// Weights that are whole numbers: a row of weight 3 counts as three equal rows, one of weight 0 not
// at all. So counts, tests, intervals and min_samples_leaf need no formula of their own, and the
// answer is that of the repeated rows; only the bins of columns with more than 255 values are made
// without weights.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/table.hpp"

namespace mlrepro::detail::probe {

struct RowWeights {
  std::vector<std::uint32_t> times{};  // by row; empty: every row counts once
  std::int64_t sum = 0;                // over all rows
  std::string said{};                  // what a reader has to know about it; empty without weights
  std::uint32_t of(std::size_t row) const noexcept { return times.empty() ? 1 : times[row]; }
};

// Of the column with the role weight. Weights that are no whole numbers are not used, and that is
// said. LimitError: they add up to more rows than
// can be counted. SchemaError: all are 0.
RowWeights row_weights(const core::Table& table);

}  // namespace mlrepro::detail::probe
