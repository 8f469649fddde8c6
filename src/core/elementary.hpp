// SPDX-License-Identifier: Apache-2.0
// exp, log and friends by fixed sequences of + - * / on doubles: the same bits on every CPU,
// compiler and C library (libm's are not). Relative error below 4e-15 where no other bound is said;
// square_root is exactly rounded (IEEE 754). Callers hold an FpGuard. NaN in, NaN out.
#pragma once

namespace mlrepro::detail::core {

inline constexpr double kLn2 = 0.6931471805599453094;
inline constexpr double kLogSqrt2Pi = 0.9189385332046727418;  // log(sqrt(2 pi))

double exp(double x) noexcept;
double expm1(double x) noexcept;
double log(double x) noexcept;    // NaN below 0, -inf at 0
double log1p(double x) noexcept;  // log(1 + x)
double square_root(double x) noexcept;
double arctan(double x) noexcept;

double erfc(double x) noexcept;      // 0 beyond about 27; use log_erfc there
double log_erfc(double x) noexcept;  // no underflow: about -x^2 far out

// Upper tail of the standard normal distribution, and its inverse: z with Pr(Z > z) = exp(log_p).
double log_normal_tail(double z) noexcept;
double normal_quantile_of_log_tail(double log_p) noexcept;

double log_add(double a,
               double b) noexcept;    // log(exp(a) + exp(b)), also where both would underflow
double log1m_exp(double a) noexcept;  // log(1 - exp(a)), a <= 0

}  // namespace mlrepro::detail::core
