// SPDX-License-Identifier: Apache-2.0
// Columns between NumPy arrays and the Arrow structs: what lets pandas, NumPy and pickles in and
// out without pyarrow.
#include <array>
#include <vector>

#include "array_view.hpp"
#include "arrow_capsule.hpp"

namespace mlrepro::bindings {

void stream_from_structs(ArrowSchema* schema, ArrowArray* array, StreamHolder& out);

namespace {

// Owner of a struct that we make: texts, children and the Python arrays behind the buffers.
template <class T>
struct Made {
  std::string format, name;
  std::vector<T> children;  // never resized once pointed to
  std::vector<T*> child_pointers;
  T dictionary{};
  std::array<const void*, 3> buffers{};
  std::vector<PyObject*> arrays;  // counted; given back under the GIL, whichever thread releases
};

template <class T>
void release_made(T* of) {
  auto* owner = static_cast<Made<T>*>(of->private_data);
  for (T& child : owner->children) release_struct(&child);
  release_struct(&owner->dictionary);
  if (!owner->arrays.empty() && Py_IsInitialized() != 0) {
    const py::gil_scoped_acquire gil;
    for (PyObject* array : owner->arrays) Py_DECREF(array);
  }
  delete owner;
  of->release = nullptr;
}

template <class T>
Made<T>* begin_made(T* out, std::size_t n_children) {
  auto* owner = new Made<T>;
  owner->children.resize(n_children, T{});
  for (T& child : owner->children) owner->child_pointers.push_back(&child);
  *out = T{};
  out->n_children = static_cast<std::int64_t>(n_children);
  out->children = owner->child_pointers.data();
  out->private_data = owner;
  out->release = &release_made<T>;
  return owner;
}

// Bits of a value of this format; 0: no buffer of values (a null column); -1: text.
int bits_of(const std::string& format) {
  if (format == "n") return 0;
  if (format == "U") return -1;
  if (format == "b") return 1;
  if (format == "tdD") return 32;
  if (format.starts_with("ts") || format.starts_with("tD")) return 64;
  constexpr std::string_view kFormats = "cCsSiIlLfg";
  constexpr int kBits[] = {8, 8, 16, 16, 32, 32, 64, 64, 32, 64};
  const std::size_t at = format.size() == 1 ? kFormats.find(format) : std::string_view::npos;
  if (at == std::string_view::npos)
    raise_error("ArgumentError", "Unknown Arrow format " + format + ".", "");
  return kBits[at];
}

// The memory of buffer i, checked for its size in bytes.
const void* memory_of(const py::tuple& buffers, std::size_t i, std::int64_t n_bytes,
                      Made<ArrowArray>* owner) {
  if (buffers[i].is_none()) return nullptr;
  const auto array = py::cast<py::array>(buffers[i]);
  const bool is_contiguous = (array.flags() & py::array::c_style) != 0;
  if (!is_contiguous || array.nbytes() < n_bytes) {
    raise_error("ArgumentError",
                "Buffer " + std::to_string(i) + " has " + std::to_string(array.nbytes()) +
                    " contiguous bytes and needs " + std::to_string(n_bytes) + ".",
                "");
  }
  owner->arrays.push_back(array.inc_ref().ptr());
  return array.data();
}

void export_part(const py::tuple& part, const std::string& name, ArrowSchema* schema,
                 ArrowArray* array) {
  const auto format = part[0].cast<std::string>();
  const auto n_rows = part[1].cast<std::int64_t>();
  const auto buffers = part[2].cast<py::tuple>();
  Made<ArrowSchema>* made_schema = begin_made(schema, 0);
  made_schema->format = format;
  made_schema->name = name;
  schema->format = made_schema->format.c_str();
  schema->name = made_schema->name.c_str();
  schema->flags = ARROW_FLAG_NULLABLE | (part[4].cast<bool>() ? ARROW_FLAG_DICTIONARY_ORDERED : 0);
  Made<ArrowArray>* made = begin_made(array, 0);
  array->length = n_rows;
  array->null_count = -1;
  array->buffers = made->buffers.data();
  const int bits = bits_of(format);
  const std::size_t n_buffers = bits == 0 ? 0 : bits < 0 ? 3 : 2;
  if (buffers.size() != n_buffers || n_rows < 0)
    raise_error("ArgumentError", "A column has a wrong number of buffers.", "");
  array->n_buffers = static_cast<std::int64_t>(n_buffers);
  if (n_buffers > 0) made->buffers[0] = memory_of(buffers, 0, (n_rows + 7) / 8, made);
  if (n_buffers == 2) made->buffers[1] = memory_of(buffers, 1, (n_rows * bits + 7) / 8, made);
  if (n_buffers == 3) {
    const auto offsets = array_view<std::int64_t>(buffers[1], "offsets");
    if (offsets.size() < static_cast<std::size_t>(n_rows) + 1)
      raise_error("ArgumentError", "Too few offsets.", "");
    made->buffers[1] = memory_of(buffers, 1, (n_rows + 1) * 8, made);
    made->buffers[2] = memory_of(buffers, 2, offsets[static_cast<std::size_t>(n_rows)], made);
  }
  if (part[3].is_none()) return;
  schema->dictionary = &made_schema->dictionary;
  array->dictionary = &made->dictionary;
  export_part(part[3].cast<py::tuple>(), "", schema->dictionary, array->dictionary);
}

// The first column of a Dataset, moved out of its export.
void export_dataset_column(const Dataset& dataset, const std::string& name, ArrowSchema* schema,
                           ArrowArray* array) {
  StreamHolder stream;
  dataset.to_arrow(stream.get());
  ArrowSchema table_schema{};
  ArrowArray table{};
  if (stream.get()->get_schema(stream.get(), &table_schema) != 0) throw std::bad_alloc();
  Made<ArrowSchema>* wrapped =
      begin_made(schema, 0);  // keeps the name, and the schema whose child is shown
  if (stream.get()->get_next(stream.get(), &table) != 0) {
    release_struct(&table_schema);
    throw std::bad_alloc();
  }
  wrapped->children.push_back(table_schema);
  wrapped->name = name;
  const ArrowSchema& child = *table_schema.children[0];
  schema->format = child.format;
  schema->name = wrapped->name.c_str();
  schema->flags = child.flags;
  schema->dictionary = child.dictionary;
  *array = *table.children[0];
  table.children[0]->release = nullptr;
  release_struct(&table);
}

const char* numpy_name(const std::string& format) {
  if (format == "b" || format == "U") return "uint8";
  if (format.starts_with("ts") || format.starts_with("tD")) return "int64";
  if (format == "tdD") return "int32";
  constexpr std::string_view kFormats = "cCsSiIlLfg";
  constexpr const char* kNames[] = {"int8",   "uint8", "int16",  "uint16",  "int32",
                                    "uint32", "int64", "uint64", "float32", "float64"};
  return kNames[kFormats.find(format)];
}

struct Released {
  ArrowArray array{};
  ~Released() { release_struct(&array); }
};
using Shared = std::shared_ptr<Released>;

py::object borrowed_array(const void* memory, std::int64_t n, const char* type,
                          const Shared& owner) {
  if (memory == nullptr) return py::none();
  const py::capsule base(new Shared(owner), [](void* p) { delete static_cast<Shared*>(p); });
  py::array array(py::dtype(type), {static_cast<py::ssize_t>(n)}, {}, memory, base);
  array.attr("setflags")(py::arg("write") = false);
  return array;
}

py::tuple import_part(const ArrowSchema& schema, const ArrowArray& array, const Shared& owner) {
  const std::string format = schema.format;
  const std::int64_t n = array.length;
  py::tuple buffers = py::tuple(0);
  if (format == "U") {
    const auto* offsets = static_cast<const std::int64_t*>(array.buffers[1]);
    buffers = py::make_tuple(borrowed_array(array.buffers[0], (n + 7) / 8, "uint8", owner),
                             borrowed_array(offsets, n + 1, "int64", owner),
                             borrowed_array(array.buffers[2], offsets[n], "uint8", owner));
  } else if (format != "n") {
    buffers = py::make_tuple(borrowed_array(array.buffers[0], (n + 7) / 8, "uint8", owner),
                             borrowed_array(array.buffers[1], format == "b" ? (n + 7) / 8 : n,
                                            numpy_name(format), owner));
  }
  py::object dictionary = py::none();
  if (schema.dictionary != nullptr)
    dictionary = import_part(*schema.dictionary, *array.dictionary, owner);
  return py::make_tuple(format, n, buffers, dictionary,
                        (schema.flags & ARROW_FLAG_DICTIONARY_ORDERED) != 0);
}

}  // namespace

void stream_from_parts(py::ssize_t n_rows, const py::list& names, const py::list& parts,
                       StreamHolder& out) {
  ArrowSchema schema{};
  ArrowArray array{};
  begin_made(&array, parts.size());
  Made<ArrowSchema>* made_schema = begin_made(&schema, parts.size());
  schema.format = "+s";
  schema.name = "";
  array.length = n_rows;
  array.n_buffers = 1;
  auto* made_array = static_cast<Made<ArrowArray>*>(array.private_data);
  array.buffers = made_array->buffers.data();
  stream_from_structs(&schema, &array, out);  // owned from here on, whatever is thrown below
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string name(utf8(names[i]));
    ArrowSchema* child_schema = &made_schema->children[i];
    ArrowArray* child = &made_array->children[i];
    if (py::isinstance<Dataset>(parts[i])) {
      export_dataset_column(parts[i].cast<const Dataset&>(), name, child_schema, child);
    } else {
      export_part(parts[i].cast<py::tuple>(), name, child_schema, child);
    }
  }
}

