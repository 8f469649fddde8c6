// SPDX-License-Identifier: Apache-2.0
#include "core/exact_sum.hpp"

#include <mlrepro/core/errors.hpp>
#include <mlrepro/core/random.hpp>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "catch_compat.hpp"

using namespace mlrepro::detail::core;

namespace {

// Doubles of all magnitudes and signs, by their bits; finite.
std::vector<double> wild_values(std::size_t n, std::uint64_t seed) {
  const mlrepro::RandomStream stream(seed, "exact_sum_test");
  std::vector<double> values;
  for (std::uint64_t i = 0; values.size() < n; ++i) {
    const double x = std::bit_cast<double>(stream.bits(i));
    if (std::isfinite(x)) values.push_back(x);
  }
  return values;
}

std::uint64_t bits(double x) {
  return std::bit_cast<std::uint64_t>(x);
}

}  // namespace

TEST_CASE("a sum never loses a small term between two large ones") {
  ExactSum sum;
  for (const double x : {1e100, 1.0, -1e100, 0x1p-1074}) sum.add(x);
  REQUIRE(sum.round() == 1.0);
  sum.add(-1.0);
  REQUIRE(sum.round() == 0x1p-1074);
}

TEST_CASE("the order, the partition and the merge of a sum never change a bit") {
  std::vector<double> values = wild_values(3000, 1);
  ExactSum forward;
  for (const double x : values) forward.add(x);
  ExactSum merged;
  for (std::size_t part = 0; part < 7; ++part) {
    ExactSum piece;
    for (std::size_t i = values.size(); i-- > 0;) {
      if (i % 7 == part) piece.add(values[i]);
    }
    merged.merge(piece);
  }
  REQUIRE(bits(forward.round()) == bits(merged.round()));
  REQUIRE(forward.to_bytes() == merged.to_bytes());
}

TEST_CASE("the values that show a naive sum's dependence on order do not move an exact one") {
  ExactSum forward;
  ExactSum backward;
  double naive_forward = 0;
  double naive_backward = 0;
  for (int i = 1; i <= 3000; ++i) {
    forward.add(1.0 / i);
    naive_forward += 1.0 / i;
    backward.add(1.0 / (3001 - i));
    naive_backward += 1.0 / (3001 - i);
  }
  REQUIRE(naive_forward != naive_backward);
  REQUIRE(bits(forward.round()) == bits(backward.round()));
}

TEST_CASE("a count is that many additions") {
  const std::vector<double> values = wild_values(40, 2);
  ExactSum once;
  ExactSum counted;
  for (const double x : values) {
    for (int i = 0; i < 37; ++i) once.add(x);
    counted.add(x, 37);
    counted.add(x, 0);
  }
  REQUIRE(once == counted);
  ExactSum large;
  large.add(0x1p1000, INT64_MAX);
  large.add(0x1p1000);
  large.add(-0x1p1023, std::int64_t{1} << 40);
  REQUIRE(large.round() == 0);
}

TEST_CASE("rounding happens once, to nearest, ties to even") {
  ExactSum tie;
  tie.add(1.0);
  tie.add(0x1p-53);
  REQUIRE(tie.round() == 1.0);
  tie.add(0x1p-1074);
  REQUIRE(tie.round() == 1.0 + 0x1p-52);
  ExactSum odd;
  odd.add(1.0 + 0x1p-52);
  odd.add(0x1p-53);
  REQUIRE(odd.round() == 1.0 + 0x1p-51);
  ExactSum overflow;
  overflow.add(std::numeric_limits<double>::max(), 2);
  REQUIRE(overflow.round() == std::numeric_limits<double>::infinity());
  overflow.add(-std::numeric_limits<double>::max());
  REQUIRE(overflow.round() == std::numeric_limits<double>::max());
}

TEST_CASE("a mean is divided before it is rounded") {
  ExactSum sum;
  sum.add(0.1, 10);
  REQUIRE(sum.round_divided(10) == 0.1);
  ExactSum third;
  third.add(1.0);
  REQUIRE(third.round_divided(3) == 1.0 / 3.0);
  ExactSum tiny;
  tiny.add(0x1p-1074);
  REQUIRE(tiny.round_divided(2) == 0);
  REQUIRE(tiny.round_divided(1) == 0x1p-1074);
}

