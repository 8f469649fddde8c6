// SPDX-License-Identifier: Apache-2.0
// Values as people read them in messages and trees.
#include <chrono>
#include <cstdio>

#include <mlrepro/core/order_key.hpp>

#include "core/json.hpp"
#include "core/raise.hpp"

namespace mlrepro::detail::core {

namespace {

std::string two(int n) {
  return (n < 10 ? "0" : "") + std::to_string(n);
}

std::string date_text(std::int64_t days) {
  constexpr std::int64_t kLimit = 10'000'000;  // std::chrono::year holds no more
  if (days < -kLimit || days > kLimit) return std::to_string(days) + " days since 1970";
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text;
}

std::string fraction_text(std::int64_t rest, std::int64_t per_second) {
  if (rest == 0) return "";
  std::string digits = std::to_string(per_second + rest).substr(1);
  while (digits.back() == '0') digits.pop_back();
  return "." + digits;
}

std::int64_t ticks_per_second(TimeUnit unit) {
  return 1'000'000'000 / static_cast<std::int64_t>(ns_per_tick(unit));
}

std::string timestamp_text(std::int64_t ticks, TimeUnit unit, bool zoned) {
  const std::int64_t per_second = ticks_per_second(unit);
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
  return date_text(days) + "T" + two(s / 3600) + ":" + two(s / 60 % 60) + ":" + two(s % 60) +
         fraction_text(rest, per_second) + (zoned ? "Z" : "");
}

std::string number_text(const Value& v) {
  switch (v.number_form()) {
    case Value::NumberForm::unsigned_integer:
      return std::to_string(v.bits());
    case Value::NumberForm::signed_integer:
      return std::to_string(static_cast<std::int64_t>(v.bits()));
    case Value::NumberForm::binary64:
      return display_number(std::bit_cast<double>(v.bits()));
    case Value::NumberForm::binary32:
      return display_number(std::bit_cast<float>(static_cast<std::uint32_t>(v.bits())));
  }
  return "";
}

}  // namespace

std::string display(const Value& v) {
  switch (v.value_class()) {
    case ValueClass::missing:
      return "missing";
    case ValueClass::boolean:
      return v.bits() != 0 ? "true" : "false";
    case ValueClass::number:
      return v.is_nan() ? "missing" : number_text(v);
    case ValueClass::text:
      return in_quotes(v.text());
    case ValueClass::date:
      return date_text(static_cast<std::int64_t>(v.bits()));
    case ValueClass::timestamp:
      return timestamp_text(static_cast<std::int64_t>(v.bits()), v.unit(), true);
    case ValueClass::local_timestamp:
      return timestamp_text(static_cast<std::int64_t>(v.bits()), v.unit(), false);
    case ValueClass::duration:
      return std::to_string(static_cast<std::int64_t>(v.bits())) +
             std::string(mlrepro::to_string(v.unit()));
  }
  return "";
}

}  // namespace mlrepro::detail::core
