// SPDX-License-Identifier: Apache-2.0
// A column of a candidate as tests and cuts see it at a node.
#pragma once
#include <span>
#include <vector>

#include "probe/choose.hpp"

namespace mlrepro::detail::probe {

inline ColumnCells<Cell> column_at(const NodeView& view, const Candidate& candidate) {
  const BinnedColumn& bins = *view.set.columns[static_cast<std::size_t>(candidate.column)].bins;
  return {candidate.column, view.layout.bins(view.cells, candidate.column),
          view.layout.missing(view.cells, candidate.column), bins.is_category, bins.has_other};
}

// Bins of a column, then its missing rows, by class.
inline std::vector<ClassCell> class_cells(const NodeView& view, const ColumnCells<Cell>& column) {
  std::vector<ClassCell> out(column.bins.size() + 1);
  const Cell* plane = column.bins.data();
  for (std::size_t b = 0; b < out.size(); ++b) out[b].n = plane[b].n;
  for (std::size_t k = 0; k < static_cast<std::size_t>(view.layout.n_planes()); ++k) {
    for (std::size_t b = 0; b < out.size(); ++b) out[b].of[k] = plane[b].s;
    plane += view.layout.plane_size();
  }
  return out;
}

// body(ColumnCells<Cell> or, of classes, ColumnCells<ClassCell>)
template <class Body>
auto with_column(const NodeView& view, const Candidate& candidate, Body&& body) {
  const ColumnCells<Cell> column = column_at(view, candidate);
  if (view.node.n_classes == 0) return body(column);
  const std::vector<ClassCell> cells = class_cells(view, column);
  const std::span<const ClassCell> bins(cells.data(), cells.size() - 1);
  return body(
      ColumnCells<ClassCell>{column.column, bins, cells.back(), column.category, column.has_other});
}

}  // namespace mlrepro::detail::probe
