// SPDX-License-Identifier: Apache-2.0
// utf8, large_utf8 and utf8_view become one thing: int64 offsets and bytes. Offsets are checked for
// their order, views for their bounds, present cells for UTF-8.
#include "core/arrow_parts.hpp"
#include "core/cancel.hpp"
#include "core/raise.hpp"
#include "core/utf8.hpp"

namespace mlrepro::detail::core {
namespace {

void check_utf8(const Column& column) {
  const RowIndex n = column.n_rows();
  if (n == 0) return;
  const auto* offsets = static_cast<const std::int64_t*>(column.offsets_buffer().bytes);
  const auto* bytes = static_cast<const char*>(column.values_buffer().bytes);
  if (is_ascii(bytes + offsets[0], static_cast<std::size_t>(offsets[n] - offsets[0]))) return;
  for (RowIndex row = 0; row < n; ++row) {
    check_cancelled_at(row);
    if (column.is_null(row) || is_utf8(column.text(row))) continue;
    raise<SchemaError>({.message = "column " + in_quotes(column.name()) +
                                   " is declared as text, and row " + std::to_string(row) +
                                   " is not UTF-8.",
                        .column = column.name(),
                        .example_row = row,
                        .next_step = "Decode the column with its real encoding first."});
  }
}

ColumnPtr made_text(const ArrowField& field, std::span<const ArrowChunk> chunks, Buffer bytes,
                    Buffer offsets) {
  auto column =
      std::make_shared<const Column>(field.name, field.type, total_length(chunks), std::move(bytes),
                                     read_validity(chunks), std::move(offsets));
  check_utf8(*column);
  return column;
}

struct Extent {
  const char* bytes = nullptr;
  std::int64_t first = 0, last = 0;
};

template <class Offset>
Extent check_offsets(const ArrowField& field, const ArrowChunk& chunk) {
  const void* offsets = buffer_of(field, chunk, 1);
  Extent extent;
  extent.first = load<Offset>(offsets, chunk.offset);
  std::int64_t last = extent.first;
  for (std::int64_t i = 1; i <= chunk.length; ++i) {
    check_cancelled_at(i);
    const std::int64_t next = load<Offset>(offsets, chunk.offset + i);
    if (next < last || extent.first < 0) {
      raise_malformed_array(
          field.name, "text offsets fall at row " + std::to_string(chunk.first_row + i - 1) + ".");
    }
    last = next;
  }
  extent.last = last;
  if (extent.last - extent.first > kMaxArrowLength)
    raise_malformed_array(field.name, "text offsets are out of range.");
  static constexpr char kNothing[1] = {0};
  const bool no_bytes =
      extent.last == 0 && chunk.array->buffers[2] == nullptr;  // all cells are empty
  extent.bytes = no_bytes ? kNothing : static_cast<const char*>(buffer_of(field, chunk, 2));
  return extent;
}

template <class Offset>
void append_offsets(const ArrowField& field, const ArrowChunk& chunk, std::int64_t shift,
                    std::int64_t* to) {
  const void* offsets = buffer_of(field, chunk, 1);
  for (std::int64_t i = 0; i <= chunk.length; ++i)
    to[i] = load<Offset>(offsets, chunk.offset + i) + shift;
}

template <class Offset>
ColumnPtr read_offsets(const ArrowField& field, std::span<const ArrowChunk> chunks) {
  std::vector<Extent> extents;
  std::int64_t n_bytes = 0;
  for (const ArrowChunk& chunk : chunks) {
    extents.push_back(check_offsets<Offset>(field, chunk));
    n_bytes += extents.back().last - extents.back().first;
  }
  if (chunks.size() == 1 && sizeof(Offset) == 8) {
    const auto* begin =
        static_cast<const std::byte*>(chunks[0].array->buffers[1]) + chunks[0].offset * 8;
    if (is_aligned(begin, 8)) {
      return made_text(field, chunks, {chunks[0].owner, extents[0].bytes},
                       {chunks[0].owner, begin});
    }
  }
  std::vector<std::int64_t> offsets(static_cast<std::size_t>(total_length(chunks)) + 1);
  if (chunks.size() == 1) {  // the bytes are shared, the offsets widened
    append_offsets<Offset>(field, chunks[0], 0, offsets.data());
    return made_text(field, chunks, {chunks[0].owner, extents[0].bytes},
                     Buffer::of(std::move(offsets)));
  }
  std::byte* to = nullptr;
  Buffer bytes = new_buffer(static_cast<std::size_t>(n_bytes), &to);
  std::int64_t row = 0, at = 0;
  for (std::size_t k = 0; k < chunks.size(); ++k) {
    check_cancelled();
    const Extent& extent = extents[k];
    append_offsets<Offset>(field, chunks[k], at - extent.first, offsets.data() + row);
    if (extent.last > extent.first) {
      std::memcpy(to + at, extent.bytes + extent.first,
                  static_cast<std::size_t>(extent.last - extent.first));
    }
    row += chunks[k].length;
    at += extent.last - extent.first;
  }
  return made_text(field, chunks, std::move(bytes), Buffer::of(std::move(offsets)));
}

// One view: 4 bytes of length, then 12 of text, or 4 of prefix, 4 of buffer number, 4 of offset.
struct ViewReader {
  const ArrowField& field;
  const ArrowChunk& chunk;
  const std::byte* views;
  std::int64_t n_data;          // buffers with text
  const void* sizes = nullptr;  // of those

