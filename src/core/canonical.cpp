// SPDX-License-Identifier: Apache-2.0
#include "core/canonical.hpp"

#include <array>
#include <cstring>

#include "core/element_bytes.hpp"

namespace mlrepro::detail::core {

std::size_t write_element(const Value& v, char* out) noexcept {
  switch (v.value_class()) {
    case ValueClass::boolean:
      return write_bool(v.bits() != 0, out);
    case ValueClass::number:
      switch (v.number_form()) {
        case Value::NumberForm::unsigned_integer:
          return write_unsigned(v.bits(), out);
        case Value::NumberForm::signed_integer:
          return write_signed(static_cast<std::int64_t>(v.bits()), out);
        case Value::NumberForm::binary64:
          return write_double(v.bits(), out);
        case Value::NumberForm::binary32:
          return write_float(static_cast<std::uint32_t>(v.bits()), out);
      }
      break;
    case ValueClass::date:
      return write_ticks(kInstantTag, static_cast<std::int64_t>(v.bits()), kNsPerDay, out);
    case ValueClass::timestamp:
    case ValueClass::local_timestamp:
      return write_ticks(kInstantTag, static_cast<std::int64_t>(v.bits()), ns_per_tick(v.unit()),
                         out);
    case ValueClass::duration:
      return write_ticks(kDurationTag, static_cast<std::int64_t>(v.bits()), ns_per_tick(v.unit()),
                         out);
    case ValueClass::text:
    case ValueClass::missing:
      break;
  }
  return write_missing(out);
}

char* ElementBuffer::grow(std::size_t n) {
  if (size_ + n > bytes_.size()) bytes_.resize((size_ + n) * 2);
  char* at = bytes_.data() + size_;
  size_ += n;
  return at;
}

void ElementBuffer::append(const Value& value) {
  if (value.value_class() == ValueClass::text) {
    const std::string_view text = value.text();
    char* at = grow(9 + text.size());
    write_tagged(kTextTag, text.size(), at);
    if (!text.empty()) std::memcpy(at + 9, text.data(), text.size());
    return;
  }
  char* at = grow(kFixedElement);
  size_ -= kFixedElement - write_element(value, at);
}

std::string element(const Value& value) {
  ElementBuffer buffer;
  buffer.append(value);
  return std::string(buffer.view());
}

bool equal_cells(const Column& a, RowIndex row_a, const Column& b, RowIndex row_b) noexcept {
  const Value x = a.value(row_a), y = b.value(row_b);
  if (x.value_class() == ValueClass::text || y.value_class() == ValueClass::text) {
    return x.value_class() == y.value_class() && x.text() == y.text();
  }
  std::array<char, kFixedElement> p{}, q{};
  const std::size_t n = write_element(x, p.data());
  return n == write_element(y, q.data()) && std::memcmp(p.data(), q.data(), n) == 0;
}

}  // namespace mlrepro::detail::core
