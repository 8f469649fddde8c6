// SPDX-License-Identifier: Apache-2.0
// Canonical elements (canon 1): one byte of tag, then the payload, little-endian. 17, 17.0 and int8
// 17 are one element; a category is its value; an instant is 128-bit nanoseconds UTC; null and NaN
// are one token. All decisions on integers.
//   00 missing | 01 bool u8 | 02 integer >= 0 u64 | 03 integer < 0 i64 | 04 other number, binary64
//   bits 05 text: u64 length, bytes | 06 instant i128 ns | 07 duration i128 ns
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/column.hpp"
#include "core/hash.hpp"

namespace mlrepro::detail::core {

// Writes elements to memory of its own; text of any length.
class ElementBuffer {
 public:
  void clear() noexcept { size_ = 0; }
  void append(const Value& value);
  void append(const Column& column, RowIndex row) { append(column.value(row)); }
  const char* data() const noexcept { return bytes_.data(); }
  std::size_t size() const noexcept { return size_; }
  std::string_view view() const noexcept { return {data(), size_}; }

 private:
  char* grow(std::size_t n);
  std::string bytes_;
  std::size_t size_ = 0;
};

std::size_t write_element(const Value& value,
                          char* out) noexcept;  // not for text; returns the size
std::string element(const Value& value);

// Hash of one key without allocation: elements of `values` in the given order; text longer than a
// stack buffer streams.
Hash128 hash_values(std::span<const Value> values, std::uint64_t seed) noexcept;

// Hash of each row over `columns` in the given order (callers sort by name). O(cells); column by
// column in blocks of rows, and dictionaries by their levels: the bits of the plain one.
void hash_rows(std::span<const ColumnPtr> columns, std::uint64_t seed, int threads,
               std::span<Hash128> out);
void hash_rows_plain(std::span<const ColumnPtr> columns, std::uint64_t seed,
                     std::span<Hash128> out);  // the oracle

bool equal_cells(const Column& a, RowIndex row_a, const Column& b,
                 RowIndex row_b) noexcept;  // missing equals missing

}  // namespace mlrepro::detail::core
