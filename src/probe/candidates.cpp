// SPDX-License-Identifier: Apache-2.0
#include "probe/candidates.hpp"

#include <algorithm>
#include <map>

#include "binning/redundant.hpp"
#include "core/raise.hpp"
#include "core/roles.hpp"
#include "probe/deadline.hpp"

namespace mlrepro::detail::probe {
namespace {

using core::ColumnPtr;
using core::raise;

bool never_a_candidate(std::string_view role) noexcept {
  return role == "key" || role == "label" || role == "label_time" || role == "prediction" ||
         role == "weight";
}

[[noreturn]] void refuse_feature(std::string_view column, std::string_view role, bool is_target) {
  const std::string what = is_target ? "the target" : "the " + std::string(role);
  raise<ArgumentError>({.message = "features names " + core::in_quotes(column) + ", which is " +
                                   what + " and never a candidate.",
                        .column = std::string(column),
                        .next_step = "Take it out of features, or give it another role."});
}

void require_columns(const core::Table& table, const Names& names) {
  for (int i = 0; i < names.size(); ++i) table.column(names[i]);
}

bool same_plane(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) noexcept {
  for (std::size_t row = 0; row < a.size(); ++row) {
    if ((a[row] == kMissingCode) != (b[row] == kMissingCode)) return false;
  }
  return true;
}

void drop_redundant(SearchSet& set) {
  std::vector<binning::NamedBins> named;
  for (const SearchColumn& c : set.columns) named.push_back({c.name, c.bins.get()});
  binning::Redundant found = binning::find_redundant(named);
  for (std::size_t i = 0; i < set.columns.size(); ++i) set.columns[i].dropped = found.dropped[i];
  set.constant_columns = std::move(found.constant);
  set.duplicate_columns = std::move(found.duplicates);
}

void find_planes(SearchSet& set) {
  std::map<core::Hash128, std::vector<int>> planes_by_hash;
  for (std::size_t i = 0; i < set.columns.size(); ++i) {
    SearchColumn& c = set.columns[i];
    if (c.bins->n_missing == 0 || c.bins->n_bins == 0) continue;
    std::vector<int>& known = planes_by_hash[c.bins->missing_digest];
    for (const int p : known) {
      const auto first =
          static_cast<std::size_t>(set.planes[static_cast<std::size_t>(p)].columns.front());
      if (same_plane(set.columns[first].bins->codes, c.bins->codes)) c.plane = p;
    }
    if (c.plane < 0) {
      c.plane = static_cast<int>(set.planes.size());
      known.push_back(c.plane);
      set.planes.push_back({{}, c.bins->n_missing});
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
    set.candidates.push_back({false, static_cast<int>(i), own ? c.plane : -1, c.bins->n_missing});
    if (c.plane < 0 || own || listed[plane]) continue;
    listed[plane] = true;
    set.candidates.push_back({true, static_cast<int>(i), c.plane, c.bins->n_missing});
  }
}

}  // namespace

std::vector<int> candidate_columns(const Dataset& rows, const Names& features, const Names& exclude,
                                   bool meta_features, const core::Column* target) {
  const core::Table& table = core::table_of(rows);
  require_columns(table, features);
  require_columns(table, exclude);
  const std::vector<int> by_default = binning::searched_columns(rows);
  std::vector<int> out;
  for (int i = 0; i < static_cast<int>(table.columns.size()); ++i) {
    const ColumnPtr& column = table.columns[static_cast<std::size_t>(i)];
    const std::string_view role = rows.role_of(column->name());
    const bool never = never_a_candidate(role) || column.get() == target;
    const bool asked = features.contains(column->name());
    if (asked && never) refuse_feature(column->name(), role, column.get() == target);
    const bool offered = (meta_features || !core::is_row_metadata(role)) &&
                         std::find(by_default.begin(), by_default.end(), i) != by_default.end();
    const bool wanted = features.empty() ? offered : asked;
    if (wanted && !never && !exclude.contains(column->name())) out.push_back(i);
  }
  if (out.empty()) {
    raise<SchemaError>(
        {.message =
             "no column is left to split by: of " +
             core::with_commas(static_cast<std::int64_t>(table.columns.size())) +
             " columns each is the target, has a role, or is left out by features and exclude.",
         .next_step = "Name columns with features=, or leave out fewer with exclude=."});
  }
  return binning::by_name(table, std::move(out));
}

SearchSet make_search_set(const binning::BinnedTable& binned, const std::vector<int>& columns,
                          int threads, const Deadline& deadline) {
  SearchSet set;
  const std::vector<binning::BinnedPtr> bins =
      binned.columns(columns, threads, [&] { return deadline.passed(); });
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const core::Column& column = *binned.table().columns[static_cast<std::size_t>(columns[i])];
    if (bins[i] == nullptr) {
      set.not_searched.emplace_back(column.name());
      continue;
    }
    SearchColumn c;
    c.name = column.name();
    c.bins = bins[i];
    c.is_join_outcome = binned.table().roles.join_outcome.contains(column.name());
    c.is_row_metadata = core::is_row_metadata(binned.dataset().role_of(column.name()));
    set.columns.push_back(std::move(c));
  }
  drop_redundant(set);
  find_planes(set);
  list_candidates(set);
  return set;
}

}  // namespace mlrepro::detail::probe
