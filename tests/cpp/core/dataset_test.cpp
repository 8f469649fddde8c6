// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/core/dataset.hpp>

#include <string>
#include <vector>

#include <mlrepro/core/errors.hpp>

#include "catch_compat.hpp"

using namespace mlrepro;

namespace {

const std::vector<std::string_view> kCarriers = {"AA", "MQ", "AA", "UA"};
const std::vector<std::int64_t> kFlights = {1, 2, 3, 4};
const std::vector<double> kDelays = {0.5, -1, 2, 3};

Dataset flights(const Roles& roles = {}) {
  return Dataset::from_columns({{"carrier", kCarriers}, {"flight", kFlights}, {"delay", kDelays}},
                               roles);
}

std::vector<RowId> ids(const Dataset& dataset, std::string_view purpose = "split") {
  std::vector<RowId> out(static_cast<std::size_t>(dataset.n_rows()));
  dataset.row_ids(purpose, out);
  return out;
}

}  // namespace

TEST_CASE("a duplicate column name is refused by name", "[dataset]") {
  CHECK_THROWS_WITH(Dataset::from_columns({{"x", kFlights}, {"x", kDelays}}),
                    "column name 'x' occurs twice. Rename one of the two columns.");
}

TEST_CASE("columns of unequal length are refused", "[dataset]") {
  const std::vector<double> three(3);
  CHECK_THROWS_AS(Dataset::from_columns({{"x", kFlights}, {"y", three}}), SchemaError);
}

TEST_CASE("a key that repeats is refused with the value and two rows", "[dataset]") {
  CHECK_THROWS_WITH(
      flights({.key = "carrier"}),
      "carrier is not a key: 1 value occurs more than once (2 rows), e.g. 'AA' in rows 0 and 2. "
      "Add a column "
      "that tells these rows apart, or drop key= (identity is then a hash of the row).");
  CHECK_NOTHROW(flights({.key = {"carrier", "flight"}}));
}

TEST_CASE("a key with a missing part is refused with its row", "[dataset]") {
  const std::uint8_t validity = 0b1011;
  const ColumnView carriers(std::span<const std::string_view>(kCarriers), &validity);
  try {
    Dataset::from_columns({{"carrier", carriers}, {"flight", kFlights}},
                          {.key = {"carrier", "flight"}});
    FAIL("no error");
  } catch (const SchemaError& error) {
    CHECK(error.column() == "carrier");
    CHECK(error.example_row() == 2);
  }
}

TEST_CASE("a role that names no column suggests the nearest", "[dataset]") {
  CHECK_THROWS_WITH(flights({.label = "dealy"}),
                    Catch::Matchers::Contains("Did you mean 'delay'?"));
  CHECK_THROWS_AS(flights({.label = "delay", .prediction = "delay"}), ArgumentError);
}

TEST_CASE("identity survives dropped, added and reordered columns and rows", "[dataset]") {
  for (const Roles& roles : {Roles{}, Roles{.key = {"carrier", "flight"}}}) {
    const Dataset all = flights(roles);
    const std::vector<RowId> before = ids(all);
    CHECK(ids(all.select({"delay"})) == before);
    CHECK(ids(all.drop("delay")) == before);
    CHECK(ids(all.with_columns({{{"p", kDelays}}})) == before);
    CHECK(ids(all.rename("carrier", "airline")) == before);
    const std::vector<RowIndex> rows = {3, 1};
    CHECK(ids(all.take(rows)) == std::vector<RowId>{before[3], before[1]});
    CHECK(ids(all, "probe-honest") != before);
  }
}

TEST_CASE("column order and a corrected label move no identity", "[dataset]") {
  const std::vector<double> label = {0, 1, 0, 1}, corrected = {1, 1, 0, 1};
  const Dataset a = Dataset::from_columns(
      {{"carrier", kCarriers}, {"flight", kFlights}, {"y", label}}, {.label = "y"});
  const Dataset b = Dataset::from_columns(
      {{"y", corrected}, {"flight", kFlights}, {"carrier", kCarriers}}, {.label = "y"});
  CHECK(ids(a) == ids(b));
}

