// SPDX-License-Identifier: Apache-2.0
// A table's identity columns taken out and put back: what a pickle needs, since they outlive
// select() and drop().
#include "core/raise.hpp"
#include "core/roles.hpp"
#include "core/table.hpp"

namespace mlrepro {

using detail::core::Table;
using detail::core::table_of;

Dataset Dataset::identity() const {
  const Table& from = table_of(*this);
  auto table = std::make_unique<Table>();
  table->columns = from.identity;
  table->identity = from.identity;
  table->identity_by_key = from.identity_by_key;
  table->n_rows = from.n_rows;
  return Dataset(detail::Ref(table.release()));
}

Dataset Dataset::with_identity(const Dataset& identity, bool by_key, const Roles& roles) const {
  const Table& from = table_of(*this);
  if (identity.n_rows() != from.n_rows) {
    detail::core::raise<ArgumentError>(
        {.message = "The identity has " + std::to_string(identity.n_rows()) +
                    " rows, the table has " + std::to_string(from.n_rows) + ".",
         .next_step = "Give one row of identity a row."});
  }
  detail::core::check_roles(from.columns, roles);
  auto table = detail::core::copy_of(from);
  table->roles = roles;
  table->identity = table_of(identity).columns;
  table->identity_by_key = by_key;
  return Dataset(detail::Ref(table.release()));
}

}  // namespace mlrepro
