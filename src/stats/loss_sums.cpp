// SPDX-License-Identifier: Apache-2.0
#include "stats/loss_sums.hpp"

namespace mlrepro::detail::stats {
namespace {
constexpr int kLowBits =
    26;  // 26 or 27 bits, counts below 2^4 and fewer than 2^32 rows: at most 63 bits
static_assert(kMostRepeats < 16);
}  // namespace

LossSums::LossSums(std::span<const double> losses) {
  std::array<std::int32_t, 2048> slot_of;
  slot_of.fill(-1);
  parts_.reserve(losses.size());
  for (const double loss : losses) {
    const core::DoubleParts p = core::parts_of(loss);
    fits_ = fits_ && p.finite;
    std::int32_t& slot = slot_of[static_cast<std::size_t>(p.exponent + 1075)];
    if (slot < 0) {
      slot = static_cast<std::int32_t>(exponents_.size());
      exponents_.push_back(p.exponent);
    }
    parts_.push_back({static_cast<std::uint32_t>(p.mantissa & ((1U << kLowBits) - 1)),
                      static_cast<std::uint32_t>(p.mantissa >> kLowBits),
                      static_cast<std::uint32_t>(slot)});
  }
}

std::array<core::ExactSum, kLanes> LossSums::sums(std::span<const Repeats> repeats) const {
  struct Halves {
    std::array<std::uint64_t, kLanes> low{}, high{};
  };
  std::vector<Halves> halves(exponents_.size());
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    Halves& to = halves[part.slot];
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      to.low[lane] += std::uint64_t{part.low} * repeats[i][lane];
      to.high[lane] += std::uint64_t{part.high} * repeats[i][lane];
    }
  }
  std::array<core::ExactSum, kLanes> sums;
  for (std::size_t slot = 0; slot < halves.size(); ++slot) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      sums[lane].add_scaled(halves[slot].low[lane], exponents_[slot], false);
      sums[lane].add_scaled(halves[slot].high[lane], exponents_[slot] + kLowBits, false);
    }
  }
  return sums;
}

}  // namespace mlrepro::detail::stats
