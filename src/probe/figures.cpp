// SPDX-License-Identifier: Apache-2.0
#include "probe/figures.hpp"

#include <algorithm>
#include <limits>

#include "core/elementary.hpp"
#include "stats/intervals.hpp"
#include "stats/tests.hpp"

namespace mlrepro::detail::probe {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

}  // namespace

Figures rate_figures(RowIndex n, RowIndex positives) {
  Figures f{n, positives, static_cast<double>(positives), kNaN, kNaN};
  const auto u = [](RowIndex x) { return static_cast<core::UInt128>(x); };
  if (n > 0) f.mean = core::ratio(u(positives), u(n));
  if (n > 1)
    f.sd = core::square_root(core::ratio(u(positives) * u(n - positives), u(n) * u(n - 1)));
  return f;
}

void Tally::merge(const Tally& other, bool binary) noexcept {
  n_ += other.n_;
  positives_ += other.positives_;
  if (binary) return;
  classes_.resize(std::max(classes_.size(), other.classes_.size()));
  for (std::size_t k = 0; k < other.classes_.size(); ++k) classes_[k] += other.classes_[k];
  sum_.merge(other.sum_);
  squares_.merge(other.squares_);
}

Figures mean_and_spread(RowIndex rows, const core::ExactSum& sum,
                        const core::ExactProductSum& squares) {
  Figures f{rows, 0, sum.round(), kNaN, kNaN};
  if (rows > 0) f.mean = sum.round_divided(static_cast<std::uint64_t>(rows));
  if (rows > 1) {
    const core::ExactInteger s = sum.exact();
    const core::ExactInteger spread =
        squares.exact() * core::ExactInteger(static_cast<std::uint64_t>(rows)) - s * s;
    const auto n = static_cast<core::UInt128>(rows);
    f.sd = core::square_root(
        spread.round_divided(n * (n - 1), core::ExactProductSum::lowest_exponent()));
  }
  return f;
}

Figures Tally::figures(bool binary) const {
  if (!classes_.empty()) return {n_, 0, 0, kNaN, kNaN, classes_};
  return binary ? rate_figures(n_, positives_) : mean_and_spread(n_, sum_, squares_);
}

MeanInterval mean_interval(bool is_rate, const Figures& f) {
  if (f.n == 0) return {kNaN, kNaN, false};
  if (is_rate) {
    const stats::RateInterval r = stats::rate_interval(f.positives, f.n);
    return {r.interval.low, r.interval.high, r.method == stats::RateMethod::exact};
  }
  if (f.n < 2) return {kNaN, kNaN, false};
  const stats::Interval i = stats::mean_interval(f.mean, f.sd, f.n);
  return {i.low, i.high, false};
}

double log_p_against(bool binary, const Figures& part, const Figures& rest) {
  if (part.n == 0 || rest.n == 0) return 0;
  if (!part.classes.empty()) return stats::log_p_two_groups(part.classes, rest.classes);
  if (binary) {
    return stats::association(
               {part.positives, part.n - part.positives, rest.positives, rest.n - rest.positives})
        .log_p;
  }
  if (part.n < 2 || rest.n < 2) return 0;
  const double a = part.sd * part.sd / static_cast<double>(part.n);
  const double b = rest.sd * rest.sd / static_cast<double>(rest.n);
  const double d = part.mean - rest.mean;
  if (a + b <= 0) return d == 0 ? 0 : -std::numeric_limits<double>::max();
  const double df =
      (a + b) * (a + b) /
      (a * a / static_cast<double>(part.n - 1) + b * b / static_cast<double>(rest.n - 1));
  const double z =
      (8 * df + 1) / (8 * df + 3) * core::square_root(df * core::log1p(d * d / (a + b) / df));
  const double log_p = core::kLn2 + core::log_normal_tail(z);
  return log_p < 0 ? log_p : 0;
}

}  // namespace mlrepro::detail::probe
