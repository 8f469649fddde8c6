// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include "allocation_count.hpp"
#include "catch_compat.hpp"
#include "core/table.hpp"
#include "tree_builder.hpp"

namespace {

using namespace mlrepro_test;

constexpr double kInf = std::numeric_limits<double>::infinity();
const double kNaN = std::nan("");

// Leaves of a dataset, from the table path and from one row at a time.
std::vector<int> leaves_of(const Tree& tree, const Dataset& rows, int threads = 1) {
  std::vector<int> out(static_cast<std::size_t>(rows.n_rows()), -7);
  tree.apply(rows, out, threads);
  return out;
}
std::vector<int> leaves_by_row(const Tree& tree, const Dataset& rows) {
  std::vector<int> out;
  for (RowIndex row = 0; row < rows.n_rows(); ++row) {
    std::vector<Value> values;
    for (const Field& field : tree.columns()) values.push_back(rows[field.name][row]);
    out.push_back(tree.apply(values));
  }
  return out;
}

Tree one_threshold(Type type, const Value& value, MissingSide side = MissingSide::right,
                   bool strict = false) {
  return TreeBuilder({column("x", type, ValueClass::number)})
      .split("", threshold(0, value, side, strict))
      .make();
}

}  // namespace

TEST_CASE("a value on the threshold goes left, one ulp above it goes right") {
  const double t = 0.1, above = std::nextafter(t, 1.0);
  const Tree tree = one_threshold(Type::float64, t);
  CHECK(tree.apply({t}) == 0);
  CHECK(tree.apply({above}) == 1);
  const Tree strict = one_threshold(Type::float64, t, MissingSide::right, true);
  CHECK(strict.apply({t}) == 1);
  CHECK(strict.apply({std::nextafter(t, 0.0)}) == 0);
  const std::vector<double> x{t, above, std::nextafter(t, 0.0)};
  const Dataset rows = Dataset::from_columns({{"x", x}});
  CHECK(leaves_of(tree, rows) == std::vector<int>{0, 1, 0});
  CHECK(leaves_of(strict, rows) == std::vector<int>{1, 1, 0});
}

TEST_CASE("integers beyond 2^53 are not compared as doubles") {
  const std::int64_t big = (std::int64_t{1} << 53) + 1;
  const Tree tree = one_threshold(Type::int64, big);
  CHECK(tree.apply({big}) == 0);
  CHECK(tree.apply({big + 1}) == 1);
  CHECK(tree.apply({static_cast<double>(big - 1)}) == 0);
  const std::vector<std::int64_t> x{big - 1, big, big + 1,
                                    std::numeric_limits<std::int64_t>::min()};
  CHECK(leaves_of(tree, Dataset::from_columns({{"x", x}})) == std::vector<int>{0, 0, 1, 0});
  const std::vector<std::uint64_t> u{std::numeric_limits<std::uint64_t>::max(), 0};
  const Tree top = one_threshold(Type::uint64, std::numeric_limits<std::uint64_t>::max() - 1);
  CHECK(leaves_of(top, Dataset::from_columns({{"x", u}})) == std::vector<int>{1, 0});
}

TEST_CASE("a tree fitted on one number type gives the same leaf on another") {
  const Tree tree = one_threshold(Type::float64, 2.5);
  const std::vector<std::int8_t> a{2, 3, -128};
  const std::vector<float> b{2.0F, 3.0F, -128.0F};
  CHECK(leaves_of(tree, Dataset::from_columns({{"x", a}})) == std::vector<int>{0, 1, 0});
  CHECK(leaves_of(tree, Dataset::from_columns({{"x", b}})) == std::vector<int>{0, 1, 0});
}

TEST_CASE("NaN is missing and takes the side of the split, not a side of the comparison") {
  for (MissingSide side : {MissingSide::left, MissingSide::right, MissingSide::alone}) {
    const Tree tree = one_threshold(Type::float64, 0.0, side);
    const int expected = static_cast<int>(side);
    CHECK(tree.apply({kNaN}) == expected);
    CHECK(tree.apply({missing}) == expected);
    const std::vector<double> x{kNaN, kInf, -kInf, -0.0};
    CHECK(leaves_of(tree, Dataset::from_columns({{"x", x}})) ==
          std::vector<int>{expected, 1, 0, 0});
  }
}