  ViewReader(const ArrowField& f, const ArrowChunk& c)
      : field(f),
        chunk(c),
        views(static_cast<const std::byte*>(buffer_of(f, c, 1))),
        n_data(c.array->n_buffers < 3 ? 0 : c.array->n_buffers - 3) {
    if (n_data > 0) sizes = buffer_of(f, c, c.array->n_buffers - 1);
  }

  std::string_view text(std::int64_t i) const {
    if (!is_present(chunk, i)) return {};
    const std::byte* view = views + (chunk.offset + i) * 16;
    const auto length = load<std::int32_t>(view, 0);
    if (length < 0) malformed(i);
    const auto size = static_cast<std::size_t>(length);
    if (size <= 12) return {reinterpret_cast<const char*>(view) + 4, size};
    const auto buffer = load<std::int32_t>(view, 2);
    const auto offset = load<std::int32_t>(view, 3);
    if (buffer < 0 || buffer >= n_data || offset < 0 ||
        length > load<std::int64_t>(sizes, buffer) - offset)
      malformed(i);
    return {static_cast<const char*>(buffer_of(field, chunk, 2 + buffer)) + offset, size};
  }

  [[noreturn]] void malformed(std::int64_t i) const {
    raise_malformed_array(field.name, "the view of row " + std::to_string(chunk.first_row + i) +
                                          " is out of bounds.");
  }
};

ColumnPtr read_views(const ArrowField& field, std::span<const ArrowChunk> chunks) {
  std::vector<std::int64_t> offsets(static_cast<std::size_t>(total_length(chunks)) + 1);
  std::size_t row = 0;
  for (const ArrowChunk& chunk : chunks) {
    const ViewReader reader(field, chunk);
    for (std::int64_t i = 0; i < chunk.length; ++i, ++row) {
      check_cancelled_at(i);
      offsets[row + 1] = offsets[row] + static_cast<std::int64_t>(reader.text(i).size());
    }
  }
  std::byte* to = nullptr;
  Buffer bytes = new_buffer(static_cast<std::size_t>(offsets.back()), &to);
  for (const ArrowChunk& chunk : chunks) {
    const ViewReader reader(field, chunk);
    for (std::int64_t i = 0; i < chunk.length; ++i) {
      check_cancelled_at(i);
      const std::string_view text = reader.text(i);
      if (!text.empty()) std::memcpy(to, text.data(), text.size());
      to += text.size();
    }
  }
  return made_text(field, chunks, std::move(bytes), Buffer::of(std::move(offsets)));
}

}  // namespace

ColumnPtr read_text(const ArrowField& field, std::span<const ArrowChunk> chunks) {
  if (chunks.empty()) {
    return std::make_shared<const Column>(field.name, field.type, 0,
                                          Buffer::of(std::vector<char>(1)), Buffer{},
                                          Buffer::of(std::vector<std::int64_t>(1)));
  }
  if (field.layout == ArrowLayout::view) return read_views(field, chunks);
  return field.layout == ArrowLayout::text32 ? read_offsets<std::int32_t>(field, chunks)
                                             : read_offsets<std::int64_t>(field, chunks);
}

}  // namespace mlrepro::detail::core
