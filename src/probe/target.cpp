// SPDX-License-Identifier: Apache-2.0
#include "probe/target.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include "core/exact_sum.hpp"
#include "core/raise.hpp"
#include "probe/number_of.hpp"

namespace mlrepro::detail::probe {
namespace {

using core::raise;
using core::with_commas;

bool is_numeric(const core::Column& column) noexcept {
  const ValueClass c = column.value_class();
  return c == ValueClass::number || c == ValueClass::boolean || c == ValueClass::missing;
}

void check_numeric(const TargetValues& target, const core::Column& column) {
  if (!is_numeric(column)) {
    RowIndex row = 0;
    while (row + 1 < column.n_rows() && column.is_missing(row)) ++row;
    raise<InputTypeError>(
        {.message = "target " + core::in_quotes(target.name) + " is " +
                    core::to_string(column.type()) + ", neither number nor boolean (row " +
                    with_commas(row) + ": " + core::display(column.value(row)) + ").",
         .column = target.name,
         .example_row = row,
         .next_step = "Make it one, e.g. compare it with a value: column == ..."});
  }
}

RowIndex first_present(const TargetValues& target) noexcept {
  const auto at = std::find(target.present.begin(), target.present.end(), std::uint8_t{1});
  return at == target.present.end() ? -1 : static_cast<RowIndex>(at - target.present.begin());
}

void check_values(const TargetValues& target, RowIndex n_rows) {
  for (std::size_t row = 0; row < target.values.size(); ++row) {
    if (target.present[row] == 0 || core::parts_of(target.values[row]).finite) continue;
    raise<SchemaError>(
        {.message = "target " + core::in_quotes(target.name) + " is infinite in row " +
                    with_commas(static_cast<std::int64_t>(row)) + ": it has no mean.",
         .column = target.name,
         .example_row = static_cast<RowIndex>(row),
         .next_step = "Clip it, or set such rows to missing."});
  }
  if (first_present(target) >= 0) return;
  raise<SchemaError>({.message = "target " + core::in_quotes(target.name) + " is missing in all " +
                                 with_commas(n_rows) + " rows.",
                      .column = target.name,
                      .next_step = "Pass a target with values."});
}

void check_varies(const TargetValues& target, RowIndex n_rows) {
  const RowIndex first = first_present(target);
  const double t = target.values[static_cast<std::size_t>(first)];
  for (std::size_t row = 0; row < target.values.size(); ++row) {
    if (target.present[row] != 0 && target.values[row] != t) return;
  }
  raise<SchemaError>({.message = "target " + core::in_quotes(target.name) + " is " +
                                 core::display(Value(t)) + " in all " +
                                 with_commas(n_rows - target.n_missing) + " rows that have one" +
                                 (t >= 0x1p53 || t <= -0x1p53 ? " (as a float64)" : "") +
                                 ": there is nothing to explain.",
                      .column = target.name,
                      .example_row = first,
                      .next_step = "Pass a target that varies."});
}

// value * 2^scale, half to even.
std::int64_t rounded(double value, int scale) noexcept {
  const core::DoubleParts p = core::parts_of(value);
  const int shift = p.exponent + scale;
  std::uint64_t m = p.mantissa;
  if (shift >= 0) {
    m = m == 0 ? 0 : m << shift;
  } else if (shift < -63) {
    m = 0;
  } else {
    const std::uint64_t half = std::uint64_t{1} << (-shift - 1);
    const std::uint64_t rest = m & ((half << 1) - 1);
    m >>= -shift;
    m += rest > half || (rest == half && (m & 1) != 0) ? 1 : 0;
  }
  return p.negative ? -static_cast<std::int64_t>(m) : static_cast<std::int64_t>(m);
}

// The value nearest to 0 if all others are within twice of it: then subtracting it is exact
// (Sterbenz 1974), and a spread far below the offset keeps its digits. Else 0.
double offset_of(const TargetValues& target) noexcept {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (std::size_t row = 0; row < target.values.size(); ++row) {
    if (target.present[row] == 0) continue;
    low = std::min(low, target.values[row]);
    high = std::max(high, target.values[row]);
  }
  if (low > 0 && high / 2 <= low) return low;
  if (high < 0 && low / 2 >= high) return high;
  return 0;
}

constexpr int kAllZero = -1100;  // below the exponent of any double

// Squares below 2^-1000 vanish and those above 2^1000 overflow, and with them every interval.
void check_squares(const TargetValues& target, int top) {
  constexpr int kMost = 500;
  if (target.binary || top == kAllZero || (top >= -kMost && top <= kMost)) return;
  const bool small = top < 0;
  raise<SchemaError>(
      {.message = "target " + core::in_quotes(target.name) + " varies by " +
                  (small ? "less than 1e-150: squares of that vanish in a float64"
                         : "more than 1e150: squares of that overflow float64") +
                  ", so it would have no interval.",
       .column = target.name,
       .next_step = small ? "Multiply it, e.g. by 1e200." : "Divide it, e.g. by 1e200."});
}

void scale_values(TargetValues& target) {
  const double offset = target.binary ? 0 : offset_of(target);
  const auto centred = [&](std::size_t row) {
    return target.present[row] == 0 ? 0 : target.values[row] - offset;
  };
  int top = kAllZero;  // |t| < 2^top for all t
  for (std::size_t row = 0; row < target.values.size(); ++row) {
    const core::DoubleParts p = core::parts_of(centred(row));
    if (p.mantissa != 0)
      top = std::max(top, p.exponent + static_cast<int>(std::bit_width(p.mantissa)));
  }
  check_squares(target, top);
  const auto rows = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(n_counted(target))));
  target.scale = target.binary ? 0 : 59 - rows - top;
  target.scaled.resize(target.values.size());
  for (std::size_t row = 0; row < target.values.size(); ++row)
    target.scaled[row] = rounded(centred(row), target.scale);
}

