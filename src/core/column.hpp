// SPDX-License-Identifier: Apache-2.0
// One owned column: a contiguous chunk in Arrow layout with bit offset 0. Immutable once built,
// shared by pointer.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <mlrepro/core/column_view.hpp>

namespace mlrepro::detail::core {

// Bytes and whoever keeps them alive: a vector of ours, or an imported Arrow array.
struct Buffer {
  std::shared_ptr<const void> owner{};
  const void* bytes = nullptr;

  template <class T>
  static Buffer of(std::vector<T> values) {
    auto owned = std::make_shared<const std::vector<T>>(std::move(values));
    return {owned, owned->data()};
  }
};

struct ColumnType {
  Type type = Type::null;
  TimeUnit unit = TimeUnit::second;  // of timestamp and duration
  bool ordered = false;              // of dictionary
  std::string zone{};                // of timestamp; empty: wall time
  bool operator==(const ColumnType&) const = default;
};
std::string to_string(const ColumnType& type);  // "timestamp[ns, America/New_York]", "dictionary"
ValueClass value_class(const ColumnType& type, const class Column* levels) noexcept;
int byte_width(Type type) noexcept;  // of fixed-width values; dictionary: 4 (codes); 0 else

constexpr bool is_nan_bits(std::uint32_t of_float) noexcept {
  return (of_float & 0x7fffffffU) > 0x7f800000U;
}
constexpr bool is_nan_bits(std::uint64_t of_double) noexcept {
  return (of_double & 0x7fffffffffffffffU) > 0x7ff0000000000000U;
}

class Column;
using ColumnPtr = std::shared_ptr<const Column>;

// A count that threads may make at once: all come to the same.
class CountOnce {
 public:
  CountOnce() noexcept = default;
  CountOnce(const CountOnce& other) noexcept : n_(other.n_.load(std::memory_order_relaxed)) {}
  CountOnce& operator=(const CountOnce&) = delete;
  template <class Count>
  RowIndex get(const Count& count) noexcept {
    RowIndex n = n_.load(std::memory_order_relaxed);
    if (n < 0) n_.store(n = count(), std::memory_order_relaxed);
    return n;
  }

 private:
  std::atomic<RowIndex> n_{-1};
};

class Column {
 public:
  // values: fixed-width values, packed bits of a boolean, bytes of a text, int32 codes of a
  // dictionary. offsets: n_rows + 1 int64 of a text. validity: packed bits or null. levels: of a
  // dictionary, distinct, no nulls.
  Column(std::string name, ColumnType type, RowIndex n_rows, Buffer values, Buffer validity = {},
         Buffer offsets = {}, ColumnPtr levels = nullptr);

  const std::string& name() const noexcept { return name_; }
  const ColumnType& type() const noexcept { return type_; }
  Type kind() const noexcept { return type_.type; }
  RowIndex n_rows() const noexcept { return n_rows_; }
  const ColumnPtr& levels() const noexcept { return levels_; }
  const Buffer& values_buffer() const noexcept { return values_; }
  const Buffer& validity_buffer() const noexcept { return validity_; }
  const Buffer& offsets_buffer() const noexcept { return offsets_; }
  ValueClass value_class() const noexcept { return core::value_class(type_, levels_.get()); }
  bool is_category() const noexcept { return kind() == Type::text || kind() == Type::dictionary; }

  RowIndex n_null() const noexcept { return n_null_; }
  RowIndex n_nan() const noexcept;  // counted when it is first asked: a table is taken over unread
  RowIndex n_missing() const noexcept { return n_null_ + n_nan(); }

  const std::uint8_t* validity() const noexcept {
    return static_cast<const std::uint8_t*>(validity_.bytes);
  }
  bool is_null(RowIndex row) const noexcept {
    if (kind() == Type::null) return true;
    const std::uint8_t* bits = validity();
    return bits != nullptr && (bits[row >> 3] >> (row & 7) & 1) == 0;
  }
  bool is_missing(RowIndex row) const noexcept;  // null or NaN
  template <class T>
  std::span<const T> as() const noexcept {  // the caller knows the type
    return {static_cast<const T*>(values_.bytes), static_cast<std::size_t>(n_rows_)};
  }
  bool bit(RowIndex row) const noexcept {  // of a boolean
    return (static_cast<const std::uint8_t*>(values_.bytes)[row >> 3] >> (row & 7) & 1) != 0;
  }
  std::string_view text(RowIndex row) const noexcept {  // of a text
    const auto* at = static_cast<const std::int64_t*>(offsets_.bytes) + row;
    return {static_cast<const char*>(values_.bytes) + at[0],
            static_cast<std::size_t>(at[1] - at[0])};
  }
  std::int32_t code(RowIndex row) const noexcept {
    return as<std::int32_t>()[static_cast<std::size_t>(row)];
  }
  Value value(RowIndex row) const noexcept;  // dictionary: the level's value
  ColumnView view() const noexcept;

  ColumnPtr renamed(std::string name) const;
  ColumnPtr take(std::span<const RowIndex> rows) const;  // row -1 gives a missing cell
  static ColumnPtr copy_of(std::string name,
                           const ColumnView& view);  // InputTypeError, SchemaError

 private:
  std::string name_;
  ColumnType type_;
  RowIndex n_rows_ = 0, n_null_ = 0;
  mutable CountOnce n_nan_{};
  Buffer values_, validity_, offsets_;
  ColumnPtr levels_;
};

// Columns as they are made: append_text etc. are for results with few rows; wide data use
// Buffer::of directly.
ColumnPtr text_column(std::string name, std::span<const std::string> values);
ColumnPtr int64_column(std::string name, std::vector<std::int64_t> values);
ColumnPtr float64_column(std::string name, std::vector<double> values);
ColumnPtr dictionary_column(std::string name, std::vector<std::int32_t> codes,
                            std::span<const std::string> levels,
                            bool ordered = false);  // code -1: missing

std::string display(
    const Value& value);  // for messages: 17, 0.5, 'JFK', 2013-11-03T05:00:00Z, missing

}  // namespace mlrepro::detail::core
