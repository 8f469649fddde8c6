// SPDX-License-Identifier: Apache-2.0
// Which column splits a node, and by which cut; what else would have; or why nothing does.
// Total order of candidates: score, fewer missing rows in the table, name bytes, the count of a
// row's missing columns last; within a column as in cut.hpp. The count says in one number what its
// columns say apart, so it splits a node only where its cut is better than those of the runner-ups
// by more than chance; else the node is split as if it were not there.
#pragma once
#include <string_view>
#include <vector>

#include "probe/cut.hpp"

namespace mlrepro::detail::probe {

inline constexpr std::size_t kRunnerUps = 5;

struct GrowOptions {
  int max_depth = 3;
  std::int64_t min_samples_leaf = 20;
  Selection selection = Selection::unbiased;
  double log_alpha = 0;  // 0: never stop for want of evidence
  int threads = 1;
};

struct NodeView {  // a node as the search sees it
  const SearchSet& set;
  const CellLayout& layout;
  const CountTarget& target;
  const NodeTarget& node;
  const std::vector<Cell>& cells;
  std::span<const Row> rows;
};

struct Contender {
  int candidate = -1;
  Cut cut{};
  double log_p = 0;   // of the column's table or missing test, not adjusted
  bool tied = false;  // exactly the winner's score; never of the count
};

struct Choice {
  std::vector<Contender> best{};  // the winner and up to five runner-ups; empty: no split
  int n_tested = 0;
  double log_p_choice = 0;   // adjusted for the number tested
  std::string_view ended{};  // why there is no split
};

Choice choose_split(const NodeView& view, const GrowOptions& options, const Deadline& deadline);

}  // namespace mlrepro::detail::probe
