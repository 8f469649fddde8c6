// SPDX-License-Identifier: Apache-2.0
// A tree by brute force over the values themselves: no bins, no histograms, no subtraction, no
// threads. Every cut is tried by walking over the rows of the node. It shares only the integer
// score, the p-values and the description of a numeric target with the library, so that "equal"
// means equal. Of classes it counts each one apart. For columns of at most 255 distinct values.
#pragma once
#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include <mlrepro/core/errors.hpp>
#include <mlrepro/core/random.hpp>

#include "binning/binned_column.hpp"
#include "probe/honest.hpp"
#include "stats/tests.hpp"

namespace mlrepro_test {

using namespace mlrepro;
using namespace mlrepro::detail::probe;
using detail::binning::level_less;
using Rows = std::vector<Row>;

struct OracleColumn {
  std::string name{};
  bool category = false;
  std::vector<Value> values{};    // by row
  std::vector<Value> distinct{};  // ascending
  std::vector<int> rank{};        // by row, -1: missing
  RowIndex n_missing = 0;
  bool own_plane = false;
  bool is_count = false;  // how many columns a row misses
  int n_counted = 0;
};

struct OracleCut {
  Int128 gain = -1;
  std::string text{};
  std::vector<int> child{};  // by row of the table
  MissingSide side = MissingSide::right;
  bool value_cut = false, seen = false;
  std::int64_t smallest = INT64_MAX;  // rows of the smallest part of all cuts that are allowed
  Rows part[3];
};

struct OracleCandidate {
  const OracleColumn* column;
  bool block;
};

struct OracleOptions {
  Selection selection = Selection::gain;
  int max_depth = 3;
  std::int64_t least = 5;
  double log_alpha = 0;
};

class Oracle {
 public:
  Oracle(const Dataset& data, const TargetValues& target, const Names& features,
         OracleOptions options)
      : target_(target), counted_(count_target(target)), options_(options) {
    for (int i = 0; i < features.size(); ++i) read(features[i], data[features[i]]);
    std::sort(all_.begin(), all_.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    list_candidates();
  }

  std::string grow(const Rows& rows) {
    struct Open {
      std::string path;
      Rows rows;
    };
    std::vector<Open> level{{"", rows}};
    std::string out;
    for (int depth = 0; !level.empty(); ++depth) {
      std::vector<Open> next;
      for (const Open& open : level) {
        OracleCut cut = depth < options_.max_depth ? choose(open.rows) : OracleCut{};
        out += line(open.path, open.rows, cut);
        if (cut.gain < 0) continue;
        for (int c = 0; c < (cut.side == MissingSide::alone ? 3 : 2); ++c)
          next.push_back({open.path + "LRM"[c], cut.part[c]});
      }
      level = std::move(next);
    }
    return out;
  }

  static std::string line(const std::string& path, const Rows& rows, const OracleCut& cut) {
    return "[" + path + "] n=" + std::to_string(rows.size()) + " " +
           (cut.gain < 0 ? "leaf" : cut.text + sides(cut.side)) + "\n";
  }
  static std::string sides(MissingSide side) {
    return side == MissingSide::left    ? " missing left"
           : side == MissingSide::right ? " missing right"
                                        : " missing alone";
  }
  // A tree holds canonical values: 0.1f is the double of the same value.
  static std::string show(const Value& v) {
    return detail::core::display(
        detail::core::value_from_json(detail::core::value_to_json(v), "").get());
  }

 private:
  void read(std::string_view name, const ColumnView& view) {
    OracleColumn c;
    c.name = name;
    c.category = view.type() == Type::text || view.type() == Type::dictionary;
    for (RowIndex row = 0; row < view.n_rows(); ++row) {
      c.values.push_back(view[row]);
      c.n_missing += view[row].is_missing();
      if (!view[row].is_missing()) c.distinct.push_back(view[row]);
    }
    const auto less = [&](const Value& a, const Value& b) { return before(c, a, b); };
    std::sort(c.distinct.begin(), c.distinct.end(), less);
    c.distinct.erase(
        std::unique(c.distinct.begin(), c.distinct.end(),
                    [&](const Value& a, const Value& b) { return !less(a, b) && !less(b, a); }),
        c.distinct.end());
    for (const Value& v : c.values) {
      c.rank.push_back(
          v.is_missing()
              ? -1
              : static_cast<int>(std::lower_bound(c.distinct.begin(), c.distinct.end(), v, less) -
                                 c.distinct.begin()));
    }
    all_.push_back(std::move(c));
  }

  static bool before(const OracleColumn& c, const Value& a, const Value& b) {
    return c.category ? level_less(a, b) : detail::core::order_key(a) < detail::core::order_key(b);
  }

  static bool same_search(const OracleColumn& a, const OracleColumn& b) {
    if (a.distinct.size() != b.distinct.size() ||
        (a.category != b.category && a.distinct.size() > 2))
      return false;
    if (a.rank == b.rank) return true;
    if (a.distinct.size() != 2) return false;
    for (std::size_t i = 0; i < a.rank.size(); ++i) {
      if (b.rank[i] != (a.rank[i] < 0 ? -1 : 1 - a.rank[i])) return false;
    }
    return true;
  }
  static bool same_plane(const OracleColumn& a, const OracleColumn& b) {
    for (std::size_t i = 0; i < a.rank.size(); ++i) {
      if ((a.rank[i] < 0) != (b.rank[i] < 0)) return false;
    }
    return true;
  }

  void list_candidates() {
    std::vector<OracleColumn*> kept;
    const auto varies = [](const OracleColumn& c) {
      return c.distinct.size() > 1 || (c.distinct.size() == 1 && c.n_missing > 0);
    };
    for (OracleColumn& c : all_) {
      if (!varies(c)) continue;
      bool new_one = true, first_of_plane = true;
      int with_plane = 0;
      for (const OracleColumn& other : all_) with_plane += varies(other) && same_plane(other, c);
      for (OracleColumn* earlier : kept) {
        new_one = new_one && !same_search(*earlier, c);
        first_of_plane = first_of_plane && !same_plane(*earlier, c);
      }
      if (!new_one) continue;
      kept.push_back(&c);
      c.own_plane = c.n_missing > 0 && with_plane == 1;
      candidates_.push_back({&c, false});
      if (c.n_missing > 0 && with_plane > 1 && first_of_plane) candidates_.push_back({&c, true});
    }
    count_missing();
  }

  void count_missing() {
    std::vector<const OracleColumn*> planes;
    std::vector<int> count(all_.empty() ? 0 : all_.front().rank.size(), 0);
    for (const OracleColumn& c : all_) {
      if (c.distinct.empty() || c.n_missing == 0) continue;
      ++count_.n_counted;
      for (std::size_t row = 0; row < count.size(); ++row) count[row] += c.rank[row] < 0;
      const auto same = [&](const OracleColumn* other) { return same_plane(*other, c); };
      if (std::none_of(planes.begin(), planes.end(), same)) planes.push_back(&c);
    }
    std::vector<int> distinct = count;
    std::sort(distinct.begin(), distinct.end());
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    if (planes.size() < 2 || distinct.size() < 2) return;
    for (const int n : distinct) count_.distinct.emplace_back(n);
    for (const int n : count) {
      count_.rank.push_back(static_cast<int>(std::lower_bound(distinct.begin(), distinct.end(), n) -
                                             distinct.begin()));
    }
    count_.is_count = true;
    count_.n_missing = std::numeric_limits<RowIndex>::max();
    candidates_.push_back({&count_, false});
  }

  Cell cell(const Rows& rows, const std::function<bool(Row)>& in) const {
    Cell c;
    for (const Row row : rows) {
      if (in(row)) c += Cell{1, target_.scaled[row]};
    }
    return c;
  }

  ClassCell class_cell(const Rows& rows, const std::function<bool(Row)>& in) const {
    ClassCell c;
    for (const Row row : rows) {
      if (!in(row)) continue;
      ++c.n;
      ++c.of[static_cast<std::size_t>(target_.scaled[row])];
    }
    return c;
  }
  bool has_classes() const { return target_.classes.size() > 2; }

  // Minus n log2 n - sum n_k log2 n_k, or the squared sum over n.
  Int128 purity_of(const Rows& rows) const {
    if (!has_classes()) return purity(counted_.binary, cell(rows, [](Row) { return true; }));
    Int128 out = -detail::core::n_log2_n(rows.size());
    for (std::size_t k = 0; k < target_.classes.size(); ++k) {
      out += detail::core::n_log2_n(
          static_cast<std::uint64_t>(std::count_if(rows.begin(), rows.end(), [&](Row row) {
            return target_.scaled[row] == static_cast<std::int64_t>(k);
          })));
    }
    return out;
  }

  // The partition by `child`, if each part has enough rows and it is better than what there is.
  void offer(const Rows& rows, const std::function<int(Row)>& child, const std::string& text,
             MissingSide side, OracleCut& best) const {
    Rows part[2];
    for (const Row row : rows) part[child(row)].push_back(row);
    const auto n = static_cast<std::int64_t>(std::min(part[0].size(), part[1].size()));
    if (n < options_.least) return;
    best.smallest = std::min(best.smallest, n);
    const Int128 gain = purity_of(part[0]) + purity_of(part[1]) - purity_of(rows);
    const auto all = static_cast<std::int64_t>(rows.size());
    if (gain <= gain_noise(counted_.binary, all) || gain <= best.gain) return;
    const std::int64_t smallest = best.smallest;
    best = OracleCut{};
    best.smallest = smallest;
    best.gain = gain;
    best.text = text;
    best.side = side;
    best.part[0] = part[0];
    best.part[1] = part[1];
  }

  OracleCut is_missing(const Rows& rows, const OracleCandidate& candidate) const {
    OracleCut best;
    const auto& rank = candidate.column->rank;
    offer(
        rows, [&](Row row) { return rank[row] < 0 ? 0 : 1; },
        (candidate.block ? "block of " : "is missing ") + candidate.column->name, MissingSide::left,
        best);
    return best;
  }

  // in: present ranks that go left.
  void offer_ranks(const Rows& rows, const OracleColumn& c, const std::function<bool(int)>& in,
                   const std::string& text, OracleCut& best) const {
    int left = 0, right = 0, missing = 0;
    for (const Row row : rows) ++(c.rank[row] < 0 ? missing : in(c.rank[row]) ? left : right);
    if (left == 0 || right == 0) return;
    for (const MissingSide side : {MissingSide::left, MissingSide::right}) {
      if (missing == 0 && side == MissingSide::left) continue;
      const Int128 had = best.gain;
      const int to = side == MissingSide::left ? 0 : 1;
      offer(
          rows, [&](Row row) { return c.rank[row] < 0   ? to
                                      : in(c.rank[row]) ? 0
                                                        : 1; }, text, side,
          best);
      if (best.gain == had) continue;
      best.value_cut = true;
      best.seen = missing > 0;
    }
  }

  OracleCut by_value(const Rows& rows, const OracleColumn& c) const {
    OracleCut best;
    if (!c.category) {
      for (int k = 0; k + 1 < static_cast<int>(c.distinct.size()); ++k) {
        offer_ranks(
            rows, c, [&](int rank) { return rank <= k; },
            c.name + " <= " + show(c.distinct[static_cast<std::size_t>(k)]), best);
      }
    } else {
      by_level(rows, c, best);
    }
    if (best.gain >= 0 && !best.seen)
      best.side =
          best.part[0].size() >= best.part[1].size() ? MissingSide::left : MissingSide::right;
    return best;
  }

  OracleCut by_count(const Rows& rows) const {
    OracleCut best;
    for (int k = 0; k + 1 < static_cast<int>(count_.distinct.size()); ++k) {
      const auto least = count_.distinct[static_cast<std::size_t>(k)].bits() + 1;
      offer(
          rows, [&](Row row) { return count_.rank[row] > k ? 0 : 1; },
          "at least " + std::to_string(least) + " of " + std::to_string(count_.n_counted) +
              " missing",
          MissingSide::left, best);
    }
    return best;
  }

  // Pays for the number of cuts that were tried.
  double log_p_of(const NodeTarget& node, const Rows& rows, const OracleCandidate& candidate,
                  const OracleCut& cut) const {
    const OracleColumn& c = *candidate.column;
    const double g = gain_statistic(node, cut.gain);
    if (!cut.value_cut && !c.is_count) return detail::stats::log_chi_square_tail(g, 1);
    std::vector<int> filled;
    for (const Row row : rows) filled.push_back(c.rank[row]);
    std::sort(filled.begin(), filled.end());
    filled.erase(std::unique(filled.begin(), filled.end()), filled.end());
    const auto n = static_cast<int>(filled.size()) - (filled.front() < 0 ? 1 : 0);
    const double share = static_cast<double>(cut.smallest) / static_cast<double>(rows.size());
    const double log_p = c.category ? detail::stats::log_chi_square_tail(g, n - 1)
                                    : detail::stats::log_p_max_cut(g, n, share);
    return cut.seen ? detail::stats::log_bonferroni(log_p, 2) : log_p;
  }

  void by_level(const Rows& rows, const OracleColumn& c, OracleCut& best) const {
    std::vector<int> order;
    std::vector<Cell> cells;
    for (int k = 0; k < static_cast<int>(c.distinct.size()); ++k) {
      cells.push_back(cell(rows, [&](Row row) { return c.rank[row] == k; }));
      if (cells.back().n > 0) order.push_back(k);
    }
    const auto lower_rate = [&](int a, int b) {
      return rate_less(cells[static_cast<std::size_t>(a)], cells[static_cast<std::size_t>(b)]);
    };
    if (!has_classes()) std::stable_sort(order.begin(), order.end(), lower_rate);
    std::vector<int> in;
    const auto try_set = [&](const std::vector<int>& set) {
      const Int128 had = best.gain;
      offer_ranks(
          rows, c, [&](int rank) { return std::count(set.begin(), set.end(), rank) > 0; }, "",
          best);
      if (best.gain != had) in = set;
    };
    for (std::size_t k = 1; k < order.size() && !has_classes(); ++k)
      try_set({order.begin(), order.begin() + static_cast<std::ptrdiff_t>(k)});
    for (const int k : order) try_set({k});
    if (best.gain < 0) return;
    std::vector<int> out;
    for (const int k : order) {
      if (std::count(in.begin(), in.end(), k) == 0) out.push_back(k);
    }
    std::sort(in.begin(), in.end());
    std::sort(out.begin(), out.end());
    if (out.size() < in.size() || (out.size() == in.size() && out[0] < in[0])) {
      std::swap(in, out);
      std::swap(best.part[0], best.part[1]);
      best.side = best.side == MissingSide::left ? MissingSide::right : MissingSide::left;
    }
    best.text = c.name + " in {";
    for (const int k : in) best.text += show(c.distinct[static_cast<std::size_t>(k)]) + ",";
    best.text += "}";
  }

  void maybe_alone(const NodeTarget& node, const OracleColumn& c, int m, OracleCut& cut) const {
    if (!cut.value_cut || !cut.seen) return;
    const int at = cut.side == MissingSide::left ? 0 : 1;
    Rows with, without;
    for (const Row row : cut.part[at]) (c.rank[row] < 0 ? with : without).push_back(row);
    if (static_cast<std::int64_t>(with.size()) < options_.least ||
        static_cast<std::int64_t>(without.size()) < options_.least)
      return;
    const Int128 more = purity_of(with) + purity_of(without) - purity_of(cut.part[at]);
    if (more <= gain_noise(counted_.binary, static_cast<std::int64_t>(cut.part[at].size()))) return;
    const int df = has_classes() ? node.n_classes - 1 : 1;
    const double log_p = detail::stats::log_chi_square_tail(gain_statistic(node, more), df);
    if (detail::stats::log_bonferroni(log_p, m) >= options_.log_alpha) return;
    cut.part[at] = without;
    cut.part[2] = with;
    cut.side = MissingSide::alone;
  }

  NodeTest table(const NodeTarget& node, const Rows& rows, const OracleColumn& c) const {
    if (has_classes()) {
      std::vector<ClassCell> bins;
      for (int k = 0; k < static_cast<int>(c.distinct.size()); ++k)
        bins.push_back(class_cell(rows, [&](Row row) { return c.rank[row] == k; }));
      return table_test(node, bins, class_cell(rows, [&](Row row) { return c.rank[row] < 0; }),
                        c.category);
    }
    std::vector<Cell> bins;
    for (int k = 0; k < static_cast<int>(c.distinct.size()); ++k)
      bins.push_back(cell(rows, [&](Row row) { return c.rank[row] == k; }));
    const Cell missing = cell(rows, [&](Row row) { return c.rank[row] < 0; });
    UInt128 squares = 0;
    for (const Row row : rows) {
      const auto t = static_cast<Int128>(target_.scaled[row]);
      if (c.rank[row] < 0) squares += static_cast<UInt128>(t * t);
    }
    return table_test(node, bins, missing, squares, c.category);
  }
  NodeTest missing(const NodeTarget& node, const Rows& rows, const OracleColumn& c) const {
    if (has_classes())
      return missing_test(node, class_cell(rows, [&](Row row) { return c.rank[row] < 0; }));
    const auto above = [&](Row row) {
      return static_cast<Int128>(target_.scaled[row]) * node.total.n > node.total.s;
    };
    const Cell part = cell(rows, [&](Row row) { return c.rank[row] < 0; });
    const Cell part_above = cell(rows, [&](Row row) { return c.rank[row] < 0 && above(row); });
    return missing_test(node, part, part_above.n, cell(rows, above).n);
  }

  struct Scored {
    OracleCut cut{};
    double log_p = 0;  // fair
    double log_fine = 0;
    bool fine_tested = false, strong = false;  // strong: beyond chance
    bool tested = false;
    const OracleCandidate* candidate = nullptr;
    OracleCut other{};  // what the fine test speaks for
  };

  // The tests look through `eyes`: this oracle, or one that sees ranks of the target.
  Scored score(const Oracle& eyes, const NodeTarget& node, const Rows& rows,
               const OracleCandidate& candidate) const {
    const OracleColumn& c = *candidate.column;
    Scored s;
    s.candidate = &candidate;
    const OracleCut as_missing =
        candidate.block || c.own_plane ? is_missing(rows, candidate) : OracleCut{};
    const OracleCut as_value = candidate.block ? OracleCut{}
                               : c.is_count    ? by_count(rows)
                                               : by_value(rows, c);
    if (options_.selection == Selection::gain) {
      std::vector<int> seen;
      for (const Row row : rows) seen.push_back(c.rank[row]);
      const bool any_missing = std::count(seen.begin(), seen.end(), -1) > 0;
      std::sort(seen.begin(), seen.end());
      const auto n = std::unique(seen.begin(), seen.end()) - seen.begin() - (any_missing ? 1 : 0);
      s.tested =
          (!candidate.block && n > 1) || ((candidate.block || c.own_plane) && any_missing && n > 0);
      s.cut = as_missing.gain > as_value.gain ? as_missing : as_value;
      return s;
    }
    const auto test = [&](const Oracle& by, const NodeTarget& seen, double& log_p, bool& tested,
                          OracleCut& cut) {
      const NodeTest by_table = candidate.block ? NodeTest{} : by.table(seen, rows, c);
      const NodeTest by_missing =
          candidate.block || c.own_plane ? by.missing(seen, rows, c) : NodeTest{};
      tested = by_table.df > 0 || by_missing.df > 0;
      const bool speaks =
          by_missing.df > 0 && (by_table.df == 0 || by_missing.log_p <= by_table.log_p);
      log_p = speaks ? by_missing.log_p : by_table.log_p;
      if (by_table.df > 0 && by_missing.df > 0) log_p = detail::stats::log_p_least_of_two(log_p);
      const OracleCut& first = speaks ? as_missing : as_value;
      const OracleCut& second = speaks ? as_value : as_missing;
      cut = first.gain >= 0 ? first : second;
    };
    test(eyes, node, s.log_p, s.tested, s.cut);
    NodeTarget fine = describe_node(counted_, rows);
    fine.least_group = 5;
    test(*this, fine, s.log_fine, s.fine_tested, s.other);
    return s;
  }

  // Twice the centred midrank: how many are less, less how many are greater.
  void rank(const Rows& rows, TargetValues& target) const {
    for (const Row row : rows) {
      const auto at = [&](Row r) { return target_.scaled[r]; };
      target.scaled[row] =
          std::count_if(rows.begin(), rows.end(), [&](Row r) { return at(r) < at(row); }) -
          std::count_if(rows.begin(), rows.end(), [&](Row r) { return at(r) > at(row); });
    }
  }

  bool comes_before(const Scored& a, const Scored& b) const {
    const bool by_gain = options_.selection == Selection::gain;
    const auto p_of = [](const Scored& x) { return x.strong ? x.log_fine : x.log_p; };
    if (!by_gain && a.strong != b.strong) return a.strong;
    if (!by_gain && p_of(a) != p_of(b)) return p_of(a) < p_of(b);
    const OracleColumn &x = *a.candidate->column, &y = *b.candidate->column;
    if (!by_gain && x.is_count != y.is_count) return y.is_count;
    return a.cut.gain != b.cut.gain ? a.cut.gain > b.cut.gain : x.n_missing < y.n_missing;
  }

  // The first; but the count only where its cut is better than those of the next five by more than
  // chance.
  const Scored* winner(const NodeTarget& node, const Rows& rows, const std::vector<Scored>& scored,
                       int m) const {
    std::vector<const Scored*> order;
    for (const Scored& s : scored) {
      if (s.tested && s.cut.gain >= 0) order.push_back(&s);
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](const Scored* a, const Scored* b) { return comes_before(*a, *b); });
    if (order.empty()) return nullptr;
    if (order.size() == 1 || !order[0]->candidate->column->is_count) return order[0];
    const auto p_of = [&](const Scored* s) { return log_p_of(node, rows, *s->candidate, s->cut); };
    const double next = options_.selection == Selection::gain ? p_of(order[1]) : order[1]->log_p;
    if (options_.log_alpha < 0 && detail::stats::log_bonferroni(next, m) >= options_.log_alpha)
      return order[0];
    const double gate = options_.log_alpha < 0 ? options_.log_alpha : std::log(0.05);
    for (std::size_t i = 1; i < std::min<std::size_t>(order.size(), 6); ++i) {
      if (detail::stats::log_bonferroni(p_of(order[0]) - p_of(order[i]), m) >= gate)
        return order[1];
    }
    return order[0];
  }

