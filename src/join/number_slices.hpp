// SPDX-License-Identifier: Apache-2.0
// Levels or bins of a column of numbers, times or booleans. Each value where there are few, else
// about ten bins of nearly equal size, cut by a histogram of 4,096 equal steps, or exactly where
// one step would hold too many rows. The same for int64 and for the float64 that holds its values,
// for any time unit, and for any order of rows.
#pragma once
#include <vector>

#include "join/slices.hpp"

namespace mlrepro::detail::join {

// The first level is that of missing rows (possibly empty); the others ascend.
std::vector<Level> number_levels(const core::Column& column, const std::vector<RowClass>& classes,
                                 bool& is_binned);

}  // namespace mlrepro::detail::join
