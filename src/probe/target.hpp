// SPDX-License-Identifier: Apache-2.0
// The target of a probe, resolved against a table: one number or class a row, and which rows have
// one.
// Integers beyond 2^53 are taken as the nearest double.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <mlrepro/probe/probe.hpp>

#include "core/cancel.hpp"
#include "core/column.hpp"
#include "core/ref_object.hpp"
#include "core/table.hpp"
#include "probe/weights.hpp"

namespace mlrepro::detail::probe {

struct TargetRequest final : Ref::Object {  // what stands behind a public Target
  std::string name{};                       // of a column or role, or of the array
  core::ColumnPtr values{};                 // null: a column or role
  bool against_rest = false;                // of text: is it of_class?
  std::string of_class{};
};

struct TargetValues {
  std::string name{};        // of the column, once a role is resolved
  core::ColumnPtr column{};  // null: an array
  bool binary = true;        // all values are 0 or 1
  bool has_negative = false;
  std::vector<std::string> classes{};   // in order of bytes; empty: numbers
  std::vector<double> values{};         // by row; 0 where missing; of classes: empty
  std::vector<std::uint8_t> present{};  // by row
  RowIndex n_missing = 0;
  RowWeights weights{};
  // Counting works on integers: values less a common offset, at 2^scale, rounded once, half to
  // even, so that sum(|t|) < 2^59. Binary: 0 and 1. Classes: which one, 0 where missing.
  int scale = 0;
  std::vector<std::int64_t> scaled{};
};

// Calls body(row) for every row that is present, in order, as often as the row counts.
template <class Body>
void for_each_row(std::span<const std::uint8_t> present, const RowWeights& weights,
                  const Body& body) {
  for (std::size_t row = 0; row < present.size(); ++row) {
    core::check_cancelled_at(static_cast<RowIndex>(row));
    if (present[row] == 0) continue;
    for (std::uint32_t i = weights.of(row); i > 0; --i) body(row);
  }
}
template <class Body>
void for_each_row(const TargetValues& target, const Body& body) {
  for_each_row(target.present, target.weights, body);
}

// Rows with a target, each as often as it counts.
std::int64_t n_counted(const TargetValues& target) noexcept;
// The column or role that was asked for; empty for an array.
const std::string& target_column_name(const Target& target) noexcept;
// The cells that were asked for: of an array, or of a column, which is kept in target.column. Sets
// target.name.
core::ColumnPtr asked_cells(const core::Table& table, const TargetRequest& asked,
                            TargetValues& target);
// InputTypeError: no number and no boolean. SchemaError: no rows, infinite, all missing, wrong
// length.
TargetValues read_target(const core::Table& table, const Target& target);
// The same for what a search explains. SchemaError: constant.
TargetValues resolve_target(const core::Table& table, const Target& target);

// The same, or classes: text, 2 to kMostClasses of them (else SchemaError).
TargetValues resolve_any_target(const core::Table& table, const Target& target);

// SchemaError: no rows, or not one value a row.
void check_length(const core::Table& table, const std::string& name, const core::Column& column);

// The 0/1 values of a boolean or {0, 1} column: 0, 1, or 2 where missing; empty for any other
// column.
std::vector<std::uint8_t> as_binary(const core::Column& column);

}  // namespace mlrepro::detail::probe
