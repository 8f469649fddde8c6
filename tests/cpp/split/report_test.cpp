// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <nlohmann/json.hpp>

#include "catch_compat.hpp"
#include "split/tables.hpp"

using namespace split_test;
using mlrepro_test::Approx;
using nlohmann::json;

namespace {
const std::initializer_list<sp::Fraction> kHalves{{"train", 0.5}, {"test", 0.5}};
json report_of(const sp::Plan& plan) {
  return json::parse(plan.report_json());
}
json column_of(const json& report, const std::string& name) {
  for (const json& c : report["balance"]["columns"]) {
    if (c["column"] == name) return c;
  }
  return nullptr;
}
}  // namespace

TEST_CASE("the bound of a share is Bernstein's, for equal groups", "[report]") {
  const sp::Plan plan =
      sp::HashSplit({{"train", 0.9}, {"test", 0.1}}, {.by = "id"}).plan(numbered(1000));
  const json report = report_of(plan);
  CHECK(report["groups"]["effective"].get<double>() == Approx(1000));
  CHECK(report["groups"]["n"] == 1000);
  const double v = 0.1 * 0.9 * 1000;
  CHECK(report["parts"][1]["bound"].get<double>() ==
        Approx((std::sqrt(2 * v * 21.42) + 2.0 / 3 * 21.42) / 1000));
  CHECK(std::abs(report["parts"][1]["share"].get<double>() - 0.1) <
        report["parts"][1]["bound"].get<double>());
  CHECK(report["parts"][0]["groups"].get<int>() + report["parts"][1]["groups"].get<int>() == 1000);
}

TEST_CASE("a group larger than a part's expected rows is named", "[report]") {
  std::vector<std::int64_t> who(100, 7);
  for (int i = 60; i < 100; ++i) who[static_cast<std::size_t>(i)] = 100 + i;
  const Dataset table = Dataset::from_columns({{"who", who}});
  const json report = report_of(sp::HashSplit(kHalves, {.by = "who"}).plan(table));
  CHECK(report["groups"]["largest"] == "7");
  CHECK(report["groups"]["largest_rows"] == 60);
  CHECK(report["groups"]["larger_than_part"] == "train");
}

TEST_CASE("entities in two parts and copies of training rows are counted as by brute force",
          "[report]") {
  std::vector<std::int64_t> id, who, x, y;
  for (int i = 0; i < 300; ++i) {
    id.push_back(i);
    who.push_back(i % 90);
    x.push_back(i % 70);
    y.push_back(i % 3);
  }
  const Dataset table = Dataset::from_columns({{"id", id}, {"who", who}, {"x", x}, {"y", y}},
                                              {.key = "id", .entity = "who", .label = "y"});
  const sp::Plan plan = sp::HashSplit(kHalves).plan(table);
  std::vector<std::int32_t> part(300);
  plan.part_of_row(part);
  std::int64_t entities = 0, copies = 0, differs = 0;
  for (int e = 0; e < 90; ++e) {
    bool train = false, test = false;
    for (std::size_t i = 0; i < 300; ++i) (part[i] == 0 ? train : test) |= who[i] == e;
    entities += train && test ? 1 : 0;
  }
  for (std::size_t i = 0; i < 300; ++i) {
    bool same = false, same_label = false;
    for (std::size_t j = 0; j < 300; ++j) {
      if (part[i] != 1 || part[j] != 0 || x[i] != x[j] || who[i] != who[j]) continue;
      same = true;
      same_label |= y[i] == y[j];
    }
    copies += same ? 1 : 0;
    differs += same && !same_label ? 1 : 0;
  }
  const json leaks = report_of(plan)["leaks"];
  CHECK(leaks["entities"]["in_two_parts"] == entities);
  CHECK(leaks["duplicates"]["rows"] == copies);
  CHECK(leaks["duplicates"]["label_differs"] == differs);
  CHECK(entities > 0);
  const json counts = report_of(plan)["label"]["counts"];
  CHECK(counts[0][0].get<int>() + counts[1][0].get<int>() == 100);
}

TEST_CASE("twins of one fold are no leak, twins of two folds are", "[report]") {
  const std::vector<std::int64_t> who{0, 0, 1, 2, 3, 4}, x{5, 5, 6, 7, 8, 8};
  const Dataset table = Dataset::from_columns({{"who", who}, {"x", x}},
                                              {.key = {}, .entity = {}, .prediction = "who"});
  const sp::Plan plan = sp::GroupKFold(5, {.by = "who"}).plan(table);
  CHECK(report_of(plan)["leaks"]["duplicates"]["rows"] == 2);
}

