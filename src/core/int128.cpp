// SPDX-License-Identifier: Apache-2.0
#include "core/int128.hpp"

namespace mlrepro::detail::core {
namespace {
constexpr std::uint64_t kInfinity = 0x7ff0000000000000U;
constexpr int kLowestExponent = -1074;  // of the last bit of the smallest subnormal
}  // namespace

double to_double(UInt128 mantissa, int exponent, bool sticky, bool negative) noexcept {
  const std::uint64_t sign = negative ? kSign64 : 0;
  const int width = bit_width(mantissa);
  if (width == 0) return 0.0;
  // Drop bits until 53 are left, or fewer where the result is subnormal.
  int drop = width - 53;
  if (exponent + drop < kLowestExponent) drop = kLowestExponent - exponent;
  std::uint64_t kept = 0;
  if (drop <= 0) {
    kept = low64(mantissa) << -drop;
  } else if (drop <= 128) {
    const UInt128 half = static_cast<UInt128>(1) << (drop - 1);
    const UInt128 below = drop == 128 ? mantissa : mantissa & ((half << 1) - 1);
    kept = drop == 128 ? 0 : low64(mantissa >> drop);
    const bool more = below > half || (below == half && (sticky || (kept & 1) != 0));
    kept += more ? 1 : 0;
  }
  int last = exponent + drop;  // exponent of the last kept bit
  if ((kept >> 53) != 0) {
    kept >>= 1;
    ++last;
  }
  if (kept == 0) return std::bit_cast<double>(sign);
  if ((kept >> 52) == 0)
    return std::bit_cast<double>(sign | kept);  // subnormal: last == kLowestExponent
  const int biased = last + 1075;
  if (biased >= 2047) return std::bit_cast<double>(sign | kInfinity);
  return std::bit_cast<double>(sign | (static_cast<std::uint64_t>(biased) << 52) |
                               (kept & 0xfffffffffffffU));
}

UInt128 round_to_integer(std::uint64_t mantissa, int exponent) noexcept {
  if (exponent >= 0) return static_cast<UInt128>(mantissa) << exponent;
  const int drop = -exponent;
  if (drop > 64) return 0;
  const UInt128 whole = static_cast<UInt128>(mantissa) >> drop;
  const UInt128 half = static_cast<UInt128>(1) << (drop - 1);
  const UInt128 below = mantissa - (whole << drop);
  return whole + (below > half || (below == half && (whole & 1) != 0) ? 1 : 0);
}

double ratio(UInt128 numerator, UInt128 denominator) noexcept {
  UInt128 quotient = numerator / denominator;
  UInt128 rest = numerator % denominator;
  int exponent = 0;
  // One quotient bit at a time until 64 are known: enough for 53 and the rounding.
  while (rest != 0 && bit_width(quotient) < 64 && exponent > -1100) {
    const bool carry = (rest >> 127) != 0;
    rest <<= 1;
    quotient <<= 1;
    if (carry || rest >= denominator) {
      rest -= denominator;
      quotient |= 1;
    }
    --exponent;
  }
  return to_double(quotient, exponent, rest != 0, false);
}

}  // namespace mlrepro::detail::core
