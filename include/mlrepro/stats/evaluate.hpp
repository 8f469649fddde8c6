// SPDX-License-Identifier: Apache-2.0
// Metrics of predictions, each with an interval, and the paired difference of two models on the
// same rows. Intervals: percentiles of a Poisson bootstrap (Hanley and MacGibbon 2006) whose
// weights are a function of (seed, row identity, draw), so that neither row order nor threads
// change a bit. Sums are exact and rounded once; ranks and counts are integers. O(n log n) for the
// sort, then O(n) a draw. Memory: about 60 bytes a row and 4 bytes a row and thread. Thread safety:
// pure functions, which only read their inputs.
#pragma once
#include <array>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include <mlrepro/core/dataset.hpp>

namespace mlrepro {

// The first four take labels 0 and 1; log_loss and brier take probabilities of 1; accuracy compares
// labels of any kind.
enum class Metric : std::uint8_t {
  average_precision,
  roc_auc,
  log_loss,
  brier,
  accuracy,
  mae,
  rmse
};
inline constexpr int kMetricCount = 7;

MLREPRO_API std::string_view to_string(Metric metric) noexcept;
MLREPRO_API Metric metric_from_string(std::string_view name);  // ArgumentError lists the valid ones

struct EvaluateInput {          // all of one length
  std::span<const double> y{};  // NaN: no label; the row is left out and counted
  std::span<const double> prediction{};
  std::span<const double> compare{};  // a second model's predictions; empty: none
  std::span<const double>
      weight{};  // >= 0; an integer weight w counts the row w times; empty: all 1
  std::span<const RowId> identity{};  // empty: a hash of (y, prediction)
  bool identity_is_unit =
      false;  // rows of one identity are drawn together (one key); else each on its own
};

struct EvaluateOptions {
  std::uint64_t seed = 0;
  int n_draws = 400;           // 0: no intervals
  double alpha = 0.05;         // intervals of 1 - alpha
  bool has_threshold = false;  // accuracy judges prediction >= threshold
  double threshold = 0.5;
  int threads = 0;
};

struct Estimate {  // NaN: unknown
  double value = std::numeric_limits<double>::quiet_NaN();
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();
};

struct MetricResult {
  Metric metric = Metric::average_precision;
  Estimate prediction{};
  Estimate compare{};
  Estimate difference{};  // prediction - compare, on the same draws
  int n_draws = 0;        // draws in which the metric is defined (both classes present)
};

struct Evaluation {
  RowIndex n_rows = 0;
  RowIndex n_without_label = 0;  // left out
  RowIndex n_positive = -1;      // rows with label 1; -1 where no metric asked for two classes
  bool compared = false;
  std::uint64_t seed = 0;
  int n_draws = 0;
  double alpha = 0.05;
  int n_metrics = 0;
  std::array<MetricResult, kMetricCount> metrics{};  // the first n_metrics, in the order asked for

  std::span<const MetricResult> results() const& noexcept {
    return std::span(metrics).first(static_cast<std::size_t>(n_metrics));
  }
  std::span<const MetricResult> results() const&& = delete;
};

// Throws ArgumentError: lengths differ, no row with a label, one class only, a prediction missing
// or outside [0, 1] where probabilities are asked for, labels other than 0 and 1, infinite values,
// a metric asked for twice.
MLREPRO_API Evaluation evaluate(const EvaluateInput& input, std::span<const Metric> metrics,
                                const EvaluateOptions& options = {});
inline Evaluation evaluate(const EvaluateInput& input, std::initializer_list<Metric> metrics,
                           const EvaluateOptions& options = {}) {
  return evaluate(input, std::span(metrics.begin(), metrics.size()), options);
}

// By the roles label, prediction and weight; identity by the Dataset's key, or by the values of a
// row. prediction: instead of the role's column (empty: the role). Throws SchemaError where a role
// is not declared.
MLREPRO_API Evaluation evaluate(const Dataset& rows, std::span<const Metric> metrics,
                                std::span<const double> prediction = {},
                                std::span<const double> compare = {},
                                const EvaluateOptions& options = {});

// Canonical JSON: {"format": "mlrepro.evaluation", "version": 1, ...}, floats with their bits.
MLREPRO_API std::string to_json(const Evaluation& evaluation);

}  // namespace mlrepro
