// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/core/dataset.hpp>

#include <algorithm>

#include <mlrepro/core/order_key.hpp>

#include "core/canonical.hpp"
#include "core/json.hpp"
#include "core/parallel.hpp"
#include "core/raise.hpp"
#include "core/roles.hpp"
#include "core/table.hpp"

namespace mlrepro {

namespace core = detail::core;
using core::ColumnPtr;
using core::Table;

namespace {

const Table& table(const Dataset& dataset) noexcept {
  return core::table_of(dataset);
}

std::vector<RowIndex> rows_where(std::span<const std::uint8_t> keep) {
  std::vector<RowIndex> rows;
  for (std::size_t i = 0; i < keep.size(); ++i) {
    if (keep[i] != 0) rows.push_back(static_cast<RowIndex>(i));
  }
  return rows;
}

std::vector<ColumnPtr> copies(std::span<const NamedColumn> columns) {
  std::vector<ColumnPtr> out;
  for (const NamedColumn& column : columns) {
    out.push_back(core::Column::copy_of(std::string(column.name), column.values));
  }
  return out;
}

void check_length(const Dataset& dataset, std::size_t n, std::string_view what) {
  if (static_cast<RowIndex>(n) == dataset.n_rows()) return;
  core::raise<ArgumentError>(
      {.message = std::string(what) + " has " + core::with_commas(static_cast<RowIndex>(n)) +
                  " elements, the table has " + core::with_commas(dataset.n_rows()) + " rows.",
       .next_step = "Give one element a row."});
}

}  // namespace

Dataset Dataset::from_columns(std::span<const NamedColumn> columns, const Roles& roles) {
  const RowIndex n_rows = columns.empty() ? 0 : columns.front().values.n_rows();
  return core::make_dataset(copies(columns), n_rows, roles);
}

RowIndex Dataset::n_rows() const noexcept {
  return table(*this).n_rows;
}
int Dataset::n_columns() const noexcept {
  return static_cast<int>(table(*this).columns.size());
}
int Dataset::find(std::string_view name) const noexcept {
  return table(*this).find(name);
}
const Roles& Dataset::roles() const& noexcept {
  return table(*this).roles;
}
std::string_view Dataset::fold() const noexcept {
  return table(*this).fold;
}
bool Dataset::identity_by_key() const noexcept {
  return table(*this).identity_by_key;
}

std::string_view Dataset::column_name(int i) const noexcept {
  if (i < 0 || i >= n_columns()) return {};
  return table(*this).columns[static_cast<std::size_t>(i)]->name();
}

ColumnView Dataset::column(int i) const& {
  if (i < 0 || i >= n_columns()) {
    core::raise<ArgumentError>({.message = "column " + std::to_string(i) + " of " +
                                           std::to_string(n_columns()) + " does not exist.",
                                .next_step = "Count from 0."});
  }
  return table(*this).columns[static_cast<std::size_t>(i)]->view();
}

ColumnView Dataset::operator[](std::string_view name) const& {
  return table(*this).column(name)->view();
}

std::string_view Dataset::role_of(std::string_view name) const noexcept {
  std::string_view found;
  core::for_each_role(roles(), [&](std::string_view role, std::string_view column) {
    if (found.empty() && column == name) found = role;
  });
  return found;
}

Dataset Dataset::select(const Names& columns) const {
  return core::derive_dataset(table(*this), core::columns_named(table(*this), columns), roles(),
                              nullptr);
}

Dataset Dataset::drop(const Names& columns) const {
  core::columns_named(table(*this), columns);  // each must exist
  std::vector<ColumnPtr> kept;
  for (const ColumnPtr& column : table(*this).columns) {
    if (!columns.contains(column->name())) kept.push_back(column);
  }
  return core::derive_dataset(table(*this), std::move(kept), roles(), nullptr);
}

Dataset Dataset::take(std::span<const RowIndex> rows) const {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] >= 0 && rows[i] < n_rows()) continue;
    core::raise<ArgumentError>({.message = "row " + std::to_string(rows[i]) + " (position " +
                                           std::to_string(i) + ") is not one of the table's " +
                                           core::with_commas(n_rows()) + " rows.",
                                .example_row = rows[i],
                                .next_step = "Count rows from 0."});
  }
  std::vector<ColumnPtr> taken;
  for (const ColumnPtr& column : table(*this).columns) taken.push_back(column->take(rows));
  return core::derive_dataset(table(*this), std::move(taken), roles(), &rows);
}

Dataset Dataset::filter(std::span<const std::uint8_t> keep) const {
  check_length(*this, keep.size(), "the mask");
  return take(rows_where(keep));
}

Dataset Dataset::head(RowIndex n) const {
  std::vector<RowIndex> rows(static_cast<std::size_t>(std::clamp<RowIndex>(n, 0, n_rows())));
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<RowIndex>(i);
  return take(rows);
}

