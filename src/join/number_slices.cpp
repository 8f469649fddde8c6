// SPDX-License-Identifier: Apache-2.0
#include "join/number_slices.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "join/cells.hpp"

namespace mlrepro::detail::join {
namespace {

using core::Column;

constexpr std::size_t kSteps = 4096;
constexpr std::int64_t kExact = std::int64_t{1} << 53;
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

bool is_none(double x) noexcept {
  return (std::bit_cast<std::uint64_t>(x) & ~core::kSign64) > 0x7ff0000000000000U;
}

struct Reals {  // the column as doubles, missing = NaN
  std::vector<double> x;
  bool exact = true;  // false: different values may fall on one double
};

template <class T>
Reals read_numbers(const Column& column) {
  Reals out;
  out.x.resize(static_cast<std::size_t>(column.n_rows()));
  const std::span<const T> in = column.as<T>();
  for (std::size_t i = 0; i < out.x.size(); ++i) {
    if (column.is_null(static_cast<RowIndex>(i))) {
      out.x[i] = kNone;
      continue;
    }
    if constexpr (sizeof(T) == 8 && std::is_integral_v<T>) {
      const bool fits = in[i] <= static_cast<T>(kExact) &&
                        (std::is_unsigned_v<T> || in[i] >= static_cast<T>(-kExact));
      out.exact = out.exact && fits;
    }
    out.x[i] = static_cast<double>(in[i]) + 0.0;  // -0.0 becomes 0.0
  }
  return out;
}

// Ticks since the earliest one, in microseconds where all are whole: the same ratios for every
// unit.
Reals read_ticks(const Column& column) {
  Reals out;
  const std::span<const std::int64_t> in = column.as<std::int64_t>();
  out.x.assign(in.size(), kNone);
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  bool whole = true;
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (column.is_null(static_cast<RowIndex>(i))) continue;
    least = std::min(least, in[i]);
    whole = whole && in[i] % 1000 == 0;
  }
  const bool to_micro = column.type().unit == TimeUnit::nano && whole;
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (column.is_null(static_cast<RowIndex>(i))) continue;
    std::uint64_t off = static_cast<std::uint64_t>(in[i]) - static_cast<std::uint64_t>(least);
    if (to_micro) off /= 1000;
    out.exact = out.exact && off <= static_cast<std::uint64_t>(kExact);
    out.x[i] = static_cast<double>(off);
  }
  return out;
}

Reals read_bits(const Column& column) {
  Reals out;
  out.x.resize(static_cast<std::size_t>(column.n_rows()));
  for (std::size_t i = 0; i < out.x.size(); ++i) {
    const auto row = static_cast<RowIndex>(i);
    out.x[i] = column.is_null(row) ? kNone : column.bit(row) ? 1.0 : 0.0;
  }
  return out;
}

Reals read_reals(const Column& column) {
  switch (column.kind()) {
    case Type::boolean:
      return read_bits(column);
    case Type::int8:
      return read_numbers<std::int8_t>(column);
    case Type::int16:
      return read_numbers<std::int16_t>(column);
    case Type::int32:
    case Type::date:
      return read_numbers<std::int32_t>(column);
    case Type::int64:
      return read_numbers<std::int64_t>(column);
    case Type::uint8:
      return read_numbers<std::uint8_t>(column);
    case Type::uint16:
      return read_numbers<std::uint16_t>(column);
    case Type::uint32:
      return read_numbers<std::uint32_t>(column);
    case Type::uint64:
      return read_numbers<std::uint64_t>(column);
    case Type::float32:
      return read_numbers<float>(column);
    case Type::float64:
      return read_numbers<double>(column);
    default:
      return read_ticks(column);
  }
}

struct Bucket {
  ClassCounts counts{};
  double low = 0, high = 0;
  RowIndex low_row = -1, high_row = -1;

  void add(double x, RowIndex row, RowClass c) noexcept {
    ++counts[static_cast<std::size_t>(c)];
    if (low_row < 0 || x < low) low = x, low_row = row;
    if (high_row < 0 || x > high) high = x, high_row = row;
  }
  void merge(const Bucket& later) noexcept {
    for (std::size_t c = 0; c < kClasses; ++c) counts[c] += later.counts[c];
    if (low_row < 0) low = later.low, low_row = later.low_row;
    high = later.high, high_row = later.high_row;
  }
  RowIndex rows() const noexcept {
    RowIndex n = 0;
    for (const RowIndex k : counts) n += k;
    return n;
  }
  bool single() const noexcept { return low == high; }
};

struct Range {
  double least = std::numeric_limits<double>::infinity(), greatest = -least;
};
Range finite_range(const std::vector<double>& x) noexcept {
  Range range;
  for (const double v : x) {
    if (is_none(v) || std::fabs(v) > std::numeric_limits<double>::max()) continue;
    range.least = std::min(range.least, v);
    range.greatest = std::max(range.greatest, v);
  }
  return range;
}

