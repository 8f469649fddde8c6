// SPDX-License-Identifier: Apache-2.0
#include "core/column.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include <mlrepro/core/order_key.hpp>

#include "core/cancel.hpp"

namespace mlrepro::detail::core {

namespace {

RowIndex count_nulls(const Column& column) noexcept {
  if (column.kind() == Type::null) return column.n_rows();
  const std::uint8_t* bits = column.validity();
  if (bits == nullptr) return 0;
  RowIndex present = 0;
  const RowIndex whole = column.n_rows() / 8;
  for (RowIndex i = 0; i < whole; ++i) present += std::popcount(bits[i]);
  for (RowIndex row = whole * 8; row < column.n_rows(); ++row)
    present += (bits[row >> 3] >> (row & 7)) & 1;
  return column.n_rows() - present;
}

bool nan_at(const Column& column, RowIndex row) noexcept {
  const auto i = static_cast<std::size_t>(row);
  if (column.kind() == Type::float64) return is_nan_bits(column.as<std::uint64_t>()[i]);
  if (column.kind() == Type::float32) return is_nan_bits(column.as<std::uint32_t>()[i]);
  return false;
}

template <class Bits>
RowIndex count_nans(std::span<const Bits> values) noexcept {
  RowIndex n = 0;
  for (const Bits bits : values) n += is_nan_bits(bits) ? 1 : 0;
  return n;
}

RowIndex count_nans(const Column& column) noexcept {
  if (column.kind() != Type::float64 && column.kind() != Type::float32) return 0;
  if (column.n_null() == 0 && column.kind() == Type::float32)
    return count_nans(column.as<std::uint32_t>());
  if (column.n_null() == 0) return count_nans(column.as<std::uint64_t>());
  RowIndex n = 0;
  for (RowIndex row = 0; row < column.n_rows(); ++row)
    n += nan_at(column, row) && !column.is_null(row);
  return n;
}

}  // namespace

Column::Column(std::string name, ColumnType type, RowIndex n_rows, Buffer values, Buffer validity,
               Buffer offsets, ColumnPtr levels)
    : name_(std::move(name)),
      type_(std::move(type)),
      n_rows_(n_rows),
      values_(std::move(values)),
      validity_(std::move(validity)),
      offsets_(std::move(offsets)),
      levels_(std::move(levels)) {
  n_null_ = count_nulls(*this);
}

RowIndex Column::n_nan() const noexcept {
  return n_nan_.get([this] { return count_nans(*this); });
}

bool Column::is_missing(RowIndex row) const noexcept {
  return is_null(row) || nan_at(*this, row);
}

Value Column::value(RowIndex row) const noexcept {
  if (is_null(row)) return missing;
  const auto i = static_cast<std::size_t>(row);
  switch (kind()) {
    case Type::null:
      return missing;
    case Type::boolean:
      return bit(row);
    case Type::int8:
      return as<std::int8_t>()[i];
    case Type::int16:
      return as<std::int16_t>()[i];
    case Type::int32:
      return as<std::int32_t>()[i];
    case Type::int64:
      return as<std::int64_t>()[i];
    case Type::uint8:
      return as<std::uint8_t>()[i];
    case Type::uint16:
      return as<std::uint16_t>()[i];
    case Type::uint32:
      return as<std::uint32_t>()[i];
    case Type::uint64:
      return as<std::uint64_t>()[i];
    case Type::float32:
      return std::bit_cast<float>(as<std::uint32_t>()[i]);
    case Type::float64:
      return std::bit_cast<double>(as<std::uint64_t>()[i]);
    case Type::text:
      return text(row);
    case Type::dictionary:
      return levels_->value(code(row));
    case Type::date:
      return Value::date(as<std::int32_t>()[i]);
    case Type::timestamp:
      return type_.zone.empty() ? Value::local_timestamp(as<std::int64_t>()[i], type_.unit)
                                : Value::timestamp(as<std::int64_t>()[i], type_.unit);
    case Type::duration:
      return Value::duration(as<std::int64_t>()[i], type_.unit);
  }
  return missing;
}

ColumnView Column::view() const noexcept {
  ColumnView v(std::span<const double>{}, validity());
  v.values_ = values_.bytes;
  v.n_rows_ = n_rows_;
  v.column_ = this;
  v.type_ = kind();
  v.unit_ = type_.unit;
  v.zone_ = type_.zone;
  v.ordered_ = type_.ordered;
  return v;
}

ColumnPtr Column::renamed(std::string name) const {
  auto copy = std::make_shared<Column>(*this);
  copy->name_ = std::move(name);
  return copy;
}

namespace {

using Rows = std::span<const RowIndex>;

Buffer taken_validity(const Column& column, Rows rows) {
  const bool any_absent =
      std::any_of(rows.begin(), rows.end(), [](RowIndex row) { return row < 0; });
  if (column.n_null() == 0 && !any_absent) return {};
  std::vector<std::uint8_t> bits((rows.size() + 7) / 8);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] >= 0 && !column.is_null(rows[i]))
      bits[i >> 3] = static_cast<std::uint8_t>(bits[i >> 3] | 1U << (i & 7));
  }
  return Buffer::of(std::move(bits));
}

