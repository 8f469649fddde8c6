// SPDX-License-Identifier: Apache-2.0
#include "binning/cut_points.hpp"

#include <algorithm>
#include <set>

#include <mlrepro/core/random.hpp>

#include "catch_compat.hpp"

using namespace mlrepro::detail::binning;

namespace {

// The rule of guide probe.md 2.1, by sorting: closed cuts (value, false) and cuts just below a
// value (value, true).
template <class Key>
std::vector<std::pair<Key, bool>> cuts_by_sorting(std::vector<Key> keys) {
  std::sort(keys.begin(), keys.end());
  std::vector<Key> distinct(keys);
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  std::vector<std::pair<Key, bool>> cuts;
  if (distinct.size() <= 255) {
    for (std::size_t i = 0; i + 1 < distinct.size(); ++i) cuts.emplace_back(distinct[i], false);
    return cuts;
  }
  std::vector<Key> at;
  for (std::size_t k = 1; k <= 254; ++k) at.push_back(keys[(k * keys.size() + 254) / 255 - 1]);
  std::set<Key> closed(at.begin(), at.end());
  for (const Key v : closed) {
    const bool heavy = std::count(at.begin(), at.end(), v) >= 2;
    const auto below = std::lower_bound(distinct.begin(), distinct.end(), v);
    // Just below v is no new place where the next smaller value is closed already, or there is
    // none.
    if (heavy && below != distinct.begin() && closed.count(*(below - 1)) == 0)
      cuts.emplace_back(v, true);
    if (v != distinct.back()) cuts.emplace_back(v, false);
  }
  return cuts;
}

template <class Key>
void check(const std::vector<Key>& keys) {
  const CutPoints<Key> cuts = exact_cut_points(std::span<const Key>(keys));
  const auto expected = cuts_by_sorting(keys);
  REQUIRE(cuts.value.size() == expected.size());
  REQUIRE(cuts.n_bins() <= kMostBins);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    REQUIRE(cuts.value[i] == expected[i].first);
    REQUIRE((cuts.strict[i] != 0) == expected[i].second);
  }
  std::vector<std::uint8_t> codes(keys.size());
  assign_codes(cuts, std::span<const Key>(keys), std::span(codes));
  std::set<int> used;
  for (std::size_t row = 0; row < keys.size(); ++row) {
    int code = 0;
    for (const auto& [value, strict] : expected)
      code += strict ? keys[row] >= value : keys[row] > value;
    REQUIRE(codes[row] == code);
    used.insert(code);
  }
  REQUIRE(static_cast<int>(used.size()) == cuts.n_bins());  // no empty bin
}

template <class Key>
std::vector<Key> random_keys(std::uint64_t seed, std::size_t n, int shape) {
  const mlrepro::RandomStream stream(seed, "cut points");
  std::vector<Key> keys;
  for (std::size_t i = 0; i < n; ++i) {
    std::uint64_t x = stream.bits(i);
    if (shape == 1) x >>= x % 64;                        // many scales
    if (shape == 2) x = x % 100 < 60 ? 1000 : x % 5000;  // one heavy value
    if (shape == 3)
      x = x % 100 < 1 ? ~std::uint64_t{0} : x % 700;  // an outlier that fills every bucket but two
    if (shape == 4) x = x % 256;                      // one value too many for one bin each
    if (shape == 5) x = x % 255;
    keys.push_back(static_cast<Key>(x));
  }
  return keys;
}

}  // namespace

TEMPLATE_TEST_CASE("cut points are the ranks of all rows, whatever the shape", "", std::uint32_t,
                   std::uint64_t) {
  for (int shape = 0; shape <= 5; ++shape) {
    for (const std::size_t n : {1U, 2U, 255U, 256U, 257U, 600U, 5000U})
      check(random_keys<TestType>(n, n, shape));
  }
}

TEST_CASE("many rows in one bucket do not hide an edge") {
  std::vector<std::uint64_t> keys = random_keys<std::uint64_t>(7, 30000, 0);
  for (std::uint64_t& key : keys) key %= 20000;
  keys.push_back(~std::uint64_t{0});
  keys.push_back(0);
  check(keys);
}

TEST_CASE("a value that most rows hold moves no edge of the others") {
  constexpr std::size_t kRows = 70'000;
  for (const std::uint64_t often : {0U, 1U, 40'000U, 79'999U, 80'000U}) {
    for (const std::uint64_t share : {55U, 90U, 100U}) {
      std::vector<std::uint32_t> keys = random_keys<std::uint32_t>(often, kRows, 0);
      for (std::size_t i = 0; i < kRows; ++i)
        keys[i] = static_cast<std::uint32_t>(
            keys[i] % 100 < share && i > 400 ? often : (keys[i] / 100) % 80'000);
      check(keys);
    }
  }
}

TEST_CASE("neighbouring heavy values leave no empty bin between them") {
  std::vector<std::uint32_t> keys;
  for (std::uint32_t v = 0; v < 400; ++v)
    keys.insert(keys.end(), v % 7 == 0 || v % 7 == 1 ? 50 : 1, v);
  check(keys);
}

TEST_CASE("the cut points feel neither the order of rows nor repeats of the whole column") {
  std::vector<std::uint64_t> keys = random_keys<std::uint64_t>(3, 2000, 1);
  const CutPoints<std::uint64_t> once = exact_cut_points(std::span<const std::uint64_t>(keys));
  std::reverse(keys.begin(), keys.end());
  REQUIRE(exact_cut_points(std::span<const std::uint64_t>(keys)).below == once.below);
}

TEST_CASE("1,000 equal steps are cut at ranks ceil(k n / 255): 199 and 599 are edges, 499 is not") {
  std::vector<std::uint32_t> keys(1000);
  for (std::uint32_t i = 0; i < 1000; ++i) keys[i] = i;
  const auto cuts = exact_cut_points(std::span<const std::uint32_t>(keys)).value;
  const auto has = [&](std::uint32_t v) { return std::binary_search(cuts.begin(), cuts.end(), v); };
  REQUIRE(has(199));
  REQUIRE(has(599));
  REQUIRE_FALSE(has(499));
  REQUIRE(has(498));
}