  OracleCut choose(const Rows& rows) const {
    const NodeTarget node = describe_node(counted_, rows);
    if (node.pure || static_cast<std::int64_t>(rows.size()) < 2 * options_.least) return {};
    TargetValues ranks = target_;
    const bool heavy_tail =
        !counted_.binary && 10 * node.least_group > static_cast<double>(rows.size());
    if (heavy_tail) rank(rows, ranks);
    const Oracle eyes(*this, ranks);
    const NodeTarget seen = describe_node(count_target(ranks), rows);
    std::vector<Scored> scored;
    int m = 0;
    for (const OracleCandidate& candidate : candidates_) {
      scored.push_back(score(eyes, seen, rows, candidate));
      m += scored.back().tested;
    }
    if (options_.selection == Selection::unbiased) {
      const double gate = options_.log_alpha < 0 ? options_.log_alpha : std::log(0.05);
      for (Scored& s : scored) {
        if (!s.tested || detail::stats::log_bonferroni(s.log_p, m) >= gate) continue;
        s.strong = true;
        if (!s.fine_tested)
          s.log_fine = s.log_p;
        else
          s.cut = s.other;
      }
    }
    const Scored* best = winner(node, rows, scored, m);
    if (best == nullptr) return {};
    if (options_.selection == Selection::unbiased && options_.log_alpha < 0 &&
        detail::stats::log_bonferroni(best->log_p, m) >= options_.log_alpha) {
      return {};
    }
    OracleCut cut = best->cut;
    maybe_alone(node, *best->candidate->column, m, cut);
    return cut;
  }

