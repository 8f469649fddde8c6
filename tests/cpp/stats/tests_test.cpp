// SPDX-License-Identifier: Apache-2.0
#include "stats/tests.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <fstream>
#include <vector>

#include "catch_compat.hpp"
#include "core/elementary.hpp"
#include "stats/discrete.hpp"

using namespace mlrepro::detail::stats;
using mlrepro_test::Approx;

namespace {
nlohmann::json vectors() {
  std::ifstream file(MLREPRO_TESTS_DIR "/vectors/association_tests.json");
  return nlohmann::json::parse(file);
}
void require_log_p(double got, double truth) {
  REQUIRE(std::abs(got - truth) <= 1e-11 * std::abs(truth) + 1e-15);
}
}  // namespace

TEST_CASE(
    "the tail of chi-square is right from 1 to 300 degrees of freedom and far beyond 1e-308") {
  for (const auto all = vectors(); const auto& known : all.at("chi_square_tail")) {
    INFO(known.dump());
    require_log_p(log_chi_square_tail(known.at("x"), known.at("df")), known.at("log_p"));
  }
  REQUIRE(std::exp(log_chi_square_tail(7.2, 1)) == Approx(0.007290358).epsilon(1e-6));
  REQUIRE(std::exp(log_chi_square_tail(23.6848, 14)) == Approx(0.05).epsilon(1e-4));
  REQUIRE(std::exp(log_chi_square_tail(24.9958, 15)) == Approx(0.05).epsilon(1e-4));
  REQUIRE(log_chi_square_tail(0, 3) == 0);
}

TEST_CASE("tables of many groups and classes have the X^2, df and tail that scipy gives them") {
  require_log_p(log_chi_square_tail(1000, 800), -13.316421986055524);
  require_log_p(log_chi_square_tail(9000, 7874), -39.9138387998828);
  const std::vector<std::int64_t> table{12, 5, 7, 3, 9, 11, 8, 8, 2};
  REQUIRE(chi_square_statistic(table, 3) == Approx(11.553996367264325).epsilon(1e-14));
  const std::vector<std::int64_t> turned{12, 3, 8, 5, 9, 8, 7, 11, 2};
  REQUIRE(chi_square_statistic(table, 3) == chi_square_statistic(turned, 3));
  const std::vector<std::int64_t> with_empty{12, 0, 5, 7, 3, 0, 9, 11, 0, 0, 0, 0, 8, 0, 8, 2};
  REQUIRE(chi_square_statistic(with_empty, 4) == chi_square_statistic(table, 3));
  const std::int64_t big = 1'000'000'000;
  const std::vector<std::int64_t> large{big, 0, 0, 0, 0, big};
  REQUIRE(chi_square_statistic(large, 3) == Approx(2e9).epsilon(1e-14));
}

TEST_CASE("two sets of rows are compared by X^2, or class by class where one is small") {
  using Counts = std::vector<std::int64_t>;
  require_log_p(log_p_two_groups(Counts{30, 20, 50, 40}, Counts{100, 90, 60, 77}),
                -10.492024699425317);
  // Fisher's p of the three classes are 0.0368, 0.4910 and 0.0001089.
  REQUIRE(std::exp(log_p_two_groups(Counts{1, 2, 6}, Counts{150, 120, 30})) ==
          Approx(3 * 0.00010888228444920996).epsilon(1e-11));
  REQUIRE(log_p_two_groups(Counts{3, 0, 9}, Counts{40, 0, 11}) ==
          association({9, 3, 11, 40}).log_p);
  REQUIRE(log_p_two_groups(Counts{3, 0, 0}, Counts{40, 0, 0}) == 0);
  REQUIRE(log_p_two_groups(Counts{0, 0, 0}, Counts{40, 1, 5}) == 0);
}

TEST_CASE("Fisher's test counts the tables of both sides that are no likelier") {
  for (const auto all = vectors(); const auto& known : all.at("fisher")) {
    INFO(known.dump());
    const auto t = known.at("table").get<std::vector<std::int64_t>>();
    require_log_p(log_p_fisher({t[0], t[1], t[2], t[3]}), known.at("log_p"));
  }
  REQUIRE(log_p_fisher({0, 0, 5, 7}) == 0);
  REQUIRE(log_p_fisher({3, 3, 3, 3}) == 0);
}

TEST_CASE("Fisher's test does not feel which row or column comes first") {
  const Table2x2 t{7, 1, 20, 33};
  const double p = log_p_fisher(t);
  for (const Table2x2& same :
       {Table2x2{t.b, t.a, t.d, t.c}, Table2x2{t.c, t.d, t.a, t.b}, Table2x2{t.a, t.c, t.b, t.d}}) {
    REQUIRE(log_p_fisher(same) == Approx(p).epsilon(1e-12));
  }
}

