// SPDX-License-Identifier: Apache-2.0
#include "stats/tests.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "core/elementary.hpp"
#include "core/exact_sum.hpp"
#include "core/int128.hpp"
#include "stats/discrete.hpp"

namespace mlrepro::detail::stats {
namespace {

using core::Int128;
using core::UInt128;

constexpr double kMinusInfinity = -std::numeric_limits<double>::infinity();
constexpr double kFisherTie = 1e-7;

double at_most_one(double log_p) noexcept {
  return log_p < 0 ? log_p : 0;
}

// log of the sum of y^k e^-y / Gamma(k + 1) for k = first, first + 1, ... last (integers or
// half-integers): from the largest term outwards, in units of it.
double log_poisson_sum(double y, double first, double last) noexcept {
  double top = first;
  if (y > first) top += static_cast<double>(static_cast<std::int64_t>(std::min(y, last) - first));
  double sum = 1;
  double term = 1;
  for (double k = top; k > first && term > 0x1p-60; k -= 1) {
    term *= k / y;
    sum += term;
  }
  term = 1;
  for (double k = top + 1; k <= last && term > 0x1p-60; k += 1) {
    term *= y / k;
    sum += term;
  }
  return log_poisson(top, y) + core::log(sum);
}

struct Side {  // how far Fisher's other tail reaches
  std::int64_t from, end, step;
};

// Sum of probabilities from `from` outwards to `end`, in log.
double log_outward_sum(const Hypergeometric& h, const Side& side) noexcept {
  double sum = 1;
  double term = 1;
  for (std::int64_t k = side.from; k != side.end && term > 0x1p-60 * sum; k += side.step) {
    term = side.step > 0 ? term * h.ratio_up(k) : term / h.ratio_up(k - 1);
    sum += term;
  }
  return h.log_probability(side.from) + core::log(sum);
}

// The mode-nearest k on the other side of the mode that is no likelier than `limit`; the end is
// passed where there is none.
std::int64_t other_side(const Hypergeometric& h, std::int64_t mode, std::int64_t end,
                        std::int64_t step, double limit) noexcept {
  std::int64_t inside = 0;                         // mode itself is likelier
  std::int64_t outside = (end - mode) * step + 1;  // beyond the support: probability 0
  while (outside - inside > 1) {
    const std::int64_t middle = inside + (outside - inside) / 2;
    (h.log_probability(mode + middle * step) <= limit ? outside : inside) = middle;
  }
  return mode + outside * step;
}

}  // namespace

double log_chi_square_tail(double x, int df) noexcept {
  if (!(x > 0)) return x <= 0 ? 0 : x;
  const double y = 0.5 * x;
  const int half = df / 2;
  if (df % 2 == 0) return at_most_one(log_poisson_sum(y, 0, half - 1));
  const double normal = core::log_erfc(core::square_root(y));
  return df == 1 ? normal : at_most_one(core::log_add(normal, log_poisson_sum(y, 0.5, half - 0.5)));
}

double chi_square_statistic(std::span<const std::int64_t> n,
                            std::span<const std::int64_t> positives) {
  std::int64_t rows = 0;
  std::int64_t hits = 0;
  for (const std::int64_t count : n) rows += count;
  for (const std::int64_t count : positives) hits += count;
  if (hits == 0 || hits == rows) return 0;
  std::vector<double> terms;
  terms.reserve(n.size());
  for (std::size_t k = 0; k < n.size(); ++k) {
    if (n[k] == 0) continue;
    const Int128 gap = static_cast<Int128>(rows) * positives[k] - static_cast<Int128>(hits) * n[k];
    const UInt128 size = core::magnitude(gap);
    const UInt128 margin =
        static_cast<UInt128>(n[k]) * static_cast<UInt128>(hits) * static_cast<UInt128>(rows - hits);
    terms.push_back(core::to_double(size * size) / core::to_double(margin));
  }
  return core::exact_sum_of_positive(terms);
}

double chi_square_statistic(std::span<const std::int64_t> counts, std::size_t n_classes) {
  std::vector<std::int64_t> of_class(n_classes), of_group(counts.size() / n_classes);
  std::int64_t rows = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    of_class[i % n_classes] += counts[i];
    of_group[i / n_classes] += counts[i];
    rows += counts[i];
  }
  core::ExactSum sum;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const Int128 margins = static_cast<Int128>(of_group[i / n_classes]) * of_class[i % n_classes];
    if (margins == 0) continue;
    const UInt128 gap = core::magnitude(static_cast<Int128>(rows) * counts[i] - margins);
    sum.add(core::to_double(gap * gap) /
            core::to_double(static_cast<UInt128>(margins) * static_cast<UInt128>(rows)));
  }
  return sum.round();
}

double chi_square_2x2(const Table2x2& t) noexcept {
  const std::int64_t group = t.a + t.b;
  const std::int64_t rest = t.c + t.d;
  const std::int64_t positives = t.a + t.c;
  const std::int64_t negatives = t.b + t.d;
  if (group == 0 || rest == 0 || positives == 0 || negatives == 0) return 0;
  const double gap =
      core::to_double(static_cast<Int128>(t.a) * t.d - static_cast<Int128>(t.b) * t.c);
  const double rows = core::to_double(static_cast<Int128>(group) * rest);
  const double columns = core::to_double(static_cast<Int128>(positives) * negatives);
  return (gap / rows) * (gap / columns) * static_cast<double>(group + rest);
}