TEST_CASE("a label declared later moves no row against one declared at once", "[dataset]") {
  const std::vector<double> label = {0, 1, 0, 1};
  const Dataset bare = Dataset::from_columns({{"flight", kFlights}, {"y", label}});
  const Dataset declared =
      Dataset::from_columns({{"flight", kFlights}, {"y", label}}, {.label = "y"});
  CHECK(ids(bare) != ids(declared));
  CHECK(ids(bare.with_roles({.label = "y"})) == ids(declared));
}

TEST_CASE("a key column cannot be replaced by one that repeats", "[dataset]") {
  const std::vector<std::int64_t> repeats = {1, 1, 2, 3};
  const std::vector<NamedColumn> replaced = {{"flight", repeats}};
  CHECK_THROWS_AS(flights({.key = "flight"}).with_columns(replaced), SchemaError);
  CHECK_NOTHROW(flights().with_columns(replaced));
}

TEST_CASE("text that is no UTF-8 is refused, as name, cell and category", "[dataset]") {
  const std::vector<std::string_view> bad = {"ok", "x\xfe", "ok", "ok"};
  const std::vector<std::int32_t> codes = {0, 0, 0, 0};
  CHECK_THROWS_AS(Dataset::from_columns({{"t", bad}}), SchemaError);
  CHECK_THROWS_AS(Dataset::from_columns({{"c", ColumnView::categories(codes, bad)}}), SchemaError);
  CHECK_THROWS_AS(Dataset::from_columns({{"x\xfe", kFlights}}), SchemaError);
}

TEST_CASE("a dataset keeps its values when the memory it was made from changes", "[dataset]") {
  std::vector<double> x = {1, 2};
  const Dataset dataset = Dataset::from_columns({{"x", x}});
  x[0] = 9;
  const ColumnView column = dataset["x"];
  CHECK(column.values<double>()[0] == 1);
  CHECK_THROWS_AS(column.values<float>(), InputTypeError);
}

TEST_CASE("zero rows and zero columns are tables", "[dataset]") {
  const Dataset none = Dataset::from_columns(std::span<const NamedColumn>{});
  CHECK(none.n_rows() == 0);
  CHECK(none.n_columns() == 0);
  const Dataset empty = flights().head(0);
  CHECK(empty.n_rows() == 0);
  CHECK(empty.n_columns() == 3);
  CHECK(ids(empty).empty());
}

TEST_CASE("a mask of another length is refused", "[dataset]") {
  const std::vector<std::uint8_t> mask(3, 1);
  CHECK_THROWS_AS(flights().filter(mask), ArgumentError);
  const std::vector<RowIndex> outside = {4};
  CHECK_THROWS_AS(flights().take(outside), ArgumentError);
}

TEST_CASE("dropping a key column drops the key role, not the identity", "[dataset]") {
  const Dataset dropped = flights({.key = {"carrier", "flight"}}).drop("carrier");
  CHECK(dropped.roles().key.empty());
  CHECK(dropped.identity_by_key());
  CHECK(dropped.role_of("flight").empty());
}

TEST_CASE("a code outside the categories is refused with its row", "[dataset]") {
  const std::vector<std::int32_t> codes = {0, 5};
  const std::vector<std::string_view> levels = {"a"};
  try {
    Dataset::from_columns({{"c", ColumnView::categories(codes, levels)}});
    FAIL("no error");
  } catch (const SchemaError& error) {
    CHECK(error.example_row() == 1);
  }
}

TEST_CASE("a category that is listed twice is refused, or two codes would be one value",
          "[dataset]") {
  const std::vector<std::int32_t> codes = {0, 1};
  const std::vector<std::string_view> levels = {"a", "a"};
  CHECK_THROWS_AS(Dataset::from_columns({{"c", ColumnView::categories(codes, levels)}}),
                  SchemaError);
}

TEST_CASE("the schema counts null and NaN apart", "[dataset]") {
  const std::vector<double> x = {1, std::numeric_limits<double>::quiet_NaN(), 3,
                                 std::numeric_limits<double>::infinity()};
  const std::uint8_t validity = 0b1011;
  const Dataset dataset =
      Dataset::from_columns({{"x", ColumnView(std::span<const double>(x), &validity)}});
  CHECK(
      dataset.schema_json() ==
      R"({"columns":[{"n_inf":1,"n_nan":1,"n_null":1,"name":"x","role":"","type":"float64"}],"fold":"","n_rows":4})");
}
