// SPDX-License-Identifier: Apache-2.0
// A signed integer of any size, for the last step of exact statistics: subtract, multiply, divide,
// round once to a double. Simple loops: used once a result, never once a row.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "core/int128.hpp"

namespace mlrepro::detail::core {

class ExactInteger {
 public:
  ExactInteger() = default;
  explicit ExactInteger(std::uint64_t value);
  // Little-endian limbs in [0, 2^32), the last one signed and holding the sign of all.
  static ExactInteger from_limbs(std::span<const std::int64_t> limbs);

  bool negative() const noexcept { return negative_; }
  bool zero() const noexcept { return digits_.empty(); }

  ExactInteger operator-(const ExactInteger& other) const;
  ExactInteger operator*(const ExactInteger& other) const;

  // The double nearest to this * 2^exponent / divisor, ties to even (divisor > 0).
  double round_divided(UInt128 divisor, int exponent) const;

 private:
  void trim() noexcept;
  static int compare(const ExactInteger& a, const ExactInteger& b) noexcept;  // magnitudes
  static std::vector<std::uint32_t> sum(const ExactInteger& a, const ExactInteger& b);
  static std::vector<std::uint32_t> difference(const ExactInteger& a,
                                               const ExactInteger& b);  // |a| >= |b|

  std::vector<std::uint32_t> digits_;  // base 2^32, least first, no leading zeros
  bool negative_ = false;
};

}  // namespace mlrepro::detail::core
