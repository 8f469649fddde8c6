// SPDX-License-Identifier: Apache-2.0
// Pass 1 counts the top 16 bits of (key - least key). Pass 2 takes the keys of the buckets that
// hold a target rank and sorts them by radix. With at most 255 distinct values a small hash table
// ends the work before that.
#include "binning/cut_points.hpp"
#include "core/cancel.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace mlrepro::detail::binning {
namespace {

constexpr int kBucketBits = 16;
constexpr std::size_t kBuckets = std::size_t{1} << kBucketBits;

// Buckets of equal width over [least, most], in key order.
template <class Key>
struct Buckets {
  Key least = 0, most = 0;
  int shift = 0;
  explicit Buckets(Key low, Key high) noexcept : least(low), most(high) {
    shift =
        std::max(0, static_cast<int>(std::bit_width(static_cast<Key>(high - low))) - kBucketBits);
  }
  std::size_t operator()(Key key) const noexcept {
    return static_cast<std::size_t>(static_cast<Key>(key - least) >> shift);
  }
};

// The distinct keys, ascending; empty once there are more than kMostBins.
template <class Key>
std::vector<Key> few_distinct(std::span<const Key> keys) {
  constexpr std::size_t kSlots = 1024;
  std::array<Key, kSlots> slot{};
  std::array<bool, kSlots> used{};
  std::vector<Key> distinct;
  Key last = static_cast<Key>(~keys.front());
  for (const Key key : keys) {
    if (key == last) continue;
    last = key;
    std::size_t at =
        static_cast<std::size_t>((static_cast<std::uint64_t>(key) * 0x9e3779b97f4a7c15U) >> 54);
    while (used[at] && slot[at] != key) at = (at + 1) % kSlots;
    if (used[at]) continue;
    if (distinct.size() == static_cast<std::size_t>(kMostBins)) return {};
    used[at] = true;
    slot[at] = key;
    distinct.push_back(key);
  }
  std::sort(distinct.begin(), distinct.end());
  return distinct;
}

template <class Key>
void radix_sort(std::vector<Key>& keys, Key least, int n_bits) {
  constexpr int kDigit = 11;
  constexpr std::size_t kSmall = 4096;
  if (keys.size() < kSmall) {
    std::sort(keys.begin(), keys.end());
    return;
  }
  std::vector<Key> other(keys.size());
  for (int shift = 0; shift < n_bits; shift += kDigit) {
    check_cancelled();
    std::array<std::uint32_t, std::size_t{1} << kDigit> start{};
    const auto digit = [&](Key key) {
      return static_cast<std::size_t>(static_cast<Key>(key - least) >> shift) & (start.size() - 1);
    };
    for (const Key key : keys) ++start[digit(key)];
    std::uint32_t sum = 0;
    for (std::uint32_t& s : start) {
      const std::uint32_t count = s;
      s = sum;
      sum += count;
    }
    for (const Key key : keys) other[start[digit(key)]++] = key;
    keys.swap(other);
  }
}

// The keys at the ranks ceil(k n / 255), k = 1..254 (1-based), ascending, repeats kept.
template <class Key>
std::vector<Key> keys_at_ranks(std::span<const Key> keys, const Buckets<Key>& bucket) {
  std::vector<std::uint32_t> count(kBuckets);
  for (const Key key : keys) ++count[bucket(key)];
  check_cancelled();
  const std::uint64_t n = keys.size();
  std::vector<std::uint64_t> rank;
  for (std::uint64_t k = 1; k < kMostBins; ++k) rank.push_back((k * n + kMostBins - 1) / kMostBins);
  // Buckets that hold a rank: their keys will be sorted; `skipped` are the rows of the buckets
  // before that are not.
  std::vector<std::uint8_t> wanted(kBuckets);
  std::vector<std::uint64_t> at;
  std::uint64_t before = 0, skipped = 0, n_wanted = 0;
  for (std::size_t b = 0, k = 0; b < kBuckets && k < rank.size(); ++b) {
    const std::size_t first = k;
    for (; k < rank.size() && rank[k] <= before + count[b]; ++k)
      at.push_back(rank[k] - 1 - skipped);
    wanted[b] = k > first;
    (wanted[b] != 0 ? n_wanted : skipped) += count[b];
    before += count[b];
  }
  std::vector<Key> chosen;
  chosen.reserve(n_wanted);
  for (const Key key : keys) {
    if (wanted[bucket(key)] != 0) chosen.push_back(key);
  }
  radix_sort(chosen, bucket.least,
             static_cast<int>(std::bit_width(static_cast<Key>(bucket.most - bucket.least))));
  std::vector<Key> out;
  for (const std::uint64_t i : at) out.push_back(chosen[i]);
  return out;
}

template <class Key>
void add_cut(CutPoints<Key>& cuts, Key below, Key value, bool strict) {
  cuts.below.push_back(below);
  cuts.value.push_back(value);
  cuts.strict.push_back(strict ? 1 : 0);
}

template <class Key>
CutPoints<Key> cuts_from_ranks(std::span<const Key> at_ranks, Key least, Key most) {
  CutPoints<Key> cuts;
  for (std::size_t i = 0; i < at_ranks.size();) {
    std::size_t end = i + 1;
    while (end < at_ranks.size() && at_ranks[end] == at_ranks[i]) ++end;
    const Key value = at_ranks[i];
    const bool heavy = end - i >= 2;
    if (heavy && value != least) add_cut(cuts, static_cast<Key>(value - 1), value, true);
    if (value != most) add_cut(cuts, value, value, false);
    i = end;
  }
  return cuts;
}

// A strict cut right above the closed cut of the next smaller value leaves an empty bin: take it
// out.
template <class Key>
void drop_empty_bins(CutPoints<Key>& cuts, std::span<const Key> keys) {
  std::vector<std::uint8_t> codes(keys.size());
  assign_codes(cuts, keys, std::span(codes));
  std::array<bool, 256> seen{};
  for (const std::uint8_t code : codes) seen[code] = true;
  CutPoints<Key> kept;
  for (std::size_t i = 0; i < cuts.below.size(); ++i) {
    if (seen[i]) add_cut(kept, cuts.below[i], cuts.value[i], cuts.strict[i] != 0);
  }
  cuts = std::move(kept);
}

}  // namespace

