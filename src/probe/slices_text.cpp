// SPDX-License-Identifier: Apache-2.0
// Slices in words: what was judged, then a table whose lines are followed by their rules.
#include <algorithm>
#include <array>

#include "core/raise.hpp"
#include "probe/rules.hpp"
#include "probe/slices_data.hpp"
#include "probe/text_layout.hpp"

namespace mlrepro::detail::probe {
namespace {

using core::with_commas;

std::string value_text(bool rate, double value) {
  return rate ? percent_text(value, 2) : number_text(value);
}

std::string rows_text(const SlicesData& data) {
  const std::string n = with_commas(data.judged.n);
  if (data.in_sample) return "all " + n + " rows, which also chose the slices: IN-SAMPLE";
  if (data.on_new_rows) return n + " new rows";
  return n + " judged rows; the others chose the slices";
}

std::string nothing_text(const SlicesData& data) {
  if (data.n_tried == 0)
    return "No slice could be counted: too little time, too few rows, or no column that varies.";
  return data.cut_short ? "No slice was found in time."
                        : "No slice is above it by more than chance.";
}

std::string head_text(const SlicesData& data) {
  const auto n_replicated =
      std::count_if(data.slices.begin(), data.slices.end(),
                    [](const SliceData& slice) { return slice.figures.replicated; });
  std::string text = data.target + ": " + (data.binary ? "rate " : "mean ") +
                     value_text(data.binary, data.judged.mean) + " of " + rows_text(data) + ". ";
  if (data.slices.empty()) return text + nothing_text(data);
  text += with_commas(static_cast<RowIndex>(data.slices.size())) +
          (data.slices.size() == 1 ? " slice" : " slices");
  if (!data.in_sample) text += ", " + with_commas(n_replicated) + " replicated";
  return text + ".";
}

using Cells = std::array<std::string, 7>;

Cells cells_of(const SlicesData& data, std::size_t i) {
  const Slice& s = data.slices[i].figures;
  return {std::to_string(i),
          value_text(data.binary, s.mean),
          is_nan(s.low)
              ? "-"
              : "[" + value_text(data.binary, s.low) + ", " + value_text(data.binary, s.high) + "]",
          is_nan(s.lift) ? "-" : number_text(s.lift) + "x",
          with_commas(s.rows_judged),
          percent_text(s.share, 1),
          number_text(s.p_value)};
}

std::string foot_text(const SlicesData& data) {
  std::string text = "share: of the target's sum. p: against all other rows, after Holm. ";
  if (data.on_new_rows) return text + "Order: that of the search.";
  text += data.is_exact() ? "Proven: no slice of up to " + std::to_string(data.max_conditions) +
                                (data.max_conditions == 1 ? " condition" : " conditions") +
                                " scores higher than the first."
                          : "Beam search: " + with_commas(data.n_tried) +
                                " slices were counted, others may score higher.";
  return text;
}

}  // namespace

std::string slices_text(const SlicesData& data) {
  std::string out = wrapped(head_text(data), "", "  ");
  for (const std::string& warning : data.warnings) out += wrapped(warning, "! ", "  ");
  if (data.slices.empty()) return out;
  std::vector<Cells> rows{{"", data.binary ? "rate" : "mean", "95%", "lift",
                           data.in_sample ? "rows" : "judged", "share", "p"}};
  for (std::size_t i = 0; i < data.slices.size(); ++i) rows.push_back(cells_of(data, i));
  std::array<std::size_t, 7> width{};
  for (const Cells& cells : rows) {
    for (std::size_t c = 0; c < cells.size(); ++c)
      width[c] = std::max(width[c], display_width(cells[c]));
  }
  out += "\n";
  for (std::size_t r = 0; r < rows.size(); ++r) {
    std::string line;
    for (std::size_t c = 0; c < width.size(); ++c)
      line += (c == 0 ? "" : "  ") + flush_right(rows[r][c], width[c]);
    out += without_trailing_spaces(line) + "\n";
    if (r == 0) continue;
    const SliceData& slice = data.slices[r - 1];
    const bool doubtful = !data.in_sample && !slice.figures.replicated;
    std::string rule = short_rule(slice.tree, slice.leaf);
    if (!slice.also.empty()) {
      rule += "   (nearly the same rows: " + slice.also.front() +
              (slice.also.size() > 1
                   ? ", and " + with_commas(static_cast<RowIndex>(slice.also.size() - 1)) + " more"
                   : "") +
              ")";
    }
    out += wrapped(rule + (doubtful ? "   did not replicate" : ""), "     ", "       ");
  }
  return out + "\n" + wrapped(foot_text(data), "", "  ");
}

}  // namespace mlrepro::detail::probe
