// SPDX-License-Identifier: Apache-2.0
// Targets of classes: text and dictionaries of text.
#include <algorithm>
#include <map>
#include <memory>

#include "core/raise.hpp"
#include "probe/cells.hpp"
#include "probe/target.hpp"

namespace mlrepro::detail::probe {
namespace {

using core::raise;
using core::with_commas;

using RowsByClass = std::map<std::string_view, std::int64_t>;

RowsByClass rows_by_class(const core::Column& column) {
  RowsByClass rows;
  for (RowIndex row = 0; row < column.n_rows(); ++row) {
    const Value v = column.value(row);
    if (!v.is_missing()) ++rows[v.text()];
  }
  return rows;
}

[[noreturn]] void refuse_many(const std::string& name, const RowsByClass& rows) {
  std::vector<std::int64_t> sizes;
  std::int64_t all = 0, most = 0;
  for (const auto& [text, n] : rows) {
    sizes.push_back(n);
    all += n;
  }
  std::sort(sizes.rbegin(), sizes.rend());
  for (std::size_t k = 0; k + 1 < kMostClasses; ++k) most += sizes[k];
  const std::string kept = std::to_string(kMostClasses - 1);
  raise<SchemaError>({.message = "target " + core::in_quotes(name) + " has " +
                                 with_commas(static_cast<std::int64_t>(rows.size())) +
                                 " classes; a tree explains 2 to " + std::to_string(kMostClasses) +
                                 ". The " + kept + " most frequent hold " + with_commas(most) +
                                 " of " + with_commas(all) + " rows.",
                      .column = name,
                      .next_step = "Group the rare ones, e.g. all but these " + kept +
                                   " as \"other\", or ask for one: column == ..."});
}

void check_classes(const TargetValues& target, const RowsByClass& rows, RowIndex n_rows) {
  if (rows.size() > kMostClasses) refuse_many(target.name, rows);
  if (rows.size() > 1) return;
  const std::string what = rows.empty() ? "missing in all " + with_commas(n_rows) + " rows."
                                        : core::display(Value(rows.begin()->first)) + " in all " +
                                              with_commas(rows.begin()->second) +
                                              " rows that have one: there is nothing to explain.";
  raise<SchemaError>(
      {.message = "target " + core::in_quotes(target.name) + " is " + what,
       .column = target.name,
       .next_step = rows.empty() ? "Pass a target with values." : "Pass a target that varies."});
}

TargetValues read_classes(const core::Table& table, TargetValues target,
                          const core::Column& column) {
  check_length(table, target.name, column);
  const RowsByClass rows = rows_by_class(column);
  check_classes(target, rows, table.n_rows);
  target.binary = false;
  target.weights = row_weights(table);
  std::map<std::string_view, std::int64_t> number;
  for (const auto& [text, n] : rows) {
    number[text] = static_cast<std::int64_t>(target.classes.size());
    target.classes.emplace_back(text);
  }
  target.present.resize(static_cast<std::size_t>(table.n_rows));
  target.scaled.resize(target.present.size());
  for (RowIndex row = 0; row < table.n_rows; ++row) {
    const Value v = column.value(row);
    const bool counts = target.weights.of(static_cast<std::size_t>(row)) > 0;
    target.present[static_cast<std::size_t>(row)] = !v.is_missing() && counts ? 1 : 0;
    target.n_missing += v.is_missing() ? 1 : 0;
    if (!v.is_missing())
      target.scaled[static_cast<std::size_t>(row)] = number.find(v.text())->second;
  }
  return target;
}

// From classes to 0 and 1.
void keep_one(TargetValues& target, const std::string& of_class) {
  const auto at = std::find(target.classes.begin(), target.classes.end(), of_class);
  if (at == target.classes.end()) {
    const std::vector<std::string_view> names(target.classes.begin(), target.classes.end());
    core::raise_unknown_option("class", of_class, names);
  }
  const auto k = static_cast<std::int64_t>(at - target.classes.begin());
  for (std::size_t row = 0; row < target.scaled.size(); ++row) {
    target.scaled[row] = target.present[row] != 0 && target.scaled[row] == k ? 1 : 0;
    target.values.push_back(static_cast<double>(target.scaled[row]));
  }
  target.name += " = " + of_class;
  target.binary = true;
  target.classes.clear();
}

[[noreturn]] void refuse_numbers(const std::string& name) {
  raise<InputTypeError>(
      {.message = "target " + core::in_quotes(name) + " has no classes: it is no text.",
       .column = name,
       .next_step = "Cast it to text, or fit a DecisionTreeProbe on it."});
}

}  // namespace

TargetValues resolve_any_target(const core::Table& table, const Target& request) {
  const auto& asked = object_of<TargetRequest>(request.ref());
  TargetValues target;
  const core::ColumnPtr column = asked_cells(table, asked, target);
  if (column->value_class() != ValueClass::text) {
    if (asked.against_rest) refuse_numbers(target.name);
    return resolve_target(table, request);
  }
  target = read_classes(table, std::move(target), *column);
  if (asked.against_rest) keep_one(target, asked.of_class);
  return target;
}

}  // namespace mlrepro::detail::probe

namespace mlrepro {

Target Target::against_rest(std::string_view of_class) const {
  using detail::probe::TargetRequest;
  auto request = std::make_unique<TargetRequest>();
  const auto& asked = detail::object_of<TargetRequest>(ref());
  request->name = asked.name;
  request->values = asked.values;
  request->against_rest = true;
  request->of_class = of_class;
  return Target(detail::Ref(request.release()));
}

Names target_classes(const Dataset& rows, const Target& target) {
  const auto values = detail::probe::resolve_any_target(detail::core::table_of(rows), target);
  if (values.classes.empty()) detail::probe::refuse_numbers(values.name);
  Names names;
  for (const std::string& name : values.classes) names.add(name);
  return names;
}

}  // namespace mlrepro
