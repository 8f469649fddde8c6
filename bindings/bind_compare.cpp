// SPDX-License-Identifier: Apache-2.0
// Room probe: compare_predictions; results cross as canonical JSON (python/mlrepro/_compare.py).
#include <mlrepro/binning/binned_dataset.hpp>
#include <mlrepro/probe/compare.hpp>

#include <string>

#include "long_call.hpp"
#include "probe_options.hpp"

namespace mlrepro::bindings {
namespace {

// before, after, y: one-column Datasets whose rows go with `rows` by position; y may be None.
std::string compare_predictions_json(const Dataset& rows, const Dataset& before,
                                     const Dataset& after, const py::dict& options,
                                     const Dataset* y, const Text& loss, const py::object& binned) {
  const CompareOptions compared{.probe = to_probe_options(options), .loss = loss};
  const auto* known = binned.is_none() ? nullptr : binned.cast<const BinnedDataset*>();
  const LongCall running;
  const ColumnView before_view = before.column(0), after_view = after.column(0);
  if (y == nullptr) {
    const Predictions given{before_view, after_view};
    return (known == nullptr ? compare_predictions(rows, given, compared)
                             : compare_predictions(*known, given, compared))
        .to_json();
  }
  const ColumnView y_view = y->column(0);
  const Predictions given{before_view, after_view, &y_view};
  return (known == nullptr ? compare_predictions(rows, given, compared)
                           : compare_predictions(*known, given, compared))
      .to_json();
}

}  // namespace

void bind_compare(py::module_& m) {
  m.def("compare_predictions", &compare_predictions_json, py::arg("rows"), py::arg("before"),
        py::arg("after"), py::arg("options"), py::arg("y") = py::none(), py::arg("loss") = "",
        py::arg("binned") = py::none(), "The comparison as canonical JSON.");
  m.def(
      "comparison_text",
      [](const Text& json) { return PredictionComparison::from_json(json).to_text(); },
      py::arg("json"), "A comparison in words.");
}

}  // namespace mlrepro::bindings
