// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <memory>

#include <mlrepro/core/dataset.hpp>
#include <mlrepro/core/errors.hpp>
#include <mlrepro/core/random.hpp>

#include "catch_compat.hpp"

namespace {

using namespace mlrepro;

std::vector<bool> marked(const Dataset& rows, std::string_view name = "duplicate") {
  std::vector<bool> out;
  for (RowIndex row = 0; row < rows.n_rows(); ++row)
    out.push_back(rows[name][row].bits() != 0 && !rows[name][row].is_missing());
  return out;
}

const double kNaN = std::nan("");

}  // namespace

TEST_CASE("the first copy is not marked, or null is told from NaN and 17 from 17.0") {
  const std::vector<double> x{17, kNaN, -0.0, 5, 17, 1, 0.0};
  const std::uint8_t valid = 0b1011111;  // the sixth is null
  const std::vector<std::string_view> c{"a", "b", "c", "", "a", "b", "c"};
  const Dataset rows =
      Dataset::from_columns({{"x", ColumnView(std::span<const double>(x), &valid)}, {"c", c}});
  CHECK(marked(rows.with_duplicates()) ==
        std::vector<bool>{true, true, true, false, true, true, true});
  CHECK(marked(rows.with_duplicates({"c"}, "same c"), "same c") ==
        std::vector<bool>{true, true, true, false, true, true, true});
  const std::vector<std::string_view> one{"b", "", "b"};
  const std::uint8_t some = 0b101;
  const Dataset text =
      Dataset::from_columns({{"c", ColumnView(std::span<const std::string_view>(one), &some)}});
  CHECK(marked(text.with_duplicates()) == std::vector<bool>{true, false, true});
}

TEST_CASE("copies are not those that a comparison of all pairs finds") {
  const RandomStream random(1, "copies");
  std::vector<std::int64_t> a(500), b(500);
  for (std::size_t i = 0; i < a.size(); ++i) {
    a[i] = static_cast<std::int64_t>(random.bounded(2 * i, 30));
    b[i] = static_cast<std::int64_t>(random.bounded(2 * i + 1, 30));
  }
  const Dataset rows = Dataset::from_columns({{"a", a}, {"b", b}});
  std::vector<bool> expected(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < a.size(); ++j)
      expected[i] = expected[i] || (i != j && a[i] == a[j] && b[i] == b[j]);
  }
  for (const int threads : {1, 4})
    CHECK(marked(rows.with_duplicates({}, "duplicate", threads)) == expected);
}

TEST_CASE("the mark of a copy is a feature, or moves a row's identity") {
  const std::vector<std::int64_t> x{1, 2, 1}, y{0, 1, 1};
  const Dataset rows = Dataset::from_columns({{"x", x}, {"y", y}}, {.label = "y"});
  const Dataset with = rows.with_duplicates();
  CHECK(with.role_of("duplicate") == "duplicate");
  CHECK(marked(with) == std::vector<bool>{true, false, true});  // y is a label: not compared
  const auto ids = [](const Dataset& d) {
    std::vector<RowId> out(3);
    d.row_ids("split", out);
    return out;
  };
  CHECK(ids(with) == ids(rows));
  const std::unique_ptr<bool[]> said(new bool[3]{true, false, true});
  const Dataset declared = Dataset::from_columns(
      {{"x", x}, {"d", ColumnView(std::span<const bool>(said.get(), 3))}}, {.duplicate = {"d"}});
  CHECK(ids(declared) == ids(Dataset::from_columns({{"x", x}})));
  CHECK(with.rename("duplicate", "copy").roles().duplicate == Names{"copy"});
  CHECK(with.drop({"duplicate"}).roles().duplicate.empty());
}

TEST_CASE("a column of the user is overwritten by marks") {
  const std::vector<std::int64_t> x{1, 1};
  const Dataset rows = Dataset::from_columns({{"duplicate", x}});
  CHECK_THROWS_AS(rows.with_duplicates(), ArgumentError);
  CHECK_THROWS_AS(rows.with_duplicates({"y"}, "d"), ColumnNotFoundError);
  const Dataset twice = rows.with_duplicates({}, "d").with_duplicates({}, "d");
  CHECK(twice.n_columns() == 2);
  CHECK(marked(twice, "d") == std::vector<bool>{true, true});
  CHECK(twice.with_duplicates({}, "e").roles().duplicate == Names{"d", "e"});
  CHECK_THROWS_AS(
      twice.with_roles({.label = "duplicate", .duplicate = {"d"}}).with_duplicates({}, "e"),
      SchemaError);
  const Dataset none = rows.head(0).with_duplicates({}, "d");
  CHECK(none.n_rows() == 0);
}
