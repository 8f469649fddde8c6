// SPDX-License-Identifier: Apache-2.0
// The verdict from two fingerprints alone: the first cause that their digests prove.
#include <algorithm>

#include "fingerprint/verdict_object.hpp"

namespace mlrepro::detail::fingerprint {
namespace {

using core::Json;
using Pair = std::pair<const ColumnDigest*, const ColumnDigest*>;

std::string text_of(const Json& record, const char* name) {
  const auto at = record.find(name);
  if (at == record.end()) return "";
  return at->is_string() ? at->get<std::string>() : at->dump();
}

std::string dtype_of(const Json& record) {
  const std::string dtype = text_of(record, "dtype"), levels = text_of(record, "level_type");
  return levels.empty() || levels == "utf8" ? dtype : dtype + " of " + levels;
}

std::string missing_text(const Counters& c) {
  if (c.n_nan == 0) return std::to_string(c.n_null) + " null";
  if (c.n_null == 0) return std::to_string(c.n_nan) + " NaN";
  return std::to_string(c.n_null) + " null and " + std::to_string(c.n_nan) + " NaN";
}

void note_category(const Json& a, const Json& b, const std::string& name,
                   std::vector<Note>& notes) {
  if (text_of(a, "dtype") != "dictionary" || text_of(b, "dtype") != "dictionary") return;
  if (a["ordered"] != b["ordered"]) {
    notes.push_back({"ordered categories", name, text_of(a, "ordered"), text_of(b, "ordered")});
  }
  if (a["level_sum"] == b["level_sum"]) {
    if (a["levels"] != b["levels"]) notes.push_back({"category order", name, "", ""});
  } else if (a["n_unused_levels"] != b["n_unused_levels"]) {
    notes.push_back(
        {"unused categories", name, text_of(a, "n_unused_levels"), text_of(b, "n_unused_levels")});
  } else {
    notes.push_back({"categories", name, text_of(a, "n_levels"), text_of(b, "n_levels")});
  }
}

void note_missing(const ColumnDigest& a, const ColumnDigest& b, std::vector<Note>& notes) {
  const auto moved = [&](std::int64_t Counters::*member) {
    return !std::equal(a.leaf_counters.begin(), a.leaf_counters.end(), b.leaf_counters.begin(),
                       b.leaf_counters.end(), [member](const Counters& x, const Counters& y) {
                         return x.*member == y.*member;
                       });
  };
  const bool same_place = a.root == b.root;
  const bool form = a.counters.n_null != b.counters.n_null ||
                    a.counters.n_nan != b.counters.n_nan ||
                    (same_place && (moved(&Counters::n_null) || moved(&Counters::n_nan)));
  if (form)
    notes.push_back({"null form", a.name, missing_text(a.counters), missing_text(b.counters)});
  if (a.counters.n_negzero != b.counters.n_negzero || (same_place && moved(&Counters::n_negzero))) {
    notes.push_back({"-0.0", a.name, std::to_string(a.counters.n_negzero),
                     std::to_string(b.counters.n_negzero)});
  }
}

void add_notes(const ColumnDigest& a, const ColumnDigest& b, std::vector<Note>& notes) {
  const Json &x = a.schema, &y = b.schema;
  if (dtype_of(x) != dtype_of(y)) {
    notes.push_back({"dtype", a.name, dtype_of(x), dtype_of(y)});
  } else {
    if (text_of(x, "unit") != text_of(y, "unit"))
      notes.push_back({"unit", a.name, text_of(x, "unit"), text_of(y, "unit")});
    const auto zone = [](const Json& record) {
      return text_of(record, "aware") == "false" ? std::string("none") : text_of(record, "zone");
    };
    if (zone(x) != zone(y)) notes.push_back({"time zone", a.name, zone(x), zone(y)});
  }
  if (a.sum != b.sum)
    return;  // other values: how many are missing, and which categories there are, follows from
             // them
  note_category(x, y, a.name, notes);
  note_missing(a, b, notes);
}

void note_column_order(const FingerprintObject& a, const FingerprintObject& b,
                       std::vector<Note>& notes) {
  for (std::size_t c = 0; c < a.columns.size(); ++c) {
    if (a.columns[c].name != b.columns[c].name) {
      notes.push_back({"column order", "", "", ""});
      return;
    }
  }
}

std::vector<Pair> common_columns(const FingerprintObject& a, const FingerprintObject& b) {
  std::vector<Pair> pairs;
  for (const ColumnDigest& column : a.columns) {
    if (const ColumnDigest* other = b.find(column.name)) pairs.emplace_back(&column, other);
  }
  return pairs;
}

using Alike = bool (*)(const ColumnDigest*, const ColumnDigest*);

bool same_values(const ColumnDigest* x, const ColumnDigest* y) {
  return x->sum == y->sum;
}
bool same_values_in_order(const ColumnDigest* x, const ColumnDigest* y) {
  return same_values(x, y) && x->root == y->root;
}

// The only pairs (removed, added) that are alike, and not like a third column: renamed.
void pair_renamed(std::vector<const ColumnDigest*>& removed,
                  std::vector<const ColumnDigest*>& added, Alike alike, bool ordered,
                  VerdictObject& out) {
  for (std::size_t i = 0; i < removed.size();) {
    const ColumnDigest* x = removed[i];
    const auto n_x = std::count_if(removed.begin(), removed.end(),
                                   [&](const ColumnDigest* r) { return alike(r, x); });
    const auto n_y = std::count_if(added.begin(), added.end(),
                                   [&](const ColumnDigest* y) { return alike(x, y); });
    if (n_x != 1 || n_y != 1) {
      ++i;
      continue;
    }
    const auto at = std::find_if(added.begin(), added.end(),
                                 [&](const ColumnDigest* y) { return alike(x, y); });
    out.renamed.emplace_back(x->name, (*at)->name);
    if (ordered && x->root != (*at)->root) out.moved.push_back((*at)->name);
    add_notes(*x, **at, out.notes);
    added.erase(at);
    removed.erase(removed.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

void judge_columns(const FingerprintObject& a, const FingerprintObject& b,
                   const std::vector<Pair>& common, bool ordered, VerdictObject& out) {
  out.kind = VerdictKind::columns;
  std::vector<const ColumnDigest*> removed, added;
  for (const ColumnDigest& column : a.columns) {
    if (b.find(column.name) == nullptr) removed.push_back(&column);
  }
  for (const ColumnDigest& column : b.columns) {
    if (a.find(column.name) == nullptr) added.push_back(&column);
  }
  if (a.n_rows == b.n_rows && a.n_rows > 0) {
    if (ordered) pair_renamed(removed, added, same_values_in_order, ordered, out);
    pair_renamed(removed, added, same_values, ordered, out);
  }
  for (const ColumnDigest* column : removed) out.removed.push_back(column->name);
  for (const ColumnDigest* column : added) out.added.push_back(column->name);
  for (const auto& [x, y] : common) {
    if (x->sum != y->sum)
      out.changed.push_back(x->name);
    else if (ordered && x->root != y->root)
      out.moved.push_back(x->name);
  }
}

// c if every sum of b, and its rows, are c times those of a; else 0.
std::uint64_t times_stacked(const FingerprintObject& a, const FingerprintObject& b,
                            const std::vector<Pair>& common) {
  if (a.n_rows == 0 || b.n_rows % a.n_rows != 0 || b.n_rows == a.n_rows) return 0;
  const auto times = static_cast<std::uint64_t>(b.n_rows / a.n_rows);
  for (const auto& [x, y] : common) {
    if (x->sum.times(times) != y->sum) return 0;
  }
  return a.rows.times(times) == b.rows ? times : 0;
}

// Rows at the beginning that full leaves prove alike, if all full leaves of the shorter table are;
// else 0.
RowIndex leading_rows(const FingerprintObject& a, const FingerprintObject& b,
                      const std::vector<Pair>& common) {
  const RowIndex n_full = std::min(a.n_rows, b.n_rows) / kLeafRows;
  for (const auto& [x, y] : common) {
    if (!std::equal(x->leaves.begin(), x->leaves.begin() + n_full, y->leaves.begin())) return 0;
  }
  return n_full * kLeafRows;
}

void judge_values(const FingerprintObject& a, const FingerprintObject& b,
                  const std::vector<Pair>& common, bool ordered, VerdictObject& out) {
  out.kind = VerdictKind::changed;
  for (const auto& [x, y] : common) {
    if (x->sum != y->sum)
      out.changed.push_back(x->name);
    else if (ordered && x->root != y->root)
      out.moved.push_back(x->name);
  }
  if (!ordered || a.n_rows != b.n_rows) return;
  const std::size_t n_leaves = common.empty() ? 0 : common[0].first->leaves.size();
  for (std::size_t leaf = 0; leaf < n_leaves; ++leaf) {
    const bool differs = std::any_of(common.begin(), common.end(), [leaf](const Pair& pair) {
      return pair.first->leaves[leaf] != pair.second->leaves[leaf];
    });
    if (!differs) continue;
    const RowIndex begin = static_cast<RowIndex>(leaf) * kLeafRows,
                   end = std::min(a.n_rows, begin + kLeafRows);
    if (!out.ranges.empty() && out.ranges.back().second == begin)
      out.ranges.back().second = end;
    else
      out.ranges.emplace_back(begin, end);
  }
}

bool same_roots(const std::vector<Pair>& common) {
  return std::all_of(common.begin(), common.end(),
                     [](const Pair& p) { return p.first->root == p.second->root; });
}

// Columns whose leaves are equal and whose sums or SHA-256 are not: made so on purpose.
std::vector<std::string> contradictions(const FingerprintObject& a, const FingerprintObject& b,
                                        const std::vector<Pair>& common) {
  const bool both = !a.secure.is_null() && !b.secure.is_null();
  std::vector<std::string> names;
  for (const auto& [x, y] : common) {
    if (x->sum != y->sum || (both && a.secure["columns"][x->name] != b.secure["columns"][y->name]))
      names.push_back(x->name);
  }
  return names;
}

void judge_same_columns(const FingerprintObject& a, const FingerprintObject& b,
                        const std::vector<Pair>& common, bool ordered, VerdictObject& out) {
  if (ordered && a.n_rows == b.n_rows && same_roots(common)) {
    if (auto names = contradictions(a, b, common); !names.empty()) {
      out.kind = VerdictKind::changed;
      out.changed = std::move(names);
      out.contradicted = true;
      return;
    }
    out.kind = out.notes.empty() ? VerdictKind::identical : VerdictKind::same_values;
    return;
  }
  if (a.rows == b.rows) {
    out.kind = ordered ? VerdictKind::row_order : VerdictKind::same_rows;
    return;
  }
  const bool same_sums = std::all_of(common.begin(), common.end(),
                                     [](const Pair& p) { return p.first->sum == p.second->sum; });
  if (same_sums && a.n_rows == b.n_rows) {
    out.kind = VerdictKind::re_paired;
    for (const auto& [x, y] : common) {
      if (ordered && x->root != y->root) out.moved.push_back(x->name);
    }
    out.moved_is_known = ordered && out.moved.size() < common.size();
    return;
  }
  out.times = std::max(times_stacked(a, b, common), times_stacked(b, a, common));
  if (out.times > 0) {
    out.kind = VerdictKind::stacked;
    out.a_is_larger = a.n_rows > b.n_rows;
    return;
  }
  out.proven_rows = ordered && a.n_rows != b.n_rows ? leading_rows(a, b, common) : 0;
  if (out.proven_rows > 0) {
    out.kind = a.n_rows < b.n_rows ? VerdictKind::appended : VerdictKind::truncated;
    return;
  }
  judge_values(a, b, common, ordered, out);
}

}  // namespace

void judge(const FingerprintObject& a, const FingerprintObject& b, VerdictObject& out) {
  out.n_rows_a = a.n_rows;
  out.n_rows_b = b.n_rows;
  if (a.key_id != b.key_id) {
    out.kind = VerdictKind::not_comparable;
    return;
  }
  out.sha256_of_one = a.secure.is_null() != b.secure.is_null();
  const std::vector<Pair> common = common_columns(a, b);
  const bool ordered = a.is_ordered && b.is_ordered;
  for (const auto& [x, y] : common) add_notes(*x, *y, out.notes);
  if (common.size() < std::max(a.columns.size(), b.columns.size())) {
    judge_columns(a, b, common, ordered, out);
    return;
  }
  note_column_order(a, b, out.notes);
  judge_same_columns(a, b, common, ordered, out);
}

}  // namespace mlrepro::detail::fingerprint

namespace mlrepro {

using namespace detail::fingerprint;

Verdict verdict(const Fingerprint& a, const Fingerprint& b) {
  auto* made = new VerdictObject;
  const detail::Ref ref(made);
  judge(object(a), object(b), *made);
  made->text = verdict_text(*made);
  return Verdict(ref);
}

VerdictKind Verdict::kind() const noexcept {
  return detail::object_of<VerdictObject>(ref_).kind;
}
std::string_view Verdict::text() const noexcept {
  return detail::object_of<VerdictObject>(ref_).text;
}
std::string Verdict::to_json() const {
  return detail::core::canonical_json(verdict_json(detail::object_of<VerdictObject>(ref_)));
}

}  // namespace mlrepro
