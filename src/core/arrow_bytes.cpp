// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/arrow_parts.hpp"

namespace mlrepro::detail::core {
namespace {

constexpr std::int64_t kViewBytes = 16;

const void* buffer_if_there(const ArrowArray& array, std::int64_t i) noexcept {
  return array.buffers != nullptr && i >= 0 && i < array.n_buffers ? array.buffers[i] : nullptr;
}

template <class Offset>
std::int64_t text_bytes(const ArrowChunk& chunk) noexcept {
  const void* offsets = buffer_if_there(*chunk.array, 1);
  if (offsets == nullptr || chunk.length == 0) return 0;
  const std::int64_t first = load<Offset>(offsets, chunk.offset),
                     last = load<Offset>(offsets, chunk.offset + chunk.length);
  const bool in_range = first >= 0 && last >= first && last <= kMaxArrowLength;
  return (in_range ? last - first : 0) +
         (chunk.length + 1) * static_cast<std::int64_t>(sizeof(Offset));
}

std::int64_t view_bytes(const ArrowChunk& chunk) noexcept {
  const std::int64_t n = chunk.array->n_buffers;  // validity, views, data ..., sizes of the data
  const void* sizes = buffer_if_there(*chunk.array, n - 1);
  std::int64_t bytes = chunk.length * kViewBytes;
  for (std::int64_t i = 0; sizes != nullptr && i < n - 3 && bytes < kMaxArrowLength; ++i)
    bytes += std::clamp<std::int64_t>(load<std::int64_t>(sizes, i), 0, kMaxArrowLength);
  return bytes;
}

std::int64_t value_bytes(const ArrowField& field, const ArrowChunk& chunk) {
  switch (field.layout) {
    case ArrowLayout::null:
      return 0;
    case ArrowLayout::bits:
      return chunk.length / 8 + 1;
    case ArrowLayout::text32:
      return text_bytes<std::int32_t>(chunk);
    case ArrowLayout::text64:
      return text_bytes<std::int64_t>(chunk);
    case ArrowLayout::view:
      return view_bytes(chunk);
    case ArrowLayout::date64:
      return chunk.length * 8;
    case ArrowLayout::dictionary: {
      const ArrowArray* levels = chunk.array->dictionary;
      const bool is_there = levels != nullptr && levels->length >= 0 && levels->offset >= 0 &&
                            levels->length <= kMaxArrowLength && levels->offset <= kMaxArrowLength;
      const ArrowChunk all{levels, is_there ? levels->offset : 0, is_there ? levels->length : 0, 0,
                           nullptr};
      return chunk.length * field.width + (is_there ? arrow_bytes(*field.values, all) : 0);
    }
    case ArrowLayout::fixed:
    case ArrowLayout::decimal:
      break;
  }
  return chunk.length * field.width;
}

}  // namespace

std::int64_t arrow_bytes(const ArrowField& field, const ArrowChunk& chunk) {
  const bool has_validity = buffer_if_there(*chunk.array, 0) != nullptr;
  return value_bytes(field, chunk) + (has_validity ? chunk.length / 8 + 1 : 0);
}

}  // namespace mlrepro::detail::core
