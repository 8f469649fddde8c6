// SPDX-License-Identifier: Apache-2.0
// mlrepro.tree, version 1, is read here. Everything is checked, so that no file can lead apply()
// astray.
#include <algorithm>
#include <set>
#include <utility>

#include "core/raise.hpp"
#include "probe/tree_data.hpp"
#include "probe/tree_format.hpp"

namespace mlrepro {

namespace detail::probe {

namespace {

using core::ColumnType;
using core::Json;
using core::raise;

constexpr std::string_view kFormat = "mlrepro.tree";
constexpr int kDeepest = 8;

[[noreturn]] void raise_format(const std::string& message) {
  raise<FormatError>(
      {.message = std::string(kFormat) + ": " + message, .next_step = "Save the tree again."});
}

const Json& field(const Json& in, const char* name) {
  if (!in.is_object() || !in.contains(name)) {
    raise_format("field '" + std::string(name) + "' is missing.");
  }
  return in[name];
}

template <class T>
T get(const Json& in, const char* name) {
  const Json& value = field(in, name);
  const bool fits = std::is_same_v<T, bool> ? value.is_boolean()
                    : std::is_integral_v<T> ? value.is_number_integer()
                                            : true;
  if (fits) {
    try {
      return value.get<T>();
    } catch (const Json::exception&) {  // reported below, by name
    }
  }
  raise_format("field '" + std::string(name) + "' is of the wrong type.");
}

double real(const Json& in, const char* name) {
  return core::double_from_json(field(in, name), name);
}

template <class E, std::size_t N>
E choice(const Json& in, const char* name, const std::array<std::string_view, N>& valid) {
  const auto text = get<std::string>(in, name);
  const auto at = std::find(valid.begin(), valid.end(), text);
  if (at == valid.end()) raise_format("field '" + std::string(name) + "' is '" + text + "'.");
  return static_cast<E>(at - valid.begin());
}

Names names_of(const Json& in, const char* name) {
  Names out;
  for (const std::string& text : get<std::vector<std::string>>(in, name)) out.add(text);
  return out;
}

Figures figures_of(const Json& in, const char* name, bool binary) {
  const Json& json = field(in, name);
  return {.n = get<RowIndex>(json, "n"),
          .positives = binary ? get<RowIndex>(json, "positives") : 0,
          .sum = real(json, "sum"),
          .mean = real(json, "mean"),
          .sd = real(json, "sd")};
}

OwnedValue value_of(const Json& json, const TreeData& tree, int column) {
  OwnedValue value = core::value_from_json(json, kFormat);
  if (value.get().value_class() != tree.columns[static_cast<std::size_t>(column)].value_class ||
      value.get().is_missing()) {
    raise_format("a split of column '" + tree.columns[static_cast<std::size_t>(column)].name +
                 "' has a value of another class than the column.");
  }
  return value;
}

int column_of(const TreeData& tree, int column) {
  if (column < 0 || column >= static_cast<int>(tree.columns.size())) {
    raise_format("a split names column " + std::to_string(column) + " of " +
                 std::to_string(tree.columns.size()) + ".");
  }
  return column;
}

Split split_of(const Json& json, const TreeData& tree) {
  Split split;
  split.kind = choice<SplitKind>(json, "kind", kKinds);
  split.gain = real(json, "gain");
  split.log_p_choice = real(json, "log_p_choice");
  split.log_p_cut = real(json, "log_p_cut");
  split.n_tested = get<int>(json, "n_tested");
  if (split.kind == SplitKind::block) {
    split.block = get<std::vector<int>>(json, "block");
    if (split.block.empty()) raise_format("a block without columns.");
    for (int column : split.block) column_of(tree, column);
    return split;
  }
  split.column = column_of(tree, get<int>(json, "column"));
  if (split.kind == SplitKind::is_missing) return split;
  split.missing = choice<MissingSide>(json, "missing", kSides);
  split.missing_seen = get<bool>(json, "missing_seen");
  if (split.kind == SplitKind::threshold) {
    split.threshold = value_of(field(json, "threshold"), tree, split.column);
    if (split.threshold.is_text) raise_format("a threshold of text.");
    split.strict = get<bool>(json, "strict");
    return split;
  }
  for (const Json& level : field(json, "levels"))
    split.levels.push_back(value_of(level, tree, split.column));
  if (split.levels.empty()) raise_format("a split without levels.");
  return split;
}

RunnerUp runner_up_of(const Json& json) {
  return {.column = get<std::string>(json, "column"),
          .rule = get<std::string>(json, "rule"),
          .gain = real(json, "gain"),
          .log_p = real(json, "log_p"),
          .agreement = real(json, "agreement"),
          .tied = get<bool>(json, "tied")};
}

Node node_of(const Json& json, const TreeData& tree) {
  Node node;
  node.path = get<std::string>(json, "path");
  node.parent = get<int>(json, "parent");
  node.depth = get<int>(json, "depth");
  node.left = get<int>(json, "left");
  node.right = get<int>(json, "right");
  node.alone = get<int>(json, "alone");
  node.leaf = get<int>(json, "leaf");
  node.growing = figures_of(json, "growing", tree.binary);
  node.judged = figures_of(json, "judged", tree.binary);
  node.low = real(json, "low");
  node.high = real(json, "high");
  node.lift = real(json, "lift");
  node.share = real(json, "share");
  node.p_value = real(json, "p_value");
  node.replicated = get<bool>(json, "replicated");
  for (const Json& up : field(json, "runner_ups")) node.runner_ups.push_back(runner_up_of(up));
  if (node.leaf >= 0) {
    node.ended = get<std::string>(json, "ended");
  } else {
    node.split = split_of(field(json, "split"), tree);
  }
  return node;
}

MissingBlock block_of(const Json& json, bool binary) {
  return {.columns = get<std::vector<std::string>>(json, "columns"),
          .n_missing = get<RowIndex>(json, "n_missing"),
          .inside = figures_of(json, "inside", binary),
          .outside = figures_of(json, "outside", binary),
          .low = real(json, "low"),
          .high = real(json, "high"),
          .log_p = real(json, "log_p"),
          .also_missing = get<std::vector<std::string>>(json, "also_missing"),
          .who = get<std::string>(json, "who")};
}

TreeColumn column_of(const Json& json) {
  TreeColumn column;
  column.name = get<std::string>(json, "name");
  column.is_join_outcome = get<bool>(json, "join_outcome");
  const auto text = get<std::string>(json, "class");
  for (int c = 0; c <= static_cast<int>(ValueClass::duration); ++c) {
    if (to_string(static_cast<ValueClass>(c)) == text)
      column.value_class = static_cast<ValueClass>(c);
  }
  if (text != to_string(column.value_class))
    raise_format("column class '" + text + "' is not known.");
  return column;
}

// Every node but the root is the child of an earlier one that names it, on the side that its path
// says.
void check_links(const TreeData& tree) {
  const int n = static_cast<int>(tree.nodes.size());
  if (n == 0 || tree.nodes[0].parent != -1 || tree.nodes[0].depth != 0)
    raise_format("a tree without a root.");
  std::vector<int> named(static_cast<std::size_t>(n), 0);
  for (int i = 0; i < n; ++i) {
    const Node& node = tree.nodes[static_cast<std::size_t>(i)];
    if (node.depth > kDeepest)
      raise_format("node '" + node.path + "' is deeper than " + std::to_string(kDeepest) + ".");
    const bool alone = node.leaf < 0 && node.split.kind != SplitKind::is_missing &&
                       node.split.kind != SplitKind::block &&
                       node.split.missing == MissingSide::alone;
    const std::array<std::pair<int, char>, 3> children{
        {{node.left, 'L'}, {node.right, 'R'}, {node.alone, 'M'}}};
    for (const auto& [child, step] : children) {
      const bool expected = node.leaf < 0 && (step != 'M' || alone);
      if (!expected && child == -1) continue;
      const bool ok = expected && child > i && child < n &&
                      tree.nodes[static_cast<std::size_t>(child)].parent == i &&
                      tree.nodes[static_cast<std::size_t>(child)].depth == node.depth + 1 &&
                      tree.nodes[static_cast<std::size_t>(child)].path == node.path + step;
      if (!ok)
        raise_format("node " + std::to_string(i) + " ('" + node.path + "') has wrong children.");
      ++named[static_cast<std::size_t>(child)];
    }
  }
  for (int i = 1; i < n; ++i) {
    if (named[static_cast<std::size_t>(i)] != 1)
      raise_format("node " + std::to_string(i) + " has no parent.");
  }
}

void check_leaves(const TreeData& tree) {
  std::set<int> leaves;
  for (const Node& node : tree.nodes) {
    if (node.leaf >= 0) leaves.insert(node.leaf);
  }
  std::size_t n_leaves = 0;
  for (const Node& node : tree.nodes) n_leaves += node.leaf >= 0 ? 1 : 0;
  if (leaves.size() != n_leaves || *leaves.rbegin() != static_cast<int>(n_leaves) - 1) {
    raise_format("its leaves are not numbered 0 to " + std::to_string(n_leaves - 1) + ".");
  }
}

void read_types(const Json& types, TreeData& tree) {
  if (!types.is_array() || types.size() != tree.columns.size())
    raise_format("types do not fit the columns.");
  for (std::size_t i = 0; i < tree.columns.size(); ++i) {
    ColumnType& type = tree.columns[i].type;
    const auto name = get<std::string>(types[i], "type");
    for (int t = 0; t <= static_cast<int>(Type::duration); ++t) {
      if (to_string(static_cast<Type>(t)) == name) type.type = static_cast<Type>(t);
    }
    const auto unit = get<std::string>(types[i], "unit");
    for (int u = 0; u <= static_cast<int>(TimeUnit::nano); ++u) {
      if (to_string(static_cast<TimeUnit>(u)) == unit) type.unit = static_cast<TimeUnit>(u);
    }
    type.zone = get<std::string>(types[i], "zone");
    type.ordered = get<bool>(types[i], "ordered");
    if (name != to_string(type.type) || unit != to_string(type.unit))
      raise_format("type '" + name + "' is not known.");
  }
}

void read_settings(const Json& json, TreeData& tree) {
  tree.target = get<std::string>(json, "target");
  tree.binary = get<bool>(json, "binary");
  tree.in_sample = get<bool>(json, "in_sample");
  tree.interval = get<std::string>(json, "interval");
  tree.features = names_of(json, "features");
  tree.exclude = names_of(json, "exclude");
  tree.max_depth = get<int>(json, "max_depth");
  tree.min_samples_leaf = get<RowIndex>(json, "min_samples_leaf");
  tree.selection = get<std::string>(json, "selection");
  tree.alpha = real(json, "alpha");
  const OwnedValue seed = core::value_from_json(json["seed"], kFormat);
  if (seed.get().value_class() != ValueClass::number ||
      seed.get().number_form() != Value::NumberForm::unsigned_integer) {
    raise_format("field 'seed' is no unsigned integer.");
  }
  tree.seed = seed.get().bits();
  tree.n_rows = get<RowIndex>(json, "n_rows");
  tree.n_target_missing = get<RowIndex>(json, "n_target_missing");
}

#define MLREPRO_TREE_FIELDS                                                                        \
  "target", "binary", "in_sample", "interval", "features", "exclude", "max_depth",                 \
      "min_samples_leaf", "selection", "alpha", "seed", "n_rows", "n_target_missing", "growing",   \
      "judged", "columns", "nodes", "blocks", "warnings", "constant_columns", "duplicate_columns", \
      "visible_effect"

Json open(std::string_view text) {
  const Json head = core::parse_json(text, kFormat);
  if (head.is_object() && head.contains("probe")) {
    return core::open_envelope(text, "tree", kVersion, {MLREPRO_TREE_FIELDS, "probe"});
  }
  return core::open_envelope(text, "tree", kVersion, {MLREPRO_TREE_FIELDS});
}
#undef MLREPRO_TREE_FIELDS

std::unique_ptr<TreeData> read_tree(const Json& json) {
  auto tree = std::make_unique<TreeData>();
  read_settings(json, *tree);
  tree->growing = figures_of(json, "growing", tree->binary);
  tree->judged = figures_of(json, "judged", tree->binary);
  for (const Json& column : field(json, "columns")) tree->columns.push_back(column_of(column));
  for (const Json& node : field(json, "nodes")) tree->nodes.push_back(node_of(node, *tree));
  for (const Json& block : field(json, "blocks"))
    tree->blocks.push_back(block_of(block, tree->binary));
  tree->warnings = get<std::vector<std::string>>(json, "warnings");
  tree->constant_columns = get<std::vector<std::string>>(json, "constant_columns");
  tree->duplicate_columns = get<std::vector<std::string>>(json, "duplicate_columns");
  tree->visible_effect = real(json, "visible_effect");
  check_links(*tree);
  check_leaves(*tree);
  if (json.contains("probe")) {
    read_types(field(json["probe"], "types"), *tree);
    tree->settings = core::canonical_json(field(json["probe"], "settings"));
  }
  return tree;
}

}  // namespace

}  // namespace detail::probe

Tree Tree::from_json(std::string_view json) {
  return detail::probe::make_tree(detail::probe::read_tree(detail::probe::open(json)));
}

}  // namespace mlrepro
