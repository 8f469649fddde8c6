// SPDX-License-Identifier: Apache-2.0
// The verdict with both tables at hand: the cause from the fingerprints, then the rows by name.
#include <algorithm>

#include "core/parallel.hpp"
#include "core/raise.hpp"
#include "fingerprint/verdict_object.hpp"

namespace mlrepro::detail::fingerprint {
namespace {

void check_table(const HashSum& found, const FingerprintObject& f, std::string_view side) {
  if (found == f.rows) return;
  core::raise<ArgumentError>(
      {.message = "the " + std::string(side) +
                  " table is not the one that was fingerprinted: its rows differ.",
       .next_step = "Pass the table unchanged, or fingerprint it again."});
}

bool leads(const std::vector<Hash128>& shorter, const std::vector<Hash128>& longer) {
  return shorter.size() < longer.size() &&
         std::equal(shorter.begin(), shorter.end(), longer.begin());
}

bool needs_rows(VerdictKind kind) noexcept {
  switch (kind) {
    case VerdictKind::re_paired:
    case VerdictKind::appended:
    case VerdictKind::truncated:
    case VerdictKind::changed:
      return true;
    default:
      return false;
  }
}

void name_rows(const core::Table& left, const core::Table& right,
               const std::vector<Hash128>& rows_a, const std::vector<Hash128>& rows_b, int threads,
               VerdictObject& out) {
  if (out.kind == VerdictKind::re_paired) {
    out.rows = diff_by_position(left, right, rows_a, rows_b);
    return;
  }
  if (leads(rows_a, rows_b) || leads(rows_b, rows_a)) {
    out.kind = rows_a.size() < rows_b.size() ? VerdictKind::appended : VerdictKind::truncated;
    out.proven_rows = static_cast<RowIndex>(std::min(rows_a.size(), rows_b.size()));
    out.changed.clear();
    out.moved.clear();
    out.rows = diff_at_end(left, right);
    return;
  }
  out.rows = diff_rows(left, right, rows_a, rows_b, threads);
  const bool any_changed = out.rows->changed.count > 0, any_added = out.rows->added.count > 0,
             any_removed = out.rows->removed.count > 0;
  if (any_changed || any_added == any_removed) {
    out.kind = VerdictKind::changed;
  } else {
    out.kind = any_added ? VerdictKind::rows_added : VerdictKind::rows_removed;
  }
  if (out.rows->pairing != Pairing::values) out.changed = out.rows->columns;
  out.moved.clear();
}

void judge_tables(const Fingerprint& a, const Fingerprint& b, const Dataset& left,
                  const Dataset& right, int threads, VerdictObject& out);

// What became of the rows is said by the columns that both tables have, renamed ones under their
// old name.
void judge_common(const Dataset& left, Dataset right, int threads, VerdictObject& out) {
  for (const auto& [from, to] : out.renamed) right = right.rename(to, from);
  Names common;
  for (const core::ColumnPtr& column : core::table_of(left).columns) {
    if (core::table_of(right).find(column->name()) >= 0) common.add(column->name());
  }
  if (common.empty()) return;
  const Dataset a = left.select(common), b = right.select(common);
  VerdictObject inner;
  judge_tables(mlrepro::fingerprint(a, {.threads = threads}),
               mlrepro::fingerprint(b, {.threads = threads}), a, b, threads, inner);
  inner.notes.clear();  // they are among those of all columns
  if (inner.kind != VerdictKind::identical && inner.kind != VerdictKind::same_values)
    out.in_common = verdict_text(inner);
  out.changed = inner.changed;
  out.moved = inner.moved;
  out.proven_rows = inner.proven_rows;
  out.rows = inner.rows;
}

void judge_tables(const Fingerprint& a, const Fingerprint& b, const Dataset& left,
                  const Dataset& right, int threads, VerdictObject& out) {
  judge(object(a), object(b), out);
  if (!needs_rows(out.kind) && out.kind != VerdictKind::columns) return;
  const core::Table &left_table = core::table_of(left), &right_table = core::table_of(right);
  const std::vector<Hash128> rows_a = row_hashes(left_table, *object(a).seeds, threads);
  const std::vector<Hash128> rows_b = row_hashes(right_table, *object(b).seeds, threads);
  check_table(sum_of(rows_a), object(a), "left");
  check_table(sum_of(rows_b), object(b), "right");
  if (out.kind == VerdictKind::columns) return judge_common(left, right, threads, out);
  name_rows(left_table, right_table, rows_a, rows_b, threads, out);
}

}  // namespace
}  // namespace mlrepro::detail::fingerprint

namespace mlrepro {

using namespace detail::fingerprint;

Verdict verdict(const Fingerprint& given_a, const Fingerprint& given_b, const Dataset& given_left,
                const Dataset& given_right, int threads) {
  const Dataset left = detail::core::without_origin(given_left),
                right = detail::core::without_origin(given_right);
  threads = detail::core::resolve_threads(threads);
  const bool comparable = object(given_a).key_id == object(given_b).key_id &&
                          object(given_a).seeds && object(given_b).seeds;
  const Fingerprint a = comparable ? given_a : fingerprint(left, {.threads = threads});
  const Fingerprint b = comparable ? given_b : fingerprint(right, {.threads = threads});
  auto* made = new VerdictObject;
  const detail::Ref ref(made);
  judge_tables(a, b, left, right, threads, *made);
  made->text = verdict_text(*made);
  return Verdict(ref);
}

}  // namespace mlrepro
