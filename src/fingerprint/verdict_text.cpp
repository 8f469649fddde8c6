// SPDX-License-Identifier: Apache-2.0
// A verdict in words, and as JSON ("mlrepro.verdict", version 1): pure functions of its facts.
#include <algorithm>
#include <array>

#include "core/raise.hpp"
#include "fingerprint/verdict_object.hpp"

namespace mlrepro {

namespace {
constexpr std::array<std::string_view, 13> kKinds = {
    "not_comparable", "identical", "same_values", "same_rows",  "row_order",
    "re_paired",      "columns",   "stacked",     "rows_added", "rows_removed",
    "appended",       "truncated", "changed"};
}

std::string_view to_string(VerdictKind kind) noexcept {
  return kKinds[static_cast<std::size_t>(kind)];
}

namespace detail::fingerprint {
namespace {

using core::Json;
using core::with_commas;
constexpr std::size_t kMaxNames = 6;

std::string rows_text(RowIndex n) {
  return with_commas(n) + (n == 1 ? " row" : " rows");
}

std::string list(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMaxNames); ++i)
    text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kMaxNames)
    text += " and " + std::to_string(names.size() - kMaxNames) + " more";
  return text;
}

struct NoteGroup {  // columns with the same difference are said once
  std::string what, change;
  std::vector<std::string> columns;
};

std::vector<NoteGroup> grouped(const std::vector<Note>& notes) {
  std::vector<NoteGroup> groups;
  for (const Note& note : notes) {
    const std::string change =
        note.a.empty() && note.b.empty() ? "" : ": " + note.a + " -> " + note.b;
    auto at = std::find_if(groups.begin(), groups.end(), [&](const NoteGroup& g) {
      return g.what == note.what && g.change == change;
    });
    if (at == groups.end()) at = groups.insert(groups.end(), {note.what, change, {}});
    if (!note.column.empty()) at->columns.push_back(note.column);
  }
  return groups;
}

std::string in_brackets(const std::vector<std::string>& columns) {
  return columns.empty() ? "" : " (" + list(columns) + ")";
}

std::string same_values_text(const VerdictObject& v) {
  const std::vector<NoteGroup> groups = grouped(v.notes);
  const bool one_kind = std::all_of(groups.begin(), groups.end(),
                                    [&](const NoteGroup& g) { return g.what == groups[0].what; });
  std::string text = one_kind
                         ? (groups[0].what == "dtype" ? "dtype only" : "only " + groups[0].what)
                         : "same values";
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (!one_kind)
      text += "; " + groups[i].what;
    else if (i > 0)
      text += ",";
    const bool repeats_colon = one_kind && i > 0;
    text +=
        (repeats_colon ? groups[i].change.substr(std::min<std::size_t>(1, groups[i].change.size()))
                       : groups[i].change) +
        in_brackets(groups[i].columns);
  }
  return text;
}

// Groups of what differs in many ways become one, without the ways: it must not hide the rest.
std::vector<NoteGroup> few_ways(const std::vector<NoteGroup>& groups) {
  constexpr std::ptrdiff_t kMostWays = 2;
  std::vector<NoteGroup> out;
  for (const NoteGroup& group : groups) {
    const auto alike = [&](const NoteGroup& other) { return other.what == group.what; };
    if (std::count_if(groups.begin(), groups.end(), alike) <= kMostWays) {
      out.push_back(group);
      continue;
    }
    auto at = std::find_if(out.begin(), out.end(), alike);
    if (at == out.end()) at = out.insert(out.end(), {group.what, "", {}});
    at->columns.insert(at->columns.end(), group.columns.begin(), group.columns.end());
  }
  return out;
}

std::string notes_text(const VerdictObject& v) {
  std::string text;
  for (const NoteGroup& group : few_ways(grouped(v.notes)))
    text += "; " + group.what + group.change + in_brackets(group.columns);
  return text;
}

