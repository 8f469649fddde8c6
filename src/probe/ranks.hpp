// SPDX-License-Identifier: Apache-2.0
// Ranks of a numeric target: what tests fall back on where its tail is too heavy for moments
// (Kruskal and Wallis 1952, JASA 47(260)), and what tells a copy of the target from a strong
// feature.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "probe/histogram.hpp"

namespace mlrepro::detail::probe {

// Twice the centred midrank of each of `rows` among them (equal values share one), by row of the
// table; 0 for other rows. Their sum is 0. O(n log n).
std::vector<std::int64_t> centred_ranks(const std::int64_t* scaled, std::span<const Row> rows,
                                        std::size_t n_table_rows);

}  // namespace mlrepro::detail::probe
