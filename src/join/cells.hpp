// SPDX-License-Identifier: Apache-2.0
// Order of cells and of compound keys: exact, by value, missing first, text by bytes. "The smallest
// key" of an error or of a report is by this order, so that it does not depend on the order of
// rows.
#pragma once
#include <span>
#include <string>

#include <mlrepro/core/order_key.hpp>

#include "core/column.hpp"

namespace mlrepro::detail::join {

inline int compare_values(const Value& a, const Value& b) noexcept {
  if (a.is_missing() || b.is_missing())
    return static_cast<int>(b.is_missing()) - static_cast<int>(a.is_missing());
  if (a.value_class() == ValueClass::text) return a.text().compare(b.text());
  const core::OrderKey x = core::order_key(a), y = core::order_key(b);
  return x < y ? -1 : static_cast<int>(y < x);
}

inline int compare_rows(std::span<const core::ColumnPtr> columns, RowIndex a, RowIndex b) noexcept {
  for (const core::ColumnPtr& column : columns) {
    if (const int order = compare_values(column->value(a), column->value(b)); order != 0)
      return order;
  }
  return 0;
}

// 'N14228' for one column, (EWR, 2013, 11, 3, 1) for several.
inline std::string key_text(std::span<const core::ColumnPtr> columns, RowIndex row) {
  if (columns.size() == 1) return core::display(columns[0]->value(row));
  std::string out = "(";
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const Value value = columns[i]->value(row);
    if (i > 0) out += ", ";
    out +=
        value.value_class() == ValueClass::text ? std::string(value.text()) : core::display(value);
  }
  return out + ")";
}

}  // namespace mlrepro::detail::join
