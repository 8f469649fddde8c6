// SPDX-License-Identifier: Apache-2.0
// Words of the tree's text where the target has classes.
#pragma once
#include <string>

#include "probe/tree_data.hpp"

namespace mlrepro::detail::probe {

inline constexpr std::size_t kClassWidths[] = {18, 14, 11, 8, 5};  // longer names are cut

std::string class_text(const TreeData& tree, int k, std::size_t width = kClassWidths[0]);
// "ok 62.10%": the node's most common class and its share.
std::string most_common_text(const TreeData& tree, const Node& node, std::size_t width);
// "diverted x3.1": the class that stands out, its share over that of all judged rows.
std::string stands_out_text(const TreeData& tree, const Node& node, std::size_t width);
// "ok 62.10%, cancelled 20.00% and 3 more", most frequent first.
std::string shares_text(const TreeData& tree, const Figures& f);
// What the columns of the tree say, and when a leaf did not replicate.
std::string class_legend(const TreeData& tree, bool any_not_replicated);

}  // namespace mlrepro::detail::probe
