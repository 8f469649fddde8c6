// SPDX-License-Identifier: Apache-2.0
// Two table steps bring the mantissa to 1 + e with 0 <= e < 2^-14.9, then four terms of the series
// of ln(1 + e). Errors: tables 2 * 2^-65, truncations < 2^-63 together, series < 2^-76, last
// rounding 2^-57: below 2^-56.75 in all.
#include "core/integer_log2.hpp"

#include "core/integer_log2_table.hpp"

namespace mlrepro::detail::core {
namespace {

constexpr std::uint64_t kInverseLn2Q63 = 13306513097844322492U;  // 2^63 / ln 2

constexpr std::uint64_t multiply_high(std::uint64_t a, std::uint64_t b) noexcept {
  return high64(static_cast<UInt128>(a) * b);
}

}  // namespace

std::uint64_t log2_q56(std::uint64_t n) noexcept {
  const int zeros = std::countl_zero(n);
  const std::uint64_t mantissa = n << zeros;  // [1, 2) in Q63
  const ReciprocalLog& first = kFirstReciprocals[(mantissa >> 55) & 0xff];
  const UInt128 once =
      static_cast<UInt128>(mantissa) * first.reciprocal;  // [1, 1 + 2^-8 + 2^-15) in Q79
  const std::uint64_t j = low64(once >> 64) & 0x7fff;     // fraction in Q15
  const ReciprocalLog& second = kSecondReciprocals[j];
  const UInt128 twice = once * second.reciprocal;                                   // 1 + e in Q110
  const std::uint64_t e = low64((twice - (static_cast<UInt128>(1) << 110)) >> 32);  // Q78
  const std::uint64_t e2 = multiply_high(e, e);                                     // Q92
  const std::uint64_t e3 = multiply_high(e2, e);                                    // Q106
  const std::uint64_t e4 = multiply_high(e3, e);                                    // Q120
  const std::uint64_t ln = e - (e2 >> 15) + (e3 >> 28) / 3 - (e4 >> 44);            // Q78
  const std::uint64_t series = multiply_high(ln, kInverseLn2Q63);  // log2(1 + e) in Q77
  const UInt128 fraction =
      static_cast<UInt128>(first.log2_q64) + second.log2_q64 + (series >> 13);  // Q64
  const std::uint64_t rounded = low64((fraction + 128) >> 8);
  return (static_cast<std::uint64_t>(63 - zeros) << 56) + rounded;
}

double row_bits(Int128 q56) noexcept {
  return to_double(magnitude(q56), -56, false, q56 < 0);
}

double g_statistic(Int128 gain_q56) noexcept {
  constexpr double two_ln2 = 1.3862943611198906;
  return two_ln2 * row_bits(gain_q56);
}

}  // namespace mlrepro::detail::core
