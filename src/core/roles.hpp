// SPDX-License-Identifier: Apache-2.0
// Roles as a list, so that each rule about them is written once.
#pragma once
#include <functional>
#include <string_view>

#include "core/table.hpp"

namespace mlrepro::detail::core {

// Of a column that says how a row came about: no feature, and searched by probes.
[[nodiscard]] constexpr bool is_row_metadata(std::string_view role) noexcept {
  return role == "join_outcome" || role == "source_file" || role == "duplicate";
}

// Calls visit(role, column) for every column that has a role, in the order of Roles' members.
void for_each_role(const Roles& roles,
                   const std::function<void(std::string_view, std::string_view)>& visit);
// Roles whose columns `keep` accepts; a key loses its role whole when one of its columns is gone.
Roles roles_where(const Roles& roles, const std::function<bool(std::string_view)>& keep);
Roles roles_renamed(const Roles& roles, std::string_view from, std::string_view to);
void check_roles(const std::vector<ColumnPtr>& columns,
                 const Roles& roles);  // they name columns, a column has one role
void check_key(const std::vector<ColumnPtr>& columns,
               const Names& key);  // SchemaError: nulls or repeats

}  // namespace mlrepro::detail::core
