// SPDX-License-Identifier: Apache-2.0
// Table of contents of mlrepro._core: one bind_<room> a room, in the order of the rooms.
#include <mlrepro/core/build_info.hpp>
#include <mlrepro/version.hpp>

#include "common.hpp"

namespace mlrepro::bindings {
void bind_errors(py::module_& m);
void bind_threads(py::module_& m);
void bind_progress(py::module_& m);
void bind_core(py::module_& m);
void bind_fingerprint(py::module_& m);
void bind_stats(py::module_& m);
void bind_binning(py::module_& m);
void bind_join(py::module_& m);
void bind_split(py::module_& m);
void bind_probe(py::module_& m);
void bind_compare(py::module_& m);
void bind_slices(py::module_& m);
}  // namespace mlrepro::bindings

PYBIND11_MODULE(_core, m) {
  m.doc() = "C++ side of mlrepro. The manual is in the Python package.";
  m.attr("__version__") = MLREPRO_VERSION_STRING;
  m.def("build_info", &mlrepro::build_info, "JSON: how the loaded library was built.");
  mlrepro::bindings::bind_errors(m);
  mlrepro::bindings::bind_threads(m);
  mlrepro::bindings::bind_progress(m);
  mlrepro::bindings::bind_core(m);
  mlrepro::bindings::bind_fingerprint(m);
  mlrepro::bindings::bind_stats(m);
  mlrepro::bindings::bind_binning(m);
  mlrepro::bindings::bind_join(m);
  mlrepro::bindings::bind_split(m);
  mlrepro::bindings::bind_probe(m);
  mlrepro::bindings::bind_compare(m);
  mlrepro::bindings::bind_slices(m);
}
