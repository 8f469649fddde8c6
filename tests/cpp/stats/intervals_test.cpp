// SPDX-License-Identifier: Apache-2.0
#include "stats/intervals.hpp"

#include <cmath>
#include <utility>

#include "catch_compat.hpp"
#include "stats/discrete.hpp"

using namespace mlrepro::detail::stats;

namespace {
mlrepro_test::Approx near(double x) {
  return mlrepro_test::Approx(x).margin(6e-8);
}
}  // namespace

TEST_CASE("Wilson and exact intervals have the published ends") {
  REQUIRE(wilson(0, 10).low == 0);
  REQUIRE(wilson(0, 10).high == near(0.2775328));
  REQUIRE(wilson(10, 100).low == near(0.0552291));
  REQUIRE(wilson(10, 100).high == near(0.1743657));
  REQUIRE(wilson(1, 20).low == near(0.0088814));
  REQUIRE(wilson(1, 20).high == near(0.2361312));
  REQUIRE(exact_binomial(0, 10).low == 0);
  REQUIRE(exact_binomial(0, 10).high == near(0.3084971));
  REQUIRE(exact_binomial(10, 100).low == near(0.0490047));
  REQUIRE(exact_binomial(10, 100).high == near(0.1762226));
  REQUIRE(exact_binomial(1, 20).low == near(0.0012651));
  REQUIRE(exact_binomial(1, 20).high == near(0.2487328));
  REQUIRE(wilson(2512, 2512).low == near(0.9984731));
  REQUIRE(wilson(2512, 2512).high == 1);
}

TEST_CASE("an interval of nothing is the whole range") {
  REQUIRE(wilson(0, 0).low == 0);
  REQUIRE(wilson(0, 0).high == 1);
  REQUIRE(exact_binomial(0, 0).high == 1);
  REQUIRE(std::isinf(mean_interval(1, 0, 1).low));
}

TEST_CASE("an exact interval solves its own equation, also for one error in ten million") {
  for (const auto& [x, n] :
       {std::pair<std::int64_t, std::int64_t>{1, 10'000'000}, {3, 8}, {500, 1000}, {7, 7}}) {
    const Interval i = exact_binomial(x, n);
    REQUIRE(std::exp(log_binomial_upper(x, n, i.low)) == mlrepro_test::Approx(0.025).epsilon(1e-9));
    if (x < n)
      REQUIRE(std::exp(log_binomial_lower(x, n, i.high)) ==
              mlrepro_test::Approx(0.025).epsilon(1e-9));
  }
}

TEST_CASE("few hits or few misses switch to the exact interval") {
  REQUIRE(rate_interval(4, 100).method == RateMethod::exact);
  REQUIRE(rate_interval(96, 100).method == RateMethod::exact);
  REQUIRE(rate_interval(5, 100).method == RateMethod::wilson);
  REQUIRE(rate_interval(5, 100).interval.low == wilson(5, 100).low);
}

TEST_CASE("a mean of few rows pays for its unknown deviation") {
  REQUIRE(two_sided_t(0.05, 1) == mlrepro_test::Approx(12.706204736174698).epsilon(1e-12));
  REQUIRE(two_sided_t(0.05, 2) == mlrepro_test::Approx(4.302652729749464).epsilon(1e-12));
  REQUIRE(two_sided_t(0.01, 9) == mlrepro_test::Approx(3.249835541592126).epsilon(1e-12));
  REQUIRE(two_sided_t(0.05, 2000) == mlrepro_test::Approx(1.9611508260994381).epsilon(1e-12));
  REQUIRE(two_sided_t(0.05, 2001) == mlrepro_test::Approx(1.9611502).epsilon(1e-6));
  REQUIRE(two_sided_t(0.001, 1'000'000) == mlrepro_test::Approx(3.2905364612).epsilon(1e-9));
  REQUIRE(two_sided_z(0.05) == mlrepro_test::Approx(kZ95).epsilon(1e-14));
  const Interval i = mean_interval(10, 2, 4);
  REQUIRE(i.high - 10 == mlrepro_test::Approx(3.182446305284263).epsilon(1e-12));
  REQUIRE(i.low + i.high == mlrepro_test::Approx(20));
}

TEST_CASE("flips have the guide's interval around the shrunken centre") {
  CHECK(paired_difference(3, 0, 3).interval.high == 1.0);
  CHECK(paired_difference(0, 3, 3).interval.low == -1.0);
  const PairedDifference flips = paired_difference(12, 4, 200);
  REQUIRE(flips.value == near(0.04));
  REQUIRE(flips.centre == near(0.0396040));
  REQUIRE(flips.interval.low == near(-0.0011976));
  REQUIRE(flips.interval.high == near(0.0804055));
}

TEST_CASE("nothing found says how small an effect could have been seen") {
  const double effect = smallest_visible_effect(0.1, 500'000, 0.01, 0.05 / 1000);
  REQUIRE(effect == near(0.0208819));
  REQUIRE(effect / std::sqrt(0.09 * (1 / 5000.0 + 1 / 495000.0)) ==
          mlrepro_test::Approx(4.897248).epsilon(1e-6));
}
