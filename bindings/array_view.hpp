// SPDX-License-Identifier: Apache-2.0
// NumPy arrays in: the one place where an array becomes a span. Nothing is converted, cast or
// copied here, and nothing asks for writable memory (pandas hands out read-only arrays): an array
// of another type is an error that says so.
#pragma once
#include <cstdint>
#include <span>
#include <string>

#include "common.hpp"

namespace mlrepro::bindings {

// A 1-D, contiguous, aligned array of exactly T in native byte order; it borrows, so keep the array
// alive.
template <class T>
std::span<const T> array_view(const py::handle& object, const char* what) {
  if (!py::isinstance<py::array>(object)) {
    raise_error("InputTypeError", std::string(what) + " is no NumPy array.",
                "Pass numpy.asarray(...).");
  }
  const auto array = py::reinterpret_borrow<py::array>(object);
  const bool is_type = py::isinstance<py::array_t<T>>(array);  // exact type, native order
  const bool is_contiguous =
      array.ndim() == 1 && (array.size() == 0 || array.strides(0) == array.itemsize());
  const bool is_aligned = reinterpret_cast<std::uintptr_t>(array.data()) % alignof(T) == 0;
  if (!is_type || !is_contiguous || !is_aligned) {
    raise_error(
        "InputTypeError",
        std::string(what) + " is a NumPy array of " + py::str(array.dtype()).cast<std::string>() +
            " in " + std::to_string(array.ndim()) + " dimensions.",
        "Pass a 1-D contiguous array of " + py::str(py::dtype::of<T>()).cast<std::string>() + ".");
  }
  return {static_cast<const T*>(array.data()), static_cast<std::size_t>(array.size())};
}

}  // namespace mlrepro::bindings
