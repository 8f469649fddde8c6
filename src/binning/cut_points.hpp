// SPDX-License-Identifier: Apache-2.0
// Exact cut points of one column, found by counting over order-preserving integer keys of all its
// values, never of a sample. At most 255 distinct values: one bin a value. Else the values at ranks
// ceil(k n / 255), k = 1..254; a value that takes two ranks or more also gets a cut just below it,
// and so a bin of its own. A pure function of the multiset of keys: order of rows, threads and
// chunks change nothing. O(n) time and memory.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace mlrepro::detail::binning {

inline constexpr int kMostBins = 255;
inline constexpr std::uint8_t kMissingCode = 255;

// Keys that are <= below[i] lie left of cut i (below ascends). `value[i]` is the key in the data
// that names the cut, and strict[i] says how: 0: x <= value goes left, 1: x < value goes left (then
// below = value - 1).
template <class Key>
struct CutPoints {
  std::vector<Key> below{};
  std::vector<Key> value{};
  std::vector<std::uint8_t> strict{};
  int n_bins() const noexcept { return static_cast<int>(below.size()) + 1; }
};

template <class Key>  // std::uint32_t or std::uint64_t
CutPoints<Key> exact_cut_points(std::span<const Key> keys);

// codes[i] = number of cuts that keys[i] lies above, 0..254.
template <class Key>
void assign_codes(const CutPoints<Key>& cuts, std::span<const Key> keys,
                  std::span<std::uint8_t> codes);

extern template CutPoints<std::uint32_t> exact_cut_points(std::span<const std::uint32_t>);
extern template CutPoints<std::uint64_t> exact_cut_points(std::span<const std::uint64_t>);
extern template void assign_codes(const CutPoints<std::uint32_t>&, std::span<const std::uint32_t>,
                                  std::span<std::uint8_t>);
extern template void assign_codes(const CutPoints<std::uint64_t>&, std::span<const std::uint64_t>,
                                  std::span<std::uint8_t>);

}  // namespace mlrepro::detail::binning
