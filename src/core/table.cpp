// SPDX-License-Identifier: Apache-2.0
#include "core/table.hpp"

#include <algorithm>
#include <memory>
#include <unordered_set>

#include "core/raise.hpp"
#include "core/roles.hpp"
#include "core/utf8.hpp"

namespace mlrepro::detail::core {

int Table::find(std::string_view name) const noexcept {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i]->name() == name) return static_cast<int>(i);
  }
  return -1;
}

const ColumnPtr& Table::column(std::string_view name) const {
  const int i = find(name);
  if (i >= 0) return columns[static_cast<std::size_t>(i)];
  std::vector<std::string_view> names;
  for (const ColumnPtr& column : columns) names.push_back(column->name());
  std::string hint = nearest(name, names);
  raise<ColumnNotFoundError>({.message = "there is no column " + in_quotes(name) +
                                         "; the columns are " + listed(names) + ".",
                              .column = std::string(name),
                              .next_step = hint.empty() ? "Name one of these." : hint});
}

namespace {

void check_columns(const std::vector<ColumnPtr>& columns, RowIndex n_rows) {
  std::unordered_set<std::string_view> seen;  // is asked, never walked
  seen.reserve(columns.size());
  for (const ColumnPtr& column : columns) {
    if (!seen.insert(column->name()).second) {
      raise<SchemaError>({.message = "column name " + in_quotes(column->name()) + " occurs twice.",
                          .column = column->name(),
                          .next_step = "Rename one of the two columns."});
    }
    if (!is_utf8(column->name())) {
      raise<SchemaError>({.message = "a column name is not valid UTF-8.",
                          .next_step = "Decode the name first; it would be read as another one."});
    }
    if (column->n_rows() != n_rows) {
      raise<SchemaError>({.message = "column " + in_quotes(column->name()) + " has " +
                                     with_commas(column->n_rows()) + " rows, the table has " +
                                     with_commas(n_rows) + ".",
                          .column = column->name(),
                          .next_step = "Give every column the same length."});
    }
  }
}

bool moves_no_identity(const Roles& roles,
                       std::string_view name) {  // a corrected label moves no row
  for (const std::string* role :
       {&roles.label, &roles.label_time, &roles.prediction, &roles.weight, &roles.source_file}) {
    if (!role->empty() && *role == name) return true;  // empty: nobody has the role
  }
  return roles.duplicate.contains(name);
}

std::vector<ColumnPtr> identity_columns(const std::vector<ColumnPtr>& columns, const Roles& roles) {
  std::vector<ColumnPtr> identity;
  for (const ColumnPtr& column : columns) {
    const bool in = roles.key.empty() ? !moves_no_identity(roles, column->name())
                                      : roles.key.contains(column->name());
    if (in) identity.push_back(column);
  }
  std::sort(identity.begin(), identity.end(),
            [](const ColumnPtr& a, const ColumnPtr& b) { return a->name() < b->name(); });
  return identity;
}

}  // namespace

Dataset make_dataset(std::vector<ColumnPtr> columns, RowIndex n_rows, const Roles& roles) {
  check_columns(columns, n_rows);
  check_roles(columns, roles);
  check_key(columns, roles.key);
  auto table = std::make_unique<Table>();
  table->identity = identity_columns(columns, roles);
  table->identity_by_key = !roles.key.empty();
  table->columns = std::move(columns);
  table->n_rows = n_rows;
  table->roles = roles;
  return Dataset(Ref(table.release()));
}

Dataset without_origin(const Dataset& dataset) {
  Names names = dataset.roles().duplicate;
  if (const std::string& file = dataset.roles().source_file; !file.empty()) names.add(file);
  return names.empty() ? dataset : dataset.drop(names);
}

Dataset derive_dataset(const Table& of, std::vector<ColumnPtr> columns, const Roles& roles,
                       const std::span<const RowIndex>* rows) {
  const RowIndex n_rows = rows == nullptr ? of.n_rows : static_cast<RowIndex>(rows->size());
  check_columns(columns, n_rows);
  auto table = std::make_unique<Table>();
  table->roles = roles_where(roles, [&](std::string_view name) {
    return std::any_of(columns.begin(), columns.end(),
                       [&](const ColumnPtr& c) { return c->name() == name; });
  });
  check_roles(columns, table->roles);
  for (const ColumnPtr& column : of.identity) {
    table->identity.push_back(rows == nullptr ? column : column->take(*rows));
  }
  table->identity_by_key = of.identity_by_key;
  table->fold = of.fold;
  table->columns = std::move(columns);
  table->n_rows = n_rows;
  return Dataset(Ref(table.release()));
}

std::unique_ptr<Table> copy_of(const Table& table) {
  auto copy = std::make_unique<Table>();
  copy->columns = table.columns;
  copy->n_rows = table.n_rows;
  copy->roles = table.roles;
  copy->identity = table.identity;
  copy->identity_by_key = table.identity_by_key;
  copy->fold = table.fold;
  return copy;
}

Dataset without_identity_of(const Table& table, const Roles& roles) {
  auto copy = copy_of(table);
  std::erase_if(copy->identity,
                [&](const ColumnPtr& column) { return moves_no_identity(roles, column->name()); });
  return Dataset(Ref(copy.release()));
}

std::vector<ColumnPtr> columns_named(const Table& table, const Names& names) {
  std::vector<ColumnPtr> columns;
  for (int i = 0; i < names.size(); ++i) columns.push_back(table.column(names[i]));
  return columns;
}

}  // namespace mlrepro::detail::core
