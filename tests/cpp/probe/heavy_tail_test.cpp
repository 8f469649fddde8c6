// SPDX-License-Identifier: Apache-2.0
// Tables that fool a probe which trusts moments, or halves that hang on a handful of rows.
#include <mlrepro/probe/probe.hpp>

#include <algorithm>
#include <numeric>

#include "catch_compat.hpp"
#include "oracle.hpp"
#include "probe/ranks.hpp"

using namespace mlrepro_test;
namespace probe = mlrepro::detail::probe;

namespace {

std::vector<double> uniform(std::size_t n, std::uint64_t seed, std::uint64_t bound) {
  const RandomStream stream(seed, "heavy tail");
  std::vector<double> out;
  for (std::size_t i = 0; i < n; ++i) out.push_back(static_cast<double>(stream.bounded(i, bound)));
  return out;
}

std::vector<std::int32_t> row_numbers(std::size_t n) {
  std::vector<std::int32_t> out(n);
  std::iota(out.begin(), out.end(), 0);
  return out;
}

bool any_contains(const std::vector<std::string>& texts, std::string_view part) {
  return std::any_of(texts.begin(), texts.end(),
                     [&](const std::string& text) { return text.find(part) != std::string::npos; });
}

}  // namespace

TEST_CASE("ranks are centred, and equal values share one") {
  const std::vector<std::int64_t> scaled = {5, -1, 5, 900};
  const std::vector<probe::Row> rows = {0, 1, 2, 3};
  REQUIRE(probe::centred_ranks(scaled.data(), rows, 4) == std::vector<std::int64_t>{0, -3, 0, 3});
}

TEST_CASE("a twentyfold effect on a heavy-tailed target is found in 600 rows") {
  const std::vector<double> x = uniform(600, 1, 1000), noise = uniform(600, 2, 1 << 20);
  std::vector<double> y;
  for (std::size_t i = 0; i < x.size(); ++i) {
    double tail = 1;  // a power law: 2^k with probability 2^-k
    for (auto bits = static_cast<std::uint64_t>(noise[i]); bits % 2 == 1; bits /= 2) tail *= 4;
    y.push_back(tail * (x[i] > 700 ? 20 : 1));
  }
  const Dataset data = Dataset::from_columns({{"x", x}});
  const Tree tree = DecisionTreeProbe({.max_depth = 1}).fit(data, Target::values(y));
  REQUIRE(tree.n_leaves() == 2);
  REQUIRE(data_of(tree).nodes[0].split.threshold.get().value_class() == ValueClass::number);
  // Noise of the same shape is no finding.
  const std::vector<double> shuffled = uniform(600, 3, 1000);
  const Dataset unrelated = Dataset::from_columns({{"x", shuffled}});
  REQUIRE(DecisionTreeProbe({.max_depth = 1}).fit(unrelated, Target::values(y)).n_leaves() == 1);
}

TEST_CASE(
    "with few distinct rows the judged rates are those of the table, not of a few coin tosses") {
  const std::vector<double> a = uniform(6000, 4, 2), b = uniform(6000, 5, 2);
  const std::vector<double> dice = uniform(6000, 6, 100);
  std::vector<std::uint8_t> y(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) y[i] = dice[i] < (a[i] > 0 ? 60 : 30) ? 1 : 0;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const Dataset data = Dataset::from_columns({{"a", a}, {"b", b}, {"y", y}});
    const Tree tree =
        DecisionTreeProbe({.max_depth = 1, .seed = seed}).fit(data, Target::column("y"));
    REQUIRE(tree.n_leaves() == 2);
    REQUIRE(std::abs(tree.leaf(0).mean - 0.3) < 0.05);
    REQUIRE(std::abs(tree.leaf(1).mean - 0.6) < 0.05);
    REQUIRE(any_contains(data_of(tree).warnings, "rows are equal to another one"));
  }
}

