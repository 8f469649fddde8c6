// SPDX-License-Identifier: Apache-2.0
// A level of the tree is counted in one walk over each column, block of rows by block of rows: the
// rows of a deep node lie scattered over the column, and each node for itself would fetch all of it
// anew.
#include "probe/histogram.hpp"

#include <algorithm>
#include <array>

#include "core/parallel.hpp"

namespace mlrepro::detail::probe {
namespace {

constexpr std::int64_t kTile = 4;          // columns that share the row numbers of a block
constexpr Row kBlock = Row{1} << 17;       // rows; kTile codes of each stay in cache
constexpr std::size_t kWorthTables = 512;  // rows below which tables of their own cost more
constexpr std::size_t kWorthThreads = std::size_t{1}
                                      << 18;  // cells below which waking threads costs more
constexpr std::size_t kCodes = 256;

// Rows that are counted together: of a binary target, or one of classes, those of one node and one
// value, so that counting them is enough.
struct Part {
  std::size_t node = 0;
  std::size_t value = 0;
  std::vector<Row> rows{};             // ascending
  std::vector<std::int64_t> values{};  // scaled ones of a numeric target
  std::vector<std::size_t> starts{};   // of each block of rows, and the end
};

void find_blocks(Part& part, std::size_t n_blocks) {
  part.starts.push_back(0);
  for (std::size_t block = 1; block < n_blocks; ++block) {
    part.starts.push_back(static_cast<std::size_t>(
        std::lower_bound(part.rows.begin(), part.rows.end(), static_cast<Row>(block) * kBlock) -
        part.rows.begin()));
  }
  part.starts.push_back(part.rows.size());
}

std::vector<Part> parts_of(const CountTarget& target, std::span<const std::span<const Row>> nodes) {
  const auto n_values =
      static_cast<std::size_t>(target.binary ? std::max(2, target.n_planes()) : 1);
  std::vector<Part> parts;
  parts.reserve(nodes.size() * n_values);
  for (std::size_t node = 0; node < nodes.size(); ++node) {
    for (std::size_t value = 0; value < n_values; ++value) parts.push_back({node, value});
    Part* const of_value = &parts[node * n_values];
    for (const Row row : nodes[node]) {
      if (target.binary) {
        of_value[target.scaled[row]].rows.push_back(row);
      } else {
        of_value->rows.push_back(row);
        of_value->values.push_back(target.scaled[row]);
      }
    }
  }
  Row most = 0;
  for (const Part& part : parts) {
    if (!part.rows.empty()) most = std::max(most, part.rows.back());
  }
  for (Part& part : parts) find_blocks(part, most / kBlock + 1);
  return parts;
}

// Tables in turn, so that runs of equal codes do not wait for their own store.
struct CountRows {
  using Slot = std::uint32_t;
  static constexpr std::size_t kTables = 4;
  static void add(Slot& slot, const Part&, std::size_t) noexcept { ++slot; }
  static void put(Cell* cell, const Slot& slot, const Part& part, const CellLayout&) noexcept {
    cell->n += slot;
    if (part.value != 0) cell->s += slot;
  }
};
struct CountClasses : CountRows {
  static void put(Cell* cell, const Slot& slot, const Part& part,
                  const CellLayout& layout) noexcept {
    for (std::size_t k = 0; k < static_cast<std::size_t>(layout.n_planes()); ++k)
      cell[k * layout.plane_size()].n += slot;
    cell[part.value * layout.plane_size()].s += slot;
  }
};
struct SumRows {
  using Slot = Cell;
  static constexpr std::size_t kTables = 2;
  static void add(Slot& slot, const Part& part, std::size_t i) noexcept {
    ++slot.n;
    slot.s += part.values[i];
  }
  static void put(Cell* cell, const Slot& slot, const Part&, const CellLayout&) noexcept {
    *cell += slot;
  }
};

template <class Kind>
void count_rows(const std::uint8_t* codes, const Part& part, std::size_t begin, std::size_t end,
                typename Kind::Slot* into) noexcept {
  std::size_t i = begin;
  if (end - begin >= kWorthTables) {
    std::array<std::array<typename Kind::Slot, kCodes>, Kind::kTables> table{};
    for (; i + Kind::kTables <= end; i += Kind::kTables) {
      for (std::size_t t = 0; t < Kind::kTables; ++t)
        Kind::add(table[t][codes[part.rows[i + t]]], part, i + t);
    }
    for (const auto& of : table) {
      for (std::size_t code = 0; code < kCodes; ++code) into[code] += of[code];
    }
  }
  for (; i < end; ++i) Kind::add(into[codes[part.rows[i]]], part, i);
}

template <class Kind>
void count_tile(const SearchSet& set, const CellLayout& layout, std::span<const int> columns,
                std::span<const Part> parts, std::span<std::vector<Cell>> cells) {
  std::vector<std::array<typename Kind::Slot, kCodes>> slots(parts.size() * columns.size());
  const std::size_t n_blocks = parts.front().starts.size() - 1;
  for (std::size_t block = 0; block < n_blocks; ++block) {
    for (std::size_t p = 0; p < parts.size(); ++p) {
      check_cancelled();
      const Part& part = parts[p];
      for (std::size_t c = 0; c < columns.size(); ++c) {
        const auto& codes = set.columns[static_cast<std::size_t>(columns[c])].bins->codes;
        count_rows<Kind>(codes.data(), part, part.starts[block], part.starts[block + 1],
                         slots[p * columns.size() + c].data());
      }
    }
  }
  for (std::size_t p = 0; p < parts.size(); ++p) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const auto& slot = slots[p * columns.size() + c];
      Cell* out = cells[parts[p].node].data() + layout.start(columns[c]);
      const std::size_t n_bins = layout.bins(cells[parts[p].node], columns[c]).size();
      for (std::size_t b = 0; b < n_bins; ++b) Kind::put(out + b, slot[b], parts[p], layout);
      Kind::put(out + n_bins, slot[kMissingCode], parts[p], layout);
    }
  }
}

}  // namespace