TEST_CASE("inf and NaN are said, not summed into nonsense") {
  ExactSum sum;
  REQUIRE(bits(sum.round()) == 0);
  sum.add(-0.0);
  REQUIRE(bits(sum.round()) == 0);
  sum.add(std::numeric_limits<double>::infinity());
  REQUIRE(sum.round() == std::numeric_limits<double>::infinity());
  sum.add(-std::numeric_limits<double>::infinity());
  REQUIRE(std::isnan(sum.round()));
  ExactSum other;
  other.add(std::numeric_limits<double>::quiet_NaN(), 3);
  sum.merge(other);
  REQUIRE(sum.n_nan() == 3);
}

TEST_CASE("squares are exact where their doubles would under- or overflow") {
  ExactProductSum squares;
  squares.add_square(0x1p-800);
  squares.add_square(0x1p600);
  squares.add_product(-0x1p600, 0x1p600);
  REQUIRE(squares.round() == 0);  // 2^-1600 is below every double
  ExactProductSum cross;
  cross.add_product(1.0 + 0x1p-52, 1.0 - 0x1p-52);
  cross.add_product(-1.0, 1.0);
  REQUIRE(cross.round() == -0x1p-104);
}

TEST_CASE("bytes of another sum, or damaged ones, are refused") {
  ExactSum sum;
  for (const double x : wild_values(50, 3)) sum.add(x);
  REQUIRE(ExactSum(ExactSum::from_bytes(sum.to_bytes())) == sum);
  REQUIRE_THROWS_AS(ExactSum::from_bytes(sum.to_bytes().substr(1)), mlrepro::FormatError);
  REQUIRE_THROWS_AS(ExactSum::from_bytes(ExactProductSum().to_bytes()), mlrepro::FormatError);
  std::string damaged = sum.to_bytes();
  damaged[26 + 7] = 1;
  REQUIRE_THROWS_AS(ExactSum::from_bytes(damaged), mlrepro::FormatError);
  std::string huge = sum.to_bytes();
  huge.back() = '\x80';
  REQUIRE_THROWS_AS(ExactSum::from_bytes(huge), mlrepro::FormatError);
}

TEST_CASE("conversion of 128-bit integers and ratios is rounded to nearest") {
  REQUIRE(to_double(static_cast<UInt128>((std::uint64_t{1} << 53) + 1)) == 0x1p53);
  REQUIRE(to_double(static_cast<UInt128>((std::uint64_t{1} << 53) + 3)) == 0x1p53 + 4);
  REQUIRE(to_double(static_cast<Int128>(-5)) == -5.0);
  REQUIRE(to_double(~static_cast<UInt128>(0)) == 0x1p128);
  const mlrepro::RandomStream stream(5, "ratio");
  for (std::uint64_t i = 0; i < 2000; ++i) {
    const std::uint64_t a = stream.bits(2 * i) >> 11;
    const std::uint64_t b = (stream.bits(2 * i + 1) >> (11 + i % 40)) + 1;
    REQUIRE(ratio(a, b) == static_cast<double>(a) /
                               static_cast<double>(b));  // both exact: IEEE division is the oracle
  }
  const UInt128 huge = static_cast<UInt128>(1) << 127;
  REQUIRE(ratio(huge - 1, huge) == 1.0);
  REQUIRE(ratio(huge / 3, huge) == 1.0 / 3.0);
  REQUIRE(ratio(0, huge) == 0);
}

TEST_CASE("a sum of positive numbers in twice the digits is the exact one") {
  const mlrepro::RandomStream stream(9, "exact_sum_test");
  std::uint64_t at = 0;
  for (int round = 0; round < 3000; ++round) {
    std::vector<double> values;
    const auto n = 1 + stream.bits(at++) % 300;
    const auto spread = stream.bits(at++) % 200;
    for (std::uint64_t i = 0; i < n; ++i) {
      const std::uint64_t exponent = 1023 - spread + stream.bits(at++) % (2 * spread + 1);
      // Few digits, so that many sums lie half way between two doubles, or a little beside.
      const std::uint64_t fraction = stream.bits(at) % 4 << (stream.bits(at + 1) % 51);
      at += 2;
      values.push_back(std::bit_cast<double>(exponent << 52 | fraction));
    }
    REQUIRE(bits(exact_sum_of_positive(values)) == bits(exact_sum(values)));
  }
  for (const std::vector<double>& half : {std::vector<double>{1, 0x1p-53},
                                          {1, 0x1p-53, 0x1p-200},
                                          {1, 0x1p-53, 0x1p-53, 0x1p-54},
                                          {0x1p-1074, 0x1p-1074},
                                          {0x1.fffffffffffffp1023, 0x1p969},
                                          {0, 0},
                                          {}}) {
    REQUIRE(bits(exact_sum_of_positive(half)) == bits(exact_sum(half)));
  }
}
