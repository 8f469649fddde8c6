// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/split/time_split.hpp>

#include <mlrepro/core/errors.hpp>

#include "catch_compat.hpp"
#include "split/tables.hpp"

using namespace split_test;
using mlrepro::ArgumentError;
using mlrepro::SchemaError;
using mlrepro::TimeUnit;
using mlrepro::Value;
using Rows = std::vector<RowIndex>;

TEST_CASE("the row at the cut is the first of the test", "[time_split]") {
  const sp::Plan plan = sp::TimeSplit({.test_from = day(3)}).plan(days({0, 1, 2, 3, 3, 4}));
  CHECK(rows_of(plan, "train") == Rows{0, 1, 2});
  CHECK(rows_of(plan, "test") == Rows{3, 4, 5});
  CHECK(plan.assign(day(2)) == "train");
  CHECK(plan.assign(day(3)) == "test");
  CHECK(plan.assign(mlrepro::missing) == "missing");
}

TEST_CASE("tied timestamps fall on one side, at the nearer edge, equal: the earlier",
          "[time_split]") {
  const sp::Plan plan = sp::TimeSplit({.test_fraction = 0.5}).plan(days({1, 2, 3, 3, 3, 4, 5}));
  CHECK(sizes(plan)["train"] == 5);
  CHECK(sizes(plan)["test"] == 2);
  CHECK(sizes(sp::TimeSplit({.test_fraction = 0.5}).plan(days({1, 3, 3, 4})))["train"] == 1);
  CHECK(sizes(sp::TimeSplit({.test_fraction = 0.25}).plan(days({4, 1, 3, 2})))["test"] == 1);
  CHECK_THROWS_AS(sp::TimeSplit({.test_fraction = 0.5}).plan(days({1, 1, 1})), ArgumentError);
}

TEST_CASE("a label that is known at the cut or later is purged, by time and not by rows",
          "[time_split]") {
  const Dataset table = days({0, 1, 2, 3, 10, 11, 12, 13});
  const sp::Plan plan = sp::TimeSplit({.test_from = day(12), .horizon_ns = 2 * kDay}).plan(table);
  CHECK(rows_of(plan, "train") == Rows{0, 1, 2, 3});  // day 10 ends at 12: not before the cut
  CHECK(rows_of(plan, "purged") == Rows{4, 5});
  CHECK(rows_of(plan, "test") == Rows{6, 7});
  const sp::Plan shorter =
      sp::TimeSplit({.test_from = day(12), .horizon_ns = 2 * kDay - 1}).plan(table);
  CHECK(rows_of(shorter, "purged") == Rows{5});
}

TEST_CASE("a purge shorter than the horizon is refused unless it is said why", "[time_split]") {
  const sp::TimeSplitOptions leaky{.test_from = day(5), .horizon_ns = 2 * kDay, .purge_ns = kDay};
  CHECK_THROWS_AS(sp::TimeSplit(leaky), mlrepro::LeakError);
  sp::TimeSplitOptions said = leaky;
  said.allow_leak = "labels of the last day are not used";
  const sp::Plan plan = sp::TimeSplit(said).plan(days({0, 1, 2, 3, 4, 5, 6}));
  CHECK(rows_of(plan, "purged") == Rows{4});
  CHECK(plan.to_json().find("labels of the last day are not used") != std::string::npos);
  CHECK(sp::Plan::from_json(plan.to_json()) == plan);
}

