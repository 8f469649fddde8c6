// SPDX-License-Identifier: Apache-2.0
#include "core/roles.hpp"

#include <algorithm>
#include <map>

#include "core/key_index.hpp"
#include "core/raise.hpp"

namespace mlrepro::detail::core {

namespace {

struct SingleRole {
  std::string_view role;
  std::string Roles::*column;
};
constexpr SingleRole kSingle[] = {{"time", &Roles::time},
                                  {"known_time", &Roles::known_time},
                                  {"label", &Roles::label},
                                  {"label_time", &Roles::label_time},
                                  {"prediction", &Roles::prediction},
                                  {"weight", &Roles::weight},
                                  {"source_file", &Roles::source_file}};

std::vector<std::string_view> names_of(const std::vector<ColumnPtr>& columns) {
  std::vector<std::string_view> names;
  for (const ColumnPtr& column : columns) names.push_back(column->name());
  return names;
}

std::string key_text(const std::vector<ColumnPtr>& key, RowIndex row) {
  std::string text;
  for (const ColumnPtr& column : key)
    text += (text.empty() ? "" : ", ") + display(column->value(row));
  return key.size() == 1 ? text : "(" + text + ")";
}

std::string key_name(const std::vector<ColumnPtr>& key) {
  const std::vector<std::string_view> names = names_of(key);
  return key.size() == 1 ? std::string(names[0]) : "(" + joined(names) + ")";
}

}  // namespace

void for_each_role(const Roles& roles,
                   const std::function<void(std::string_view, std::string_view)>& visit) {
  for (int i = 0; i < roles.key.size(); ++i) visit("key", roles.key[i]);
  for (int i = 0; i < roles.entity.size(); ++i) visit("entity", roles.entity[i]);
  for (const SingleRole& single : kSingle) {
    if (!(roles.*single.column).empty()) visit(single.role, roles.*single.column);
  }
  for (int i = 0; i < roles.join_outcome.size(); ++i) visit("join_outcome", roles.join_outcome[i]);
  for (int i = 0; i < roles.duplicate.size(); ++i) visit("duplicate", roles.duplicate[i]);
}

Roles roles_where(const Roles& roles, const std::function<bool(std::string_view)>& keep) {
  Roles out;
  bool whole_key = true;
  for (int i = 0; i < roles.key.size(); ++i) whole_key = whole_key && keep(roles.key[i]);
  if (whole_key) out.key = roles.key;
  for (int i = 0; i < roles.entity.size(); ++i) {
    if (keep(roles.entity[i])) out.entity.add(roles.entity[i]);
  }
  for (const SingleRole& single : kSingle) {
    const std::string& column = roles.*single.column;
    if (!column.empty() && keep(column)) out.*single.column = column;
  }
  for (int i = 0; i < roles.join_outcome.size(); ++i) {
    if (keep(roles.join_outcome[i])) out.join_outcome.add(roles.join_outcome[i]);
  }
  for (int i = 0; i < roles.duplicate.size(); ++i) {
    if (keep(roles.duplicate[i])) out.duplicate.add(roles.duplicate[i]);
  }
  return out;
}

Roles roles_renamed(const Roles& roles, std::string_view from, std::string_view to) {
  const auto renamed = [&](const Names& names) {
    Names out;
    for (int i = 0; i < names.size(); ++i) out.add(names[i] == from ? to : names[i]);
    return out;
  };
  Roles out = roles;
  out.key = renamed(roles.key);
  out.entity = renamed(roles.entity);
  out.join_outcome = renamed(roles.join_outcome);
  out.duplicate = renamed(roles.duplicate);
  for (const SingleRole& single : kSingle) {
    if (out.*single.column == from) out.*single.column = to;
  }
  return out;
}

void check_roles(const std::vector<ColumnPtr>& columns, const Roles& roles) {
  const std::vector<std::string_view> names = names_of(columns);
  std::map<std::string_view, std::string_view> role_of;
  for_each_role(roles, [&](std::string_view role, std::string_view column) {
    if (std::find(names.begin(), names.end(), column) == names.end()) {
      std::string hint = nearest(column, names);
      raise<ColumnNotFoundError>({.message = std::string(role) + "=" + in_quotes(column) +
                                             " names no column of the table, which has " +
                                             listed(names) + ".",
                                  .column = std::string(column),
                                  .next_step = hint.empty() ? "Name one of these." : hint});
    }
    const auto [at, is_new] = role_of.emplace(column, role);
    const bool both_fine =
        (at->second == "key" || at->second == "entity") && (role == "time" || role == "entity");
    if (!is_new && !both_fine) {  // a key may hold the entity and the time
      raise<ArgumentError>({.message = "column " + in_quotes(column) + " is given two roles, " +
                                       std::string(at->second) + " and " + std::string(role) + ".",
                            .column = std::string(column),
                            .next_step = "Give it one."});
    }
  });
}

void check_key(const std::vector<ColumnPtr>& columns, const Names& key) {
  std::vector<ColumnPtr> parts;
  for (int i = 0; i < key.size(); ++i) {
    parts.push_back(*std::find_if(columns.begin(), columns.end(),
                                  [&](const ColumnPtr& c) { return c->name() == key[i]; }));
  }
  if (parts.empty()) return;
  for (const ColumnPtr& part : parts) {
    if (part->n_missing() == 0) continue;
    RowIndex row = 0;
    while (!part->is_missing(row)) ++row;
    raise<SchemaError>({.message = "key column " + in_quotes(part->name()) + " is missing in " +
                                   with_commas(part->n_missing()) + " of " +
                                   with_commas(part->n_rows()) + " rows, e.g. row " +
                                   std::to_string(row) + ".",
                        .column = part->name(),
                        .example_row = row,
                        .next_step = "Leave these rows out, or declare another key."});
  }
  const KeyIndex index(parts);
  const auto repeated = std::find_if(index.group_size().begin(), index.group_size().end(),
                                     [](RowIndex size) { return size > 1; });
  if (repeated == index.group_size().end()) return;
  RowIndex n_keys = 0, n_rows = 0;
  for (RowIndex size : index.group_size()) {
    n_keys += size > 1 ? 1 : 0;
    n_rows += size > 1 ? size : 0;
  }
  const auto group = static_cast<std::int32_t>(repeated - index.group_size().begin());
  const RowIndex first = index.first_row()[static_cast<std::size_t>(group)];
  RowIndex second = first + 1;
  while (index.group_of_row()[static_cast<std::size_t>(second)] != group) ++second;
  raise<SchemaError>({.message = key_name(parts) + " is not a key: " + with_commas(n_keys) +
                                 (n_keys == 1 ? " value occurs" : " values occur") +
                                 " more than once (" + with_commas(n_rows) + " rows), e.g. " +
                                 key_text(parts, first) + " in rows " + std::to_string(first) +
                                 " and " + std::to_string(second) + ".",
                      .column = parts[0]->name(),
                      .example_row = first,
                      .next_step = "Add a column that tells these rows apart, or drop key= "
                                   "(identity is then a hash of the row)."});
}

}  // namespace mlrepro::detail::core
