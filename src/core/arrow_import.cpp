// SPDX-License-Identifier: Apache-2.0
// Dataset::from_arrow: takes the stream, reads its batches, makes one column of each field.
#include <algorithm>

#include <mlrepro/core/arrow_abi.hpp>
#include <mlrepro/core/dataset.hpp>

#include "core/arrow_column.hpp"
#include "core/arrow_handle.hpp"
#include "core/cancel.hpp"
#include "core/raise.hpp"
#include "core/table.hpp"

namespace mlrepro {
namespace detail::core {
namespace {

using Stream = ArrowHandle<ArrowArrayStream>;
using Batch = ArrowHandle<ArrowArray>;

[[noreturn]] void raise_stream_error(Stream& stream, int code, const std::string& doing) {
  const char* told =
      stream->get_last_error == nullptr ? nullptr : stream->get_last_error(stream.get());
  std::string_view reason = told == nullptr ? "" : told;
  reason = reason.substr(0, reason.find('\n'));  // behind it are tracebacks
  while (reason.ends_with('.')) reason.remove_suffix(1);
  raise<FormatError>(
      {.message = "The Arrow stream failed while " + doing + " (errno " + std::to_string(code) +
                  ")" + (reason.empty() ? std::string(".") : ": " + std::string(reason) + "."),
       .next_step = "The reason is the producer's; read the data there first to see it in full."});
}

[[noreturn]] void malformed_batch(const std::string& message) {
  raise<FormatError>(
      {.message = "The Arrow stream has a malformed batch: " + message,
       .next_step = "Report it to the library that made the data, or pass the data another way."});
}

void check_parent_rows(const ArrowArray& batch, RowIndex first_row) {
  if (batch.null_count == 0 || batch.n_buffers < 1 || batch.buffers == nullptr) return;
  const auto* bits = static_cast<const std::uint8_t*>(batch.buffers[0]);
  if (bits == nullptr) return;
  for (std::int64_t i = 0; i < batch.length; ++i) {
    check_cancelled_at(i);
    const std::int64_t at = batch.offset + i;
    if ((bits[at >> 3] >> (at & 7) & 1) != 0) continue;
    raise<SchemaError>(
        {.message = "Row " + std::to_string(first_row + i) +
                    " of the Arrow struct is null as a whole; a table has no such rows.",
         .example_row = first_row + i,
         .next_step = "Drop the null structs first."});
  }
}

void check_batch(const ArrowArray& batch, const std::vector<ArrowField>& fields,
                 RowIndex first_row) {
  if (batch.length < 0 || batch.offset < 0 || batch.length > kMaxArrowLength ||
      batch.offset > kMaxArrowLength) {
    malformed_batch("its length is out of range.");
  }
  if (batch.n_children != static_cast<std::int64_t>(fields.size())) {
    malformed_batch(std::to_string(batch.n_children) + " columns, and the schema has " +
                    std::to_string(fields.size()) + ".");
  }
  if (!fields.empty() && batch.children == nullptr) malformed_batch("no columns.");
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const ArrowArray* child = batch.children[i];
    if (child == nullptr) raise_malformed_array(fields[i].name, "it is not there.");
    if (child->offset < 0 || child->offset > kMaxArrowLength ||
        child->length < batch.offset + batch.length) {
      raise_malformed_array(fields[i].name, std::to_string(child->length) +
                                                " rows, and its table needs " +
                                                std::to_string(batch.offset + batch.length) + ".");
    }
  }
  check_parent_rows(batch, first_row);
}

std::vector<ArrowField> read_fields(Stream& stream) {
  if (stream->get_schema == nullptr || stream->get_next == nullptr)
    malformed_batch("the stream has no functions.");
  ArrowHandle<ArrowSchema> schema;
  if (const int code = stream->get_schema(stream.get(), schema.get()); code != 0) {
    raise_stream_error(stream, code, "giving its schema");
  }
  return read_arrow_schema(*schema.get());
}

// What batches take, and the columns that are joined of several.
class MemoryBudget {
 public:
  explicit MemoryBudget(std::int64_t limit)
      : limit_(std::min(limit, std::int64_t{1} << 61)) {  // so that no sum below overflows
    if (limit >= 0) return;
    raise<ArgumentError>({.message = "memory_limit is " + with_commas(limit) + " bytes.",
                          .next_step = "Pass bytes above 0, or 0 for no limit."});
  }
  void add(const ArrowArray& batch, const std::vector<ArrowField>& fields, std::size_t n_before) {
    if (limit_ == 0) return;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      held_ += arrow_bytes(fields[i], {batch.children[i], batch.offset + batch.children[i]->offset,
                                       batch.length, n_rows_, nullptr});
      check(n_before == 0 ? held_ : 2 * held_, n_rows_ + batch.length);
    }
    n_rows_ += batch.length;
  }

 private:
  void check(std::int64_t need, RowIndex n_rows) const {
    if (need <= limit_) return;
    raise<LimitError>({.message = "the stream needs " + with_commas(need) +
                                  " bytes for its first " + with_commas(n_rows) +
                                  " rows; memory_limit is " + with_commas(limit_) + ".",
                       .next_step = "Select fewer columns or rows before, or raise memory_limit."});
  }

  std::int64_t limit_, held_ = 0;
  RowIndex n_rows_ = 0;
};

std::vector<std::shared_ptr<const Batch>> read_batches(Stream& stream,
                                                       const std::vector<ArrowField>& fields,
                                                       MemoryBudget budget, RowIndex* n_rows) {
  std::vector<std::shared_ptr<const Batch>> batches;
  for (;;) {
    check_cancelled();
    auto batch = std::make_shared<Batch>();
    if (const int code = stream->get_next(stream.get(), batch->get()); code != 0) {
      raise_stream_error(stream, code, "giving batch " + std::to_string(batches.size()));
    }
    if (batch->is_released()) return batches;
    check_batch(*batch->get(), fields, *n_rows);
    budget.add(*batch->get(), fields, batches.size());
    *n_rows += (*batch)->length;
    if (*n_rows > kMaxArrowLength) malformed_batch("more rows than memory can hold.");
    batches.push_back(std::move(batch));
  }
}

ColumnPtr read_child(const ArrowField& field, std::size_t child,
                     std::span<const std::shared_ptr<const Batch>> batches) {
  std::vector<ArrowChunk> chunks;
  RowIndex first_row = 0;
  for (const std::shared_ptr<const Batch>& batch : batches) {
    const ArrowArray& parent = *batch->get();
    const ArrowArray* array = parent.children[child];
    chunks.push_back({array, parent.offset + array->offset, parent.length, first_row, batch});
    first_row += parent.length;
  }
  return read_arrow_column(field, chunks);
}

}  // namespace
}  // namespace detail::core

Dataset Dataset::from_arrow(ArrowArrayStream* stream, const Roles& roles,
                            std::int64_t memory_limit) {
  using namespace detail::core;
  if (stream == nullptr || stream->release == nullptr) {
    raise<ArgumentError>({.message = "The Arrow stream was released or taken before.",
                          .next_step = "A stream can be read once: ask the object for a new one."});
  }
  Stream source(stream);
  const std::vector<ArrowField> fields = read_fields(source);
  RowIndex n_rows = 0;
  const auto batches = read_batches(source, fields, MemoryBudget(memory_limit), &n_rows);
  std::vector<ColumnPtr> columns;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    check_cancelled();
    columns.push_back(read_child(fields[i], i, batches));
  }
  return make_dataset(std::move(columns), n_rows, roles);
}

}  // namespace mlrepro
