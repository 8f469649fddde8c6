// SPDX-License-Identifier: Apache-2.0
// The condition on one column (a cut, a level, is missing) that agrees best with a label.
#pragma once
#include <span>
#include <string>

#include "probe/histogram.hpp"

namespace mlrepro::detail::probe {

struct Finding {
  std::int64_t agree = 0, rows = 0;
  std::string text{};
};

// Columns that are missing together are named together, by the first of them.
bool speaks_for_plane(const SearchSet& set, int column) noexcept;
std::string missingness_text(const SearchSet& set, int column, bool negated = false);
std::string level_text(const SearchColumn& c, std::size_t bin);

class BestCondition {
 public:
  BestCondition(const SearchSet& set, int column, std::span<const Cell> bins, const Cell& missing);
  Finding find();  // no rows agree: no condition is nearly the label
  // Rows on which the best condition and the label disagree.
  std::int64_t least_disagreement();

 private:
  // visit(cell of the rows where a condition holds, its text).
  template <class Visit>
  void for_each(const Visit& visit);
  template <class Text>
  void offer(const Cell& in, const Text& text);
  std::string cut_text(std::size_t b, bool negated) const;

  const SearchSet& set_;
  int at_;
  const SearchColumn& column_;
  std::span<const Cell> bins_;
  Cell missing_, all_;
  Finding best_;
};

}  // namespace mlrepro::detail::probe
