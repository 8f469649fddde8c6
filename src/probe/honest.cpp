// SPDX-License-Identifier: Apache-2.0
#include "probe/honest.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "core/cancel.hpp"
#include "core/elementary.hpp"
#include "core/halves.hpp"
#include "core/parallel.hpp"
#include "probe/class_figures.hpp"
#include "probe/node_sums.hpp"
#include "stats/intervals.hpp"
#include "stats/tests.hpp"

namespace mlrepro::detail::probe {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kVisibleShare = 0.01;

std::vector<Tally> tally_nodes(const GrownTree& tree, const Router& router,
                               const TargetValues& target, std::span<const Row> rows) {
  return node_sums(
      tree, router, rows, Tally(target), [&](Tally& tally, Row row) { tally.add(target, row); },
      [&](Tally& all, const Tally& part) { all.merge(part, target.binary); });
}

std::vector<Figures> figures(const std::vector<Tally>& tallies, bool binary) {
  std::vector<Figures> out;
  for (const Tally& t : tallies) out.push_back(t.figures(binary));
  return out;
}

// Of each leaf: all other leaves together, from sums up to it and from behind it.
std::vector<Figures> figures_of_rest(const GrownTree& tree, const std::vector<Tally>& tallies,
                                     bool binary) {
  std::vector<std::size_t> leaves;
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
    if (!tree.nodes[i].cut.found()) leaves.push_back(i);
  }
  std::vector<Tally> before(leaves.size() + 1);
  for (std::size_t k = 0; k < leaves.size(); ++k) {
    before[k + 1] = before[k];
    before[k + 1].merge(tallies[leaves[k]], binary);
  }
  std::vector<Figures> out(tree.nodes.size());
  Tally behind;
  for (std::size_t k = leaves.size(); k-- > 0;) {
    Tally rest = before[k];
    rest.merge(behind, binary);
    out[leaves[k]] = rest.figures(binary);
    behind.merge(tallies[leaves[k]], binary);
  }
  return out;
}

bool same_side(const Node& node, const TreeData& tree) noexcept {
  if (!tree.classes.empty())
    return node.stands_out >= 0 &&
           has_more_than_expected(node.judged, tree.judged, node.stands_out);
  const double judged = node.judged.mean - tree.judged.mean;
  const double growing = node.growing.mean - tree.growing.mean;
  return (judged > 0 && growing > 0) || (judged < 0 && growing < 0);
}

}  // namespace

Halves make_halves(const binning::BinnedTable& rows, const TargetValues& target, bool honest,
                   std::uint64_t seed, int threads) {
  Halves halves;
  halves.in_sample = !honest;
  core::JudgedRows halved;
  if (honest) {
    const std::string purpose = core::honest_purpose(seed);
    halved = core::judged_rows(purpose, *rows.halves(purpose, target.column.get(), threads),
                               target.scaled);
    halves.by_copy = halved.by_copy;
    halves.n_copies = halved.n_copies;
    halves.copies_marked = !rows.table().roles.duplicate.empty();
  }
  for_each_row(target, [&](std::size_t row) {
    const bool judged = honest && halved.judged[row] != 0;
    if (!judged) halves.growing.push_back(static_cast<Row>(row));
    if (judged || !honest) halves.judged.push_back(static_cast<Row>(row));
  });
  return halves;
}

NodeFigures figures_of(const GrownTree& tree, const SearchSet& set, const TargetValues& target,
                       const Halves& halves) {
  const Router router(set, tree);
  NodeFigures out;
  const std::vector<Tally> judged = tally_nodes(tree, router, target, halves.judged);
  out.judged = figures(judged, target.binary);
  out.rest = figures_of_rest(tree, judged, target.binary);
  out.growing = halves.in_sample
                    ? out.judged
                    : figures(tally_nodes(tree, router, target, halves.growing), target.binary);
  return out;
}

void judge_nodes(const NodeFigures& figures, TreeData& tree) {
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
    tree.nodes[i].growing = figures.growing[i];
    tree.nodes[i].judged = figures.judged[i];
  }
  tree.growing = figures.growing.front();
  tree.judged = figures.judged.front();
  if (!tree.classes.empty()) choose_classes(tree);
  const auto n_leaves = std::count_if(tree.nodes.begin(), tree.nodes.end(),
                                      [](const Node& node) { return node.leaf >= 0; });
  std::vector<double> log_p(static_cast<std::size_t>(n_leaves)), adjusted(log_p.size());
  bool any_exact = false;
  for (std::size_t at = 0; at < tree.nodes.size(); ++at) {
    Node& node = tree.nodes[at];
    const MeanInterval i = mean_interval(tree.is_rate(), node.judged);
    node.low = i.low;
    node.high = i.high;
    any_exact = any_exact || i.exact;
    const Figures all =
        tree.classes.empty() ? tree.judged : figures_of_class(tree.judged, node.most_common);
    node.lift = all.mean != 0 ? node.judged.mean / all.mean : kNaN;
    node.share = all.sum != 0 ? node.judged.sum / all.sum : kNaN;
    if (node.leaf < 0) continue;
    log_p[static_cast<std::size_t>(node.leaf)] =
        log_p_against(tree.binary, node.judged, figures.rest[at]);
  }
  stats::holm_adjust(log_p, adjusted);
  for (Node& node : tree.nodes) {
    if (node.leaf < 0) continue;
    node.p_value = tree.in_sample ? kNaN : core::exp(adjusted[static_cast<std::size_t>(node.leaf)]);
    node.replicated = !tree.in_sample && node.p_value < tree.alpha && same_side(node, tree);
  }
  tree.interval =
      tree.is_rate() ? any_exact ? "Wilson; exact binomial below 5 events" : "Wilson" : "t";
}

double visible_effect(const TreeData& tree, int n_tested) {
  if (tree.growing.n == 0 || tree.judged.n == 0) return kNaN;
  const double alpha = tree.alpha < 1 ? tree.alpha : 0.05;
  const auto effect = [&](const Figures& f, double tests) {
    if (tree.is_rate())
      return stats::smallest_visible_effect(f.mean, f.n, kVisibleShare, alpha / tests);
    // The same with the standard deviation in the place of sqrt(p (1 - p)) = 1/2.
    return 2 * f.sd * stats::smallest_visible_effect(0.5, f.n, kVisibleShare, alpha / tests);
  };
  const double grown = effect(tree.growing, std::max(n_tested, 1));
  return tree.in_sample
             ? grown
             : std::max(grown, effect(tree.judged, 2));  // a split makes two leaves at least
}

}  // namespace mlrepro::detail::probe
