// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <span>

#include "core/parallel.hpp"
#include "probe/candidates.hpp"

namespace mlrepro::detail::probe {
namespace {

struct WeightedPlane {
  const std::uint8_t* codes;
  std::int64_t n_columns;  // that are counted
};

std::vector<WeightedPlane> counted_planes(SearchSet& set) {
  std::vector<WeightedPlane> planes;
  for (const MissingPlane& plane : set.planes) {
    const std::size_t before = set.counted.size();
    for (const int c : plane.columns) {
      if (!set.columns[static_cast<std::size_t>(c)].is_row_metadata) set.counted.push_back(c);
    }
    const std::size_t n = set.counted.size() - before;
    if (n == 0) continue;
    const auto first = static_cast<std::size_t>(plane.columns.front());
    planes.push_back({set.columns[first].bins->codes.data(), static_cast<std::int64_t>(n)});
  }
  std::sort(set.counted.begin(), set.counted.end());
  return planes;
}

constexpr std::size_t kChunk = std::size_t{1} << 14;  // rows whose counts stay in cache

// Counts of the rows of a chunk, in bytes while they fit: sixteen rows and more an instruction.
class ChunkCount {
 public:
  explicit ChunkCount(std::span<std::int64_t> counts) : counts_(counts) {}
  void add(const std::uint8_t* codes, std::int64_t n_columns) {
    if (n_columns > kMost) return add_to(counts_.data(), codes, n_columns);
    if (n_columns > kMost - held_) flush();
    held_ += n_columns;
    add_to(bytes_.data(), codes, static_cast<std::uint8_t>(n_columns));
  }
  void flush() {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += bytes_[i];
    bytes_.fill(0);
    held_ = 0;
  }

 private:
  static constexpr std::int64_t kMost = 255;
  template <class T>
  void add_to(T* to, const std::uint8_t* codes, T n) const {
    const std::size_t n_rows = counts_.size();  // a byte that is written could be part of it
    for (std::size_t i = 0; i < n_rows; ++i)
      to[i] = static_cast<T>(to[i] + (codes[i] == kMissingCode ? n : T{0}));
  }

  std::span<std::int64_t> counts_;
  std::array<std::uint8_t, kChunk> bytes_{};
  std::int64_t held_ = 0;  // at most so many in a byte
};

std::vector<std::int64_t> counts_of(const std::vector<WeightedPlane>& planes, std::size_t n_rows,
                                    int threads) {
  std::vector<std::int64_t> counts(n_rows);
  core::parallel_for_chunks(static_cast<std::int64_t>(n_rows), static_cast<std::int64_t>(kChunk),
                            threads, [&](std::int64_t, std::int64_t begin, std::int64_t end) {
                              const auto first = static_cast<std::size_t>(begin);
                              ChunkCount count(std::span<std::int64_t>(counts).subspan(
                                  first, static_cast<std::size_t>(end) - first));
                              for (const WeightedPlane& plane : planes)
                                count.add(plane.codes + begin, plane.n_columns);
                              count.flush();
                            });
  return counts;
}

}  // namespace

void add_missing_count(SearchSet& set, int threads) {
  const std::vector<WeightedPlane> planes = counted_planes(set);
  if (planes.size() < 2) return set.counted.clear();
  const std::size_t n_rows = set.columns.front().bins->codes.size();
  binning::KeyBuffers buffers;
  binning::BinnedColumn bins =
      binning::bin_column(core::int64_column("", counts_of(planes, n_rows, threads)), buffers);
  if (bins.n_bins < 2) return set.counted.clear();
  bins.source.reset();  // the cuts are numbers and borrow nothing
  SearchColumn count;
  count.bins = std::make_shared<const binning::BinnedColumn>(std::move(bins));
  count.dropped = true;
  Candidate candidate;
  candidate.column = static_cast<int>(set.columns.size());
  candidate.n_missing = std::numeric_limits<RowIndex>::max();  // after all others in a tie
  candidate.is_count = true;
  set.columns.push_back(std::move(count));
  set.candidates.push_back(candidate);
}

}  // namespace mlrepro::detail::probe
