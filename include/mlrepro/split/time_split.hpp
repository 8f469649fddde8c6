// SPDX-License-Identifier: Apache-2.0
// Train before an instant, test from it on. Rows with equal times never part; a training row whose
// label is known only at or after the cut is purged. With `unseen`, test rows must also be of
// entities that training never sees. Thread safety: immutable, may be shared between threads.
#pragma once
#include <cstdint>
#include <string>

#include <mlrepro/split/hash_split.hpp>

namespace mlrepro::split {

struct TimeSplitOptions {
  Value test_from{};  // first test instant, of the time column's kind: timestamp, local_timestamp
                      // or date
  double test_fraction = 0;  // or: this share of the rows, cut at the nearer edge of tied times
  std::string time{};        // column; empty: the dataset's time role
  std::int64_t horizon_ns =
      -1;  // how long after its time a row's label is known, from a recipe; -1: not given
  std::int64_t purge_ns = -1;  // the same, set by hand
  std::string allow_leak{};    // why purge_ns may be shorter than horizon_ns; stored and printed
  const HashSplit* unseen = nullptr;  // parts train and test; copied
};

class TimeSplit {
 public:
  // ArgumentError: both or none of test_from and test_fraction; LeakError: purge_ns < horizon_ns
  // without allow_leak.
  MLREPRO_API explicit TimeSplit(const TimeSplitOptions& options);
  // Parts train, test, purged, quarantine (with unseen), missing (time is null). SchemaError: no
  // time, mixed naive and zoned times, label_time before time; ArgumentError: nothing on one side,
  // all of train purged.
  [[nodiscard]] MLREPRO_API Plan plan(const Dataset& dataset, int threads = 0) const;

 private:
  mlrepro::detail::Ref ref_;
};

}  // namespace mlrepro::split
