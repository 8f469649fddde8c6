// SPDX-License-Identifier: Apache-2.0
#include "join/output.hpp"

#include <algorithm>
#include <numeric>

#include "core/parallel.hpp"
#include "core/raise.hpp"

namespace mlrepro::detail::join {
namespace {

using core::ColumnPtr;
using core::in_quotes;
using core::raise;
using core::Table;

constexpr RowIndex kMostRows = RowIndex{1} << 32;

bool keeps(How how, RowClass c) noexcept {
  const bool is_unmatched = c == RowClass::key_not_found || c == RowClass::null_key;
  return how == How::left || (how == How::anti) == is_unmatched;
}

RowIndex copies(const Matches& matches, const Request& request, std::size_t row) noexcept {
  if (!keeps(request.how, matches.class_of_left[row])) return 0;
  return request.brings_columns() ? std::max<RowIndex>(matches.right_rows_of(row), 1) : 1;
}

void check_size(RowIndex n_rows, RowIndex n_left, RowIndex n_right) {
  if (n_rows <= kMostRows) return;
  raise<LimitError>({.message = "this join gives " + core::with_commas(n_rows) + " rows from " +
                                core::with_commas(n_left) + " left and " +
                                core::with_commas(n_right) + " right rows.",
                     .next_step = "Pass validate='m:1' to see which keys repeat on the right."});
}

std::vector<std::string> outcome_levels(const Request& request) {
  std::vector<std::string> levels;
  const auto add = [&](RowClass c) {
    levels.emplace_back(kClassNames[static_cast<std::size_t>(c)]);
  };
  if (request.how != How::anti) add(RowClass::matched);
  if (request.brings_columns() && !request.right_unique) add(RowClass::multiplied);
  if (request.how == How::left || request.how == How::anti) {
    add(RowClass::key_not_found);
    add(RowClass::null_key);
  }
  if (request.how != How::anti && request.set_aside &&
      (request.left_unique || request.right_unique)) {
    add(RowClass::ambiguous);
  }
  return levels;
}

ColumnPtr outcome_column(const RowPairs& pairs, const Matches& matches, const Request& request) {
  const std::vector<std::string> levels = outcome_levels(request);
  std::array<std::int32_t, kClasses> code_of{};
  for (std::size_t c = 0; c < kClasses; ++c) {
    const auto at = std::find(levels.begin(), levels.end(), kClassNames[c]);
    code_of[c] =
        at == levels.end()
            ? 0
            : static_cast<std::int32_t>(at - levels.begin());  // 0: multiplied, in a semi join
  }
  std::vector<std::int32_t> codes(pairs.left.size());
  for (std::size_t i = 0; i < codes.size(); ++i) {
    codes[i] = code_of[static_cast<std::size_t>(
        matches.class_of_left[static_cast<std::size_t>(pairs.left[i])])];
  }
  return core::dictionary_column(request.indicator, std::move(codes), levels);
}

[[noreturn]] void raise_clash(const std::string& name, const std::string& taken_by,
                              const Request& request) {
  raise<ArgumentError>({.message = "column " + in_quotes(name) + " of the right would be named " +
                                   in_quotes(name + request.suffix) + ", which " + taken_by + ".",
                        .column = name,
                        .next_step = "Pass another suffix= (now " + in_quotes(request.suffix) +
                                     "), or drop the column."});
}

}  // namespace

RowPairs pair_rows(const Matches& matches, const Request& request) {
  const std::size_t n_left = matches.class_of_left.size();
  RowIndex n_rows = 0;
  for (std::size_t row = 0; row < n_left; ++row) n_rows += copies(matches, request, row);
  check_size(n_rows, static_cast<RowIndex>(n_left), matches.right.n_rows());
  RowPairs pairs;
  pairs.left.reserve(static_cast<std::size_t>(n_rows));
  if (request.brings_columns()) pairs.right.reserve(static_cast<std::size_t>(n_rows));
  for (std::size_t row = 0; row < n_left; ++row) {
    const RowIndex n = copies(matches, request, row);
    if (n == 0) continue;
    const bool found = request.brings_columns() && matches.right_rows_of(row) > 0;
    const RowIndex begin =
        found ? matches.group_begin[static_cast<std::size_t>(matches.group_of_left[row])] : 0;
    for (RowIndex k = 0; k < n; ++k) {
      pairs.left.push_back(static_cast<RowIndex>(row));
      if (!request.brings_columns()) continue;
      pairs.right.push_back(found ? matches.right_rows[static_cast<std::size_t>(begin + k)] : -1);
    }
  }
  pairs.left_is_whole = pairs.left.size() == n_left &&
                        (n_left == 0 || pairs.left.back() == static_cast<RowIndex>(n_left) - 1);
  for (std::size_t i = 0; pairs.left_is_whole && i < n_left; ++i) {
    pairs.left_is_whole = pairs.left[i] == static_cast<RowIndex>(i);
  }
  return pairs;
}

Layout lay_out(const Table& left, const Table& right, const Request& request) {
  Layout layout;
  if (left.find(request.indicator) >= 0) {
    raise<ArgumentError>(
        {.message = "the outcome column " + in_quotes(request.indicator) + " exists on the left.",
         .column = request.indicator,
         .next_step = "Pass indicator= with another name."});
  }
  if (!request.brings_columns()) return layout;
  Names dropped;
  for (int i = 0; i < request.left_on.size(); ++i) {
    if (request.same_name(i)) dropped.add(request.right_on[i]);
  }
  const auto is_brought = [&](const std::string& name) {
    return std::any_of(layout.brought.begin(), layout.brought.end(),
                       [&](const BroughtColumn& b) { return b.name == name; });
  };
  for (const ColumnPtr& column : right.columns) {
    if (dropped.contains(column->name())) continue;
    std::string name = column->name();
    if (left.find(name) >= 0) {
      name += request.suffix;
      if (left.find(name) >= 0) raise_clash(column->name(), "the left has too", request);
      layout.renamed.push_back({column->name(), name});
    }
    layout.brought.push_back({column, name});
  }
  for (const Renamed& r : layout.renamed) {
    if (right.find(r.to) >= 0 && !dropped.contains(r.to))
      raise_clash(r.from, "the right has too", request);
  }
  if (is_brought(request.indicator)) {
    raise<ArgumentError>({.message = "the outcome column " + in_quotes(request.indicator) +
                                     " is also a column of the right.",
                          .column = request.indicator,
                          .next_step = "Pass indicator= with another name."});
  }
  return layout;
}

Dataset joined_rows(const Table& left, const Layout& layout, const RowPairs& pairs,
                    const Matches& matches, const Request& request) {
  const std::size_t n_left = left.columns.size();
  std::vector<ColumnPtr> columns(n_left + layout.brought.size() + 1);
  const auto make = [&](std::size_t i) -> ColumnPtr {
    if (i < n_left)
      return pairs.left_is_whole ? left.columns[i] : left.columns[i]->take(pairs.left);
    if (i == columns.size() - 1) return outcome_column(pairs, matches, request);
    const BroughtColumn& brought = layout.brought[i - n_left];
    return brought.column->take(pairs.right)->renamed(brought.name);
  };
  core::parallel_for_chunks(static_cast<RowIndex>(columns.size()), 1, request.threads,
                            [&](std::int64_t i, RowIndex, RowIndex) {
                              columns[static_cast<std::size_t>(i)] =
                                  make(static_cast<std::size_t>(i));
                            });
  Roles roles = left.roles;
  roles.join_outcome.add(request.indicator);
  const std::span<const RowIndex> rows(pairs.left);
  return core::derive_dataset(left, std::move(columns), roles,
                              pairs.left_is_whole ? nullptr : &rows);
}

Dataset violating_rows(const Table& right, const Matches& matches, const Request& request) {
  std::vector<RowIndex> rows;
  const std::span<const std::int32_t> groups = matches.right.group_of_row();
  for (std::size_t row = 0; request.set_aside && request.right_unique && row < groups.size();
       ++row) {
    if (groups[row] < 0 || matches.right.group_size()[static_cast<std::size_t>(groups[row])] < 2)
      continue;
    rows.push_back(static_cast<RowIndex>(row));
  }
  std::vector<ColumnPtr> columns;
  for (const ColumnPtr& column : right.columns) columns.push_back(column->take(rows));
  const std::span<const RowIndex> taken(rows);
  return core::derive_dataset(right, std::move(columns), right.roles, &taken);
}

}  // namespace mlrepro::detail::join
