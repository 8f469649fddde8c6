// SPDX-License-Identifier: Apache-2.0
#include "split/fractions.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>
#include <string>

#include "core/raise.hpp"

namespace mlrepro::detail::split {
namespace {

using core::in_quotes;
using core::raise;

constexpr std::array<std::string_view, 5> kReserved{"missing", "new", "quarantine", "purged",
                                                    "embargoed"};

std::string decimal_text(double value) {
  std::array<char, 40> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

std::string units_text(UInt128 units) {  // 0.25 of 2500000000000000000000
  std::string digits;
  for (int i = 0; i < kDecimals; ++i) {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(units % 10)));
    units /= 10;
  }
  while (digits.size() > 1 && digits.back() == '0') digits.pop_back();
  return std::to_string(static_cast<std::uint64_t>(units)) + (digits == "0" ? "" : "." + digits);
}

[[noreturn]] void raise_fraction(double fraction, std::string_view name, std::string_view why) {
  raise<ArgumentError>(
      {.message = "the fraction of " + in_quotes(name) + " is " + decimal_text(fraction) + ", " +
                  std::string(why) + ".",
       .next_step = "Give fractions between 0 and 1 that add up to 1, e.g. 0.8, 0.1, 0.1."});
}

void check_name(std::span<const Fraction> parts, std::size_t i) {
  const std::string& name = parts[i].name;
  const char* next = "Name each part once, e.g. train, valid, test.";
  if (name.empty())
    raise<ArgumentError>(
        {.message = "part " + std::to_string(i) + " has an empty name.", .next_step = next});
  if (name.find('/') != std::string::npos) {
    raise<ArgumentError>({.message = "the part name " + in_quotes(name) +
                                     " contains '/', which separates levels of splits.",
                          .next_step = next});
  }
  if (std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end()) {
    raise<ArgumentError>({.message = "the part name " + in_quotes(name) + " is reserved (" +
                                     core::joined(kReserved) +
                                     " are parts that splits make themselves).",
                          .next_step = next});
  }
  for (std::size_t j = 0; j < i; ++j) {
    if (parts[j].name == name) {
      raise<ArgumentError>(
          {.message = "two parts are named " + in_quotes(name) + ".", .next_step = next});
    }
  }
}

}  // namespace

UInt128 one() noexcept {
  UInt128 value = 1;
  for (int i = 0; i < kDecimals; ++i) value *= 10;
  return value;
}

UInt128 decimal_units(double fraction, std::string_view name) {
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(fraction);
  constexpr std::uint64_t kOne = 0x3ff0000000000000U;
  if (bits == 0 || bits > kOne)
    raise_fraction(fraction, name, "not between 0 and 1");  // negatives and NaN are above
  std::array<char, 40> text{};
  const auto* end =
      std::to_chars(text.data(), text.data() + text.size(), fraction, std::chars_format::scientific)
          .ptr;
  UInt128 digits = 0;
  int scale = 0;
  const char* at = text.data();
  for (bool after_point = false; at != end && *at != 'e'; ++at) {
    if (*at == '.') {
      after_point = true;
      continue;
    }
    digits = digits * 10 + static_cast<unsigned>(*at - '0');
    if (after_point) ++scale;
  }
  int exponent = 0;
  const bool negative = at + 1 < end && at[1] == '-';
  std::from_chars(at + 2, end, exponent);
  scale += negative ? exponent : -exponent;
  if (scale > kDecimals) raise_fraction(fraction, name, "with more than 22 decimals");
  for (; scale < kDecimals; ++scale) digits *= 10;
  return digits;
}

std::vector<UInt128> check_fractions(std::span<const Fraction> parts) {
  if (parts.empty()) {
    raise<ArgumentError>({.message = "a split needs at least one part.",
                          .next_step = "Give parts and fractions, e.g. train 0.8, test 0.2."});
  }
  if (parts.size() > 1000) {
    raise<ArgumentError>({.message = core::with_commas(static_cast<std::int64_t>(parts.size())) +
                                     " parts; at most 1,000 are taken.",
                          .next_step = "Use fewer parts, or GroupKFold for many folds."});
  }
  std::vector<UInt128> units;
  UInt128 sum = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    check_name(parts, i);
    units.push_back(decimal_units(parts[i].fraction, parts[i].name));
    sum += units.back();
  }
  if (sum != one()) {
    const UInt128 others = sum - units.back();
    const std::string& last = parts.back().name;
    raise<ArgumentError>(
        {.message = "the fractions add up to " + units_text(sum) + ", not to 1.",
         .next_step = others < one() ? "With the others as they are, " + in_quotes(last) +
                                           " must be " + units_text(one() - others) + "."
                                     : "Lower the fractions before " + in_quotes(last) + "."});
  }
  return units;
}

std::vector<std::uint64_t> thresholds(std::span<const UInt128> units) {
  std::vector<std::uint64_t> cuts;
  UInt128 sum = 0;
  for (std::size_t i = 0; i + 1 < units.size(); ++i) {
    sum += units[i];
    const UInt128 scaled = sum << 53;
    const UInt128 rest = scaled % one();
    UInt128 quotient = scaled / one();
    const UInt128 half = one() / 2;
    if (rest > half || (rest == half && (quotient & 1) != 0)) ++quotient;
    // 2^53 itself (a last part below 2^-54) has no 64-bit threshold: the largest one that is left
    cuts.push_back(quotient >> 53 != 0 ? ~std::uint64_t{0}
                                       : static_cast<std::uint64_t>(quotient) << 11);
  }
  return cuts;
}

std::int64_t floor_share(UInt128 units, std::int64_t n) noexcept {
  return static_cast<std::int64_t>(units * static_cast<UInt128>(n) / one());
}

std::vector<std::int64_t> exact_sizes(std::span<const UInt128> units, std::int64_t n) {
  std::vector<std::int64_t> sizes;
  std::vector<UInt128> rests;
  std::int64_t spare = n;
  for (const UInt128 u : units) {
    const UInt128 share = u * static_cast<UInt128>(n);
    sizes.push_back(static_cast<std::int64_t>(share / one()));
    rests.push_back(share % one());
    spare -= sizes.back();
  }
  std::vector<std::size_t> order(units.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return rests[a] > rests[b]; });
  for (std::size_t i = 0; spare > 0; ++i, --spare) ++sizes[order[i]];
  return sizes;
}

}  // namespace mlrepro::detail::split
