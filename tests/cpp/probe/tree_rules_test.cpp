// SPDX-License-Identifier: Apache-2.0
// Rules as texts; that they select the right rows is tested by running them
// (tests/python/test_rules.py).
#include <fstream>
#include <limits>
#include <sstream>

#include <nlohmann/json.hpp>

#include "catch_compat.hpp"
#include "golden_tree.hpp"

namespace {

using namespace mlrepro_test;

std::string left_rule(TreeColumn c, Split split, const char* language) {
  return TreeBuilder({std::move(c)}).split("", std::move(split)).make().rule(0, language);
}

TreeColumn number(Type type) {
  return column("x", type, ValueClass::number);
}

nlohmann::json all_rules(const Tree& tree) {
  nlohmann::json out;
  for (const char* language : {"text", "sql", "pandas", "polars", "cpp"}) {
    for (int leaf = 0; leaf < tree.n_leaves(); ++leaf)
      out[language].push_back(tree.rule(leaf, language));
  }
  out["cpp_source"] = tree.cpp_source();
  return out;
}

}  // namespace

TEST_CASE("the rules of a tree change unseen") {
  std::ifstream in(MLREPRO_TESTS_DIR "/golden/tree_v1_rules.json");
  CHECK(all_rules(golden_tree()) == nlohmann::json::parse(in));
}

TEST_CASE("a threshold is written with fewer digits than it has") {
  const double t = 0.1 + 0.2;
  CHECK(left_rule(number(Type::float64), threshold(0, t), "sql").find("0.30000000000000004e0") !=
        std::string::npos);
  CHECK(
      left_rule(number(Type::float64), threshold(0, t), "pandas").find("<= 0.30000000000000004)") !=
      std::string::npos);
  CHECK(left_rule(number(Type::float32), threshold(0, 0.1F), "pandas").find("np.float32(0.1)") !=
        std::string::npos);
  CHECK(left_rule(number(Type::float32), threshold(0, 0.1F), "polars")
            .find("pl.lit(0.1, dtype=pl.Float32)") != std::string::npos);
  CHECK(left_rule(number(Type::float32), threshold(0, 0.1F), "cpp").find("ordered(0.1f)") !=
        std::string::npos);
  CHECK(left_rule(number(Type::int64), threshold(0, std::int64_t{9007199254740993}), "polars")
            .find("9007199254740993") != std::string::npos);
  CHECK(left_rule(number(Type::uint64), threshold(0, std::numeric_limits<std::uint64_t>::max()),
                  "cpp")
            .find("18446744073709551615u") != std::string::npos);
}

TEST_CASE("minus zero and infinities become words that a language does not know") {
  CHECK(left_rule(number(Type::float64), threshold(0, -0.0), "sql").ends_with("\"x\" <= 0e0"));
  const double inf = std::numeric_limits<double>::infinity();
  CHECK(left_rule(number(Type::float64), threshold(0, inf), "sql")
            .ends_with("CAST('inf' AS DOUBLE)"));
  CHECK(left_rule(number(Type::float64), threshold(0, -inf), "pandas").ends_with("float('-inf'))"));
}

TEST_CASE("a name or a category breaks out of its quotes") {
  const Split split = levels(0, {"it's a \"test\"\n\\"});
  const TreeColumn hostile = column("a\"b'c\\\nd", Type::text, ValueClass::text);
  CHECK(left_rule(hostile, split, "sql") ==
        "\"a\"\"b'c\\\nd\" IS NOT NULL AND \"a\"\"b'c\\\nd\" = ('it''s a \"test\"' || chr(10) || "
        "'\\')");
  CHECK(left_rule(hostile, split, "pandas") ==
        R"(df['a"b\'c\\\nd'].notna() & df['a"b\'c\\\nd'].isin(['it\'s a "test"\n\\']))");
  CHECK(left_rule(hostile, split, "cpp") ==
        R"(!is_missing(row.a_b_c_d) && *row.a_b_c_d == "it's a \"test\"\012\\")");
}

TEST_CASE("two columns share an identifier in the C++ rule") {
  TreeBuilder b({column("a b", Type::int64, ValueClass::number),
                 column("a.b", Type::int64, ValueClass::number),
                 column("class", Type::int64, ValueClass::number),
                 column("\xc3\xa9", Type::int64, ValueClass::number)});
  b.split("", threshold(0, 1))
      .split("L", threshold(1, 2))
      .split("LL", threshold(2, 3))
      .split("LLL", threshold(3, 4));
  const std::string rule = b.make().rule(0, "cpp");
  for (const char* field :
       {"*row.a_b <= 1", "*row.a_b_2 <= 2", "*row.class_ <= 3", "*row.x <= 4"}) {
    CHECK(rule.find(field) != std::string::npos);
  }
}

TEST_CASE("bounds of one column are repeated instead of gathered") {
  TreeBuilder b({number(Type::int64)});
  b.split("", threshold(0, 100, MissingSide::left))
      .split("L", threshold(0, 10, MissingSide::left))
      .split("LR", threshold(0, 50));
  const Tree tree = b.make();
  CHECK(tree.rule(0, "text") == "(x is missing or x <= 10)");
  CHECK(tree.rule(1, "text") == "x > 10 and x <= 50");
  CHECK(tree.rule(2, "text") == "x > 50 and x <= 100");
  CHECK(tree.rule(3, "text") == "x > 100");
}

TEST_CASE("a tree without a split has no rule") {
  const Tree tree = TreeBuilder({}).make();
  CHECK(tree.rule(0, "text") == "all rows");
  CHECK(tree.rule(0, "sql") == "TRUE");
  CHECK(tree.apply(std::span<const Value>{}) == 0);
}

TEST_CASE("an unknown language or dialect is taken for the default") {
  const Tree tree = TreeBuilder({}).make();
  CHECK_THROWS_AS(tree.rule(0, "sqll"), ArgumentError);
  CHECK_THROWS_AS(tree.rule(0, "sql", "oracle"), ArgumentError);
  CHECK_THROWS_AS(tree.rule(7, "sql"), ArgumentError);
}

TEST_CASE("DuckDB is given an interval that it rounds") {
  const TreeColumn c = column("d", Type::duration, ValueClass::duration, TimeUnit::nano);
  CHECK_THROWS_AS(left_rule(c, threshold(0, Value::duration(1500, TimeUnit::nano)), "sql"),
                  ArgumentError);
  CHECK(left_rule(c, threshold(0, Value::duration(2000, TimeUnit::nano)), "sql")
            .ends_with("to_microseconds(2)"));
  CHECK(left_rule(c, threshold(0, Value::duration(1500, TimeUnit::nano)), "polars")
            .ends_with("pl.lit(1500, dtype=pl.Duration('ns')))"));
}

TEST_CASE("the condition of a runner-up cannot be written without its column in the tree") {
  const std::string_view names[] = {"dep time", "b"};
  CHECK(condition_text(names, threshold(7, 5)) == "'dep time' <= 5");
  CHECK(condition_text(names, is_missing(7)) == "'dep time' is missing");
  CHECK(condition_text(names, levels(7, {"a", "17"})) == "'dep time' in {a, '17'}");
  CHECK(condition_text(names, block({3, 4})) == "'dep time', b missing together");
}
