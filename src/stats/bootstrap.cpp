// SPDX-License-Identifier: Apache-2.0
#include "stats/bootstrap.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

#include "core/cancellable_sort.hpp"
#include "core/canonical.hpp"
#include "core/element_bytes.hpp"
#include "core/hash.hpp"

namespace mlrepro::detail::stats {
namespace {

// round(2^32 Pr(Poisson(1) <= k)), k = 0 ... 11: a random word counts as many times as there are
// entries not above it.
constexpr std::uint32_t kPoisson[kMostRepeats] = {
    1580030169U, 3160060337U, 3950075422U, 4213413783U, 4279248374U, 4292415292U,
    4294609778U, 4294923276U, 4294962463U, 4294966817U, 4294967253U, 4294967292U};

constexpr std::uint8_t count_entries(std::uint32_t word) noexcept {
  std::uint8_t n = 0;
  while (n < kMostRepeats && word >= kPoisson[n]) ++n;
  return n;
}

// The answer by the top ten bits of a word, or kLook where an entry lies among the words that share
// them.
constexpr std::uint8_t kLook = 255;
constexpr std::array<std::uint8_t, 1024> make_table() noexcept {
  std::array<std::uint8_t, 1024> table{};
  for (std::uint32_t top = 0; top < 1024; ++top) {
    const std::uint8_t first = count_entries(top << 22);
    table[top] = first == count_entries((top << 22) | 0x3fffffU) ? first : kLook;
  }
  return table;
}
constexpr std::array<std::uint8_t, 1024> kByTopBits = make_table();

std::uint8_t poisson(std::uint32_t word) noexcept {
  const std::uint8_t n = kByTopBits[word >> 22];
  return n == kLook ? count_entries(word) : n;
}

std::vector<core::Hash128> row_hashes(std::span<const RowId> identity, const RowValues& values) {
  std::vector<core::Hash128> hashes(values.y.size());
  const std::uint64_t seed = core::domain_seed("evaluate");
  core::ElementBuffer elements;
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    core::check_cancelled_at(static_cast<RowIndex>(i));
    if (!identity.empty()) {
      hashes[i] = {identity[i].low, identity[i].high};
      continue;
    }
    elements.clear();
    elements.append(Value(values.y[i]));
    elements.append(Value(values.prediction[i]));
    hashes[i] = core::xxh3_128(elements.data(), elements.size(), seed);
  }
  return hashes;
}

std::uint64_t sort_bits(double x) noexcept {
  return core::ordered_bits(std::bit_cast<std::uint64_t>(x));
}

// Negative, zero or positive: the order of two rows by their values.
int compare_values(const RowValues& v, std::size_t i, std::size_t j) noexcept {
  const auto by = [](std::uint64_t a, std::uint64_t b) { return a < b ? -1 : a > b ? 1 : 0; };
  if (const int c = by(sort_bits(v.y[i]), sort_bits(v.y[j])); c != 0) return c;
  if (const int c = by(sort_bits(v.prediction[i]), sort_bits(v.prediction[j])); c != 0) return c;
  if (!v.weight.empty()) {
    if (const int c = by(v.weight[i], v.weight[j]); c != 0) return c;
  }
  return v.compare.empty() ? 0 : by(sort_bits(v.compare[i]), sort_bits(v.compare[j]));
}

std::uint64_t unit_of(const core::Hash128& hash, std::uint64_t occurrence) noexcept {
  char bytes[24];  // little-endian on every machine
  core::store_u64(bytes, hash.low);
  core::store_u64(bytes + 8, hash.high);
  core::store_u64(bytes + 16, occurrence);
  return core::xxh3_64(bytes, sizeof bytes, 0);
}

}  // namespace

void draw_repeats(const RandomStream& stream, std::uint64_t block,
                  std::span<const std::uint64_t> units, std::span<Repeats> repeats) {
  for (std::size_t i = 0; i < units.size(); ++i) {
    core::check_cancelled_at(static_cast<RowIndex>(i));
    const PhiloxBlock words = stream.block(units[i], block);
    for (std::size_t lane = 0; lane < kLanes; ++lane) repeats[i][lane] = poisson(words[lane]);
  }
}

std::vector<std::uint64_t> bootstrap_units(std::span<const RowId> identity, const RowValues& values,
                                           bool shared) {
  const std::vector<core::Hash128> hashes = row_hashes(identity, values);
  std::vector<std::uint64_t> units(hashes.size());
  if (shared) {
    for (std::size_t i = 0; i < units.size(); ++i) units[i] = unit_of(hashes[i], 0);
    return units;
  }
  std::vector<std::size_t> order(hashes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto before = [&](std::size_t i, std::size_t j) {  // rows that tie are equal in all values
    return hashes[i] == hashes[j] ? compare_values(values, i, j) < 0 : hashes[i] < hashes[j];
  };
  core::cancellable_sort(order.begin(), order.end(), before);
  std::uint64_t occurrence = 0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    occurrence = k > 0 && hashes[order[k]] == hashes[order[k - 1]] ? occurrence + 1 : 0;
    units[order[k]] = unit_of(hashes[order[k]], occurrence);
  }
  return units;
}

}  // namespace mlrepro::detail::stats
