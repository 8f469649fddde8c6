// SPDX-License-Identifier: Apache-2.0
// Columns that are missing on exactly the same rows, and what the target is there: the trace that a
// left join leaves.
#pragma once
#include "probe/honest.hpp"

namespace mlrepro::detail::probe {

// Blocks of two columns or more, most telling missing test first (of the growing rows; ties: more
// rows, then names), with the figures of the judged rows. `who` is filled by describe_blocks.
std::vector<MissingBlock> missing_blocks(const SearchSet& set, const TargetValues& target,
                                         const Halves& halves);

// For whom the first blocks are missing: the leaf that holds most of a block's rows, of a depth-3
// tree on the block's own plane over the other columns. The set is as before afterwards.
void describe_blocks(SearchSet& set, std::span<const Row> rows, const GrowOptions& options,
                     const Deadline& deadline, std::vector<MissingBlock>& blocks);

}  // namespace mlrepro::detail::probe
