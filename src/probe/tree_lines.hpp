// SPDX-License-Identifier: Apache-2.0
// The lines of a tree's text: conditions to the left, figures in aligned columns to the right.
#pragma once
#include <array>
#include <string>
#include <vector>

namespace mlrepro::detail::probe {

struct Line {
  std::string pipes;  // the branches to the left
  std::string condition;
  std::array<std::string, 5> cells{};  // leaf, mean, interval, rows, share; of classes: stands out
  std::string remark{};                // did not replicate
  std::string below{};                 // pipes of what stands under this line
  std::vector<std::string> notes{};
};

// Whether conditions get the columns that they need, 30 at least, in lines of at most kLineWidth.
bool lines_fit(const std::vector<Line>& lines);
std::string drawn(const std::vector<Line>& lines);

}  // namespace mlrepro::detail::probe
