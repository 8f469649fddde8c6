// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/core/errors.hpp>
#include <mlrepro/stats/row_loss.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include "catch_compat.hpp"

using namespace mlrepro;

namespace {

std::vector<double> losses(const std::vector<double>& y, const std::vector<double>& p, RowLoss kind,
                           int threads = 1) {
  std::vector<double> out(y.size());
  row_loss(y, p, kind, out, threads);
  return out;
}

}  // namespace

TEST_CASE("each kind of loss is its formula") {
  const std::vector<double> y{1, 0, 2};
  const std::vector<double> p{0, 0, 3};
  REQUIRE(losses(y, p, RowLoss::zero_one) == std::vector<double>{1, 0, 1});
  REQUIRE(losses(y, p, RowLoss::absolute_error) == std::vector<double>{1, 0, 1});
  REQUIRE(losses({3}, {0.5}, RowLoss::squared_error) == std::vector<double>{6.25});
  REQUIRE(losses(y, p, RowLoss::over) == std::vector<double>{0, 0, 1});
  REQUIRE(losses(y, p, RowLoss::under) == std::vector<double>{1, 0, 0});
  const std::vector<double> log = losses({1, 0, 1, 0}, {0.25, 0.25, 0, 1}, RowLoss::log_loss);
  REQUIRE(log[0] == mlrepro_test::Approx(std::log(4.0)).epsilon(1e-15));
  REQUIRE(log[1] == mlrepro_test::Approx(-std::log(0.75)).epsilon(1e-15));
  REQUIRE(log[2] == mlrepro_test::Approx(52 * std::log(2.0)).epsilon(1e-15));
  REQUIRE(log[3] == log[2]);
}

TEST_CASE("over- and under-prediction do not cancel, and add up to the absolute error") {
  const std::vector<double> y{1, -1, 4, 0.5};
  const std::vector<double> p{2, -2, 4, -7};
  const std::vector<double> over = losses(y, p, RowLoss::over);
  const std::vector<double> under = losses(y, p, RowLoss::under);
  const std::vector<double> both = losses(y, p, RowLoss::absolute_error);
  for (std::size_t i = 0; i < y.size(); ++i) REQUIRE(over[i] + under[i] == both[i]);
}

TEST_CASE("a row without a label has no loss, not a loss of 0") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const RowLoss kind : {RowLoss::zero_one, RowLoss::absolute_error, RowLoss::squared_error,
                             RowLoss::log_loss, RowLoss::over, RowLoss::under}) {
    const std::vector<double> out = losses({nan, 1}, {nan, 1}, kind);
    REQUIRE(std::isnan(out[0]));
    REQUIRE(out[1] == 0);
    REQUIRE(row_loss_from_string(to_string(kind)) == kind);
  }
}

TEST_CASE("probabilities in place of labels, and other mistakes, are refused") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  REQUIRE_THROWS_AS(losses({0, 1}, {0.2, 0.9}, RowLoss::zero_one), ArgumentError);
  REQUIRE_THROWS_AS(losses({0, 1}, {0.2, nan}, RowLoss::squared_error), ArgumentError);
  REQUIRE_THROWS_AS(losses({0, 1}, {0.2}, RowLoss::squared_error), ArgumentError);
  REQUIRE_THROWS_AS(losses({0, 2}, {0.2, 0.3}, RowLoss::log_loss), ArgumentError);
  REQUIRE_THROWS_AS(losses({0, 1}, {0.2, 1.3}, RowLoss::log_loss), ArgumentError);
  REQUIRE_THROWS_AS(row_loss_from_string("squared"), ArgumentError);
  REQUIRE(losses({}, {}, RowLoss::over).empty());
}

TEST_CASE("a loss that overflows is refused, and so are labels whose squares vanish") {
  REQUIRE_THROWS_AS(losses({0, -1.5e308}, {0, 1.5e308}, RowLoss::over), ArgumentError);
  REQUIRE_THROWS_AS(losses({0, 1}, {0, 1e155}, RowLoss::squared_error), ArgumentError);
  REQUIRE_THROWS_AS(losses({0, 1e-155}, {0, 0}, RowLoss::squared_error), ArgumentError);
  REQUIRE(losses({0, 1e-155}, {0, 0.5}, RowLoss::squared_error)[1] == 0.25);
  REQUIRE(losses({-1.5e308}, {1.5e308}, RowLoss::under)[0] == 0);
  REQUIRE(losses({0, 0}, {1, 1e-155}, RowLoss::squared_error)[0] == 1);
  REQUIRE(losses({0, 1}, {1e-170, 1}, RowLoss::squared_error)[0] == 0);  // beside labels of 1
  REQUIRE(losses({0, 1}, {0, 1}, RowLoss::squared_error)[0] == 0);
}

TEST_CASE("threads change no bit of a loss") {
  std::vector<double> y;
  std::vector<double> p;
  for (int i = 0; i < 100'000; ++i) {
    y.push_back(i % 3 == 0 ? 1 : 0);
    p.push_back((i % 997) / 997.0);
  }
  REQUIRE(losses(y, p, RowLoss::log_loss, 1) == losses(y, p, RowLoss::log_loss, 4));
}
