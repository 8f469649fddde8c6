// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/probe/slices.hpp>

#include <cmath>
#include <functional>
#include <limits>

#include <mlrepro/core/errors.hpp>
#include <mlrepro/core/random.hpp>
#include <nlohmann/json.hpp>

#include "catch_compat.hpp"
#include "probe/node_tests.hpp"
#include "probe/slice_scale.hpp"

using namespace mlrepro;

namespace {

struct Rows {  // three small columns, y more frequent where a = 2 and b > 1
  std::vector<std::int64_t> a, b, c, y;
  explicit Rows(std::size_t n, std::uint64_t seed = 5) {
    const RandomStream random(seed, "slices");
    for (std::size_t i = 0; i < n; ++i) {
      const std::uint64_t bits = random.bits(i);
      a.push_back(static_cast<std::int64_t>(bits % 4));
      b.push_back(static_cast<std::int64_t>(bits >> 8) & 3);
      c.push_back(static_cast<std::int64_t>(bits >> 16) & 7);
      const bool inside = a.back() == 2 && b.back() > 1;
      y.push_back((bits >> 32) % 100 < (inside ? 40U : 10U) ? 1 : 0);
    }
  }
  Dataset table() const {
    return Dataset::from_columns(
        {{"a", ColumnView(a)}, {"b", ColumnView(b)}, {"c", ColumnView(c)}});
  }
  Target target() const { return Target::values(ColumnView(y)); }
};

using Condition = std::function<bool(std::size_t)>;

// The best score of all conjunctions of two conditions, without bins or beam.
double brute_force(const Rows& rows, std::int64_t least) {
  std::vector<Condition> conditions;
  for (const auto* column : {&rows.a, &rows.b, &rows.c}) {
    for (std::int64_t cut = 0; cut < 8; ++cut) {
      conditions.push_back([column, cut](std::size_t i) { return (*column)[i] <= cut; });
      conditions.push_back([column, cut](std::size_t i) { return (*column)[i] > cut; });
    }
  }
  const std::size_t n = rows.y.size();
  double positives = 0;
  for (const std::int64_t y : rows.y) positives += static_cast<double>(y);
  const double mean = positives / static_cast<double>(n), sd = std::sqrt(mean * (1 - mean));
  double best = 0;
  for (const Condition& first : conditions) {
    for (const Condition& second : conditions) {
      std::int64_t m = 0, s = 0;
      for (std::size_t i = 0; i < n; ++i) {
        if (!first(i) || !second(i)) continue;
        ++m;
        s += rows.y[i];
      }
      if (m < least || m == static_cast<std::int64_t>(n)) continue;
      const auto size = static_cast<double>(m);
      best = std::max(best, (static_cast<double>(s) - size * mean) / (sd * std::sqrt(size)));
    }
  }
  return best;
}

}  // namespace

TEST_CASE("the best slice is that of brute force", "[probe][slices]") {
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U, 6U}) {
    const Rows rows(300, seed);
    SliceOptions options{.max_conditions = 2, .k = 1};
    options.probe.honest = false;
    options.probe.alpha = 1;
    options.probe.min_samples_leaf = 10;
    const Slices found = find_slices(rows.table(), rows.target(), options);
    REQUIRE(found.size() == 1);
    CHECK(found.slice(0).score == Approx(brute_force(rows, 10)).epsilon(1e-12));
  }
}

TEST_CASE("what is called proven is the best that brute force finds", "[probe][slices]") {
  SliceOptions options{.max_conditions = 2, .k = 3};
  options.probe.honest = false;
  options.probe.alpha = 1;
  options.probe.min_samples_leaf = 10;
  int n_exact = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Rows rows(300, seed);
    if (seed % 2 == 0) {  // all of the target is in one slice: nothing can score higher
      for (std::size_t i = 0; i < rows.y.size(); ++i)
        rows.y[i] = rows.a[i] == 2 && rows.b[i] > 1 ? 1 : 0;
      options.max_conditions = 3;
    }
    const Slices found = find_slices(rows.table(), rows.target(), options);
    options.max_conditions = 2;
    if (!found.is_exact()) continue;
    ++n_exact;
    REQUIRE(found.slice(0).score >= brute_force(rows, 10) * (1 - 1e-12));
  }
  CHECK(n_exact >= 20);
}

// The guide's case: 1,000 rows, 100 positives, a slice of 100 rows with 40 of them.
TEST_CASE("no part of a slice scores above its bound, and one of 40 rows reaches it",
          "[probe][slices]") {
  std::vector<std::int64_t> y(1000);
  std::vector<detail::probe::Row> rows;
  for (std::size_t i = 0; i < y.size(); ++i) {
    y[i] = i < 100 ? 1 : 0;
    rows.push_back(static_cast<detail::probe::Row>(i));
  }
  const detail::probe::SliceScale scale({true, y.data()}, rows);
  const double bound = scale.bound({100, 40}, 10);
  double best = 0;
  for (std::int64_t n = 10; n <= 100; ++n)
    for (std::int64_t s = 0; s <= std::min<std::int64_t>(n, 40); ++s)
      best = std::max(best, scale.score({n, s}));
  CHECK(bound == best);
  CHECK(bound == scale.score({40, 40}));
  CHECK(bound == Approx((40 - 4) / (0.3 * std::sqrt(40.0))).epsilon(1e-14));
  CHECK(scale.bound({100, 40}, 60) == scale.score({60, 40}));
}