TEST_CASE("label_time and known_time decide for each row", "[time_split]") {
  const std::vector<std::int64_t> id{0, 1, 2, 3, 4, 5}, t{0, 1, 2, 3, 5, 6},
      label{1, 7, 3, 4, 9, 0}, known{0, 1, 9, 3, 9, 6};
  const std::uint8_t labelled = 0b011111;
  const auto at = [](const std::vector<std::int64_t>& v, const std::uint8_t* bits) {
    return mlrepro::ColumnView::timestamps(v, TimeUnit::second, "UTC", bits);
  };
  const Dataset table = Dataset::from_columns(
      {{"id", id}, {"t", at(t, nullptr)}, {"l", at(label, &labelled)}, {"k", at(known, nullptr)}},
      {.key = "id", .time = "t", .known_time = "k", .label_time = "l"});
  const sp::Plan plan =
      sp::TimeSplit({.test_from = Value::timestamp(5, TimeUnit::second)}).plan(table);
  CHECK(rows_of(plan, "train") == Rows{0, 3});
  CHECK(rows_of(plan, "purged") == Rows{1, 2, 5});  // label late, row late, label never
  CHECK(rows_of(plan, "test") == Rows{4});
  CHECK(plan.key().size() == 3);
  const Dataset wrong = Dataset::from_columns({{"t", at(label, nullptr)}, {"l", at(t, nullptr)}},
                                              {.time = "t", .label_time = "l"});
  CHECK_THROWS_AS(sp::TimeSplit({.test_fraction = 0.5}).plan(wrong), SchemaError);
}

TEST_CASE("a null time is in part missing", "[time_split]") {
  const sp::Plan plan = sp::TimeSplit({.test_from = day(2)}).plan(days({0, 1, 2, 3}, {0b1101}));
  CHECK(rows_of(plan, "missing") == Rows{1});
  CHECK(sizes(plan)["train"] + sizes(plan)["test"] == 3);
}

TEST_CASE("with unseen, test rows are of entities that training never sees", "[time_split]") {
  std::vector<std::int64_t> who, t;
  for (int i = 0; i < 400; ++i) {
    who.push_back(i % 40);
    t.push_back(i / 40);
  }
  const Dataset table = Dataset::from_columns(
      {{"who", who}, {"t", mlrepro::ColumnView::timestamps(t, TimeUnit::second, "UTC")}},
      {.time = "t"});
  const sp::HashSplit customers({{"test", 0.3}, {"train", 0.7}}, {.by = "who", .salt = "2026"});
  const sp::Plan plan =
      sp::TimeSplit({.test_from = Value::timestamp(7, TimeUnit::second), .unseen = &customers})
          .plan(table);
  RowIndex total = 0;
  for (const sp::Part& part : plan.parts()) total += part.n_rows;
  CHECK(total == 400);
  CHECK(sizes(plan)["quarantine"] > 0);
  for (const RowIndex row : rows_of(plan, "train")) {
    CHECK(customers.assign(table["who"][row]) == "train");
    CHECK(t[static_cast<std::size_t>(row)] < 7);
  }
  for (const RowIndex row : rows_of(plan, "test")) {
    CHECK(customers.assign(table["who"][row]) == "test");
    CHECK(t[static_cast<std::size_t>(row)] >= 7);
  }
  const Value now = Value::timestamp(9, TimeUnit::second);
  CHECK(plan.assign({now, 3}) == (customers.assign(3) == "test" ? "test" : "quarantine"));
  const sp::Plan back = sp::Plan::from_json(plan.to_json());
  for (int id = 0; id < 60; ++id) CHECK(back.assign({now, id}) == plan.assign({now, id}));
  const sp::HashSplit three({{"train", 0.5}, {"valid", 0.3}, {"test", 0.2}}, {.by = "who"}),
      rows({{"train", 0.5}, {"test", 0.5}});
  CHECK_THROWS_AS(sp::TimeSplit({.test_from = now, .unseen = &three}), ArgumentError);
  CHECK_THROWS_AS(sp::TimeSplit({.test_from = now, .unseen = &rows}), ArgumentError);
}

