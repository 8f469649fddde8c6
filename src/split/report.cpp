// SPDX-License-Identifier: Apache-2.0
// Shares with their bound, groups, label by part.
#include "split/report.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/canonical.hpp"
#include "core/fp_guard.hpp"
#include "core/int128.hpp"
#include "core/parallel.hpp"
#include "core/raise.hpp"
#include "split/fractions.hpp"

namespace mlrepro::detail::split {
namespace {

using core::Json;
constexpr double kLogTwoOverDelta = 21.42;  // ln(2 / 1e-9)
constexpr std::size_t kMostClasses = 20;

bool value_before(const Value& a, const Value& b) noexcept {
  if (a.value_class() == ValueClass::text) return a.text() < b.text();
  return core::order_key(a) < core::order_key(b);
}

struct GroupSizes {
  RowIndex n_rows = 0, largest = 0;
  std::size_t largest_group = 0;
  double squares = 0;
};

GroupSizes sizes_of(const Groups& groups) {
  GroupSizes out;
  core::UInt128 squares = 0;
  for (std::size_t g = 0; g < groups.n_rows.size(); ++g) {
    const RowIndex n = groups.n_rows[g];
    squares += static_cast<core::UInt128>(n) * static_cast<core::UInt128>(n);
    out.n_rows += n;
    const bool tie = n == out.largest && groups.key[g] < groups.key[out.largest_group];
    if (n > out.largest || tie) out.largest_group = g;
    out.largest = std::max(out.largest, n);
  }
  out.squares = core::to_double(squares);
  return out;
}

// Bernstein: the rows of a part of fraction p stay within this of p n, but for one salt in 10^9.
double bound_rows(double p, const GroupSizes& sizes) {
  const double variance = p * (1 - p) * sizes.squares;
  return std::sqrt(2 * variance * kLogTwoOverDelta) +
         2.0 / 3.0 * static_cast<double>(sizes.largest) * kLogTwoOverDelta;
}

bool is_open(const Rule& rule) {
  return rule.has_hash && !rule.has_time && rule.hash.method != KeyRule::Method::closed;
}

double asked_fraction(const Rule& rule, std::size_t part) {
  return rule.hash.n_folds > 0 ? 1.0 / static_cast<double>(rule.hash.n_folds)
                               : rule.hash.parts[part].fraction;
}

Json parts_json(const ReportInput& in, const GroupSizes& sizes) {
  const PlanObject& plan = in.plan;
  std::vector<std::int64_t> n_groups(plan.parts.size(), 0);
  for (const RowIndex first : in.groups.first_row)
    ++n_groups[plan.part_of_row[static_cast<std::size_t>(first)]];
  RowIndex named = 0;
  for (int i = 0; i < plan.rule.n_named; ++i)
    named += plan.parts[static_cast<std::size_t>(i)].n_rows;
  Json out = Json::array();
  for (std::size_t i = 0; i < plan.parts.size(); ++i) {
    const bool is_named = in.is_named(static_cast<std::uint16_t>(i));
    Json part{{"name", plan.parts[i].name}, {"rows", plan.parts[i].n_rows},
              {"named", is_named},          {"share", nullptr},
              {"asked", nullptr},           {"bound", nullptr},
              {"groups", nullptr}};
    if (is_named && named > 0)
      part["share"] = static_cast<double>(plan.parts[i].n_rows) / static_cast<double>(named);
    if (is_named && plan.rule.has_hash && !plan.rule.has_time) {
      part["asked"] = asked_fraction(plan.rule, i);
      part["groups"] = n_groups[i];
      if (is_open(plan.rule) && sizes.n_rows > 0) {
        part["bound"] =
            bound_rows(asked_fraction(plan.rule, i), sizes) / static_cast<double>(sizes.n_rows);
      }
    }
    out.push_back(std::move(part));
  }
  return out;
}

Json groups_json(const ReportInput& in, const GroupSizes& sizes) {
  const Rule& rule = in.plan.rule;
  if (!rule.has_hash || rule.has_time || sizes.n_rows == 0) return nullptr;
  const auto total = static_cast<double>(sizes.n_rows);
  const std::vector<core::ColumnPtr> columns = hash_columns(in.table, rule);
  Json names = Json::array();
  for (const KeyField& field : rule.key) names.push_back(field.name);
  Json out{{"columns", std::move(names)},
           {"n", in.groups.key.size()},
           {"effective", total * total / sizes.squares},
           {"largest_rows", sizes.largest},
           {"largest", nullptr},
           {"larger_than_part", nullptr}};
  if (rule.hash.identity == KeyRule::Identity::values) return out;
  out["largest"] = display_row(columns, in.groups.first_row[sizes.largest_group]);
  for (std::size_t i = 0; i < static_cast<std::size_t>(rule.n_named); ++i) {
    if (static_cast<double>(sizes.largest) > asked_fraction(rule, i) * total) {
      out["larger_than_part"] = in.plan.parts[i].name;
      break;
    }
  }
  return out;
}

Json label_json(const ReportInput& in) {
  const std::string& name = in.table.roles.label;
  if (name.empty()) return nullptr;
  const core::ColumnPtr& column = in.table.column(name);
  const Categories classes = categories(*column, kMostClasses, in.threads);
  if (classes.names.empty()) return nullptr;
  std::vector<std::vector<std::int64_t>> counts(in.plan.parts.size(),
                                                std::vector<std::int64_t>(classes.names.size(), 0));
  for (std::size_t row = 0; row < classes.code_of_row.size(); ++row) {
    const std::int32_t code = classes.code_of_row[row];
    if (code >= 0) ++counts[in.plan.part_of_row[row]][static_cast<std::size_t>(code)];
  }
  return {{"column", name}, {"classes", classes.names}, {"counts", counts}};
}

// Rows set aside by a time cut on unseen entities, by reason.
Json quarantine_json(const ReportInput& in) {
  const Rule& rule = in.plan.rule;
  if (rule.quarantine < 0) return nullptr;
  const core::ColumnPtr time = time_columns(in.table, rule)[0];
  std::int64_t future = 0, past = 0;
  for (std::size_t row = 0; row < in.plan.part_of_row.size(); ++row) {
    if (in.plan.part_of_row[row] != rule.quarantine) continue;
    ++(nanoseconds(time->value(static_cast<RowIndex>(row))) >= rule.time.cut ? future : past);
  }
  return {{"seen_entity_future", future}, {"unseen_entity_past", past}};
}

Json time_rule_json(const Rule& rule) {
  if (!rule.has_time) return nullptr;
  return {{"column", rule.key[0].name},
          {"class", to_string(rule.key[0].value_class)},
          {"cut_ns", core::int128_text(rule.time.cut)},
          {"reach_ns", core::int128_text(rule.time.reach)}};
}

// What became of a table-fitted plan's keys: those of this table that it knows, and its own that
// are gone.
Json keys_json(const ReportInput& in) {
  const KeyRule& hash = in.plan.rule.hash;
  if (hash.method != KeyRule::Method::closed) return nullptr;
  std::int64_t known = 0;
  for (const Hash128& key : in.groups.key) known += hash.part(key) != kUnseen ? 1 : 0;
  const auto n_new = static_cast<std::int64_t>(in.groups.key.size()) - known;
  return {{"known", known},
          {"new", n_new},
          {"vanished", static_cast<std::int64_t>(hash.closed_keys.size()) - known}};
}

}  // namespace

std::string display_row(std::span<const core::ColumnPtr> columns, RowIndex row) {
  std::string out;
  for (const core::ColumnPtr& column : columns)
    out += (out.empty() ? "" : ", ") + core::display(column->value(row));
  return out;
}

Categories categories(const core::Column& column, std::size_t most, int threads) {
  std::vector<Hash128> hashes(static_cast<std::size_t>(column.n_rows()));
  const core::ColumnPtr alias(core::ColumnPtr{}, &column);
  core::hash_rows(std::span(&alias, 1), core::domain_seed("value"), threads, hashes);
  std::vector<std::uint8_t> missing(column.n_missing() > 0 ? hashes.size() : 0, 0);
  for (std::size_t row = 0; row < missing.size(); ++row)
    missing[row] = column.is_missing(static_cast<RowIndex>(row)) ? 1 : 0;
  Groups groups = group_rows(hashes, missing);
  if (groups.key.size() > most) return {};
  std::vector<std::size_t> order(groups.key.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(
      order.begin(), order.end(), [&](std::size_t a, std::size_t b) {  // distinct values: no ties
        return value_before(column.value(groups.first_row[a]), column.value(groups.first_row[b]));
      });
  std::vector<std::int32_t> code_of_group(order.size());
  Categories out;
  for (std::size_t i = 0; i < order.size(); ++i) {
    code_of_group[order[i]] = static_cast<std::int32_t>(i);
    out.names.push_back(core::display(column.value(groups.first_row[order[i]])));
  }
  for (std::int32_t& g : groups.group_of_row)
    g = g < 0 ? -1 : code_of_group[static_cast<std::size_t>(g)];
  out.code_of_row = std::move(groups.group_of_row);
  return out;
}

namespace {

Groups groups_of(const PlanObject& plan, const core::Table& table, int threads) {
  RowParts keys;
  if (plan.rule.has_hash) {
    hash_key_rows(table, plan.rule, threads, keys);
  } else {
    keys.hashes.resize(static_cast<std::size_t>(table.n_rows));
    core::hash_rows(table.identity, core::domain_seed("split"), threads, keys.hashes);
  }
  return group_rows(keys.hashes, keys.missing);
}

}  // namespace

std::string report_to_json(const PlanObject& plan, int threads) {
  const core::FpGuard guard;
  const core::Table& table = object_of<core::Table>(plan.dataset);
  const Groups groups = groups_of(plan, table, threads);
  const ReportInput in{plan, table, groups, threads};
  const GroupSizes sizes = sizes_of(groups);
  Json out = core::envelope("plan_report", 1);
  out["splitter"] = plan.rule.splitter;
  out["level"] = plan.rule.level;
  out["rows"] = plan.n_rows;
  out["parts"] = parts_json(in, sizes);
  out["groups"] = groups_json(in, sizes);
  out["label"] = label_json(in);
  out["time"] = time_rule_json(plan.rule);
  out["quarantine"] = quarantine_json(in);
  out["keys"] = keys_json(in);
  out["balance"] = balance_json(in);
  out["leaks"] = leaks_json(in);
  out["allow_leak"] = plan.allow_leak;
  return core::canonical_json(out);
}

}  // namespace mlrepro::detail::split

namespace mlrepro::split {

std::string Plan::report_json(int threads) const {
  const auto& plan = mlrepro::detail::object_of<mlrepro::detail::split::PlanObject>(ref_);
  if (!plan.has_rows) {
    mlrepro::detail::core::raise<ArgumentError>(
        {.message = "this plan was read from JSON and holds no rows.",
         .next_step = "Bind it to a table with extend(dataset)."});
  }
  return mlrepro::detail::split::report_to_json(plan,
                                                mlrepro::detail::core::resolve_threads(threads));
}

}  // namespace mlrepro::split
