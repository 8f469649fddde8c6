// SPDX-License-Identifier: Apache-2.0
// What a split search sees of the target: rows and target sum of each bin, as integers; and how
// good a partition is, as an exact integer. The brute-force oracle of the tests uses the same
// integers, so that "equal" means equal.
#pragma once
#include <array>
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

inline constexpr std::size_t kMostClasses = 32;

struct ClassCell {  // of a target of three classes or more; the same operations as a Cell
  std::int64_t n = 0;
  std::array<std::int64_t, kMostClasses> of{};  // rows by class
  bool operator==(const ClassCell&) const = default;
  ClassCell& operator+=(const ClassCell& o) noexcept {
    n += o.n;
    for (std::size_t k = 0; k < kMostClasses; ++k) of[k] += o.of[k];
    return *this;
  }
  ClassCell& operator-=(const ClassCell& o) noexcept {
    n -= o.n;
    for (std::size_t k = 0; k < kMostClasses; ++k) of[k] -= o.of[k];
    return *this;
  }
  friend ClassCell operator+(ClassCell a, const ClassCell& b) noexcept { return a += b; }
  friend ClassCell operator-(ClassCell a, const ClassCell& b) noexcept { return a -= b; }
};

inline int classes_with_rows(const ClassCell& c) noexcept {
  int found = 0;
  for (const std::int64_t rows : c.of) found += rows > 0 ? 1 : 0;
  return found;
}

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

// Minus the entropy over the classes in row-bits, Q56: sum n_k log2 n_k - n log2 n.
inline Int128 purity(bool, const ClassCell& c) noexcept {
  Int128 out = -core::n_log2_n(static_cast<std::uint64_t>(c.n));
  for (const std::int64_t rows : c.of) out += core::n_log2_n(static_cast<std::uint64_t>(rows));
  return out;
}

// Gains up to this are the rounding of the logarithms (2.4 n units at most), not information.
inline Int128 gain_noise(bool binary, std::int64_t n) noexcept {
  return binary ? Int128{5} * n : Int128{0};
}

}  // namespace mlrepro::detail::probe
