// SPDX-License-Identifier: Apache-2.0
// Literals of rules: shortest digits that round-trip in the column's own type, dates and instants,
// escaped text.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "probe/tree_data.hpp"

namespace mlrepro::detail::probe {

enum class NumberKind : std::uint8_t { integer, binary32, binary64 };

// How numbers of a column are written. Where the type is not known (a tree without types), integers
// are integers.
NumberKind number_kind(const TreeColumn& column, const Value& value) noexcept;
bool is_integer(
    const Value& value) noexcept;  // a canonical number without fraction, in the range of (u)int64
std::string integer_digits(const Value& value);                 // of an integer
double as_double(const Value& value) noexcept;                  // of any number that is one
std::string float_digits(const Value& value, NumberKind kind);  // 0.1, 5, 1e-45, inf, -inf

struct Civil {  // a day of the proleptic Gregorian calendar
  std::int64_t year;
  int month, day;
};
Civil civil(std::int64_t days) noexcept;
bool has_plain_year(const Civil& date) noexcept;  // 1 to 9999: what every language reads
std::string date_text(const Civil& date);         // 2013-11-03

struct Instant {
  std::int64_t days;  // since 1970-01-01, floored
  int hour, minute, second, nano;
};
Instant instant(std::int64_t ticks, TimeUnit unit) noexcept;
std::string clock_text(
    const Instant& at);  // 05:00:00 or 05:00:00.000000001: 0, 3, 6 or 9 digits of fraction

// Ticks of a time value in another unit, and whether they are that exactly.
struct Ticks {
  std::int64_t ticks;
  bool exact;
};
Ticks ticks_in(const Value& value, TimeUnit unit) noexcept;
// The unit of the column, or the value's own where the type is not known.
TimeUnit unit_of(const TreeColumn& column, const Value& value) noexcept;

std::string python_text(std::string_view text);  // 'it\'s', as a Python literal
std::string cpp_text(std::string_view text);     // "a\"b", with octal escapes
std::string cpp_view(
    std::string_view text);  // std::string_view("a\000b", 3) where the text holds NUL
std::string sql_text(std::string_view text);  // 'it''s', control characters as chr(10)
std::string sql_name(std::string_view name);  // "a ""b"""
std::string plain_text(
    std::string_view text);  // for people: bare if that is unambiguous, else quoted

std::string joined_by(const std::vector<std::string>& terms, std::string_view separator);

}  // namespace mlrepro::detail::probe
