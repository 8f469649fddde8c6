// SPDX-License-Identifier: Apache-2.0
// With at most 255 distinct values a small hash table ends the work; else the keys at equal shares
// of the ranks are looked for.
#include "binning/cut_points.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>

#include "binning/rank_keys.hpp"
#include "core/cancel.hpp"

namespace mlrepro::detail::binning {
namespace {

constexpr int kBucketBits = 16;
constexpr std::size_t kBuckets = std::size_t{1} << kBucketBits;

// Buckets of equal width over [least, most], in key order.
template <class Key>
struct Buckets {
  Key least = 0, most = 0;
  int shift = 0;
  Buckets(Key low, Key high) noexcept : least(low), most(high) {
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

// ceil(k n / 255), k = 1..254
std::vector<std::uint64_t> equal_shares(std::uint64_t n) {
  std::vector<std::uint64_t> ranks;
  for (std::uint64_t k = 1; k < kMostBins; ++k)
    ranks.push_back((k * n + kMostBins - 1) / kMostBins);
  return ranks;
}

// A key that many rows hold, if there is one: a guess from a few of them, which only costs time.
template <class Key>
std::optional<Key> frequent_key(std::span<const Key> keys) {
  constexpr std::size_t kLooks = 64;
  if (keys.size() < kBuckets) return {};
  std::array<Key, kLooks> some{};
  for (std::size_t i = 0; i < kLooks; ++i) some[i] = keys[i * (keys.size() / kLooks)];
  std::sort(some.begin(), some.end());
  const Key middle = some[kLooks / 2];
  const auto [first, last] = std::equal_range(some.begin(), some.end(), middle);
  if (static_cast<std::size_t>(last - first) < kLooks / 4) return {};
  return middle;
}

// Counting one key over and over is slow, and it would be counted anew at every level: it is set
// aside, and the ranks that fall on it are its own.
template <class Key>
std::vector<Key> keys_at_shares(std::span<const Key> keys, Key least, Key most) {
  const std::vector<std::uint64_t> ranks = equal_shares(keys.size());
  const std::optional<Key> often = frequent_key(keys);
  if (!often) return keys_at_ranks(keys, least, most, std::span<const std::uint64_t>(ranks));
  std::vector<Key> others(keys.size());  // every key is written, and counted if it stays
  std::uint64_t n = 0, below = 0;
  for (const Key key : keys) {
    others[n] = key;
    n += key != *often ? 1 : 0;
    below += key < *often ? 1 : 0;
  }
  const std::uint64_t n_often = keys.size() - n;
  std::vector<std::uint64_t> of_others;
  for (const std::uint64_t rank : ranks) {
    if (rank <= below) of_others.push_back(rank);
    if (rank > below + n_often) of_others.push_back(rank - n_often);
  }
  std::vector<Key> out = keys_at_ranks(std::span<const Key>(others.data(), n), least, most,
                                       std::span<const std::uint64_t>(of_others));
  const auto at = std::upper_bound(out.begin(), out.end(), *often);
  out.insert(at, ranks.size() - of_others.size(), *often);
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

// How many cuts lie below a key: a guide table of the buckets between first and last cut, and the
// few cuts within one.
template <class Key>
class CodeTable {
 public:
  explicit CodeTable(const std::vector<Key>& cuts)
      : below_(cuts), bucket_(cuts.front(), cuts.back()) {
    below_.resize(cuts.size() + 2, static_cast<Key>(~Key{0}));  // above them all
    std::size_t most_in_one = 0;
    for (std::size_t b = 0, i = 0; b <= kBuckets; ++b) {
      const std::size_t start = i;
      while (i < cuts.size() && bucket_(below_[i]) < b) ++i;
      before_[b] = static_cast<std::uint8_t>(i);
      most_in_one = std::max(most_in_one, i - start);
    }
    two_at_most_ = most_in_one <= 2;
  }

  void assign(std::span<const Key> keys, std::span<std::uint8_t> codes) const noexcept {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const Key key = keys[i];
      const std::size_t b = bucket_(std::clamp(key, bucket_.least, bucket_.most));
      std::size_t code = two_at_most_ ? before_[b] : nearly(key, before_[b], before_[b + 1]);
      code += key > below_[code] ? 1U : 0U;  // no branch to guess wrong
      code += key > below_[code] ? 1U : 0U;
      codes[i] = static_cast<std::uint8_t>(code);
    }
  }

 private:
  // The code less two at most, of a bucket that holds many cuts.
  std::size_t nearly(Key key, std::size_t code, std::size_t most) const noexcept {
    while (most > code + 2) {
      const std::size_t middle = (code + most) / 2;
      (key > below_[middle] ? code : most) = key > below_[middle] ? middle + 1 : middle;
    }
    return code;
  }

  std::vector<Key> below_;
  Buckets<Key> bucket_;
  bool two_at_most_ = false;
  std::vector<std::uint8_t> before_ =
      std::vector<std::uint8_t>(kBuckets + 1);  // cuts in lower ones
};

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
  Key least = keys.front(), most = least;  // std::minmax_element is not vectorised
  for (const Key key : keys) {
    least = std::min(least, key);
    most = std::max(most, key);
  }
  check_cancelled();
  const std::vector<Key> at_ranks = keys_at_shares(keys, least, most);
  cuts = cuts_from_ranks(std::span<const Key>(at_ranks), least, most);
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
  const CodeTable<Key> table(cuts.below);
  constexpr std::size_t kBlock = std::size_t{1} << 16;
  for (std::size_t begin = 0; begin < keys.size(); begin += kBlock) {
    check_cancelled();
    const std::size_t n = std::min(kBlock, keys.size() - begin);
    table.assign(keys.subspan(begin, n), codes.subspan(begin, n));
  }
}

template CutPoints<std::uint32_t> exact_cut_points(std::span<const std::uint32_t>);
template CutPoints<std::uint64_t> exact_cut_points(std::span<const std::uint64_t>);
template void assign_codes(const CutPoints<std::uint32_t>&, std::span<const std::uint32_t>,
                           std::span<std::uint8_t>);
template void assign_codes(const CutPoints<std::uint64_t>&, std::span<const std::uint64_t>,
                           std::span<std::uint8_t>);

}  // namespace mlrepro::detail::binning