TEST_CASE("an unseen level goes right, and a missing one where the split says") {
  const Tree tree = TreeBuilder({column("c", Type::text, ValueClass::text)})
                        .split("", levels(0, {"b", "a", "long enough to leave the small buffer"},
                                          MissingSide::alone))
                        .make();
  CHECK(tree.apply({"a"}) == 0);
  CHECK(tree.apply({"long enough to leave the small buffer"}) == 0);
  CHECK(tree.apply({"z"}) == 1);
  CHECK(tree.apply({""}) == 1);
  CHECK(tree.apply({missing}) == 2);
  const std::vector<std::int32_t> codes{0, 1, 2, 0};
  const std::vector<std::string_view> names{"z", "a", "b"};
  const std::uint8_t valid = 0b0111;
  const Dataset rows =
      Dataset::from_columns({{"c", ColumnView::categories(codes, names, false, &valid)}});
  CHECK(leaves_of(tree, rows) == std::vector<int>{1, 0, 0, 2});
}

TEST_CASE("a block goes left only where all of its columns are missing") {
  const Tree tree = TreeBuilder({column("a", Type::float64, ValueClass::number),
                                 column("b", Type::float64, ValueClass::number)})
                        .split("", block({0, 1}))
                        .make();
  CHECK(tree.apply({missing, kNaN}) == 0);
  CHECK(tree.apply({missing, 1.0}) == 1);
  CHECK(tree.apply({1, missing}) == 1);
}

TEST_CASE("a wrong row is answered by -1, and check_row says why") {
  const Tree tree = one_threshold(Type::float64, 1.0);
  CHECK(tree.apply({1.0, 2.0}) == -1);
  CHECK(tree.apply({"1"}) == -1);
  CHECK(tree.apply({true}) == -1);
  CHECK(tree.apply(std::span<const Value>{}) == -1);
  const Value text[] = {"1"};
  CHECK_THROWS_AS(tree.check_row(text), SchemaError);
  try {
    tree.check_row(text);
  } catch (const SchemaError& error) {
    CHECK(error.column() == "x");
  }
  const Value fine[] = {1};
  CHECK_NOTHROW(tree.check_row(fine));
}

TEST_CASE("a column that is gone or of another class is refused by name") {
  const Tree tree = one_threshold(Type::float64, 1.0);
  const std::vector<double> x{1};
  const std::vector<std::string_view> text{"1"};
  std::vector<int> out(1);
  CHECK_THROWS_AS(tree.apply(Dataset::from_columns({{"y", x}}), out), ColumnNotFoundError);
  CHECK_THROWS_AS(tree.apply(Dataset::from_columns({{"x", text}}), out), SchemaError);
  CHECK_THROWS_AS(tree.apply(Dataset::from_columns({{"x", x}}), std::span<int>{}), ArgumentError);
}

namespace {

// A table with a hostile column of every type, and rows enough for several chunks.
struct Hostile {
  std::vector<double> d;
  std::vector<float> f;
  std::vector<std::int64_t> i, t;
  std::vector<std::int32_t> day, code;
  std::vector<std::uint8_t> valid;
  std::vector<std::string_view> text, names{"AA", "a \"b\"", "\n", "caf\xc3\xa9", ""};

