// SPDX-License-Identifier: Apache-2.0
#include "probe/target_histogram.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <functional>
#include <utility>

#include <mlrepro/core/order_key.hpp>

#include "binning/rank_keys.hpp"
#include "core/cancel.hpp"
#include "probe/node_sums.hpp"

namespace mlrepro::detail::probe {
namespace {

constexpr int kInner = 10;  // bins between the quantiles

std::vector<std::uint64_t> keys_of(const TargetValues& target) {
  std::vector<std::uint64_t> keys;
  keys.reserve(target.values.size());
  for_each_row(target, [&](std::size_t row) {
    keys.push_back(core::ordered_bits(std::bit_cast<std::uint64_t>(target.values[row])));
  });
  return keys;
}

double value_of(std::uint64_t key) noexcept {
  return std::bit_cast<double>(core::unordered_bits(key));
}

std::vector<double> equal_widths(double low, double high) {
  std::vector<double> edges;
  for (int i = 0; i <= kInner; ++i) {
    const double share = static_cast<double>(i) / kInner;
    edges.push_back(i == kInner ? high : low + (high - low) * share);
  }
  const bool ascend = std::adjacent_find(edges.begin(), edges.end(), [](double a, double b) {
                        return !(a < b);
                      }) == edges.end();
  return ascend ? edges : std::vector<double>{};
}

std::vector<double> edges_of(const TargetValues& target) {
  const std::vector<std::uint64_t> keys = keys_of(target);
  const auto [least, most] = std::minmax_element(keys.begin(), keys.end());
  const std::uint64_t n = keys.size(), aside = n / 200;
  const std::array<std::uint64_t, 2> ranks{1 + aside, n - aside};
  const std::vector<std::uint64_t> at = binning::keys_at_ranks(
      std::span<const std::uint64_t>(keys), *least, *most, std::span<const std::uint64_t>(ranks));
  const std::vector<double> edges = equal_widths(value_of(at[0]), value_of(at[1]));
  return edges.empty() ? equal_widths(value_of(*least), value_of(*most)) : edges;
}

// Below the first edge, [e0, e1), ..., the last inner one closed, above the last edge.
std::size_t bin_of(double value, const std::vector<double>& edges) noexcept {
  if (value == edges.back()) return edges.size() - 1;
  return static_cast<std::size_t>(std::upper_bound(edges.begin(), edges.end(), value) -
                                  edges.begin());
}

}  // namespace

void add_histograms(const GrownTree& grown, const SearchSet& set, const TargetValues& target,
                    std::span<const Row> judged, TreeData& tree) {
  if (tree.is_rate()) return;
  tree.histogram_edges = edges_of(target);
  const std::vector<double>& edges = tree.histogram_edges;
  if (edges.empty()) return;
  using Counts = std::vector<RowIndex>;
  std::vector<Counts> counts = node_sums(
      grown, Router(set, grown), judged, Counts(edges.size() + 1),
      [&](Counts& bins, Row row) { ++bins[bin_of(target.values[row], edges)]; },
      [](Counts& all, const Counts& part) {
        std::transform(all.begin(), all.end(), part.begin(), all.begin(), std::plus<>());
      });
  for (std::size_t i = 0; i < counts.size(); ++i) tree.nodes[i].histogram = std::move(counts[i]);
}

}  // namespace mlrepro::detail::probe
