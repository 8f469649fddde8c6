// SPDX-License-Identifier: Apache-2.0
// Average precision and ROC AUC from exact counts down a ranking. Tied scores are one step, as in
// scikit-learn.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "core/exact_sum.hpp"
#include "core/int128.hpp"

namespace mlrepro::detail::stats {

// Rows by falling score, cut into segments: a tie that holds a positive, or the negatives up to the
// next such tie. Only the former need work of their own. Row order within a segment does not
// matter.
struct Ranking {
  struct Segment {
    std::uint32_t end;  // index after its last row
    bool is_tie;
  };
  std::vector<std::uint32_t> rows;
  std::vector<std::uint8_t> positive;  // of rows[i]
  std::vector<Segment> segments;
};
Ranking rank_rows(std::span<const double> y, std::span<const double> score);

// Counts of positives and negatives down to here, in units of weight, and the two sums that the
// metrics need.
class RankedCounts {
 public:
  void add_negatives(std::uint64_t weight) noexcept { negatives_ += weight; }

  // A tie with these weights. Average precision gains (positives in it) * precision: each term is
  // rounded, their sum is exact. AUC: a pair counts twice where the positive ranks higher, once
  // where both tie.
  void add_tie(std::uint64_t hits, std::uint64_t misses) noexcept {
    if (hits == 0) return add_negatives(misses);
    count_losses();
    twice_wins_ += static_cast<core::UInt128>(misses) * (2 * positives_ + hits);
    positives_ += hits;
    negatives_ += misses;
    negatives_counted_ = negatives_;
    const double precision =
        static_cast<double>(positives_) / static_cast<double>(positives_ + negatives_);
    precisions_.add(static_cast<double>(hits) * precision);
  }

  double average_precision() const;  // NaN without positives
  double roc_auc() const;            // NaN unless both classes are there

 private:
  void count_losses() noexcept {  // negatives since the last tie rank below all positives so far
    twice_wins_ += static_cast<core::UInt128>(negatives_ - negatives_counted_) * (2 * positives_);
    negatives_counted_ = negatives_;
  }

  std::uint64_t positives_ = 0, negatives_ = 0, negatives_counted_ = 0;
  core::ExactSum precisions_;
  core::UInt128 twice_wins_ = 0;
};

}  // namespace mlrepro::detail::stats
