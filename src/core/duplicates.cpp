// SPDX-License-Identifier: Apache-2.0
// Which rows have a copy in their table.
#include <algorithm>
#include <memory>

#include <mlrepro/core/dataset.hpp>

#include "core/key_index.hpp"
#include "core/parallel.hpp"
#include "core/raise.hpp"
#include "core/table.hpp"

namespace mlrepro {
namespace {

namespace core = detail::core;

std::vector<core::ColumnPtr> compared_columns(const Dataset& rows, const Names& names) {
  const core::Table& table = core::table_of(rows);
  if (!names.empty()) return core::columns_named(table, names);
  std::vector<core::ColumnPtr> columns;
  for (const core::ColumnPtr& column : table.columns) {
    if (rows.role_of(column->name()).empty()) columns.push_back(column);
  }
  if (!columns.empty()) return columns;
  core::raise<SchemaError>({.message = "every column has a role: none is left to compare.",
                            .next_step = "Name the columns that make a row."});
}

core::ColumnPtr repeated(const core::KeyIndex& index, std::string_view name) {
  std::vector<std::uint8_t> bits((index.group_of_row().size() + 7) / 8);
  for (std::size_t row = 0; row < index.group_of_row().size(); ++row) {
    const auto group = static_cast<std::size_t>(index.group_of_row()[row]);
    const unsigned bit = index.group_size()[group] > 1 ? 1U : 0U;
    bits[row >> 3] = static_cast<std::uint8_t>(bits[row >> 3] | bit << (row & 7));
  }
  return std::make_shared<core::Column>(std::string(name), core::ColumnType{Type::boolean},
                                        index.n_rows(), core::Buffer::of(std::move(bits)));
}

}  // namespace

Dataset Dataset::with_duplicates(const Names& columns, std::string_view name, int threads) const {
  const core::Table& table = core::table_of(*this);
  const int at = find(name);
  if (at >= 0 && role_of(name) != "duplicate") {
    core::raise<ArgumentError>({.message = "there is a column " + core::in_quotes(name) +
                                           " that does not say which rows are copies.",
                                .column = std::string(name),
                                .next_step = "Give the new column another name."});
  }
  const core::KeyIndex index(compared_columns(*this, columns), core::resolve_threads(threads),
                             core::MissingKeys::are_equal);
  std::vector<core::ColumnPtr> all = table.columns;
  Roles roles = table.roles;
  if (at < 0) roles.duplicate.add(name);
  if (at < 0) all.emplace_back();
  all[at < 0 ? all.size() - 1 : static_cast<std::size_t>(at)] = repeated(index, name);
  return core::derive_dataset(table, std::move(all), roles, nullptr);
}

}  // namespace mlrepro
