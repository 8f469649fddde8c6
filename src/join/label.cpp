// SPDX-License-Identifier: Apache-2.0
#include "join/label.hpp"

#include <algorithm>
#include <array>

#include "core/exact_sum.hpp"
#include "core/halves.hpp"
#include "core/int128.hpp"
#include "core/parallel.hpp"
#include "join/cells.hpp"
#include "stats/tests.hpp"

namespace mlrepro::detail::join {
namespace {

using core::Column;

constexpr double kLogAlpha = -4.605170185988091;  // log(0.01)
constexpr double kDisguiseLow = 0.5, kDisguiseLift = 10.0;

bool is_same(const Value& a, const Value& b) noexcept {
  if (a.value_class() != ValueClass::text && a.bits() == b.bits()) return true;
  return compare_values(a, b) == 0;
}

// At most two values in the whole column, or false as soon as a third is met.
bool read_two_values(const Column& column, Label& label) {
  std::array<Value, 2> seen{};
  std::size_t n_seen = 0;
  label.y.assign(static_cast<std::size_t>(column.n_rows()), -1);
  for (RowIndex row = 0; row < column.n_rows(); ++row) {
    const Value v = column.value(row);
    if (v.is_missing()) continue;
    std::size_t at = 0;
    while (at < n_seen && !is_same(seen[at], v)) ++at;
    if (at == 2) return false;
    if (at == n_seen) seen[n_seen++] = v;
    label.y[static_cast<std::size_t>(row)] = static_cast<std::int8_t>(at);
  }
  if (n_seen < 2) return false;
  if (compare_values(seen[1], seen[0]) < 0) {
    std::swap(seen[0], seen[1]);
    for (std::int8_t& y : label.y) y = static_cast<std::int8_t>(y < 0 ? y : 1 - y);
  }
  label.negative = core::OwnedValue::of(seen[0]);
  label.positive = core::OwnedValue::of(seen[1]);
  return true;
}

bool is_number(const Column& column) noexcept {
  return column.kind() >= Type::int8 && column.kind() <= Type::float64;
}

// A number as the nearest double: exact for floats and below 2^53.
double as_double(const Value& v) noexcept {
  switch (v.number_form()) {
    case Value::NumberForm::unsigned_integer:
      return static_cast<double>(v.bits());
    case Value::NumberForm::signed_integer:
      return static_cast<double>(static_cast<std::int64_t>(v.bits()));
    case Value::NumberForm::binary64:
      return std::bit_cast<double>(v.bits());
    case Value::NumberForm::binary32:
      return std::bit_cast<double>(core::widen_bits(static_cast<std::uint32_t>(v.bits())));
  }
  return 0;
}

RowIndex inner_copies(const Matches& matches, std::size_t row) noexcept {
  return matches.class_of_left[row] == RowClass::ambiguous ? 1 : matches.right_rows_of(row);
}

struct Tally {  // sum of weights, of weight times label
  RowIndex rows = 0;
  RowIndex positives = 0;
  core::ExactSum sum;
  void add(RowIndex weight, int y) noexcept {
    rows += weight;
    positives += weight * y;
  }
  void add(RowIndex weight, double x) noexcept {
    rows += weight;
    sum.add(x, weight);
  }
  LabelMeans::Mean mean(LabelKind kind) const {
    if (rows == 0) return {};
    const auto n = static_cast<std::uint64_t>(rows);
    if (kind == LabelKind::numeric) return {rows, sum.round_divided(n)};
    return {rows, core::ratio(static_cast<core::UInt128>(positives), n)};
  }
};

struct Cell {
  RowIndex rows = 0, positives = 0;
};
struct HalfCounts {  // of rows with a label
  std::array<Cell, kClasses> by_class{};
  Cell all{};
  stats::Table2x2 against_rest(std::size_t c, bool value) const noexcept {
    const auto with = [&](const Cell& cell) {
      return value ? cell.positives : cell.rows - cell.positives;
    };
    const RowIndex a = with(by_class[c]);
    const RowIndex rest = all.rows - by_class[c].rows;
    const RowIndex rest_with = with(all) - a;
    return {a, by_class[c].rows - a, rest_with, rest - rest_with};
  }
};

std::array<HalfCounts, 2> count_halves(const Label& label, const Matches& matches,
                                       const Dataset& left, int threads) {
  std::vector<std::int64_t> copies_by(label.y.begin(), label.y.end());
  const std::vector<std::uint8_t> judged =
      core::judged_rows(core::table_of(left), "join-honest", nullptr, copies_by,
                        core::resolve_threads(threads))
          .judged;
  std::array<HalfCounts, 2> halves;
  for (std::size_t row = 0; row < judged.size(); ++row) {
    if (label.y[row] < 0) continue;
    HalfCounts& half = halves[judged[row]];
    Cell& cell = half.by_class[static_cast<std::size_t>(matches.class_of_left[row])];
    for (Cell* c : {&cell, &half.all}) {
      ++c->rows;
      c->positives += label.y[row];
    }
  }
  return halves;
}

bool more_frequent_in_group(const stats::Table2x2& t) noexcept {  // a / (a + b) > c / (c + d)
  return static_cast<core::Int128>(t.a) * (t.c + t.d) >
         static_cast<core::Int128>(t.c) * (t.a + t.b);
}

void judge(const HalfCounts& half, std::size_t c, ClassOnLabel& out) {
  const stats::Table2x2 table = half.against_rest(c, out.value);
  out.judged = table.a + table.b;
  out.judged_with_value = table.a;
  const RowIndex with_value = table.a + table.c;
  if (out.judged == 0 || with_value == 0) return;
  const auto ratio = [](RowIndex a, RowIndex b, RowIndex x, RowIndex y) {
    return core::ratio(static_cast<core::UInt128>(a) * static_cast<core::UInt128>(b),
                       static_cast<core::UInt128>(x) * static_cast<core::UInt128>(y));
  };
  out.rate = ratio(out.judged_with_value, 1, out.judged, 1);
  out.lift = ratio(out.judged_with_value, half.all.rows, out.judged, with_value);
  out.interval =
      stats::wilson(static_cast<double>(out.judged_with_value), static_cast<double>(out.judged));
  out.log_p = stats::association(table).log_p;
  if (!out.chosen) return;
  if (out.interval.low >= kDisguiseLow && out.lift >= kDisguiseLift) {
    out.grade = Grade::label_in_disguise;
  } else if (out.log_p <= kLogAlpha && more_frequent_in_group(table)) {
    out.grade = Grade::note;
  }
}

}  // namespace

Label read_label(const core::Table& left) {
  Label label;
  label.column = left.roles.label;
  if (label.column.empty()) {
    label.why_not = "no column has the role label";
    return label;
  }
  const core::ColumnPtr& column = left.column(label.column);
  if (read_two_values(*column, label)) {
    label.kind = LabelKind::binary;
    return label;
  }
  label.y.clear();
  if (is_number(*column) && column->n_missing() < column->n_rows()) {
    label.kind = LabelKind::numeric;
    label.values = column;
    label.why_not = "the label does not have two values";
  } else {
    label.why_not = column->n_missing() == column->n_rows()
                        ? "the label is missing on every row"
                        : "the label is neither a number nor of two values";
  }
  return label;
}

LabelMeans label_means(const Label& label, const Matches& matches) {
  Tally once, inner, left;
  if (label.kind == LabelKind::none) return {};
  const bool numeric = label.kind == LabelKind::numeric;
  for (std::size_t row = 0; row < matches.class_of_left.size(); ++row) {
    const Value v = numeric ? label.values->value(static_cast<RowIndex>(row)) : Value();
    if (numeric ? v.is_missing() : label.y[row] < 0) continue;
    const RowIndex m = inner_copies(matches, row);
    const auto add = [&](auto y) {
      once.add(1, y);
      inner.add(m, y);
      left.add(std::max<RowIndex>(m, 1), y);
    };
    if (numeric) {
      add(as_double(v));
    } else {
      add(static_cast<int>(label.y[row]));
    }
  }
  return {once.mean(label.kind), inner.mean(label.kind), left.mean(label.kind)};
}

std::vector<ClassOnLabel> classes_on_label(const Label& label, const Matches& matches,
                                           const Dataset& left, int threads) {
  std::vector<ClassOnLabel> out;
  const auto n_of = [&](RowClass c) { return matches.counts[static_cast<std::size_t>(c)]; };
  if (label.kind != LabelKind::binary || matches.unmatched() + n_of(RowClass::ambiguous) == 0)
    return out;
  const std::array<HalfCounts, 2> halves = count_halves(label, matches, left, threads);
  const HalfCounts &choosing = halves[0], &judging = halves[1];
  for (const RowClass row_class :
       {RowClass::key_not_found, RowClass::null_key, RowClass::ambiguous}) {
    if (n_of(row_class) == 0) continue;
    const auto c = static_cast<std::size_t>(row_class);
    ClassOnLabel one;
    one.row_class = row_class;
    one.rows = choosing.by_class[c].rows + judging.by_class[c].rows;
    one.positives = choosing.by_class[c].positives + judging.by_class[c].positives;
    const stats::Table2x2 table = choosing.against_rest(c, true);
    one.value = more_frequent_in_group(table);
    one.chosen = stats::association(table).log_p <= kLogAlpha;
    judge(judging, c, one);
    out.push_back(one);
  }
  return out;
}

}  // namespace mlrepro::detail::join
