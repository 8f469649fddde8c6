// SPDX-License-Identifier: Apache-2.0
#include "probe/class_figures.hpp"

#include <algorithm>
#include <utility>

namespace mlrepro::detail::probe {
namespace {

// Rows of class k more than expected, times all.n.
core::Int128 excess(const Figures& part, const Figures& all, std::size_t k) noexcept {
  return static_cast<core::Int128>(part.classes[k]) * all.n -
         static_cast<core::Int128>(all.classes[k]) * part.n;
}

}  // namespace

int most_common_class(const Figures& part) noexcept {
  return static_cast<int>(std::max_element(part.classes.begin(), part.classes.end()) -
                          part.classes.begin());
}

int class_that_stands_out(const Figures& part, const Figures& all) noexcept {
  int best = -1;
  core::Int128 most = 0;
  for (std::size_t k = 0; k < part.classes.size(); ++k) {
    const core::Int128 more = excess(part, all, k);
    if (more <= most) continue;
    most = more;
    best = static_cast<int>(k);
  }
  return best;
}

bool has_more_than_expected(const Figures& part, const Figures& all, int k) noexcept {
  return excess(part, all, static_cast<std::size_t>(k)) > 0;
}

Figures figures_of_class(Figures counted, int k) {
  Figures f = rate_figures(counted.n, counted.classes[static_cast<std::size_t>(k)]);
  f.classes = std::move(counted.classes);
  return f;
}

void choose_classes(TreeData& tree) {
  for (Node& node : tree.nodes) {
    node.most_common = most_common_class(node.growing.n > 0 ? node.growing : node.judged);
    node.stands_out = class_that_stands_out(node.growing, tree.growing);
    node.growing = figures_of_class(std::move(node.growing), node.most_common);
    node.judged = figures_of_class(std::move(node.judged), node.most_common);
  }
  const int k = tree.nodes.front().most_common;
  tree.growing = figures_of_class(std::move(tree.growing), k);
  tree.judged = figures_of_class(std::move(tree.judged), k);
}

}  // namespace mlrepro::detail::probe
