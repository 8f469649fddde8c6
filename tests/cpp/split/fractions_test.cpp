// SPDX-License-Identifier: Apache-2.0
#include "split/fractions.hpp"

#include <mlrepro/core/errors.hpp>

#include <limits>

#include "catch_compat.hpp"

namespace ms = mlrepro::detail::split;
using mlrepro::ArgumentError;
using ms::Fraction;

namespace {
std::vector<ms::UInt128> units(std::initializer_list<double> fractions) {
  std::vector<Fraction> parts;
  for (const double f : fractions) parts.push_back({"p" + std::to_string(parts.size()), f});
  return ms::check_fractions(parts);
}
}  // namespace

TEST_CASE("thresholds of 0.8, 0.1, 0.1 are the frozen ones", "[fractions]") {
  CHECK(ms::thresholds(units({0.8, 0.1, 0.1})) ==
        std::vector<std::uint64_t>{0xCCCCCCCCCCCCD000U, 0xE666666666666800U});
}

TEST_CASE("fractions that add up only in decimals are taken in any order", "[fractions]") {
  CHECK_NOTHROW(units({0.7, 0.2, 0.1}));
  CHECK_NOTHROW(units({0.1, 0.2, 0.7}));
  CHECK_NOTHROW(units({0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}));
  CHECK_NOTHROW(units({1.0}));
  CHECK(ms::thresholds(units({1.0})).empty());
}

TEST_CASE("a sum that is not 1 is refused, with the value that the last part would need",
          "[fractions]") {
  CHECK_THROWS_AS(units({0.8, 0.1}), ArgumentError);
  CHECK_THROWS_AS(units({0.8, 0.3}), ArgumentError);
  CHECK_THROWS_AS(units({1.0 / 3, 1.0 / 3, 1.0 / 3}), ArgumentError);
  try {
    units({1.0 / 3, 1.0 / 3, 1.0 / 3});
  } catch (const ArgumentError& error) {
    CHECK(std::string_view(error.next_step()).find("0.3333333333333334") != std::string_view::npos);
  }
}

TEST_CASE("fractions of 0, below 0, above 1, NaN and inf are refused", "[fractions]") {
  for (const double bad :
       {0.0, -0.0, -0.2, 1.0000000000000002, 5e-324, std::numeric_limits<double>::quiet_NaN(),
        std::numeric_limits<double>::infinity()}) {
    CHECK_THROWS_AS(units({bad, 0.5}), ArgumentError);
  }
}

TEST_CASE("part names that are empty, repeated, reserved or nested are refused", "[fractions]") {
  for (const char* name :
       {"", "test", "missing", "new", "quarantine", "purged", "embargoed", "a/b"}) {
    const std::vector<Fraction> parts{{"test", 0.5}, {name, 0.5}};
    CHECK_THROWS_AS(ms::check_fractions(parts), ArgumentError);
  }
  CHECK_THROWS_AS(ms::check_fractions({}), ArgumentError);
}

TEST_CASE("exact sizes add up, spare rows go to the largest remainder, ties to the earlier part",
          "[fractions]") {
  using Sizes = std::vector<std::int64_t>;
  CHECK(ms::exact_sizes(units({0.8, 0.1, 0.1}), 10) == Sizes{8, 1, 1});
  CHECK(ms::exact_sizes(units({0.8, 0.1, 0.1}), 336'776) == Sizes{269'421, 33'678, 33'677});
  CHECK(ms::exact_sizes(units({0.5, 0.5}), 3) == Sizes{2, 1});
  CHECK(ms::exact_sizes(units({0.5, 0.5}), 0) == Sizes{0, 0});
  CHECK(ms::floor_share(units({0.3, 0.7})[0], 10) == 3);
}
