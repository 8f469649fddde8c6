// SPDX-License-Identifier: Apache-2.0
#include "stats/sample.hpp"

#include <bit>
#include <string>

#include "core/exact_sum.hpp"
#include "core/json.hpp"
#include "core/raise.hpp"
#include "stats/bootstrap.hpp"
#include "stats/losses.hpp"
#include "stats/ranked.hpp"

namespace mlrepro::detail::stats {
namespace {

constexpr int kWeightBits =
    58;  // a weight times twelve repeats, summed over all rows, stays below 2^62

void check_metrics(std::span<const Metric> metrics) {
  if (metrics.empty()) {
    core::raise<ArgumentError>(
        {.message = "no metric is asked for.",
         .next_step = "Pass e.g. metrics=[\"average_precision\", \"roc_auc\"]."});
  }
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (metrics[i] != metrics[j]) continue;
      core::raise<ArgumentError>(
          {.message =
               "the metric " + core::in_quotes(to_string(metrics[i])) + " is asked for twice.",
           .next_step = "Name each metric once."});
    }
  }
}

void check_options(const EvaluateOptions& options) {
  if (!(options.alpha > 0 && options.alpha < 1)) {
    core::raise<ArgumentError>(
        {.message = "alpha is " + core::format_number(options.alpha) + ", not between 0 and 1.",
         .next_step = "Pass e.g. alpha=0.05 for intervals of 95%."});
  }
  const double fewest = 2 / options.alpha - 1;
  if (options.n_draws != 0 && options.n_draws < fewest) {
    core::raise<ArgumentError>({.message = "n_draws is " + std::to_string(options.n_draws) +
                                           "; an interval at alpha " +
                                           core::format_number(options.alpha) + " needs " +
                                           core::format_number(fewest) + " or more.",
                                .next_step = "Raise n_draws, or pass 0 for no intervals."});
  }
}

void check_predictions(const EvaluateInput& in, std::span<const double> prediction,
                       std::string_view name, std::span<const Metric> metrics,
                       const EvaluateOptions& options) {
  require_same_length(in.y.size(), prediction.size(), name);
  require_present(in.y, prediction, name);
  for (const Metric metric : metrics) {
    const std::string_view what = to_string(metric);
    if (metric == Metric::log_loss || metric == Metric::brier)
      require_probabilities(in.y, prediction, name, what);
    if (metric == Metric::accuracy && !options.has_threshold)
      require_labels(in.y, prediction, name, what);
    if (metric == Metric::mae || metric == Metric::rmse) {
      require_finite(in.y, prediction, name, what);
      require_losses(in.y, prediction, name, what,
                     metric == Metric::rmse ? RowLoss::squared_error : RowLoss::absolute_error);
    }
  }
}

void check_labels(const EvaluateInput& in, std::span<const Metric> metrics,
                  const EvaluateOptions& options) {
  for (const Metric metric : metrics) {
    const bool binary =
        needs_two_classes(metric) || (metric == Metric::accuracy && options.has_threshold);
    if (binary) require_binary(in.y, to_string(metric));
    if (metric == Metric::mae || metric == Metric::rmse)
      require_finite(in.y, in.y, "y", to_string(metric));
  }
}

[[noreturn]] void raise_empty(const EvaluateInput& in) {
  const std::string rows = core::with_commas(static_cast<std::int64_t>(in.y.size()));
  core::raise<ArgumentError>({.message = in.y.empty()
                                             ? "y has no rows."
                                             : "none of the " + rows + " rows of y has a label.",
                              .column = "y",
                              .next_step = "Pass rows with labels."});
}

// At a power of two that keeps the sum below 2^58, rounded to nearest; whole weights stay as they
// are where they fit.
std::vector<std::uint64_t> integer_weights(const std::vector<double>& weight) {
  core::ExactSum sum;
  bool whole = true;
  for (const double w : weight) {
    sum.add(w);
    whole = whole && (w >= 0x1p53 || static_cast<double>(static_cast<std::uint64_t>(w)) == w);
  }
  const int top = core::parts_of(sum.round()).exponent + 53;  // the sum is below 2^top
  const int shift = whole && top <= kWeightBits ? 0 : kWeightBits - top;
  std::vector<std::uint64_t> out;
  out.reserve(weight.size());
  for (const double w : weight) {
    const core::DoubleParts p = core::parts_of(w);
    out.push_back(
        static_cast<std::uint64_t>(core::round_to_integer(p.mantissa, p.exponent + shift)));
  }
  return out;
}

