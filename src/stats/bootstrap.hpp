// SPDX-License-Identifier: Apache-2.0
// Poisson bootstrap: in draw d a row counts Poisson(1) times, by a function of (key, unit of the
// row, d) alone. Rows that share a unit move together. Draws come in blocks of four, one Philox
// block a row.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include <mlrepro/core/dataset.hpp>
#include <mlrepro/core/random.hpp>

namespace mlrepro::detail::stats {

inline constexpr int kLanes = 4;         // draws a block
inline constexpr int kMostRepeats = 12;  // Pr(Poisson(1) > 12) < 2^-32
using Repeats = std::array<std::uint8_t, kLanes>;

// How often each row counts in draws 4 * block ... 4 * block + 3.
void draw_repeats(const RandomStream& stream, std::uint64_t block,
                  std::span<const std::uint64_t> units, std::span<Repeats> repeats);

struct RowValues {  // what tells rows of one identity apart; empty spans count as equal values
  std::span<const double> y, prediction, compare;
  std::span<const std::uint64_t> weight;
};

// A unit for each row from its identity, or, where identity is empty, from (y, prediction). Unless
// `shared`, rows of one identity get units of their own, numbered by their values, so that the
// position of a row never matters: rows equal in all values may swap their units, and nothing
// changes.
std::vector<std::uint64_t> bootstrap_units(std::span<const RowId> identity, const RowValues& values,
                                           bool shared);

}  // namespace mlrepro::detail::stats