TEST_CASE("instants and wall times do not mix, units do", "[time_split]") {
  const std::vector<std::int64_t> ms{0, 1000, 2000, 3000};
  const std::vector<std::int32_t> d{0, 1, 2, 3};
  const Dataset zoned = Dataset::from_columns(
      {{"t", mlrepro::ColumnView::timestamps(ms, TimeUnit::milli, "UTC")}}, {.time = "t"});
  const Dataset naive = Dataset::from_columns(
      {{"t", mlrepro::ColumnView::timestamps(ms, TimeUnit::milli)}}, {.time = "t"});
  const Dataset dates =
      Dataset::from_columns({{"t", mlrepro::ColumnView::dates(d)}}, {.time = "t"});
  const Value instant = Value::timestamp(2, TimeUnit::second),
              wall = Value::local_timestamp(2, TimeUnit::second);
  CHECK(sizes(sp::TimeSplit({.test_from = instant}).plan(zoned))["train"] == 2);
  CHECK(sizes(sp::TimeSplit({.test_from = wall}).plan(naive))["train"] == 2);
  CHECK(sizes(sp::TimeSplit({.test_from = Value::date(2)}).plan(dates))["train"] == 2);
  CHECK(sizes(sp::TimeSplit({.test_from = wall}).plan(dates))["train"] == 1);
  CHECK_THROWS_AS(sp::TimeSplit({.test_from = wall}).plan(zoned), ArgumentError);
  CHECK_THROWS_AS(sp::TimeSplit({.test_from = instant}).plan(naive), ArgumentError);
  CHECK_THROWS_AS(sp::TimeSplit({.test_from = Value::date(1)}).plan(zoned), ArgumentError);
  const sp::Plan plan = sp::TimeSplit({.test_from = instant}).plan(zoned);
  CHECK_THROWS_AS(plan.assign(wall), SchemaError);
  CHECK(plan.assign(instant) == "test");
}

TEST_CASE("a cut with an empty side, no cut, two cuts and no time column are refused",
          "[time_split]") {
  CHECK_THROWS_AS(sp::TimeSplit({.test_from = day(9)}).plan(days({0, 1, 2})), ArgumentError);
  CHECK_THROWS_AS(sp::TimeSplit({.test_from = day(0)}).plan(days({0, 1, 2})), ArgumentError);
  CHECK_THROWS_AS(sp::TimeSplit({.test_from = day(2), .purge_ns = 5 * kDay}).plan(days({0, 1, 2})),
                  ArgumentError);
  CHECK_THROWS_AS(sp::TimeSplit({}), ArgumentError);
  CHECK_THROWS_AS(sp::TimeSplit({.test_from = day(1), .test_fraction = 0.5}), ArgumentError);
  CHECK_THROWS_AS(sp::TimeSplit({.test_from = Value("2013-10-01")}), ArgumentError);
  CHECK_THROWS_AS(sp::TimeSplit({.test_from = day(1)}).plan(numbered(10)), SchemaError);
  CHECK_THROWS_AS(sp::TimeSplit({.test_from = day(1), .time = "x"}).plan(numbered(10)),
                  SchemaError);
}

TEST_CASE("the plan is the same for shuffled rows and any number of threads", "[time_split]") {
  const sp::TimeSplit split({.test_fraction = 0.3, .purge_ns = kDay});
  const std::vector<std::int64_t> id{0, 1, 2, 3, 4, 5}, t{1, 2, 3, 4, 5, 6}, id2{5, 0, 3, 1, 2, 4},
      t2{6, 1, 4, 2, 3, 5};
  const auto at = [](const std::vector<std::int64_t>& v) {
    return mlrepro::ColumnView::timestamps(v, TimeUnit::second, "UTC");
  };
  std::vector<std::int64_t> scaled, scaled2;
  for (std::size_t i = 0; i < 6; ++i) {
    scaled.push_back(t[i] * 86'400);
    scaled2.push_back(t2[i] * 86'400);
  }
  const Dataset a =
      Dataset::from_columns({{"id", id}, {"t", at(scaled)}}, {.key = "id", .time = "t"});
  const Dataset b =
      Dataset::from_columns({{"t", at(scaled2)}, {"id", id2}}, {.key = "id", .time = "t"});
  CHECK(split.plan(a, 1).to_json() == split.plan(b, 2).to_json());
}
