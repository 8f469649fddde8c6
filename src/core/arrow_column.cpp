// SPDX-License-Identifier: Apache-2.0
// Fixed-width values, bits and null columns. Text, dictionaries and what must be converted have
// sources of their own.
#include "core/arrow_column.hpp"

#include <cstring>

#include "core/arrow_parts.hpp"
#include "core/raise.hpp"

namespace mlrepro::detail::core {

void raise_malformed_array(const std::string& column, const std::string& message) {
  raise<FormatError>(
      {.message = "column " + in_quotes(column) + " has a malformed Arrow array: " + message,
       .column = column,
       .next_step = "Report it to the library that made the data, or pass the data another way."});
}

void copy_bits(const std::uint8_t* from, std::int64_t from_bit, std::uint8_t* to,
               std::int64_t to_bit, std::int64_t n) noexcept {
  const auto copy_one = [&] {
    const bool bit = from == nullptr || (from[from_bit >> 3] >> (from_bit & 7) & 1) != 0;
    const auto mask = static_cast<std::uint8_t>(1U << (to_bit & 7));
    to[to_bit >> 3] =
        static_cast<std::uint8_t>(bit ? to[to_bit >> 3] | mask : to[to_bit >> 3] & ~mask);
    ++from_bit, ++to_bit, --n;
  };
  while (n > 0 && (to_bit & 7) != 0) copy_one();
  for (; n >= 8; n -= 8, from_bit += 8, to_bit += 8) {
    unsigned byte = 0xff;
    if (from != nullptr) {
      const auto shift = static_cast<unsigned>(from_bit & 7);
      byte = static_cast<unsigned>(from[from_bit >> 3]) >> shift;
      if (shift != 0) byte |= static_cast<unsigned>(from[(from_bit >> 3) + 1]) << (8 - shift);
    }
    to[to_bit >> 3] = static_cast<std::uint8_t>(byte);
  }
  while (n > 0) copy_one();
}

std::int64_t total_length(std::span<const ArrowChunk> chunks) noexcept {
  std::int64_t n = 0;
  for (const ArrowChunk& chunk : chunks) n += chunk.length;
  return n;
}

const void* buffer_of(const ArrowField& field, const ArrowChunk& chunk, std::int64_t i) {
  const void* buffer = chunk.array->buffers[i];
  if (buffer == nullptr)
    raise_malformed_array(field.name, "buffer " + std::to_string(i) + " is not there.");
  return buffer;
}

Buffer read_validity(std::span<const ArrowChunk> chunks) {
  bool any = false;
  for (const ArrowChunk& chunk : chunks) any = any || validity_of(chunk) != nullptr;
  if (!any) return {};
  if (chunks.size() == 1 && (chunks[0].offset & 7) == 0) {
    return {chunks[0].owner, validity_of(chunks[0]) + (chunks[0].offset >> 3)};
  }
  std::vector<std::uint8_t> bits(static_cast<std::size_t>((total_length(chunks) + 7) / 8));
  std::int64_t at = 0;
  for (const ArrowChunk& chunk : chunks) {
    copy_bits(validity_of(chunk), chunk.offset, bits.data(), at, chunk.length);
    at += chunk.length;
  }
  return Buffer::of(std::move(bits));
}

bool is_aligned(const void* bytes, int width) noexcept {
  return reinterpret_cast<std::uintptr_t>(bytes) % static_cast<std::uintptr_t>(width) == 0;
}

Buffer new_buffer(std::size_t size, std::byte** bytes) {
  std::shared_ptr<std::byte[]> owner(new std::byte[size + 8]);  // not cleared: all of it is written
  *bytes = owner.get();
  return {owner, owner.get()};
}

namespace {

Buffer read_fixed(const ArrowField& field, std::span<const ArrowChunk> chunks) {
  const auto width = static_cast<std::size_t>(field.width);
  const auto begin_of = [&](const ArrowChunk& chunk) {
    return static_cast<const std::byte*>(buffer_of(field, chunk, 1)) +
           static_cast<std::size_t>(chunk.offset) * width;
  };
  if (chunks.size() == 1 && is_aligned(begin_of(chunks[0]), field.width))
    return {chunks[0].owner, begin_of(chunks[0])};
  std::byte* to = nullptr;
  Buffer values = new_buffer(static_cast<std::size_t>(total_length(chunks)) * width, &to);
  for (const ArrowChunk& chunk : chunks) {
    const std::size_t size = static_cast<std::size_t>(chunk.length) * width;
    std::memcpy(to, begin_of(chunk), size);
    to += size;
  }
  return values;
}

Buffer read_bits(const ArrowField& field, std::span<const ArrowChunk> chunks) {
  const auto begin_of = [&](const ArrowChunk& chunk) {
    return static_cast<const std::uint8_t*>(buffer_of(field, chunk, 1));
  };
  if (chunks.size() == 1 && (chunks[0].offset & 7) == 0) {
    return {chunks[0].owner, begin_of(chunks[0]) + (chunks[0].offset >> 3)};
  }
  std::vector<std::uint8_t> bits(static_cast<std::size_t>((total_length(chunks) + 7) / 8));
  std::int64_t at = 0;
  for (const ArrowChunk& chunk : chunks) {
    copy_bits(begin_of(chunk), chunk.offset, bits.data(), at, chunk.length);
    at += chunk.length;
  }
  return Buffer::of(std::move(bits));
}

// Dictionaries: validity and indices; text: validity, offsets or views, bytes; views have any
// number of buffers more.
void check_chunk(const ArrowField& field, const ArrowChunk& chunk) {
  const ArrowArray& array = *chunk.array;
  const bool is_text = field.layout == ArrowLayout::text32 || field.layout == ArrowLayout::text64;
  const std::int64_t n_buffers = field.layout == ArrowLayout::null ? 0 : is_text ? 3 : 2;
  const bool right = field.layout == ArrowLayout::view ? array.n_buffers >= 2
                     : field.layout == ArrowLayout::null
                         ? array.n_buffers <= 1  // early writers gave a validity
                         : array.n_buffers == n_buffers;
  if (!right) {
    raise_malformed_array(field.name, std::to_string(array.n_buffers) + " buffers, not " +
                                          std::to_string(n_buffers) + ".");
  }
  if (array.n_buffers > 0 && array.buffers == nullptr)
    raise_malformed_array(field.name, "no list of buffers.");
  if (field.layout == ArrowLayout::dictionary && array.dictionary == nullptr) {
    raise_malformed_array(field.name, "the dictionary is not there.");
  }
}

}  // namespace

ColumnPtr read_arrow_column(const ArrowField& field, std::span<const ArrowChunk> all_chunks) {
  std::vector<ArrowChunk>
      chunks;  // without the empty ones, whose buffers may be null; a dictionary keeps its levels
  for (const ArrowChunk& chunk : all_chunks) {
    if (chunk.length == 0 && field.layout != ArrowLayout::dictionary) continue;
    check_chunk(field, chunk);
    chunks.push_back(chunk);
  }
  const std::int64_t n_rows = total_length(chunks);
  const auto made = [&](Buffer values) {
    return std::make_shared<const Column>(field.name, field.type, n_rows, std::move(values),
                                          read_validity(chunks));
  };
  if (field.layout == ArrowLayout::null)
    return std::make_shared<const Column>(field.name, field.type, n_rows, Buffer{});
  if (field.layout == ArrowLayout::dictionary) return read_dictionary(field, chunks);
  if (n_rows == 0 && field.type.type != Type::text)
    return made(Buffer::of(std::vector<std::int64_t>(1)));
  switch (field.layout) {
    case ArrowLayout::bits:
      return made(read_bits(field, chunks));
    case ArrowLayout::date64:
      return made(read_date64(field, chunks));
    case ArrowLayout::decimal:
      return made(read_decimals(field, chunks));
    case ArrowLayout::text32:
    case ArrowLayout::text64:
    case ArrowLayout::view:
      return read_text(field, chunks);
    default:
      return made(read_fixed(field, chunks));
  }
}

}  // namespace mlrepro::detail::core
