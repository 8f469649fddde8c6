// SPDX-License-Identifier: Apache-2.0
// Reads one column block by block: the canonical elements of its cells one after another (what
// leaves hash), and the hash of each cell (what sums and rows add). The bits are those of
// core::element, written by kernels a type.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/column.hpp"
#include "fingerprint/digests.hpp"

namespace mlrepro::detail::fingerprint {

inline constexpr int kBlockRows = 512;  // what a block touches stays in the first-level cache

struct Block {
  Block() : bytes(kBlockRows * 17) {}
  std::vector<char> bytes;  // elements; grows for text
  std::size_t size = 0;
  std::array<std::uint32_t, kBlockRows + 1> starts{};
  HashSum sum;  // of H("value", element)
  Counters counters;
  std::string_view elements() const noexcept { return {bytes.data(), size}; }
};

using RowSums = std::array<UInt128, kBlockRows>;  // the sum of a row's cells, mod 2^128
void hash_rows(const RowSums& rows, int n, const Seeds& seeds,
               Hash128* out) noexcept;  // H("row", sum)

class CellReader {
 public:
  CellReader(const core::Column& column, const Seeds& seeds);  // borrows both
  // Rows [begin, begin + n), n <= kBlockRows; adds H("cell", name hash, hash) of each to its row's
  // sum. Thread safety: many threads, each with a block of its own.
  void read(RowIndex begin, int n, Block& block, RowSums& rows) const;

  std::vector<Hash128> level_hashes() const;      // of a dictionary, in order; else empty
  std::vector<std::uint8_t> used_levels() const;  // one a level: does a row have it?

 private:
  struct Token {  // a value that is known beforehand
    std::string element{};
    Hash128 hash{}, cell{};
  };
  Token token(const Value& value) const;
  Hash128 cell_of(const Hash128& hash) const noexcept;
  template <class Write>
  void read_numbers(RowIndex begin, int n, Block& block, const Write& write) const;
  void read_fixed(RowIndex begin, int n, Block& block) const;
  void read_text(RowIndex begin, int n, Block& block) const;
  void read_tokens(RowIndex begin, int n, Block& block, RowSums& rows) const;
  void hash_elements(int n, Block& block, RowSums& rows) const;
  template <std::size_t kWidth>
  void hash_dense(int n, Block& block, RowSums& rows) const noexcept;

  const core::Column& column_;
  const Seeds& seeds_;
  Hash128 name_;
  Token missing_;
  std::vector<Token> tokens_;  // of a dictionary's levels; of false and true
};

}  // namespace mlrepro::detail::fingerprint
