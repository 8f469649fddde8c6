// SPDX-License-Identifier: Apache-2.0
#include "join/contract.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "core/canonical.hpp"
#include "core/raise.hpp"
#include "join/cells.hpp"

namespace mlrepro::detail::join {
namespace {

using core::ColumnPtr;
using core::KeyIndex;
using core::Table;
using core::with_commas;

std::string plural(RowIndex n, const std::string& one, const std::string& several) {
  return with_commas(n) + " " + (n == 1 ? one : several);
}

std::vector<RowIndex> rows_of_group(const KeyIndex& index, std::int32_t group) {
  std::vector<RowIndex> rows;
  const std::span<const std::int32_t> groups = index.group_of_row();
  for (std::size_t row = 0; row < groups.size(); ++row) {
    if (groups[row] == group) rows.push_back(static_cast<RowIndex>(row));
  }
  return rows;
}

std::string rows_text(const std::vector<RowIndex>& rows) {
  std::string text = "rows " + std::to_string(rows[0]) + " and " + std::to_string(rows[1]);
  if (rows.size() > 2)
    text += " (and " + with_commas(static_cast<RowIndex>(rows.size()) - 2) + " more)";
  return text;
}

// `first` is named first if it is among them: it is the column that the error advises.
std::string differences_text(const Table& side, const Names& keys,
                             const std::vector<RowIndex>& rows, const std::string& first) {
  std::vector<std::string> names;
  for (const ColumnPtr& column : side.columns) {
    if (keys.contains(column->name())) continue;
    const bool differs = std::any_of(rows.begin() + 1, rows.end(), [&](RowIndex row) {
      return !core::equal_cells(*column, rows[0], *column, row);
    });
    if (differs) names.push_back(column->name());
  }
  if (names.empty()) return "are identical rows";
  std::stable_partition(names.begin(), names.end(),
                        [&](const std::string& n) { return n == first; });
  std::string text = "differ in " + names[0];
  for (std::size_t i = 1; i < std::min<std::size_t>(names.size(), 3); ++i) {
    text += (i + 1 == names.size() ? " and " : ", ") + names[i];
  }
  return names.size() > 3 ? text + " and " + std::to_string(names.size() - 3) + " more" : text;
}

// A column of both sides that, added to the key, would make `side` unique; empty: none.
std::string telling_column(const Table& side, const Table& other, const KeyIndex& index,
                           const std::vector<ColumnPtr>& side_keys) {
  std::vector<RowIndex> rows;
  const std::span<const std::int32_t> groups = index.group_of_row();
  for (std::size_t row = 0; row < groups.size(); ++row) {
    if (groups[row] >= 0 && index.group_size()[static_cast<std::size_t>(groups[row])] > 1) {
      rows.push_back(static_cast<RowIndex>(row));
    }
  }
  std::vector<ColumnPtr> wider;
  for (const ColumnPtr& key : side_keys) wider.push_back(key->take(rows));
  for (const ColumnPtr& column : side.columns) {
    const int there = other.find(column->name());
    if (there < 0 ||
        other.columns[static_cast<std::size_t>(there)]->value_class() != column->value_class())
      continue;
    wider.push_back(column->take(rows));
    const KeyIndex split(wider);
    wider.pop_back();
    if (split.n_missing() == 0 && split.n_groups() == split.n_rows()) return column->name();
  }
  return {};
}

struct Side {
  const Table& table;
  const Table& other;
  const Names& names;
  const std::vector<ColumnPtr>& keys;
  const KeyIndex& index;
  const Repeats& repeats;
  const char* name;  // "right"
  std::string hit;   // "0 left rows match them today."
};

[[noreturn]] void raise_violation(const Side& side, const Request& request, const std::string& also,
                                  const std::string& looser) {
  const std::vector<RowIndex> rows = rows_of_group(side.index, side.repeats.smallest);
  const std::string column = telling_column(side.table, side.other, side.index, side.keys);
  const std::string differences = differences_text(side.table, side.names, rows, column);
  std::string message =
      "validate='" + request.validate + "', but " +
      plural(side.repeats.n_keys, "key occurs ", "keys occur ") +
      (side.repeats.largest == 2 ? "twice"
                                 : "up to " + with_commas(side.repeats.largest) + " times") +
      " on the " + side.name + also + ", e.g. " + key_text(side.keys, rows[0]) + ": " +
      rows_text(rows) + " " + differences + ". " + side.hit;
  std::string next = !column.empty()                       ? "Join on " + column + " too, or pass "
                     : differences == "are identical rows" ? "Drop the copies, or pass "
                                                           : "Choose the row to keep, or pass ";
  next += "validate=\"" + looser + "\", or on_violation=\"set_aside\".";
  core::raise<JoinContractError>({.message = std::move(message),
                                  .column = std::string(side.names[0]),
                                  .example_row = rows[0],
                                  .next_step = std::move(next)});
}

RowIndex left_rows_hit(const Matches& matches) {
  RowIndex n = 0;
  for (std::size_t g = 0; g < matches.left_rows_of_group.size(); ++g) {
    if (matches.right.group_size()[g] > 1) n += matches.left_rows_of_group[g];
  }
  return n;
}

RowIndex right_rows_hit(const KeyIndex& left, const Matches& matches) {
  RowIndex n = 0;
  for (std::size_t g = 0; g < left.first_row().size(); ++g) {
    if (left.group_size()[g] < 2) continue;
    const std::int32_t group = matches.group_of_left[static_cast<std::size_t>(left.first_row()[g])];
    if (group >= 0) n += matches.right.group_size()[static_cast<std::size_t>(group)];
  }
  return n;
}

std::string hit_text(RowIndex n, const char* side) {
  return plural(n, std::string(side) + " row matches", std::string(side) + " rows match") +
         " them today.";
}

void check_unmatched(const Keys& keys, const Matches& matches, const Request& request) {
  if (!request.unmatched_is_error || matches.unmatched() == 0) return;
  const auto first = [&](RowClass c) {
    return static_cast<RowIndex>(
        std::find(matches.class_of_left.begin(), matches.class_of_left.end(), c) -
        matches.class_of_left.begin());
  };
  const RowIndex not_found = matches.counts[static_cast<std::size_t>(RowClass::key_not_found)];
  const RowIndex null_key = matches.counts[static_cast<std::size_t>(RowClass::null_key)];
  const RowIndex example = first(not_found > 0 ? RowClass::key_not_found : RowClass::null_key);
  const RowIndex n_left = static_cast<RowIndex>(matches.class_of_left.size());
  core::raise<JoinContractError>(
      {.message = "unmatched='error', but " + with_commas(matches.unmatched()) + " of " +
                  plural(n_left, "left row has", "left rows have") +
                  " no match: " + with_commas(not_found) + " key not found, " +
                  with_commas(null_key) + " null key, e.g. row " + std::to_string(example) +
                  " with key " + key_text(keys.left, example) + ".",
       .column = std::string(request.left_on[0]),
       .example_row = example,
       .next_step =
           "Complete the right table, or pass unmatched=\"report\" and read join_report."});
}

}  // namespace

Repeats repeats_of(const KeyIndex& index) {
  Repeats out;
  for (std::size_t g = 0; g < index.group_size().size(); ++g) {
    const RowIndex size = index.group_size()[g];
    if (size < 2) continue;
    ++out.n_keys;
    out.n_rows += size;
    out.largest = std::max(out.largest, size);
    const RowIndex row = index.first_row()[g];
    if (out.smallest < 0 ||
        compare_rows(index.columns(), row,
                     index.first_row()[static_cast<std::size_t>(out.smallest)]) < 0) {
      out.smallest = static_cast<std::int32_t>(g);
    }
  }
  return out;
}

ContractCheck check_contract(const Table& left, const Table& right, const Keys& keys,
                             const Matches& matches, const Request& request) {
  ContractCheck check;
  if (request.right_unique) check.right = repeats_of(matches.right);
  std::optional<KeyIndex> left_index;
  if (request.left_unique) {
    left_index.emplace(keys.left, request.threads);
    check.left = repeats_of(*left_index);
  }
  const bool bad_left = check.left.n_keys > 0, bad_right = check.right.n_keys > 0;
  if (!request.set_aside && bad_right) {
    const std::string also =
        bad_left ? " (and " + with_commas(check.left.n_keys) + " on the left)" : "";
    const std::string looser = bad_left || !request.left_unique ? "m:m" : "1:m";
    raise_violation({right, left, request.right_on, keys.right, matches.right, check.right, "right",
                     hit_text(left_rows_hit(matches), "left")},
                    request, also, looser);
  }
  if (!request.set_aside && bad_left) {
    raise_violation({left, right, request.left_on, keys.left, *left_index, check.left, "left",
                     hit_text(right_rows_hit(*left_index, matches), "right")},
                    request, "", request.right_unique ? "m:1" : "m:m");
  }
  check_unmatched(keys, matches, request);
  return check;
}

}  // namespace mlrepro::detail::join