py::list parts_of(const Dataset& dataset) {
  StreamHolder stream;
  dataset.to_arrow(stream.get());
  ArrowSchema schema{};
  const auto owner = std::make_shared<Released>();
  if (stream.get()->get_schema(stream.get(), &schema) != 0) throw std::bad_alloc();
  const std::unique_ptr<ArrowSchema, void (*)(ArrowSchema*)> schema_owner(
      &schema, &release_struct<ArrowSchema>);
  if (stream.get()->get_next(stream.get(), &owner->array) != 0) throw std::bad_alloc();
  py::list parts;
  for (std::int64_t i = 0; i < schema.n_children; ++i) {
    parts.append(import_part(*schema.children[i], *owner->array.children[i], owner));
  }
  return parts;
}

py::list formats_of(const Dataset& dataset) {
  StreamHolder stream;
  dataset.to_arrow(stream.get());
  ArrowSchema schema{};
  if (stream.get()->get_schema(stream.get(), &schema) != 0) throw std::bad_alloc();
  const std::unique_ptr<ArrowSchema, void (*)(ArrowSchema*)> schema_owner(
      &schema, &release_struct<ArrowSchema>);
  py::list formats;
  for (std::int64_t i = 0; i < schema.n_children; ++i) formats.append(schema.children[i]->format);
  return formats;
}

py::tuple parts_of_column(const Dataset& dataset, int column) {
  if (column < 0 || column >= dataset.n_columns())
    raise_error("ArgumentError", "There is no such column.", "Count from 0.");
  return parts_of(dataset.select(dataset.column_name(column)))[0];
}

}  // namespace mlrepro::bindings
