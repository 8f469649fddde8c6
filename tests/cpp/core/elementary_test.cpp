// SPDX-License-Identifier: Apache-2.0
#include "core/elementary.hpp"

#include <nlohmann/json.hpp>

#include <bit>
#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <string>

#include "catch_compat.hpp"

namespace core = mlrepro::detail::core;

namespace {

using Function = double (*)(double) noexcept;
const std::map<std::string, Function> kFunctions = {
    {"exp", core::exp},
    {"expm1", core::expm1},
    {"log", core::log},
    {"log1p", core::log1p},
    {"arctan", core::arctan},
    {"erfc", core::erfc},
    {"log_erfc", core::log_erfc},
    {"normal_quantile_of_log_tail", core::normal_quantile_of_log_tail},
    {"log1m_exp", core::log1m_exp}};

double from_bits(const nlohmann::json& hex) {
  return std::bit_cast<double>(std::stoull(hex.get<std::string>(), nullptr, 16));
}

}  // namespace

TEST_CASE("exp, log and erfc have the frozen bits on every compiler, near the true value") {
  std::ifstream file(MLREPRO_TESTS_DIR "/vectors/elementary.json");
  const auto vectors = nlohmann::json::parse(file);
  std::size_t n = 0;
  for (const auto& known : vectors.at("values")) {
    const std::string name = known.at("function");
    const double x = from_bits(known.at("x"));
    const double y = kFunctions.at(name)(x);
    INFO(name << " of " << x);
    REQUIRE(std::bit_cast<std::uint64_t>(y) ==
            std::bit_cast<std::uint64_t>(from_bits(known.at("y"))));
    const double truth = known.at("true");
    REQUIRE(std::abs(y - truth) <= 4e-15 * std::abs(truth));
    ++n;
  }
  REQUIRE(n >= 300);
}

TEST_CASE("the ends of the range give limits, not nonsense") {
  const double inf = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  REQUIRE(core::exp(-inf) == 0);
  REQUIRE(core::exp(1000) == inf);
  REQUIRE(core::exp(0) == 1);
  REQUIRE(core::exp(-745) > 0);
  REQUIRE(core::log(0) == -inf);
  REQUIRE(core::log(inf) == inf);
  REQUIRE(core::log(1) == 0);
  REQUIRE(std::isnan(core::log(-1)));
  REQUIRE(core::log1p(-1) == -inf);
  REQUIRE(core::erfc(-inf) == 2);
  REQUIRE(core::erfc(inf) == 0);
  REQUIRE(core::log_erfc(3000) < -9e6);
  REQUIRE(core::normal_quantile_of_log_tail(0) == -inf);
  for (const auto& [name, function] : kFunctions) {
    INFO(name);
    REQUIRE(std::isnan(function(nan)));
  }
  REQUIRE(core::log_add(-inf, -2) == -2);
  REQUIRE(core::log_add(-5000, -5000) == mlrepro_test::Approx(-5000 + std::log(2.0)));
}

TEST_CASE("the quantile of a tail undoes the tail, as far out as probabilities of 1e-4000") {
  for (const double z : {-5.0, -1.0, 0.25, 1.959963984540054, 8.0, 40.0, 130.0}) {
    REQUIRE(core::normal_quantile_of_log_tail(core::log_normal_tail(z)) ==
            mlrepro_test::Approx(z).epsilon(1e-9));
  }
}
