// SPDX-License-Identifier: Apache-2.0
// Numeric targets in disguise: a column that (nearly) orders the rows as the target does is a copy
// of it, in another unit, or a monotone function.
#pragma once
#include <string>
#include <vector>

#include "probe/candidates.hpp"
#include "probe/target.hpp"

namespace mlrepro::detail::probe {

// Appends a warning for each such column, in order of name.
void add_same_order(const SearchSet& set, const TargetValues& target, int threads,
                    std::vector<std::string>& texts);

}  // namespace mlrepro::detail::probe
