// SPDX-License-Identifier: Apache-2.0
// Small tables for the join tests, cell by cell.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <mlrepro/join/join.hpp>
#include <nlohmann/json.hpp>

#include "core/column.hpp"
#include "core/table.hpp"

namespace mlrepro_test {

namespace dc = mlrepro::detail::core;
using mlrepro::Dataset;
using mlrepro::RowIndex;

template <class T>
dc::ColumnPtr numbers(std::string name, const std::vector<std::optional<T>>& cells) {
  std::vector<T> values;
  std::vector<std::uint8_t> bits((cells.size() + 7) / 8);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    values.push_back(cells[i].value_or(T{}));
    if (cells[i]) bits[i / 8] = static_cast<std::uint8_t>(bits[i / 8] | 1U << (i % 8));
  }
  return dc::Column::copy_of(std::move(name),
                             mlrepro::ColumnView(std::span<const T>(values), bits.data()));
}

inline dc::ColumnPtr texts(std::string name, const std::vector<std::optional<std::string>>& cells) {
  std::vector<std::string_view> values;
  std::vector<std::uint8_t> bits((cells.size() + 7) / 8);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    values.push_back(cells[i] ? std::string_view(*cells[i]) : std::string_view());
    if (cells[i]) bits[i / 8] = static_cast<std::uint8_t>(bits[i / 8] | 1U << (i % 8));
  }
  return dc::Column::copy_of(
      std::move(name), mlrepro::ColumnView(std::span<const std::string_view>(values), bits.data()));
}

inline Dataset table(std::vector<dc::ColumnPtr> columns, const mlrepro::Roles& roles = {}) {
  const RowIndex n = columns.empty() ? 0 : columns[0]->n_rows();
  return dc::make_dataset(std::move(columns), n, roles);
}

inline nlohmann::json report_of(const mlrepro::JoinedDataset& joined) {
  return nlohmann::json::parse(joined.report_json());
}

// Cells of a column as text, missing as "-".
inline std::vector<std::string> cells(const Dataset& dataset, std::string_view name) {
  std::vector<std::string> out;
  const mlrepro::ColumnView view = dataset[name];
  for (RowIndex row = 0; row < dataset.n_rows(); ++row) {
    const mlrepro::Value v = view[row];
    const bool is_text = v.value_class() == mlrepro::ValueClass::text;
    out.push_back(v.is_missing() ? "-" : is_text ? std::string(v.text()) : dc::display(v));
  }
  return out;
}

using Cells = std::vector<std::string>;

}  // namespace mlrepro_test
