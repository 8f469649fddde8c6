// SPDX-License-Identifier: Apache-2.0
// The best cut of one column at one node, exhaustively over its bins: thresholds, or subsets of
// levels (in order of rate, which holds the best of all 2^(K-1) - 1; Fisher 1958, Breiman et al.
// 1984) and each level against the rest (of classes that alone: their rates have no one order),
// with missing values left, right or alone; is-missing; and at least so many missing. Order where
// gains are equal: smaller threshold, missing left before right.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "probe/node_tests.hpp"
#include "probe/tree_data.hpp"

namespace mlrepro::detail::probe {

struct Cut {
  SplitKind kind = SplitKind::threshold;
  int column = -1;                     // into SearchSet::columns
  int edge = -1;                       // threshold: bins 0..edge go left; n_missing: they go right
  std::vector<std::uint8_t> levels{};  // levels: bins that go left, ascending; never "other"
  MissingSide missing = MissingSide::right;
  bool missing_seen = false;
  Int128 gain = -1;                     // in units of purity(); negative: no cut is allowed
  std::array<std::int64_t, 3> child{};  // rows that go left, right, alone
  double log_p_cut = 0;
  bool found() const noexcept { return gain >= 0; }
  int n_children() const noexcept { return missing == MissingSide::alone ? 3 : 2; }
};

template <class C>    // Cell, or ClassCell where the target has three classes or more
struct ColumnCells {  // a column as the search sees it at a node
  int column = -1;
  std::span<const C> bins{};
  C missing{};
  bool category = false, has_other = false;
};

template <class C>
Cut best_value_cut(const NodeTarget& node, const ColumnCells<C>& column,
                   std::int64_t min_samples_leaf);
// Of the count of a row's missing columns: the larger counts go left.
template <class C>
Cut count_cut(const NodeTarget& node, const ColumnCells<C>& column, std::int64_t min_samples_leaf);
template <class C>
Cut missing_cut(const NodeTarget& node, const ColumnCells<C>& column, std::int64_t min_samples_leaf,
                bool block);

// Missing values get a child of their own if they differ from the side they were put on: p times
// n_tested below alpha.
template <class C>
void try_missing_alone(const NodeTarget& node, const ColumnCells<C>& column,
                       std::int64_t min_samples_leaf, double log_alpha, std::int64_t n_tested,
                       Cut& cut);

// Child (0 left, 1 right, 2 alone) by code.
std::array<std::uint8_t, 256> routes(const Cut& cut);

}  // namespace mlrepro::detail::probe
