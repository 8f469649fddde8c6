// SPDX-License-Identifier: Apache-2.0
// What the parts of a saved tree say of each other; FormatError where they contradict themselves.
#pragma once
#include "probe/tree_data.hpp"

namespace mlrepro::detail::probe {

// Every node but the root is the child of an earlier one that names it, on the side that its path
// says.
void check_links(const TreeData& tree);
// Leaves are numbered from 0, each once.
void check_leaves(const TreeData& tree);
// The rows of a node, and those of each value, are in its children. After check_links.
void check_counts(const TreeData& tree);

}  // namespace mlrepro::detail::probe
