// SPDX-License-Identifier: Apache-2.0
#include "probe/node_tests.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "core/exact_sum.hpp"
#include "stats/tests.hpp"

namespace mlrepro::detail::probe {
namespace {

UInt128 square(std::int64_t t) noexcept {
  const UInt128 m = core::magnitude(static_cast<Int128>(t));
  return m * m;
}

// Sum of squares about the mean, in units of 2^-8.
Int128 squared_error(const Cell& total, UInt128 squares) noexcept {
  return static_cast<Int128>(squares << 8) - squared_sum_part(total);
}

// The fewest of n rows that expect 5 of the rarest value.
std::int64_t rows_to_expect(std::int64_t n, std::int64_t rarest) noexcept {
  return (5 * n + rarest - 1) / rarest;
}

// The fewest rows that a group needs.
std::int64_t least_rows(const NodeTarget& node, const Cell& present) noexcept {
  if (!node.binary) return static_cast<std::int64_t>(std::min(std::ceil(node.least_group), 0x1p62));
  return rows_to_expect(present.n, std::min(present.s, present.n - present.s));
}

std::int64_t least_rows(const NodeTarget&, const ClassCell& present) noexcept {
  std::int64_t rarest = present.n;
  for (const std::int64_t rows : present.of) rarest = rows > 0 ? std::min(rarest, rows) : rarest;
  return rows_to_expect(present.n, rarest);
}

// Neighbours until each group is large enough; what is left over joins the last group.
template <class C>
std::vector<C> merge_neighbours(std::int64_t least, std::span<const C> bins) {
  std::vector<C> groups;
  groups.reserve(bins.size());
  C open;
  for (const C& bin : bins) {
    open += bin;
    if (open.n < least) continue;
    groups.push_back(open);
    open = {};
  }
  if (open.n > 0 && !groups.empty()) groups.back() += open;
  return groups;
}

// Levels that are too rare are merged with each other, most frequent first, until a group is large
// enough; what is left over joins the smallest group.
template <class C>
std::vector<C> merge_rare(std::int64_t least, std::span<const C> bins) {
  std::vector<C> groups, rare;
  for (const C& bin : bins) {
    if (bin.n > 0) (bin.n >= least ? groups : rare).push_back(bin);
  }
  std::stable_sort(rare.begin(), rare.end(), [](const C& a, const C& b) { return a.n > b.n; });
  C open;
  for (const C& level : rare) {
    open += level;
    if (open.n < least) continue;
    groups.push_back(open);
    open = {};
  }
  if (open.n > 0 && !groups.empty()) {
    *std::min_element(groups.begin(), groups.end(),
                      [](const C& a, const C& b) { return a.n < b.n; }) += open;
  }
  return groups;
}

template <class C>
std::vector<C> merged(const NodeTarget& node, const C& present, std::span<const C> bins,
                      bool category) {
  const std::int64_t least = least_rows(node, present);
  return category ? merge_rare(least, bins) : merge_neighbours(least, bins);
}

NodeTest binary_test(std::span<const Cell> groups) {
  std::vector<std::int64_t> n, positives;
  n.reserve(groups.size());
  positives.reserve(groups.size());
  for (const Cell& g : groups) {
    n.push_back(g.n);
    positives.push_back(g.s);
  }
  const int df = static_cast<int>(groups.size()) - 1;
  return {stats::log_chi_square_tail(stats::chi_square_statistic(n, positives), df), df};
}

// The class that each one is counted with.
using Pools = std::array<std::size_t, kMostClasses>;

Pools pool_rare(const ClassCell& present) {
  constexpr std::int64_t kFewest = 10, kMost = 50;
  Pools pools;
  std::iota(pools.begin(), pools.end(), std::size_t{0});
  std::vector<std::pair<std::int64_t, std::size_t>> sizes;
  for (std::size_t k = 0; k < kMostClasses; ++k) {
    if (present.of[k] > 0) sizes.emplace_back(present.of[k], k);
  }
  const auto tenth =
      present.n / static_cast<std::int64_t>(10 * std::max<std::size_t>(sizes.size(), 1));
  const std::int64_t least = std::clamp(tenth, kFewest, kMost);
  for (std::sort(sizes.begin(), sizes.end()); sizes.size() > 2 && sizes[0].first < least;
       std::sort(sizes.begin(), sizes.end())) {
    std::replace(pools.begin(), pools.end(), sizes[0].second, sizes[1].second);
    sizes[1].first += sizes[0].first;
    sizes.erase(sizes.begin());
  }
  return pools;
}

ClassCell pooled(const ClassCell& c, const Pools& pools) {
  ClassCell out;
  out.n = c.n;
  for (std::size_t k = 0; k < kMostClasses; ++k) out.of[pools[k]] += c.of[k];
  return out;
}

NodeTest class_test(std::span<const ClassCell> groups, const ClassCell& present) {
  std::vector<std::size_t> classes;
  for (std::size_t k = 0; k < kMostClasses; ++k) {
    if (present.of[k] > 0) classes.push_back(k);
  }
  std::vector<std::int64_t> counts;
  for (const ClassCell& g : groups) {
    for (const std::size_t k : classes) counts.push_back(g.of[k]);
  }
  const int df = static_cast<int>((groups.size() - 1) * (classes.size() - 1));
  return {stats::log_chi_square_tail(stats::chi_square_statistic(counts, classes.size()), df), df};
}

// Permutation statistic (n - 1) SSB / SST, whose mean under the null is df exactly (Strasser and
// Weber 1999).
NodeTest numeric_test(std::span<const Cell> groups, const Cell& present, UInt128 squares) {
  const Int128 all = squared_error(present, squares);
  if (all <= 0) return {};
  Int128 between = -squared_sum_part(present);
  for (const Cell& g : groups) between += squared_sum_part(g);
  const double x = core::to_double(std::max(between, Int128{0})) / core::to_double(all) *
                   static_cast<double>(present.n - 1);
  const int df = static_cast<int>(groups.size()) - 1;
  return {stats::log_chi_square_tail(x, df), df};
}

}  // namespace

NodeTarget describe_node(const CountTarget& target, std::span<const Row> rows) {
  NodeTarget node;
  node.binary = target.binary;
  node.total.n = static_cast<std::int64_t>(rows.size());
  if (target.n_planes() > 1) {
    node.of_classes.n = node.total.n;
    for (const Row row : rows) ++node.of_classes.of[static_cast<std::size_t>(target.scaled[row])];
    node.n_classes = std::max(classes_with_rows(node.of_classes), 1);
    node.pure = node.n_classes < 2;
    return node;
  }
  for (const Row row : rows) node.total.s += target.scaled[row];
  if (node.binary) {
    node.pure = node.total.s == 0 || node.total.s == node.total.n;
    return node;
  }
  for (const Row row : rows) node.squares += square(target.scaled[row]);
  const Int128 error = squared_error(node.total, node.squares);
  // A constant target leaves at most the floor of one division.
  node.pure = rows.empty() || std::all_of(rows.begin(), rows.end(), [&](Row row) {
                return target.scaled[row] == target.scaled[rows.front()];
              });
  if (node.pure || error <= 0) return node;
  node.spread = core::to_double(error) / static_cast<double>(node.total.n - 1);
  const double mean = static_cast<double>(node.total.s) / static_cast<double>(node.total.n);
  core::ExactSum fourth;
  for (const Row row : rows) {
    const double d = static_cast<double>(target.scaled[row]) - mean;
    fourth.add(d * d * d * d);
  }
  const double variance = core::to_double(error) / 256 / static_cast<double>(node.total.n);
  const double kurtosis = fourth.round() / static_cast<double>(node.total.n) / variance / variance;
  node.least_group = kLeastGroup * std::max(1.0, kurtosis);
  return node;
}

NodeTest table_test(const NodeTarget& node, std::span<const Cell> bins, const Cell& missing,
                    UInt128 missing_squares, bool category) {
  const Cell present = node.total - missing;
  if (present.n < 2 || (node.binary && (present.s == 0 || present.s == present.n))) return {};
  const std::vector<Cell> groups = merged(node, present, bins, category);
  if (groups.size() < 2) return {};
  return node.binary ? binary_test(groups)
                     : numeric_test(groups, present, node.squares - missing_squares);
}

NodeTest table_test(const NodeTarget& node, std::span<const ClassCell> bins,
                    const ClassCell& missing, bool category) {
  const ClassCell all = node.of_classes - missing;
  if (classes_with_rows(all) < 2) return {};
  const Pools pools = pool_rare(all);
  const ClassCell present = pooled(all, pools);
  std::vector<ClassCell> by_pool;
  for (const ClassCell& bin : bins) by_pool.push_back(pooled(bin, pools));
  const std::vector<ClassCell> groups =
      merged(node, present, std::span<const ClassCell>(by_pool), category);
  return groups.size() < 2 ? NodeTest{} : class_test(groups, present);
}

NodeTest missing_test(const NodeTarget& node, const Cell& missing, std::int64_t missing_above,
                      std::int64_t all_above) {
  const Cell present = node.total - missing;
  if (missing.n == 0 || present.n == 0) return {};
  if (node.binary) {
    const stats::Table2x2 table{missing.s, missing.n - missing.s, present.s, present.n - present.s};
    return {stats::association(table).log_p, 1};
  }
  if (static_cast<double>(std::min(missing.n, present.n)) < node.least_group) {
    const std::int64_t rest = all_above - missing_above;
    const stats::Table2x2 table{missing_above, missing.n - missing_above, rest, present.n - rest};
    return {stats::association(table).log_p, 1};
  }
  const Cell groups[] = {missing, present};
  return numeric_test(groups, node.total, node.squares);
}

NodeTest missing_test(const NodeTarget& node, const ClassCell& missing) {
  const ClassCell present = node.of_classes - missing;
  if (missing.n == 0 || present.n == 0) return {};
  return {stats::log_p_two_groups(missing.of, present.of), node.n_classes - 1};
}

MissingMoments missing_moments(const CountTarget& target, const NodeTarget& node,
                               std::span<const Row> rows, const std::vector<std::uint8_t>& codes) {
  MissingMoments out;
  for (const Row row : rows) {
    if (codes[row] != kMissingCode) continue;
    out.squares += square(target.scaled[row]);
    out.above += static_cast<Int128>(target.scaled[row]) * node.total.n > node.total.s ? 1 : 0;
  }
  return out;
}

std::int64_t rows_above_mean(const CountTarget& target, const NodeTarget& node,
                             std::span<const Row> rows) {
  std::int64_t n = 0;
  for (const Row row : rows)
    n += static_cast<Int128>(target.scaled[row]) * node.total.n > node.total.s ? 1 : 0;
  return n;
}

double gain_statistic(const NodeTarget& node, Int128 gain) {
  if (node.binary) return core::g_statistic(gain);
  return node.spread > 0 ? core::to_double(gain) / node.spread : 0;
}

}  // namespace mlrepro::detail::probe