// Infinities have the first and the last step to themselves.
std::size_t step_of(double x, const Range& range, double width) noexcept {
  if (x < range.least) return 0;
  if (x > range.greatest) return kSteps + 1;
  const double at = width > 0 ? (x - range.least) / width * (kSteps - 1) : 0;
  return 1 + (at >= 0 && at < kSteps ? static_cast<std::size_t>(at) : 0);
}

std::vector<Bucket> by_steps(const std::vector<double>& x, const std::vector<RowClass>& classes,
                             Bucket& absent) {
  std::vector<Bucket> steps(kSteps + 2);
  const Range range = finite_range(x);
  const double width = range.greatest - range.least;
  for (std::size_t i = 0; i < x.size(); ++i) {
    Bucket& bucket = is_none(x[i]) ? absent : steps[step_of(x[i], range, width)];
    bucket.add(x[i], static_cast<RowIndex>(i), classes[i]);
  }
  steps.erase(
      std::remove_if(steps.begin(), steps.end(), [](const Bucket& b) { return b.low_row < 0; }),
      steps.end());
  return steps;
}

std::vector<Bucket> merged(const std::vector<Bucket>& steps, RowIndex n) {
  std::vector<Bucket> bins;
  for (const Bucket& step : steps) {
    if (bins.empty() || bins.back().rows() * kBins >= n) bins.emplace_back();
    bins.back().merge(step);
  }
  return bins;
}

// Where values crowd in one step: exact deciles of all values, equal ones in one bin.
std::vector<Bucket> by_deciles(const std::vector<double>& x, const std::vector<RowClass>& classes) {
  std::vector<double> sorted;
  for (const double v : x) {
    if (!is_none(v)) sorted.push_back(v);
  }
  std::vector<double> edges;  // greatest value of each bin but the last
  auto from = sorted.begin();
  for (int k = 1; k < kBins; ++k) {
    const auto at = sorted.begin() + static_cast<std::ptrdiff_t>(
                                         sorted.size() * static_cast<std::size_t>(k) / kBins);
    if (at == sorted.end() || at < from) continue;
    std::nth_element(from, at, sorted.end());
    if (edges.empty() || *at > edges.back()) edges.push_back(*at);
    from = at;
  }
  std::vector<Bucket> bins(edges.size() + 1);
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (is_none(x[i])) continue;
    const auto bin = static_cast<std::size_t>(std::lower_bound(edges.begin(), edges.end(), x[i]) -
                                              edges.begin());
    bins[bin].add(x[i], static_cast<RowIndex>(i), classes[i]);
  }
  bins.erase(
      std::remove_if(bins.begin(), bins.end(), [](const Bucket& b) { return b.low_row < 0; }),
      bins.end());
  return bins;
}

// Values that share a double: the ends of each bin by exact comparison, so that the first row met
// does not decide.
void exact_ends(const Column& column, const std::vector<double>& x, std::vector<Bucket>& bins) {
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (is_none(x[i])) continue;
    const auto row = static_cast<RowIndex>(i);
    const auto bin = std::lower_bound(bins.begin(), bins.end(), x[i],
                                      [](const Bucket& b, double v) { return b.high < v; });
    if (x[i] == bin->low && compare_values(column.value(row), column.value(bin->low_row)) < 0)
      bin->low_row = row;
    if (x[i] == bin->high && compare_values(column.value(row), column.value(bin->high_row)) > 0)
      bin->high_row = row;
  }
}

}  // namespace

std::vector<Level> number_levels(const Column& column, const std::vector<RowClass>& classes,
                                 bool& is_binned) {
  const Reals reals = read_reals(column);
  Bucket absent;
  std::vector<Bucket> buckets = by_steps(reals.x, classes, absent);
  const RowIndex n = static_cast<RowIndex>(classes.size()) - absent.rows();
  const bool all_single =
      std::all_of(buckets.begin(), buckets.end(), [](const Bucket& b) { return b.single(); });
  is_binned = !reals.exact || !all_single || buckets.size() > static_cast<std::size_t>(kMostLevels);
  if (is_binned) {
    const bool crowded = std::any_of(buckets.begin(), buckets.end(), [&](const Bucket& b) {
      return !b.single() && b.rows() * kBins > 2 * n;
    });
    buckets = crowded ? by_deciles(reals.x, classes) : merged(buckets, n);
    if (!reals.exact) exact_ends(column, reals.x, buckets);
  }
  std::vector<Level> levels{{{}, {}, absent.counts}};
  for (const Bucket& b : buckets) {
    levels.push_back({core::OwnedValue::of(column.value(b.low_row)),
                      core::OwnedValue::of(column.value(b.high_row)), b.counts});
  }
  return levels;
}

}  // namespace mlrepro::detail::join
