// SPDX-License-Identifier: Apache-2.0
#include "probe/tree_check.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "probe/tree_read_figures.hpp"

namespace mlrepro::detail::probe {
namespace {

constexpr int kDeepest = 8;

struct Counts {
  RowIndex n = 0, positives = 0;
  std::vector<RowIndex> classes{};
  bool operator==(const Counts&) const = default;
};

Counts counts_of(const Figures& figures, const TreeData& tree) {
  return {figures.n, tree.binary ? figures.positives : 0, figures.classes};
}

void subtract(Counts& from, const Counts& counts) {
  from.n -= counts.n;
  from.positives -= counts.positives;
  for (std::size_t k = 0; k < from.classes.size(); ++k) from.classes[k] -= counts.classes[k];
}

void check_half(const TreeData& tree, Figures Node::*half, const Figures& all) {
  if (counts_of(tree.nodes.front().*half, tree) != counts_of(all, tree))
    kRead.damaged("a root without all rows");
  for (const Node& node : tree.nodes) {
    if (node.leaf >= 0) continue;
    Counts rest = counts_of(node.*half, tree);
    for (const int child : {node.left, node.right, node.alone}) {
      if (child < 0) continue;
      subtract(rest, counts_of(tree.nodes[static_cast<std::size_t>(child)].*half, tree));
    }
    if (rest != Counts{.classes = std::vector<RowIndex>(rest.classes.size())})
      kRead.damaged("the rows of node '" + node.path + "' are not those of its children");
  }
}

}  // namespace

void check_links(const TreeData& tree) {
  const int n = static_cast<int>(tree.nodes.size());
  if (n == 0 || tree.nodes[0].parent != -1 || tree.nodes[0].depth != 0)
    kRead.damaged("a tree without a root");
  std::vector<int> named(static_cast<std::size_t>(n), 0);
  for (int i = 0; i < n; ++i) {
    const Node& node = tree.nodes[static_cast<std::size_t>(i)];
    if (node.depth > kDeepest)
      kRead.damaged("node '" + node.path + "' is deeper than " + std::to_string(kDeepest));
    const bool alone = node.leaf < 0 && node.split.kind != SplitKind::is_missing &&
                       !reads_many(node.split.kind) && node.split.missing == MissingSide::alone;
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
        kRead.damaged("node " + std::to_string(i) + " ('" + node.path + "') has wrong children");
      ++named[static_cast<std::size_t>(child)];
    }
  }
  for (int i = 1; i < n; ++i) {
    if (named[static_cast<std::size_t>(i)] != 1)
      kRead.damaged("node " + std::to_string(i) + " has no parent");
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
    kRead.damaged("its leaves are not numbered 0 to " + std::to_string(n_leaves - 1));
  }
}

void check_counts(const TreeData& tree) {
  check_half(tree, &Node::growing, tree.growing);
  check_half(tree, &Node::judged, tree.judged);
}

}  // namespace mlrepro::detail::probe
