// SPDX-License-Identifier: Apache-2.0
#include "probe/tree_lines.hpp"

#include <algorithm>

#include "probe/text_layout.hpp"

namespace mlrepro::detail::probe {
namespace {

constexpr std::size_t kNarrowest = 30;  // columns that conditions get at least

std::array<std::size_t, 5> widths_of(const std::vector<Line>& lines) {
  std::array<std::size_t, 5> widths{};
  for (const Line& line : lines) {
    for (std::size_t i = 0; i < widths.size(); ++i)
      widths[i] = std::max(widths[i], display_width(line.cells[i]));
  }
  return widths;
}

struct Layout {
  std::array<std::size_t, 5> widths{};
  std::size_t left = 0;  // columns of pipes and conditions
  bool fits = true;
};

Layout layout_of(const std::vector<Line>& lines) {
  Layout layout{widths_of(lines)};
  std::size_t right = 0, remark = 0;
  for (std::size_t width : layout.widths) right += width + (width > 0 ? 2 : 0);
  for (const Line& line : lines) {
    remark = std::max(remark, line.remark.empty() ? 0 : line.remark.size() + 2);
    layout.left = std::max(layout.left, display_width(line.pipes) + display_width(line.condition));
  }
  const std::size_t room = kLineWidth > right + remark ? kLineWidth - right - remark : 0;
  layout.left = std::min(layout.left, std::max(room, kNarrowest));
  layout.fits = layout.left <= room;
  return layout;
}

}  // namespace

bool lines_fit(const std::vector<Line>& lines) {
  return layout_of(lines).fits;
}

std::string drawn(const std::vector<Line>& lines) {
  const auto [widths, left, fits] = layout_of(lines);
  std::string out;
  for (const Line& line : lines) {
    std::string head = line.pipes + line.condition;
    if (display_width(head) > left) {  // a long condition gets lines of its own
      out += wrapped(line.condition, line.pipes, line.below);
      head = line.below;
    }
    std::string text = padded(head, left);
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (widths[i] > 0)
        text += "  " +
                (i == 0 ? padded(line.cells[i], widths[i]) : flush_right(line.cells[i], widths[i]));
    }
    if (!line.remark.empty()) text += "  " + line.remark;
    out += without_trailing_spaces(text) + "\n";
    for (const std::string& note : line.notes) out += wrapped(note, line.below, line.below + "  ");
  }
  return out;
}

}  // namespace mlrepro::detail::probe