std::string re_paired_text(const VerdictObject& v) {
  std::string text = v.moved_is_known
                         ? "columns re-paired: " + list(v.moved) + " moved against the others"
                         : "columns re-paired: each holds the same values, the rows do not; which "
                           "moved is unknown";
  if (v.rows)
    text += "; " + rows_text(v.rows->changed.count) +
            (v.rows->changed.count == 1 ? " differs" : " differ");
  return text;
}

std::string columns_text(const VerdictObject& v) {
  std::vector<std::string> parts;
  for (const auto& [a, b] : v.renamed) parts.push_back("column renamed: " + a + " -> " + b);
  if (!v.added.empty())
    parts.push_back((v.added.size() == 1 ? "column added: " : "columns added: ") + list(v.added));
  if (!v.removed.empty())
    parts.push_back((v.removed.size() == 1 ? "column removed: " : "columns removed: ") +
                    list(v.removed));
  if (v.n_rows_a != v.n_rows_b)
    parts.push_back("rows " + with_commas(v.n_rows_a) + " -> " + with_commas(v.n_rows_b));
  const bool is_said = !v.in_common.empty();
  if (is_said) parts.push_back("in the columns of both: " + v.in_common);
  if (!v.changed.empty() && !is_said) parts.push_back("changed: " + list(v.changed));
  if (!v.moved.empty() && !is_said)
    parts.push_back("same values in another order: " + list(v.moved) + ", pairing not checked");
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : "; ") + part;
  return text;
}

std::string stacked_text(const VerdictObject& v) {
  const std::string times = std::to_string(v.times) + " times";
  return v.a_is_larger ? "stacked: the first table holds each row of the second " + times
                       : "stacked: the second table holds each row of the first " + times;
}

std::string end_text(const VerdictObject& v) {
  const bool appended = v.kind == VerdictKind::appended;
  const RowIndex shorter = std::min(v.n_rows_a, v.n_rows_b),
                 n = std::max(v.n_rows_a, v.n_rows_b) - shorter;
  std::string text =
      appended ? rows_text(n) + " appended" : "the last " + rows_text(n) + " removed";
  if (v.proven_rows < shorter) {
    text += "; proven up to row " + with_commas(v.proven_rows) + " of " + with_commas(shorter) +
            ", the rest needs both tables";
  }
  return text;
}

std::string row_diff_text(const RowDiff& diff) {
  std::string text;
  const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : "; ") + part; };
  if (diff.changed.count > 0)
    add(rows_text(diff.changed.count) + " changed in " + list(diff.columns));
  if (diff.added.count > 0) add(rows_text(diff.added.count) + " added");
  if (diff.removed.count > 0) add(rows_text(diff.removed.count) + " removed");
  if (diff.pairing == Pairing::values && diff.added.count > 0 && diff.removed.count > 0) {
    add("no key declared: a changed row counts as removed and added");
  }
  return text;
}

std::string changed_text(const VerdictObject& v) {
  if (v.contradicted) {
    return "changed in " + list(v.changed) +
           ": XXH3-128 says the same of every leaf, and sums or SHA-256 do not; a table or a "
           "fingerprint was made to look like the other";
  }
  if (v.rows) return row_diff_text(*v.rows);
  if (v.n_rows_a != v.n_rows_b) {
    return "rows " + with_commas(v.n_rows_a) + " -> " + with_commas(v.n_rows_b) +
           (v.changed.empty() ? "" : ", other values in " + list(v.changed)) +
           "; whether rows changed too needs both tables";
  }
  std::string text = v.changed.empty() ? "changed" : "changed in " + list(v.changed);
  if (!v.moved.empty()) text += "; same values in another order: " + list(v.moved);
  const bool anywhere = v.ranges.size() == 1 && v.ranges[0].first == 0 &&
                        v.ranges[0].second >= std::max(v.n_rows_a, v.n_rows_b);
  if (anywhere) return text;
  for (std::size_t i = 0; i < std::min(v.ranges.size(), kMaxNames); ++i) {
    text += (i == 0 ? "; within rows " : ", ") + with_commas(v.ranges[i].first) + " to " +
            with_commas(v.ranges[i].second - 1);
  }
  if (v.ranges.size() > kMaxNames)
    text += " and " + std::to_string(v.ranges.size() - kMaxNames) + " more ranges";
  return text;
}

}  // namespace

