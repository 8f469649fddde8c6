// SPDX-License-Identifier: Apache-2.0
#include "probe/tree_text_classes.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>

#include "probe/rules_format.hpp"
#include "probe/text_layout.hpp"

namespace mlrepro::detail::probe {
namespace {

constexpr std::size_t kMostShares = 6;

double share_of(const Figures& f, int k) noexcept {
  return static_cast<double>(f.classes[static_cast<std::size_t>(k)]) / static_cast<double>(f.n);
}

std::string times_text(double factor) {
  char text[400];
  const std::to_chars_result end = std::to_chars(text, text + sizeof text, factor,
                                                 std::chars_format::fixed, factor < 10 ? 1 : 0);
  return "x" + std::string(text, end.ptr);
}

}  // namespace

std::string class_text(const TreeData& tree, int k, std::size_t width) {
  return shortened(plain_text(tree.classes[static_cast<std::size_t>(k)]), width);
}

std::string most_common_text(const TreeData& tree, const Node& node, std::size_t width) {
  if (node.judged.n == 0) return "-";
  return class_text(tree, node.most_common, width) + " " + percent_text(node.judged.mean, 2);
}

std::string stands_out_text(const TreeData& tree, const Node& node, std::size_t width) {
  const int k = node.stands_out;
  if (k < 0) return "";
  if (node.judged.n == 0 || tree.judged.n == 0) return class_text(tree, k, width);
  const double all = share_of(tree.judged, k);
  if (all == 0) return class_text(tree, k, width);
  return class_text(tree, k, width) + " " + times_text(share_of(node.judged, k) / all);
}

std::string shares_text(const TreeData& tree, const Figures& f) {
  std::vector<int> order(tree.classes.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    return f.classes[static_cast<std::size_t>(a)] > f.classes[static_cast<std::size_t>(b)];
  });
  std::string out;
  for (std::size_t i = 0; i < std::min(order.size(), kMostShares); ++i) {
    out += (i > 0 ? ", " : "") + class_text(tree, order[i]) + " " +
           (f.n > 0 ? percent_text(share_of(f, order[i]), 2) : "-");
  }
  if (order.size() > kMostShares)
    out += " and " + std::to_string(order.size() - kMostShares) + " more";
  return out;
}

std::string class_legend(const TreeData& tree, bool any_not_replicated) {
  const std::string rows = tree.in_sample ? "the rows" : "the judged rows";
  const std::string chose = tree.in_sample ? "" : " among the rows that chose";
  std::string out = "class: the most common one" + chose + ", and its share of " + rows +
                    "; 95% interval: " + tree.interval +
                    ". stands out: the class with the most rows" + " more than expected" + chose +
                    ", and its share of " + rows + " over that of all of them.";
  if (any_not_replicated) {
    out += " Did not replicate: p >= " + number_text(tree.alpha) +
           " after Holm's adjustment, or no more rows of the class that stands out than expected.";
  }
  return out;
}

}  // namespace mlrepro::detail::probe
