// SPDX-License-Identifier: Apache-2.0
// Sums over the rows of each node of a grown tree, rows of its descendants included. O(rows).
#pragma once
#include <span>
#include <vector>

#include "core/cancel.hpp"
#include "probe/grow.hpp"

namespace mlrepro::detail::probe {

// add(Sum&, Row) takes a row in, merge(Sum&, const Sum&) the sum of a child.
template <class Sum, class Add, class Merge>
std::vector<Sum> node_sums(const GrownTree& tree, const Router& router, std::span<const Row> rows,
                           const Sum& zero, Add add, Merge merge) {
  std::vector<Sum> sums(tree.nodes.size(), zero);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    core::check_cancelled_at(static_cast<RowIndex>(i));
    add(sums[static_cast<std::size_t>(router.leaf_of(rows[i]))], rows[i]);
  }
  for (std::size_t i = tree.nodes.size(); i-- > 1;) {  // children come after their parent
    merge(sums[static_cast<std::size_t>(tree.nodes[i].parent)], sums[i]);
  }
  return sums;
}

}  // namespace mlrepro::detail::probe
