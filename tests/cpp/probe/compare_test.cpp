// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/probe/compare.hpp>

#include <limits>

#include <mlrepro/core/errors.hpp>
#include <nlohmann/json.hpp>

#include "catch_compat.hpp"

using namespace mlrepro;

namespace {

constexpr int kRows = 4000;

struct Models {  // the new model is wrong where x >= 3000, and right where x < 500 and was wrong
  std::vector<std::int64_t> x, y, before, after;
  Models() {
    for (std::int64_t i = 0; i < kRows; ++i) {
      x.push_back(i);
      y.push_back(i % 2);
      before.push_back(i < 500 || i % 10 == 7 ? 1 - i % 2 : i % 2);
      after.push_back(i >= 3000 || i % 10 == 7 ? 1 - i % 2 : i % 2);
    }
  }
  Dataset rows() const { return Dataset::from_columns({{"x", ColumnView(x)}}); }
  PredictionComparison compared(const CompareOptions& options = {}) const {
    const ColumnView labels(y);
    return compare_predictions(rows(), {ColumnView(before), ColumnView(after), &labels}, options);
  }
};

}  // namespace

TEST_CASE("flips are found where they were planted, worse and better apart", "[probe][compare]") {
  const Models m;
  const PredictionComparison c = m.compared();
  CHECK(c.overall().worse == 900);
  CHECK(c.overall().better == 450);
  CHECK(c.overall().both_wrong == 400);
  CHECK(c.overall().changed == 1350);
  REQUIRE(c.has(Change::worse));
  REQUIRE(c.has(Change::better));
  CHECK_FALSE(c.has(Change::changed));
  const Tree worse = c.tree(Change::worse), better = c.tree(Change::better);
  CHECK(worse.apply({Value(std::int64_t{3999})}) != worse.apply({Value(std::int64_t{2000})}));
  CHECK(better.apply({Value(std::int64_t{0})}) != better.apply({Value(std::int64_t{2000})}));
  const Effect hit = c.effect(Change::worse, worse.apply({Value(std::int64_t{3500})}));
  CHECK(hit.better == 0);
  CHECK(hit.worse + hit.both_wrong > hit.rows - 16);  // the edge of a bin
  CHECK(hit.net < -0.8);
}

TEST_CASE("leaves add up to the judged rows", "[probe][compare]") {
  const Models m;
  const PredictionComparison c = m.compared();
  for (const Change change : {Change::worse, Change::better}) {
    const Effect all = c.effect(change, -1);
    Effect sum;
    for (int leaf = 0; leaf < c.tree(change).n_leaves(); ++leaf) {
      const Effect e = c.effect(change, leaf);
      CHECK(e.rows == c.tree(change).leaf(leaf).rows_judged);
      sum.rows += e.rows;
      sum.worse += e.worse;
      sum.better += e.better;
      sum.both_wrong += e.both_wrong;
      sum.changed += e.changed;
    }
    CHECK(sum.rows == all.rows);
    CHECK(sum.worse == all.worse);
    CHECK(sum.better == all.better);
    CHECK(sum.both_wrong == all.both_wrong);
    CHECK(sum.changed == all.changed);
  }
}

TEST_CASE("net effect, its interval and the sign test are the guide's", "[probe][compare]") {
  std::vector<std::int64_t> x, y, before, after;
  for (std::int64_t i = 0; i < 200; ++i) {
    x.push_back(i);
    y.push_back(1);
    before.push_back(i < 12 ? 0 : 1);
    after.push_back(i >= 196 ? 0 : 1);
  }
  const ColumnView labels(y);
  const Dataset rows = Dataset::from_columns({{"x", ColumnView(x)}});
  const Effect e =
      compare_predictions(rows, {ColumnView(before), ColumnView(after), &labels}).overall();
  CHECK(e.net == Approx(0.04));
  CHECK(e.p_value == Approx(0.0768127).epsilon(1e-6));
  CHECK(e.low == Approx(-0.0011976).epsilon(1e-4));
  CHECK(e.high == Approx(0.0804055).epsilon(1e-6));
}