  Oracle(const Oracle& other, const TargetValues& target)
      : target_(target), counted_(count_target(target)), options_(other.options_) {}

  const TargetValues& target_;
  CountTarget counted_;
  OracleOptions options_;
  std::vector<OracleColumn> all_;
  OracleColumn count_;
  std::vector<OracleCandidate> candidates_;
};

// A fitted tree in the oracle's words.
inline std::string in_words(const TreeData& tree) {
  std::string out;
  const auto name = [&](int c) { return tree.columns[static_cast<std::size_t>(c)].name; };
  for (const Node& node : tree.nodes) {
    out += "[" + node.path + "] n=" + std::to_string(node.growing.n) + " ";
    if (node.leaf >= 0) {
      out += "leaf\n";
      continue;
    }
    const Split& s = node.split;
    if (s.kind == SplitKind::threshold)
      out += name(s.column) + " <= " + Oracle::show(s.threshold.get());
    if (s.kind == SplitKind::is_missing) out += "is missing " + name(s.column);
    if (s.kind == SplitKind::block) out += "block of " + name(s.block.front());
    if (s.kind == SplitKind::n_missing)
      out += "at least " + std::to_string(s.least) + " of " + std::to_string(s.block.size()) +
             " missing";
    if (s.kind == SplitKind::levels) {
      out += name(s.column) + " in {";
      std::vector<Value> levels;
      for (const auto& level : s.levels) levels.push_back(level.get());
      std::sort(levels.begin(), levels.end(), level_less);
      for (const Value& v : levels) out += Oracle::show(v) + ",";
      out += "}";
    }
    out += Oracle::sides(s.missing) + "\n";
  }
  return out;
}

}  // namespace mlrepro_test
