// SPDX-License-Identifier: Apache-2.0
// What is different between two tables, in words: "only row order", "dtype only: int64 -> float64
// (dep_time)", "3 rows changed in dep_time". From two fingerprints alone the cause is told as far
// as digests prove it; with both tables at hand the rows are named too, by key where both declare
// the same key. Never guesses: what is not proven is said to be unknown. O(columns + leaves) from
// fingerprints, O(cells + n log n) with tables.
#pragma once
#include <string>
#include <string_view>

#include <mlrepro/fingerprint/fingerprint.hpp>

namespace mlrepro {

enum class VerdictKind : std::uint8_t {
  not_comparable,  // another hash_key
  identical,       // values, order and schema
  same_values,  // dtype, unit, zone, null form, -0.0, categories or column order differ: see notes
  same_rows,    // as sets of rows; the order of one side is unknown
  row_order,    // same rows in another order
  re_paired,    // every column has its values, the rows do not: a shifted or re-sorted column
  columns,      // columns were added, removed or renamed
  stacked,      // one table is the other several times
  rows_added,
  rows_removed,
  appended,   // the first table, then more rows
  truncated,  // the reverse
  changed
};
MLREPRO_API std::string_view to_string(VerdictKind kind) noexcept;

// Thread safety: immutable, may be shared between threads.
class Verdict {
 public:
  [[nodiscard]] MLREPRO_API VerdictKind kind() const noexcept;
  [[nodiscard]] bool same() const noexcept { return kind() == VerdictKind::identical; }
  [[nodiscard]] MLREPRO_API std::string_view text() const noexcept;  // the words
  // Canonical JSON "mlrepro.verdict" version 1: kind, text, notes, columns, and rows with at most
  // 100 examples a list.
  [[nodiscard]] MLREPRO_API std::string to_json() const;

  explicit Verdict(detail::Ref ref) noexcept : ref_(static_cast<detail::Ref&&>(ref)) {}

 private:
  detail::Ref ref_;
};

[[nodiscard]] MLREPRO_API Verdict verdict(const Fingerprint& a, const Fingerprint& b);

// With the tables that the two fingerprints were made of; made anew where their hash keys differ.
// ArgumentError: a table is not the one that was fingerprinted.
[[nodiscard]] MLREPRO_API Verdict verdict(const Fingerprint& a, const Fingerprint& b,
                                          const Dataset& left, const Dataset& right,
                                          int threads = 0);

}  // namespace mlrepro
