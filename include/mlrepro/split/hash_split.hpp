// SPDX-License-Identifier: Apache-2.0
// Named parts by a salted hash of a key: a row's part depends on its key alone, so that old rows
// never move when the data grow, and a service finds the same part from the key. A key never lies
// in two parts. Expected shares are the fractions; the report bounds the deviation. exact = true:
// exact sizes, but only the saved plan holds the rows in place. Thread safety: immutable, may be
// shared between threads.
#pragma once
#include <initializer_list>
#include <span>
#include <string>

#include <mlrepro/split/plan.hpp>

namespace mlrepro::split {

struct Fraction {
  std::string name{};
  double fraction = 0;  // read as its shortest decimal; all of a split must add up to exactly 1
};

struct HashSplitOptions {
  Names by{};          // columns of the key; none: the identity of the row
  std::string salt{};  // another salt, another split
  bool exact = false;  // exact sizes, fitted to the table
};

class HashSplit : public Assigner {
 public:
  // ArgumentError: fractions outside (0, 1] or not adding up to 1, names empty, repeated, reserved
  // or with a '/'.
  MLREPRO_API explicit HashSplit(std::span<const Fraction> parts,
                                 const HashSplitOptions& options = {});
  explicit HashSplit(std::initializer_list<Fraction> parts, const HashSplitOptions& options = {})
      : HashSplit(std::span(parts.begin(), parts.size()), options) {}

  // O(rows). SchemaError: no usable identity; ArgumentError: a part without a row. threads 0: all
  // usable CPUs.
  [[nodiscard]] MLREPRO_API Plan plan(const Dataset& dataset, int threads = 0) const;

  const mlrepro::detail::Ref& ref() const noexcept { return ref_; }
};

}  // namespace mlrepro::split
