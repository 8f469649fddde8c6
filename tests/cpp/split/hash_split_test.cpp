// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/split/hash_split.hpp>

#include <mlrepro/core/errors.hpp>

#include "catch_compat.hpp"
#include "split/plan_object.hpp"
#include "split/tables.hpp"

using namespace split_test;
using mlrepro::ArgumentError;
using mlrepro::SchemaError;
using mlrepro::Value;
namespace ms = mlrepro::detail::split;

TEST_CASE("a hash at a threshold belongs to the later part", "[hash_split]") {
  ms::KeyRule rule;
  rule.cuts = {0xCCCCCCCCCCCCD000U, 0xE666666666666800U};
  CHECK(rule.part({.low = 0, .high = 0xCCCCCCCCCCCCD000U - 1}) == 0);
  CHECK(rule.part({.low = ~std::uint64_t{0}, .high = 0xCCCCCCCCCCCCD000U}) == 1);
  CHECK(rule.part({.low = 0, .high = 0xE666666666666800U}) == 2);
  CHECK(rule.part({.low = 0, .high = ~std::uint64_t{0}}) == 2);
  rule.method = ms::KeyRule::Method::folds;
  rule.n_folds = 3;
  CHECK(rule.part({.low = 0, .high = 0x5555555555555555U}) == 0);
  CHECK(rule.part({.low = 0, .high = 0x5555555555555556U}) == 1);
}

TEST_CASE("every row answers as its key does alone, and no row is lost", "[hash_split]") {
  const sp::HashSplit split({{"train", 0.8}, {"valid", 0.1}, {"test", 0.1}},
                            {.by = "id", .salt = "2026"});
  const Dataset table = numbered(1000, 7);
  const sp::Plan plan = split.plan(table);
  RowIndex total = 0;
  for (const sp::Part& part : plan.parts()) {
    total += part.n_rows;
    if (part.name == "missing") continue;
    for (const RowIndex row : rows_of(plan, part.name)) {
      const Value key = table["id"][row];
      CHECK(plan.assign(key) == part.name);
      CHECK(split.assign(key) == part.name);
      CHECK(plan.parts()[static_cast<std::size_t>(plan.try_assign(key))].name == part.name);
    }
  }
  CHECK(total == 1000);
  CHECK(sizes(plan)["train"] > 740);
  CHECK(sizes(plan)["test"] > 60);
}

TEST_CASE("appending and shuffling rows moves no key", "[hash_split]") {
  const sp::HashSplit split({{"train", 0.5}, {"test", 0.5}}, {.by = "id"});
  const sp::Plan small = split.plan(numbered(100)), large = split.plan(numbered(700, 3));
  for (std::int64_t id = 0; id < 100; ++id) CHECK(small.assign(id) == large.assign(id));
  CHECK(split.plan(numbered(700)).to_json() == large.to_json());
  CHECK(split.plan(numbered(700), 1) == split.plan(numbered(700), 8));
}

TEST_CASE("a larger first part only takes keys in", "[hash_split]") {
  const sp::HashSplit before({{"train", 0.8}, {"test", 0.2}}),
      after({{"train", 0.85}, {"test", 0.15}});
  int moved = 0;
  for (int id = 0; id < 2000; ++id) {
    if (before.assign(id) == "train") CHECK(after.assign(id) == "train");
    moved += before.assign(id) != after.assign(id) ? 1 : 0;
  }
  CHECK(moved > 60);
  CHECK(moved < 140);
}

TEST_CASE("17 is one key in every width and form, and never the text 17", "[hash_split]") {
  const sp::HashSplit split({{"a", 0.001}, {"b", 0.999}});
  const ms::KeyRule rule = mlrepro::detail::object_of<ms::AssignerObject>(split.ref()).rule.hash;
  const auto hash = [&](const Value& v) { return rule.hash(std::span(&v, 1)); };
  const auto wanted = hash(Value(17));
  CHECK(hash(Value(std::int8_t{17})) == wanted);
  CHECK(hash(Value(std::uint64_t{17})) == wanted);
  CHECK(hash(Value(17.0)) == wanted);
  CHECK(hash(Value(17.0F)) == wanted);
  CHECK_FALSE(hash(Value("17")) == wanted);
  CHECK(hash(Value(0.0)) == hash(Value(-0.0)));
  CHECK_FALSE(hash(Value(true)) == hash(Value(1)));
}

TEST_CASE("a part that is split again under the same salt is split independently", "[hash_split]") {
  const sp::HashSplit split({{"train", 0.5}, {"test", 0.5}}, {.by = "id", .salt = "s"});
  const sp::Plan outer = split.plan(numbered(2000));
  const sp::Plan inner = split.plan(outer.part("train"));
  CHECK(inner.level() == "train");
  CHECK(sizes(inner)["train"] > 400);
  CHECK(sizes(inner)["test"] > 400);
  CHECK(inner.part("test").fold() == "train/test");
}

TEST_CASE("a null in a by column is in part missing, never hashed as a key", "[hash_split]") {
  const std::vector<std::string_view> tail{"a", "", "b", "c", "d", "e", "f", "g"};
  const std::uint8_t present = 0b11111101;
  const auto column = mlrepro::ColumnView(std::span(tail), &present);
  const std::vector<std::int64_t> n{1, 2, 3, 4, 5, 6, 7, 8};
  const Dataset table = Dataset::from_columns({{"tail", column}, {"n", n}});
  const sp::Plan plan = sp::HashSplit({{"train", 0.5}, {"test", 0.5}}, {.by = "tail"}).plan(table);
  CHECK(rows_of(plan, "missing") == std::vector<RowIndex>{1});
  CHECK(plan.assign(mlrepro::missing) == "missing");
  CHECK(plan.parts()[static_cast<std::size_t>(plan.try_assign(mlrepro::missing))].name ==
        "missing");
  CHECK(plan.assign(Value(std::numeric_limits<double>::quiet_NaN())) == "missing");
  CHECK(plan.assign("") != "missing");
}

