// SPDX-License-Identifier: Apache-2.0
// What the sources that read Arrow chunks share. Chunks given here are checked for their number of
// buffers.
#pragma once
#include <cstddef>
#include <cstring>

#include "core/arrow_column.hpp"

namespace mlrepro::detail::core {

std::int64_t total_length(std::span<const ArrowChunk> chunks) noexcept;
const void* buffer_of(const ArrowField& field, const ArrowChunk& chunk,
                      std::int64_t i);                   // FormatError: null
Buffer new_buffer(std::size_t size, std::byte** bytes);  // not cleared
bool is_aligned(const void* bytes, int width) noexcept;

inline const std::uint8_t* validity_of(const ArrowChunk& chunk) noexcept {
  return static_cast<const std::uint8_t*>(chunk.array->buffers[0]);
}
inline bool is_present(const ArrowChunk& chunk, std::int64_t i) noexcept {
  const std::uint8_t* bits = validity_of(chunk);
  const std::int64_t at = chunk.offset + i;
  return bits == nullptr || (bits[at >> 3] >> (at & 7) & 1) != 0;
}

template <class T>
T load(const void* values, std::int64_t i) noexcept {  // alignment is not promised
  T value;
  std::memcpy(&value,
              static_cast<const std::byte*>(values) + static_cast<std::size_t>(i) * sizeof(T),
              sizeof(T));
  return value;
}

Buffer read_validity(std::span<const ArrowChunk> chunks);  // empty: all present
ColumnPtr read_text(const ArrowField& field, std::span<const ArrowChunk> chunks);
Buffer read_date64(const ArrowField& field, std::span<const ArrowChunk> chunks);  // whole days only
Buffer read_decimals(const ArrowField& field,
                     std::span<const ArrowChunk> chunks);  // whole numbers within int64 only
ColumnPtr read_dictionary(const ArrowField& field, std::span<const ArrowChunk> chunks);

}  // namespace mlrepro::detail::core