CellLayout::CellLayout(const SearchSet& set, int n_planes) {
  std::vector<int> columns;
  for (const Candidate& c : set.candidates) columns.push_back(c.column);
  *this = CellLayout(set, columns, n_planes);
}

CellLayout::CellLayout(const SearchSet& set, std::span<const int> columns, int n_planes)
    : n_bins_(set.columns.size(), -1), n_planes_(n_planes) {
  for (const int c : columns) {
    const auto at = static_cast<std::size_t>(c);
    n_bins_[at] = set.columns[at].bins->n_bins;
  }
  for (const int n_bins : n_bins_) {
    start_.push_back(plane_size_);
    plane_size_ += n_bins < 0 ? 0 : static_cast<std::size_t>(n_bins) + 1;
  }
}

std::vector<std::vector<Cell>> count_cells(const SearchSet& set, const CellLayout& layout,
                                           const CountTarget& target,
                                           std::span<const std::span<const Row>> nodes, int threads,
                                           const Deadline& deadline) {
  std::vector<std::vector<Cell>> cells(nodes.size(), std::vector<Cell>(layout.size()));
  std::vector<int> columns;
  for (int c = 0; c < static_cast<int>(set.columns.size()); ++c) {
    if (layout.has(c)) columns.push_back(c);
  }
  if (nodes.empty() || columns.empty()) return cells;
  const std::vector<Part> parts = parts_of(target, nodes);
  std::size_t n_rows = 0;
  for (const auto& rows : nodes) n_rows += rows.size();
  const bool little = n_rows * columns.size() < kWorthThreads;
  core::parallel_for_chunks(static_cast<std::int64_t>(columns.size()), kTile, little ? 1 : threads,
                            [&](std::int64_t, std::int64_t begin, std::int64_t end) {
                              deadline.check();
                              const std::span<const int> tile(columns.data() + begin,
                                                              columns.data() + end);
                              if (target.n_planes() > 1) {
                                count_tile<CountClasses>(set, layout, tile, parts, cells);
                              } else if (target.binary) {
                                count_tile<CountRows>(set, layout, tile, parts, cells);
                              } else {
                                count_tile<SumRows>(set, layout, tile, parts, cells);
                              }
                            });
  return cells;
}

std::vector<Cell> count_cells(const SearchSet& set, const CellLayout& layout,
                              const CountTarget& target, std::span<const Row> rows, int threads,
                              const Deadline& deadline) {
  return std::move(
      count_cells(set, layout, target, std::span(&rows, 1), threads, deadline).front());
}

}  // namespace mlrepro::detail::probe