TEST_CASE("training rows at or after the first test time are counted", "[report]") {
  const Dataset table =
      days({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19});
  const json cut = report_of(sp::TimeSplit({.test_from = day(15)}).plan(table))["leaks"]["time"];
  CHECK(cut["train_at_or_after_first_test"] == 0);
  CHECK(cut["train_rows"] == 15);
  const sp::Plan plan = sp::HashSplit(kHalves).plan(table);
  const auto train = rows_of(plan, "train"), test = rows_of(plan, "test");
  const auto after =
      std::count_if(train.begin(), train.end(), [&](RowIndex r) { return r >= test.front(); });
  CHECK(report_of(plan)["leaks"]["time"]["train_at_or_after_first_test"] == after);
}

TEST_CASE("ten copies of each row change no p-value of the balance", "[report]") {
  std::vector<std::int64_t> who, slice;
  std::vector<std::int64_t> who10, slice10;
  for (int i = 0; i < 60; ++i) {
    who.push_back(i);
    slice.push_back((i * 7 % 11) % 3);
    for (int k = 0; k < 10; ++k) {
      who10.push_back(i);
      slice10.push_back(slice.back());
    }
  }
  const sp::HashSplit split(kHalves, {.by = "who"});
  const json one = column_of(
      report_of(split.plan(Dataset::from_columns({{"who", who}, {"slice", slice}}))), "slice");
  const json ten = column_of(
      report_of(split.plan(Dataset::from_columns({{"slice", slice10}, {"who", who10}}))), "slice");
  CHECK(one["p"] == ten["p"]);
  CHECK(one["p"].get<double>() > 0);
  CHECK(ten["chi_square"].get<double>() == Approx(10 * one["chi_square"].get<double>()));
}

TEST_CASE("a slice that lies in one part only has a small p, one by chance has not", "[report]") {
  const sp::HashSplit split(kHalves, {.by = "who"});
  std::vector<std::int64_t> who, planted, harmless;
  for (int i = 0; i < 300; ++i) {
    who.push_back(i);
    planted.push_back(split.assign(i) == "train" ? 1 : 0);
    harmless.push_back(i % 2);
  }
  const Dataset table =
      Dataset::from_columns({{"who", who}, {"planted", planted}, {"harmless", harmless}});
  const sp::Plan plan = split.plan(table);
  const json report = report_of(plan);
  CHECK(column_of(report, "planted")["p"].get<double>() == Approx(0.001));
  CHECK(plan.report_json(1) == plan.report_json(8));
  std::vector<RowIndex> reversed(300);
  for (std::size_t i = 0; i < 300; ++i) reversed[i] = 299 - static_cast<RowIndex>(i);
  CHECK(split.plan(table.take(reversed)).report_json().find(column_of(report, "harmless").dump()) !=
        std::string::npos);
}

TEST_CASE("the p-value of the balance is no smaller than chance makes it, over many salts",
          "[report]") {
  std::vector<std::int64_t> who, slice;
  for (int i = 0; i < 200; ++i) {
    who.push_back(i / 2);
    slice.push_back(i % 5 == 0 ? 1 : 0);
  }
  const Dataset table = Dataset::from_columns({{"who", who}, {"slice", slice}});
  int below = 0;
  for (int salt = 0; salt < 200; ++salt) {
    const sp::HashSplit split(kHalves, {.by = "who", .salt = std::to_string(salt)});
    below += column_of(report_of(split.plan(table)), "slice")["p"].get<double>() <= 0.1 ? 1 : 0;
  }
  CHECK(below >= 5);  // 20 expected; outside [5, 38] less than once in 10^4
  CHECK(below <= 38);
}

TEST_CASE("a table-fitted plan counts known, new and vanished keys", "[report]") {
  const sp::Plan plan = sp::HashSplit(kHalves, {.by = "id", .exact = true}).plan(numbered(40));
  CHECK(report_of(plan)["keys"] == json{{"known", 40}, {"new", 0}, {"vanished", 0}});
  std::vector<RowIndex> rows{0, 1, 2};
  CHECK(report_of(plan.extend(numbered(40).take(rows)))["keys"] ==
        json{{"known", 3}, {"new", 0}, {"vanished", 37}});
  CHECK(report_of(plan.extend(numbered(50)))["keys"] ==
        json{{"known", 40}, {"new", 10}, {"vanished", 0}});
}
