// SPDX-License-Identifier: Apache-2.0
// From cuts over bins to splits over values.
#pragma once
#include <functional>

#include "probe/grow.hpp"
#include "probe/tree_data.hpp"

namespace mlrepro::detail::probe {

// column_number: what split.column and split.block hold, by index into SearchSet::columns.
Split split_of(const SearchSet& set, const Cut& cut, const std::function<int(int)>& column_number);
// The columns that a cut reads: one, or those of its block.
std::vector<int> columns_of(const SearchSet& set, const Cut& cut);
std::string left_condition(const SearchSet& set, const Cut& cut);

// Fills columns and nodes (splits, runner-ups, children, endings), not the figures. Leaves are
// numbered depth first (left, right, alone).
void assemble(const SearchSet& set, const GrownTree& grown, TreeData& tree);
// The rule of a node without children, for people.
std::string rule_of(const SearchSet& set, const GrownTree& grown, std::size_t node);

}  // namespace mlrepro::detail::probe
