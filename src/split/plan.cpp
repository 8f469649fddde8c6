// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/split/plan.hpp>

#include <algorithm>

#include "core/canonical.hpp"
#include "core/parallel.hpp"
#include "core/raise.hpp"
#include "split/plan_object.hpp"

namespace mlrepro::detail::split {

using core::raise;
using mlrepro::split::Plan;

AssignerObject::AssignerObject(Rule decided) : rule(std::move(decided)) {
  for (const std::string& name : rule.part_names) parts.push_back({name, 0});
  for (const KeyField& field : rule.key) fields.push_back({field.name, field.value_class});
}

std::vector<KeyField> fields_of(std::span<const core::ColumnPtr> columns) {
  std::vector<KeyField> fields;
  for (const core::ColumnPtr& column : columns)
    fields.push_back({column->name(), column->value_class()});
  return fields;
}

namespace {

// The identity of rows as key fields: the declared key in its order, or all columns that identify,
// in the order of names.
std::vector<core::ColumnPtr> identity_columns(const core::Table& table) {
  if (!table.identity_by_key) return table.identity;
  std::vector<core::ColumnPtr> columns;
  for (int i = 0; i < table.roles.key.size(); ++i) {
    for (const core::ColumnPtr& column : table.identity) {
      if (column->name() == table.roles.key[i]) columns.push_back(column);
    }
  }
  return columns.size() == table.identity.size()
             ? columns
             : table.identity;  // a dropped key column leaves the role
}

std::vector<FoldDigest> fold_digests(const PlanObject& plan) {
  const core::Table& table = object_of<core::Table>(plan.dataset);
  std::vector<core::Hash128> keys(static_cast<std::size_t>(table.n_rows));
  const bool by_key = plan.rule.has_hash && !plan.rule.has_time;
  const std::vector<core::ColumnPtr> columns =
      by_key ? hash_columns(table, plan.rule) : table.identity;
  constexpr int kSerial = 1;  // asked for by to_json() and ==, which take no threads
  core::hash_rows(columns, core::domain_seed("key"), kSerial, keys);
  std::vector<FoldDigest> digests(plan.parts.size());
  for (std::size_t row = 0; row < keys.size(); ++row) {
    FoldDigest& digest = digests[plan.part_of_row[row]];
    ++digest.n_rows;
    digest.sum += static_cast<core::UInt128>(keys[row].high) << 64 | keys[row].low;
  }
  return digests;
}

void refuse_empty_parts(const PlanObject& plan) {
  for (int i = 0; i < plan.rule.n_named; ++i) {
    const mlrepro::split::Part& part = plan.parts[static_cast<std::size_t>(i)];
    if (part.n_rows > 0) continue;
    const bool closed = plan.rule.hash.method == KeyRule::Method::closed;
    raise<ArgumentError>(
        {.message = "part " + core::in_quotes(part.name) + " got none of the " +
                    core::with_commas(plan.n_rows) + " rows.",
         .next_step = closed ? "Use fewer parts, or a larger table."
                             : "Use a larger table, another salt, or exact=True for exact sizes."});
  }
}

}  // namespace

void set_hash_key(const core::Table& table, const Names& by, Rule& rule) {
  const bool named = !by.empty();
  const std::vector<core::ColumnPtr> columns =
      named ? core::columns_named(table, by) : identity_columns(table);
  rule.hash.identity = named                   ? KeyRule::Identity::by
                       : table.identity_by_key ? KeyRule::Identity::key
                                               : KeyRule::Identity::values;
  const std::vector<KeyField> fields = fields_of(columns);
  rule.hash.name_order = order_by_name(fields);
  rule.key.insert(rule.key.end(), fields.begin(), fields.end());
  rule.level = std::string(table.fold);
  rule.hash.set_seed(rule.level);
  if (columns.empty()) {
    raise<SchemaError>({.message = "the table has no column that identifies a row.",
                        .next_step = "Declare a key, or name columns with by=."});
  }
  if (rule.hash.identity != KeyRule::Identity::values && columns.size() > kMostKeyColumns) {
    raise<ArgumentError>({.message = "a key of " + std::to_string(columns.size()) +
                                     " columns; at most 16 are taken.",
                          .next_step = "Name fewer columns with by=."});
  }
}

const std::vector<FoldDigest>& PlanObject::digests() const {
  std::call_once(once, [this] {
    if (has_rows) known_digests = fold_digests(*this);
  });
  return known_digests;
}

Plan make_plan(const Dataset& dataset, Rule rule, RowParts decided, const PlanFacts& facts) {
  auto plan = std::make_unique<PlanObject>(std::move(rule));
  plan->allow_leak = facts.allow_leak;
  plan->n_rows = dataset.n_rows();
  plan->has_rows = true;
  plan->dataset = dataset.ref();
  plan->part_of_row = std::move(decided.part_of_row);
  for (const std::uint16_t part : plan->part_of_row) ++plan->parts[part].n_rows;
  if (facts.refuse_empty) refuse_empty_parts(*plan);
  return Plan(Ref(plan.release()));
}

}  // namespace mlrepro::detail::split

