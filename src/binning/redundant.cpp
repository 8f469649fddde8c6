// SPDX-License-Identifier: Apache-2.0
#include "binning/redundant.hpp"

#include <algorithm>
#include <map>

#include "core/cancel.hpp"

namespace mlrepro::detail::binning {
namespace {

bool same_values(const BinnedColumn& a, const BinnedColumn& b) {
  if (a.is_category != b.is_category) return false;
  if (a.values_digest || b.values_digest) return a.values_digest == b.values_digest;
  for (RowIndex row = 0; row < a.source->n_rows(); ++row) {
    core::check_cancelled_at(row);
    const Value x = a.source->value(row), y = b.source->value(row);
    if (x.is_missing() && y.is_missing()) continue;
    if (x.is_missing() != y.is_missing() || level_less(x, y) || level_less(y, x)) return false;
  }
  return true;
}

bool swapped_codes(const BinnedColumn& a, const BinnedColumn& b) noexcept {
  return std::equal(a.codes.begin(), a.codes.end(), b.codes.begin(),
                    [](std::uint8_t x, std::uint8_t y) { return x == swapped_code(y); });
}

// Whether b offers exactly the partitions of a, and how that reads; empty: it does not.
std::string relation(const NamedBins& a, const NamedBins& b) {
  if (a.bins->n_bins != b.bins->n_bins || a.bins->n_missing != b.bins->n_missing) return {};
  const bool two = a.bins->n_bins <= 2;
  if (!two && a.bins->is_category != b.bins->is_category) return {};
  const std::string first(a.name), second(b.name);
  if (a.bins->codes == b.bins->codes)
    return first +
           (same_values(*a.bins, *b.bins) ? " = " + second : " ~ " + second + " (same order)");
  if (a.bins->n_bins == 2 && swapped_codes(*a.bins, *b.bins))
    return first + " ~ " + second + " (two values swapped)";
  return {};
}

bool is_constant(const BinnedColumn& c) noexcept {
  return c.n_bins == 0 || (c.n_bins == 1 && c.n_missing == 0);
}

}  // namespace

Redundant find_redundant(const std::vector<NamedBins>& columns) {
  Redundant out;
  out.dropped.resize(columns.size());
  std::map<core::Hash128, std::vector<std::size_t>> kept_by_codes;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const NamedBins& c = columns[i];
    if (is_constant(*c.bins)) {
      out.dropped[i] = true;
      out.constant.emplace_back(c.name);
      continue;
    }
    for (const core::Hash128& key : {c.bins->codes_digest, c.bins->swapped_digest}) {
      for (const std::size_t earlier : kept_by_codes[key]) {
        if (out.dropped[i]) break;
        const std::string text = relation(columns[earlier], c);
        if (text.empty()) continue;
        out.dropped[i] = true;
        out.duplicates.push_back(text);
      }
    }
    if (!out.dropped[i]) kept_by_codes[c.bins->codes_digest].push_back(i);
  }
  return out;
}

}  // namespace mlrepro::detail::binning