  explicit Hostile(int n) : valid(static_cast<std::size_t>(n / 8 + 1)) {
    std::uint64_t state = 7;
    const auto next = [&](std::uint64_t k) {
      return static_cast<int>((state = state * 6364136223846793005U + 1442695040888963407U) >> 33) %
             static_cast<int>(k);
    };
    const double reals[] = {kNaN, kInf, -kInf, -0.0, 0.0, 5e-324, 0.1, std::nextafter(0.1, 1),
                            1e300};
    for (int r = 0; r < n; ++r) {
      d.push_back(reals[next(9)]);
      f.push_back(static_cast<float>(reals[next(8)]));
      i.push_back((std::int64_t{1} << 53) + next(4) - 2);
      t.push_back(1'383'458'400'000'000'000 + next(3));
      day.push_back(next(5) - 2);
      code.push_back(next(5));
      text.push_back(names[static_cast<std::size_t>(next(5))]);
      if (next(4) != 0)
        valid[static_cast<std::size_t>(r / 8)] |= static_cast<std::uint8_t>(1U << (r % 8));
    }
  }
  Dataset dataset() const {
    return Dataset::from_columns(
        {{"code", ColumnView::categories(code, names, false, valid.data())},
         {"d", ColumnView(std::span<const double>(d), valid.data())},
         {"day", ColumnView::dates(day, valid.data())},
         {"f", f},
         {"i", ColumnView(std::span<const std::int64_t>(i), valid.data())},
         {"t", ColumnView::timestamps(t, TimeUnit::nano, "America/New_York", valid.data())},
         {"text", ColumnView(std::span<const std::string_view>(text), valid.data())}});
  }
};

std::vector<TreeColumn> hostile_columns() {
  return {column("code", Type::dictionary, ValueClass::text),
          column("d", Type::float64, ValueClass::number),
          column("day", Type::date, ValueClass::date),
          column("f", Type::float32, ValueClass::number),
          column("i", Type::int64, ValueClass::number),
          column("t", Type::timestamp, ValueClass::timestamp, TimeUnit::nano, "America/New_York"),
          column("text", Type::text, ValueClass::text)};
}

std::vector<Split> hostile_splits(MissingSide side) {
  return {levels(0, {"AA", "\n"}, side),
          threshold(1, 0.1, side),
          threshold(1, 5e-324, side, true),
          threshold(2, Value::date(-1), side),
          threshold(3, 0.1F, side),
          threshold(4, std::int64_t{1} << 53, side),
          threshold(5, Value::timestamp(1'383'458'400'000'000'001, TimeUnit::nano), side),
          levels(6, {"caf\xc3\xa9", ""}, side),
          is_missing(1),
          block({0, 5, 6})};
}

}  // namespace

TEST_CASE("the table and the single row never disagree, whatever the threads") {
  const Dataset rows = Hostile(40'000).dataset();
  const Dataset few = rows.head(3'000);
  for (MissingSide side : {MissingSide::left, MissingSide::right, MissingSide::alone}) {
    const std::vector<Split> splits = hostile_splits(side);
    for (std::size_t s = 0; s < splits.size(); ++s) {
      TreeBuilder builder(hostile_columns());
      builder.split("", splits[s])
          .split("L", splits[(s + 3) % splits.size()])
          .split("R", splits[(s + 5) % splits.size()]);
      const Tree tree = builder.make();
      CHECK(leaves_of(tree, few) == leaves_by_row(tree, few));
      CHECK(leaves_of(tree, rows, 1) == leaves_of(tree, rows, 3));
      CHECK(Tree::from_json(tree.to_json()) == tree);
      CHECK(leaves_of(Tree::from_json(tree.saved_json()), few) == leaves_of(tree, few));
    }
  }
}

TEST_CASE("applying a tree to one row allocates nothing", "[allocation]") {
  TreeBuilder builder(hostile_columns());
  const std::vector<Split> splits = hostile_splits(MissingSide::left);
  builder.split("", splits[0])
      .split("L", splits[6])
      .split("R", splits[7])
      .split("RL", splits[9])
      .split("RR", splits[2]);
  const Tree tree = builder.make();
  const Value row[] = {"AA",   0.1, Value::date(3), 0.5F, 17, Value::timestamp(5, TimeUnit::second),
                       missing};
  const std::int64_t before = allocation_count();
  int sum = 0;
  for (int i = 0; i < 100; ++i) sum += tree.apply(row);
  const std::int64_t after = allocation_count();
  CHECK(after == before);
  CHECK(sum >= 0);
  const std::string counted(100, 'x');
  CHECK(allocation_count() > after);
}
