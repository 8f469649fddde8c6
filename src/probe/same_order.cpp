// SPDX-License-Identifier: Apache-2.0
#include "probe/same_order.hpp"

#include <algorithm>

#include "core/int128.hpp"
#include "probe/histogram.hpp"
#include "probe/ranks.hpp"

namespace mlrepro::detail::probe {
namespace {

// Share of the target's ranks that groups of the column explain.
constexpr double kSameOrder = 0.99;
constexpr std::int64_t kFewestRows = 4, kMostGroups = 64;

std::vector<Cell> groups_of_rows(const SearchColumn& c, std::span<const Cell> bins,
                                 const Cell& missing, std::int64_t least) {
  std::vector<Cell> groups;
  Cell open;
  for (const Cell& bin : bins) {
    open += bin;
    if (open.n == 0 || (open.n < least && !c.bins->is_category)) continue;
    groups.push_back(open);
    open = {};
  }
  if (open.n > 0) groups.push_back(open);
  if (missing.n > 0) groups.push_back(missing);
  return groups;
}

double explained(std::span<const Cell> groups, UInt128 squares) {
  Int128 between = 0;
  Cell all;
  for (const Cell& g : groups) {
    between += squared_sum_part(g);
    all += g;
  }
  const Int128 total = static_cast<Int128>(squares << 8) - squared_sum_part(all);
  return total <= 0 ? 0 : core::to_double(between - squared_sum_part(all)) / core::to_double(total);
}

}  // namespace

void add_same_order(const SearchSet& set, const TargetValues& target, int threads,
                    std::vector<std::string>& texts) {
  const CellLayout layout(set);
  std::vector<Row> rows;
  for_each_row(target, [&](std::size_t row) { rows.push_back(static_cast<Row>(row)); });
  const auto ranks = centred_ranks(target.scaled.data(), rows, target.present.size());
  UInt128 squares = 0;
  for (const Row row : rows)
    squares += core::magnitude(static_cast<Int128>(ranks[row]) * static_cast<Int128>(ranks[row]));
  const auto n = static_cast<std::int64_t>(rows.size());
  const std::vector<Cell> cells =
      count_cells(set, layout, {false, ranks.data()}, rows, threads, Deadline(0));
  for (int at = 0; at < static_cast<int>(set.columns.size()); ++at) {
    const SearchColumn& c = set.columns[static_cast<std::size_t>(at)];
    if (c.dropped) continue;
    const auto groups = groups_of_rows(c, layout.bins(cells, at), layout.missing(cells, at),
                                       std::max(kFewestRows, n / kMostGroups));
    if (static_cast<std::int64_t>(groups.size()) * kFewestRows > n) continue;
    if (explained(groups, squares) < kSameOrder) continue;
    texts.push_back(c.name + " orders the rows as the target " + target.name +
                    " does: a copy of it, or made from it? Exclude it?");
  }
}

}  // namespace mlrepro::detail::probe
