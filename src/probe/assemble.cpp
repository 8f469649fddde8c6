// SPDX-License-Identifier: Apache-2.0
#include "probe/assemble.hpp"

#include <algorithm>
#include <memory>
#include <set>

namespace mlrepro::detail::probe {

namespace {

// The count above the edge: one more than the count at it, which is a whole number.
int least_missing(const BinnedColumn& count, int edge) {
  const auto at = static_cast<std::size_t>(edge);
  return static_cast<int>(count.cuts[at].bits()) + (count.strict[at] != 0 ? 0 : 1);
}

}  // namespace

std::vector<int> columns_of(const SearchSet& set, const Cut& cut) {
  if (cut.kind == SplitKind::n_missing) return set.counted;
  if (cut.kind != SplitKind::block) return {cut.column};
  return set
      .planes[static_cast<std::size_t>(set.columns[static_cast<std::size_t>(cut.column)].plane)]
      .columns;
}

Split split_of(const SearchSet& set, const Cut& cut, const std::function<int(int)>& column_number) {
  const BinnedColumn& bins = *set.columns[static_cast<std::size_t>(cut.column)].bins;
  Split split;
  split.kind = cut.kind;
  split.missing = cut.missing;
  split.missing_seen = cut.missing_seen;
  split.log_p_cut = cut.log_p_cut;
  if (reads_many(cut.kind)) {
    for (const int c : columns_of(set, cut)) split.block.push_back(column_number(c));
    if (cut.kind == SplitKind::n_missing) split.least = least_missing(bins, cut.edge);
    return split;
  }
  split.column = column_number(cut.column);
  if (cut.kind == SplitKind::threshold) {
    split.threshold = OwnedValue::of(bins.cuts[static_cast<std::size_t>(cut.edge)]);
    split.strict = bins.strict[static_cast<std::size_t>(cut.edge)] != 0;
  }
  for (const std::uint8_t level : cut.levels)
    split.levels.push_back(OwnedValue::of(bins.cuts[level]));
  return split;
}

std::string left_condition(const SearchSet& set, const Cut& cut) {
  std::vector<std::string_view> names;
  for (const int c : columns_of(set, cut))
    names.push_back(set.columns[static_cast<std::size_t>(c)].name);
  int next = 0;
  const Split split = split_of(set, cut, [&](int) { return reads_many(cut.kind) ? next++ : 0; });
  return condition_text(names, split);
}

namespace {

std::string column_text(const SearchSet& set, const Cut& cut) {
  std::string text;
  for (const int c : columns_of(set, cut)) {
    text += (text.empty() ? "" : ", ") + set.columns[static_cast<std::size_t>(c)].name;
  }
  return text;
}

RunnerUp runner_up(const SearchSet& set, const GrownRunnerUp& grown) {
  return {column_text(set, grown.cut),
          left_condition(set, grown.cut),
          grown.gain,
          grown.log_p,
          grown.agreement,
          grown.tied};
}

void number_leaves(TreeData& tree, int at, int& next) {
  Node& node = tree.nodes[static_cast<std::size_t>(at)];
  if (node.left < 0) {
    node.leaf = next++;
    return;
  }
  for (const int child : {node.left, node.right, node.alone}) {
    if (child >= 0) number_leaves(tree, child, next);
  }
}

}  // namespace

void assemble(const SearchSet& set, const GrownTree& grown, TreeData& tree) {
  std::set<int> used;  // ordered as the columns are: by name
  for (const GrownNode& n : grown.nodes) {
    if (!n.cut.found()) continue;
    for (const int c : columns_of(set, n.cut)) used.insert(c);
  }
  std::vector<int> number(set.columns.size(), -1);
  for (const int c : used) {
    const SearchColumn& column = set.columns[static_cast<std::size_t>(c)];
    number[static_cast<std::size_t>(c)] = static_cast<int>(tree.columns.size());
    tree.columns.push_back({column.name, column.bins->source->type(),
                            column.bins->source->value_class(), column.is_join_outcome});
  }
  for (const GrownNode& n : grown.nodes) {
    Node node;
    node.path = n.path;
    node.parent = n.parent;
    node.depth = n.depth;
    node.left = n.child[0];
    node.right = n.child[1];
    node.alone = n.child[2];
    node.ended = n.ended;
    if (n.cut.found()) {
      node.split = split_of(set, n.cut, [&](int c) { return number[static_cast<std::size_t>(c)]; });
      node.split.gain = n.gain;
      node.split.log_p_choice = n.log_p_choice;
    }
    node.split.n_tested = n.n_tested;
    for (const GrownRunnerUp& r : n.runner_ups) node.runner_ups.push_back(runner_up(set, r));
    tree.nodes.push_back(std::move(node));
  }
  int n_leaves = 0;
  number_leaves(tree, 0, n_leaves);
}

std::string rule_of(const SearchSet& set, const GrownTree& grown, std::size_t node) {
  auto tree = std::make_unique<TreeData>();
  assemble(set, grown, *tree);
  const int leaf = tree->nodes[node].leaf;
  return make_tree(std::move(tree)).rule(leaf, "text");
}

}  // namespace mlrepro::detail::probe
