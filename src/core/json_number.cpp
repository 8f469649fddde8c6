// SPDX-License-Identifier: Apache-2.0
// Numbers as ECMAScript prints them (RFC 8785, section 3.2.2.3): shortest digits that round-trip,
// laid out by its rules.
#include <bit>
#include <charconv>
#include <cstdlib>

#include <mlrepro/core/order_key.hpp>

#include "core/fp_guard.hpp"
#include "core/json.hpp"
#include "core/raise.hpp"

namespace mlrepro::detail::core {

namespace {

struct Decimal {
  bool negative;
  std::string digits;  // without trailing zeros
  int point;           // value = 0.digits * 10^point
};

template <class T>
Decimal shortest(T value) {
  char text[64];
  const std::to_chars_result end =
      std::to_chars(text, text + sizeof text, value, std::chars_format::scientific);
  std::string_view all(text, static_cast<std::size_t>(end.ptr - text));
  Decimal d{all.front() == '-', "", 0};
  if (d.negative) all.remove_prefix(1);
  const std::size_t e = all.find('e');
  for (char c : all.substr(0, e)) {
    if (c != '.') d.digits += c;
  }
  std::string_view exponent = all.substr(e + 1);
  if (exponent.front() == '+') exponent.remove_prefix(1);
  std::from_chars(exponent.data(), exponent.data() + exponent.size(), d.point);
  ++d.point;
  while (d.digits.size() > 1 && d.digits.back() == '0') d.digits.pop_back();
  return d;
}

std::string laid_out(const Decimal& d) {
  const int k = static_cast<int>(d.digits.size()), n = d.point;
  std::string out = d.negative ? "-" : "";
  if (d.digits == "0") return "0";
  if (k <= n && n <= 21) return out + d.digits + std::string(static_cast<std::size_t>(n - k), '0');
  if (0 < n && n <= 21) {
    return out + d.digits.substr(0, static_cast<std::size_t>(n)) + "." +
           d.digits.substr(static_cast<std::size_t>(n));
  }
  if (-6 < n && n <= 0)
    return out + "0." + std::string(static_cast<std::size_t>(-n), '0') + d.digits;
  out += d.digits.substr(0, 1);
  if (k > 1) out += "." + d.digits.substr(1);
  return out + "e" + (n > 0 ? "+" : "-") + std::to_string(std::abs(n - 1));
}

template <class T>
std::string shown(T value) {
  const FpGuard guard;  // std::to_chars prints a subnormal as 0 under flush-to-zero
  const auto bits = std::bit_cast<std::uint64_t>(static_cast<double>(value));
  if ((bits & ~kSign64) > 0x7ff0000000000000U) return "NaN";
  if ((bits & ~kSign64) == 0x7ff0000000000000U) return (bits & kSign64) != 0 ? "-inf" : "inf";
  return laid_out(shortest(value));
}

}  // namespace

std::string display_number(double value) {
  return shown(value);
}
std::string display_number(float value) {
  return shown(value);
}

std::string format_number(double value) {
  const FpGuard guard;
  const std::uint64_t magnitude = std::bit_cast<std::uint64_t>(value) & ~kSign64;
  if (magnitude >= 0x7ff0000000000000U) {
    raise<FormatError>(
        {.message = "JSON has no number " + shown(value) + ".",
         .next_step = "This is a bug of mlrepro: such values are written with their bits."});
  }
  return laid_out(shortest(value));
}

std::string int128_text(Int128 value) {
  if (value == 0) return "0";
  UInt128 rest = value < 0 ? ~static_cast<UInt128>(value) + 1 : static_cast<UInt128>(value);
  std::string digits;
  for (; rest != 0; rest /= 10)
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
  return value < 0 ? "-" + digits : digits;
}

}  // namespace mlrepro::detail::core
