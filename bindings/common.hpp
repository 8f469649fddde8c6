// SPDX-License-Identifier: Apache-2.0
// The one door to pybind11: every binding source includes this and nothing else of it, so that
// casters and options are the same in all of them (a caster seen by one source only would break the
// one-definition rule in silence).
#pragma once

#include <pybind11/native_enum.h>
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <string_view>
#include <utility>
#include <vector>

namespace py = pybind11;

namespace mlrepro::bindings {

// Text of a Python str without a copy; valid as long as the object lives.
inline std::string_view utf8(const py::handle& text) {
  Py_ssize_t size = 0;
  const char* begin = PyUnicode_AsUTF8AndSize(text.ptr(), &size);
  if (begin == nullptr) {
    throw py::error_already_set();
  }
  return {begin, static_cast<std::size_t>(size)};
}

// A NumPy array that owns the vector: moved, never copied.
template <class T>
py::array_t<T> take_array(std::vector<T>&& values) {
  auto* owned = new std::vector<T>(std::move(values));
  py::capsule owner(owned, [](void* p) { delete static_cast<std::vector<T>*>(p); });
  return py::array_t<T>(static_cast<py::ssize_t>(owned->size()), owned->data(), owner);
}

}  // namespace mlrepro::bindings
