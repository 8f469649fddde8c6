// SPDX-License-Identifier: Apache-2.0
// The keys at given ranks, found by counting: the top 16 bits of all keys, then 8 bits more of
// those that share them with a rank, until the keys that are left are few enough to sort or no bit
// is left. O(n) a level; two levels for spread-out values. A pure function of the multiset of keys.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace mlrepro::detail::binning {

// ranks: 1-based, strictly ascending, 254 at most, none above keys.size(). Every key lies in
// [least, most]. One key a rank, ascending; repeats are kept.
template <class Key>  // std::uint32_t or std::uint64_t
std::vector<Key> keys_at_ranks(std::span<const Key> keys, Key least, Key most,
                               std::span<const std::uint64_t> ranks);

extern template std::vector<std::uint32_t> keys_at_ranks(std::span<const std::uint32_t>,
                                                         std::uint32_t, std::uint32_t,
                                                         std::span<const std::uint64_t>);
extern template std::vector<std::uint64_t> keys_at_ranks(std::span<const std::uint64_t>,
                                                         std::uint64_t, std::uint64_t,
                                                         std::span<const std::uint64_t>);

}  // namespace mlrepro::detail::binning
