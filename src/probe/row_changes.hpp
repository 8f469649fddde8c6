// SPDX-License-Identifier: Apache-2.0
// What became of each row from one model to the next.
#pragma once
#include <string>
#include <vector>

#include <mlrepro/probe/compare.hpp>

namespace mlrepro::detail::probe {

enum class RowChange : std::uint8_t {
  no_label,  // left out
  same,      // right before and now; without labels: the same prediction
  other,     // without labels: another prediction
  worse,
  better,
  wrong_alike,  // labels: the same wrong prediction
  wrong_apart   // labels: another wrong prediction
};

struct RowChanges {
  bool has_y = false;
  bool are_numbers = false;
  std::string loss{};             // empty: labels are equal or not
  std::vector<RowChange> rows{};  // one a row of the table
  std::vector<double> amount{};   // numbers: loss before - loss now; without labels after - before
  RowIndex n_without_y = 0;

  // The target of a probe: 0 and 1, or how much; NaN where the row is left out.
  std::vector<double> target(Change change) const;
  bool varies(Change change) const;  // whether that target has two values
};

RowChanges read_row_changes(RowIndex n_rows, const Predictions& predictions,
                            const std::string& loss, int threads);

}  // namespace mlrepro::detail::probe