TEST_CASE("copies of a row never vouch for each other in a table of many distinct rows") {
  std::vector<double> x = uniform(300, 7, 1 << 30);
  std::vector<std::uint8_t> y(x.size());
  const std::vector<double> coin = uniform(300, 8, 2);
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = coin[i] > 0 ? 1 : 0;
  std::vector<double> x2 = x;
  std::vector<std::uint8_t> y2 = y;
  x2.insert(x2.end(), x.begin(), x.end());
  y2.insert(y2.end(), y.begin(), y.end());
  std::vector<std::uint8_t> judged(x2.size());
  const Dataset data = Dataset::from_columns({{"x", x2}});
  const Tree tree = DecisionTreeProbe({.max_depth = 1}).fit(data, Target::values(y2), judged);
  for (std::size_t i = 0; i < x.size(); ++i) REQUIRE(judged[i] == judged[i + x.size()]);
  REQUIRE_FALSE(any_contains(data_of(tree).warnings, "rows are equal to another one"));
}

TEST_CASE("a numeric target in another unit is said to be the target, a strong feature is not") {
  const std::vector<double> grams = uniform(400, 9, 5000), noise = uniform(400, 10, 5000);
  std::vector<double> kilos, related;
  for (std::size_t i = 0; i < grams.size(); ++i) {
    kilos.push_back(grams[i] / 1000);
    related.push_back(grams[i] + noise[i]);
  }
  const Dataset data =
      Dataset::from_columns({{"kilos", kilos}, {"noise", noise}, {"related", related}});
  const Tree tree = DecisionTreeProbe({.max_depth = 1}).fit(data, Target::values(grams));
  const std::vector<std::string>& warnings = data_of(tree).warnings;
  REQUIRE(any_contains(warnings, "kilos orders the rows"));
  REQUIRE_FALSE(any_contains(warnings, "noise orders"));
  REQUIRE_FALSE(any_contains(warnings, "related orders"));
}

TEST_CASE("a column without a name is a candidate beside a target that is an array") {
  const std::vector<double> v = uniform(400, 11, 1000);
  std::vector<std::uint8_t> y;
  for (const double x : v) y.push_back(x > 500 ? 1 : 0);
  const Dataset data = Dataset::from_columns({{"", v}});
  REQUIRE(DecisionTreeProbe({.max_depth = 1}).fit(data, Target::values(y, "")).n_leaves() == 2);
}

TEST_CASE("rows too few to halve are said to be, with what to do") {
  const std::vector<std::uint8_t> two = {0, 1};
  const std::vector<double> pair = {1, 2};
  const Dataset data = Dataset::from_columns({{"x", pair}});
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    const Tree tree = DecisionTreeProbe({.seed = seed}).fit(data, Target::values(two));
    const bool empty = data_of(tree).judged.n == 0 || data_of(tree).growing.n == 0;
    REQUIRE(any_contains(data_of(tree).warnings, "too few to halve") == empty);
  }
}

TEST_CASE("a rare level that holds most of a skewed target is not merged away") {
  // 1% of the rows score 0.8, the others 0.01: the kurtosis asks for groups larger than the level.
  const std::vector<double> dice = uniform(8000, 12, 1000), seats = uniform(8000, 13, 200);
  std::vector<std::string_view> outcome;
  std::vector<double> score;
  for (std::size_t i = 0; i < dice.size(); ++i) {
    outcome.push_back(dice[i] < 10 ? "null key" : dice[i] < 150 ? "key not found" : "matched");
    score.push_back(dice[i] < 10 ? 0.8 : 0.01 + seats[i] / 20000);
  }
  const std::vector<std::int32_t> key = row_numbers(dice.size());
  const Dataset data =
      Dataset::from_columns({{"key", key}, {"outcome", outcome}, {"seats", seats}}, {.key = "key"});
  const Tree tree = DecisionTreeProbe({.max_depth = 1}).fit(data, Target::values(score));
  REQUIRE(tree.rule(0, "text") == "outcome = 'null key'");
}