template <class Key>
CutPoints<Key> exact_cut_points(std::span<const Key> keys) {
  CutPoints<Key> cuts;
  if (keys.empty()) return cuts;
  if (const std::vector<Key> distinct = few_distinct(keys); !distinct.empty()) {
    for (std::size_t i = 0; i + 1 < distinct.size(); ++i)
      add_cut(cuts, distinct[i], distinct[i], false);
    return cuts;
  }
  const auto [least, most] = std::minmax_element(keys.begin(), keys.end());
  const Buckets<Key> bucket(*least, *most);
  check_cancelled();
  const std::vector<Key> at_ranks = keys_at_ranks(keys, bucket);
  cuts = cuts_from_ranks(std::span<const Key>(at_ranks), *least, *most);
  if (std::find(cuts.strict.begin(), cuts.strict.end(), 1) != cuts.strict.end())
    drop_empty_bins(cuts, keys);
  return cuts;
}

template <class Key>
void assign_codes(const CutPoints<Key>& cuts, std::span<const Key> keys,
                  std::span<std::uint8_t> codes) {
  const std::size_t n_cuts = cuts.below.size();
  if (n_cuts == 0) {
    std::fill(codes.begin(), codes.end(), std::uint8_t{0});
    return;
  }
  // Guide table: before[b] cuts lie in buckets below b. Keys outside [first, last] cut are clamped
  // to it.
  std::vector<Key> below(cuts.below);
  const Key first = below.front(), last = below.back();
  below.resize(n_cuts + 2, static_cast<Key>(~Key{0}));
  const Buckets<Key> bucket(first, last);
  std::vector<std::uint8_t> before(kBuckets + 1);
  for (std::size_t b = 0, i = 0; b <= kBuckets; ++b) {
    while (i < n_cuts && bucket(below[i]) < b) ++i;
    before[b] = static_cast<std::uint8_t>(i);
  }
  for (std::size_t row = 0; row < keys.size(); ++row) {
    core::check_cancelled_at(static_cast<std::int64_t>(row));
    const Key key = keys[row];
    const std::size_t b = bucket(std::clamp(key, first, last));
    std::size_t code = before[b];
    for (std::size_t most = before[b + 1]; most - code > 8;) {  // many cuts in one bucket: halve
      const std::size_t middle = (code + most) / 2;
      (key > below[middle] ? code : most) = key > below[middle] ? middle + 1 : middle;
    }
    code += key > below[code] ? 1U : 0U;  // nearly always enough, and no branch to guess wrong
    code += key > below[code] ? 1U : 0U;
    while (key > below[code]) ++code;
    codes[row] = static_cast<std::uint8_t>(code);
  }
}

template CutPoints<std::uint32_t> exact_cut_points(std::span<const std::uint32_t>);
template CutPoints<std::uint64_t> exact_cut_points(std::span<const std::uint64_t>);
template void assign_codes(const CutPoints<std::uint32_t>&, std::span<const std::uint32_t>,
                           std::span<std::uint8_t>);
template void assign_codes(const CutPoints<std::uint64_t>&, std::span<const std::uint64_t>,
                           std::span<std::uint8_t>);

}  // namespace mlrepro::detail::binning