TEST_CASE("a compound key takes its values in the order of by, whatever the order of names",
          "[hash_split]") {
  const std::vector<std::string_view> carrier{"AA", "AA", "UA", "DL", "MQ", "B6"};
  const std::vector<std::int64_t> number{17, 18, 17, 4, 5, 6};
  const Dataset table = Dataset::from_columns({{"carrier", carrier}, {"bnumber", number}});
  const std::initializer_list<sp::Fraction> parts{{"train", 0.5}, {"test", 0.5}};
  const sp::Plan one =
      sp::HashSplit(parts, {.by = {"carrier", "bnumber"}, .salt = "1"}).plan(table);
  const sp::Plan other =
      sp::HashSplit(parts, {.by = {"bnumber", "carrier"}, .salt = "1"}).plan(table);
  CHECK(one.key()[0].name == "carrier");
  CHECK(one.assign({"AA", 17}) == other.assign({17, "AA"}));
  CHECK(rows_of(one, "train") == rows_of(other, "train"));
  CHECK_THROWS_AS(one.assign({17, "AA"}), SchemaError);
  CHECK_THROWS_AS(one.assign("AA"), ArgumentError);
  CHECK(one.try_assign({17, "AA"}) == -1);
  CHECK(one.try_assign("AA") == -1);
}

TEST_CASE("another class of key is an error that says what to pass", "[hash_split]") {
  const sp::Plan plan =
      sp::HashSplit({{"train", 0.5}, {"test", 0.5}}, {.by = "id"}).plan(numbered(50));
  CHECK(plan.key()[0].value_class == mlrepro::ValueClass::number);
  CHECK_THROWS_AS(plan.assign("17"), SchemaError);
  CHECK_THROWS_AS(plan.assign(true), SchemaError);
  CHECK_THROWS_AS(plan.assign(std::span<const Value>{}), ArgumentError);
  CHECK(plan.try_assign("17") == -1);
  try {
    (void)plan.assign("17");
  } catch (const SchemaError& error) {
    CHECK(error.column() == "id");
    CHECK(error.next_step() == "Pass a number for 'id'.");
  }
}

TEST_CASE("rows without an identity are refused, asking for by", "[hash_split]") {
  const std::vector<double> zeros(100, 0.0);
  const Dataset table = Dataset::from_columns({{"x", zeros}});
  const sp::HashSplit split({{"train", 0.8}, {"test", 0.2}});
  CHECK_THROWS_AS(split.plan(table), SchemaError);
  CHECK_NOTHROW(split.plan(numbered(200, 1, {})));
}

TEST_CASE("exact sizes are met, copies of one key stay together, other keys are new",
          "[hash_split]") {
  const std::initializer_list<sp::Fraction> parts{{"train", 0.8}, {"valid", 0.1}, {"test", 0.1}};
  const sp::Plan plan = sp::HashSplit(parts, {.by = "id", .exact = true}).plan(numbered(1000));
  CHECK(sizes(plan) ==
        std::map<std::string, RowIndex>{
            {"train", 800}, {"valid", 100}, {"test", 100}, {"missing", 0}, {"new", 0}});
  CHECK(plan.assign(5000) == "new");
  CHECK(plan.assign(mlrepro::missing) == "missing");
  CHECK(sp::HashSplit(parts, {.by = "id", .exact = true}).plan(numbered(1000, 7)) == plan);
  const std::vector<std::int64_t> pairs{0, 0, 1, 1, 2, 2, 3, 3, 4, 4};
  const Dataset twos = Dataset::from_columns({{"id", pairs}});
  const sp::Plan halves =
      sp::HashSplit({{"train", 0.5}, {"test", 0.5}}, {.by = "id", .exact = true}).plan(twos);
  CHECK(sizes(halves)["train"] ==
        4);  // the cut at 5 lies in the middle of a pair: the earlier edge
  const sp::Plan grown = plan.extend(numbered(1010));
  CHECK(sizes(grown)["train"] == 800);
  CHECK(sizes(grown)["new"] == 10);
}

TEST_CASE("an empty part, a column named twice and an unknown column are refused", "[hash_split]") {
  const std::initializer_list<sp::Fraction> parts{{"train", 0.999}, {"test", 0.001}};
  CHECK_THROWS_AS(sp::HashSplit(parts, {.by = "id"}).plan(numbered(3)), ArgumentError);
  CHECK_THROWS_AS(sp::HashSplit(parts, {.by = {"id", "id"}}), ArgumentError);
  CHECK_THROWS_AS(sp::HashSplit(parts, {.by = "ID"}).plan(numbered(9)),
                  mlrepro::ColumnNotFoundError);
  const std::vector<std::int64_t> none;
  CHECK_THROWS_AS(sp::HashSplit(parts, {.by = "id"}).plan(Dataset::from_columns({{"id", none}})),
                  ArgumentError);
}

static_assert(sp::Splitter<sp::HashSplit> && sp::Splitter<sp::GroupKFold> &&
              sp::Splitter<sp::TimeSplit>);
