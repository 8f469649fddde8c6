// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

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

std::vector<std::int64_t> counts_of(const std::vector<WeightedPlane>& planes, std::size_t n_rows,
                                    int threads) {
  constexpr std::int64_t kChunk = std::int64_t{1} << 14;  // counts that stay in cache
  std::vector<std::int64_t> counts(n_rows);
  core::parallel_for_chunks(static_cast<std::int64_t>(n_rows), kChunk, threads,
                            [&](std::int64_t, std::int64_t begin, std::int64_t end) {
                              for (const WeightedPlane& plane : planes) {
                                for (std::int64_t row = begin; row < end; ++row)
                                  counts[static_cast<std::size_t>(row)] +=
                                      plane.codes[row] == kMissingCode ? plane.n_columns : 0;
                              }
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
