// SPDX-License-Identifier: Apache-2.0
// Saved trees, comparisons and slices: what is read is written again as it was, prints itself in
// every language, and sends every row to a leaf or refuses it.
#include <mlrepro/core/errors.hpp>
#include <mlrepro/probe/compare.hpp>
#include <mlrepro/probe/slices.hpp>
#include <mlrepro/probe/tree.hpp>

#include <string>

#include "fuzz.hpp"

using namespace mlrepro;
using namespace mlrepro_test;

namespace {

void print(const Tree& tree) {
  require(!tree.to_text().empty(), "a tree without text");
  for (const char* language : {"text", "sql", "pandas", "polars", "cpp"}) {
    for (int leaf = 0; leaf < tree.n_leaves(); ++leaf) {
      try {
        require(!tree.rule(leaf, language).empty(), "a rule without text");
      } catch (const Error&) {  // a literal that the language cannot hold
      }
    }
  }
  try {
    require(!tree.cpp_source().empty(), "no C++");
  } catch (const Error&) {
  }
}

void apply(const Tree& tree) {
  const Value values[] = {Value(17),
                          Value(-0.5),
                          Value("AA"),
                          Value(false),
                          missing,
                          Value::date(1),
                          Value::duration(5, TimeUnit::nano)};
  for (const Value& v : values) {
    const std::vector<Value> row(tree.columns().size(), v);
    const int leaf = tree.apply(row);
    require(leaf >= -1 && leaf < tree.n_leaves(), "a leaf that is none");
  }
}

void read_tree(std::string_view text) {
  const Tree tree = Tree::from_json(text);
  const std::string written = tree.to_json();
  require(Tree::from_json(written).to_json() == written, "a tree changed when it was saved");
  print(tree);
  apply(tree);
}

template <class Result>
void read_result(std::string_view text) {
  const Result result = Result::from_json(text);
  const std::string written = result.to_json();
  require(Result::from_json(written).to_json() == written, "a result changed when it was saved");
  require(!result.to_text().empty(), "a result without text");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text(data, size);
  for (const auto read : {&read_tree, &read_result<PredictionComparison>, &read_result<Slices>}) {
    try {
      read(text);
    } catch (const Error&) {
    }
  }
  return 0;
}
