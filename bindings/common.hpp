// SPDX-License-Identifier: Apache-2.0
// The one door to pybind11: every binding source includes this and nothing else of it, so that
// casters and options are the same in all of them (a caster seen by one source only would break the
// one-definition rule in silence).
#pragma once

#include <pybind11/native_enum.h>
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <mlrepro/core/names.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace py = pybind11;

namespace mlrepro::bindings {

// Raises the class of that name in mlrepro._errors.
[[noreturn]] inline void raise_error(const char* error_class, const std::string& message,
                                     const std::string& next_step, const std::string& column = {},
                                     std::int64_t example_row = -1) {
  const py::object type = py::module_::import("mlrepro._errors").attr(error_class);
  const py::object row =
      example_row < 0 ? py::object(py::none()) : py::object(py::int_(example_row));
  const py::object value =
      type(py::str(message), py::arg("column") = py::str(column), py::arg("example_row") = row,
           py::arg("next_step") = py::str(next_step));
  PyErr_SetObject(type.ptr(), value.ptr());
  throw py::error_already_set();
}

// Text of a Python str without a copy; valid as long as the object lives. InputTypeError where it
// has no UTF-8 form.
inline std::string_view utf8(const py::handle& text) {
  Py_ssize_t size = 0;
  const char* begin = PyUnicode_AsUTF8AndSize(text.ptr(), &size);
  if (begin != nullptr) return {begin, static_cast<std::size_t>(size)};
  PyErr_Clear();
  if (!py::isinstance<py::str>(text)) {
    raise_error("InputTypeError",
                "Text is needed, and " + py::repr(text).cast<std::string>() + " is none.",
                "Pass a str.");
  }
  const auto shown = py::reinterpret_steal<py::str>(PyObject_ASCII(text.ptr()));
  raise_error("InputTypeError",
              "The text " + shown.cast<std::string>() + " has no UTF-8 form (a lone surrogate).",
              "Decode it again from its source.");
}

inline py::str to_str(std::string_view text) {
  return py::str(text.data(), text.size());
}

// Nothing, one name or several.
inline Names to_names(const py::handle& names) {
  Names out;
  if (names.is_none()) return out;
  if (py::isinstance<py::str>(names)) {
    out.add(utf8(names));
    return out;
  }
  for (const py::handle& name : names) out.add(utf8(name));
  return out;
}

// An argument of text: a std::string whose conversion is utf8(), so that one check holds for all.
struct Text : std::string {};

// A NumPy array that owns the vector: moved, never copied.
template <class T>
py::array_t<T> take_array(std::vector<T>&& values) {
  auto* owned = new std::vector<T>(std::move(values));
  py::capsule owner(owned, [](void* p) { delete static_cast<std::vector<T>*>(p); });
  return py::array_t<T>(static_cast<py::ssize_t>(owned->size()), owned->data(), owner);
}

Roles to_roles(const py::dict& given);  // {role: column or list of columns}

}  // namespace mlrepro::bindings

template <>
struct pybind11::detail::type_caster<mlrepro::bindings::Text> {
  PYBIND11_TYPE_CASTER(mlrepro::bindings::Text, const_name("str"));
  bool load(handle text, bool) {
    if (!PyUnicode_Check(text.ptr())) return false;
    value.assign(mlrepro::bindings::utf8(text));
    return true;
  }
  static handle cast(const mlrepro::bindings::Text& text, return_value_policy, handle) {
    return mlrepro::bindings::to_str(text).release();
  }
};
