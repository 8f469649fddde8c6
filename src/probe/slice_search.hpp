// SPDX-License-Identifier: Apache-2.0
// Conjunctions of conditions under which the target is high: a beam search over the bins of all
// columns, on the growing rows. The score of a slice is its excess over the mean in standard
// deviations, sqrt(n) (mean - overall) / sd, so that a small slice needs a large lift. What the
// beam drops is bounded, so that "exact" is a proof. Deterministic: counts are integers, ties are
// decided by names. O(rows * columns) for each member of the beam.
#pragma once
#include <memory>
#include <vector>

#include "probe/cut.hpp"
#include "probe/histogram.hpp"

namespace mlrepro::detail::probe {

struct Atom {  // one condition: the rows of one side of a cut; missing values are on the other side
  Cut cut{};
  Side side = Side::left;
};

struct FoundSlice {
  std::vector<Atom> atoms{};                       // in the order in which they were found
  std::shared_ptr<const std::vector<Row>> rows{};  // growing rows, ascending
  Cell cell{};
  std::int64_t n_rivals = 0;  // conditions that were tried in its place
  double score = 0;
  std::vector<std::size_t> folded{};  // others of the result that hold nearly the same rows
};

struct SliceLimits {
  int max_conditions = 3;
  std::size_t k = 10;
  std::int64_t min_rows = 20;
  double alpha = 0.05;
  int threads = 0;
};

struct SliceSearch {
  std::vector<FoundSlice> found{};   // the k best, best first
  std::vector<FoundSlice> folded{};  // what FoundSlice::folded counts in
  std::int64_t n_tried = 0;          // conjunctions whose rows were counted
  double hidden_score = 0;           // no slice that was dropped, or is part of one, scores higher
  bool timed_out = false;
};

SliceSearch search_slices(const SearchSet& set, const CountTarget& target, std::vector<Row> rows,
                          const SliceLimits& limits, const Deadline& deadline);

}  // namespace mlrepro::detail::probe
