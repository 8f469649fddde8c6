// SPDX-License-Identifier: Apache-2.0
// The rows that a metric judges: those with a label, weights as integers, predictions of one or two
// models.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include <mlrepro/stats/evaluate.hpp>

namespace mlrepro::detail::stats {

struct Sample {
  RowIndex n_rows = 0, n_without_label = 0, n_positive = -1;
  std::vector<double> y;
  std::vector<double> score[2];       // of prediction and compare; the second may be empty
  std::vector<std::uint64_t> weight;  // empty: all 1
  std::vector<std::uint64_t> unit;    // of the bootstrap; empty without draws
  std::size_t size() const noexcept { return y.size(); }
  int n_models() const noexcept { return score[1].empty() ? 1 : 2; }
  std::uint64_t weight_of(std::size_t row) const noexcept {
    return weight.empty() ? 1 : weight[row];
  }
};

// Checks everything that `metrics` need, and leaves out the rows without a label. ArgumentError.
Sample make_sample(const EvaluateInput& input, std::span<const Metric> metrics,
                   const EvaluateOptions& options);

constexpr bool is_ranked(Metric m) noexcept {
  return m == Metric::average_precision || m == Metric::roc_auc;
}
constexpr bool needs_two_classes(Metric m) noexcept {
  return m <= Metric::brier;
}

}  // namespace mlrepro::detail::stats
