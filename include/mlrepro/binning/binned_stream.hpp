// SPDX-License-Identifier: Apache-2.0
// Bins of a table that does not fit in memory. Its rows pass twice: once in batches, for the
// identity of each row; once in blocks of whole columns, each of which is binned and let go. What
// stays is one byte a value, 16 bytes a row, and the columns that a target may be made of. The
// bytes are those of BinnedDataset(whole table). O(rows) a column; a key is
// sorted to find repeats.
// Thread safety: one thread at a time.
#pragma once
#include <cstdint>

#include <mlrepro/binning/binned_dataset.hpp>

namespace mlrepro {

struct StreamOptions {
  Names keep{};            // columns whose values stay, beside label, prediction and weight
  std::uint64_t seed = 0;  // of the probes that will be honest: the halves are made while rows pass
  int threads = 0;         // 0: MLREPRO_NUM_THREADS, OMP_NUM_THREADS, the CPUs of the process
};

class BinnedStream {
 public:
  MLREPRO_API explicit BinnedStream(const Roles& roles = {}, const StreamOptions& options = {});

  // The next rows, with at least the columns that identity is made of: the key, or without one all
  // columns. Their key is that of the stream. SchemaError: other columns or another key, a null in
  // the key. ArgumentError, of all three: not in this order.
  MLREPRO_API void add_rows(const Dataset& batch);
  // All rows of columns that were not added yet, in the order of the rows. SchemaError: another
  // number of rows, a column again. ColumnNotFoundError.
  MLREPRO_API void add_columns(const Dataset& block);
  // SchemaError: no rows, a key that repeats, a column of the rows that was not added.
  MLREPRO_API BinnedDataset finish();

 private:
  detail::Ref state_;
};

}  // namespace mlrepro
