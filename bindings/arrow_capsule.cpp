// SPDX-License-Identifier: Apache-2.0
#include "arrow_capsule.hpp"

#include "array_view.hpp"

namespace mlrepro::bindings {
namespace {

template <class T>
T* struct_in(const py::capsule& capsule, const char* name) {
  if (!PyCapsule_IsValid(capsule.ptr(), name)) {
    raise_error("InputTypeError",
                std::string("The object's Arrow capsule is not named '") + name + "'.",
                "Report it to the library that made the object.");
  }
  auto* taken = static_cast<T*>(PyCapsule_GetPointer(capsule.ptr(), name));
  if (taken->release == nullptr) {
    raise_error("ArgumentError", "The Arrow capsule was used before.",
                "A capsule is single use: ask for a new one.");
  }
  return taken;
}

template <class T>
void move_struct(T* from, T* to) noexcept {
  *to = *from;
  from->release = nullptr;
}

// A capsule that is named before it is filled, and releases what it still owns.
template <class T>
py::capsule empty_capsule(const char* name) {
  return py::capsule(new T{}, name, [](PyObject* object) {
    auto* owned = static_cast<T*>(PyCapsule_GetPointer(object, PyCapsule_GetName(object)));
    release_struct(owned);
    delete owned;
  });
}

// Wraps the schema or array of one column as the only child of a struct.
template <class T>
struct ParentOf {
  T child{};
  T* children[1] = {nullptr};
  const void* buffers[1] = {nullptr};
  std::string name;
};

template <class T>
void release_parent(T* parent) {
  auto* owner = static_cast<ParentOf<T>*>(parent->private_data);
  release_struct(&owner->child);
  delete owner;
  parent->release = nullptr;
}

template <class T>
ParentOf<T>* wrap_in_parent(T* child, T* parent) {
  auto* owner = new ParentOf<T>;
  move_struct(child, &owner->child);
  owner->children[0] = &owner->child;
  *parent = T{};
  parent->n_children = 1;
  parent->children = owner->children;
  parent->private_data = owner;
  parent->release = &release_parent<T>;
  return owner;
}

struct ColumnStream {
  ArrowArrayStream source{};
  std::string name;
};

int column_get_schema(ArrowArrayStream* stream, ArrowSchema* out) {
  auto* self = static_cast<ColumnStream*>(stream->private_data);
  ArrowSchema child{};
  if (const int code = self->source.get_schema(&self->source, &child); code != 0) return code;
  ParentOf<ArrowSchema>* owner = wrap_in_parent(&child, out);
  owner->name = self->name;
  owner->child.name = owner->name.c_str();
  out->format = "+s";
  out->name = "";
  return 0;
}

int column_get_next(ArrowArrayStream* stream, ArrowArray* out) {
  auto* self = static_cast<ColumnStream*>(stream->private_data);
  ArrowArray child{};
  if (const int code = self->source.get_next(&self->source, &child); code != 0) return code;
  *out = ArrowArray{};
  if (child.release == nullptr) return 0;
  ParentOf<ArrowArray>* owner = wrap_in_parent(&child, out);
  out->length = owner->child.length;
  out->n_buffers = 1;
  out->buffers = owner->buffers;
  return 0;
}

const char* column_get_last_error(ArrowArrayStream* stream) {
  auto* self = static_cast<ColumnStream*>(stream->private_data);
  return self->source.get_last_error == nullptr ? nullptr
                                                : self->source.get_last_error(&self->source);
}

void column_release(ArrowArrayStream* stream) {
  auto* self = static_cast<ColumnStream*>(stream->private_data);
  release_struct(&self->source);
  delete self;
  stream->release = nullptr;
}

struct OneBatch {
  ArrowSchema schema{};
  ArrowArray array{};
};

int batch_get_schema(ArrowArrayStream* stream, ArrowSchema* out) {
  move_struct(&static_cast<OneBatch*>(stream->private_data)->schema, out);
  return 0;
}

int batch_get_next(ArrowArrayStream* stream, ArrowArray* out) {
  move_struct(&static_cast<OneBatch*>(stream->private_data)->array,
              out);  // the second time: a released one, the end
  return 0;
}

const char* batch_get_last_error(ArrowArrayStream*) {
  return nullptr;
}

void batch_release(ArrowArrayStream* stream) {
  auto* self = static_cast<OneBatch*>(stream->private_data);
  release_struct(&self->schema);
  release_struct(&self->array);
  delete self;
  stream->release = nullptr;
}

}  // namespace

StreamHolder::~StreamHolder() {
  release_struct(&stream_);
}

void stream_from_capsule(const py::capsule& capsule, StreamHolder& out) {
  move_struct(struct_in<ArrowArrayStream>(capsule, "arrow_array_stream"), out.get());
}

void stream_from_column_capsule(const py::capsule& capsule, std::string name, StreamHolder& out) {
  auto* self = new ColumnStream;
  self->name = std::move(name);
  *out.get() = {&column_get_schema, &column_get_next, &column_get_last_error, &column_release,
                self};
  move_struct(struct_in<ArrowArrayStream>(capsule, "arrow_array_stream"), &self->source);
}

OneBatch* one_batch_stream(StreamHolder& out) {
  auto* self = new OneBatch;
  *out.get() = {&batch_get_schema, &batch_get_next, &batch_get_last_error, &batch_release, self};
  return self;
}

void stream_from_array_capsules(const py::capsule& schema, const py::capsule& array,
                                StreamHolder& out) {
  auto* from_schema = struct_in<ArrowSchema>(schema, "arrow_schema");
  auto* from_array = struct_in<ArrowArray>(array, "arrow_array");
  OneBatch* self = one_batch_stream(out);
  move_struct(from_schema, &self->schema);
  move_struct(from_array, &self->array);
}

void stream_from_column_array_capsules(const py::capsule& schema, const py::capsule& array,
                                       std::string name, StreamHolder& out) {
  auto* self = new ColumnStream;
  self->name = std::move(name);
  *out.get() = {&column_get_schema, &column_get_next, &column_get_last_error, &column_release,
                self};
  StreamHolder inner;
  stream_from_array_capsules(schema, array, inner);
  move_struct(inner.get(), &self->source);
}

void stream_from_structs(ArrowSchema* schema, ArrowArray* array, StreamHolder& out) {
  OneBatch* self = one_batch_stream(out);
  move_struct(schema, &self->schema);
  move_struct(array, &self->array);
}

py::capsule export_stream(const Dataset& dataset) {
  py::capsule capsule = empty_capsule<ArrowArrayStream>("arrow_array_stream");
  dataset.to_arrow(
      static_cast<ArrowArrayStream*>(PyCapsule_GetPointer(capsule.ptr(), "arrow_array_stream")));
  return capsule;
}

py::capsule export_schema(const Dataset& dataset) {
  py::capsule capsule = empty_capsule<ArrowSchema>("arrow_schema");
  StreamHolder stream;
  dataset.to_arrow(stream.get());
  auto* out = static_cast<ArrowSchema*>(PyCapsule_GetPointer(capsule.ptr(), "arrow_schema"));
  if (stream.get()->get_schema(stream.get(), out) != 0) throw std::bad_alloc();
  return capsule;
}

}  // namespace mlrepro::bindings