TEST_CASE("numbers get worse by a loss", "[probe][compare]") {
  const Models m;
  std::vector<double> y(kRows), before(kRows, 0.5), after(kRows, 0.5);
  for (std::size_t i = 0; i < kRows; ++i) {
    y[i] = static_cast<double>(i % 2);
    if (i < 1000) after[i] = 0.25 + y[i] / 2;
  }
  y[5] = std::numeric_limits<double>::quiet_NaN();
  const ColumnView labels(y);
  const Predictions given{ColumnView(before), ColumnView(after), &labels};
  const PredictionComparison c = compare_predictions(m.rows(), given, {.loss = "absolute_error"});
  CHECK(c.n_without_y() == 1);
  CHECK(c.overall().better == 999);
  CHECK(c.overall().worse == 0);
  CHECK(c.overall().net == Approx(0.25 * 999 / 3999));
  CHECK_FALSE(c.has(Change::worse));
  CHECK(c.tree(Change::better).n_leaves() > 1);
  CHECK_THROWS_AS(c.tree(Change::worse), ArgumentError);
  CHECK_THROWS_AS(compare_predictions(m.rows(), given), ArgumentError);
  CHECK_THROWS_AS(compare_predictions(m.rows(), given, {.loss = "nonsense"}), ArgumentError);
  const PredictionComparison moved =
      compare_predictions(m.rows(), {ColumnView(before), ColumnView(after)});
  CHECK(moved.overall().changed == 1000);
  CHECK(moved.has(Change::changed));
}

TEST_CASE("predictions that cannot be compared are refused", "[probe][compare]") {
  const Models m;
  const std::vector<std::string_view> text(kRows, "a");
  const std::vector<std::int64_t> few(3);
  std::vector<double> gap(kRows, 1);
  gap[7] = std::numeric_limits<double>::quiet_NaN();
  const auto comparing = [&](const ColumnView& before, const ColumnView& after) {
    return [&] { return compare_predictions(m.rows(), {before, after}); };
  };
  CHECK_THROWS_AS(comparing(ColumnView(text), ColumnView(m.after))(), InputTypeError);
  CHECK_THROWS_AS(comparing(ColumnView(few), ColumnView(m.after))(), ArgumentError);
  CHECK_THROWS_AS(comparing(ColumnView(gap), ColumnView(m.after))(), ArgumentError);
  CHECK_THROWS_AS(
      compare_predictions(m.rows(), {ColumnView(m.before), ColumnView(m.after)}, {.loss = "over"}),
      ArgumentError);
}

TEST_CASE("a comparison travels as JSON", "[probe][compare]") {
  const Models m;
  const PredictionComparison c = m.compared();
  const PredictionComparison back = PredictionComparison::from_json(c.to_json());
  CHECK(back.to_json() == c.to_json());
  CHECK(back.to_text() == c.to_text());
  CHECK(c.to_text().find("Where it got worse") != std::string::npos);
  const BinnedDataset binned(m.rows());
  const ColumnView labels(m.y);
  const Predictions given{ColumnView(m.before), ColumnView(m.after), &labels};
  CHECK(compare_predictions(binned, given).to_json() == c.to_json());
  const auto damaged = [&](const auto& change) {
    auto json = nlohmann::json::parse(c.to_json());
    change(json);
    return json.dump();
  };
  for (const std::string& text :
       {damaged([](auto& j) { j["changes"][0]["leaves"].erase(0); }),
        damaged([](auto& j) { j["changes"][0]["change"] = "odd"; }),
        damaged([](auto& j) { j["changes"][1] = j["changes"][0]; }),
        damaged([](auto& j) { j["overall"]["worse"] = -1; }),
        damaged([](auto& j) { j["overall"]["worse"] = 9'000'000; }),
        damaged([](auto& j) { j["changes"] = 5; }), damaged([](auto& j) { j.erase("loss"); }),
        damaged([](auto& j) { j["version"] = 2; })}) {
    CHECK_THROWS_AS(PredictionComparison::from_json(text), FormatError);
  }
}
