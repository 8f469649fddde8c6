// SPDX-License-Identifier: Apache-2.0
#include "binning/rank_keys.hpp"

#include <algorithm>
#include <limits>
#include <type_traits>

#include <mlrepro/core/random.hpp>

#include "catch_compat.hpp"

using namespace mlrepro;
using detail::binning::keys_at_ranks;

namespace {

std::vector<std::uint64_t> shares(std::uint64_t n) {
  std::vector<std::uint64_t> ranks;
  for (std::uint64_t k = 1; k < 255; ++k) ranks.push_back((k * n + 254) / 255);
  return ranks;
}

template <class Key>
void check(std::vector<Key> keys, const std::vector<std::uint64_t>& ranks) {
  const auto [least, most] = std::minmax_element(keys.begin(), keys.end());
  const std::vector<Key> found =
      keys_at_ranks(std::span<const Key>(keys), *least, *most, std::span(ranks));
  std::sort(keys.begin(), keys.end());
  REQUIRE(found.size() == ranks.size());
  for (std::size_t i = 0; i < ranks.size(); ++i) REQUIRE(found[i] == keys[ranks[i] - 1]);
}

}  // namespace

TEMPLATE_TEST_CASE("keys at ranks are those of a sort", "[binning]", std::uint32_t, std::uint64_t) {
  using Key = TestType;
  constexpr std::size_t kRows = 60'000;
  const RandomStream random(7, "ranks");
  const auto made = [&](const auto& key) {
    std::vector<Key> keys;
    for (std::size_t i = 0; i < kRows; ++i)
      keys.push_back(static_cast<Key>(key(random.bits(i), i)));
    return keys;
  };
  const std::vector<std::vector<Key>> hostile{
      made([](std::uint64_t bits, std::size_t) { return bits; }),            // all bits
      made([](std::uint64_t bits, std::size_t) { return bits % 300; }),      // no bit is left
      made([](std::uint64_t bits, std::size_t) { return bits % 100'000; }),  // one bit is left
      made([](std::uint64_t bits, std::size_t) { return bits % 10 == 0 ? bits : 5; }),  // an atom
      made([](std::uint64_t, std::size_t i) { return i; }),
      made([](std::uint64_t, std::size_t i) { return std::numeric_limits<Key>::max() - i; }),
      // two clumps at the ends: all keys share their top bits with a rank, at level after level
      made([](std::uint64_t bits, std::size_t i) {
        return i % 2 == 0 ? bits % 1000 : std::numeric_limits<Key>::max() - bits % 1000;
      }),
      // one far value: the others share their first 16 bits
      made([](std::uint64_t bits, std::size_t i) {
        return i == 0 ? std::numeric_limits<Key>::max() : Key{1} << 9 | bits % 5000;
      })};
  for (const std::vector<Key>& keys : hostile) {
    check(keys, shares(keys.size()));
    check(keys, {1, 2, keys.size() - 1, keys.size()});
  }
  check<Key>({3, 1, 2}, {1, 2, 3});
  check<Key>({9}, {1});
}
