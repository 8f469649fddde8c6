// SPDX-License-Identifier: Apache-2.0
// Counts of what could leak between parts. The first named part is training's; folds are compared
// with each other.
#include <algorithm>

#include "core/canonical.hpp"
#include "split/report.hpp"

namespace mlrepro::detail::split {
namespace {

using core::ColumnPtr;
using core::Json;

std::vector<ColumnPtr> by_name(std::vector<ColumnPtr> columns) {
  std::sort(columns.begin(), columns.end(),
            [](const ColumnPtr& a, const ColumnPtr& b) { return a->name() < b->name(); });
  return columns;
}

Groups groups_by(const ReportInput& in, const std::vector<ColumnPtr>& columns,
                 bool missing_counts) {
  std::vector<Hash128> hashes(static_cast<std::size_t>(in.table.n_rows));
  core::hash_rows(columns, core::domain_seed("row"), in.threads, hashes);
  std::vector<std::uint8_t> missing(missing_counts ? 0 : hashes.size(), 0);
  for (std::size_t row = 0; row < missing.size(); ++row) {
    for (const ColumnPtr& column : columns) {
      if (column->is_missing(static_cast<RowIndex>(row))) missing[row] = 1;
    }
  }
  return group_rows(hashes, missing);
}

// For each group: the first named part that has a row of it (-1: none), and whether another named
// part has one too.
struct Spread {
  std::vector<std::int32_t> part;
  std::vector<std::uint8_t> in_two, in_train;
};

Spread spread_of(const ReportInput& in, const Groups& groups) {
  Spread out{std::vector<std::int32_t>(groups.key.size(), -1),
             std::vector<std::uint8_t>(groups.key.size(), 0),
             std::vector<std::uint8_t>(groups.key.size(), 0)};
  for (std::size_t row = 0; row < groups.group_of_row.size(); ++row) {
    const std::uint16_t part = in.plan.part_of_row[row];
    if (groups.group_of_row[row] < 0 || !in.is_named(part)) continue;
    const auto g = static_cast<std::size_t>(groups.group_of_row[row]);
    if (out.part[g] < 0) out.part[g] = part;
    if (out.part[g] != part) out.in_two[g] = 1;
    if (part == 0) out.in_train[g] = 1;
  }
  return out;
}

Json entities_json(const ReportInput& in) {
  if (in.table.roles.entity.empty()) return nullptr;
  std::vector<ColumnPtr> columns = by_name(core::columns_named(in.table, in.table.roles.entity));
  const Groups groups = groups_by(in, columns, false);
  const Spread spread = spread_of(in, groups);
  std::int64_t n = 0, rows = 0;
  std::size_t example = groups.key.size();
  for (std::size_t g = 0; g < groups.key.size(); ++g) {
    if (spread.in_two[g] == 0) continue;
    ++n;
    rows += groups.n_rows[g];
    if (example == groups.key.size() || groups.key[g] < groups.key[example]) example = g;
  }
  Json names = Json::array();
  for (const ColumnPtr& column : columns) names.push_back(column->name());
  return {
      {"columns", std::move(names)},
      {"entities", groups.key.size()},
      {"in_two_parts", n},
      {"rows", rows},
      {"example", n > 0 ? Json(display_row(columns, groups.first_row[example])) : Json(nullptr)}};
}

bool describes_row(std::string_view role) {
  return role.empty() || role == "entity" || role == "time" || role == "join_outcome";
}

// Rows outside training (or in two folds) that equal a row of the other side in all columns but
// key, label and the like.
Json duplicates_json(const ReportInput& in, const Dataset& dataset) {
  std::vector<ColumnPtr> columns;
  for (const ColumnPtr& column : in.table.columns) {
    if (describes_row(dataset.role_of(column->name()))) columns.push_back(column);
  }
  if (columns.empty()) return nullptr;
  columns = by_name(std::move(columns));
  const Groups groups = groups_by(in, columns, true);
  const Spread spread = spread_of(in, groups);
  const std::string& label = in.table.roles.label;
  Groups labelled;
  Spread with_label;
  if (!label.empty()) {
    std::vector<ColumnPtr> wider = columns;
    wider.push_back(in.table.column(label));
    labelled = groups_by(in, by_name(std::move(wider)), true);
    with_label = spread_of(in, labelled);
  }
  const bool folds = in.plan.rule.is_folds();
  const auto leaks = [&](const Groups& of, const Spread& s, std::size_t row) {
    const auto g = static_cast<std::size_t>(of.group_of_row[row]);
    return folds ? s.in_two[g] != 0 : s.in_train[g] != 0 && in.plan.part_of_row[row] != 0;
  };
  std::int64_t rows = 0, differs = 0;
  Json example = nullptr;
  for (std::size_t row = 0; row < in.plan.part_of_row.size(); ++row) {
    if (!in.is_named(in.plan.part_of_row[row]) || !leaks(groups, spread, row)) continue;
    ++rows;
    if (!label.empty() && !leaks(labelled, with_label, row)) ++differs;
    if (example.is_null()) example = static_cast<std::int64_t>(row);
  }
  return {{"columns", columns.size()},
          {"rows", rows},
          {"example_row", example},
          {"label_differs", label.empty() ? Json(nullptr) : Json(differs)}};
}

struct TimeCounts {
  std::int64_t train = 0, after = 0, label_after = 0;
};

Json time_json(const ReportInput& in) {
  const std::string& name = in.plan.rule.has_time ? in.plan.rule.key[0].name : in.table.roles.time;
  if (name.empty() || in.plan.rule.is_folds() || in.plan.rule.n_named < 2) return nullptr;
  const ColumnPtr& time = in.table.column(name);
  const ValueClass c = time->value_class();
  if (c != ValueClass::date && c != ValueClass::timestamp && c != ValueClass::local_timestamp)
    return nullptr;
  bool any = false;
  Int128 first_test = 0;
  const auto each = [&](auto&& visit) {
    for (std::size_t row = 0; row < in.plan.part_of_row.size(); ++row) {
      const auto r = static_cast<RowIndex>(row);
      const std::uint16_t part = in.plan.part_of_row[row];
      if (in.is_named(part) && !time->is_missing(r)) visit(r, part);
    }
  };
  each([&](RowIndex row, std::uint16_t part) {
    if (part == 0) return;
    const Int128 t = nanoseconds(time->value(row));
    first_test = any ? std::min(first_test, t) : t;
    any = true;
  });
  if (!any) return nullptr;
  const bool labelled = !in.table.roles.label_time.empty();
  const ColumnPtr label_time = labelled ? in.table.column(in.table.roles.label_time) : nullptr;
  TimeCounts n;
  each([&](RowIndex row, std::uint16_t part) {
    if (part != 0) return;
    ++n.train;
    n.after += nanoseconds(time->value(row)) >= first_test ? 1 : 0;
    if (labelled &&
        (label_time->is_missing(row) || nanoseconds(label_time->value(row)) >= first_test))
      ++n.label_after;
  });
  return {{"column", name},
          {"first_test_ns", core::int128_text(first_test)},
          {"train_rows", n.train},
          {"train_at_or_after_first_test", n.after},
          {"train_labels_at_or_after_first_test", labelled ? Json(n.label_after) : Json(nullptr)}};
}

}  // namespace

Json leaks_json(const ReportInput& in) {
  const Dataset dataset(in.plan.dataset);
  return {{"entities", entities_json(in)},
          {"duplicates", duplicates_json(in, dataset)},
          {"time", time_json(in)}};
}

}  // namespace mlrepro::detail::split
