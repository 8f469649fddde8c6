// SPDX-License-Identifier: Apache-2.0
// The joined rows: which row of each side stands where, the columns and their names.
#pragma once
#include <string>
#include <vector>

#include "join/match.hpp"

namespace mlrepro::detail::join {

struct RowPairs {
  std::vector<RowIndex> left,
      right;  // right: -1 where there is none; empty unless the join brings columns
  bool left_is_whole = false;  // left is 0, 1, 2, ...: its columns are shared
};
RowPairs pair_rows(const Matches& matches, const Request& request);

struct Renamed {
  std::string from, to;
};
struct BroughtColumn {
  core::ColumnPtr column;  // of the right
  std::string name;        // in the output
};
struct Layout {
  std::vector<BroughtColumn> brought;
  std::vector<Renamed> renamed;
};
// ArgumentError where a name still clashes with the suffix, or the indicator is taken.
Layout lay_out(const core::Table& left, const core::Table& right, const Request& request);

Dataset joined_rows(const core::Table& left, const Layout& layout, const RowPairs& pairs,
                    const Matches& matches, const Request& request);

// Right rows of the keys that were set aside, in their order.
Dataset violating_rows(const core::Table& right, const Matches& matches, const Request& request);

}  // namespace mlrepro::detail::join
