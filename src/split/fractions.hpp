// SPDX-License-Identifier: Apache-2.0
// Fractions as exact decimals: 0.7 + 0.2 + 0.1 is 1 whatever the order, and cuts are made from the
// decimal sums.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include <mlrepro/core/order_key.hpp>
#include <mlrepro/split/hash_split.hpp>

namespace mlrepro::detail::split {

using core::Int128;
using core::UInt128;
using mlrepro::split::Fraction;

inline constexpr int kDecimals = 22;  // 10^22 units times 2^53 fit 128 bits
UInt128 one() noexcept;               // 10^22

// The shortest decimal that reads back as the double, in units of 10^-22. ArgumentError: not in (0,
// 1), too many digits.
UInt128 decimal_units(double fraction, std::string_view name);

// Checks names and sum. ArgumentError names the part, or says what the last part would have to be.
std::vector<UInt128> check_fractions(std::span<const Fraction> parts);

// T_i = half-even(decimal sum of the first i fractions * 2^53) << 11, one fewer than parts: part =
// first i with u < T_i.
std::vector<std::uint64_t> thresholds(std::span<const UInt128> units);

// Sizes that add up to n: floors, spare rows to the largest remainders, ties to the earlier part.
std::vector<std::int64_t> exact_sizes(std::span<const UInt128> units, std::int64_t n);

std::int64_t floor_share(UInt128 units, std::int64_t n) noexcept;  // floor(n * fraction)

}  // namespace mlrepro::detail::split
