// SPDX-License-Identifier: Apache-2.0
// Python str objects to text buffers and back: the columns of pandas that are no Arrow memory.
#include <cstring>

#include "array_view.hpp"
#include "long_call.hpp"

namespace mlrepro::bindings {

py::tuple pack_text(const py::array& objects, const Text& column) {
  if (objects.dtype().kind() != 'O' || objects.ndim() != 1) {
    raise_error("InputTypeError", "column '" + column + "' is no 1-D array of objects.",
                "Pass numpy.asarray(x, object).");
  }
  const auto n = static_cast<std::size_t>(objects.size());
  std::vector<std::int64_t> offsets(n + 1);
  std::vector<std::uint8_t> validity((n + 7) / 8);
  std::vector<std::uint8_t> bytes;
  bool any_missing = false;
  for (std::size_t i = 0; i < n; ++i) {
    check_signals_at(static_cast<std::int64_t>(i));
    PyObject* cell = *static_cast<PyObject* const*>(objects.data(static_cast<py::ssize_t>(i)));
    if (cell != nullptr && PyUnicode_Check(cell)) {
      Py_ssize_t size = 0;
      const char* text = PyUnicode_AsUTF8AndSize(cell, &size);
      if (text == nullptr) {
        PyErr_Clear();
        raise_error("SchemaError",
                    "column '" + column + "', row " + std::to_string(i) +
                        " holds text that has no UTF-8 form "
                        "(a lone surrogate).",
                    "Encode it again from its source, or drop the row.", column,
                    static_cast<std::int64_t>(i));
      }
      bytes.insert(bytes.end(), text, text + size);
      validity[i >> 3] = static_cast<std::uint8_t>(validity[i >> 3] | 1U << (i & 7));
    } else {
      any_missing = true;
    }
    offsets[i + 1] = static_cast<std::int64_t>(bytes.size());
  }
  py::object bits =
      any_missing ? py::object(take_array(std::move(validity))) : py::object(py::none());
  return py::make_tuple(bits, take_array(std::move(offsets)), take_array(std::move(bytes)));
}

py::array unpack_text(const py::array& offset_array, const py::object& byte_array,
                      const py::object& validity_array, const py::object& missing_object) {
  const auto offsets = array_view<std::int64_t>(offset_array, "offsets");
  const auto bytes = array_view<std::uint8_t>(byte_array, "bytes");
  const std::uint8_t* validity = validity_array.is_none()
                                     ? nullptr
                                     : array_view<std::uint8_t>(validity_array, "validity").data();
  const std::size_t n = offsets.size() - 1;
  py::array out(py::dtype("O"), std::vector<py::ssize_t>{static_cast<py::ssize_t>(n)});
  auto** cells = static_cast<PyObject**>(out.mutable_data());
  for (std::size_t i = 0; i < n; ++i) {
    check_signals_at(static_cast<std::int64_t>(i));
    const bool present = validity == nullptr || (validity[i >> 3] >> (i & 7) & 1) != 0;
    PyObject* cell = missing_object.ptr();
    if (present) {
      cell = PyUnicode_DecodeUTF8(reinterpret_cast<const char*>(bytes.data()) + offsets[i],
                                  offsets[i + 1] - offsets[i], nullptr);
      if (cell == nullptr) throw py::error_already_set();
    } else {
      Py_INCREF(cell);
    }
    PyObject* old = cells[i];
    cells[i] = cell;
    Py_XDECREF(old);
  }
  return out;
}

}  // namespace mlrepro::bindings
