// SPDX-License-Identifier: Apache-2.0
#include "probe/ranks.hpp"
#include "core/cancellable_sort.hpp"

#include <algorithm>

namespace mlrepro::detail::probe {

std::vector<std::int64_t> centred_ranks(const std::int64_t* scaled, std::span<const Row> rows,
                                        std::size_t n_table_rows) {
  std::vector<Row> order(rows.begin(), rows.end());
  const auto before = [scaled](Row a, Row b) {
    return scaled[a] != scaled[b] ? scaled[a] < scaled[b] : a < b;
  };
  core::cancellable_sort(order.begin(), order.end(), before);
  std::vector<std::int64_t> ranks(n_table_rows);
  const auto n = static_cast<std::int64_t>(order.size());
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin + 1;
    while (end < order.size() && scaled[order[end]] == scaled[order[begin]]) ++end;
    const auto first = static_cast<std::int64_t>(begin);
    const auto last = static_cast<std::int64_t>(end) - 1;
    for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = first + last + 1 - n;
    begin = end;
  }
  return ranks;
}

}  // namespace mlrepro::detail::probe
