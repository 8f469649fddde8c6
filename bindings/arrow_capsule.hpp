// SPDX-License-Identifier: Apache-2.0
// The Arrow PyCapsule interface in both directions, and "parts": one column as Python sees it, an
// Arrow array whose buffers are NumPy arrays: (format, length, buffers, dictionary, ordered). Every
// capsule is used once.
#pragma once
#include <mlrepro/core/arrow_abi.hpp>
#include <mlrepro/core/dataset.hpp>

#include <memory>
#include <string>

#include "common.hpp"

namespace mlrepro::bindings {

// Of a schema, an array or a stream; none that was moved or released before.
template <class T>
void release_struct(T* of) noexcept {
  if (of->release != nullptr) of->release(of);
}

// Owns a stream until a Dataset takes it.
class StreamHolder {
 public:
  StreamHolder() = default;
  StreamHolder(const StreamHolder&) = delete;
  StreamHolder& operator=(const StreamHolder&) = delete;
  ~StreamHolder();
  ArrowArrayStream* get() noexcept { return &stream_; }

 private:
  ArrowArrayStream stream_{};
};

void stream_from_capsule(const py::capsule& capsule, StreamHolder& out);
// A stream of one column (a Series) as a stream of tables with that column.
void stream_from_column_capsule(const py::capsule& capsule, std::string name, StreamHolder& out);
void stream_from_array_capsules(const py::capsule& schema, const py::capsule& array,
                                StreamHolder& out);
void stream_from_column_array_capsules(const py::capsule& schema, const py::capsule& array,
                                       std::string name, StreamHolder& out);
// parts: one (format, length, buffers, dictionary, ordered) or one-column Dataset a name. The
// arrays are borrowed.
void stream_from_parts(py::ssize_t n_rows, const py::list& names, const py::list& parts,
                       StreamHolder& out);

py::capsule export_stream(const Dataset& dataset);
py::capsule export_schema(const Dataset& dataset);
py::tuple parts_of_column(const Dataset& dataset, int column);  // zero-copy, read-only
py::list parts_of(const Dataset& dataset);                      // of all columns, in one export
py::list formats_of(const Dataset& dataset);                    // Arrow formats of all columns

}  // namespace mlrepro::bindings