namespace {
std::string words_of(const VerdictObject& v) {
  switch (v.kind) {
    case VerdictKind::not_comparable:
      return "not comparable: the hash keys differ; fingerprint both tables with the same key";
    case VerdictKind::identical:
      return "identical";
    case VerdictKind::same_values:
      return same_values_text(v);
    case VerdictKind::same_rows:
      return "same rows; their order is unknown" + notes_text(v);
    case VerdictKind::row_order:
      return "only row order" + notes_text(v);
    case VerdictKind::re_paired:
      return re_paired_text(v) + notes_text(v);
    case VerdictKind::columns:
      return columns_text(v) + notes_text(v);
    case VerdictKind::stacked:
      return stacked_text(v) + notes_text(v);
    case VerdictKind::appended:
    case VerdictKind::truncated:
      return end_text(v) + notes_text(v);
    case VerdictKind::rows_added:
    case VerdictKind::rows_removed:
    case VerdictKind::changed:
      return changed_text(v) + notes_text(v);
  }
  return {};
}
}  // namespace

std::string verdict_text(const VerdictObject& v) {
  return words_of(v) + (v.sha256_of_one ? "; SHA-256 of one only, so not compared" : "");
}

namespace {

Json rows_json(const RowChanges& changes) {
  Json examples = Json::array();
  for (const RowChange& change : changes.examples) {
    Json example = Json::object();
    if (change.row_a >= 0) example["row_a"] = change.row_a;
    if (change.row_b >= 0) example["row_b"] = change.row_b;
    if (!change.key.empty()) example["key"] = change.key;
    if (!change.columns.empty()) example["columns"] = change.columns;
    examples.push_back(std::move(example));
  }
  return {{"count", changes.count}, {"examples", std::move(examples)}};
}

}  // namespace

Json verdict_json(const VerdictObject& v) {
  static constexpr std::array<std::string_view, 3> kPairings = {"key", "position", "values"};
  Json out = core::envelope("verdict", 1);
  out["kind"] = std::string(to_string(v.kind));
  out["text"] = v.text;
  out["same"] = v.kind == VerdictKind::identical;
  out["notes"] = Json::array();
  for (const Note& note : v.notes) {
    out["notes"].push_back(
        {{"what", note.what}, {"column", note.column}, {"a", note.a}, {"b", note.b}});
  }
  Json renamed = Json::array();
  for (const auto& [a, b] : v.renamed) renamed.push_back({a, b});
  out["columns"] = {{"changed", v.changed},
                    {"moved", v.moved},
                    {"added", v.added},
                    {"removed", v.removed},
                    {"renamed", std::move(renamed)}};
  Json ranges = Json::array();
  for (const auto& [begin, end] : v.ranges) ranges.push_back(Json::array({begin, end}));
  out["rows"] = {{"a", v.n_rows_a}, {"b", v.n_rows_b}, {"ranges", std::move(ranges)}};
  if (v.proven_rows > 0) out["rows"]["proven"] = v.proven_rows;
  if (v.times > 0) out["rows"]["times"] = v.times;
  if (!v.rows) return out;
  out["rows"]["paired_by"] = std::string(kPairings[static_cast<std::size_t>(v.rows->pairing)]);
  out["rows"]["changed"] = rows_json(v.rows->changed);
  out["rows"]["added"] = rows_json(v.rows->added);
  out["rows"]["removed"] = rows_json(v.rows->removed);
  return out;
}

}  // namespace detail::fingerprint
}  // namespace mlrepro
