// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

#include "catch_compat.hpp"
#include "golden_tree.hpp"

namespace {

using namespace mlrepro_test;

std::string golden(const std::string& name) {
  std::ifstream in(std::string(MLREPRO_TESTS_DIR "/golden/") + name, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

Tree tree_on(Type type, const Value& value) {
  return TreeBuilder({column("x", type, ValueClass::number)}).split("", threshold(0, value)).make();
}

// The golden document with one field changed.
std::string edited(const std::string& pointer, const nlohmann::json& value) {
  nlohmann::json json = nlohmann::json::parse(golden_tree().to_json());
  json[nlohmann::json::json_pointer(pointer)] = value;
  return json.dump();
}

}  // namespace

TEST_CASE("the bytes of the tree format change without a new version") {
  CHECK(golden_tree().to_json() == golden("tree_v1.json"));
  CHECK(Tree::from_json(golden("tree_v1.json")).to_json() == golden("tree_v1.json"));
}

TEST_CASE("the text of a tree changes unseen") {
  CHECK(golden_tree().to_text() == golden("tree_v1.txt"));
  CHECK(Tree::from_json(golden("tree_v1.json")).to_text() == golden("tree_v1.txt"));
  std::istringstream lines(golden_tree().to_text());
  for (std::string line; std::getline(lines, line);) {
    std::size_t width = 0;
    for (char c : line) width += (static_cast<unsigned char>(c) & 0xc0U) != 0x80U ? 1 : 0;
    CHECK(width <= 100);
  }
}

TEST_CASE("the dtype of a column shows in the bytes of a tree") {
  CHECK(tree_on(Type::int64, std::int64_t{5}) == tree_on(Type::float64, 5.0));
  CHECK(tree_on(Type::float32, 0.5F) == tree_on(Type::float64, 0.5));
  CHECK(tree_on(Type::int8, std::int64_t{0}) == tree_on(Type::float64, -0.0));
  CHECK_FALSE(tree_on(Type::float32, 0.1F) == tree_on(Type::float64, 0.1));
  const auto at = [](const Value& v) {
    return TreeBuilder({column("t", Type::timestamp, ValueClass::timestamp)})
        .split("", threshold(0, v))
        .make();
  };
  CHECK(at(Value::timestamp(5'000, TimeUnit::milli)) == at(Value::timestamp(5, TimeUnit::second)));
}

TEST_CASE("a saved tree forgets the types that its rules need") {
  const Tree tree = tree_on(Type::float32, 0.1F);
  const Tree saved = Tree::from_json(tree.saved_json(R"({"max_depth":3})"));
  CHECK(saved == tree);
  CHECK(saved.rule(0, "sql") == tree.rule(0, "sql"));
  CHECK(saved.rule(0, "sql").find("CAST('0.1' AS REAL)") != std::string::npos);
}

TEST_CASE("a damaged tree file leads apply astray instead of being refused") {
  const std::string text = golden_tree().to_json();
  for (std::size_t cut = 0; cut < text.size(); cut += 97)
    CHECK_THROWS_AS(Tree::from_json(text.substr(0, cut)), FormatError);
  CHECK_THROWS_AS(Tree::from_json(edited("/version", 2)), FormatError);
  CHECK_THROWS_AS(Tree::from_json(edited("/surprise", 1)), FormatError);
  CHECK_THROWS_AS(Tree::from_json(edited("/nodes/0/left", 0)), FormatError);  // a cycle
  CHECK_THROWS_AS(Tree::from_json(edited("/nodes/0/right", 99)), FormatError);
  CHECK_THROWS_AS(Tree::from_json(edited("/nodes/0/split/column", 99)), FormatError);
  CHECK_THROWS_AS(Tree::from_json(edited("/nodes/0/split/kind", "oblique")), FormatError);
  CHECK_THROWS_AS(Tree::from_json(edited("/nodes/0/split/levels", nlohmann::json::array({1}))),
                  FormatError);
  CHECK_THROWS_AS(Tree::from_json(edited("/nodes/0/split/levels", nlohmann::json::array())),
                  FormatError);
  CHECK_THROWS_AS(Tree::from_json(edited("/nodes", nlohmann::json::array())), FormatError);
  CHECK_THROWS_AS(Tree::from_json(edited("/n_rows", "many")), FormatError);
  CHECK_THROWS_AS(Tree::from_json(edited("/seed", -1)), FormatError);
  CHECK_THROWS_AS(Tree::from_json("[]"), FormatError);
}

TEST_CASE("leaf figures are read off the wrong node") {
  const Tree tree = golden_tree();
  RowIndex rows = 0, judged = 0;
  for (int i = 0; i < tree.n_leaves(); ++i) {
    CHECK(tree.leaf(i).leaf == i);
    rows += tree.leaf(i).rows;
    judged += tree.leaf(i).rows_judged;
  }
  const TreeData& data = data_of(tree);
  CHECK(rows == data.growing.n + data.judged.n);
  CHECK(judged == data.judged.n);
  CHECK_THROWS_AS(tree.leaf(tree.n_leaves()), ArgumentError);
  CHECK_THROWS_AS(tree.leaf(-1), ArgumentError);
}
