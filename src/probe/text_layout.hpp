// SPDX-License-Identifier: Apache-2.0
// Numbers and lines of the tree's text: percents, four significant digits, widths in terminal
// columns, wrapping.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace mlrepro::detail::probe {

inline constexpr std::size_t kLineWidth = 100;

bool is_nan(double value) noexcept;  // by its bits
std::string percent_text(double fraction,
                         int digits);  // 2.45%; only 0 and 1 print as 0% and 100%; "-" for NaN
std::string number_text(
    double value);  // four significant digits, thousands with commas; "-" for NaN

std::size_t display_width(
    std::string_view text) noexcept;  // columns of a terminal: wide characters take two
std::string padded(std::string_view text, std::size_t width);
std::string flush_right(std::string_view text, std::size_t width);
std::string shortened(std::string_view text, std::size_t width);  // its end cut if it must be
std::string without_trailing_spaces(std::string text);
// Lines of at most kLineWidth columns, each ended by a newline; `first` and `rest` begin the lines.
std::string wrapped(std::string_view text, std::string_view first, std::string_view rest);

}  // namespace mlrepro::detail::probe
