// SPDX-License-Identifier: Apache-2.0
// What a split search sees of the target: rows and target sum of each bin, as integers; and how
// good a partition is, as an exact integer. The brute-force oracle of the tests uses the same
// integers, so that "equal" means equal.
#pragma once
#include <cstdint>

#include "core/integer_log2.hpp"

namespace mlrepro::detail::probe {

using core::Int128;
using core::UInt128;

struct Cell {
  std::int64_t n = 0;  // rows
  std::int64_t s = 0;  // positives of a binary target, sum of the scaled values of a numeric one
  bool operator==(const Cell&) const = default;
  Cell& operator+=(const Cell& o) noexcept {
    n += o.n;
    s += o.s;
    return *this;
  }
  Cell& operator-=(const Cell& o) noexcept {
    n -= o.n;
    s -= o.s;
    return *this;
  }
  friend Cell operator+(Cell a, const Cell& b) noexcept { return a += b; }
  friend Cell operator-(Cell a, const Cell& b) noexcept { return a -= b; }
};

// s1/n1 < s2/n2, exactly; both n > 0.
inline bool rate_less(const Cell& a, const Cell& b) noexcept {
  return static_cast<Int128>(a.s) * b.n < static_cast<Int128>(b.s) * a.n;
}

// floor(2^8 s^2 / n); |s| < 2^59. 0 without rows.
inline Int128 squared_sum_part(const Cell& c) noexcept {
  if (c.n == 0) return 0;
  const UInt128 m = core::magnitude(static_cast<Int128>(c.s));
  return static_cast<Int128>((m * m << 8) / static_cast<UInt128>(c.n));
}

// Larger is purer; a gain is the sum over the children minus the parent's. Binary: minus the
// entropy in row-bits, Q56. Numeric: floor(2^8 s^2 / n), whose gain is the drop of the squared
// error in units of 2^-8 of the scaled square.
inline Int128 purity(bool binary, const Cell& c) noexcept {
  if (!binary) return squared_sum_part(c);
  return -core::entropy_q56(static_cast<std::uint64_t>(c.n), static_cast<std::uint64_t>(c.s));
}

// Gains up to this are the rounding of the logarithms (2.4 n units at most), not information.
inline Int128 gain_noise(bool binary, std::int64_t n) noexcept {
  return binary ? Int128{5} * n : Int128{0};
}

}  // namespace mlrepro::detail::probe
