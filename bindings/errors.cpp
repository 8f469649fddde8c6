// SPDX-License-Identifier: Apache-2.0
// The one translator of errors: a C++ mlrepro::Error becomes the class of the same name in
// mlrepro._errors, fields set.
#include <mlrepro/core/errors.hpp>

#include <exception>
#include <string>

#include "common.hpp"

namespace mlrepro::bindings {
namespace {

void raise(const Error& error) {
  const py::module_ errors = py::module_::import("mlrepro._errors");
  const py::object error_class = errors.attr(to_str(error.name()));
  const py::object row =
      error.example_row() < 0 ? py::object(py::none()) : py::object(py::int_(error.example_row()));
  const py::object value =
      error_class(py::str(error.what()), py::arg("column") = to_str(error.column()),
                  py::arg("example_row") = row, py::arg("next_step") = to_str(error.next_step()));
  PyErr_SetObject(error_class.ptr(), value.ptr());
}

void translate(std::exception_ptr thrown) {
  try {
    std::rethrow_exception(std::move(thrown));
  } catch (const Error& error) {
    raise(error);
  }
}

}  // namespace

void bind_errors(py::module_&) {
  py::register_local_exception_translator(&translate);
}

}  // namespace mlrepro::bindings
