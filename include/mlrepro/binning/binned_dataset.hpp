// SPDX-License-Identifier: Apache-2.0
// A table cut into bins once, so that any number of probes can be put to it: one byte a value.
// Edges come from all rows, exactly: at most 255 distinct values get a bin each, else the values at
// the ranks ceil(k n / 255) close a bin each, and a value that takes two ranks or more sits alone;
// missing (null and NaN) is a bin of its own. Categories with more than 255 levels keep the 254
// most frequent, and "other". A pure function of each column's values: threads and batches change
// no byte, the order of rows changes only the order of codes. O(rows) a column.
// Thread safety: immutable to its users, may be shared between threads; what is binned on demand is
// binned under a lock.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <mlrepro/core/dataset.hpp>

namespace mlrepro {

class BinnedDataset {
 public:
  // Bins the features and the join outcomes now; other columns when a call first names them.
  // threads: 0: MLREPRO_NUM_THREADS, OMP_NUM_THREADS, the CPUs of the process.
  MLREPRO_API explicit BinnedDataset(const Dataset& rows, int threads = 0);

  // Of a stream: the columns that were kept.
  MLREPRO_API const Dataset& dataset() const& noexcept;
  const Dataset& dataset() const&& = delete;

  // All throw ColumnNotFoundError.
  MLREPRO_API int n_bins(
      std::string_view column) const;  // of values, 0..255; missing is beside them
  MLREPRO_API RowIndex n_missing(std::string_view column) const;
  // One byte a row: the bin of its value, 255 where it is missing. Borrowed from this object.
  MLREPRO_API std::span<const std::uint8_t> codes(std::string_view column) const&;
  std::span<const std::uint8_t> codes(std::string_view column) const&& = delete;
  // What a bin holds, e.g. "12 < x <= 17", "'AA'", "other"; ArgumentError outside [0, n_bins()).
  MLREPRO_API std::string bin_text(std::string_view column, int bin) const;

  // Canonical JSON of the features and join outcomes in order of name: bins, edges, missing rows;
  // constant columns; columns that say the same as another one ("a = b", "a ~ b (same order)",
  // "a ~ b (two values swapped)").
  MLREPRO_API std::string to_json() const;

  explicit BinnedDataset(detail::Ref ref) noexcept : ref_(static_cast<detail::Ref&&>(ref)) {}
  const detail::Ref& ref() const noexcept { return ref_; }

 private:
  detail::Ref ref_;
};

}  // namespace mlrepro