double log_p_chi_square_2x2(const Table2x2& table) noexcept {
  return log_chi_square_tail(chi_square_2x2(table), 1);
}

double log_p_fisher(const Table2x2& t) noexcept {
  const Hypergeometric h{t.a + t.b + t.c + t.d, t.a + t.c, t.a + t.b};
  if (h.lowest() == h.highest()) return 0;
  const double limit = h.log_probability(t.a) + kFisherTie;
  const auto mode = static_cast<std::int64_t>(static_cast<Int128>(h.drawn + 1) * (h.positives + 1) /
                                              (h.total + 2));
  if (h.log_probability(mode) <= limit) return 0;  // nothing is likelier: p = 1
  const bool low = t.a < mode;
  const Side own{t.a, low ? h.lowest() : h.highest(), low ? -1 : 1};
  const std::int64_t far_end = low ? h.highest() : h.lowest();
  const Side far{other_side(h, mode, far_end, -own.step, limit), far_end, -own.step};
  const double near_tail = log_outward_sum(h, own);
  const bool none = far.step > 0 ? far.from > far_end : far.from < far_end;
  return at_most_one(none ? near_tail : core::log_add(near_tail, log_outward_sum(h, far)));
}

bool has_small_expectation(const Table2x2& t) noexcept {
  const std::int64_t total = t.a + t.b + t.c + t.d;
  const std::int64_t row = std::min(t.a + t.b, t.c + t.d);
  const std::int64_t column = std::min(t.a + t.c, t.b + t.d);
  return static_cast<Int128>(row) * column < static_cast<Int128>(5) * total;
}

Association association(const Table2x2& table) noexcept {
  if (has_small_expectation(table)) return {log_p_fisher(table), AssociationTest::fisher};
  return {log_p_chi_square_2x2(table), AssociationTest::chi_square};
}

double log_p_two_groups(std::span<const std::int64_t> a, std::span<const std::int64_t> b) {
  std::int64_t n_a = 0;
  std::int64_t n_b = 0;
  std::vector<std::int64_t> counts_a, counts_b;  // of classes that have rows
  for (std::size_t c = 0; c < a.size(); ++c) {
    n_a += a[c];
    n_b += b[c];
    if (a[c] + b[c] == 0) continue;
    counts_a.push_back(a[c]);
    counts_b.push_back(b[c]);
  }
  const std::size_t n_classes = counts_a.size();
  if (n_classes < 2 || n_a == 0 || n_b == 0) return 0;
  bool small = false;
  double least = 0;
  for (std::size_t c = n_classes; c-- > 0;) {
    const Table2x2 against{counts_a[c], n_a - counts_a[c], counts_b[c], n_b - counts_b[c]};
    const double log_p = association(against).log_p;
    if (n_classes == 2) return log_p;
    small = small || has_small_expectation(against);
    least = std::min(least, log_p);
  }
  if (small) return log_bonferroni(least, static_cast<std::int64_t>(n_classes));
  counts_a.insert(counts_a.end(), counts_b.begin(), counts_b.end());
  return log_chi_square_tail(chi_square_statistic(counts_a, n_classes),
                             static_cast<int>(n_classes) - 1);
}

void holm_adjust(std::span<const double> log_p, std::span<double> adjusted) {
  std::vector<std::size_t> order(log_p.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t i, std::size_t j) { return log_p[i] < log_p[j]; });
  double highest = kMinusInfinity;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    highest = std::max(highest, log_bonferroni(log_p[order[rank]],
                                               static_cast<std::int64_t>(order.size() - rank)));
    adjusted[order[rank]] = highest;
  }
}

double log_bonferroni(double log_p, std::int64_t m) noexcept {
  return at_most_one(log_p + core::log(static_cast<double>(std::max<std::int64_t>(m, 1))));
}

double log_p_least_of_two(double log_p) noexcept {
  return at_most_one(log_p + core::log1p(-0.5 * core::exp(log_p)) + core::kLn2);  // p (2 - p)
}

double log_p_sign_test(std::int64_t plus, std::int64_t minus) noexcept {
  const std::int64_t n = plus + minus;
  const std::int64_t fewer = std::min(plus, minus);
  if (2 * fewer >= n - 1) return 0;
  return at_most_one(core::kLn2 + log_binomial_lower(fewer, n, 0.5));
}

double log_p_max_cut(double g, std::int64_t n_bins, double epsilon) noexcept {
  if (!(g > 0) || n_bins < 2) return 0;
  const double z = core::square_root(g);
  const double each = core::log_normal_tail(z) + core::kLn2;
  const double all = at_most_one(each + core::log(static_cast<double>(n_bins - 1)));
  if (z <= 1 || !(epsilon > 0 && epsilon < 0.5)) return all;
  const double odds = (1 - epsilon) / epsilon;
  const double shape = 4 / z + (z - 1 / z) * core::log(odds * odds);
  const double process = core::log(shape) - 0.5 * z * z - core::kLogSqrt2Pi;
  return std::min(all, at_most_one(process));
}

}  // namespace mlrepro::detail::stats
