// SPDX-License-Identifier: Apache-2.0
#include "probe/disguise.hpp"

#include <algorithm>
#include <array>

#include "core/cancel.hpp"
#include "core/int128.hpp"
#include "core/raise.hpp"
#include "probe/ranks.hpp"
#include "stats/intervals.hpp"

namespace mlrepro::detail::probe {
namespace {

using core::with_commas;

struct Label {
  std::string name{}, noun{};
  std::vector<std::int64_t> values{};  // by row; 0 where missing
  std::vector<std::uint8_t> present{};
  bool is_target = false;
  std::vector<Row> rows{};  // that have one
};

struct Finding {
  std::int64_t agree = 0, rows = 0;
  std::string text{};
};

bool nearly(std::int64_t part, std::int64_t whole) noexcept {
  return whole > 0 && 100 * part >= 99 * whole;
}

struct Agreement {
  std::int64_t rows = 0;  // on which condition and label agree; 0: they are not nearly the same
  bool negated = false;   // the label is the opposite of the condition
};

Agreement agreement_of(const Cell& all, const Cell& in) noexcept {
  const std::int64_t agree = in.s + (all.n - in.n) - (all.s - in.s);
  if (nearly(in.s, in.n) && nearly(in.s, all.s)) return {agree, false};
  const Cell out = all - in;
  if (nearly(out.s, out.n) && nearly(out.s, all.s)) return {all.n - agree, true};
  return {};
}

// Columns that are missing together are named together, by the first of them.
bool speaks_for_plane(const SearchSet& set, int column) noexcept {
  const int plane = set.columns[static_cast<std::size_t>(column)].plane;
  return plane >= 0 && set.planes[static_cast<std::size_t>(plane)].columns.front() == column;
}

std::string missingness_text(const SearchSet& set, int column, bool negated = false) {
  const auto& members =
      set.planes[static_cast<std::size_t>(set.columns[static_cast<std::size_t>(column)].plane)]
          .columns;
  constexpr std::size_t kNamed = 3;
  std::string text = negated ? "presence of " : "missingness of ";
  for (std::size_t i = 0; i < members.size() && i < kNamed; ++i) {
    text += (i > 0 ? ", " : "") + set.columns[static_cast<std::size_t>(members[i])].name;
  }
  if (members.size() > kNamed)
    text += " and " + with_commas(static_cast<std::int64_t>(members.size() - kNamed)) + " more";
  return text;
}

std::string level_text(const SearchColumn& c, std::size_t bin) {
  return c.bins->cuts[bin].is_missing() ? std::string("other") : core::display(c.bins->cuts[bin]);
}

// The condition of a column that agrees best with the label, if one nearly is the label.
class BestCondition {
 public:
  BestCondition(const SearchSet& set, int column, std::span<const Cell> bins, const Cell& missing)
      : set_(set),
        at_(column),
        column_(set.columns[static_cast<std::size_t>(column)]),
        bins_(bins),
        missing_(missing) {
    all_ = missing;
    for (const Cell& bin : bins) all_ += bin;
  }

  Finding find() {
    best_.rows = all_.n;
    for_each([&](const Cell& in, const auto& text) { offer(in, text); });
    return best_;
  }

  // Rows on which the best condition and the label disagree.
  std::int64_t least_disagreement() {
    std::int64_t least = std::min(all_.s, all_.n - all_.s);
    for_each([&](const Cell& in, const auto&) {
      const std::int64_t disagree = (in.n - in.s) + (all_.s - in.s);
      least = std::min({least, disagree, all_.n - disagree});
    });
    return least;
  }

 private:
  // visit(cell of the rows where a condition holds, its text).
  template <class Visit>
  void for_each(const Visit& visit) {
    if (speaks_for_plane(set_, at_))
      visit(missing_, [&](bool negated) { return missingness_text(set_, at_, negated); });
    if (column_.bins->is_category) {
      for (std::size_t b = 0; b < bins_.size(); ++b) {
        visit(bins_[b], [&](bool negated) {
          return column_.name + (negated ? " != " : " = ") + level_text(column_, b);
        });
      }
      return;
    }
    Cell left;
    for (std::size_t b = 0; b + 1 < bins_.size(); ++b) {
      left += bins_[b];
      const auto text = [&](bool negated) { return cut_text(b, negated); };
      visit(left, text);
      if (missing_.n > 0) visit(left + missing_, text);
    }
  }

