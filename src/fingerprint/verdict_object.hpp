// SPDX-License-Identifier: Apache-2.0
// What stands behind a Verdict: facts first, the words are made of them at the end.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include <mlrepro/fingerprint/verdict.hpp>

#include "core/ref_object.hpp"
#include "fingerprint/fingerprint_object.hpp"
#include "fingerprint/row_diff.hpp"

namespace mlrepro::detail::fingerprint {

struct Note {  // a difference of the schema, not of the values
  std::string what, column, a, b;
};

struct VerdictObject final : Ref::Object {
  VerdictKind kind = VerdictKind::identical;
  std::string text{};
  std::vector<Note> notes{};
  RowIndex n_rows_a = 0, n_rows_b = 0;
  std::vector<std::string> changed{}, moved{}, added{},
      removed{};  // columns; moved: same values in another order
  std::vector<std::pair<std::string, std::string>> renamed{};
  bool moved_is_known = true;                           // of re_paired
  std::vector<std::pair<RowIndex, RowIndex>> ranges{};  // of rows, from leaves that differ
  RowIndex proven_rows = 0;       // of appended and truncated: the first rows that are alike
  std::uint64_t times = 0;        // of stacked
  bool a_is_larger = false;       // of stacked
  bool contradicted = false;      // of changed: leaves are equal, and sums or SHA-256 are not
  bool sha256_of_one = false;     // the other was made without, or lost it
  std::string in_common{};        // of columns, with both tables: the verdict on those of both
  std::optional<RowDiff> rows{};  // only with both tables at hand
};

void judge(const FingerprintObject& a, const FingerprintObject& b, VerdictObject& out);
std::string verdict_text(const VerdictObject& v);
core::Json verdict_json(const VerdictObject& v);

}  // namespace mlrepro::detail::fingerprint
