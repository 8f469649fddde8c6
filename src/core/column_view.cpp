// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/core/column_view.hpp>

#include <array>

#include "core/column.hpp"
#include "core/raise.hpp"

namespace mlrepro {

std::string_view to_string(Type type) noexcept {
  static constexpr std::array<std::string_view, 17> kNames = {
      "null",  "bool",       "int8",   "int16",     "int32",   "int64",
      "uint8", "uint16",     "uint32", "uint64",    "float32", "float64",
      "utf8",  "dictionary", "date",   "timestamp", "duration"};
  return kNames[static_cast<std::size_t>(type)];
}

std::string_view to_string(ValueClass value_class) noexcept {
  static constexpr std::array<std::string_view, 8> kNames = {
      "missing", "bool", "number", "text", "date", "timestamp", "local_timestamp", "duration"};
  return kNames[static_cast<std::size_t>(value_class)];
}

std::string_view to_string(TimeUnit unit) noexcept {
  static constexpr std::array<std::string_view, 4> kNames = {"s", "ms", "us", "ns"};
  return kNames[static_cast<std::size_t>(unit)];
}

Value ColumnView::operator[](RowIndex row) const noexcept {
  if (column_ != nullptr) return column_->value(row);
  if (is_null(row)) return missing;
  const auto i = static_cast<std::size_t>(row);
  switch (type_) {
    case Type::null:
      return missing;
    case Type::boolean:
      return static_cast<const bool*>(values_)[i];
    case Type::int8:
      return static_cast<const std::int8_t*>(values_)[i];
    case Type::int16:
      return static_cast<const std::int16_t*>(values_)[i];
    case Type::int32:
      return static_cast<const std::int32_t*>(values_)[i];
    case Type::int64:
      return static_cast<const std::int64_t*>(values_)[i];
    case Type::uint8:
      return static_cast<const std::uint8_t*>(values_)[i];
    case Type::uint16:
      return static_cast<const std::uint16_t*>(values_)[i];
    case Type::uint32:
      return static_cast<const std::uint32_t*>(values_)[i];
    case Type::uint64:
      return static_cast<const std::uint64_t*>(values_)[i];
    case Type::float32:
      return static_cast<const float*>(values_)[i];
    case Type::float64:
      return static_cast<const double*>(values_)[i];
    case Type::text:
      return static_cast<const std::string_view*>(values_)[i];
    case Type::dictionary: {
      const std::int32_t code = static_cast<const std::int32_t*>(values_)[i];
      if (code < 0 || static_cast<std::size_t>(code) >= levels_.size()) return missing;
      return levels_[static_cast<std::size_t>(code)];
    }
    case Type::date:
      return Value::date(static_cast<const std::int32_t*>(values_)[i]);
    case Type::timestamp: {
      const std::int64_t ticks = static_cast<const std::int64_t*>(values_)[i];
      return zone_.empty() ? Value::local_timestamp(ticks, unit_) : Value::timestamp(ticks, unit_);
    }
    case Type::duration:
      return Value::duration(static_cast<const std::int64_t*>(values_)[i], unit_);
  }
  return missing;
}

void ColumnView::require(Type type) const {
  if (type == type_) return;
  const std::string column = column_ != nullptr ? column_->name() : "";
  detail::core::raise<InputTypeError>(
      {.message = (column.empty() ? "the column" : "column " + detail::core::in_quotes(column)) +
                  " has type " + std::string(to_string(type_)) + ", not " +
                  std::string(to_string(type)) + ".",
       .column = column,
       .next_step = "Ask for its own type, or read its cells with operator[]."});
}

std::span<const std::int32_t> ColumnView::codes() const {
  require(Type::dictionary);
  return {static_cast<const std::int32_t*>(values_), static_cast<std::size_t>(n_rows_)};
}

std::span<const std::int64_t> ColumnView::ticks() const {
  if (type_ != Type::duration) require(Type::timestamp);
  return {static_cast<const std::int64_t*>(values_), static_cast<std::size_t>(n_rows_)};
}

}  // namespace mlrepro
