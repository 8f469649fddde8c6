// SPDX-License-Identifier: Apache-2.0
#include "probe/candidates.hpp"

#include <algorithm>
#include <map>

#include "core/hash.hpp"
#include "core/parallel.hpp"
#include "core/raise.hpp"
#include "probe/deadline.hpp"

namespace mlrepro::detail::probe {
namespace {

using core::ColumnPtr;
using core::Hash128;
using core::raise;

bool never_a_candidate(std::string_view role) noexcept {
  return role == "key" || role == "label" || role == "label_time" || role == "prediction" ||
         role == "weight";
}

void require_columns(const core::Table& table, const Names& names) {
  for (int i = 0; i < names.size(); ++i) table.column(names[i]);
}

std::string role_in(const core::Table& table, std::string_view name) {
  const Roles& r = table.roles;
  if (r.key.contains(name)) return "key";
  const auto is = [&](const std::string& column) { return !column.empty() && column == name; };
  if (is(r.label)) return "label";
  if (is(r.label_time)) return "label_time";
  if (is(r.prediction)) return "prediction";
  if (is(r.weight)) return "weight";
  if (r.join_outcome.contains(name)) return "join_outcome";
  if (r.entity.contains(name) || is(r.time) || is(r.known_time)) return "other";
  return {};
}

// Bytes that say which rows are missing, and hashes that find equal ones; equality is always
// checked on the bytes.
Hash128 hash_of(const std::vector<std::uint8_t>& bytes) noexcept {
  return core::xxh3_128(bytes.data(), bytes.size(), 0);
}

Hash128 plane_hash(const std::vector<std::uint8_t>& codes) {
  std::vector<std::uint8_t> plane((codes.size() + 7) / 8);
  for (std::size_t row = 0; row < codes.size(); ++row) {
    if (codes[row] == kMissingCode)
      plane[row >> 3] = static_cast<std::uint8_t>(plane[row >> 3] | 1U << (row & 7));
  }
  return hash_of(plane);
}

bool same_plane(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) noexcept {
  for (std::size_t row = 0; row < a.size(); ++row) {
    if ((a[row] == kMissingCode) != (b[row] == kMissingCode)) return false;
  }
  return true;
}

std::vector<std::uint8_t> swapped(const std::vector<std::uint8_t>& codes) {
  std::vector<std::uint8_t> out(codes);
  for (std::uint8_t& code : out)
    code = code == kMissingCode ? code : static_cast<std::uint8_t>(1 - code);
  return out;
}

bool same_values(const BinnedColumn& a, const BinnedColumn& b) noexcept {
  if (a.is_category != b.is_category) return false;
  for (RowIndex row = 0; row < a.source->n_rows(); ++row) {
    const Value x = a.source->value(row), y = b.source->value(row);
    if (x.is_missing() && y.is_missing()) continue;
    if (x.is_missing() != y.is_missing() || binning::level_less(x, y) || binning::level_less(y, x))
      return false;
  }
  return true;
}

struct Digests {
  Hash128 codes{}, flipped{}, plane{};
};

// Whether b offers exactly the partitions of a, and how that reads; empty: it does not.
std::string relation(const SearchColumn& a, const SearchColumn& b) {
  if (a.bins.n_bins != b.bins.n_bins || a.bins.n_missing != b.bins.n_missing) return {};
  const bool two = a.bins.n_bins <= 2;
  if (!two && a.bins.is_category != b.bins.is_category) return {};
  if (a.bins.codes == b.bins.codes) {
    return a.name +
           (same_values(a.bins, b.bins) ? " = " + b.name : " ~ " + b.name + " (same order)");
  }
  if (a.bins.n_bins == 2 && a.bins.codes == swapped(b.bins.codes))
    return a.name + " ~ " + b.name + " (two values swapped)";
  return {};
}

void drop_constants(SearchSet& set) {
  for (SearchColumn& c : set.columns) {
    const bool all_missing = c.bins.n_bins == 0;
    if (!all_missing && (c.bins.n_bins > 1 || c.bins.n_missing > 0)) continue;
    c.dropped = true;
    set.constant_columns.push_back(c.name);
  }
}

void drop_duplicates(SearchSet& set, const std::vector<Digests>& digests) {
  std::map<Hash128, std::vector<int>> kept_by_codes;
  for (std::size_t i = 0; i < set.columns.size(); ++i) {
    SearchColumn& c = set.columns[i];
    if (c.dropped) continue;
    for (const Hash128& key : {digests[i].codes, digests[i].flipped}) {
      for (const int earlier : kept_by_codes[key]) {
        if (c.dropped) break;
        const std::string text = relation(set.columns[static_cast<std::size_t>(earlier)], c);
        if (text.empty()) continue;
        c.dropped = true;
        set.duplicate_columns.push_back(text);
      }
    }
    if (!c.dropped) kept_by_codes[digests[i].codes].push_back(static_cast<int>(i));
  }
}

void find_planes(SearchSet& set, const std::vector<Digests>& digests) {
  std::map<Hash128, std::vector<int>> planes_by_hash;
  for (std::size_t i = 0; i < set.columns.size(); ++i) {
    SearchColumn& c = set.columns[i];
    if (c.bins.n_missing == 0 || c.bins.n_bins == 0) continue;
    std::vector<int>& known = planes_by_hash[digests[i].plane];
    for (const int p : known) {
      const auto first =
          static_cast<std::size_t>(set.planes[static_cast<std::size_t>(p)].columns.front());
      if (same_plane(set.columns[first].bins.codes, c.bins.codes)) c.plane = p;
    }
    if (c.plane < 0) {
      c.plane = static_cast<int>(set.planes.size());
      known.push_back(c.plane);
      set.planes.push_back({{}, c.bins.n_missing});
    }
    set.planes[static_cast<std::size_t>(c.plane)].columns.push_back(static_cast<int>(i));
  }
}

void list_candidates(SearchSet& set) {
  std::vector<bool> listed(set.planes.size());
  for (std::size_t i = 0; i < set.columns.size(); ++i) {
    const SearchColumn& c = set.columns[i];
    if (c.dropped) continue;
    const auto plane = static_cast<std::size_t>(std::max(c.plane, 0));
    const bool own = c.plane >= 0 && set.planes[plane].columns.size() == 1;
    set.candidates.push_back({false, static_cast<int>(i), own ? c.plane : -1, c.bins.n_missing});
    if (c.plane < 0 || own || listed[plane]) continue;
    listed[plane] = true;
    set.candidates.push_back({true, static_cast<int>(i), c.plane, c.bins.n_missing});
  }
}

}  // namespace

std::vector<ColumnPtr> candidate_columns(const core::Table& table, const Names& features,
                                         const Names& exclude, const core::Column* target) {
  require_columns(table, features);
  require_columns(table, exclude);
  std::vector<ColumnPtr> out;
  for (const ColumnPtr& column : table.columns) {
    const std::string role = role_in(table, column->name());
    const bool never = never_a_candidate(role) || column.get() == target;
    const bool asked = features.contains(column->name());
    if (asked && never) {
      const std::string what = column.get() == target ? "the target" : "the " + role;
      raise<ArgumentError>({.message = "features names " + core::in_quotes(column->name()) +
                                       ", which is " + what + " and never a candidate.",
                            .column = column->name(),
                            .next_step = "Take it out of features, or give it another role."});
    }
    const bool wanted = features.empty() ? role.empty() || role == "join_outcome" : asked;
    if (wanted && !never && !exclude.contains(column->name())) out.push_back(column);
  }
  if (out.empty()) {
    raise<SchemaError>(
        {.message =
             "no column is left to split by: of " +
             core::with_commas(static_cast<std::int64_t>(table.columns.size())) +
             " columns each is the target, has a role, or is left out by features and exclude.",
         .next_step = "Name columns with features=, or leave out fewer with exclude=."});
  }
  std::sort(out.begin(), out.end(),
            [](const ColumnPtr& a, const ColumnPtr& b) { return a->name() < b->name(); });
  return out;
}

SearchSet make_search_set(const core::Table& table, const std::vector<ColumnPtr>& columns,
                          int threads, const Deadline& deadline) {
  SearchSet set;
  std::vector<SearchColumn> made(columns.size());
  std::vector<Digests> digests(columns.size());
  std::vector<std::uint8_t> done(columns.size());
  core::parallel_for_chunks(static_cast<std::int64_t>(columns.size()), 1, threads,
                            [&](std::int64_t i, std::int64_t, std::int64_t) {
                              if (deadline.passed()) return;
                              const auto at = static_cast<std::size_t>(i);
                              SearchColumn& c = made[at];
                              c.bins = binning::bin_column(columns[at]);
                              digests[at].codes = hash_of(c.bins.codes);
                              digests[at].flipped = c.bins.n_bins == 2
                                                        ? hash_of(swapped(c.bins.codes))
                                                        : digests[at].codes;
                              if (c.bins.n_missing > 0)
                                digests[at].plane = plane_hash(c.bins.codes);
                              done[at] = 1;
                            });
  std::vector<Digests> kept;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (done[i] == 0) {
      set.not_searched.push_back(columns[i]->name());
      continue;
    }
    made[i].name = columns[i]->name();
    made[i].is_join_outcome = table.roles.join_outcome.contains(columns[i]->name());
    set.columns.push_back(std::move(made[i]));
    kept.push_back(digests[i]);
  }
  drop_constants(set);
  drop_duplicates(set, kept);
  find_planes(set, kept);
  list_candidates(set);
  return set;
}

}  // namespace mlrepro::detail::probe
