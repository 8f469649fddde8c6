// SPDX-License-Identifier: Apache-2.0
// The object behind a Dataset: columns, roles, and the columns that fix the identity of its rows.
#pragma once
#include <string>
#include <vector>

#include <mlrepro/core/dataset.hpp>

#include "core/column.hpp"
#include "core/ref_object.hpp"

namespace mlrepro::detail::core {

struct Table final : Ref::Object {
  std::vector<ColumnPtr> columns;  // all of n_rows
  RowIndex n_rows = 0;
  Roles roles;
  std::vector<ColumnPtr> identity;  // sorted by name; kept when a column is dropped or replaced
  bool identity_by_key = false;
  std::string fold;

  int find(std::string_view name) const noexcept;
  const ColumnPtr& column(std::string_view name) const;  // ColumnNotFoundError
};

inline const Table& table_of(const Dataset& dataset) noexcept {
  return object_of<Table>(dataset.ref());
}

// A new Dataset: names checked for duplicates, roles for existing columns, the key for nulls and
// repeats; the identity is fixed here (key columns, else all columns but label, label_time,
// prediction, weight).
Dataset make_dataset(std::vector<ColumnPtr> columns, RowIndex n_rows, const Roles& roles);

// The rows as data: which file they were read from, and which are copies, is left out.
Dataset without_origin(const Dataset& dataset);

// The same rows or some of them under other columns: keeps identity and fold of `of`. columns all
// have rows.size() rows (or of.n_rows where rows is null). Roles that name a column which is gone
// are dropped.
Dataset derive_dataset(const Table& of, std::vector<ColumnPtr> columns, const Roles& roles,
                       const std::span<const RowIndex>* rows);

// The identity of a row without key is a hash of its values; a column that is declared to be the
// label (or the like) only later leaves it, as it would have done from the start.
Dataset without_identity_of(const Table& table, const Roles& roles);

std::unique_ptr<Table> copy_of(const Table& table);  // columns are shared

std::vector<ColumnPtr> columns_named(const Table& table,
                                     const Names& names);  // ColumnNotFoundError

}  // namespace mlrepro::detail::core
