// SPDX-License-Identifier: Apache-2.0
// Dataset::to_arrow: one batch that points into the columns. Each child keeps its own column alive,
// so that a consumer may move it out and release the parent. Release may come from any thread.
#include <cerrno>
#include <memory>
#include <new>

#include <mlrepro/core/arrow_abi.hpp>
#include <mlrepro/core/dataset.hpp>

#include "core/arrow_schema.hpp"
#include "core/table.hpp"

namespace mlrepro {
namespace detail::core {
namespace {

template <class T>
void release_all(T* of) noexcept {
  for (std::int64_t i = 0; i < of->n_children; ++i) {
    T* child = of->children[i];
    if (child != nullptr && child->release != nullptr) child->release(child);
    delete child;
  }
  if (of->dictionary != nullptr) {
    if (of->dictionary->release != nullptr) of->dictionary->release(of->dictionary);
    delete of->dictionary;
  }
}

struct SchemaOwner {
  std::string format, name;
  std::vector<ArrowSchema*> children;
};

void release_schema(ArrowSchema* schema) {
  release_all(schema);
  delete static_cast<SchemaOwner*>(schema->private_data);
  schema->release = nullptr;
}

SchemaOwner& begin_schema(ArrowSchema* out, std::string format, std::string name,
                          std::size_t n_children) {
  auto owner = std::make_unique<SchemaOwner>();
  owner->format = std::move(format);
  owner->name = std::move(name);
  owner->children.resize(n_children, nullptr);
  *out = ArrowSchema{};
  out->format = owner->format.c_str();
  out->name = owner->name.c_str();
  out->flags = ARROW_FLAG_NULLABLE;
  out->n_children = static_cast<std::int64_t>(n_children);
  out->children = owner->children.data();
  out->private_data = owner.release();
  out->release = &release_schema;
  return *static_cast<SchemaOwner*>(out->private_data);
}

void export_schema(const Column& column, ArrowSchema* out) {
  begin_schema(out, arrow_format(column.type()), column.name(), 0);
  if (column.kind() != Type::dictionary) return;
  if (column.type().ordered) out->flags |= ARROW_FLAG_DICTIONARY_ORDERED;
  out->dictionary = new ArrowSchema{};
  export_schema(*column.levels(), out->dictionary);
}

void export_schema(const Table& table, ArrowSchema* out) {
  SchemaOwner& owner = begin_schema(out, "+s", "", table.columns.size());
  out->flags = 0;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    owner.children[i] = new ArrowSchema{};
    export_schema(*table.columns[i], owner.children[i]);
  }
}

struct ArrayOwner {
  ColumnPtr column;
  const void* buffers[3] = {nullptr, nullptr, nullptr};
  std::vector<ArrowArray*> children;
};

void release_array(ArrowArray* array) {
  release_all(array);
  delete static_cast<ArrayOwner*>(array->private_data);
  array->release = nullptr;
}

ArrayOwner& begin_array(ArrowArray* out, RowIndex n_rows, RowIndex n_null, ColumnPtr column,
                        std::size_t n_children) {
  auto owner = std::make_unique<ArrayOwner>();
  owner->column = std::move(column);
  owner->children.resize(n_children, nullptr);
  *out = ArrowArray{};
  out->length = n_rows;
  out->null_count = n_null;
  out->n_children = static_cast<std::int64_t>(n_children);
  out->buffers = owner->buffers;
  out->children = owner->children.data();
  out->private_data = owner.release();
  out->release = &release_array;
  return *static_cast<ArrayOwner*>(out->private_data);
}

alignas(64) constexpr std::byte kNoBytes[64] =
    {};  // consumers may take a null buffer for a missing one

void export_array(const ColumnPtr& column, ArrowArray* out) {
  ArrayOwner& owner = begin_array(out, column->n_rows(), column->n_null(), column, 0);
  if (column->kind() == Type::null) {
    out->n_buffers = 0;
    return;
  }
  const auto or_nothing = [](const void* bytes) { return bytes == nullptr ? kNoBytes : bytes; };
  const bool is_text = column->kind() == Type::text;
  out->n_buffers = is_text ? 3 : 2;
  owner.buffers[0] = column->n_null() == 0 ? nullptr : column->validity();
  owner.buffers[1] =
      or_nothing(is_text ? column->offsets_buffer().bytes : column->values_buffer().bytes);
  owner.buffers[2] = is_text ? or_nothing(column->values_buffer().bytes) : nullptr;
  if (column->kind() != Type::dictionary) return;
  out->dictionary = new ArrowArray{};
  export_array(column->levels(), out->dictionary);
}

void export_array(const Table& table, ArrowArray* out) {
  ArrayOwner& owner = begin_array(out, table.n_rows, 0, nullptr, table.columns.size());
  out->n_buffers = 1;  // no validity: every row is there
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    owner.children[i] = new ArrowArray{};
    export_array(table.columns[i], owner.children[i]);
  }
}

struct ExportStream {
  Dataset dataset;
  bool is_done = false;
};

// A failed export (out of memory) is handed over as an error number; what was built until then is
// released.
template <class T, class Export>
int guarded(T* out, Export export_to) noexcept {
  *out = T{};
  try {
    export_to();
    return 0;
  } catch (const std::bad_alloc&) {
    if (out->release != nullptr) out->release(out);
    return ENOMEM;
  }
}

int get_schema(ArrowArrayStream* stream, ArrowSchema* out) {
  const auto& self = *static_cast<ExportStream*>(stream->private_data);
  return guarded(out, [&] { export_schema(table_of(self.dataset), out); });
}

int get_next(ArrowArrayStream* stream, ArrowArray* out) {
  auto& self = *static_cast<ExportStream*>(stream->private_data);
  if (self.is_done) {
    *out = ArrowArray{};
    return 0;
  }
  self.is_done = true;
  return guarded(out, [&] { export_array(table_of(self.dataset), out); });
}

const char* get_last_error(ArrowArrayStream*) {
  return "out of memory";
}

void release_stream(ArrowArrayStream* stream) {
  delete static_cast<ExportStream*>(stream->private_data);
  stream->release = nullptr;
}

}  // namespace
}  // namespace detail::core

void Dataset::to_arrow(ArrowArrayStream* out) const {
  using namespace detail::core;
  auto stream = std::make_unique<ExportStream>(ExportStream{.dataset = *this});
  out->get_schema = &get_schema;
  out->get_next = &get_next;
  out->get_last_error = &get_last_error;
  out->private_data = stream.release();
  out->release = &release_stream;
}

}  // namespace mlrepro
