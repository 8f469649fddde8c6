// SPDX-License-Identifier: Apache-2.0
#include "probe/node_tests.hpp"

#include <algorithm>

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

bool enough(const NodeTarget& node, const Cell& present, std::int64_t n) noexcept {
  if (!node.binary) return static_cast<double>(n) >= node.least_group;
  const std::int64_t rarer = std::min(present.s, present.n - present.s);
  return static_cast<Int128>(n) * rarer >= static_cast<Int128>(5) * present.n;
}

// Neighbours until each group is large enough; what is left over joins the last group.
std::vector<Cell> merge_neighbours(const NodeTarget& node, const Cell& present,
                                   std::span<const Cell> bins) {
  std::vector<Cell> groups;
  Cell open;
  for (const Cell& bin : bins) {
    open += bin;
    if (!enough(node, present, open.n)) continue;
    groups.push_back(open);
    open = {};
  }
  if (open.n > 0 && !groups.empty()) groups.back() += open;
  return groups;
}

// Levels that are too rare are merged with each other, most frequent first, until a group is large
// enough; what is left over joins the smallest group.
std::vector<Cell> merge_rare(const NodeTarget& node, const Cell& present,
                             std::span<const Cell> bins) {
  std::vector<Cell> groups, rare;
  for (const Cell& bin : bins) {
    if (bin.n > 0) (enough(node, present, bin.n) ? groups : rare).push_back(bin);
  }
  std::stable_sort(rare.begin(), rare.end(),
                   [](const Cell& a, const Cell& b) { return a.n > b.n; });
  Cell open;
  for (const Cell& level : rare) {
    open += level;
    if (!enough(node, present, open.n)) continue;
    groups.push_back(open);
    open = {};
  }
  if (open.n > 0 && !groups.empty()) {
    *std::min_element(groups.begin(), groups.end(),
                      [](const Cell& a, const Cell& b) { return a.n < b.n; }) += open;
  }
  return groups;
}

NodeTest binary_test(std::span<const Cell> groups) {
  std::vector<std::int64_t> n, positives;
  for (const Cell& g : groups) {
    n.push_back(g.n);
    positives.push_back(g.s);
  }
  const int df = static_cast<int>(groups.size()) - 1;
  return {stats::log_chi_square_tail(stats::chi_square_statistic(n, positives), df), df};
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
  const std::vector<Cell> groups =
      category ? merge_rare(node, present, bins) : merge_neighbours(node, present, bins);
  if (groups.size() < 2) return {};
  return node.binary ? binary_test(groups)
                     : numeric_test(groups, present, node.squares - missing_squares);
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
