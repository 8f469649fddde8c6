// SPDX-License-Identifier: Apache-2.0
// Labels in disguise: a candidate whose value, missingness or level is (nearly) the label.
#pragma once
#include <string>
#include <vector>

#include "probe/honest.hpp"

namespace mlrepro::detail::probe {

// Warnings, worst first. A condition on one column (a cut, a level, is missing) is a label in
// disguise if it holds on at least 99% of the positive rows, and at least 99% of the rows where it
// holds are positive; or the same of its negation. Asked of the label role and of a binary target,
// over all rows that have one. Missing values and join outcomes are also asked whether they give
// the label away on their part of the rows: Wilson lower bound of the rate at least 0.5 and lift at
// least 10, on the judged rows (the grade of the join report). growing: cells of the growing rows
// by CellLayout(set), or empty.
std::vector<std::string> label_warnings(const SearchSet& set, const core::Table& table,
                                        const TargetValues& target, const Halves& halves,
                                        const std::vector<Cell>& growing, int threads);

}  // namespace mlrepro::detail::probe
