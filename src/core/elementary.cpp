// SPDX-License-Identifier: Apache-2.0
// Series and continued fractions instead of fitted polynomials: each can be checked against its
// textbook line, and the number of terms is chosen so that the first one left out is below half a
// unit in the last place.
#include "core/elementary.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace mlrepro::detail::core {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kLn2High = 0x1.62e42fefa38p-1;  // 42 bits: times an exponent it is exact
constexpr double kLn2Low = 0x1.ef35793c7673p-45;
constexpr double kInverseSqrtPi = 0.5641895835477562869;
constexpr double kSqrtHalf = 0.7071067811865475244;

bool is_nan(double x) noexcept {
  return (std::bit_cast<std::uint64_t>(x) & 0x7fffffffffffffffU) > 0x7ff0000000000000U;
}

double power_of_two(int exponent) noexcept {  // -1022 <= exponent <= 1023
  return std::bit_cast<double>(static_cast<std::uint64_t>(exponent + 1023) << 52);
}

// log((1 + s) / (1 - s)) - 2 s = 2 (s^3/3 + s^5/5 + ...), |s| <= 0.1716.
double twice_artanh_rest(double s) noexcept {
  const double z = s * s;
  double sum = 0;
  for (int k = 23; k >= 3; k -= 2) sum = sum * z + 2.0 / k;
  return s * z * sum;
}

// e^r - 1 for |r| <= 0.35.
double expm1_series(double r) noexcept {
  double sum = 1;
  for (int k = 14; k >= 2; --k) sum = 1 + sum * r / k;
  return r * sum;
}

struct Reduced {  // x = k ln 2 + high + low
  int k;
  double high, low;
};

Reduced reduce(double x) noexcept {
  const double scaled = x * 1.4426950408889634074;
  const int k = static_cast<int>(scaled + (scaled < 0 ? -0.5 : 0.5));
  return {k, x - k * kLn2High, -k * kLn2Low};
}

// e^(x^2) erfc(x) for x >= 1: Laplace's continued fraction, from the innermost term outwards.
double scaled_erfc(double x) noexcept {
  const int terms = x < 2 ? 220 : x < 4 ? 70 : x < 8 ? 25 : 12;
  double tail = x;
  for (int k = terms; k >= 1; --k) tail = x + 0.5 * k / tail;
  return kInverseSqrtPi / tail;
}

// erf(x) for 0 <= x < 1: 2/sqrt(pi) e^(-x^2) sum of 2^n x^(2n+1) / (2n+1)!!, all terms positive.
double erf_series(double x) noexcept {
  const double z = 2 * x * x;
  double sum = 1;
  for (int k = 26; k >= 1; --k) sum = 1 + sum * z / (2 * k + 1);
  return 2 * kInverseSqrtPi * x * exp(-x * x) * sum;
}

// e^(-x^2), the square kept in two parts, as its rounding would show in the result.
double exp_of_minus_square(double x) noexcept {
  const double high = std::bit_cast<double>(std::bit_cast<std::uint64_t>(x) & 0xfffffffff8000000U);
  return exp(-high * high) * exp(-(x - high) * (x + high));
}

}  // namespace

double exp(double x) noexcept {
  if (is_nan(x)) return x;
  if (x > 709.79) return kInfinity;
  if (x < -745.2) return 0;
  const Reduced r = reduce(x);
  const double value = 1 + expm1_series(r.high + r.low);
  if (r.k > 1023) return value * power_of_two(1023) * power_of_two(r.k - 1023);
  if (r.k < -1022) return value * power_of_two(r.k + 100) * power_of_two(-100);
  return value * power_of_two(r.k);
}

double expm1(double x) noexcept {
  return x > -0.35 && x < 0.35 ? expm1_series(x) : exp(x) - 1;
}

double log(double x) noexcept {
  if (is_nan(x) || x == kInfinity) return x;
  if (x == 0) return -kInfinity;
  if (x < 0) return kNan;
  int k = 0;
  if (x < 0x1p-1022) {
    x *= 0x1p54;
    k = -54;
  }
  const auto bits = std::bit_cast<std::uint64_t>(x);
  k += static_cast<int>(bits >> 52) - 1023;
  double m = std::bit_cast<double>((bits & 0xfffffffffffffU) | 0x3ff0000000000000U);
  if (m > 2 * kSqrtHalf) {
    m *= 0.5;
    ++k;
  }
  // 2 s = f - s f with s = f / (2 + f): f is exact, so the error of s only enters the smaller part.
  const double f = m - 1;
  const double s = f / (2 + f);
  return k * kLn2High + (f - (s * f - (twice_artanh_rest(s) + k * kLn2Low)));
}

double log1p(double x) noexcept {
  if (x > -0.29 && x < 0.41) {
    const double s = x / (2 + x);
    return x - (s * x - twice_artanh_rest(s));
  }
  if (is_nan(x) || x == kInfinity) return x;
  const double u = 1 + x;
  if (u <= 0) return u < 0 ? kNan : -kInfinity;
  return log(u) + (x - (u - 1)) / u;
}

double square_root(double x) noexcept {
  return std::sqrt(x);
}

double arctan(double x) noexcept {
  if (is_nan(x)) return x;
  if (x < 0) return -arctan(-x);
  if (x > 1) return 1.5707963267948966192 - arctan(1 / x);
  // Halve the angle three times: x <= 0.0985.
  for (int i = 0; i < 3; ++i) x = x / (1 + std::sqrt(1 + x * x));
  const double z = x * x;
  double sum = 0;
  for (int k = 17; k >= 1; k -= 2) sum = 1.0 / k - z * sum;
  return 8 * x * sum;
}

double erfc(double x) noexcept {
  if (is_nan(x)) return x;
  if (x < 0) return 2 - erfc(-x);
  if (x < 1) return 1 - erf_series(x);
  if (x > 28) return 0;
  return exp_of_minus_square(x) * scaled_erfc(x);
}

double log_erfc(double x) noexcept {
  if (is_nan(x)) return x;
  if (x <= -1) return log1p(1 - erfc(-x));
  if (x < 1) return x < 0 ? log1p(erf_series(-x)) : log1p(-erf_series(x));
  if (x > 1e150) return -kInfinity;
  return log(scaled_erfc(x)) - x * x;
}

double log_normal_tail(double z) noexcept {
  return log_erfc(z * kSqrtHalf) - kLn2;
}

double normal_quantile_of_log_tail(double log_p) noexcept {
  if (is_nan(log_p) || log_p > 0) return kNan;
  if (log_p > -kLn2) return -normal_quantile_of_log_tail(log1m_exp(log_p));
  if (log_p == -kInfinity) return kInfinity;
  // Newton on log Pr(Z > z), which is concave and falls: from z = 0 the first step passes the root,
  // the others come down to it.
  double z = 0;
  for (int i = 0; i < 100; ++i) {
    const double tail = log_normal_tail(z);
    const double slope = exp(-0.5 * z * z - kLogSqrt2Pi - tail);
    const double next = z + (tail - log_p) / slope;
    const double step = next - z;
    z = next;
    if (i > 0 && step > -1e-15 * z) break;
  }
  return z;
}

double log_add(double a, double b) noexcept {
  const double high = a > b ? a : b;
  const double low = a > b ? b : a;
  if (low == -kInfinity) return high;
  return high + log1p(exp(low - high));
}

double log1m_exp(double a) noexcept {
  return a > -kLn2 ? log(-expm1(a)) : log1p(-exp(a));
}

}  // namespace mlrepro::detail::core
