// SPDX-License-Identifier: Apache-2.0
// What the join does to the label: its mean as the rows stand, as an inner and as a left join would
// give it, and whether the class of a row predicts it. A class is chosen on one honest half of the
// rows (a hash of row identity, purpose "join-honest") and judged on the other. Counts and exact
// sums: the order of rows changes no bit.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "join/match.hpp"
#include "stats/intervals.hpp"

namespace mlrepro::detail::join {

enum class LabelKind : std::uint8_t { none, binary, numeric };

struct Label {
  LabelKind kind = LabelKind::none;
  std::string column;
  std::string why_not;                  // why nothing is said: "no column has the role label"
  core::OwnedValue negative, positive;  // of a binary label: positive is the larger value
  std::vector<std::int8_t> y;           // binary: 1, 0; -1 missing
  core::ColumnPtr values;               // numeric
};
Label read_label(const core::Table& left);

struct LabelMeans {  // rows with a label only; a mean is the share of the positive value where the
                     // label is binary
  struct Mean {
    RowIndex rows = 0;
    double mean = 0;
  };
  Mean each_once, inner, left;  // left rows; rows of an inner join; rows of a left join
};
LabelMeans label_means(const Label& label, const Matches& matches);

enum class Grade : std::uint8_t { nothing, note, label_in_disguise };

struct ClassOnLabel {
  RowClass row_class = RowClass::key_not_found;
  RowIndex rows = 0, positives = 0;  // all left rows of the class with a label
  bool chosen = false;  // on the choosing half the class differs from the rest, p <= 0.01
  bool value = true;    // the label value that is more frequent in the class there
  RowIndex judged = 0, judged_with_value = 0;  // rows of the class on the judging half
  double rate = 0, lift = 0;       // of that value; lift: over all rows of the judging half
  stats::Interval interval{0, 1};  // Wilson, 95%
  double log_p = 0;                // class against rest, judging half
  Grade grade = Grade::nothing;
};
// One entry for each unmatched class that has rows, in the order of RowClass. Empty unless the
// label is binary.
std::vector<ClassOnLabel> classes_on_label(const Label& label, const Matches& matches,
                                           const Dataset& left, int threads);

}  // namespace mlrepro::detail::join
