// SPDX-License-Identifier: Apache-2.0
#include "probe/row_changes.hpp"

#include <cmath>
#include <limits>

#include <mlrepro/core/order_key.hpp>
#include <mlrepro/stats/row_loss.hpp>

#include "core/cancel.hpp"
#include "core/column.hpp"
#include "core/raise.hpp"
#include "probe/number_of.hpp"
#include "stats/losses.hpp"

namespace mlrepro::detail::probe {
namespace {

using core::raise;
using core::with_commas;

void check_length(const ColumnView& column, std::string_view name, RowIndex n_rows) {
  if (column.n_rows() == n_rows) return;
  raise<ArgumentError>({.message = std::string(name) + " has " + with_commas(column.n_rows()) +
                                   " values, the table " + with_commas(n_rows) + " rows.",
                        .column = std::string(name),
                        .next_step = "Pass one value a row, in the order of the rows."});
}

// Booleans are the numbers 0 and 1 here: a model may answer True where the label is 1.
ValueClass class_of(const Value& v) noexcept {
  return v.value_class() == ValueClass::boolean ? ValueClass::number : v.value_class();
}

bool is_float(const ColumnView& column) noexcept {
  return column.type() == Type::float32 || column.type() == Type::float64;
}

bool equal(const Value& a, const Value& b) noexcept {
  if (a.value_class() == ValueClass::text) return a.text() == b.text();
  const auto key = [](const Value& v) {
    return core::order_key(
        v.value_class() == ValueClass::boolean ? Value(static_cast<std::int64_t>(v.bits())) : v);
  };
  return key(a) == key(b);
}

void require_present(const ColumnView& column, std::string_view name) {
  for (RowIndex row = 0; row < column.n_rows(); ++row) {
    core::check_cancelled_at(row);
    if (!column[row].is_missing()) continue;
    raise<ArgumentError>(
        {.message = std::string(name) + " is missing in row " + with_commas(row) + ".",
         .column = std::string(name),
         .example_row = row,
         .next_step = "Leave such rows out, or predict them."});
  }
}

struct Classes {  // one class of values in all columns
  ValueClass value_class = ValueClass::missing;
  std::string_view first{};

