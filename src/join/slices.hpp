// SPDX-License-Identifier: Apache-2.0
// For whom a join fails: the classes of left rows by the levels of each left column of at most 64
// values, or by about ten bins of numbers and times, ranked by how unequal the classes are (X^2
// less its degrees of freedom). A slice is a function of the column's values, never of their order,
// dtype, or dictionary.
#pragma once
#include <string>
#include <vector>

#include "core/json.hpp"
#include "join/match.hpp"

namespace mlrepro::detail::join {

inline constexpr int kMostLevels = 64;
inline constexpr int kBins = 10;
inline constexpr std::size_t kSlicesKept = 8;

struct Level {
  core::OwnedValue low,
      high;  // one value: low; a bin: the least and the greatest value in it; missing: both missing
  ClassCounts counts{};
  RowIndex rows() const noexcept;
};
struct Slice {
  std::string column;
  bool is_binned = false;
  std::vector<Level> levels;  // missing first, then ascending
  double chi_square = 0;
  int df = 0;
};

// The most unequal ones first; columns where the classes are spread evenly are left out.
std::vector<Slice> slices_of(const core::Table& left, const std::vector<RowClass>& class_of_left,
                             int threads);

}  // namespace mlrepro::detail::join
