// SPDX-License-Identifier: Apache-2.0
// Exact sums of the same losses under many sets of small counts. Each loss is split once into two
// halves of its mantissa; a sum is then two integer additions a row, one accumulator an exponent,
// and an ExactSum at the end.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/exact_sum.hpp"
#include "stats/bootstrap.hpp"

namespace mlrepro::detail::stats {

class LossSums {
 public:
  // Losses >= 0. fits() is false where one of them is infinite: use ExactSum then.
  explicit LossSums(std::span<const double> losses);
  bool fits() const noexcept { return fits_; }

  // The sum of losses[i] * repeats[i][lane], for each lane.
  std::array<core::ExactSum, kLanes> sums(std::span<const Repeats> repeats) const;

 private:
  struct Part {  // loss = (high * 2^26 + low) * 2^exponents_[slot]
    std::uint32_t low, high, slot;
  };
  bool fits_ = true;
  std::vector<Part> parts_;
  std::vector<int> exponents_;
};

}  // namespace mlrepro::detail::stats
