// SPDX-License-Identifier: Apache-2.0
// Brings a tree into its one form, and lays out what apply() reads.
#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>

#include "core/canonical.hpp"
#include "probe/tree_data.hpp"

namespace mlrepro::detail::probe {

namespace {

using core::OrderKey;

// By way of JSON, so that a saved tree and a fitted one hold the same values: 17.0f is 17, 1000 ms
// are 1 s.
OwnedValue canonical(const OwnedValue& value) {
  return core::value_from_json(core::value_to_json(value.get()), "a value of a tree");
}

void sort_levels(std::vector<OwnedValue>& levels) {
  std::vector<std::pair<std::string, OwnedValue>> keyed;
  keyed.reserve(levels.size());
  for (const OwnedValue& level : levels) {
    keyed.emplace_back(core::element(level.get()), canonical(level));
  }
  std::stable_sort(keyed.begin(), keyed.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  levels.clear();
  for (std::size_t i = 0; i < keyed.size(); ++i) {
    if (i == 0 || keyed[i].first != keyed[i - 1].first) levels.push_back(keyed[i].second);
  }
}

template <class T>
std::pair<int, int> sort_range(std::vector<T>& all, std::size_t first) {
  std::sort(all.begin() + static_cast<std::ptrdiff_t>(first), all.end());
  return {static_cast<int>(first), static_cast<int>(all.size())};
}

// Views point into the levels of `tree`, which no longer change.
void lay_out_levels(TreeData& tree, const Split& split, FlatNode& flat) {
  if (flat.is_text) {
    const std::size_t first = tree.level_texts.size();
    for (const OwnedValue& level : split.levels) tree.level_texts.emplace_back(level.text);
    std::tie(flat.first, flat.last) = sort_range(tree.level_texts, first);
    return;
  }
  const std::size_t first = tree.level_keys.size();
  for (const OwnedValue& level : split.levels) {
    tree.level_keys.push_back(core::order_key(level.get()));
  }
  std::tie(flat.first, flat.last) = sort_range(tree.level_keys, first);
}

FlatNode lay_out(TreeData& tree, const Node& node) {
  FlatNode flat;
  flat.leaf = node.leaf;
  if (node.leaf >= 0) return flat;
  const Split& split = node.split;
  flat.kind = split.kind;
  flat.column = split.column;
  flat.missing = split.missing;
  flat.strict = split.strict;
  flat.left = node.left;
  flat.right = node.right;
  flat.alone = node.alone;
  flat.is_text =
      split.column >= 0 &&
      tree.columns[static_cast<std::size_t>(split.column)].value_class == ValueClass::text;
  if (split.kind == SplitKind::threshold) flat.cut = core::order_key(split.threshold.get());
  if (split.kind == SplitKind::levels) lay_out_levels(tree, split, flat);
  if (reads_many(split.kind)) {
    flat.first = static_cast<int>(tree.block_columns.size());
    tree.block_columns.insert(tree.block_columns.end(), split.block.begin(), split.block.end());
    flat.last = static_cast<int>(tree.block_columns.size());
    flat.least = split.kind == SplitKind::block ? flat.last - flat.first : split.least;
  }
  return flat;
}

}  // namespace

void TreeData::finish() {
  for (Node& node : nodes) {
    if (node.leaf >= 0) continue;
    node.split.threshold = canonical(node.split.threshold);
    sort_levels(node.split.levels);
  }
  fields.clear();
  for (const TreeColumn& column : columns) fields.push_back({column.name, column.value_class});
  flat.clear();
  level_keys.clear();
  level_texts.clear();
  block_columns.clear();
  for (const Node& node : nodes) flat.push_back(lay_out(*this, node));
}

Tree make_tree(std::unique_ptr<TreeData> data) {
  data->finish();
  return Tree(Ref(data.release()));
}

}  // namespace mlrepro::detail::probe
