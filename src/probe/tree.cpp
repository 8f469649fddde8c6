// SPDX-License-Identifier: Apache-2.0
// Queries of a tree, and its rules by name of the language.
#include <array>

#include "core/fp_guard.hpp"
#include "core/raise.hpp"
#include "probe/rules.hpp"
#include "probe/tree_data.hpp"

namespace mlrepro {

namespace {

using detail::core::raise;
using detail::probe::Node;
using detail::probe::TreeData;

const Node& leaf_node(const TreeData& tree, int leaf) {
  int n_leaves = 0;
  for (const Node& node : tree.nodes) {
    if (node.leaf >= 0) ++n_leaves;
    if (leaf >= 0 && node.leaf == leaf) return node;
  }
  raise<ArgumentError>(
      {.message = "leaf " + std::to_string(leaf) + " does not exist: the tree has " +
                  std::to_string(n_leaves) + " leaves.",
       .next_step = "Give a number from 0 to " + std::to_string(n_leaves - 1) + "."});
}

void check_class(const TreeData& tree, int k) {
  const auto n = static_cast<int>(tree.classes.size());
  if (k >= 0 && k < n) return;
  raise<ArgumentError>(
      {.message = "class " + std::to_string(k) + " does not exist: the target has " +
                  std::to_string(n) + " classes.",
       .next_step = n == 0 ? "Ask a tree whose target is text."
                           : "Give a number from 0 to " + std::to_string(n - 1) + "."});
}

}  // namespace

int Tree::n_leaves() const noexcept {
  int n = 0;
  for (const Node& node : detail::probe::data_of(*this).nodes) n += node.leaf >= 0 ? 1 : 0;
  return n;
}

Leaf Tree::leaf(int leaf) const {
  const TreeData& tree = detail::probe::data_of(*this);
  const Node& node = leaf_node(tree, leaf);
  return {.leaf = leaf,
          .rows = tree.in_sample ? node.judged.n : node.growing.n + node.judged.n,
          .rows_judged = node.judged.n,
          .mean = node.judged.mean,
          .low = node.low,
          .high = node.high,
          .lift = node.lift,
          .share = node.share,
          .p_value = node.p_value,
          .replicated = node.replicated,
          .most_common = node.most_common,
          .stands_out = node.stands_out};
}

int Tree::n_classes() const noexcept {
  return static_cast<int>(detail::probe::data_of(*this).classes.size());
}

std::string_view Tree::class_name(int k) const& {
  const TreeData& tree = detail::probe::data_of(*this);
  check_class(tree, k);
  return tree.classes[static_cast<std::size_t>(k)];
}

RowIndex Tree::class_rows(int leaf, int k) const {
  const TreeData& tree = detail::probe::data_of(*this);
  check_class(tree, k);
  return leaf_node(tree, leaf).judged.classes[static_cast<std::size_t>(k)];
}

std::string Tree::rule(int leaf, std::string_view language, std::string_view dialect) const {
  static constexpr std::array<std::string_view, 5> kLanguages{"text", "sql", "pandas", "polars",
                                                              "cpp"};
  static constexpr std::array<std::string_view, 1> kDialects{"duckdb"};
  const detail::core::FpGuard guard;
  const TreeData& tree = detail::probe::data_of(*this);
  leaf_node(tree, leaf);
  const detail::probe::Condition condition = detail::probe::condition_of(tree, leaf);
  if (language == "text") return detail::probe::text_rule(tree, condition);
  if (language == "pandas") return detail::probe::pandas_rule(tree, condition);
  if (language == "polars") return detail::probe::polars_rule(tree, condition);
  if (language == "cpp") return detail::probe::cpp_rule(tree, condition);
  if (language != "sql") detail::core::raise_unknown_option("language", language, kLanguages);
  if (dialect != "duckdb") detail::core::raise_unknown_option("dialect", dialect, kDialects);
  return detail::probe::sql_rule(tree, condition);
}

std::string Tree::cpp_source() const {
  const detail::core::FpGuard guard;
  return detail::probe::cpp_header(detail::probe::data_of(*this));
}

std::span<const Field> Tree::columns() const& noexcept {
  return detail::probe::data_of(*this).fields;
}

}  // namespace mlrepro
