// SPDX-License-Identifier: Apache-2.0
// A borrowed view of one contiguous column: of vectors, arrays and spans on the way in, of a
// Dataset's columns on the way out. Views of temporaries do not compile. Reading a cell is O(1),
// allocates nothing, throws nothing. Thread safety: immutable, may be shared between threads while
// the memory behind it lives.
#pragma once
#include <cstddef>
#include <ranges>
#include <span>

#include <mlrepro/core/value.hpp>

namespace mlrepro {

enum class Type : std::uint8_t {
  null,
  boolean,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  float32,
  float64,
  text,
  dictionary,
  date,
  timestamp,
  duration
};
MLREPRO_API std::string_view to_string(
    Type type) noexcept;  // "int64", "utf8", "dictionary", "timestamp", ...

namespace detail::core {
class Column;
template <class T>
constexpr Type element_type() noexcept {
  if constexpr (std::same_as<T, bool>)
    return Type::boolean;
  else if constexpr (std::same_as<T, float>)
    return Type::float32;
  else if constexpr (std::same_as<T, double>)
    return Type::float64;
  else if constexpr (std::same_as<T, std::string_view>)
    return Type::text;
  else {
    constexpr int width = sizeof(T) == 1 ? 0 : sizeof(T) == 2 ? 1 : sizeof(T) == 4 ? 2 : 3;
    return static_cast<Type>((std::is_signed_v<T> ? 2 : 6) + width);
  }
}
}  // namespace detail::core

class ColumnView {
 public:
  // Any contiguous range of an element type: std::vector, std::array, std::span (lvalues only, or
  // borrowed ranges).
  template <class R, class T = std::remove_cvref_t<decltype(*std::declval<R&>().data())>>
  requires detail::Element<T> && std::ranges::borrowed_range<R> ColumnView(R&& values)
  noexcept : ColumnView(std::span<const T>(values), nullptr) {}

  // validity: a bitmap, least significant bit first, 1 = present; nullptr: all present.
  template <detail::Element T>
  ColumnView(std::span<const T> values, const std::uint8_t* validity) noexcept
      : values_(values.data()),
        validity_(validity),
        n_rows_(static_cast<RowIndex>(values.size())),
        type_(detail::core::element_type<T>()) {}

  static ColumnView dates(std::span<const std::int32_t> days,
                          const std::uint8_t* validity = nullptr) noexcept {
    return ColumnView(days, validity).as(Type::date, TimeUnit::second);
  }
  // zone: an IANA name or an offset; empty: wall time without a zone.
  static ColumnView timestamps(std::span<const std::int64_t> ticks, TimeUnit unit,
                               std::string_view zone = {},
                               const std::uint8_t* validity = nullptr) noexcept {
    ColumnView v = ColumnView(ticks, validity).as(Type::timestamp, unit);
    v.zone_ = zone;
    return v;
  }
  static ColumnView durations(std::span<const std::int64_t> ticks, TimeUnit unit,
                              const std::uint8_t* validity = nullptr) noexcept {
    return ColumnView(ticks, validity).as(Type::duration, unit);
  }
  // Categories: codes into levels; a code outside [0, levels.size()) of a present row is refused
  // when it is copied.
  static ColumnView categories(std::span<const std::int32_t> codes,
                               std::span<const std::string_view> levels, bool ordered = false,
                               const std::uint8_t* validity = nullptr) noexcept {
    ColumnView v = ColumnView(codes, validity).as(Type::dictionary, TimeUnit::second);
    v.levels_ = levels;
    v.ordered_ = ordered;
    return v;
  }

  RowIndex n_rows() const noexcept { return n_rows_; }
  Type type() const noexcept { return type_; }
  TimeUnit unit() const noexcept { return unit_; }
  std::string_view zone() const noexcept { return zone_; }
  bool ordered() const noexcept { return ordered_; }
  const std::uint8_t* validity() const noexcept { return validity_; }
  bool is_null(RowIndex row) const noexcept {
    return type_ == Type::null ||
           (validity_ != nullptr && (validity_[row >> 3] >> (row & 7) & 1) == 0);
  }
  MLREPRO_API Value operator[](RowIndex row) const noexcept;  // 0 <= row < n_rows()

  // The values themselves, zero-copy; InputTypeError unless T is the column's type (bool and text
  // have no such span).
  template <detail::Element T>
  requires(!detail::OneOf<T, bool, std::string_view>) std::span<const T> values()
  const {
    require(detail::core::element_type<T>());
    return {static_cast<const T*>(values_), static_cast<std::size_t>(n_rows_)};
  }
  MLREPRO_API std::span<const std::int32_t> codes() const;  // of a dictionary; garbage where null
  MLREPRO_API std::span<const std::int64_t> ticks() const;  // of a timestamp or duration

 private:
  friend class detail::core::Column;
  ColumnView as(Type type, TimeUnit unit) const noexcept {
    ColumnView v = *this;
    v.type_ = type;
    v.unit_ = unit;
    return v;
  }
  MLREPRO_API void require(Type type) const;

  const void* values_;
  const std::uint8_t* validity_;
  RowIndex n_rows_;
  const detail::core::Column* column_ =
      nullptr;  // set for columns of a Dataset: packed bits, offsets, levels
  std::span<const std::string_view> levels_{};
  std::string_view zone_{};
  Type type_;
  TimeUnit unit_ = TimeUnit::second;
  bool ordered_ = false;
};

struct NamedColumn {
  std::string_view name;
  ColumnView values;
};

}  // namespace mlrepro