TEST_CASE("chi-square of counts near 2^31 does not overflow, and groups may come in any order") {
  REQUIRE(chi_square_2x2({8, 2, 2, 8}) == Approx(7.2).epsilon(1e-14));
  REQUIRE(chi_square_2x2({0, 0, 2, 8}) == 0);
  const std::int64_t big = 500'000'000;
  REQUIRE(chi_square_2x2({big, 0, 0, big}) == Approx(1e9).epsilon(1e-12));
  const std::vector<std::int64_t> n{10, 10};
  const std::vector<std::int64_t> p{8, 2};
  REQUIRE(chi_square_statistic(n, p) == Approx(7.2).epsilon(1e-14));
  const std::vector<std::int64_t> wide{1'000'000'000, 900'000'000, 3, 17};
  const std::vector<std::int64_t> hits{500'000'000, 450'000'001, 3, 0};
  const std::vector<std::int64_t> wide_back(wide.rbegin(), wide.rend());
  const std::vector<std::int64_t> hits_back(hits.rbegin(), hits.rend());
  REQUIRE(chi_square_statistic(wide, hits) == chi_square_statistic(wide_back, hits_back));
  REQUIRE(chi_square_statistic(n, std::vector<std::int64_t>{0, 0}) == 0);
  REQUIRE(chi_square_statistic(n, n) == 0);
}

TEST_CASE("the test of a table falls back to Fisher exactly where an expected count is below 5") {
  REQUIRE(association({5, 5, 5, 5}).test == AssociationTest::chi_square);
  REQUIRE(association({4, 5, 5, 5}).test == AssociationTest::fisher);
  REQUIRE(association({60, 0, 100, 999'840}).test == AssociationTest::fisher);
}

TEST_CASE("Holm never adjusts a p below that of a smaller one, and never above 1") {
  const auto log_of = [](std::vector<double> p) {
    for (double& x : p) x = std::log(x);
    return p;
  };
  const std::vector<double> p = log_of({0.20, 0.01, 0.04, 0.02});
  std::vector<double> adjusted(4);
  holm_adjust(p, adjusted);
  const std::vector<double> expected{0.20, 0.04, 0.08, 0.06};
  for (std::size_t i = 0; i < 4; ++i)
    REQUIRE(std::exp(adjusted[i]) == Approx(expected[i]).epsilon(1e-12));
  holm_adjust(log_of({0.5, 0.9, 0.6}), std::span(adjusted).first(3));
  REQUIRE(adjusted[0] == 0);
  REQUIRE(adjusted[1] == 0);
  REQUIRE(std::exp(log_bonferroni(std::log(0.001), 30)) == Approx(0.03));
  REQUIRE(std::exp(log_p_least_of_two(std::log(0.1))) == Approx(0.19).epsilon(1e-12));
}

TEST_CASE("flips are judged by a two-sided sign test") {
  REQUIRE(std::exp(log_p_sign_test(12, 4)) == Approx(0.0768127).epsilon(1e-6));
  REQUIRE(log_p_sign_test(4, 12) == log_p_sign_test(12, 4));
  REQUIRE(log_p_sign_test(0, 0) == 0);
  REQUIRE(log_p_sign_test(5, 5) == 0);
  REQUIRE(log_p_sign_test(5, 6) == 0);
  REQUIRE(log_p_sign_test(10, 0) == Approx(std::log(2.0) - 10 * std::log(2.0)).epsilon(1e-12));
}

TEST_CASE("the best of many cuts pays for having been searched") {
  const auto p = [](double z, double epsilon) {
    return std::exp(log_p_max_cut(z * z, 1'000'000, epsilon));
  };
  REQUIRE(p(2.5758293035489, 0.1) == Approx(0.16146).epsilon(1e-4));
  REQUIRE(p(2.5758293035489, 0.05) == Approx(0.20873).epsilon(1e-4));
  REQUIRE(p(3.2905267314919, 0.1) == Approx(0.02549).epsilon(1e-3));
  REQUIRE(std::exp(log_p_max_cut(2.5758293035489 * 2.5758293035489, 3, 0.1)) ==
          Approx(0.02).epsilon(1e-6));
  REQUIRE(log_p_max_cut(0, 10, 0.1) == 0);
}

TEST_CASE("tails of the binomial from both sides add up to one") {
  for (const double p : {0.001, 0.3, 0.5, 0.97}) {
    for (const std::int64_t k : {1, 4, 50, 120, 199}) {
      const double both =
          std::exp(log_binomial_upper(k, 200, p)) + std::exp(log_binomial_lower(k - 1, 200, p));
      REQUIRE(both == Approx(1).epsilon(1e-12));
    }
  }
}
