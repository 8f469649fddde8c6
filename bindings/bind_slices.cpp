// SPDX-License-Identifier: Apache-2.0
// Room probe: mlrepro._core.Slices, which the facade (python/mlrepro/_slices.py) wraps.
#include <mlrepro/binning/binned_dataset.hpp>
#include <mlrepro/probe/slices.hpp>

#include <string>

#include "long_call.hpp"
#include "probe_options.hpp"

namespace mlrepro::bindings {
namespace {

Slices find(const Dataset& rows, const py::object& target, const Text& name,
            const py::dict& options, int max_conditions, int k, const BinnedDataset* binned) {
  const GivenTarget given(target, name, rows);
  const SliceOptions asked{
      .probe = to_probe_options(options), .max_conditions = max_conditions, .k = k};
  const LongCall running;
  return binned == nullptr ? find_slices(rows, given.target(), asked)
                           : find_slices(*binned, given.target(), asked);
}

Slices evaluate(const Slices& slices, const Dataset& rows, const py::object& target,
                const Text& name, int threads) {
  const GivenTarget given(target, name, rows);
  const LongCall running;
  return slices.evaluate(rows, given.target(), threads);
}

py::array_t<bool> apply(const Slices& slices, int i, const Dataset& rows, int threads) {
  py::array_t<bool> inside(static_cast<py::ssize_t>(rows.n_rows()));
  const std::span<std::uint8_t> out(reinterpret_cast<std::uint8_t*>(inside.mutable_data()),
                                    static_cast<std::size_t>(rows.n_rows()));
  {
    const LongCall running;
    slices.apply(i, rows, out, threads);
  }
  return inside;
}

}  // namespace

void bind_slices(py::module_& m) {
  py::class_<Slices>(m, "Slices", "Slices that find_slices found.")
      .def_static(
          "from_json", [](const Text& json) { return Slices::from_json(json); }, py::arg("json"))
      .def("to_json", &Slices::to_json)
      .def("saved_json", &Slices::saved_json)
      .def("to_text", &Slices::to_text)
      .def(
          "rule",
          [](const Slices& s, int i, const Text& language, const Text& dialect) {
            return s.rule(i, language, dialect);
          },
          py::arg("i"), py::arg("language"), py::arg("dialect") = "duckdb")
      .def("apply", &apply, py::arg("i"), py::arg("rows"), py::arg("threads") = 0)
      .def("evaluate", &evaluate, py::arg("rows"), py::arg("target"), py::arg("name"),
           py::arg("threads") = 0);
  m.def("find_slices", &find, py::arg("rows"), py::arg("target"), py::arg("name"),
        py::arg("options"), py::arg("max_conditions"), py::arg("k"),
        py::arg("binned") = py::none());
}

}  // namespace mlrepro::bindings