TEST_CASE("a planted slice is found, replicates, and holds what its rule says", "[probe][slices]") {
  const Rows rows(8000);
  const Slices found = find_slices(rows.table(), rows.target());
  REQUIRE(found.size() >= 1);
  const Slice best = found.slice(0);
  CHECK(best.replicated);
  CHECK(best.low <= 0.4);
  CHECK(best.high >= 0.4);
  std::vector<std::uint8_t> inside(8000);
  found.apply(0, rows.table(), inside);
  std::int64_t n = 0;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    CHECK((inside[i] != 0) == (rows.a[i] == 2 && rows.b[i] > 1));
    n += inside[i];
  }
  CHECK(n == best.rows_growing + best.rows_judged);
  CHECK(found.rule(0, "sql").find("\"a\"") != std::string::npos);
}

TEST_CASE("noise has no slice that replicates", "[probe][slices]") {
  int n_replicated = 0, n_found = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Rows rows(2000, seed);
    const RandomStream random(seed, "noise");
    for (std::size_t i = 0; i < rows.y.size(); ++i) rows.y[i] = random.bits(i) % 10 == 0 ? 1 : 0;
    const Slices found = find_slices(rows.table(), rows.target());
    n_found += found.size() > 0 ? 1 : 0;
    bool any = false;
    for (int i = 0; i < found.size(); ++i) any = any || found.slice(i).replicated;
    n_replicated += any ? 1 : 0;
  }
  CHECK(n_replicated <= 4);
  CHECK(n_found <= 20);
}

TEST_CASE("slices are evaluated on new rows, all of them judged", "[probe][slices]") {
  const Rows rows(8000), later(5000, 77);
  const Slices found = find_slices(rows.table(), rows.target());
  const Slices again = found.evaluate(later.table(), later.target());
  REQUIRE(again.size() == found.size());
  std::int64_t n = 0, s = 0;
  for (std::size_t i = 0; i < later.y.size(); ++i) {
    if (later.a[i] != 2 || later.b[i] <= 1) continue;
    ++n;
    s += later.y[i];
  }
  CHECK(again.slice(0).rows_judged == n);
  CHECK(again.slice(0).mean == Approx(static_cast<double>(s) / static_cast<double>(n)));
  CHECK(again.rule(0, "text") == found.rule(0, "text"));
}

TEST_CASE("numbers are a target of slices too, and missing values a condition", "[probe][slices]") {
  const Rows rows(6000);
  std::vector<double> x(6000), loss(6000);
  const RandomStream random(3, "loss");
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = i % 5 == 0 ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(i % 100);
    loss[i] = static_cast<double>(random.bits(i) % 1000) / 1000 + (i % 5 == 0 ? 0.5 : 0);
  }
  const Dataset table = Dataset::from_columns({{"x", ColumnView(x)}, {"a", ColumnView(rows.a)}});
  const Slices found = find_slices(table, Target::values(ColumnView(loss)));
  REQUIRE(found.size() >= 1);
  CHECK(found.rule(0, "text") == "x is missing");
  CHECK(found.slice(0).mean == Approx(1).margin(0.05));
}

TEST_CASE("slices travel as JSON; damage and nonsense are refused", "[probe][slices]") {
  const Rows rows(8000);
  const Slices found = find_slices(rows.table(), rows.target());
  const Slices back = Slices::from_json(found.to_json());
  CHECK(back.to_json() == found.to_json());
  CHECK(back.to_text() == found.to_text());
  const BinnedDataset binned(rows.table());
  CHECK(find_slices(binned, rows.target()).to_json() == found.to_json());
  SliceOptions threads{};
  threads.probe.threads = 3;
  CHECK(find_slices(rows.table(), rows.target(), threads).to_json() == found.to_json());
  const auto damaged = [&](const auto& change) {
    auto json = nlohmann::json::parse(found.to_json());
    change(json);
    return json.dump();
  };
  for (const std::string& text :
       {damaged([](auto& j) { j["slices"][0]["leaf"] = 99; }),
        damaged([](auto& j) { j["slices"][0]["rule"] = "x"; }),
        damaged([](auto& j) { j["slices"] = 3; }), damaged([](auto& j) { j["exact"] = true; }),
        damaged([](auto& j) { j["judged"]["n"] = -1; }), damaged([](auto& j) { j.erase("k"); })}) {
    CHECK_THROWS_AS(Slices::from_json(text), FormatError);
  }
  CHECK_THROWS_AS(found.slice(found.size()), ArgumentError);
  CHECK_THROWS_AS(find_slices(rows.table(), rows.target(), {.max_conditions = 0}), ArgumentError);
  CHECK_THROWS_AS(find_slices(rows.table(), rows.target(), {.k = 0}), ArgumentError);
  CHECK_THROWS_AS(find_slices(rows.table(), Target::column("zz")), ColumnNotFoundError);
}
