// SPDX-License-Identifier: Apache-2.0
#include "probe/rules_format.hpp"

#include "core/raise.hpp"

#include <bit>
#include <charconv>
#include <cstdio>

#include "core/canonical.hpp"

namespace mlrepro::detail::probe {

namespace {

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

std::string two(int n) {
  return (n < 10 ? "0" : "") + std::to_string(n);
}

std::string octal(char c) {
  char text[8];
  std::snprintf(text, sizeof text, "\\%03o", static_cast<unsigned>(static_cast<unsigned char>(c)));
  return text;
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.' || c == '/' || c == '+' || static_cast<unsigned char>(c) >= 0x80;
}

bool reads_as_number(std::string_view text) {
  double value = 0;
  const std::from_chars_result end = std::from_chars(text.data(), text.data() + text.size(), value);
  return end.ec == std::errc() && end.ptr == text.data() + text.size();
}

}  // namespace

NumberKind number_kind(const TreeColumn& column, const Value& value) noexcept {
  switch (column.type.type) {
    case Type::float32:
      return NumberKind::binary32;
    case Type::float64:
      return NumberKind::binary64;
    default:
      return is_integer(value) ? NumberKind::integer : NumberKind::binary64;
  }
}

bool is_integer(const Value& value) noexcept {
  return value.number_form() == Value::NumberForm::unsigned_integer ||
         value.number_form() == Value::NumberForm::signed_integer;
}

std::string integer_digits(const Value& value) {
  return value.number_form() == Value::NumberForm::unsigned_integer
             ? std::to_string(value.bits())
             : std::to_string(static_cast<std::int64_t>(value.bits()));
}

double as_double(const Value& value) noexcept {
  switch (value.number_form()) {
    case Value::NumberForm::unsigned_integer:
      return static_cast<double>(value.bits());
    case Value::NumberForm::signed_integer:
      return static_cast<double>(static_cast<std::int64_t>(value.bits()));
    case Value::NumberForm::binary64:
      return std::bit_cast<double>(value.bits());
    default:
      return std::bit_cast<double>(core::widen_bits(static_cast<std::uint32_t>(value.bits())));
  }
}

std::string float_digits(const Value& value, NumberKind kind) {
  const double v = as_double(value);
  return kind == NumberKind::binary32 ? core::display_number(static_cast<float>(v))
                                      : core::display_number(v);
}

Civil civil(
    std::int64_t days) noexcept {  // Howard Hinnant, "chrono-compatible low-level date algorithms"
  const std::int64_t z = days + 719468;
  const std::int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  const std::int64_t day_of_era = z - era * 146097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted = (5 * day_of_year + 2) / 153;  // months from March
  const int day = static_cast<int>(day_of_year - (153 * shifted + 2) / 5 + 1);
  const int month = static_cast<int>(shifted < 10 ? shifted + 3 : shifted - 9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

bool has_plain_year(const Civil& date) noexcept {
  return date.year >= 1 && date.year <= 9999;
}

std::string date_text(const Civil& date) {
  std::string year = std::to_string(date.year);
  if (date.year >= 0 && year.size() < 4) year.insert(0, 4 - year.size(), '0');
  return year + "-" + two(date.month) + "-" + two(date.day);
}

Instant instant(std::int64_t ticks, TimeUnit unit) noexcept {
  const std::int64_t per_second =
      1'000'000'000 / static_cast<std::int64_t>(core::ns_per_tick(unit));
  std::int64_t seconds = ticks / per_second, rest = ticks % per_second;
  if (rest < 0) {
    rest += per_second;
    --seconds;
  }
  std::int64_t days = seconds / 86400, second = seconds % 86400;
  if (second < 0) {
    second += 86400;
    --days;
  }
  const int s = static_cast<int>(second);
  return {days, s / 3600, s / 60 % 60, s % 60,
          static_cast<int>(rest * (1'000'000'000 / per_second))};
}

std::string clock_text(const Instant& at) {
  std::string out = two(at.hour) + ":" + two(at.minute) + ":" + two(at.second);
  if (at.nano == 0) return out;
  const int digits = at.nano % 1'000'000 == 0 ? 3 : at.nano % 1'000 == 0 ? 6 : 9;
  return out + "." +
         std::to_string(1'000'000'000 + at.nano).substr(1, static_cast<std::size_t>(digits));
}

Ticks ticks_in(const Value& value, TimeUnit unit) noexcept {
  const auto ticks = static_cast<std::int64_t>(value.bits());
  const core::Int128 ns =
      static_cast<core::Int128>(ticks) * static_cast<core::Int128>(core::ns_per_tick(value.unit()));
  const auto per_tick = static_cast<core::Int128>(core::ns_per_tick(unit));
  const core::Int128 out = ns / per_tick;
  const auto narrow = static_cast<std::int64_t>(out);
  return {narrow, out * per_tick == ns && out == static_cast<core::Int128>(narrow)};
}

TimeUnit unit_of(const TreeColumn& column, const Value& value) noexcept {
  const bool known = column.type.type == Type::timestamp || column.type.type == Type::duration;
  return known && ticks_in(value, column.type.unit).exact ? column.type.unit : value.unit();
}

std::string python_text(std::string_view text) {
  std::string out = "'";
  for (char c : text) {
    if (c == '\'' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (is_control(c)) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\x%02x",
                    static_cast<unsigned>(static_cast<unsigned char>(c)));
      out += escape;
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string cpp_text(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else {
      out += is_control(c) ? octal(c) : std::string(1, c);
    }
  }
  return out + "\"";
}

std::string cpp_view(std::string_view text) {
  if (text.find('\0') == std::string_view::npos) return cpp_text(text);
  return "std::string_view(" + cpp_text(text) + ", " + std::to_string(text.size()) + ")";
}

std::string sql_text(std::string_view text) {
  std::vector<std::string> parts;
  std::string run;
  const auto close = [&] {
    if (!run.empty()) parts.push_back("'" + run + "'");
    run.clear();
  };
  for (char c : text) {
    if (is_control(c)) {
      close();
      parts.push_back("chr(" + std::to_string(static_cast<int>(c)) + ")");
    } else {
      run += c;
      if (c == '\'') run += c;
    }
  }
  close();
  if (parts.empty()) return "''";
  return parts.size() == 1 ? parts.front() : "(" + joined_by(parts, " || ") + ")";
}

std::string sql_name(std::string_view name) {
  if (name.empty()) {
    core::raise<ArgumentError>(
        {.message = "a column of the rule has no name, and SQL cannot say it.",
         .next_step = "Rename the column, or use another language."});
  }
  std::string out = "\"";
  for (char c : name) {
    out += c;
    if (c == '"') out += c;
  }
  return out + "\"";
}

std::string plain_text(std::string_view text) {
  bool plain = !text.empty() && !reads_as_number(text) && text != "missing" && text != "true" &&
               text != "false";
  for (char c : text) plain = plain && is_word(c);
  return plain ? std::string(text) : python_text(text);
}

std::string joined_by(const std::vector<std::string>& terms, std::string_view separator) {
  std::string out;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    if (i > 0) out += separator;
    out += terms[i];
  }
  return out;
}

}  // namespace mlrepro::detail::probe
