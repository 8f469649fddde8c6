// SPDX-License-Identifier: Apache-2.0
// The tests that choose the column of a node ("unbiased"): a table test over the present rows whose
// degrees of freedom pay for the number of bins, and a missing test (guide probe.md 2.6; Loh 2002,
// "Regression trees with unbiased variable selection", for the idea). Groups are merged by margins
// only, so that the null distribution holds. All p-values are natural logs.
#pragma once
#include <span>
#include <vector>

#include "probe/cells.hpp"
#include "probe/histogram.hpp"

namespace mlrepro::detail::probe {

// What a node knows of its target beyond its cell. Numeric targets only: `squares` is the exact sum
// of t^2, `spread` the squared error over n - 1 in units of 2^-8 of the scaled square,
// `least_group` the rows that a group needs for the chi-square law to hold: 5 times the kurtosis,
// which for a rare event is 5 expected events.
inline constexpr double kLeastGroup = 5;  // rows, or expected events, that a group needs at least

struct NodeTarget {
  bool binary = true;
  Cell total{};
  int n_classes = 0;       // that have rows here; 0 unless the target is of three classes or more
  ClassCell of_classes{};  // then: rows by class
  UInt128 squares = 0;
  double spread = 0;
  double least_group = kLeastGroup;
  bool pure = false;
};
NodeTarget describe_node(const CountTarget& target, std::span<const Row> rows);

struct NodeTest {
  double log_p = 0;
  int df = 0;  // 0: nothing could be tested
};

// bins: of the present rows. `category`: rare levels are merged together, else neighbours are.
// missing_squares: numeric, sum of t^2 over the missing rows.
NodeTest table_test(const NodeTarget& node, std::span<const Cell> bins, const Cell& missing,
                    UInt128 missing_squares, bool category);
// The same of classes, df = (groups - 1) (classes - 1). Margins decide what is merged here too: the
// rarest classes with each other while one has fewer rows than a tenth of an equal share (10 to
// 50), so that it cannot forbid groups for all; then groups until 5 rows of the rarest are
// expected.
NodeTest table_test(const NodeTarget& node, std::span<const ClassCell> bins,
                    const ClassCell& missing, bool category);
// missing_above: numeric, missing rows whose target is above the node's mean; used where the group
// is too small.
NodeTest missing_test(const NodeTarget& node, const Cell& missing, std::int64_t missing_above,
                      std::int64_t all_above);

// Of classes: no merging, stats::log_p_two_groups.
NodeTest missing_test(const NodeTarget& node, const ClassCell& missing);

struct MissingMoments {  // of a column's missing rows at a node, numeric targets
  UInt128 squares = 0;
  std::int64_t above = 0;
};
MissingMoments missing_moments(const CountTarget& target, const NodeTarget& node,
                               std::span<const Row> rows, const std::vector<std::uint8_t>& codes);
std::int64_t rows_above_mean(const CountTarget& target, const NodeTarget& node,
                             std::span<const Row> rows);

// The G statistic of a gain at this node: 2 ln 2 bits, or the drop of the squared error over its
// spread.
double gain_statistic(const NodeTarget& node, Int128 gain);

}  // namespace mlrepro::detail::probe
