// SPDX-License-Identifier: Apache-2.0
#include "probe/text_layout.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdint>

#include "core/raise.hpp"

namespace mlrepro::detail::probe {

namespace {

std::string fixed(double value, int digits) {
  char text[400];
  const std::to_chars_result end =
      std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, digits);
  return {text, end.ptr};
}

std::string scientific(double value, int digits) {
  char text[64];
  const std::to_chars_result end =
      std::to_chars(text, text + sizeof text, value, std::chars_format::scientific, digits);
  return {text, end.ptr};
}

std::string commas_in(std::string text) {  // of the whole part
  const std::size_t start = text.starts_with('-') ? 1 : 0;
  const std::size_t end = std::min(text.find('.'), text.size());
  for (std::size_t i = end; i > start + 3; i -= 3) text.insert(i - 3, ",");
  return text;
}

int exponent_of(const std::string& scientific_text) {
  int exponent = 0;
  const char* begin = scientific_text.data() + scientific_text.find('e') + 1;
  if (*begin == '+') ++begin;
  std::from_chars(begin, scientific_text.data() + scientific_text.size(), exponent);
  return exponent;
}

std::uint32_t next_point(std::string_view text, std::size_t& i) noexcept {
  const auto lead = static_cast<unsigned char>(text[i]);
  const std::size_t extra = lead < 0xc0 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
  std::uint32_t point = extra == 0 ? lead : lead & (0x3fU >> extra);
  for (std::size_t k = 1; k <= extra && i + k < text.size(); ++k) {
    point = point << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3fU);
  }
  i += extra + 1;
  return point;
}

int width_of(std::uint32_t point) noexcept {
  const auto within = [&](std::uint32_t low, std::uint32_t high) {
    return point >= low && point <= high;
  };
  if (within(0x300, 0x36f) || within(0x200b, 0x200f) || within(0xfe00, 0xfe0f)) return 0;
  const bool wide = within(0x1100, 0x115f) || within(0x2e80, 0xa4cf) || within(0xac00, 0xd7a3) ||
                    within(0xf900, 0xfaff) || within(0xfe30, 0xfe6f) || within(0xff00, 0xff60) ||
                    within(0xffe0, 0xffe6) || within(0x1f300, 0x1faff) || within(0x20000, 0x3fffd);
  return wide ? 2 : 1;
}

// The bytes of `text` that fit in `width` columns, at least one character.
std::size_t bytes_within(std::string_view text, std::size_t width) {
  std::size_t used = 0, i = 0;
  while (i < text.size()) {
    std::size_t after = i;
    used += static_cast<std::size_t>(width_of(next_point(text, after)));
    if (used > width && i > 0) return i;
    i = std::min(after, text.size());
  }
  return i;
}

}  // namespace

bool is_nan(double value) noexcept {
  return (std::bit_cast<std::uint64_t>(value) & 0x7fffffffffffffffU) > 0x7ff0000000000000U;
}

std::string percent_text(double fraction, int digits) {
  if (is_nan(fraction)) return "-";
  if (fraction == 0) return "0%";
  if (fraction == 1) return "100%";
  const std::string text = fixed(100 * fraction, digits);
  const std::string none = fixed(0, digits), all = fixed(100, digits);
  if (text == none) return "<" + none.substr(0, none.size() - 1) + "1%";
  if (text == all && fraction < 1)
    return ">99." + std::string(static_cast<std::size_t>(digits), '9') + "%";
  return commas_in(text) + "%";
}

std::string number_text(double value) {
  constexpr std::uint64_t kInfinity = 0x7ff0000000000000U;
  if (is_nan(value)) return "-";
  if ((std::bit_cast<std::uint64_t>(value) & 0x7fffffffffffffffU) == kInfinity)
    return value > 0 ? "inf" : "-inf";
  if (value == 0) return "0";
  const std::string text = scientific(value, 3);
  const int exponent = exponent_of(text);
  if (exponent >= 9 || exponent < -4) return text;
  std::string out = fixed(value, std::max(0, 3 - exponent));
  if (out.find('.') != std::string::npos) {
    while (out.back() == '0') out.pop_back();
    if (out.back() == '.') out.pop_back();
  }
  return commas_in(out);
}

std::size_t display_width(std::string_view text) noexcept {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size();)
    width += static_cast<std::size_t>(width_of(next_point(text, i)));
  return width;
}

std::string padded(std::string_view text, std::size_t width) {
  const std::size_t used = display_width(text);
  return std::string(text) + std::string(used < width ? width - used : 0, ' ');
}

std::string flush_right(std::string_view text, std::size_t width) {
  const std::size_t used = display_width(text);
  return std::string(used < width ? width - used : 0, ' ') + std::string(text);
}

std::string shortened(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  return std::string(text.substr(0, bytes_within(text, width - 1))) + "…";
}

std::string without_trailing_spaces(std::string text) {
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

std::string wrapped(std::string_view text, std::string_view first, std::string_view rest) {
  std::string out, line(first);
  bool empty = true;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t room = kLineWidth - std::min(kLineWidth - 20, display_width(rest));
    if (!empty && display_width(line) + 1 + display_width(word) > kLineWidth) {
      out += without_trailing_spaces(line) + "\n";
      line = rest;
      empty = true;
    }
    while (display_width(word) > room) {  // no line holds it
      const std::size_t cut = bytes_within(
          word,
          room - (empty && line == first
                      ? display_width(first) - std::min(display_width(first), display_width(rest))
                      : 0));
      out += line + std::string(word.substr(0, cut)) + "\n";
      word.remove_prefix(cut);
      line = rest;
      empty = true;
    }
    if (!empty) line += ' ';
    line += word;
    empty = false;
  }
  return out + without_trailing_spaces(line) + "\n";
}

}  // namespace mlrepro::detail::probe
