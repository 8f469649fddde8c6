// SPDX-License-Identifier: Apache-2.0
// One column out of the chunks of it that a stream gave. One chunk of a fixed-width type, of bits
// that start at a byte, or of large_utf8 is not copied; all else is copied once. Every length,
// offset, view and code is checked.
#pragma once
#include <cstdint>
#include <memory>
#include <span>

#include "core/arrow_schema.hpp"
#include "core/column.hpp"

namespace mlrepro::detail::core {

struct ArrowChunk {
  const ArrowArray* array = nullptr;
  std::int64_t offset = 0;  // of the first row in the array's buffers
  std::int64_t length = 0;
  std::int64_t first_row = 0;  // of the chunk in the table
  std::shared_ptr<const void> owner{};
};

inline constexpr std::int64_t kMaxArrowLength =
    std::int64_t{1} << 48;  // sums and products of lengths cannot overflow

// SchemaError: content that contradicts the schema; FormatError: an array that is malformed.
ColumnPtr read_arrow_column(const ArrowField& field, std::span<const ArrowChunk> chunks);

// Bytes of the chunk's buffers that its rows use; what is malformed counts nothing here, and is
// refused when it is read.
std::int64_t arrow_bytes(const ArrowField& field, const ArrowChunk& chunk);

[[noreturn]] void raise_malformed_array(const std::string& column, const std::string& message);

void copy_bits(const std::uint8_t* from, std::int64_t from_bit, std::uint8_t* to,
               std::int64_t to_bit,
               std::int64_t n) noexcept;  // from == nullptr: ones

}  // namespace mlrepro::detail::core
