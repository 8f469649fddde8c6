// SPDX-License-Identifier: Apache-2.0
#include "stats/judge.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "core/cancel.hpp"
#include "core/elementary.hpp"
#include "stats/losses.hpp"

namespace mlrepro::detail::stats {
namespace {

double loss_of(Metric metric, double y, double p, const EvaluateOptions& options) noexcept {
  switch (metric) {
    case Metric::log_loss:
      return log_loss(y, p);
    case Metric::accuracy:
      return (options.has_threshold ? (p >= options.threshold) == (y != 0) : y == p) ? 1 : 0;
    case Metric::mae:
      return absolute_error(y, p);
    default:
      return squared_error(y, p);  // brier, rmse
  }
}

}  // namespace

Judge::Judge(const Sample& sample, std::span<const Metric> metrics, const EvaluateOptions& options)
    : sample_(sample), metrics_(metrics) {
  for (int model = 0; model < sample.n_models(); ++model) {
    const std::vector<double>& score = sample.score[model];
    if (any_ranked()) ranking_[model] = rank_rows(sample.y, score);
    for (const Metric metric : metrics) {
      std::vector<double>& losses = losses_[model].emplace_back();
      for (std::size_t i = 0; i < sample.size() && !is_ranked(metric); ++i) {
        core::check_cancelled_at(static_cast<RowIndex>(i));
        losses.push_back(loss_of(metric, sample.y[i], score[i], options));
      }
      loss_sums_[model].emplace_back(losses);
    }
  }
}

bool Judge::any_ranked() const noexcept {
  return std::any_of(metrics_.begin(), metrics_.end(), is_ranked);
}

double Judge::mean(const core::ExactSum& sum, std::uint64_t total, Metric metric) const {
  if (total == 0) return std::numeric_limits<double>::quiet_NaN();
  const double mean = sum.round_divided(total);
  return metric == Metric::rmse ? core::square_root(mean) : mean;
}

template <std::size_t n_lanes, class CountOf>
void Judge::ranked(int model, CountOf count_of, std::span<double> values) const {
  const Ranking& ranking = ranking_[model];
  std::array<RankedCounts, n_lanes> counts;
  std::size_t i = 0;
  std::int64_t n_segments = 0;
  for (const Ranking::Segment& segment : ranking.segments) {
    core::check_cancelled_at(n_segments++);
    std::array<std::array<std::uint64_t, n_lanes>, 2> total{};  // of negatives, of positives
    for (; i < segment.end; ++i) {
      for (std::size_t lane = 0; lane < n_lanes; ++lane)
        total[ranking.positive[i]][lane] += count_of(ranking.rows[i], lane);
    }
    for (std::size_t lane = 0; lane < n_lanes; ++lane) {
      segment.is_tie ? counts[lane].add_tie(total[1][lane], total[0][lane])
                     : counts[lane].add_negatives(total[0][lane]);
    }
  }
  for (std::size_t m = 0; m < metrics_.size(); ++m) {
    if (!is_ranked(metrics_[m])) continue;
    const bool precision = metrics_[m] == Metric::average_precision;
    for (std::size_t lane = 0; lane < n_lanes; ++lane) {
      values[m * n_lanes + lane] =
          precision ? counts[lane].average_precision() : counts[lane].roc_auc();
    }
  }
}

template <std::size_t n_lanes, class CountOf>
void Judge::means(int model, std::size_t m, CountOf count_of, std::span<double> values) const {
  const std::vector<double>& losses = losses_[model][m];
  std::array<core::ExactSum, n_lanes> sums;
  std::array<std::uint64_t, n_lanes> total{};
  for (std::size_t i = 0; i < losses.size(); ++i) {
    core::check_cancelled_at(static_cast<RowIndex>(i));
    for (std::size_t lane = 0; lane < n_lanes; ++lane) {
      const std::uint64_t count = count_of(i, lane);
      total[lane] += count;
      sums[lane].add(losses[i], static_cast<std::int64_t>(count));
    }
  }
  for (std::size_t lane = 0; lane < n_lanes; ++lane) {
    values[m * n_lanes + lane] = mean(sums[lane], total[lane], metrics_[m]);
  }
}

void Judge::values(int model, std::span<double> values) const {
  const auto count_of = [&](std::size_t row, std::size_t) { return sample_.weight_of(row); };
  if (any_ranked()) ranked<1>(model, count_of, values);
  for (std::size_t m = 0; m < metrics_.size(); ++m) {
    if (!is_ranked(metrics_[m])) means<1>(model, m, count_of, values);
  }
}

void Judge::values(int model, std::span<const Repeats> repeats, std::span<double> values) const {
  const auto weighted = [&](std::size_t row, std::size_t lane) {
    return sample_.weight[row] * repeats[row][lane];
  };
  const auto plain = [&](std::size_t row, std::size_t lane) {
    return std::uint64_t{repeats[row][lane]};
  };
  const bool has_weight = !sample_.weight.empty();
  if (any_ranked())
    has_weight ? ranked<kLanes>(model, weighted, values) : ranked<kLanes>(model, plain, values);
  std::array<std::uint64_t, kLanes> total{};
  for (const Repeats& r : repeats) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) total[lane] += r[lane];
  }
  for (std::size_t m = 0; m < metrics_.size(); ++m) {
    if (is_ranked(metrics_[m])) continue;
    if (has_weight || !loss_sums_[model][m].fits()) {
      has_weight ? means<kLanes>(model, m, weighted, values)
                 : means<kLanes>(model, m, plain, values);
      continue;
    }
    const std::array<core::ExactSum, kLanes> sums = loss_sums_[model][m].sums(repeats);
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      values[m * kLanes + lane] = mean(sums[lane], total[lane], metrics_[m]);
    }
  }
}

}  // namespace mlrepro::detail::stats
