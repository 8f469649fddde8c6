// SPDX-License-Identifier: Apache-2.0
// Room join: mlrepro._core.join, which the facade (python/mlrepro/_join.py) calls.
#include <mlrepro/join/join.hpp>

#include <string>

#include "long_call.hpp"

namespace mlrepro::bindings {
namespace {

JoinedDataset run(const Dataset& left, const Dataset& right, const JoinOptions& options) {
  const LongCall running;  // datasets are immutable, and the caller holds them
  return join(left, right, options);
}

py::tuple join_datasets(const Dataset& left, const Dataset& right, const py::list& on,
                        const Text& how, const Text& validate, const py::list& left_on,
                        const py::list& right_on, const Text& suffix, const Text& indicator,
                        const Text& on_violation, const Text& unmatched, const Text& nulls,
                        int threads) {
  const JoinedDataset joined = run(left, right,
                                   {.on = to_names(on),
                                    .how = how,
                                    .validate = validate,
                                    .left_on = to_names(left_on),
                                    .right_on = to_names(right_on),
                                    .suffix = suffix,
                                    .indicator = indicator,
                                    .on_violation = on_violation,
                                    .unmatched = unmatched,
                                    .nulls = nulls,
                                    .threads = threads});
  return py::make_tuple(Dataset(joined), py::str(joined.report_json()), joined.violations());
}

}  // namespace

void bind_join(py::module_& m) {
  m.def(
      "join", &join_datasets, py::arg("left"), py::arg("right"), py::kw_only(), py::arg("on"),
      py::arg("how"), py::arg("validate"), py::arg("left_on"), py::arg("right_on"),
      py::arg("suffix"), py::arg("indicator"), py::arg("on_violation"), py::arg("unmatched"),
      py::arg("nulls"), py::arg("threads"),
      "The joined Dataset, the report as canonical JSON, and the right rows that were set aside.");
}

}  // namespace mlrepro::bindings
