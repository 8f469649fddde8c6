// SPDX-License-Identifier: Apache-2.0
#include "probe/cut.hpp"

#include <algorithm>
#include <type_traits>

#include "stats/tests.hpp"

namespace mlrepro::detail::probe {
namespace {

template <class C>
const C& total_of(const NodeTarget& node) noexcept {
  if constexpr (std::is_same_v<C, ClassCell>)
    return node.of_classes;
  else
    return node.total;
}

// Degrees of freedom of a cut into two.
int df_of_cut(const NodeTarget& node) noexcept {
  return node.n_classes == 0 ? 1 : node.n_classes - 1;
}

// Keeps the first best partition into two, with missing rows left or right.
template <class C>
class TwoWay {
 public:
  TwoWay(const NodeTarget& node, const C& missing, std::int64_t least)
      : binary_(node.binary),
        total_(total_of<C>(node)),
        missing_(missing),
        least_(least),
        parent_(purity(node.binary, total_)),
        best_(gain_noise(node.binary, node.total.n)) {}

  // left: present rows that go left. True if this is a new best one.
  bool offer(const C& left, MissingSide& side) {
    const C right = total_ - missing_ - left;
    if (left.n == 0 || right.n == 0) return false;
    bool better = false;
    if (missing_.n > 0 && keep(left + missing_, right)) {
      side = MissingSide::left;
      better = true;
    }
    if (keep(left, right + missing_)) {
      side = MissingSide::right;
      better = true;
    }
    return better;
  }
  bool found() const noexcept { return found_; }
  Int128 gain() const noexcept { return best_; }
  double smallest_share() const noexcept {
    return static_cast<double>(smallest_) / static_cast<double>(total_.n);
  }
  const std::array<std::int64_t, 3>& children() const noexcept { return children_; }

 private:
  bool keep(const C& left, const C& right) {
    if (left.n < least_ || right.n < least_) return false;
    smallest_ = std::min({smallest_, left.n, right.n});
    const Int128 gain = purity(binary_, left) + purity(binary_, right) - parent_;
    if (gain <= best_) return false;
    best_ = gain;
    children_ = {left.n, right.n, 0};
    found_ = true;
    return true;
  }

