// SPDX-License-Identifier: Apache-2.0
// Log probabilities of the binomial, Poisson and hypergeometric distributions, and tails summed
// from them. By the saddle-point form of Loader (2000, "Fast and accurate computation of binomial
// probabilities"): no difference of large log-factorials, so relative error stays near 1e-14
// however many rows there are. Natural logs throughout.
#pragma once
#include <cstdint>

namespace mlrepro::detail::stats {

// log(Gamma(n + 1)) - log(sqrt(2 pi n) (n/e)^n); n an integer or half-integer, n >= 0 (at 0 taken
// as 0).
double stirling_error(double n) noexcept;

// x log(x / mean) + mean - x, accurate where x is close to mean; x >= 0, mean > 0.
double deviance(double x, double mean) noexcept;

double log_poisson(double k,
                   double mean) noexcept;  // k may be a half-integer: mean^k e^-mean / Gamma(k + 1)
double log_binomial(std::int64_t k, std::int64_t n, double p,
                    double q) noexcept;  // q = 1 - p, given apart

// log Pr(X >= k) and log Pr(X <= k) for X ~ Binomial(n, p). O(sqrt(n)) near the mean, O(1) far out.
double log_binomial_upper(std::int64_t k, std::int64_t n, double p) noexcept;
double log_binomial_lower(std::int64_t k, std::int64_t n, double p) noexcept;

// k of `drawn` rows are positive when `positives` of `total` are.
struct Hypergeometric {
  std::int64_t total, positives, drawn;
  std::int64_t lowest() const noexcept {
    return drawn + positives > total ? drawn + positives - total : 0;
  }
  std::int64_t highest() const noexcept { return drawn < positives ? drawn : positives; }
  double log_probability(std::int64_t k) const noexcept;
  // Pr(k + 1) / Pr(k).
  double ratio_up(std::int64_t k) const noexcept;
};

}  // namespace mlrepro::detail::stats
