// SPDX-License-Identifier: Apache-2.0
// Honest halves (Athey and Imbens 2016): which rows choose the splits and which are printed,
// decided by a hash of row identity, never by position; and the figures of every node from both.
#pragma once
#include <string_view>
#include <vector>

#include "core/table.hpp"
#include "probe/figures.hpp"
#include "probe/grow.hpp"

namespace mlrepro::detail::probe {

struct Halves {
  std::vector<Row> growing{},
      judged{};  // ascending; rows with a target, as often as they count. In-sample: both are all
  bool in_sample = false;
  bool by_copy = false;        // few distinct rows: each copy was drawn for itself
  RowIndex n_copies = 0;       // by_copy: rows of the table that are equal to another one
  bool copies_marked = false;  // a column says which
};
Halves make_halves(const binning::BinnedTable& rows, const TargetValues& target, bool honest,
                   std::uint64_t seed, int threads);

inline CountTarget count_target(const TargetValues& target) noexcept {
  return {target.binary || !target.classes.empty(), target.scaled.data(),
          static_cast<int>(target.classes.size())};
}

struct NodeFigures {
  std::vector<Figures> growing{}, judged{},
      rest{};  // by node; rest: judged rows of all other leaves, of leaves
};
NodeFigures figures_of(const GrownTree& tree, const SearchSet& set, const TargetValues& target,
                       const Halves& halves);

// Fills the figures of all nodes: intervals, lift, share, p (Holm over the leaves), "replicated".
void judge_nodes(const NodeFigures& figures, TreeData& tree);

// Nothing found: the smallest difference of the mean that a slice of 1% of the rows had needed to
// be seen.
double visible_effect(const TreeData& tree, int n_tested);

}  // namespace mlrepro::detail::probe
