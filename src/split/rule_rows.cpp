// SPDX-License-Identifier: Apache-2.0
// The rule over a whole table.
#include <array>

#include "core/canonical.hpp"
#include "core/parallel.hpp"
#include "core/raise.hpp"
#include "split/rule.hpp"

namespace mlrepro::detail::split {
namespace {

using core::ColumnPtr;
using core::raise;

void check_class(const core::Column& column, const KeyField& field) {
  const ValueClass found = column.value_class();
  if (found == field.value_class || found == ValueClass::missing ||
      field.value_class == ValueClass::missing)
    return;
  raise<SchemaError>({.message = "column " + core::in_quotes(field.name) + " is " +
                                 std::string(to_string(found)) + " here, but " +
                                 std::string(to_string(field.value_class)) +
                                 " in the plan; \"17\" is not 17, a wall time no instant.",
                      .column = field.name,
                      .next_step = "Cast it to the class that the plan was made with."});
}

ColumnPtr identity_column(const core::Table& table, std::string_view name) {
  for (const ColumnPtr& column : table.identity) {
    if (column->name() == name) return column;
  }
  raise<SchemaError>(
      {.message = "the plan goes by the identity of rows, of which column " +
                  core::in_quotes(name) +
                  " is part; the rows of this table have an identity without it.",
       .column = std::string(name),
       .next_step =
           "Give this table the key and columns of the one that was split, or split with by=."});
}

}  // namespace

std::vector<ColumnPtr> hash_columns(const core::Table& table, const Rule& rule) {
  std::vector<ColumnPtr> columns;
  const int first = rule.has_time ? rule.time.n_fields() : 0;
  for (const int i : rule.hash.name_order) {
    const KeyField& field = rule.key[static_cast<std::size_t>(first + i)];
    const bool by = rule.hash.identity == KeyRule::Identity::by;
    columns.push_back(by ? table.column(field.name) : identity_column(table, field.name));
    check_class(*columns.back(), field);
  }
  if (rule.hash.identity == KeyRule::Identity::values && table.identity.size() != columns.size()) {
    raise<SchemaError>({.message = "the plan goes by the values of " +
                                   std::to_string(columns.size()) +
                                   " columns, the rows of this table are identified by " +
                                   std::to_string(table.identity.size()) + ".",
                        .next_step = "Select the same columns, or split with by=."});
  }
  return columns;
}

std::vector<ColumnPtr> time_columns(const core::Table& table, const Rule& rule) {
  std::vector<ColumnPtr> columns;
  for (int i = 0; i < rule.time.n_fields(); ++i) {
    const KeyField& field = rule.key[static_cast<std::size_t>(i)];
    columns.push_back(table.column(field.name));
    check_class(*columns.back(), field);
  }
  return columns;
}

void hash_key_rows(const core::Table& table, const Rule& rule, int threads, RowParts& out) {
  const std::vector<ColumnPtr> columns = hash_columns(table, rule);
  out.hashes.resize(static_cast<std::size_t>(table.n_rows));
  core::hash_rows(columns, rule.hash.seed, threads, out.hashes);
  if (rule.hash.null_is_value()) return;
  for (const ColumnPtr& column : columns) {
    if (column->n_missing() == 0) continue;
    out.missing.resize(static_cast<std::size_t>(table.n_rows), 0);
    for (RowIndex row = 0; row < table.n_rows; ++row) {
      if (column->is_missing(row)) out.missing[static_cast<std::size_t>(row)] = 1;
    }
  }
}

RowParts decide_rows(const core::Table& table, const Rule& rule, int threads) {
  RowParts out;
  if (rule.has_hash) hash_key_rows(table, rule, threads, out);
  const std::vector<ColumnPtr> times =
      rule.has_time ? time_columns(table, rule) : std::vector<ColumnPtr>{};
  out.part_of_row.resize(static_cast<std::size_t>(table.n_rows));
  core::parallel_for_chunks(
      table.n_rows, 1 << 16, threads, [&](std::int64_t, RowIndex begin, RowIndex end) {
        std::array<Value, 3> fields;
        for (RowIndex row = begin; row < end; ++row) {
          const auto r = static_cast<std::size_t>(row);
          Side side = Side::past;
          if (rule.has_time) {
            for (std::size_t i = 0; i < times.size(); ++i) fields[i] = times[i]->value(row);
            side = rule.time.side(std::span(fields).first(times.size()));
          }
          int part = 0;
          if (rule.has_hash)
            part = !out.missing.empty() && out.missing[r] != 0 ? kMissingKey
                                                               : rule.hash.part(out.hashes[r]);
          out.part_of_row[r] = static_cast<std::uint16_t>(rule.combine(side, part));
        }
      });
  return out;
}

}  // namespace mlrepro::detail::split
