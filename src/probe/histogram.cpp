// SPDX-License-Identifier: Apache-2.0
// A level of the tree is counted in one walk over the columns, a few of them side by side: the rows
// of a deep node lie scattered over a column, and each node for itself would fetch all of it anew.
#include "probe/histogram.hpp"

#include <algorithm>
#include <array>

#include "core/parallel.hpp"

namespace mlrepro::detail::probe {
namespace {

constexpr std::size_t kTile = 4;         // columns, which do not wait for each other's stores
constexpr Row kBlock = Row{1} << 13;     // rows; the codes of a tile stay in the nearest cache
constexpr std::size_t kMostTables = 64;  // of a walk; those of a tile stay in the next cache
constexpr std::size_t kCodes = 256;
constexpr std::size_t kSteps = std::size_t{1} << 20;  // between two looks at Ctrl-C
constexpr std::size_t kWorthThreads = std::size_t{1}
                                      << 18;  // values below which waking threads costs more

struct Step {
  Row row;
  std::uint32_t table;  // its number
};

// The rows of some nodes, block of rows by block. A table counts rows of one node and, where the
// target is binary or of classes, of one value, so that counting them is enough.
struct Walk {
  std::size_t first_node = 0;
  std::size_t n_tables = 0;
  std::size_t n_values = 1;  // tables of a node
  std::vector<Step> steps{};
  std::vector<std::int64_t> scaled{};  // of the steps, numeric targets only
};

Walk walk_over(const CountTarget& target, std::span<const std::span<const Row>> nodes,
               std::size_t n_values) {
  Walk walk;
  walk.n_values = n_values;
  walk.n_tables = nodes.size() * n_values;
  Row last = 0;
  std::size_t n_steps = 0;
  for (const std::span<const Row> rows : nodes) {
    n_steps += rows.size();
    if (!rows.empty()) last = std::max(last, rows.back());
  }
  walk.steps.reserve(n_steps);
  if (!target.binary) walk.scaled.reserve(n_steps);
  std::vector<std::size_t> next(nodes.size());
  for (Row block = 0; block <= last; block += kBlock) {
    check_cancelled();
    for (std::size_t k = 0; k < nodes.size(); ++k) {
      const std::span<const Row> rows = nodes[k];
      for (std::size_t& i = next[k]; i < rows.size() && rows[i] - block < kBlock; ++i) {
        const std::int64_t scaled = target.scaled[rows[i]];
        const auto value = target.binary ? static_cast<std::size_t>(scaled) : 0;
        walk.steps.push_back({rows[i], static_cast<std::uint32_t>(k * n_values + value)});
        if (!target.binary) walk.scaled.push_back(scaled);
      }
    }
  }
  return walk;
}

std::vector<Walk> walks_over(const CountTarget& target,
                             std::span<const std::span<const Row>> nodes) {
  const auto n_values =
      static_cast<std::size_t>(target.binary ? std::max(2, target.n_planes()) : 1);
  const std::size_t at_once = std::max<std::size_t>(1, kMostTables / n_values);
  std::vector<Walk> walks;
  for (std::size_t first = 0; first < nodes.size(); first += at_once) {
    const std::size_t n = std::min(at_once, nodes.size() - first);
    walks.push_back(walk_over(target, nodes.subspan(first, n), n_values));
    walks.back().first_node = first;
  }
  return walks;
}

// What a table holds for each code. A line of cache more than the codes need, so that equal codes
// of several tables do not fall on each other.
template <class S>
struct Tables {
  using Slot = S;
  static constexpr std::size_t kStride = kCodes + 64 / sizeof(S);
};
struct CountRows : Tables<std::uint32_t> {
  static void add(Slot& slot, const std::int64_t*, std::size_t) noexcept { ++slot; }
  static void put(Cell* cell, const Slot& slot, std::size_t value, const CellLayout&) noexcept {
    cell->n += slot;
    if (value != 0) cell->s += slot;
  }
};
struct CountClasses : CountRows {
  static void put(Cell* cell, const Slot& slot, std::size_t value,
                  const CellLayout& layout) noexcept {
    for (std::size_t k = 0; k < static_cast<std::size_t>(layout.n_planes()); ++k)
      cell[k * layout.plane_size()].n += slot;
    cell[value * layout.plane_size()].s += slot;
  }
};
struct SumRows : Tables<Cell> {
  static void add(Slot& slot, const std::int64_t* scaled, std::size_t i) noexcept {
    ++slot.n;
    slot.s += scaled[i];
  }
  static void put(Cell* cell, const Slot& slot, std::size_t, const CellLayout&) noexcept {
    *cell += slot;
  }
};

template <class Kind, std::size_t kColumns>
void count_steps(const Walk& walk, const std::uint8_t* const* codes, typename Kind::Slot* tables) {
  std::array<const std::uint8_t*, kColumns> of;
  std::copy_n(codes, kColumns, of.begin());
  const Step* const steps = walk.steps.data();
  const std::int64_t* const scaled = walk.scaled.data();
  for (std::size_t begin = 0; begin < walk.steps.size(); begin += kSteps) {
    check_cancelled();
    const std::size_t end = std::min(begin + kSteps, walk.steps.size());
    for (std::size_t i = begin; i < end; ++i) {
      const Row row = steps[i].row;
      auto* const slots = tables + steps[i].table * (kTile * Kind::kStride);
      for (std::size_t c = 0; c < kColumns; ++c)
        Kind::add(slots[c * Kind::kStride + of[c][row]], scaled, i);
    }
  }
}

template <class Kind>
void count_tile(const SearchSet& set, const CellLayout& layout, std::span<const int> columns,
                const Walk& walk, std::span<std::vector<Cell>> cells) {
  std::vector<typename Kind::Slot> tables(walk.n_tables * kTile * Kind::kStride);
  std::array<const std::uint8_t*, kTile> codes;
  for (std::size_t c = 0; c < columns.size(); ++c)
    codes[c] = set.columns[static_cast<std::size_t>(columns[c])].bins->codes.data();
  if (columns.size() == kTile) {
    count_steps<Kind, kTile>(walk, codes.data(), tables.data());
  } else {
    for (std::size_t c = 0; c < columns.size(); ++c)
      count_steps<Kind, 1>(walk, &codes[c], tables.data() + c * Kind::kStride);
  }
  for (std::size_t t = 0; t < walk.n_tables; ++t) {
    std::vector<Cell>& of_node = cells[walk.first_node + t / walk.n_values];
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const auto* slots = tables.data() + (t * kTile + c) * Kind::kStride;
      Cell* out = of_node.data() + layout.start(columns[c]);
      const std::size_t n_bins = layout.bins(of_node, columns[c]).size();
      for (std::size_t b = 0; b < n_bins; ++b)
        Kind::put(out + b, slots[b], t % walk.n_values, layout);
      Kind::put(out + n_bins, slots[kMissingCode], t % walk.n_values, layout);
    }
  }
}

template <class Kind>
void count_walks(const SearchSet& set, const CellLayout& layout, std::span<const int> columns,
                 std::span<const Walk> walks, std::span<std::vector<Cell>> cells) {
  for (const Walk& walk : walks) count_tile<Kind>(set, layout, columns, walk, cells);
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
  const std::vector<Walk> walks = walks_over(target, nodes);
  std::size_t n_steps = 0;
  for (const Walk& walk : walks) n_steps += walk.steps.size();
  const auto count = !target.binary          ? count_walks<SumRows>
                     : target.n_planes() > 1 ? count_walks<CountClasses>
                                             : count_walks<CountRows>;
  const bool little = n_steps * columns.size() < kWorthThreads;
  core::parallel_for_chunks(
      static_cast<std::int64_t>(columns.size()), kTile, little ? 1 : threads,
      [&](std::int64_t, std::int64_t begin, std::int64_t end) {
        deadline.check();
        count(set, layout, {columns.data() + begin, columns.data() + end}, walks, cells);
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