  void see(const ColumnView& column, std::string_view name) {
    for (RowIndex row = 0; row < column.n_rows(); ++row) {
      core::check_cancelled_at(row);
      const Value v = column[row];
      if (v.is_missing()) continue;
      if (value_class == ValueClass::missing) {
        value_class = class_of(v);
        first = name;
      }
      if (class_of(v) == value_class) continue;
      raise<InputTypeError>({.message = std::string(name) + " holds " +
                                        std::string(to_string(class_of(v))) + ", and " +
                                        std::string(first) + " " +
                                        std::string(to_string(value_class)) + ".",
                             .column = std::string(name),
                             .example_row = row,
                             .next_step = "Bring both into one form, e.g. class names or codes."});
    }
  }
};

bool is_rounded(const Value& v) noexcept {
  return v.value_class() == ValueClass::number &&
         core::order_key(Value(number_of(v))) != core::order_key(v);
}

std::vector<double> numbers(const ColumnView& column, std::string_view name) {
  std::vector<double> out(static_cast<std::size_t>(column.n_rows()),
                          std::numeric_limits<double>::quiet_NaN());
  for (RowIndex row = 0; row < column.n_rows(); ++row) {
    core::check_cancelled_at(row);
    const Value v = column[row];
    if (v.is_missing()) continue;
    if (is_rounded(v)) {
      raise<ArgumentError>({.message = std::string(name) +
                                       " holds an integer that float64 would round (row " +
                                       with_commas(row) + ": " + core::display(v) + ").",
                            .column = std::string(name),
                            .example_row = row,
                            .next_step = "Leave loss out: labels are compared exactly."});
    }
    out[static_cast<std::size_t>(row)] = number_of(v);
    if (std::isinf(number_of(v))) {
      raise<ArgumentError>(
          {.message = std::string(name) + " is infinite in row " + with_commas(row) + ".",
           .column = std::string(name),
           .example_row = row,
           .next_step = "Leave such rows out, or predict them."});
    }
  }
  return out;
}

// Labels that are floats, as scikit-learn predicts them, are whole.
void refuse_fractions(const ColumnView& column, std::string_view name) {
  if (!is_float(column)) return;
  for (RowIndex row = 0; row < column.n_rows(); ++row) {
    core::check_cancelled_at(row);
    const double x = number_of(column[row]);
    if (x == std::floor(x)) continue;
    raise<ArgumentError>(
        {.message = std::string(name) + " holds numbers (row " + with_commas(row) + ": " +
                    core::display(column[row]) + "), and no loss says when a row got worse.",
         .column = std::string(name),
         .example_row = row,
         .next_step =
             "Pass loss=\"absolute_error\", \"squared_error\" or \"log_loss\", or labels."});
  }
}

void check_differences(const std::vector<double>& amount) {
  for (std::size_t i = 0; i < amount.size(); ++i) {
    if (!std::isinf(amount[i])) continue;
    raise<ArgumentError>({.message = "after - before overflows float64 in row " +
                                     with_commas(static_cast<RowIndex>(i)) + ".",
                          .column = "before",
                          .example_row = static_cast<RowIndex>(i),
                          .next_step = "Are the predictions in the unit of y?"});
  }
}

void compare_labels(const Predictions& p, RowChanges& out) {
  for (std::size_t i = 0; i < out.rows.size(); ++i) {
    const auto row = static_cast<RowIndex>(i);
    core::check_cancelled_at(row);
    const bool same = equal(p.before[row], p.after[row]);
    if (p.y == nullptr) {
      out.rows[i] = same ? RowChange::same : RowChange::other;
      continue;
    }
    const Value y = (*p.y)[row];
    if (y.is_missing()) continue;
    const bool was = equal(p.before[row], y), is = equal(p.after[row], y);
    out.rows[i] = was && is ? RowChange::same
                  : was     ? RowChange::worse
                  : is      ? RowChange::better
                  : same    ? RowChange::wrong_alike
                            : RowChange::wrong_apart;
  }
}

void compare_numbers(const Predictions& p, int threads, RowChanges& out) {
  const std::vector<double> before = numbers(p.before, "before"), after = numbers(p.after, "after");
  out.amount.resize(out.rows.size());
  if (p.y == nullptr) {
    for (std::size_t i = 0; i < out.rows.size(); ++i) {
      out.amount[i] = after[i] - before[i];
      out.rows[i] = out.amount[i] == 0 ? RowChange::same : RowChange::other;
    }
    return check_differences(out.amount);
  }
  const std::vector<double> y = numbers(*p.y, "y");
  const RowLoss kind = row_loss_from_string(out.loss);
  std::vector<double> now(y.size());
  stats::named_row_loss(y, before, "before", kind, out.amount, threads);
  stats::named_row_loss(y, after, "after", kind, now, threads);
  for (std::size_t i = 0; i < y.size(); ++i) {
    core::check_cancelled_at(static_cast<RowIndex>(i));
    if (std::isnan(y[i])) continue;
    out.amount[i] -= now[i];
    out.rows[i] = out.amount[i] > 0   ? RowChange::better
                  : out.amount[i] < 0 ? RowChange::worse
                                      : RowChange::same;
  }
}

bool is_change(RowChange row, Change change) noexcept {
  if (change == Change::worse) return row == RowChange::worse;
  if (change == Change::better) return row == RowChange::better;
  return row == RowChange::other;
}

}  // namespace

std::vector<double> RowChanges::target(Change change) const {
  std::vector<double> out(rows.size(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    core::check_cancelled_at(static_cast<RowIndex>(i));
    if (rows[i] == RowChange::no_label) continue;
    const bool hit = is_change(rows[i], change);
    out[i] = !hit ? 0 : are_numbers ? std::fabs(amount[i]) : 1;
  }
  return out;
}

bool RowChanges::varies(Change change) const {
  const std::vector<double> values = target(change);
  double first = std::numeric_limits<double>::quiet_NaN();
  for (const double value : values) {
    if (std::isnan(value)) continue;
    if (std::isnan(first)) first = value;
    if (value != first) return true;
  }
  return false;
}

RowChanges read_row_changes(RowIndex n_rows, const Predictions& p, const std::string& loss,
                            int threads) {
  Classes classes;
  check_length(p.before, "before", n_rows);
  check_length(p.after, "after", n_rows);
  if (p.y != nullptr) check_length(*p.y, "y", n_rows);
  require_present(p.before, "before");
  require_present(p.after, "after");
  classes.see(p.before, "before");
  classes.see(p.after, "after");
  if (p.y != nullptr) classes.see(*p.y, "y");
  RowChanges out;
  out.has_y = p.y != nullptr;
  out.loss = loss;
  out.rows.assign(static_cast<std::size_t>(n_rows), RowChange::no_label);
  if (!out.has_y && !loss.empty()) {
    raise<ArgumentError>({.message = "loss is " + core::in_quotes(loss) + ", and there is no y.",
                          .next_step = "Pass y, or leave loss out."});
  }
  if (!loss.empty() && classes.value_class != ValueClass::number && n_rows > 0) {
    raise<InputTypeError>({.message = "the predictions are " +
                                      std::string(to_string(classes.value_class)) +
                                      ", which have no " + loss + ".",
                           .column = "before",
                           .next_step = "Leave loss out: labels are equal or not."});
  }
  out.are_numbers = out.has_y ? !loss.empty() : is_float(p.before) || is_float(p.after);
  if (out.are_numbers) {
    compare_numbers(p, threads, out);
  } else {
    if (out.has_y) {
      refuse_fractions(p.before, "before");
      refuse_fractions(p.after, "after");
    }
    compare_labels(p, out);
  }
  for (const RowChange row : out.rows) out.n_without_y += row == RowChange::no_label ? 1 : 0;
  return out;
}

}  // namespace mlrepro::detail::probe
