// SPDX-License-Identifier: Apache-2.0
// Intervals of rates, means and paired differences. Guide probe.md 2.8 and 2.11; anchors in
// tests/cpp/stats. Deterministic: fixed operations of core/elementary.hpp; callers hold an FpGuard.
#pragma once
#include <cstdint>

namespace mlrepro::detail::stats {

inline constexpr double kZ95 = 1.959963984540054;  // Pr(|Z| > kZ95) = 0.05

struct Interval {
  double low, high;
};

// z with Pr(|Z| > z) = alpha.
double two_sided_z(double alpha) noexcept;
// t with Pr(|T| > t) = alpha, T with `df` >= 1 degrees of freedom.
double two_sided_t(double alpha, std::int64_t df) noexcept;

// Wilson (1927) score interval of x of n. x and n may be fractional (an effective number of rows).
// [0, 1] for n = 0.
Interval wilson(double x, double n, double z = kZ95) noexcept;
// Clopper and Pearson (1934): Pr(X >= x | low) = alpha / 2 = Pr(X <= x | high), to the last bit by
// bisection.
Interval exact_binomial(std::int64_t x, std::int64_t n, double alpha = 0.05) noexcept;

enum class RateMethod : std::uint8_t { wilson, exact };
struct RateInterval {
  Interval interval;
  RateMethod method;
};
RateInterval rate_interval(std::int64_t x, std::int64_t n,
                           double alpha = 0.05) noexcept;  // exact if x or n - x < 5

// mean +- t s / sqrt(n), s the standard deviation with n - 1; all real numbers for n < 2.
Interval mean_interval(double mean, double standard_deviation, std::int64_t n,
                       double alpha = 0.05) noexcept;

// (plus - minus) / n with its interval after Agresti and Min (2005): half a pair is added to each
// cell; it ends at -1 and 1, beyond which no difference lies.
struct PairedDifference {
  double value, centre;
  Interval interval;
};
PairedDifference paired_difference(std::int64_t plus, std::int64_t minus, std::int64_t n,
                                   double z = kZ95) noexcept;

// The smallest shift of a rate p0 that a test at alpha finds with power 0.8 in a slice with `share`
// of n rows.
double smallest_visible_effect(double p0, std::int64_t n, double share, double alpha) noexcept;

}  // namespace mlrepro::detail::stats
