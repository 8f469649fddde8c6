// SPDX-License-Identifier: Apache-2.0
// Order-preserving integer keys of values: comparing two keys is comparing the two values exactly,
// across int64, uint64, float and double, without a floating-point instruction. Why: a consumer
// built with -ffast-math or with flush-to-zero must take the same branch of a tree as the notebook
// did. Thread safety: pure functions.
#pragma once
#include <mlrepro/core/value.hpp>

namespace mlrepro::detail::core {

struct OrderKey {
  std::uint64_t high = 0, low = 0;
  constexpr bool operator==(const OrderKey&) const noexcept = default;
  constexpr bool operator<(const OrderKey& other) const noexcept {
    return high != other.high ? high < other.high : low < other.low;
  }
  constexpr bool operator<=(const OrderKey& other) const noexcept { return !(other < *this); }
};

__extension__ typedef unsigned __int128 UInt128;
__extension__ typedef __int128 Int128;

inline constexpr std::uint64_t kSign64 = std::uint64_t{1} << 63;

// Bits of a binary64 -> unsigned integer of the same order; -0.0 falls on 0.0. Not for NaN.
constexpr std::uint64_t ordered_bits(std::uint64_t bits) noexcept {
  if (bits == kSign64) bits = 0;
  return (bits & kSign64) != 0 ? ~bits : bits | kSign64;
}
constexpr std::uint64_t unordered_bits(std::uint64_t key) noexcept {
  return (key & kSign64) != 0 ? key & ~kSign64 : ~key;
}

// Bits of the binary64 equal to a binary32, without hardware conversion (which flushes subnormals
// under DAZ).
constexpr std::uint64_t widen_bits(std::uint32_t bits) noexcept {
  const std::uint64_t sign = std::uint64_t{bits >> 31} << 63;
  std::uint32_t exponent = (bits >> 23) & 0xffU;
  std::uint64_t mantissa = bits & 0x7fffffU;
  if (exponent == 0xff) return sign | 0x7ff0000000000000U | (mantissa << 29);
  if (exponent == 0) {
    if (mantissa == 0) return sign;
    const int shift = std::countl_zero(mantissa) - 40;  // 24-bit field: leading one to bit 23
    mantissa = (mantissa << shift) & 0x7fffffU;
    return sign | (static_cast<std::uint64_t>(897 - shift) << 52) | (mantissa << 29);
  }
  return sign | (std::uint64_t{exponent + 896U} << 52) | (mantissa << 29);
}

// An unsigned magnitude as the largest binary64 not above it, and what is left over.
struct FlooredMagnitude {
  std::uint64_t bits, rest;
};
constexpr FlooredMagnitude floor_to_binary64(std::uint64_t magnitude) noexcept {
  if (magnitude == 0) return {0, 0};
  const int top = 63 - std::countl_zero(magnitude);
  const int drop = top > 52 ? top - 52 : 0;
  const std::uint64_t kept = (magnitude >> drop) << drop;
  const std::uint64_t mantissa =
      (top > 52 ? magnitude >> drop : magnitude << (52 - top)) & 0xfffffffffffffU;
  return {(static_cast<std::uint64_t>(top + 1023) << 52) | mantissa, magnitude - kept};
}

constexpr OrderKey integer_order_key(bool negative, std::uint64_t magnitude) noexcept {
  const FlooredMagnitude f = floor_to_binary64(magnitude);
  if (!negative) return {ordered_bits(f.bits), f.rest};
  // -m lies below -floor(m): take the next binary64 further down as base, unless m is one itself.
  if (f.rest == 0) return {ordered_bits(f.bits | kSign64), 0};
  const int top = 63 - std::countl_zero(magnitude);
  const std::uint64_t step = std::uint64_t{1} << (top - 52);
  return {ordered_bits(f.bits | kSign64) - 1, step - f.rest};
}

constexpr OrderKey signed_key(std::int64_t v) noexcept {
  return v < 0 ? integer_order_key(true, ~static_cast<std::uint64_t>(v) + 1)
               : integer_order_key(false, static_cast<std::uint64_t>(v));
}

// Ticks of any unit as 128-bit nanoseconds, biased so that unsigned order is the order in time.
constexpr OrderKey time_key(std::int64_t ticks, std::uint64_t ns_per_tick) noexcept {
  const bool negative = ticks < 0;
  const std::uint64_t m =
      negative ? ~static_cast<std::uint64_t>(ticks) + 1 : static_cast<std::uint64_t>(ticks);
  const UInt128 product = static_cast<UInt128>(m) * ns_per_tick;
  std::uint64_t low = static_cast<std::uint64_t>(product);
  std::uint64_t high = static_cast<std::uint64_t>(product >> 64);
  if (negative) {
    low = ~low + 1;
    high = ~high + (low == 0 ? 1U : 0U);
  }
  return {high ^ kSign64, low};
}

constexpr std::uint64_t ns_per_tick(TimeUnit unit) noexcept {
  constexpr std::uint64_t table[] = {1'000'000'000U, 1'000'000U, 1'000U, 1U};
  return table[static_cast<int>(unit)];
}
inline constexpr std::uint64_t kNsPerDay = 86'400'000'000'000U;

// The key of a value that is neither missing nor text; booleans are 0 and 1.
constexpr OrderKey order_key(const Value& v) noexcept {
  switch (v.value_class()) {
    case ValueClass::boolean:
      return {v.bits(), 0};
    case ValueClass::number:
      switch (v.number_form()) {
        case Value::NumberForm::unsigned_integer:
          return integer_order_key(false, v.bits());
        case Value::NumberForm::signed_integer:
          return signed_key(static_cast<std::int64_t>(v.bits()));
        case Value::NumberForm::binary64:
          return {ordered_bits(v.bits()), 0};
        case Value::NumberForm::binary32:
          return {ordered_bits(widen_bits(static_cast<std::uint32_t>(v.bits()))), 0};
      }
      return {};
    case ValueClass::date:
      return time_key(static_cast<std::int64_t>(v.bits()), kNsPerDay);
    case ValueClass::timestamp:
    case ValueClass::local_timestamp:
    case ValueClass::duration:
      return time_key(static_cast<std::int64_t>(v.bits()), ns_per_tick(v.unit()));
    default:
      return {};
  }
}

}  // namespace mlrepro::detail::core
