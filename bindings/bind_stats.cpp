// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/core/random.hpp>

#include "common.hpp"

namespace mlrepro::bindings {

void bind_stats(py::module_& m) {
  m.def("stream_key", &stream_key, py::arg("seed"), py::arg("name"), "Philox key of a named stream.");
}

}  // namespace mlrepro::bindings