  bool binary_;
  C total_, missing_;
  std::int64_t least_;
  Int128 parent_, best_;
  std::int64_t smallest_ = INT64_MAX;
  bool found_ = false;
  std::array<std::int64_t, 3> children_{};
};

// log p of the best of a column's cuts, missing values aside.
template <class C>
double log_p_of_best(const NodeTarget& node, const ColumnCells<C>& column, double g, double share) {
  const auto filled =
      std::count_if(column.bins.begin(), column.bins.end(), [](const C& c) { return c.n > 0; });
  if constexpr (std::is_same_v<C, ClassCell>) {
    const auto cuts = column.category && filled > 2 ? filled : filled - 1;
    return stats::log_bonferroni(stats::log_chi_square_tail(g, df_of_cut(node)), cuts);
  }
  // The best subset of levels never passes the table's statistic.
  return column.category ? stats::log_chi_square_tail(g, static_cast<int>(filled) - 1)
                         : stats::log_p_max_cut(g, filled, share);
}

template <class C>
void finish(const NodeTarget& node, const ColumnCells<C>& column, const TwoWay<C>& best,
            MissingSide side, Cut& cut) {
  cut.column = column.column;
  if (!best.found()) return;
  cut.gain = best.gain();
  cut.child = best.children();
  cut.missing_seen = column.missing.n > 0;
  cut.missing = side;
  if (!cut.missing_seen)
    cut.missing = cut.child[0] >= cut.child[1] ? MissingSide::left : MissingSide::right;
  cut.log_p_cut =
      log_p_of_best(node, column, gain_statistic(node, cut.gain), best.smallest_share());
  // Sides for the missing rows double the number of cuts.
  if (cut.missing_seen) cut.log_p_cut = stats::log_bonferroni(cut.log_p_cut, 2);
}

template <class C>
Cut best_threshold(const NodeTarget& node, const ColumnCells<C>& column, std::int64_t least) {
  TwoWay<C> best(node, column.missing, least);
  Cut cut;
  MissingSide side = MissingSide::right;
  C left;
  for (std::size_t b = 0; b + 1 < column.bins.size(); ++b) {
    left += column.bins[b];
    if (column.bins[b].n > 0 && best.offer(left, side)) cut.edge = static_cast<int>(b);
  }
  finish(node, column, best, side, cut);
  return cut;
}

// Which side is named: the one with fewer levels, then the one with the first level; never the one
// that holds "other". Everything that is not named goes right, unseen levels too.
template <class C>
void name_levels(const ColumnCells<C>& column, std::vector<std::uint8_t> in,
                 std::vector<std::uint8_t> out, Cut& cut) {
  std::sort(in.begin(), in.end());
  std::sort(out.begin(), out.end());
  const auto other = static_cast<std::uint8_t>(column.bins.size() - 1);
  const bool in_has = column.has_other && in.back() == other;
  const bool out_has = column.has_other && out.back() == other;
  const bool shorter =
      out.size() < in.size() || (out.size() == in.size() && out.front() < in.front());
  if (!in_has && (out_has || !shorter)) {
    cut.levels = std::move(in);
    return;
  }
  cut.levels = std::move(out);
  std::swap(cut.child[0], cut.child[1]);
  cut.missing = cut.missing == MissingSide::left ? MissingSide::right : MissingSide::left;
}

template <class C>
Cut best_levels(const NodeTarget& node, const ColumnCells<C>& column, std::int64_t least) {
  std::vector<std::uint8_t> order;
  for (std::size_t b = 0; b < column.bins.size(); ++b) {
    if (column.bins[b].n > 0) order.push_back(static_cast<std::uint8_t>(b));
  }
  TwoWay<C> best(node, column.missing, least);
  MissingSide side = MissingSide::right;
  std::vector<std::uint8_t> in;
  if constexpr (std::is_same_v<C, Cell>) {
    std::stable_sort(order.begin(), order.end(), [&](std::uint8_t a, std::uint8_t b) {
      return rate_less(column.bins[a], column.bins[b]);
    });
    Cell left;
    for (std::size_t k = 0; k + 1 < order.size(); ++k) {
      left += column.bins[order[k]];
      if (best.offer(left, side))
        in.assign(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(k) + 1);
    }
  }
  for (const std::uint8_t level : order) {
    if (best.offer(column.bins[level], side)) in.assign(1, level);
  }
  Cut cut;
  cut.kind = SplitKind::levels;
  finish(node, column, best, side, cut);
  if (!cut.found()) return cut;
  std::vector<std::uint8_t> out;
  for (const std::uint8_t level : order) {
    if (std::find(in.begin(), in.end(), level) == in.end()) out.push_back(level);
  }
  name_levels(column, std::move(in), std::move(out), cut);
  if (!cut.missing_seen)
    cut.missing = cut.child[0] >= cut.child[1] ? MissingSide::left : MissingSide::right;
  return cut;
}

// Rows that go to a side, the missing ones included if they do.
template <class C>
C rows_of_side(const ColumnCells<C>& column, const Cut& cut, MissingSide side) {
  const auto to = routes(cut);
  const auto at = static_cast<std::uint8_t>(side);
  C rows = to[kMissingCode] == at ? column.missing : C{};
  for (std::size_t b = 0; b < column.bins.size(); ++b) {
    if (to[b] == at) rows += column.bins[b];
  }
  return rows;
}

}  // namespace

template <class C>
Cut best_value_cut(const NodeTarget& node, const ColumnCells<C>& column, std::int64_t least) {
  return column.category ? best_levels(node, column, least) : best_threshold(node, column, least);
}

template <class C>
Cut count_cut(const NodeTarget& node, const ColumnCells<C>& column, std::int64_t least) {
  Cut cut = best_threshold(node, column, least);
  cut.kind = SplitKind::n_missing;
  std::swap(cut.child[0], cut.child[1]);
  cut.missing = MissingSide::left;
  cut.missing_seen = true;
  return cut;
}

template <class C>
Cut missing_cut(const NodeTarget& node, const ColumnCells<C>& column, std::int64_t least,
                bool block) {
  Cut cut;
  cut.kind = block ? SplitKind::block : SplitKind::is_missing;
  cut.column = column.column;
  cut.missing = MissingSide::left;
  cut.missing_seen = true;
  const C& all = total_of<C>(node);
  const C present = all - column.missing;
  cut.child = {column.missing.n, present.n, 0};
  if (std::min(column.missing.n, present.n) < std::max<std::int64_t>(least, 1)) return cut;
  const Int128 gain =
      purity(node.binary, column.missing) + purity(node.binary, present) - purity(node.binary, all);
  if (gain <= gain_noise(node.binary, node.total.n)) return cut;
  cut.gain = gain;
  cut.log_p_cut = stats::log_chi_square_tail(gain_statistic(node, gain), df_of_cut(node));
  return cut;
}

template <class C>
void try_missing_alone(const NodeTarget& node, const ColumnCells<C>& column, std::int64_t least,
                       double log_alpha, std::int64_t n_tested, Cut& cut) {
  const bool value_cut = cut.kind == SplitKind::threshold || cut.kind == SplitKind::levels;
  if (!cut.found() || !value_cut || !cut.missing_seen || column.missing.n < least) return;
  const C with = rows_of_side(column, cut, cut.missing);
  const C without = with - column.missing;
  if (without.n < least) return;
  const Int128 more = purity(node.binary, without) + purity(node.binary, column.missing) -
                      purity(node.binary, with);
  if (more <= gain_noise(node.binary, with.n)) return;
  const double log_p = stats::log_chi_square_tail(gain_statistic(node, more), df_of_cut(node));
  if (stats::log_bonferroni(log_p, n_tested) >= log_alpha) return;
  cut.child[cut.missing == MissingSide::left ? 0 : 1] = without.n;
  cut.child[2] = column.missing.n;
  cut.missing = MissingSide::alone;
  cut.gain += more;
}

std::array<std::uint8_t, 256> routes(const Cut& cut) {
  std::array<std::uint8_t, 256> to{};
  const bool upwards = cut.kind == SplitKind::n_missing;
  to.fill(upwards ? 0 : 1);
  if (cut.kind == SplitKind::threshold || upwards) {
    for (int b = 0; b <= cut.edge; ++b) to[static_cast<std::size_t>(b)] = upwards ? 1 : 0;
  } else if (cut.kind == SplitKind::levels) {
    for (const std::uint8_t b : cut.levels) to[b] = 0;
  }
  to[kMissingCode] = static_cast<std::uint8_t>(cut.missing);
  return to;
}

template Cut best_value_cut(const NodeTarget&, const ColumnCells<Cell>&, std::int64_t);
template Cut best_value_cut(const NodeTarget&, const ColumnCells<ClassCell>&, std::int64_t);
template Cut count_cut(const NodeTarget&, const ColumnCells<Cell>&, std::int64_t);
template Cut count_cut(const NodeTarget&, const ColumnCells<ClassCell>&, std::int64_t);
template Cut missing_cut(const NodeTarget&, const ColumnCells<Cell>&, std::int64_t, bool);
template Cut missing_cut(const NodeTarget&, const ColumnCells<ClassCell>&, std::int64_t, bool);
template void try_missing_alone(const NodeTarget&, const ColumnCells<Cell>&, std::int64_t, double,
                                std::int64_t, Cut&);
template void try_missing_alone(const NodeTarget&, const ColumnCells<ClassCell>&, std::int64_t,
                                double, std::int64_t, Cut&);

}  // namespace mlrepro::detail::probe
