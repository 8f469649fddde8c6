// SPDX-License-Identifier: Apache-2.0
// What the adapters share: a column-major matrix as a Dataset. Names no third-party type.
// Thread safety: none needed, no state.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include <mlrepro/core/column_view.hpp>
#include <mlrepro/core/dataset.hpp>
#include <mlrepro/core/names.hpp>

namespace mlrepro::interop::detail {

// ArgumentError unless there is one name a column.
MLREPRO_API void require_names(const Names& names, std::int64_t n_columns);

// Copies. values: column after column, each of n_rows.
template <class T>
Dataset dataset_of_columns(const T* values, std::int64_t n_rows, std::int64_t n_columns,
                           const Names& names, const Roles& roles) {
  require_names(names, n_columns);
  std::vector<NamedColumn> columns;
  for (std::int64_t j = 0; j < n_columns; ++j) {
    const std::span<const T> column(values + j * n_rows, static_cast<std::size_t>(n_rows));
    columns.push_back({names[static_cast<int>(j)], ColumnView(column, nullptr)});
  }
  return Dataset::from_columns(columns, roles);
}

}  // namespace mlrepro::interop::detail
