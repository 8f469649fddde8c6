// SPDX-License-Identifier: Apache-2.0
// mlrepro.tree, version 1, is read here. Everything is checked, so that no file can lead apply()
// astray.
#include <algorithm>
#include <cmath>
#include <utility>

#include "core/json_reader.hpp"
#include "probe/tree_check.hpp"
#include "probe/tree_data.hpp"
#include "probe/tree_format.hpp"
#include "probe/tree_read_figures.hpp"

namespace mlrepro {

namespace detail::probe {

namespace {

using core::ColumnType;
using core::Json;

Names names_of(const Json& in, const char* name) {
  Names out;
  for (const std::string& text : kRead.texts(in, name)) out.add(text);
  return out;
}

OwnedValue value_of(const Json& json, const TreeData& tree, int column) {
  OwnedValue value = core::value_from_json(json, kFormat);
  if (value.get().value_class() != tree.columns[static_cast<std::size_t>(column)].value_class ||
      value.get().is_missing()) {
    kRead.damaged("a split of column '" + tree.columns[static_cast<std::size_t>(column)].name +
                  "' has a value of another class than the column");
  }
  return value;
}

int column_of(const TreeData& tree, std::int64_t column) {
  if (column >= static_cast<std::int64_t>(tree.columns.size())) {
    kRead.damaged("a split names column " + std::to_string(column) + " of " +
                  std::to_string(tree.columns.size()));
  }
  return static_cast<int>(column);
}

std::vector<int> columns_of(const Json& json, const char* name, const TreeData& tree) {
  std::vector<int> columns;
  for (const Json& column : kRead.list(json, name))
    columns.push_back(column_of(tree, kRead.count_in(column, name)));
  return columns;
}

// A column counted twice would be missing twice.
void read_counted(const Json& json, const TreeData& tree, Split& split) {
  split.block = columns_of(json, "columns", tree);
  split.least = kRead.small(json, "least");
  const auto falls = [](int a, int b) { return a >= b; };
  if (std::adjacent_find(split.block.begin(), split.block.end(), falls) != split.block.end())
    kRead.damaged("counted columns that do not ascend");
  if (split.least < 1 || split.least > static_cast<int>(split.block.size()))
    kRead.damaged("a split at " + std::to_string(split.least) + " missing of " +
                  std::to_string(split.block.size()) + " columns");
}

Split split_of(const Json& json, const TreeData& tree) {
  Split split;
  split.kind = static_cast<SplitKind>(kRead.choice(json, "kind", kKinds));
  split.gain = kRead.real(json, "gain");
  split.log_p_choice = kRead.real(json, "log_p_choice");
  split.log_p_cut = kRead.real(json, "log_p_cut");
  split.n_tested = kRead.small(json, "n_tested");
  if (split.kind == SplitKind::block) {
    split.block = columns_of(json, "block", tree);
    if (split.block.empty()) kRead.damaged("a block without columns");
    return split;
  }
  if (split.kind == SplitKind::n_missing) {
    read_counted(json, tree, split);
    return split;
  }
  split.column = column_of(tree, kRead.count(json, "column"));
  if (split.kind == SplitKind::is_missing) return split;
  split.missing = static_cast<MissingSide>(kRead.choice(json, "missing", kSides));
  split.missing_seen = kRead.flag(json, "missing_seen");
  if (split.kind == SplitKind::threshold) {
    split.threshold = value_of(kRead.field(json, "threshold"), tree, split.column);
    if (split.threshold.is_text) kRead.damaged("a threshold of text");
    split.strict = kRead.flag(json, "strict");
    return split;
  }
  for (const Json& level : kRead.list(json, "levels"))
    split.levels.push_back(value_of(level, tree, split.column));
  if (split.levels.empty()) kRead.damaged("a split without levels");
  return split;
}

RunnerUp runner_up_of(const Json& json) {
  return {.column = kRead.text(json, "column"),
          .rule = kRead.text(json, "rule"),
          .gain = kRead.real(json, "gain"),
          .log_p = kRead.real(json, "log_p"),
          .agreement = kRead.real(json, "agreement"),
          .tied = kRead.flag(json, "tied")};
}

std::vector<double> edges_of(const Json& json, const TreeData& tree) {
  std::vector<double> edges;
  if (tree.is_rate()) kRead.damaged("histogram_edges of a rate");
  for (const Json& edge : kRead.list(json, "histogram_edges"))
    edges.push_back(core::double_from_json(edge, "the tree"));
  for (std::size_t i = 0; i < edges.size(); ++i) {
    if (!std::isfinite(edges[i]) || (i > 0 && !(edges[i - 1] < edges[i])))
      kRead.damaged("histogram_edges that do not ascend");
  }
  if (edges.empty()) kRead.damaged("histogram_edges that are none");
  return edges;
}

Node node_of(const Json& json, const TreeData& tree) {
  Node node;
  node.path = kRead.text(json, "path");
  node.parent = kRead.small(json, "parent", -1);
  node.depth = kRead.small(json, "depth");
  node.left = kRead.small(json, "left", -1);
  node.right = kRead.small(json, "right", -1);
  node.alone = kRead.small(json, "alone", -1);
  node.leaf = kRead.small(json, "leaf", -1);
  if (!tree.classes.empty()) {
    node.most_common = class_of(json, "most_common", tree, 0);
    node.stands_out = class_of(json, "stands_out", tree, -1);
  }
  node.growing = figures_of(json, "growing", tree, node.most_common);
  node.judged = figures_of(json, "judged", tree, node.most_common);
  if (!tree.histogram_edges.empty()) {
    node.histogram = counts_of(json, "histogram", tree.histogram_edges.size() + 1, node.judged.n);
  } else if (json.contains("histogram")) {
    kRead.damaged("a histogram without histogram_edges");
  }
  node.low = kRead.real(json, "low");
  node.high = kRead.real(json, "high");
  node.lift = kRead.real(json, "lift");
  node.share = kRead.real(json, "share");
  node.p_value = kRead.p_value(json, "p_value");
  node.replicated = kRead.flag(json, "replicated");
  for (const Json& up : kRead.list(json, "runner_ups")) node.runner_ups.push_back(runner_up_of(up));
  if (node.leaf >= 0) {
    node.ended = kRead.text(json, "ended");
  } else {
    node.split = split_of(kRead.field(json, "split"), tree);
  }
  return node;
}

MissingBlock block_of(const Json& json, const TreeData& tree) {
  const int k = tree.classes.empty() ? -1 : class_of(json, "stands_out", tree, 0);
  return {.columns = kRead.texts(json, "columns"),
          .n_missing = kRead.count(json, "n_missing"),
          .inside = figures_of(json, "inside", tree, k),
          .outside = figures_of(json, "outside", tree, k),
          .stands_out = k,
          .low = kRead.real(json, "low"),
          .high = kRead.real(json, "high"),
          .log_p = kRead.real(json, "log_p"),
          .also_missing = kRead.texts(json, "also_missing"),
          .who = kRead.text(json, "who")};
}

TreeColumn column_of(const Json& json) {
  TreeColumn column;
  column.name = kRead.text(json, "name");
  column.is_join_outcome = kRead.flag(json, "join_outcome");
  column.value_class = kRead.named(json, "class", ValueClass::duration);
  return column;
}

void read_types(const Json& types, TreeData& tree) {
  if (!types.is_array() || types.size() != tree.columns.size())
    kRead.damaged("types do not fit the columns");
  for (std::size_t i = 0; i < tree.columns.size(); ++i) {
    ColumnType& type = tree.columns[i].type;
    type.type = kRead.named(types[i], "type", Type::duration);
    type.unit = kRead.named(types[i], "unit", TimeUnit::nano);
    type.zone = kRead.text(types[i], "zone");
    type.ordered = kRead.flag(types[i], "ordered");
  }
}

void read_settings(const Json& json, TreeData& tree) {
  tree.target = kRead.text(json, "target");
  tree.binary = kRead.flag(json, "binary");
  if (json.contains("classes")) tree.classes = classes_of(json, tree.binary);
  tree.in_sample = kRead.flag(json, "in_sample");
  tree.interval = kRead.text(json, "interval");
  tree.features = names_of(json, "features");
  tree.exclude = names_of(json, "exclude");
  if (json.contains("meta_features")) tree.meta_features = kRead.flag(json, "meta_features");
  tree.max_depth = kRead.small(json, "max_depth");
  tree.min_samples_leaf = kRead.count(json, "min_samples_leaf");
  tree.selection = kRead.text(json, "selection");
  tree.alpha = kRead.real(json, "alpha");
  const OwnedValue seed = core::value_from_json(json["seed"], kFormat);
  if (seed.get().value_class() != ValueClass::number ||
      seed.get().number_form() != Value::NumberForm::unsigned_integer) {
    kRead.damaged("field 'seed' is no unsigned integer");
  }
  tree.seed = seed.get().bits();
  tree.n_rows = kRead.count(json, "n_rows");
  tree.n_target_missing = kRead.count(json, "n_target_missing");
}

Json open(std::string_view text) {
  return core::open_envelope(text, "tree", kVersion,
                             {"target",
                              "binary",
                              "in_sample",
                              "interval",
                              "features",
                              "exclude",
                              "max_depth",
                              "min_samples_leaf",
                              "selection",
                              "alpha",
                              "seed",
                              "n_rows",
                              "n_target_missing",
                              "growing",
                              "judged",
                              "columns",
                              "nodes",
                              "blocks",
                              "warnings",
                              "constant_columns",
                              "duplicate_columns",
                              "visible_effect"},
                             {"classes", "histogram_edges", "meta_features", "probe"});
}

std::unique_ptr<TreeData> read_tree(const Json& json) {
  auto tree = std::make_unique<TreeData>();
  read_settings(json, *tree);
  tree->growing = figures_of(json, "growing", *tree);
  tree->judged = figures_of(json, "judged", *tree);
  if (json.contains("histogram_edges")) tree->histogram_edges = edges_of(json, *tree);
  for (const Json& column : kRead.list(json, "columns")) tree->columns.push_back(column_of(column));
  for (const Json& node : kRead.list(json, "nodes")) tree->nodes.push_back(node_of(node, *tree));
  for (const Json& block : kRead.list(json, "blocks"))
    tree->blocks.push_back(block_of(block, *tree));
  tree->warnings = kRead.texts(json, "warnings");
  tree->constant_columns = kRead.texts(json, "constant_columns");
  tree->duplicate_columns = kRead.texts(json, "duplicate_columns");
  tree->visible_effect = kRead.real(json, "visible_effect");
  check_links(*tree);
  check_leaves(*tree);
  check_counts(*tree);
  if (json.contains("probe")) {
    read_types(kRead.field(json["probe"], "types"), *tree);
    tree->settings = core::canonical_json(kRead.field(json["probe"], "settings"));
  }
  return tree;
}

}  // namespace

}  // namespace detail::probe

Tree Tree::from_json(std::string_view json) {
  return detail::probe::make_tree(detail::probe::read_tree(detail::probe::open(json)));
}

}  // namespace mlrepro
