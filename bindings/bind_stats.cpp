// SPDX-License-Identifier: Apache-2.0
// Room stats: metrics with intervals, losses of rows, and the random numbers that Python's tests
// compare.
#include <mlrepro/core/dataset.hpp>
#include <mlrepro/core/random.hpp>
#include <mlrepro/stats/evaluate.hpp>
#include <mlrepro/stats/row_loss.hpp>

#include <string>
#include <vector>

#include "array_view.hpp"
#include "long_call.hpp"

namespace mlrepro::bindings {
namespace {

std::vector<Metric> to_metrics(const std::vector<Text>& names) {
  std::vector<Metric> metrics;
  for (const Text& name : names) metrics.push_back(metric_from_string(name));
  return metrics;
}

std::span<const double> optional_view(const py::object& array, const char* what) {
  return array.is_none() ? std::span<const double>() : array_view<double>(array, what);
}

EvaluateOptions to_options(std::uint64_t seed, int n_draws, double alpha,
                           const py::object& threshold, int threads) {
  EvaluateOptions options{.seed = seed, .n_draws = n_draws, .alpha = alpha, .threads = threads};
  options.has_threshold = !threshold.is_none();
  if (options.has_threshold) options.threshold = threshold.cast<double>();
  return options;
}

std::string evaluate_arrays(const py::object& y, const py::object& prediction,
                            const std::vector<Text>& metrics, const py::object& compare,
                            const py::object& weight, std::uint64_t seed, int n_draws, double alpha,
                            const py::object& threshold, int threads) {
  const EvaluateInput input{.y = array_view<double>(y, "y"),
                            .prediction = array_view<double>(prediction, "prediction"),
                            .compare = optional_view(compare, "compare"),
                            .weight = optional_view(weight, "weight")};
  const EvaluateOptions options = to_options(seed, n_draws, alpha, threshold, threads);
  const std::vector<Metric> asked = to_metrics(metrics);
  const LongCall running;  // the arguments keep their arrays alive
  return to_json(evaluate(input, asked, options));
}

std::string evaluate_dataset(const Dataset& rows, const std::vector<Text>& metrics,
                             const py::object& prediction, const py::object& compare,
                             std::uint64_t seed, int n_draws, double alpha,
                             const py::object& threshold, int threads) {
  const std::span<const double> predicted = optional_view(prediction, "prediction");
  const std::span<const double> compared = optional_view(compare, "compare");
  const EvaluateOptions options = to_options(seed, n_draws, alpha, threshold, threads);
  const std::vector<Metric> asked = to_metrics(metrics);
  const LongCall running;
  return to_json(evaluate(rows, asked, predicted, compared, options));
}

py::array_t<double> row_losses(const py::object& y, const py::object& prediction, const Text& kind,
                               int threads) {
  const std::span<const double> labels = array_view<double>(y, "y");
  const std::span<const double> predicted = array_view<double>(prediction, "prediction");
  const RowLoss loss = row_loss_from_string(kind);
  std::vector<double> out(labels.size());
  {
    const LongCall running;
    row_loss(labels, predicted, loss, out, threads);
  }
  return take_array(std::move(out));
}

std::vector<std::uint64_t> random_bounded(std::uint64_t seed, std::string_view name,
                                          std::uint64_t bound, std::uint64_t n) {
  const RandomStream stream(seed, name);
  std::vector<std::uint64_t> out;
  for (std::uint64_t i = 0; i < n; ++i) out.push_back(stream.bounded(i, bound));
  return out;
}

std::vector<std::int64_t> random_permutation(std::uint64_t seed, std::string_view name,
                                             std::size_t n) {
  std::vector<std::int64_t> order(n);
  permutation(order, RandomStream(seed, name));
  return order;
}

}  // namespace

void bind_stats(py::module_& m) {
  const EvaluateOptions defaults;
  m.attr("EVALUATE_DRAWS") = defaults.n_draws;
  m.attr("EVALUATE_ALPHA") = defaults.alpha;
  m.def("stream_key", &stream_key, py::arg("seed"), py::arg("name"),
        "Philox key of a named stream.");
  m.def("random_bounded", &random_bounded, py::arg("seed"), py::arg("name"), py::arg("bound"),
        py::arg("n"), "The first n numbers below bound of a stream.");
  m.def("random_permutation", &random_permutation, py::arg("seed"), py::arg("name"), py::arg("n"),
        "0 ... n - 1 in the order of a stream.");
  m.def("evaluate_arrays", &evaluate_arrays, py::arg("y"), py::arg("prediction"),
        py::arg("metrics"), py::arg("compare"), py::arg("weight"), py::arg("seed"),
        py::arg("n_draws"), py::arg("alpha"), py::arg("threshold"), py::arg("threads"),
        "JSON of mr.evaluate on arrays.");
  m.def("evaluate_dataset", &evaluate_dataset, py::arg("rows"), py::arg("metrics"),
        py::arg("prediction"), py::arg("compare"), py::arg("seed"), py::arg("n_draws"),
        py::arg("alpha"), py::arg("threshold"), py::arg("threads"),
        "JSON of mr.evaluate on a Dataset.");
  m.def("row_loss", &row_losses, py::arg("y"), py::arg("prediction"), py::arg("kind"),
        py::arg("threads"), "Loss of each row.");
}

}  // namespace mlrepro::bindings
