// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>

#include <mlrepro/core/order_key.hpp>

#include "core/int128.hpp"

namespace mlrepro::detail::probe {

// A number or boolean as the double nearest to it.
inline double number_of(const Value& v) noexcept {
  const std::uint64_t bits = v.bits();
  if (v.value_class() == ValueClass::boolean) return bits != 0 ? 1.0 : 0.0;
  switch (v.number_form()) {
    case Value::NumberForm::unsigned_integer:
      return core::to_double(static_cast<core::UInt128>(bits));
    case Value::NumberForm::signed_integer:
      return core::to_double(static_cast<core::Int128>(static_cast<std::int64_t>(bits)));
    case Value::NumberForm::binary64:
      return std::bit_cast<double>(bits);
    case Value::NumberForm::binary32:
      return std::bit_cast<double>(core::widen_bits(static_cast<std::uint32_t>(bits)));
  }
  return 0;
}

}  // namespace mlrepro::detail::probe
