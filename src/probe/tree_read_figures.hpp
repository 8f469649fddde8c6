// SPDX-License-Identifier: Apache-2.0
// Counts and figures of mlrepro.tree as they are read; FormatError where they contradict
// themselves.
#pragma once
#include <string>
#include <vector>

#include "core/json_reader.hpp"
#include "probe/tree_data.hpp"

namespace mlrepro::detail::probe {

inline constexpr std::string_view kFormat = "mlrepro.tree";
inline constexpr core::JsonReader kRead("the tree");

std::vector<std::string> classes_of(const core::Json& json, bool binary);
// The number of a class; -1 where `least` allows it.
int class_of(const core::Json& json, const char* name, const TreeData& tree, int least);
// `count` counts that add up to n.
std::vector<RowIndex> counts_of(const core::Json& json, const char* name, std::size_t count,
                                RowIndex n);
// k: the class that they speak of, if the target has classes.
Figures figures_of(const core::Json& in, const char* name, const TreeData& tree, int k = 0);

}  // namespace mlrepro::detail::probe
