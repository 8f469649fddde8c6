// SPDX-License-Identifier: Apache-2.0
// 128-bit helpers on the types of order_key.hpp: exact multiplication pieces and correctly rounded
// conversion. Integer instructions only: a double is built from its bits, so the rounding mode
// cannot matter.
#pragma once
#include <bit>
#include <cstdint>

#include <mlrepro/core/order_key.hpp>

namespace mlrepro::detail::core {

constexpr std::uint64_t low64(UInt128 x) noexcept {
  return static_cast<std::uint64_t>(x);
}
constexpr std::uint64_t high64(UInt128 x) noexcept {
  return static_cast<std::uint64_t>(x >> 64);
}

// Number of bits needed: 0 for 0, 1 for 1, 8 for 255.
constexpr int bit_width(UInt128 x) noexcept {
  return high64(x) != 0 ? 128 - std::countl_zero(high64(x)) : 64 - std::countl_zero(low64(x));
}

constexpr UInt128 magnitude(Int128 x) noexcept {
  return x < 0 ? ~static_cast<UInt128>(x) + 1 : static_cast<UInt128>(x);
}

// The double nearest to mantissa * 2^exponent, ties to even; `sticky`: something below the mantissa
// was cut off.
double to_double(UInt128 mantissa, int exponent, bool sticky, bool negative) noexcept;

inline double to_double(UInt128 x) noexcept {
  if (x < UInt128{1} << 53) return static_cast<double>(low64(x));  // exact
  return to_double(x, 0, false, false);
}
inline double to_double(Int128 x) noexcept {
  const double size = to_double(magnitude(x));
  return x < 0 ? -size : size;
}

// The integer nearest to mantissa * 2^exponent, ties to even; the result must be below 2^127.
UInt128 round_to_integer(std::uint64_t mantissa, int exponent) noexcept;

// The double nearest to numerator / denominator (denominator > 0).
double ratio(UInt128 numerator, UInt128 denominator) noexcept;

}  // namespace mlrepro::detail::core