  template <class Text>
  void offer(const Cell& in, const Text& text) {
    const Agreement found = agreement_of(all_, in);
    if (found.rows <= best_.agree) return;
    best_.agree = found.rows;
    best_.text = text(found.negated);
  }
  std::string cut_text(std::size_t b, bool negated) const {
    if (bins_.size() == 2) return column_.name;
    const bool strict = column_.bins->strict[b] != 0;
    const char* sign = negated ? strict ? " >= " : " > " : strict ? " < " : " <= ";
    return column_.name + sign + core::display(column_.bins->cuts[b]);
  }

  const SearchSet& set_;
  int at_;
  const SearchColumn& column_;
  std::span<const Cell> bins_;
  Cell missing_, all_;
  Finding best_;
};

// A part of the rows on which the label is given away: missing values, or an outcome of a join.
void add_one_sided(const SearchSet& set, int at, const Label& label, std::span<const Row> judged,
                   std::vector<Finding>& out) {
  const SearchColumn& c = set.columns[static_cast<std::size_t>(at)];
  std::array<Cell, 256> cells{};
  Cell all;
  for (const Row row : judged) {
    if (label.present[row] == 0) continue;
    cells[c.bins->codes[row]] += Cell{1, label.values[row]};
    all += Cell{1, label.values[row]};
  }
  const auto offer = [&](const Cell& in, const std::string& what) {
    if (in.n == 0 || all.s == 0) return;
    const bool lifted = static_cast<Int128>(in.s) * all.n >= static_cast<Int128>(10) * all.s * in.n;
    if (!lifted || stats::rate_interval(in.s, in.n).interval.low < 0.5) return;
    out.push_back({in.s, in.n,
                   what + " gives " + label.noun + " " + label.name + " away: it is 1 on " +
                       with_commas(in.s) + " of " + with_commas(in.n) + " such rows, on " +
                       with_commas(all.s) + " of all " + with_commas(all.n) +
                       " judged rows. Is it known at prediction time?"});
  };
  if (speaks_for_plane(set, at)) offer(cells[kMissingCode], missingness_text(set, at));
  if (!c.is_join_outcome) return;
  for (std::size_t b = 0; b < static_cast<std::size_t>(c.bins->n_bins); ++b)
    offer(cells[b], c.name + " = " + level_text(c, b));
}

Label own_label(const core::Table& table, const TargetValues& target) {
  const bool is_label = target.column != nullptr && target.name == table.roles.label;
  return {target.name, is_label ? "the label" : "the target", target.scaled, target.present, true,
          {}};
}

// A numeric target is given away by a column that (nearly) orders the rows as it does: a copy,
// another unit, a monotone function. Share of the target's ranks that groups of the column explain.
constexpr double kSameOrder = 0.99;
constexpr std::int64_t kFewestRows = 4, kMostGroups = 64;

std::vector<Cell> groups_of_rows(const SearchColumn& c, std::span<const Cell> bins,
                                 const Cell& missing, std::int64_t least) {
  std::vector<Cell> groups;
  Cell open;
  for (const Cell& bin : bins) {
    open += bin;
    if (open.n == 0 || (open.n < least && !c.bins->is_category)) continue;
    groups.push_back(open);
    open = {};
  }
  if (open.n > 0) groups.push_back(open);
  if (missing.n > 0) groups.push_back(missing);
  return groups;
}

double explained(std::span<const Cell> groups, UInt128 squares) {
  Int128 between = 0;
  Cell all;
  for (const Cell& g : groups) {
    between += squared_sum_part(g);
    all += g;
  }
  const Int128 total = static_cast<Int128>(squares << 8) - squared_sum_part(all);
  return total <= 0 ? 0 : core::to_double(between - squared_sum_part(all)) / core::to_double(total);
}

void add_same_order(const SearchSet& set, const CellLayout& layout, const TargetValues& target,
                    int threads, std::vector<std::string>& texts) {
  std::vector<Row> rows;
  for_each_row(target, [&](std::size_t row) { rows.push_back(static_cast<Row>(row)); });
  const auto ranks = centred_ranks(target.scaled.data(), rows, target.present.size());
  UInt128 squares = 0;
  for (const Row row : rows)
    squares += core::magnitude(static_cast<Int128>(ranks[row]) * static_cast<Int128>(ranks[row]));
  const auto n = static_cast<std::int64_t>(rows.size());
  const std::vector<Cell> cells =
      count_cells(set, layout, {false, ranks.data()}, rows, threads, Deadline(0));
  for (int at = 0; at < static_cast<int>(set.columns.size()); ++at) {
    const SearchColumn& c = set.columns[static_cast<std::size_t>(at)];
    if (c.dropped) continue;
    const auto groups = groups_of_rows(c, layout.bins(cells, at), layout.missing(cells, at),
                                       std::max(kFewestRows, n / kMostGroups));
    if (static_cast<std::int64_t>(groups.size()) * kFewestRows > n) continue;
    if (explained(groups, squares) < kSameOrder) continue;
    texts.push_back(c.name + " orders the rows as the target " + target.name +
                    " does: a copy of it, or made from it? Exclude it?");
  }
}

std::vector<Label> labels_of(const core::Table& table, const TargetValues& target) {
  std::vector<Label> labels;
  if (target.binary) labels.push_back(own_label(table, target));
  const std::string& role = table.roles.label;
  if (!role.empty() && !(target.column != nullptr && target.name == role)) {
    Label label{role, "the label", {}, {}, false, {}};
    for (const std::uint8_t v : as_binary(*table.column(role))) {
      label.values.push_back(v == 1 ? 1 : 0);
      label.present.push_back(v == 2 ? 0 : 1);
    }
    if (!label.values.empty()) labels.push_back(std::move(label));
  }
  for (Label& label : labels) {
    for (std::size_t row = 0; row < label.present.size(); ++row) {
      if (label.present[row] != 0)
        label.rows.insert(label.rows.end(), target.weights.of(row), static_cast<Row>(row));
    }
  }
  return labels;
}

// Columns of which a condition may hold on nearly the rows of the label. Such a condition disagrees
// with it on at most P / 100 + P / 99 rows, P the positive ones; on some of the rows on no more.
std::vector<int> suspects(const SearchSet& set, const CellLayout& layout,
                          const std::vector<Cell>& some, std::int64_t positives) {
  std::vector<int> out;
  for (int at = 0; at < static_cast<int>(set.columns.size()); ++at) {
    check_cancelled();
    if (set.columns[static_cast<std::size_t>(at)].dropped) continue;
    BestCondition best(set, at, layout.bins(some, at), layout.missing(some, at));
    if (Int128{9900} * best.least_disagreement() <= Int128{199} * positives) out.push_back(at);
  }
  return out;
}

std::vector<int> suspects_by_growing(const SearchSet& set, const Label& label, const Halves& halves,
                                     const std::vector<Cell>& of_target, int threads) {
  const CellLayout layout(set);
  std::int64_t positives = 0;
  for (const Row row : label.rows) positives += label.values[row];
  if (!of_target.empty() && label.is_target) return suspects(set, layout, of_target, positives);
  std::vector<Row> rows;
  for (const Row row : halves.growing) {
    if (label.present[row] != 0) rows.push_back(row);
  }
  return suspects(set, layout,
                  count_cells(set, layout, {true, label.values.data()}, rows, threads, Deadline(0)),
                  positives);
}

}  // namespace

std::vector<std::string> label_warnings(const SearchSet& set, const core::Table& table,
                                        const TargetValues& target, const Halves& halves,
                                        const std::vector<Cell>& growing, int threads) {
  std::vector<Finding> same, part;
  for (const Label& label : labels_of(table, target)) {
    const std::vector<int> some = suspects_by_growing(set, label, halves, growing, threads);
    const CellLayout layout(set, some);
    const std::vector<Cell> cells =
        count_cells(set, layout, {true, label.values.data()}, label.rows, threads, Deadline(0));
    for (int at = 0; at < static_cast<int>(set.columns.size()); ++at) {
      check_cancelled();
      const SearchColumn& c = set.columns[static_cast<std::size_t>(at)];
      if (c.dropped) continue;
      Finding f;
      if (layout.has(at))
        f = BestCondition(set, at, layout.bins(cells, at), layout.missing(cells, at)).find();
      if (f.agree > 0) {
        f.text += " is " + label.noun + " on " + with_commas(f.agree) + " of " +
                  with_commas(f.rows) + " rows: exclude it?";
        same.push_back(std::move(f));
      } else if (speaks_for_plane(set, at) || c.is_join_outcome) {
        add_one_sided(set, at, label, halves.judged, part);
      }
    }
  }
  std::stable_sort(same.begin(), same.end(), [](const Finding& a, const Finding& b) {
    return static_cast<Int128>(a.agree) * b.rows > static_cast<Int128>(b.agree) * a.rows;
  });
  std::stable_sort(part.begin(), part.end(),
                   [](const Finding& a, const Finding& b) { return a.agree > b.agree; });
  std::vector<std::string> texts;
  if (!target.binary) add_same_order(set, CellLayout(set), target, threads, texts);
  for (const std::vector<Finding>* list : {&same, &part}) {
    for (const Finding& f : *list) texts.push_back(f.text);
  }
  return texts;
}

}  // namespace mlrepro::detail::probe
