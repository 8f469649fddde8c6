// SPDX-License-Identifier: Apache-2.0
// Where the values of a numeric target lie at each node, for pictures: counts of judged rows
// between edges that all nodes share. A binary target has none, its rate says it all. O(rows);
// counts of integers between doubles, so that any order of the rows gives the same.
#pragma once
#include <span>

#include "probe/grow.hpp"
#include "probe/target.hpp"
#include "probe/tree_data.hpp"

namespace mlrepro::detail::probe {

// Ten bins of equal width between the 0.5% and the 99.5% quantile of all rows with a target (where
// doubles cannot part those: between the extremes), and one on each side. Fills
// tree.histogram_edges and the nodes' histograms, or leaves them empty.
void add_histograms(const GrownTree& grown, const SearchSet& set, const TargetValues& target,
                    std::span<const Row> judged, TreeData& tree);

}  // namespace mlrepro::detail::probe
