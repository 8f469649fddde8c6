// SPDX-License-Identifier: Apache-2.0
#include "probe/histogram.hpp"

#include <array>

#include "core/parallel.hpp"

namespace mlrepro::detail::probe {
namespace {

constexpr std::int64_t kTile = 8;     // columns that share a block of rows while it is in cache
constexpr std::size_t kBlock = 4096;  // rows
constexpr std::size_t kWorthThreads = std::size_t{1}
                                      << 18;  // cells below which waking threads costs more

// One u64 a bin: rows in the low half, positives in the high one. Four tables in turn, so that runs
// of equal codes do not wait for their own store. Fewer than 2^32 rows, so no half overflows into
// the other.
struct BinaryTables {
  std::array<std::array<std::uint64_t, 256>, 4> of{};
  void add(const std::uint8_t* codes, const Row* rows, const std::uint64_t* weight,
           std::size_t n) noexcept {
    std::size_t i = 0;
    for (; i + 4 <= n; i += 4) {
      of[0][codes[rows[i]]] += weight[i];
      of[1][codes[rows[i + 1]]] += weight[i + 1];
      of[2][codes[rows[i + 2]]] += weight[i + 2];
      of[3][codes[rows[i + 3]]] += weight[i + 3];
    }
    for (; i < n; ++i) of[0][codes[rows[i]]] += weight[i];
  }
  Cell cell(std::size_t code) const noexcept {
    Cell c;
    for (const auto& table : of) {
      c.n += static_cast<std::int64_t>(table[code] & 0xffffffffU);
      c.s += static_cast<std::int64_t>(table[code] >> 32);
    }
    return c;
  }
};

struct NumericTables {
  std::array<std::array<Cell, 256>, 2> of{};
  void add(const std::uint8_t* codes, const Row* rows, const std::uint64_t* weight,
           std::size_t n) noexcept {
    for (std::size_t i = 0; i < n; ++i) {
      Cell& c = of[i & 1][codes[rows[i]]];
      ++c.n;
      c.s += static_cast<std::int64_t>(weight[i]);
    }
  }
  Cell cell(std::size_t code) const noexcept { return of[0][code] + of[1][code]; }
};

template <class Tables>
void count_tile(const SearchSet& set, const CellLayout& layout, std::span<const int> columns,
                std::span<const Row> rows, std::span<const std::uint64_t> weights,
                std::vector<Cell>& cells) {
  std::vector<Tables> tables(columns.size());
  for (std::size_t first = 0; first < rows.size(); first += kBlock) {
    check_cancelled();
    const std::size_t n = std::min(kBlock, rows.size() - first);
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const auto& codes = set.columns[static_cast<std::size_t>(columns[c])].bins->codes;
      tables[c].add(codes.data(), rows.data() + first, weights.data() + first, n);
    }
  }
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const auto n_bins = layout.bins(cells, columns[c]).size();
    Cell* out = cells.data() + layout.start(columns[c]);
    for (std::size_t b = 0; b < n_bins; ++b) out[b] = tables[c].cell(b);
    out[n_bins] = tables[c].cell(kMissingCode);
  }
}

}  // namespace

CellLayout::CellLayout(const SearchSet& set) : n_bins_(set.columns.size(), -1) {
  for (const Candidate& c : set.candidates) {
    const auto at = static_cast<std::size_t>(c.column);
    n_bins_[at] = set.columns[at].bins->n_bins;
  }
  for (const int n_bins : n_bins_) {
    start_.push_back(size_);
    size_ += n_bins < 0 ? 0 : static_cast<std::size_t>(n_bins) + 1;
  }
}

std::vector<Cell> count_cells(const SearchSet& set, const CellLayout& layout,
                              const CountTarget& target, std::span<const Row> rows, int threads,
                              const Deadline& deadline) {
  std::vector<Cell> cells(layout.size());
  std::vector<int> columns;
  for (int c = 0; c < static_cast<int>(set.columns.size()); ++c) {
    if (layout.has(c)) columns.push_back(c);
  }
  std::vector<std::uint64_t> weights(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto t = static_cast<std::uint64_t>(target.scaled[rows[i]]);
    weights[i] = target.binary ? (t << 32) + 1 : t;
  }
  const bool little = rows.size() * columns.size() < kWorthThreads;
  core::parallel_for_chunks(static_cast<std::int64_t>(columns.size()), kTile, little ? 1 : threads,
                            [&](std::int64_t, std::int64_t begin, std::int64_t end) {
                              deadline.check();
                              const std::span<const int> tile(columns.data() + begin,
                                                              columns.data() + end);
                              if (target.binary) {
                                count_tile<BinaryTables>(set, layout, tile, rows, weights, cells);
                              } else {
                                count_tile<NumericTables>(set, layout, tile, rows, weights, cells);
                              }
                            });
  return cells;
}

}  // namespace mlrepro::detail::probe