template <class T>
Buffer taken_fixed(const Column& column, Rows rows) {
  std::vector<T> out(rows.size());
  const std::span<const T> in = column.as<T>();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] >= 0) out[i] = in[static_cast<std::size_t>(rows[i])];
  }
  return Buffer::of(std::move(out));
}

Buffer taken_bits(const Column& column, Rows rows) {
  std::vector<std::uint8_t> out((rows.size() + 7) / 8);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] >= 0 && column.bit(rows[i]))
      out[i >> 3] = static_cast<std::uint8_t>(out[i >> 3] | 1U << (i & 7));
  }
  return Buffer::of(std::move(out));
}

struct TextBuffers {
  Buffer bytes, offsets;
};
TextBuffers taken_text(const Column& column, Rows rows) {
  std::vector<std::int64_t> offsets(rows.size() + 1);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    check_cancelled_at(static_cast<std::int64_t>(i));
    const bool present = rows[i] >= 0 && !column.is_null(rows[i]);
    offsets[i + 1] =
        offsets[i] + (present ? static_cast<std::int64_t>(column.text(rows[i]).size()) : 0);
  }
  std::vector<char> bytes(static_cast<std::size_t>(offsets.back()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    check_cancelled_at(static_cast<std::int64_t>(i));
    if (offsets[i + 1] == offsets[i]) continue;
    const std::string_view text = column.text(rows[i]);
    std::memcpy(bytes.data() + offsets[i], text.data(), text.size());
  }
  return {Buffer::of(std::move(bytes)), Buffer::of(std::move(offsets))};
}

Buffer taken_values(const Column& column, Rows rows) {
  switch (byte_width(column.kind())) {
    case 1:
      return taken_fixed<std::uint8_t>(column, rows);
    case 2:
      return taken_fixed<std::uint16_t>(column, rows);
    case 4:
      return taken_fixed<std::uint32_t>(column, rows);
    case 8:
      return taken_fixed<std::uint64_t>(column, rows);
    default:
      return {};
  }
}

}  // namespace

ColumnPtr Column::take(Rows rows) const {
  check_cancelled();
  const auto n = static_cast<RowIndex>(rows.size());
  Buffer validity = taken_validity(*this, rows);
  if (kind() == Type::text) {
    TextBuffers text = taken_text(*this, rows);
    return std::make_shared<Column>(name_, type_, n, std::move(text.bytes), std::move(validity),
                                    std::move(text.offsets));
  }
  Buffer values = kind() == Type::boolean ? taken_bits(*this, rows) : taken_values(*this, rows);
  return std::make_shared<Column>(name_, type_, n, std::move(values), std::move(validity), Buffer{},
                                  levels_);
}

int byte_width(Type type) noexcept {
  switch (type) {
    case Type::int8:
    case Type::uint8:
      return 1;
    case Type::int16:
    case Type::uint16:
      return 2;
    case Type::int32:
    case Type::uint32:
    case Type::float32:
    case Type::dictionary:
    case Type::date:
      return 4;
    case Type::int64:
    case Type::uint64:
    case Type::float64:
    case Type::timestamp:
    case Type::duration:
      return 8;
    default:
      return 0;
  }
}

ValueClass value_class(const ColumnType& type, const Column* levels) noexcept {
  switch (type.type) {
    case Type::null:
      return ValueClass::missing;
    case Type::boolean:
      return ValueClass::boolean;
    case Type::text:
      return ValueClass::text;
    case Type::dictionary:
      return levels != nullptr ? levels->value_class() : ValueClass::text;
    case Type::date:
      return ValueClass::date;
    case Type::timestamp:
      return type.zone.empty() ? ValueClass::local_timestamp : ValueClass::timestamp;
    case Type::duration:
      return ValueClass::duration;
    default:
      return ValueClass::number;
  }
}

std::string to_string(const ColumnType& type) {
  std::string text(mlrepro::to_string(type.type));
  if (type.type != Type::timestamp && type.type != Type::duration) return text;
  text += "[" + std::string(mlrepro::to_string(type.unit));
  if (!type.zone.empty()) text += ", " + type.zone;
  return text + "]";
}

}  // namespace mlrepro::detail::core
