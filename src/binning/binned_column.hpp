// SPDX-License-Identifier: Apache-2.0
// A column as bins: one byte a row. Ordered columns (numbers, booleans, times) by exact cut points,
// categories (text, dictionary) by their level. Code 255 is missing, and only that. Equal values
// get equal codes in every column type: int64 and the float64 of the same numbers, a dictionary and
// its text.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "binning/cut_points.hpp"
#include "core/column.hpp"
#include "core/hash.hpp"

namespace mlrepro::detail::binning {

struct BinnedColumn {
  core::ColumnPtr source{};  // the values below borrow its text
  bool is_category = false;
  int n_bins = 0;  // 0: all rows are missing
  RowIndex n_missing = 0;
  std::vector<std::uint8_t> codes{};  // of each row
  // Ordered: n_bins - 1 values; rows with x <= cuts[b] (strict[b]: x < cuts[b]) have a code <= b.
  // Category: cuts[b] is the level of bin b, levels ascend; the last one is `missing` where it
  // stands for all others.
  std::vector<Value> cuts{};
  std::vector<std::uint8_t> strict{};
  bool has_other = false;  // category with more than 255 levels: the 254 most frequent, and "other"
  // Of the codes; of the codes with the two values swapped (two bins, else equal to the first); of
  // the set of missing rows. Equal bytes have equal digests.
  core::Hash128 codes_digest{}, swapped_digest{}, missing_digest{};
  // Of the canonical values, where the source was let go; columns of equal values have equal ones.
  std::optional<core::Hash128> values_digest{};
};
using BinnedPtr = std::shared_ptr<const BinnedColumn>;

// Memory that one column after another is cut in.
struct KeyBuffers {
  std::vector<std::uint32_t> all32{}, present32{};
  std::vector<std::uint64_t> all64{}, present64{};
  std::vector<std::uint8_t> missing{};
};

BinnedColumn bin_column(const core::ColumnPtr& column, KeyBuffers& buffers);
// body(i, buffers) for n columns on several threads.
void for_each_column(std::size_t n, int threads,
                     const std::function<void(std::size_t, KeyBuffers&)>& body);
// Without the values: `source` keeps type and name, and the texts of levels; threads: serial.
BinnedColumn without_values(BinnedColumn column);

inline std::uint8_t swapped_code(std::uint8_t code) noexcept {  // of a column with two bins
  return code == kMissingCode ? code : static_cast<std::uint8_t>(1 - code);
}

// Text by bytes, everything else by its canonical element; the order of levels.
bool level_less(const Value& a, const Value& b);

}  // namespace mlrepro::detail::binning
