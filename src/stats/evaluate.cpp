// SPDX-License-Identifier: Apache-2.0
// Each block of four draws is one chunk: it weighs the rows once, then walks each model's ranking
// and losses under these weights. A draw's value depends on nothing but its weights, and lands in
// its own place.
#include <mlrepro/stats/evaluate.hpp>

#include <algorithm>
#include <bit>

#include "core/fp_guard.hpp"
#include "core/json.hpp"
#include "core/parallel.hpp"
#include "core/raise.hpp"
#include "stats/bootstrap.hpp"
#include "stats/judge.hpp"
#include "stats/losses.hpp"
#include "stats/sample.hpp"

namespace mlrepro {
namespace {

using namespace detail::stats;

constexpr std::string_view kNames[kMetricCount] = {
    "average_precision", "roc_auc", "log_loss", "brier", "accuracy", "mae", "rmse"};

// draws[(model * n_metrics + m) * n_padded + draw], n_padded a multiple of four.
std::vector<double> draw_all(const Judge& judge, const Sample& sample, std::size_t n_metrics,
                             const EvaluateOptions& options) {
  const std::int64_t n_blocks = (options.n_draws + kLanes - 1) / kLanes;
  const std::size_t n_padded = static_cast<std::size_t>(n_blocks) * kLanes;
  std::vector<double> draws(static_cast<std::size_t>(sample.n_models()) * n_metrics * n_padded);
  const RandomStream stream(options.seed, "evaluate");
  detail::core::parallel_for_chunks(
      n_blocks, 1, detail::core::resolve_threads(options.threads),
      [&](std::int64_t block, std::int64_t, std::int64_t) {
        std::vector<Repeats> repeats(sample.size());
        draw_repeats(stream, static_cast<std::uint64_t>(block), sample.unit, repeats);
        std::vector<double> values(n_metrics * kLanes);
        for (int model = 0; model < sample.n_models(); ++model) {
          judge.values(model, repeats, values);
          for (std::size_t m = 0; m < n_metrics; ++m) {
            const std::size_t at = (static_cast<std::size_t>(model) * n_metrics + m) * n_padded;
            std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(m * kLanes), kLanes,
                        draws.begin() + static_cast<std::ptrdiff_t>(
                                            at + static_cast<std::size_t>(block) * kLanes));
          }
        }
      });
  return draws;
}

// The percentile interval of the draws that are defined; unknown where half of them are not.
// Returns how many are.
int set_interval(std::span<const double> draws, double alpha, Estimate& estimate) {
  std::vector<std::uint64_t> keys;
  for (const double x : draws) {
    if (!is_nan(x)) keys.push_back(detail::core::ordered_bits(std::bit_cast<std::uint64_t>(x)));
  }
  const int n = static_cast<int>(keys.size());
  const int rank = static_cast<int>((n + 1) * (alpha / 2));
  if (2 * n < static_cast<int>(draws.size()) || rank < 1) return n;
  std::sort(keys.begin(), keys.end());
  const auto value = [&](int r) {
    return std::bit_cast<double>(
        detail::core::unordered_bits(keys[static_cast<std::size_t>(r - 1)]));
  };
  estimate.low = value(rank);
  estimate.high = value(n + 1 - rank);
  return n;
}

void set_intervals(std::span<const double> draws, std::size_t n_padded, Evaluation& out) {
  const auto n_draws = static_cast<std::size_t>(out.n_draws);
  const auto n_metrics = static_cast<std::size_t>(out.n_metrics);
  for (std::size_t m = 0; m < n_metrics; ++m) {
    MetricResult& result = out.metrics[m];
    const std::span<const double> first = draws.subspan(m * n_padded, n_draws);
    result.n_draws = set_interval(first, out.alpha, result.prediction);
    if (!out.compared) continue;
    const std::span<const double> second = draws.subspan((n_metrics + m) * n_padded, n_draws);
    set_interval(second, out.alpha, result.compare);
    std::vector<double> difference(n_draws);
    for (std::size_t d = 0; d < n_draws; ++d) difference[d] = first[d] - second[d];
    set_interval(difference, out.alpha, result.difference);
  }
}

}  // namespace

std::string_view to_string(Metric metric) noexcept {
  return kNames[static_cast<int>(metric)];
}

Metric metric_from_string(std::string_view name) {
  for (int i = 0; i < kMetricCount; ++i) {
    if (kNames[i] == name) return static_cast<Metric>(i);
  }
  detail::core::raise_unknown_option("metrics", name, kNames);
}

Evaluation evaluate(const EvaluateInput& input, std::span<const Metric> metrics,
                    const EvaluateOptions& options) {
  const detail::core::FpGuard guard;
  const Sample sample = make_sample(input, metrics, options);
  const Judge judge(sample, metrics, options);
  Evaluation out;
  out.n_rows = sample.n_rows;
  out.n_without_label = sample.n_without_label;
  out.n_positive = sample.n_positive;
  out.compared = sample.n_models() == 2;
  out.seed = options.seed;
  out.n_draws = options.n_draws;
  out.alpha = options.alpha;
  out.n_metrics = static_cast<int>(metrics.size());
  std::array<double, kMetricCount> values{};
  for (int model = 0; model < sample.n_models(); ++model) {
    judge.values(model, values);
    for (std::size_t m = 0; m < metrics.size(); ++m) {
      MetricResult& result = out.metrics[m];
      result.metric = metrics[m];
      (model == 0 ? result.prediction : result.compare).value = values[m];
      if (model == 1) result.difference.value = result.prediction.value - result.compare.value;
    }
  }
  if (options.n_draws == 0) return out;
  const std::vector<double> draws = draw_all(judge, sample, metrics.size(), options);
  set_intervals(draws,
                draws.size() / (static_cast<std::size_t>(sample.n_models()) * metrics.size()), out);
  return out;
}

}  // namespace mlrepro