core::ColumnPtr target_column(const core::Table& table, const std::string& name) {
  const bool role = name == "label" || name == "prediction";
  const std::string& of_role = name == "label" ? table.roles.label : table.roles.prediction;
  const int at = table.find(name);
  if (!role) return table.column(name);
  if (of_role.empty()) {
    if (at >= 0) return table.columns[static_cast<std::size_t>(at)];
    raise<ColumnNotFoundError>(
        {.message = "the target " + core::in_quotes(name) +
                    " is no column, and no column has the role " + name + ".",
         .column = name,
         .next_step =
             "Declare it, e.g. with_roles(" + name + "=...), or pass the values as an array."});
  }
  if (at >= 0 && of_role != name) {
    raise<ArgumentError>({.message = "the target " + core::in_quotes(name) +
                                     " is a column, and the role of another column, " +
                                     core::in_quotes(of_role) + ".",
                          .column = name,
                          .next_step = "Name the column of the role, or rename the other one."});
  }
  return table.column(of_role);
}

}  // namespace

std::int64_t n_counted(const TargetValues& target) noexcept {
  std::int64_t sum = 0;
  for (std::size_t row = 0; row < target.values.size(); ++row)
    sum += target.present[row] != 0 ? target.weights.of(row) : 0;
  return sum;
}

const std::string& target_column_name(const Target& target) noexcept {
  static const std::string kNone;
  const auto& asked = object_of<TargetRequest>(target.ref());
  return asked.values == nullptr ? asked.name : kNone;
}

void check_length(const core::Table& table, const std::string& name, const core::Column& column) {
  if (table.n_rows == 0) {
    raise<SchemaError>(
        {.message = "the table has no rows.", .next_step = "Pass a table with rows."});
  }
  if (column.n_rows() != table.n_rows) {
    raise<SchemaError>({.message = "target " + core::in_quotes(name) + " has " +
                                   with_commas(column.n_rows()) + " values, the table " +
                                   with_commas(table.n_rows) + " rows.",
                        .column = name,
                        .next_step = "Pass one value a row, in the order of the rows."});
  }
}

core::ColumnPtr asked_cells(const core::Table& table, const TargetRequest& asked,
                            TargetValues& target) {
  if (asked.values == nullptr) target.column = target_column(table, asked.name);
  core::ColumnPtr cells = asked.values != nullptr ? asked.values : target.column;
  target.name = cells->name();
  return cells;
}

TargetValues read_target(const core::Table& table, const Target& request) {
  TargetValues target;
  const core::ColumnPtr column =
      asked_cells(table, object_of<TargetRequest>(request.ref()), target);
  check_length(table, target.name, *column);
  check_numeric(target, *column);
  target.weights = row_weights(table);
  target.values.resize(static_cast<std::size_t>(table.n_rows));
  target.present.resize(target.values.size());
  for (RowIndex row = 0; row < table.n_rows; ++row) {
    const auto i = static_cast<std::size_t>(row);
    const Value v = column->value(row);
    target.present[i] = v.is_missing() ? 0 : 1;
    if (v.is_missing()) {
      ++target.n_missing;
      continue;
    }
    if (target.weights.of(i) == 0) {
      target.present[i] = 0;
      continue;
    }
    target.values[i] = number_of(v) + 0.0;  // no -0.0
    target.binary = target.binary && (target.values[i] == 0 || target.values[i] == 1);
    target.has_negative = target.has_negative || target.values[i] < 0;
  }
  check_values(target, table.n_rows);
  scale_values(target);
  return target;
}

TargetValues resolve_target(const core::Table& table, const Target& request) {
  TargetValues target = read_target(table, request);
  check_varies(target, table.n_rows);
  return target;
}

std::vector<std::uint8_t> as_binary(const core::Column& column) {
  if (!is_numeric(column)) return {};
  std::vector<std::uint8_t> out(static_cast<std::size_t>(column.n_rows()), 2);
  for (RowIndex row = 0; row < column.n_rows(); ++row) {
    const Value v = column.value(row);
    if (v.is_missing()) continue;
    const double t = number_of(v);
    if (t != 0 && t != 1) return {};
    out[static_cast<std::size_t>(row)] = t == 1 ? 1 : 0;
  }
  return out;
}

}  // namespace mlrepro::detail::probe

namespace mlrepro {

Target Target::column(std::string_view name) {
  auto request = std::make_unique<detail::probe::TargetRequest>();
  request->name = name;
  return Target(detail::Ref(request.release()));
}

Target Target::values(ColumnView values, std::string_view name) {
  auto request = std::make_unique<detail::probe::TargetRequest>();
  request->name = name;
  request->values = detail::core::Column::copy_of(std::string(name), values);
  return Target(detail::Ref(request.release()));
}

}  // namespace mlrepro
