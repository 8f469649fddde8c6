// SPDX-License-Identifier: Apache-2.0
// How slices are compared: scores against all rows with their bounds, and a part against a whole.
#pragma once
#include <algorithm>
#include <cstdint>
#include <span>

#include "core/elementary.hpp"
#include "probe/histogram.hpp"
#include "probe/node_tests.hpp"

namespace mlrepro::detail::probe {

// A slice is its excess over the mean in standard deviations.
class SliceScale {
 public:
  SliceScale(const CountTarget& target, std::span<const Row> rows) : binary_(target.binary) {
    const NodeTarget all = describe_node(target, rows);
    total_ = all.total;
    mean_ =
        static_cast<double>(total_.s) / static_cast<double>(std::max<std::int64_t>(total_.n, 1));
    const double variance =
        binary_ ? mean_ * (1 - mean_) : all.spread / 256;  // spread: in units of 2^-8
    sd_ = variance > 0 ? core::square_root(variance) : 1;
    for (const Row row : rows) most_ = std::max(most_, static_cast<double>(target.scaled[row]));
  }

  double score(const Cell& c) const noexcept {
    return excess(c) / (sd_ * core::square_root(static_cast<double>(c.n)));
  }
  // No part of these rows with `least` rows or more scores higher: its t rows sum up to t times the
  // largest value at most, and of a binary target to the positives that there are.
  double bound(const Cell& c, std::int64_t least) const noexcept {
    const auto n = static_cast<double>(c.n), top = most_ - mean_;
    if (!binary_) return top > 0 ? top / sd_ * core::square_root(n) : 0;
    const auto positives = static_cast<double>(c.s);
    const double t = std::min(n, std::max(static_cast<double>(least), positives));
    return (std::min(positives, t) - t * mean_) / (sd_ * core::square_root(t));
  }

 private:
  double excess(const Cell& c) const noexcept {
    return static_cast<double>(c.s) - static_cast<double>(c.n) * mean_;
  }

  bool binary_;
  Cell total_{};
  double mean_ = 0, sd_ = 1, most_ = 0;
};

// The rows that are left without one condition, and whether a part of them differs by more than
// chance.
struct SliceRest {
  Cell cell{};
  UInt128 squares = 0;  // of the target
  void add(std::int64_t t) noexcept {
    cell += Cell{1, t};
    squares += core::magnitude(static_cast<Int128>(t) * static_cast<Int128>(t));
  }
  // Standard deviations between the mean of a part and that of these rows.
  double score_of(const Cell& part) const noexcept {
    const auto n = static_cast<double>(part.n), all = static_cast<double>(cell.n);
    const double mean = static_cast<double>(cell.s) / all;
    const double variance = core::to_double(squares) / all - mean * mean;
    const double error = variance * n * (1 - n / all);
    if (!(error > 0)) return 0;
    return (static_cast<double>(part.s) - n * mean) / core::square_root(error);
  }
};

}  // namespace mlrepro::detail::probe
