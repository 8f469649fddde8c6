// SPDX-License-Identifier: Apache-2.0
// Base-2 logarithm of an integer as fixed point with 56 fraction bits (Q56), in integer
// instructions: what decides between splits is the same on every machine. |error| <= 2^-56.75,
// exact for powers of two.
#pragma once
#include <cstdint>

#include "core/int128.hpp"

namespace mlrepro::detail::core {

// log2(n) in Q56, n >= 1.
std::uint64_t log2_q56(std::uint64_t n) noexcept;

// n * log2(n) in Q56; 0 for n = 0, as the limit. |error| <= n * 2^-0.75 units.
inline Int128 n_log2_n(std::uint64_t n) noexcept {
  return n < 2 ? Int128{0} : static_cast<Int128>(static_cast<UInt128>(n) * log2_q56(n));
}

// Entropy of n rows with p positives in row-bits, Q56: n log2 n - p log2 p - (n - p) log2(n - p), p
// <= n.
inline Int128 entropy_q56(std::uint64_t n, std::uint64_t p) noexcept {
  return n_log2_n(n) - n_log2_n(p) - n_log2_n(n - p);
}

// A Q56 amount of row-bits as a double, and as the G statistic 2 ln 2 * row-bits; for reports, not
// for decisions.
double row_bits(Int128 q56) noexcept;
double g_statistic(Int128 gain_q56) noexcept;

}  // namespace mlrepro::detail::core