void check_weights(const EvaluateInput& in) {
  require_same_length(in.y.size(), in.weight.size(), "weight");
  bool some = false;
  for (std::size_t i = 0; i < in.weight.size(); ++i) {
    const double w = in.weight[i];
    some = some || (w > 0 && !is_nan(in.y[i]));
    if (w >= 0 && !is_infinite(w)) continue;
    core::raise<ArgumentError>({.message = "weight is " +
                                           std::string(is_nan(w) ? "missing"
                                                       : w < 0   ? "negative"
                                                                 : "infinite") +
                                           " in row " + std::to_string(i) + ".",
                                .column = "weight",
                                .example_row = static_cast<RowIndex>(i),
                                .next_step = "Pass finite weights of 0 or more."});
  }
  if (!some) {
    core::raise<ArgumentError>({.message = "all weights of labelled rows are 0.",
                                .column = "weight",
                                .next_step = "Pass a positive weight for some labelled rows."});
  }
}

void check_classes(const Sample& sample, std::span<const Metric> metrics) {
  std::uint64_t weight[2] = {0, 0};
  for (std::size_t i = 0; i < sample.size(); ++i)
    weight[sample.y[i] != 0 ? 1 : 0] += sample.weight_of(i);
  for (const Metric metric : metrics) {
    const bool undefined = metric == Metric::roc_auc
                               ? weight[0] == 0 || weight[1] == 0
                               : metric == Metric::average_precision && weight[1] == 0;
    if (!undefined) continue;
    core::raise<ArgumentError>(
        {.message = std::string(to_string(metric)) + " needs both classes; all " +
                    core::with_commas(static_cast<std::int64_t>(sample.size())) + " labels are " +
                    (weight[1] == 0 ? "0" : "1") +
                    (sample.weight.empty() ? "." : " or have weight 0."),
         .column = "y",
         .next_step = "Judge on rows that hold both, or ask for log_loss or brier."});
  }
}

template <class T>
std::vector<T> labelled(std::span<const T> values, std::span<const double> y) {
  std::vector<T> kept;
  kept.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!is_nan(y[i])) kept.push_back(values[i]);
  }
  return kept;
}

template <class T>
void reorder(std::vector<T>& values, const std::vector<std::uint32_t>& order) {
  if (values.empty()) return;
  std::vector<T> sorted;
  sorted.reserve(order.size());
  for (const std::uint32_t row : order) sorted.push_back(values[row]);
  values = std::move(sorted);
}

// The order of rows means nothing here; by falling score, the draws walk the first ranking from
// front to back.
void sort_by_score(Sample& sample) {
  const std::vector<std::uint32_t> order = rank_rows(sample.y, sample.score[0]).rows;
  reorder(sample.y, order);
  reorder(sample.score[0], order);
  reorder(sample.score[1], order);
  reorder(sample.weight, order);
  reorder(sample.unit, order);
}

}  // namespace

Sample make_sample(const EvaluateInput& in, std::span<const Metric> metrics,
                   const EvaluateOptions& options) {
  check_metrics(metrics);
  check_options(options);
  if (in.y.size() > UINT32_MAX) {
    core::raise<LimitError>(
        {.message = "evaluate takes up to 4,294,967,295 rows.", .next_step = "Judge a part."});
  }
  Sample sample;
  sample.y = labelled(in.y, in.y);
  if (sample.y.empty()) raise_empty(in);
  check_labels(in, metrics, options);
  check_predictions(in, in.prediction, "prediction", metrics, options);
  if (!in.compare.empty()) check_predictions(in, in.compare, "compare", metrics, options);
  sample.n_rows = static_cast<RowIndex>(in.y.size());
  sample.n_without_label = sample.n_rows - static_cast<RowIndex>(sample.y.size());
  sample.score[0] = labelled(in.prediction, in.y);
  sample.score[1] = labelled(in.compare, in.y);
  if (!in.weight.empty()) {
    check_weights(in);
    sample.weight = integer_weights(labelled(in.weight, in.y));
  }
  check_classes(sample, metrics);
  for (const Metric metric : metrics) {
    if (!needs_two_classes(metric)) continue;
    sample.n_positive = 0;
    for (const double y : sample.y) sample.n_positive += y != 0 ? 1 : 0;
    break;
  }
  if (options.n_draws > 0) {
    if (!in.identity.empty()) require_same_length(in.y.size(), in.identity.size(), "identity");
    sample.unit = bootstrap_units(labelled(in.identity, in.y),
                                  {sample.y, sample.score[0], sample.score[1], sample.weight},
                                  in.identity_is_unit);
  }
  sort_by_score(sample);
  return sample;
}

}  // namespace mlrepro::detail::stats