namespace mlrepro::split {

using namespace mlrepro::detail::split;  // NOLINT(google-build-using-namespace): this file
                                         // implements both
namespace core = mlrepro::detail::core;
using mlrepro::detail::object_of;

namespace {

const AssignerObject& assigner_of(const mlrepro::detail::Ref& ref) noexcept {
  return object_of<AssignerObject>(ref);
}
const PlanObject& plan_of(const mlrepro::detail::Ref& ref) noexcept {
  return object_of<PlanObject>(ref);
}

const PlanObject& with_rows(const mlrepro::detail::Ref& ref) {
  const PlanObject& plan = plan_of(ref);
  if (!plan.has_rows) {
    core::raise<ArgumentError>({.message = "this plan was read from JSON and holds no rows.",
                                .next_step = "Bind it to a table with extend(dataset)."});
  }
  return plan;
}

std::uint16_t part_index(const PlanObject& plan, std::string_view name) {
  std::vector<std::string_view> names;
  for (const Part& part : plan.parts) names.push_back(part.name);
  const auto at = std::find(names.begin(), names.end(), name);
  if (at == names.end()) core::raise_unknown_option("part", name, names);
  return static_cast<std::uint16_t>(at - names.begin());
}

}  // namespace

std::span<const Part> Assigner::parts() const& noexcept {
  return assigner_of(ref_).parts;
}
std::span<const Field> Assigner::key() const& noexcept {
  return assigner_of(ref_).fields;
}

int Assigner::try_assign(std::span<const Value> key) const noexcept {
  return assigner_of(ref_).rule.decide(key);
}

std::string_view Assigner::assign(std::span<const Value> key) const& {
  const AssignerObject& object = assigner_of(ref_);
  const int part = object.rule.decide(key);
  if (part < 0) object.rule.raise_wrong_key(key);
  return object.parts[static_cast<std::size_t>(part)].name;
}

std::string_view Plan::splitter() const noexcept {
  return plan_of(ref_).rule.splitter;
}
std::string_view Plan::level() const noexcept {
  return plan_of(ref_).rule.level;
}
bool Plan::is_folds() const noexcept {
  return plan_of(ref_).rule.is_folds();
}
std::string_view Plan::identity() const noexcept {
  const auto& rule = plan_of(ref_).rule;
  return rule.has_hash ? detail::split::to_string(rule.hash.identity) : std::string_view();
}
RowIndex Plan::n_rows() const noexcept {
  return plan_of(ref_).n_rows;
}
bool Plan::has_rows() const noexcept {
  return plan_of(ref_).has_rows;
}

void Plan::indices(std::string_view name, std::span<RowIndex> out) const {
  const PlanObject& plan = with_rows(ref_);
  const std::uint16_t part = part_index(plan, name);
  if (static_cast<RowIndex>(out.size()) != plan.parts[part].n_rows) {
    core::raise<ArgumentError>({.message = "the span for " + core::in_quotes(name) + " has " +
                                           std::to_string(out.size()) + " elements, the part has " +
                                           std::to_string(plan.parts[part].n_rows) + " rows.",
                                .next_step = "Size it by parts()."});
  }
  std::size_t n = 0;
  for (std::size_t row = 0; row < plan.part_of_row.size(); ++row) {
    if (plan.part_of_row[row] == part) out[n++] = static_cast<RowIndex>(row);
  }
}

void Plan::part_of_row(std::span<std::int32_t> out) const {
  const PlanObject& plan = with_rows(ref_);
  if (out.size() != plan.part_of_row.size()) {
    core::raise<ArgumentError>({.message = "the span has " + std::to_string(out.size()) +
                                           " elements for " + std::to_string(plan.n_rows) +
                                           " rows.",
                                .next_step = "Size it by n_rows()."});
  }
  std::copy(plan.part_of_row.begin(), plan.part_of_row.end(), out.begin());
}

Dataset Plan::part(std::string_view name) const {
  const PlanObject& plan = with_rows(ref_);
  std::vector<RowIndex> rows(static_cast<std::size_t>(plan.parts[part_index(plan, name)].n_rows));
  indices(name, rows);
  const std::string fold =
      (plan.rule.level.empty() ? "" : plan.rule.level + "/") + std::string(name);
  return Dataset(plan.dataset).take(rows).with_fold(fold);
}

Plan Plan::extend(const Dataset& dataset, int threads) const {
  const PlanObject& plan = plan_of(ref_);
  const int n_threads = core::resolve_threads(threads);
  RowParts decided = decide_rows(core::table_of(dataset), plan.rule, n_threads);
  return make_plan(dataset, plan.rule, std::move(decided), {.allow_leak = plan.allow_leak});
}

}  // namespace mlrepro::split
