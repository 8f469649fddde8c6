// SPDX-License-Identifier: Apache-2.0
#include "probe/disguise.hpp"

#include <algorithm>
#include <array>

#include "core/cancel.hpp"
#include "core/int128.hpp"
#include "core/raise.hpp"
#include "probe/best_condition.hpp"
#include "probe/same_order.hpp"
#include "stats/intervals.hpp"

namespace mlrepro::detail::probe {
namespace {

using core::with_commas;

struct Label {  // one thing that a column may stand for: the label, or a class of it
  std::string name{}, noun{};
  const std::int64_t* codes = nullptr;  // by row
  std::int64_t code = 1;                // of the rows where it holds
  bool is_class = false;
};

struct Labels {  // one target, or one class after the other
  std::vector<Label> each{};
  std::span<const std::uint8_t> present{};  // by row
  CountTarget counted{};
  bool is_target = false;
};

// A part of the rows on which the label is given away: missing values, or an outcome of a join.
void add_one_sided(const SearchSet& set, int at, const Label& label, std::span<const Row> judged,
                   std::span<const std::uint8_t> present, std::vector<Finding>& out) {
  const SearchColumn& c = set.columns[static_cast<std::size_t>(at)];
  std::array<Cell, 256> cells{};
  Cell all;
  const std::uint8_t* const codes = c.bins->codes.data();
  for (const Row row : judged) {
    if (present[row] == 0) continue;
    const Cell one{1, label.codes[row] == label.code ? 1 : 0};
    const std::int64_t is_missing = codes[row] == kMissingCode ? 1 : 0;
    cells[kMissingCode] += Cell{is_missing, is_missing & one.s};
    all += one;
    if (c.is_join_outcome && is_missing == 0) cells[codes[row]] += one;
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

Labels own_labels(const core::Table& table, const TargetValues& target) {
  const bool is_label = target.column != nullptr && target.name == table.roles.label;
  const std::string noun = is_label ? "the label" : "the target";
  const std::int64_t* codes = target.scaled.data();
  Labels labels{{}, target.present, count_target(target), true};
  if (target.binary) labels.each.push_back({target.name, noun, codes, 1, false});
  for (std::size_t k = 0; k < target.classes.size(); ++k) {
    labels.each.push_back({target.name + " = " + core::display(Value(target.classes[k])), noun,
                           codes, static_cast<std::int64_t>(k), true});
  }
  return labels;
}

struct RoleLabel {  // what a column with the role label says, where the target is another one
  std::vector<std::int64_t> values{};  // 0 or 1
  std::vector<std::uint8_t> present{};
};

RoleLabel role_label(const core::Table& table, const TargetValues& target) {
  RoleLabel label;
  const std::string& role = table.roles.label;
  if (role.empty() || (target.column != nullptr && target.name == role)) return label;
  for (const std::uint8_t v : as_binary(*table.column(role))) {
    label.values.push_back(v == 1 ? 1 : 0);
    label.present.push_back(v == 2 ? 0 : 1);
  }
  return label;
}

// Bins of a column counted for one of the labels, its missing rows last.
std::vector<Cell> cells_of(const CellLayout& layout, const std::vector<Cell>& cells, int column,
                           const Labels& labels, std::size_t k) {
  const std::size_t plane = layout.n_planes() > 1 ? k * layout.plane_size() : 0;
  const Cell* const first = cells.data() + layout.start(column) + plane;
  std::vector<Cell> out(first, first + layout.bins(cells, column).size() + 1);
  const bool other_of_two = labels.counted.n_classes == 2 && k == 0;
  for (Cell& c : out) c.s = other_of_two ? c.n - c.s : c.s;
  return out;
}

// The rows that have a label, as often as they count.
std::vector<Row> rows_of(const Labels& labels, const RowWeights& weights) {
  std::vector<Row> rows;
  for_each_row(labels.present, weights,
               [&](std::size_t row) { rows.push_back(static_cast<Row>(row)); });
  return rows;
}

// Columns of which a condition may hold on nearly the rows of a label. Such a condition disagrees
// with it on at most P / 100 + P / 99 rows, P the positive ones; on some of the rows on no more.
std::vector<int> suspects(const SearchSet& set, const CellLayout& layout,
                          const std::vector<Cell>& some, const Labels& labels,
                          std::span<const Row> rows) {
  std::vector<std::int64_t> positives(labels.each.size());
  for (const Row row : rows) {
    for (std::size_t k = 0; k < positives.size(); ++k)
      positives[k] += labels.each[k].codes[row] == labels.each[k].code ? 1 : 0;
  }
  std::vector<int> out;
  for (int at = 0; at < static_cast<int>(set.columns.size()); ++at) {
    check_cancelled();
    if (set.columns[static_cast<std::size_t>(at)].dropped) continue;
    bool may = false;
    for (std::size_t k = 0; k < positives.size() && !may; ++k) {
      const std::vector<Cell> bins = cells_of(layout, some, at, labels, k);
      BestCondition best(set, at, std::span(bins).first(bins.size() - 1), bins.back());
      may = Int128{9900} * best.least_disagreement() <= Int128{199} * positives[k];
    }
    if (may) out.push_back(at);
  }
  return out;
}

std::vector<int> suspects_by_growing(const SearchSet& set, const Labels& labels,
                                     const Halves& halves, std::span<const Row> rows,
                                     const std::vector<Cell>& of_target, int threads) {
  const CellLayout layout(set, labels.counted.n_planes());
  if (!of_target.empty() && labels.is_target) return suspects(set, layout, of_target, labels, rows);
  std::vector<Row> growing;
  for (const Row row : halves.growing) {
    if (labels.present[row] != 0) growing.push_back(row);
  }
  const std::vector<Cell> some =
      count_cells(set, layout, labels.counted, growing, threads, Deadline(0));
  return suspects(set, layout, some, labels, rows);
}

// Of the classes of a target, the one that a column stands for best is named.
Finding best_of(const SearchSet& set, const CellLayout& layout, const std::vector<Cell>& cells,
                int at, const Labels& labels) {
  Finding best;
  for (std::size_t k = 0; k < labels.each.size(); ++k) {
    const Label& label = labels.each[k];
    const std::vector<Cell> bins = cells_of(layout, cells, at, labels, k);
    Finding f = BestCondition(set, at, std::span(bins).first(bins.size() - 1), bins.back()).find();
    if (f.agree <= best.agree) continue;
    f.text += " is " + label.noun + (label.is_class ? " " + label.name : "");
    best = std::move(f);
  }
  if (best.agree > 0) {
    best.text +=
        " on " + with_commas(best.agree) + " of " + with_commas(best.rows) + " rows: exclude it?";
  }
  return best;
}

struct Findings {
  std::vector<Finding> same{}, part{};
};

void look_for(const SearchSet& set, const Labels& labels, const RowWeights& weights,
              const Halves& halves, const std::vector<Cell>& growing, int threads,
              Findings& found) {
  const std::vector<Row> rows = rows_of(labels, weights);
  const std::vector<int> some = suspects_by_growing(set, labels, halves, rows, growing, threads);
  const CellLayout layout(set, some, labels.counted.n_planes());
  const std::vector<Cell> cells =
      count_cells(set, layout, labels.counted, rows, threads, Deadline(0));
  for (int at = 0; at < static_cast<int>(set.columns.size()); ++at) {
    check_cancelled();
    const SearchColumn& c = set.columns[static_cast<std::size_t>(at)];
    if (c.dropped) continue;
    Finding best;
    if (layout.has(at)) best = best_of(set, layout, cells, at, labels);
    if (best.agree > 0) {
      found.same.push_back(std::move(best));
    } else if (speaks_for_plane(set, at) || c.is_join_outcome) {
      for (const Label& label : labels.each)
        add_one_sided(set, at, label, halves.judged, labels.present, found.part);
    }
  }
}

}  // namespace

std::vector<std::string> label_warnings(const SearchSet& set, const core::Table& table,
                                        const TargetValues& target, const Halves& halves,
                                        const std::vector<Cell>& growing, int threads) {
  Findings found;
  const Labels own = own_labels(table, target);
  if (!own.each.empty()) look_for(set, own, target.weights, halves, growing, threads, found);
  const RoleLabel role = role_label(table, target);
  if (!role.values.empty()) {
    const Labels label{{{table.roles.label, "the label", role.values.data(), 1, false}},
                       role.present,
                       {true, role.values.data()},
                       false};
    look_for(set, label, target.weights, halves, growing, threads, found);
  }
  std::stable_sort(found.same.begin(), found.same.end(), [](const Finding& a, const Finding& b) {
    return static_cast<Int128>(a.agree) * b.rows > static_cast<Int128>(b.agree) * a.rows;
  });
  std::stable_sort(found.part.begin(), found.part.end(),
                   [](const Finding& a, const Finding& b) { return a.agree > b.agree; });
  std::vector<std::string> texts;
  if (own.each.empty()) add_same_order(set, target, threads, texts);
  for (const std::vector<Finding>* list : {&found.same, &found.part}) {
    for (const Finding& f : *list) texts.push_back(f.text);
  }
  return texts;
}

}  // namespace mlrepro::detail::probe
