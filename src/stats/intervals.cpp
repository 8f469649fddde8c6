// SPDX-License-Identifier: Apache-2.0
#include "stats/intervals.hpp"

#include <algorithm>
#include <limits>

#include "core/elementary.hpp"
#include "stats/discrete.hpp"

namespace mlrepro::detail::stats {
namespace {

constexpr double kZ80 = 0.8416212335729143;  // Pr(Z <= kZ80) = 0.8
constexpr double kTwoOverPi = 0.6366197723675813431;
constexpr std::int64_t kFiniteSum = 2000;  // degrees of freedom up to which t is summed exactly

// The last double x in [low, high] at which `rises(x) < target`, for a function that rises.
template <class F>
double bisect(double low, double high, double target, F rises) noexcept {
  for (;;) {
    const double middle = low + 0.5 * (high - low);
    if (middle <= low || middle >= high) return low;
    (rises(middle) < target ? low : high) = middle;
  }
}

// Pr(|T| <= t) as the finite sum of Abramowitz and Stegun 26.7.3 and 26.7.4; cosine squared = df /
// (df + t^2).
double t_inside(double t, std::int64_t df) noexcept {
  const double square = static_cast<double>(df) / (static_cast<double>(df) + t * t);
  const double sine = t / core::square_root(static_cast<double>(df) + t * t);
  double term = 1;
  double sum = 1;
  const bool odd = df % 2 != 0;
  for (std::int64_t k = odd ? 2 : 1; k <= df - 3; k += 2) {
    term *= square * static_cast<double>(k) / static_cast<double>(k + 1);
    sum += term;
  }
  if (!odd) return sine * sum;
  const double angle = core::arctan(t / core::square_root(static_cast<double>(df)));
  return kTwoOverPi * (df == 1 ? angle : angle + sine * core::square_root(square) * sum);
}

// Expansion in 1 / df (Abramowitz and Stegun 26.7.5); below 1e-15 relative from 2,000 degrees on.
double t_expansion(double z, double df) noexcept {
  const double z2 = z * z;
  const double g1 = (z2 + 1) * z / 4;
  const double g2 = ((5 * z2 + 16) * z2 + 3) * z / 96;
  const double g3 = (((3 * z2 + 19) * z2 + 17) * z2 - 15) * z / 384;
  const double g4 = ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) * z / 92160;
  return z + (g1 + (g2 + (g3 + g4 / df) / df) / df) / df;
}

}  // namespace

double two_sided_z(double alpha) noexcept {
  return core::normal_quantile_of_log_tail(core::log(0.5 * alpha));
}

double two_sided_t(double alpha, std::int64_t df) noexcept {
  const double z = two_sided_z(alpha);
  if (df > kFiniteSum) return t_expansion(z, static_cast<double>(df));
  double high = 2 * z + 2;
  while (t_inside(high, df) < 1 - alpha) high *= 2;
  return bisect(0, high, 1 - alpha, [&](double t) { return t_inside(t, df); });
}

Interval wilson(double x, double n, double z) noexcept {
  if (!(n > 0)) return {0, 1};
  const double z2 = z * z;
  const double centre = x / n + z2 / (2 * n);
  const double spread = z * core::square_root(x * (n - x) / (n * n * n) + z2 / (4 * n * n));
  const double scale = 1 + z2 / n;
  return {x <= 0 ? 0 : std::max(0.0, (centre - spread) / scale),
          x >= n ? 1 : std::min(1.0, (centre + spread) / scale)};
}

Interval exact_binomial(std::int64_t x, std::int64_t n, double alpha) noexcept {
  if (n <= 0) return {0, 1};
  const double target = core::log(0.5 * alpha);
  const double rate = static_cast<double>(x) / static_cast<double>(n);
  Interval interval{0, 1};
  if (x > 0)
    interval.low = bisect(0, rate, target, [&](double p) { return log_binomial_upper(x, n, p); });
  if (x < n) {
    // Pr(X <= x | p) falls with p: search for it as it rises with -p.
    interval.high = -bisect(-1, -rate, target,
                            [&](double minus_p) { return log_binomial_lower(x, n, -minus_p); });
  }
  return interval;
}

RateInterval rate_interval(std::int64_t x, std::int64_t n, double alpha) noexcept {
  if (x < 5 || n - x < 5) return {exact_binomial(x, n, alpha), RateMethod::exact};
  const double z = alpha == 0.05 ? kZ95 : two_sided_z(alpha);
  return {wilson(static_cast<double>(x), static_cast<double>(n), z), RateMethod::wilson};
}

Interval mean_interval(double mean, double standard_deviation, std::int64_t n,
                       double alpha) noexcept {
  if (n < 2)
    return {-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
  const double spread =
      two_sided_t(alpha, n - 1) * standard_deviation / core::square_root(static_cast<double>(n));
  return {mean - spread, mean + spread};
}

PairedDifference paired_difference(std::int64_t plus, std::int64_t minus, std::int64_t n,
                                   double z) noexcept {
  const auto pairs = static_cast<double>(n);
  const double a = (static_cast<double>(plus) + 1) / (pairs + 2);
  const double b = (static_cast<double>(minus) + 1) / (pairs + 2);
  const double centre = a - b;
  const double spread = z * core::square_root((a + b - centre * centre) / (pairs + 2));
  const double value = n > 0 ? static_cast<double>(plus - minus) / pairs : 0;
  return {value, centre, {std::max(centre - spread, -1.0), std::min(centre + spread, 1.0)}};
}

double smallest_visible_effect(double p0, std::int64_t n, double share, double alpha) noexcept {
  const auto rows = static_cast<double>(n);
  const double noise = p0 * (1 - p0) * (1 / (share * rows) + 1 / ((1 - share) * rows));
  return (two_sided_z(alpha) + kZ80) * core::square_root(noise);
}

}  // namespace mlrepro::detail::stats
