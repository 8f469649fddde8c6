// SPDX-License-Identifier: Apache-2.0
// Figures of the target over sets of rows: counts, exact sums rounded once, intervals, and the test
// of one set against the rest. Any order and any partition of the rows give the same bits.
#pragma once
#include "core/exact_sum.hpp"
#include "probe/target.hpp"
#include "probe/tree_data.hpp"

namespace mlrepro::detail::probe {

class Tally {  // mergeable
 public:
  Tally() = default;
  explicit Tally(const TargetValues& target) : classes_(target.classes.size()) {}
  void add(const TargetValues& target, std::size_t row) noexcept {
    ++n_;
    if (target.binary) {
      positives_ += target.scaled[row];
      return;
    }
    if (!classes_.empty()) {
      ++classes_[static_cast<std::size_t>(target.scaled[row])];
      return;
    }
    sum_.add(target.values[row]);
    squares_.add_square(target.values[row]);
  }
  void merge(const Tally& other, bool binary) noexcept;
  Figures figures(bool binary) const;

 private:
  RowIndex n_ = 0, positives_ = 0;
  std::vector<RowIndex> classes_;
  core::ExactSum sum_;
  core::ExactProductSum squares_;
};

// Of n rows, this many of which are positive.
Figures rate_figures(RowIndex n, RowIndex positives);
// Of `rows` numbers with these sums.
Figures mean_and_spread(RowIndex rows, const core::ExactSum& sum,
                        const core::ExactProductSum& squares);

struct MeanInterval {
  double low = 0, high = 0;  // NaN without rows
  bool exact = false;        // binomial, for fewer than 5 events or non-events
};
MeanInterval mean_interval(bool is_rate, const Figures& figures);

// log p of "the mean is that of the rest": Fisher or chi-square (of classes: that all shares are),
// and for numbers Welch's test (1947) with the normal approximation to t of Wallace (1959).
double log_p_against(bool binary, const Figures& part, const Figures& rest);

}  // namespace mlrepro::detail::probe
