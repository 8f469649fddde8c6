// SPDX-License-Identifier: Apache-2.0
#include "stats/discrete.hpp"

#include <limits>

#include "core/elementary.hpp"

namespace mlrepro::detail::stats {
namespace {

constexpr double kMinusInfinity = -std::numeric_limits<double>::infinity();
constexpr double kLog2Pi = 2 * core::kLogSqrt2Pi;
constexpr double kNegligible = 0x1p-60;  // a term below this share of the sum ends it

// n = 0, 1/2, 1, ... 15, from 40-digit arithmetic.
constexpr double kStirlingError[31] = {0.0,
                                       0.15342640972002734529,
                                       0.08106146679532725822,
                                       0.054814121051917653896,
                                       0.041340695955409294094,
                                       0.033162873519936287485,
                                       0.027677925684998339149,
                                       0.023746163656297495971,
                                       0.020790672103765093112,
                                       0.018488450532673185231,
                                       0.016644691189821192163,
                                       0.015134973221917378874,
                                       0.013876128823070747999,
                                       0.012810465242920226924,
                                       0.011896709945891770095,
                                       0.011104559758206917327,
                                       0.010411265261972096497,
                                       0.0097994161261588032984,
                                       0.0092554621827127329177,
                                       0.008768700134139385463,
                                       0.0083305634333628712565,
                                       0.0079341145643140205472,
                                       0.007573675487951840795,
                                       0.0072445543013203831795,
                                       0.0069428401072095298657,
                                       0.0066652470327076824424,
                                       0.0064089941880042070684,
                                       0.0061717122630394576475,
                                       0.0059513701127588477356,
                                       0.005746216513010115682,
                                       0.005554733551962801371};

// 1 + r(k) + r(k) r(k+1) + ...: what a tail is, in units of its first term.
template <class Ratio>
double tail_factor(std::int64_t k, std::int64_t last, Ratio ratio_to_next) noexcept {
  double sum = 1;
  double term = 1;
  for (; k < last; ++k) {
    const double ratio = ratio_to_next(k);
    term *= ratio;
    sum += term;
    if (ratio < 1 && term < kNegligible * sum * (1 - ratio)) break;
  }
  return sum;
}

}  // namespace

double stirling_error(double n) noexcept {
  if (n <= 15) return kStirlingError[static_cast<int>(n + n + 0.25)];
  const double z = n * n;
  return (1.0 / 12 - (1.0 / 360 -
                      (1.0 / 1260 - (1.0 / 1680 - (1.0 / 1188 - 691.0 / 360360 / z) / z) / z) / z) /
                         z) /
         n;
}

double deviance(double x, double mean) noexcept {
  if (x == 0) return mean;
  const double difference = x - mean;
  if (difference < 0.1 * (x + mean) && difference > -0.1 * (x + mean)) {
    const double v = difference / (x + mean);
    double sum = difference * v;
    double term = 2 * x * v;
    for (int k = 3; k < 60; k += 2) {
      term *= v * v;
      const double next = sum + term / k;
      if (next == sum) break;
      sum = next;
    }
    return sum;
  }
  return x * core::log(x / mean) + mean - x;
}

double log_poisson(double k, double mean) noexcept {
  if (mean <= 0) return k == 0 ? 0 : kMinusInfinity;
  if (k == 0) return -mean;
  return -stirling_error(k) - deviance(k, mean) - 0.5 * (kLog2Pi + core::log(k));
}

double log_binomial(std::int64_t k, std::int64_t n, double p, double q) noexcept {
  if (k < 0 || k > n) return kMinusInfinity;
  if (p <= 0) return k == 0 ? 0 : kMinusInfinity;
  if (q <= 0) return k == n ? 0 : kMinusInfinity;
  const auto x = static_cast<double>(k);
  const auto m = static_cast<double>(n);
  if (k == 0) return n == 0 ? 0 : p < 0.1 ? -deviance(m, m * q) - m * p : m * core::log(q);
  if (k == n) return q < 0.1 ? -deviance(m, m * p) - m * q : m * core::log(p);
  const double core_part = stirling_error(m) - stirling_error(x) - stirling_error(m - x) -
                           deviance(x, m * p) - deviance(m - x, m * q);
  return core_part - 0.5 * (kLog2Pi + core::log(x) + core::log1p(-x / m));
}

double log_binomial_upper(std::int64_t k, std::int64_t n, double p) noexcept {
  if (k <= 0) return 0;
  if (k > n) return kMinusInfinity;
  const auto kf = static_cast<double>(k);
  if (kf <= static_cast<double>(n) * p) return core::log1m_exp(log_binomial_lower(k - 1, n, p));
  const double odds = p / (1 - p);
  const double factor = tail_factor(k, n, [&](std::int64_t i) {
    return static_cast<double>(n - i) / static_cast<double>(i + 1) * odds;
  });
  return log_binomial(k, n, p, 1 - p) + core::log(factor);
}

double log_binomial_lower(std::int64_t k, std::int64_t n, double p) noexcept {
  if (k >= n) return 0;
  if (k < 0) return kMinusInfinity;
  const auto kf = static_cast<double>(k);
  if (kf > static_cast<double>(n) * p) return core::log1m_exp(log_binomial_upper(k + 1, n, p));
  const double odds = (1 - p) / p;
  const double factor = tail_factor(-k, 0, [&](std::int64_t minus_i) {
    return static_cast<double>(-minus_i) / static_cast<double>(n + minus_i + 1) * odds;
  });
  return log_binomial(k, n, p, 1 - p) + core::log(factor);
}

double Hypergeometric::log_probability(std::int64_t k) const noexcept {
  if (k < lowest() || k > highest()) return kMinusInfinity;
  if (drawn == 0 || drawn == total) return 0;
  const double p = static_cast<double>(drawn) / static_cast<double>(total);
  const double q = static_cast<double>(total - drawn) / static_cast<double>(total);
  return log_binomial(k, positives, p, q) + log_binomial(drawn - k, total - positives, p, q) -
         log_binomial(drawn, total, p, q);
}

double Hypergeometric::ratio_up(std::int64_t k) const noexcept {
  return static_cast<double>(positives - k) * static_cast<double>(drawn - k) /
         (static_cast<double>(k + 1) * static_cast<double>(total - positives - drawn + k + 1));
}

}  // namespace mlrepro::detail::stats
