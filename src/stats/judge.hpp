// SPDX-License-Identifier: Apache-2.0
// Values of metrics on one sample, as it is and under the weights of a block of draws. Made once,
// read by all threads.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "stats/bootstrap.hpp"
#include "stats/loss_sums.hpp"
#include "stats/ranked.hpp"
#include "stats/sample.hpp"

namespace mlrepro::detail::stats {

class Judge {
 public:
  // Keeps references to its arguments.
  Judge(const Sample& sample, std::span<const Metric> metrics, const EvaluateOptions& options);

  // values[m]: metric m of one model (0: prediction, 1: compare).
  void values(int model, std::span<double> values) const;
  // values[m * kLanes + lane]: where row i counts repeats[i][lane] times more.
  void values(int model, std::span<const Repeats> repeats, std::span<double> values) const;

 private:
  template <std::size_t n_lanes, class CountOf>
  void ranked(int model, CountOf count_of, std::span<double> values) const;
  template <std::size_t n_lanes, class CountOf>
  void means(int model, std::size_t m, CountOf count_of, std::span<double> values) const;
  double mean(const core::ExactSum& sum, std::uint64_t total, Metric metric) const;
  bool any_ranked() const noexcept;

  const Sample& sample_;
  std::span<const Metric> metrics_;
  Ranking ranking_[2];
  std::vector<std::vector<double>> losses_[2];  // a metric each; empty for ranked ones
  std::vector<LossSums> loss_sums_[2];
};

}  // namespace mlrepro::detail::stats
