// SPDX-License-Identifier: Apache-2.0
// How the canonical elements of float columns are written: many columns at once, and without a look
// at each value where a block holds nothing but fractions.
#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "core/row_block.hpp"

namespace mlrepro::detail::core {

// The next block of a column: too few bytes at a time for the CPU to foresee it.
template <class T>
void prefetch([[maybe_unused]] std::span<const T> values) noexcept {
#if defined(__GNUC__)
  for (std::size_t i = 0; i < values.size(); i += 64 / sizeof(T))
    __builtin_prefetch(&values[i], 0, 2);
#endif
}

// Whether all are fractions of a size at which they are no subnormals and may have a fraction at
// all: as integers such a number is written as its bits. Adding and subtracting the first power of
// two whose unit is 1 rounds the fraction away, in every rounding mode.
template <class Float, class Bits>
struct Fractions {
  static constexpr int kDigits = std::numeric_limits<Float>::digits - 1;
  static constexpr Bits kSign = Bits{1} << (8 * sizeof(Bits) - 1);
  static constexpr Bits kInfinity = std::bit_cast<Bits>(std::numeric_limits<Float>::infinity());
  static constexpr Float kWhole = static_cast<Float>(std::uint64_t{1} << kDigits);
  static constexpr Bits kLeast = Bits{1} << kDigits;  // the first normal number
  static constexpr Bits kRange = std::bit_cast<Bits>(kWhole) - kLeast;

  static Bits is_one(Bits magnitude) noexcept {
    const Float x = std::bit_cast<Float>(magnitude);
    return static_cast<Bits>(magnitude - kLeast < kRange) &
           static_cast<Bits>(x + kWhole - kWhole != x);
  }
  static bool are_all(const Bits* bits, std::size_t n) noexcept {
    Bits all = 1;
    for (std::size_t i = 0; i < n; ++i) all &= is_one(bits[i] & ~kSign);
    return all != 0;
  }
  // Fractions, zeros and NaN, each by its tag; false: there are others.
  static bool tag_all(const Bits* bits, std::size_t n, std::uint8_t* tags) noexcept {
    Bits all = 1;
    for (std::size_t i = 0; i < n; ++i) {
      const Bits magnitude = bits[i] & ~kSign;
      const Bits fraction = is_one(magnitude), zero = static_cast<Bits>(magnitude == 0);
      all &= fraction | zero | static_cast<Bits>(magnitude > kInfinity);
      tags[i] = static_cast<std::uint8_t>(fraction * kNumberTag + zero * kNaturalTag);
    }
    return all != 0;
  }
};
static_assert(kMissingTag == 0 && kNaturalTag + 7 < 16 && kNumberTag + 7 < 16);

inline std::uint64_t widen_normal(std::uint32_t bits) noexcept {
  return (std::uint64_t{bits & 0x7fffffffU} << 29) + (std::uint64_t{896} << 52) +
         (std::uint64_t{bits >> 31} << 63);
}
inline std::uint64_t widen_normal(std::uint64_t bits) noexcept {
  return bits;
}

// Neighbouring columns of one floating type without nulls: most of a wide table. Where a block of
// them holds nothing but fractions, each is its tag and its bits.
class FloatRun {
 public:
  static bool takes(const Column& column) noexcept {
    return (column.kind() == Type::float32 || column.kind() == Type::float64) &&
           column.n_null() == 0;
  }
  explicit FloatRun(Type kind) : kind_(kind) {}
  bool add(const Column& column) {
    if (columns_.size() == kLongest || column.kind() != kind_ || !takes(column)) return false;
    columns_.push_back(&column);
    return true;
  }
  void write(RowIndex begin, int n, RowBlock& block) const {
    if (kind_ == Type::float32) {
      values<float, std::uint32_t>(begin, n, block, write_float);
    } else {
      values<double, std::uint64_t>(begin, n, block, write_double);
    }
  }

 private:
  static constexpr std::size_t kLongest = 32;  // columns

  template <class Float, class Bits, class Write>
  void values(RowIndex begin, int n, RowBlock& block, const Write& write_one) const {
    // Columns lie a power of two apart more often than not, and would drive each other out of cache
    // if they were read row by row.
    std::uint64_t words[kLongest][kBlockRows + 8];
    std::uint8_t tags[kLongest][kBlockRows];
    const auto rows = static_cast<std::size_t>(n);
    bool plain = true, tagged = true;
    for (std::size_t c = 0; c < columns_.size() && tagged; ++c) {
      const std::span<const Bits> rest =
          columns_[c]->as<Bits>().subspan(static_cast<std::size_t>(begin));
      prefetch(rest.subspan(rows, std::min(rest.size() - rows, rows)));
      const Bits* bits = rest.data();
      plain = plain && Fractions<Float, Bits>::are_all(bits, rows);
      tagged = plain || Fractions<Float, Bits>::tag_all(bits, rows, tags[c]);
      if (plain) std::fill_n(tags[c], n, std::uint8_t{kNumberTag});
      for (std::size_t i = 0; i < rows; ++i)
        words[c][i] = tags[c][i] == kNumberTag ? widen_normal(bits[i]) : 0;
    }
    if (plain) {
      block.append_columns(n, columns_.size(), most_bytes(kind_),
                           [&](std::size_t i, std::size_t c, char* out) {
                             return write_tagged(kNumberTag, words[c][i], out);
                           });
      return;
    }
    if (tagged) {  // the payload behind a missing value's tag is written over by the next one
      block.append_columns(n, columns_.size(), most_bytes(kind_),
                           [&](std::size_t i, std::size_t c, char* out) {
                             write_tagged(tags[c][i], words[c][i], out);
                             return 1U + ((tags[c][i] + 7U) & 8U);  // no branch to guess wrong
                           });
      return;
    }
    for (const Column* column : columns_) {
      const Bits* bits = column->as<Bits>().data() + begin;
      block.append_column(n, most_bytes(kind_),
                          [&](std::size_t i, char* out) { return write_one(bits[i], out); });
    }
  }

  Type kind_;
  std::vector<const Column*> columns_{};
};

}  // namespace mlrepro::detail::core
