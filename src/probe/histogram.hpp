// SPDX-License-Identifier: Apache-2.0
// Counts of nodes: rows and target sum of each bin of each searched column. Integers, so that
// threads, order of rows and subtraction (parent minus children) give the same cells.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "probe/candidates.hpp"
#include "probe/cells.hpp"
#include "probe/deadline.hpp"

namespace mlrepro::detail::probe {

using Row = std::uint32_t;

// Where the cells of a column lie: n_bins of them, then the one of the missing rows. A target of
// three classes or more has a plane of such cells for each: {rows, rows of the class}.
class CellLayout {
 public:
  explicit CellLayout(const SearchSet& set, int n_planes = 1);  // of all candidates
  CellLayout(const SearchSet& set, std::span<const int> columns, int n_planes = 1);
  std::size_t size() const noexcept { return plane_size_ * static_cast<std::size_t>(n_planes_); }
  std::size_t plane_size() const noexcept { return plane_size_; }
  int n_planes() const noexcept { return n_planes_; }
  bool has(int column) const noexcept { return n_bins_[static_cast<std::size_t>(column)] >= 0; }
  std::span<const Cell> bins(const std::vector<Cell>& cells, int column) const noexcept {
    const auto c = static_cast<std::size_t>(column);
    return {cells.data() + start_[c], static_cast<std::size_t>(n_bins_[c])};
  }
  const Cell& missing(const std::vector<Cell>& cells, int column) const noexcept {
    const auto c = static_cast<std::size_t>(column);
    return cells[start_[c] + static_cast<std::size_t>(n_bins_[c])];
  }
  std::size_t start(int column) const noexcept { return start_[static_cast<std::size_t>(column)]; }

 private:
  std::vector<std::size_t> start_;
  std::vector<int> n_bins_;  // -1: no candidate asks for it, no cells
  std::size_t plane_size_ = 0;
  int n_planes_ = 1;
};

struct CountTarget {           // as counting sees it
  bool binary = true;          // or classes: rows are counted, and scored by their entropy
  const std::int64_t* scaled;  // by row of the table; of classes: which one
  int n_classes = 0;           // 0: a number or a boolean
  int n_planes() const noexcept { return n_classes > 2 ? n_classes : 1; }
};

// Cells of each node, whose rows ascend, for all searched columns. O(rows * columns), threads over
// columns.
std::vector<std::vector<Cell>> count_cells(const SearchSet& set, const CellLayout& layout,
                                           const CountTarget& target,
                                           std::span<const std::span<const Row>> nodes, int threads,
                                           const Deadline& deadline);
// Of one node.
std::vector<Cell> count_cells(const SearchSet& set, const CellLayout& layout,
                              const CountTarget& target, std::span<const Row> rows, int threads,
                              const Deadline& deadline);

}  // namespace mlrepro::detail::probe
