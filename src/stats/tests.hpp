// SPDX-License-Identifier: Apache-2.0
// Tests of association on exact counts. p-values are natural logs, so that 1e-4000 is still a
// number that can be ranked. Deterministic: fixed operations of core/elementary.hpp; callers hold
// an FpGuard.
#pragma once
#include <cstdint>
#include <span>

namespace mlrepro::detail::stats {

// log Pr(chi-square with df degrees of freedom >= x); x >= 0 (tried to 1e7), df >= 1 (tried to
// 8,000). Guide probe.md 2.6.
double log_chi_square_tail(double x, int df) noexcept;

// Pearson's X^2 of groups k: n[k] rows, positives[k] of them positive. Exact integers, terms summed
// exactly, so that the order of the groups changes no bit. 0 where only one class or one group has
// rows. Needs sum(n) < 2^31.5.
double chi_square_statistic(std::span<const std::int64_t> n,
                            std::span<const std::int64_t> positives);

// The same of groups by classes: counts[k * n_classes + c] rows of group k are of class c. df =
// (groups - 1) (classes - 1), counting those that have rows.
double chi_square_statistic(std::span<const std::int64_t> counts, std::size_t n_classes);

struct Table2x2 {  // a: group and positive, b: group and not, c: rest and positive, d: rest and not
  std::int64_t a, b, c, d;
};
double chi_square_2x2(const Table2x2& table) noexcept;        // no continuity correction
double log_p_chi_square_2x2(const Table2x2& table) noexcept;  // 1 degree of freedom
// Two-sided Fisher: all tables no more likely than this one (within 1e-7, as in R), margins fixed.
double log_p_fisher(const Table2x2& table) noexcept;
bool has_small_expectation(const Table2x2& table) noexcept;  // an expected count below 5

enum class AssociationTest : std::uint8_t { chi_square, fisher };
struct Association {
  double log_p;
  AssociationTest test;
};
Association association(
    const Table2x2& table) noexcept;  // Fisher where an expected count is below 5, else X^2

// Are two sets of rows, counted by class, of one distribution? Of two classes the association
// above; of more X^2 with classes - 1 degrees of freedom, and where an expected count is below 5
// the least p of each class against the others, times the number of classes. Classes without rows
// count nowhere.
double log_p_two_groups(std::span<const std::int64_t> a, std::span<const std::int64_t> b);

// Holm (1979), on logs: adjusted[i] = max over the smaller ones of min(0, log(count) + log_p). Same
// length.
void holm_adjust(std::span<const double> log_p, std::span<double> adjusted);

// log(min(1, m p)), and log(1 - (1 - p)^2): p of the least of two independent ones.
double log_bonferroni(double log_p, std::int64_t m) noexcept;
double log_p_least_of_two(double log_p) noexcept;

// Two-sided sign test: is `plus` of plus + minus a fair coin? 0 (p = 1) where both are 0.
double log_p_sign_test(std::int64_t plus, std::int64_t minus) noexcept;

// The best of many cuts of one column: g, its G statistic; n_bins; epsilon, smallest share of rows
// left of a cut (or right). min((B-1) 2 Phi(-z), Miller and Siegmund 1982), z = sqrt(g).
double log_p_max_cut(double g, std::int64_t n_bins, double epsilon) noexcept;

}  // namespace mlrepro::detail::stats
