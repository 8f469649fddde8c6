// SPDX-License-Identifier: Apache-2.0
// The rows that differ between two tables of the same columns: by key where both declare the same
// one, by position where every difference is in place, else as removed and added. O(cells + n log
// n), 16 bytes a row.
#pragma once
#include <string>
#include <vector>

#include "core/table.hpp"
#include "fingerprint/digests.hpp"

namespace mlrepro::detail::fingerprint {

inline constexpr std::size_t kMaxExamples = 100;

struct RowChange {
  RowIndex row_a = -1, row_b = -1;     // -1: not there
  std::string key{};                   // as text; empty without a key
  std::vector<std::string> columns{};  // of a changed row
};

struct RowChanges {
  RowIndex count = 0;
  std::vector<RowChange> examples{};  // the first kMaxExamples, by row
};

enum class Pairing { key, position, values };

struct RowDiff {
  Pairing pairing = Pairing::values;
  RowChanges changed{}, added{}, removed{};
  std::vector<std::string>
      columns{};  // in which a changed row differs, in the order of the first table
};

std::vector<Hash128> row_hashes(const core::Table& table, const Seeds& seeds, int threads);
HashSum sum_of(const std::vector<Hash128>& hashes) noexcept;

RowDiff diff_by_position(const core::Table& a, const core::Table& b,
                         const std::vector<Hash128>& rows_a,
                         const std::vector<Hash128>& rows_b);  // of as many rows
// Where one table is the other and more rows at its end: those.
RowDiff diff_at_end(const core::Table& a, const core::Table& b);
RowDiff diff_rows(const core::Table& a, const core::Table& b, const std::vector<Hash128>& rows_a,
                  const std::vector<Hash128>& rows_b, int threads);

}  // namespace mlrepro::detail::fingerprint
