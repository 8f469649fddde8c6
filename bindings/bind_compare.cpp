// SPDX-License-Identifier: Apache-2.0
// Room probe: mlrepro._core.PredictionComparison, which the facade (python/mlrepro/_compare.py)
// wraps.
#include <mlrepro/binning/binned_dataset.hpp>
#include <mlrepro/probe/compare.hpp>

#include <string>

#include "long_call.hpp"
#include "probe_options.hpp"

namespace mlrepro::bindings {
namespace {

// before, after, y: one-column Datasets whose rows go with `rows` by position; y may be None.
PredictionComparison compare(const Dataset& rows, const Dataset& before, const Dataset& after,
                             const py::dict& options, const Dataset* y, const Text& loss,
                             const BinnedDataset* binned) {
  const CompareOptions compared{.probe = to_probe_options(options), .loss = loss};
  const LongCall running;
  const ColumnView before_view = before.column(0), after_view = after.column(0);
  const ColumnView y_view = y == nullptr ? before_view : y->column(0);
  const Predictions given{before_view, after_view, y == nullptr ? nullptr : &y_view};
  return binned == nullptr ? compare_predictions(rows, given, compared)
                           : compare_predictions(*binned, given, compared);
}

}  // namespace

void bind_compare(py::module_& m) {
  py::class_<PredictionComparison>(m, "PredictionComparison", "What compare_predictions found.")
      .def_static(
          "from_json", [](const Text& json) { return PredictionComparison::from_json(json); },
          py::arg("json"))
      .def("to_json", &PredictionComparison::to_json)
      .def("saved_json", &PredictionComparison::saved_json)
      .def("to_text", &PredictionComparison::to_text);
  m.def("compare_predictions", &compare, py::arg("rows"), py::arg("before"), py::arg("after"),
        py::arg("options"), py::arg("y") = py::none(), py::arg("loss") = "",
        py::arg("binned") = py::none());
}

}  // namespace mlrepro::bindings
