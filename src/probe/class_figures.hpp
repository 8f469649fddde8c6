// SPDX-License-Identifier: Apache-2.0
// What the figures of a node mean where the target has classes. The rows that chose the splits
// choose two classes of each node as well: the most common one, which `mean` (its share), interval,
// lift and `share` (of all its rows) speak of, and the one that stands out, which "replicated"
// speaks of. So the judged rows are free to contradict both. Exact integers; ties: the first class.
#pragma once
#include "probe/figures.hpp"

namespace mlrepro::detail::probe {

int most_common_class(const Figures& part) noexcept;
// The class with the most rows more than its share of `all` lets expect; -1: none has more.
int class_that_stands_out(const Figures& part, const Figures& all) noexcept;
bool has_more_than_expected(const Figures& part, const Figures& all, int k) noexcept;
// The same counts, with positives, sum, mean and sd of "is of class k".
Figures figures_of_class(Figures counted, int k);

// Chooses the classes of all nodes, and gives the figures of nodes and tree the meaning above.
void choose_classes(TreeData& tree);

}  // namespace mlrepro::detail::probe