namespace {

Dataset with_added(const Dataset& dataset, const std::vector<ColumnPtr>& added) {
  std::vector<ColumnPtr> columns = table(dataset).columns;
  bool touches_key = false;
  for (const ColumnPtr& column : added) {
    const int at = dataset.find(column->name());
    if (at >= 0)
      columns[static_cast<std::size_t>(at)] = column;
    else
      columns.push_back(column);
    touches_key = touches_key || dataset.roles().key.contains(column->name());
  }
  if (touches_key) core::check_key(columns, dataset.roles().key);
  return core::derive_dataset(table(dataset), std::move(columns), dataset.roles(), nullptr);
}

}  // namespace

Dataset Dataset::with_columns(std::span<const NamedColumn> columns) const {
  return with_added(*this, copies(columns));
}
Dataset Dataset::with_columns(const Dataset& other) const {
  return with_added(*this, table(other).columns);
}

Dataset Dataset::rename(std::string_view from, std::string_view to) const {
  std::vector<ColumnPtr> columns = table(*this).columns;
  table(*this).column(from);
  const auto at = static_cast<std::size_t>(find(from));
  columns[at] = columns[at]->renamed(std::string(to));
  return core::derive_dataset(table(*this), std::move(columns),
                              core::roles_renamed(roles(), from, to), nullptr);
}

Dataset Dataset::with_roles(const Roles& roles) const {
  const Table& old = table(*this);
  if (!roles.key.empty() && !(roles.key == old.roles.key)) {  // a new key is a new identity
    const Dataset fresh = core::make_dataset(old.columns, old.n_rows, roles);
    return old.fold.empty() ? fresh : fresh.with_fold(old.fold);
  }
  core::check_roles(old.columns, roles);
  const Dataset same_rows = core::derive_dataset(old, old.columns, roles, nullptr);
  return old.identity_by_key ? same_rows : core::without_identity_of(table(same_rows), roles);
}

Dataset Dataset::with_fold(std::string_view fold) const {
  auto copy = core::copy_of(table(*this));
  copy->fold = std::string(fold);
  return Dataset(detail::Ref(copy.release()));
}

namespace {

void hash_into(std::span<const ColumnPtr> columns, std::string_view purpose, std::span<RowId> out,
               int threads) {
  std::vector<core::Hash128> hashes(out.size());
  core::hash_rows(columns, core::domain_seed(purpose), core::resolve_threads(threads), hashes);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = {hashes[i].low, hashes[i].high};
}

}  // namespace

void Dataset::row_ids(std::string_view purpose, std::span<RowId> out, int threads) const {
  check_length(*this, out.size(), "out");
  hash_into(table(*this).identity, purpose, out, threads);
}

void Dataset::key_ids(const Names& columns, std::string_view purpose, std::span<RowId> out,
                      std::span<std::uint8_t> is_missing, int threads) const {
  check_length(*this, out.size(), "out");
  check_length(*this, is_missing.size(), "is_missing");
  std::vector<ColumnPtr> parts = core::columns_named(table(*this), columns);
  std::sort(parts.begin(), parts.end(),
            [](const ColumnPtr& a, const ColumnPtr& b) { return a->name() < b->name(); });
  hash_into(parts, purpose, out, threads);
  std::fill(is_missing.begin(), is_missing.end(), std::uint8_t{0});
  for (const ColumnPtr& part : parts) {
    if (part->n_missing() == 0) continue;
    for (RowIndex row = 0; row < n_rows(); ++row) {
      if (part->is_missing(row)) is_missing[static_cast<std::size_t>(row)] = 1;
    }
  }
}

namespace {

RowIndex count_infinite(const core::Column& column) {
  RowIndex n = 0;
  for (RowIndex row = 0; row < column.n_rows(); ++row) {
    const Value v = column.value(row);
    if (v.value_class() != ValueClass::number) continue;
    const bool wide = v.number_form() == Value::NumberForm::binary64;
    n += wide ? (v.bits() & ~core::kSign64) == 0x7ff0000000000000U
              : (v.bits() & 0x7fffffffU) == 0x7f800000U;
  }
  return n;
}

core::Json column_json(const Dataset& dataset, const core::Column& column) {
  const bool is_float = column.kind() == Type::float32 || column.kind() == Type::float64;
  core::Json json{{"name", column.name()},
                  {"type", core::to_string(column.type())},
                  {"role", std::string(dataset.role_of(column.name()))},
                  {"n_null", column.n_null()},
                  {"n_nan", column.n_nan()},
                  {"n_inf", is_float ? count_infinite(column) : 0}};
  if (column.kind() == Type::dictionary) {
    json["n_levels"] = column.levels()->n_rows();
    json["ordered"] = column.type().ordered;
  }
  return json;
}

}  // namespace

std::string Dataset::schema_json() const {
  core::Json json{
      {"n_rows", n_rows()}, {"fold", std::string(fold())}, {"columns", core::Json::array()}};
  for (const ColumnPtr& column : table(*this).columns)
    json["columns"].push_back(column_json(*this, *column));
  return core::canonical_json(json);
}

}  // namespace mlrepro
