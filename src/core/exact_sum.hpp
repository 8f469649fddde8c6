// SPDX-License-Identifier: Apache-2.0
// Sums of doubles without rounding: a fixed-point number wide enough for every double, rounded once
// at the end. Any order, any partition and any merge give the same bits. Integer instructions only
// (Neal 2015, "Fast exact summation using small and large superaccumulators"): about 3 ns an
// addition, 0.5 to 1.1 KB a sum. ExactSum adds doubles; ExactProductSum adds products of two
// doubles, for second moments. inf and NaN are counted beside: the sum is then what IEEE addition
// would give. A sum of zeros is +0.
#pragma once
#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/exact_integer.hpp"
#include "core/int128.hpp"

namespace mlrepro::detail::core {

struct DoubleParts {  // x = (negative ? -1 : 1) * mantissa * 2^exponent
  std::uint64_t mantissa;
  int exponent;
  bool negative, finite, nan;
};

constexpr DoubleParts parts_of(double x) noexcept {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  const int biased = static_cast<int>((bits >> 52) & 0x7ff);
  const std::uint64_t fraction = bits & 0xfffffffffffffU;
  const std::uint64_t mantissa = biased == 0 ? fraction : fraction | (std::uint64_t{1} << 52);
  return {mantissa, (biased == 0 ? 1 : biased) - 1075, (bits >> 63) != 0, biased != 0x7ff,
          biased == 0x7ff && fraction != 0};
}

// kLowest: exponent of bit 0. Limbs of 32 bits sit in int64, so that carries wait for 2^30
// additions.
template <int kLowest, int kLimbs, char kTag>
class Superaccumulator {
 public:
  // Adds (negative ? -1 : 1) * mantissa * 2^exponent; exponent >= kLowest.
  void add_scaled(UInt128 mantissa, int exponent, bool negative) noexcept {
    if (++pending_ >= kMostPending) carry();
    const int shift = exponent - kLowest;
    std::int64_t* limb = &limbs_[static_cast<std::size_t>(shift >> 5)];
    const int left = shift & 31;
    const UInt128 low = mantissa << left;
    const std::int64_t sign = negative ? -1 : 1;
    limb[0] += sign * static_cast<std::int64_t>(low64(low) & 0xffffffffU);
    limb[1] += sign * static_cast<std::int64_t>(low64(low) >> 32);
    if (const std::uint64_t rest = high64(low); rest != 0) {
      limb[2] += sign * static_cast<std::int64_t>(rest & 0xffffffffU);
      limb[3] += sign * static_cast<std::int64_t>(rest >> 32);
    }
    if (left != 0)
      limb[4] += sign * static_cast<std::int64_t>(low64(mantissa >> 64) >> (64 - left));
  }

  void add_special(bool nan, bool negative, std::int64_t count = 1) noexcept {
    (nan ? n_nan_ : negative ? n_minus_inf_ : n_plus_inf_) += count;
  }

  void merge(const Superaccumulator& other) noexcept {
    Superaccumulator copy = other;
    copy.carry();
    carry();
    for (std::size_t i = 0; i < limbs_.size(); ++i) limbs_[i] += copy.limbs_[i];
    pending_ = 1;
    n_nan_ += other.n_nan_;
    n_plus_inf_ += other.n_plus_inf_;
    n_minus_inf_ += other.n_minus_inf_;
  }

  bool finite() const noexcept { return n_nan_ == 0 && n_plus_inf_ == 0 && n_minus_inf_ == 0; }
  std::int64_t n_nan() const noexcept { return n_nan_; }

  // The finite part as an exact integer times 2^kLowest.
  ExactInteger exact() const {
    Superaccumulator copy = *this;
    copy.carry();
    return ExactInteger::from_limbs(copy.limbs_);
  }
  static constexpr int lowest_exponent() noexcept { return kLowest; }

  double round() const { return round_divided(1); }

  // The double nearest to sum / n (n > 0): a mean that is rounded once.
  double round_divided(std::uint64_t n) const {
    if (!finite()) return special();
    return exact().round_divided(n, kLowest);
  }

  bool operator==(const Superaccumulator& other) const noexcept {
    return to_bytes() == other.to_bytes();
  }

  // Canonical, little-endian: tag, three counts, limbs; equal sums give equal bytes, however they
  // were added.
  std::string to_bytes() const;
  // Throws FormatError on bytes of another length or tag.
  static Superaccumulator from_bytes(std::string_view bytes);

 private:
  static constexpr std::int64_t kMostPending = std::int64_t{1} << 30;

  double special() const noexcept {
    const bool nan = n_nan_ > 0 || (n_plus_inf_ > 0 && n_minus_inf_ > 0);
    const std::uint64_t infinity = 0x7ff0000000000000U | (n_minus_inf_ > 0 ? kSign64 : 0);
    return std::bit_cast<double>(nan ? 0x7ff8000000000000U : infinity);
  }

  // To the unique form with limbs in [0, 2^32) and the sign in the top limb.
  void carry() noexcept {
    for (std::size_t i = 0; i + 1 < limbs_.size(); ++i) {
      const std::int64_t over = limbs_[i] >> 32;
      limbs_[i] &= 0xffffffff;
      limbs_[i + 1] += over;
    }
    pending_ = 0;
  }

  std::array<std::int64_t, kLimbs> limbs_{};
  std::int64_t pending_ = 0;
  std::int64_t n_nan_ = 0, n_plus_inf_ = 0, n_minus_inf_ = 0;
};

// Bits from 2^-1074 to 2^1024, times a count of up to 2^63, and headroom.
class ExactSum : public Superaccumulator<-1074, 70, 'S'> {
 public:
  ExactSum() = default;
  explicit ExactSum(const Superaccumulator& sum) : Superaccumulator(sum) {}

  void add(double x) noexcept {
    const DoubleParts p = parts_of(x);
    if (!p.finite) return add_special(p.nan, p.negative);
    if (p.mantissa != 0) add_scaled(p.mantissa, p.exponent, p.negative);
  }
  // As if x were added `count` times (count >= 0).
  void add(double x, std::int64_t count) noexcept {
    const DoubleParts p = parts_of(x);
    if (count == 0) return;
    if (!p.finite) return add_special(p.nan, p.negative, count);
    if (p.mantissa != 0)
      add_scaled(static_cast<UInt128>(p.mantissa) * static_cast<std::uint64_t>(count), p.exponent,
                 p.negative);
  }
};

class ExactProductSum : public Superaccumulator<-2148, 140, 'P'> {
 public:
  ExactProductSum() = default;
  explicit ExactProductSum(const Superaccumulator& sum) : Superaccumulator(sum) {}

  void add_product(double x, double y) noexcept {
    const DoubleParts a = parts_of(x);
    const DoubleParts b = parts_of(y);
    if (a.finite && b.finite) {
      if (a.mantissa == 0 || b.mantissa == 0) return;
      return add_scaled(static_cast<UInt128>(a.mantissa) * b.mantissa, a.exponent + b.exponent,
                        a.negative != b.negative);
    }
    const bool zero_times_inf = (a.finite && a.mantissa == 0) || (b.finite && b.mantissa == 0);
    add_special(a.nan || b.nan || zero_times_inf, a.negative != b.negative);
  }
  void add_square(double x) noexcept { add_product(x, x); }
};

double exact_sum(std::span<const double> values);  // the double nearest to the sum
// The same of at most 2^16 finite numbers, none of them negative, in 1 ns each.
double exact_sum_of_positive(std::span<const double> values);

}  // namespace mlrepro::detail::core
