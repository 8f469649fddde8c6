// SPDX-License-Identifier: Apache-2.0
#include "core/integer_log2.hpp"

#include <mlrepro/core/random.hpp>

#include "catch_compat.hpp"

using namespace mlrepro::detail::core;

namespace {

// log2(n) in Q62 by another way: a bit per squaring of the mantissa. Truncations add up to less
// than 2^-60.
UInt128 log2_by_squaring(std::uint64_t n) {
  const int zeros = std::countl_zero(n);
  UInt128 mantissa = static_cast<UInt128>(n) << zeros;  // Q63
  UInt128 log = static_cast<UInt128>(63 - zeros);
  for (int bit = 0; bit < 62; ++bit) {
    mantissa = (mantissa * mantissa) >> 63;
    const bool one = (mantissa >> 64) != 0;
    log = (log << 1) | (one ? 1U : 0U);
    if (one) mantissa >>= 1;
  }
  return log;
}

// The error in units of 2^-62.
std::int64_t error_q62(std::uint64_t n) {
  return static_cast<std::int64_t>((static_cast<Int128>(log2_q56(n)) << 6) -
                                   static_cast<Int128>(log2_by_squaring(n)));
}

}  // namespace

TEST_CASE("the log2 that decides between splits is within its stated error everywhere") {
  std::int64_t worst = 0;
  const auto look = [&](std::uint64_t n) { worst = std::max(worst, std::abs(error_q62(n))); };
  for (std::uint64_t n = 1; n <= 20000; ++n) look(n);
  const mlrepro::RandomStream stream(1, "log2");
  for (std::uint64_t i = 0; i < 20000; ++i) look((stream.bits(i) >> (i % 63)) | 1);
  for (int bit = 1; bit < 64; ++bit) {
    const std::uint64_t power = std::uint64_t{1} << bit;
    look(power - 1);
    look(power + 1);
    REQUIRE(log2_q56(power) == static_cast<std::uint64_t>(bit) << 56);
  }
  look(UINT64_MAX);
  REQUIRE(worst <= 38 + 4);  // 2^-56.75 is 38.05 units, the other way is off by less than 4
}

TEST_CASE("a logarithm never falls as the number rises") {
  for (std::uint64_t n = 1; n < 50000; ++n) REQUIRE(log2_q56(n) <= log2_q56(n + 1));
}

TEST_CASE("the gain of the guide's cut is the guide's") {
  const Int128 gain = entropy_q56(20, 10) - entropy_q56(10, 8) - entropy_q56(10, 2);
  REQUIRE(row_bits(gain) == mlrepro_test::Approx(5.561438102).epsilon(1e-9));
  REQUIRE(g_statistic(gain) == mlrepro_test::Approx(7.709790281).epsilon(1e-9));
  REQUIRE(entropy_q56(0, 0) == 0);
  REQUIRE(entropy_q56(7, 0) == 0);
  REQUIRE(entropy_q56(7, 7) == 0);
  REQUIRE(row_bits(-gain) == -row_bits(gain));
}
