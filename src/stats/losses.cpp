// SPDX-License-Identifier: Apache-2.0
#include "stats/losses.hpp"

#include <string>

#include "core/cancel.hpp"
#include "core/json.hpp"
#include "core/raise.hpp"

namespace mlrepro::detail::stats {
namespace {

using core::with_commas;

struct Fault {
  RowIndex count = 0, row = -1;
};

// How many labelled rows fail, and the first of them. Rows without a label are left out of
// everything.
template <class Fails>
Fault find(std::span<const double> y, Fails fails) {
  Fault fault;
  for (std::size_t i = 0; i < y.size(); ++i) {
    core::check_cancelled_at(static_cast<RowIndex>(i));
    if (is_nan(y[i]) || !fails(i)) continue;
    if (fault.count++ == 0) fault.row = static_cast<RowIndex>(i);
  }
  return fault;
}

std::string of_rows(const Fault& fault, std::size_t n) {
  return with_commas(fault.count) + " of " + with_commas(static_cast<std::int64_t>(n)) + " rows";
}

std::string example(const Fault& fault, double value) {
  return "row " + std::to_string(fault.row) + ": " + core::display_number(value);
}

bool is_label(double y) noexcept {
  return y == 0 || y == 1;
}

}  // namespace

void require_same_length(std::size_t n_labels, std::size_t n, std::string_view name) {
  if (n == n_labels) return;
  core::raise<ArgumentError>(
      {.message = std::string(name) + " has " + with_commas(static_cast<std::int64_t>(n)) +
                  " rows, y has " + with_commas(static_cast<std::int64_t>(n_labels)) + ".",
       .column = std::string(name),
       .next_step = "Pass one value for each row of y, in the same order."});
}

void require_present(std::span<const double> y, std::span<const double> prediction,
                     std::string_view name) {
  const Fault fault = find(y, [&](std::size_t i) { return is_nan(prediction[i]); });
  if (fault.count == 0) return;
  core::raise<ArgumentError>({.message = std::string(name) + " is missing on " +
                                         of_rows(fault, y.size()) + " (first: row " +
                                         std::to_string(fault.row) + ").",
                              .column = std::string(name),
                              .example_row = fault.row,
                              .next_step = "Predict these rows, or leave them out of y as well."});
}

void require_binary(std::span<const double> y, std::string_view what) {
  const Fault fault = find(y, [&](std::size_t i) { return !is_label(y[i]); });
  if (fault.count == 0) return;
  const double value = y[static_cast<std::size_t>(fault.row)];
  core::raise<ArgumentError>(
      {.message = std::string(what) + " needs labels 0 and 1; y has another value on " +
                  of_rows(fault, y.size()) + " (" + example(fault, value) + ").",
       .column = "y",
       .example_row = fault.row,
       .next_step = "Say which class is 1, e.g. y == " + core::display_number(value) + "."});
}

void require_probabilities(std::span<const double> y, std::span<const double> prediction,
                           std::string_view name, std::string_view what) {
  const Fault fault =
      find(y, [&](std::size_t i) { return !(prediction[i] >= 0 && prediction[i] <= 1); });
  if (fault.count == 0) return;
  core::raise<ArgumentError>(
      {.message = std::string(what) + " needs probabilities; " + std::string(name) +
                  " lies outside [0, 1] on " + of_rows(fault, y.size()) + " (" +
                  example(fault, prediction[static_cast<std::size_t>(fault.row)]) + ").",
       .column = std::string(name),
       .example_row = fault.row,
       .next_step = "Pass probabilities of class 1, e.g. predict_proba(X)[:, 1]."});
}

void require_finite(std::span<const double> y, std::span<const double> values,
                    std::string_view name, std::string_view what) {
  const Fault fault = find(y, [&](std::size_t i) { return is_infinite(values[i]); });
  if (fault.count == 0) return;
  core::raise<ArgumentError>(
      {.message = std::string(what) + " of an infinite value says nothing; " + std::string(name) +
                  " is infinite on " + of_rows(fault, y.size()) + " (first: row " +
                  std::to_string(fault.row) + ").",
       .column = std::string(name),
       .example_row = fault.row,
       .next_step = "Replace these values, or leave the rows out."});
}

void require_losses(std::span<const double> y, std::span<const double> prediction,
                    std::string_view name, std::string_view what, RowLoss kind) {
  const auto refuse = [&](const Fault& fault, std::string_view column, const std::string& says,
                          const char* next_step) {
    core::raise<ArgumentError>({.message = std::string(what) + " of " + std::string(column) + says +
                                           " on " + of_rows(fault, y.size()) + " (first: row " +
                                           with_commas(fault.row) + ").",
                                .column = std::string(column),
                                .example_row = fault.row,
                                .next_step = next_step});
  };
  const Fault over =
      find(y, [&](std::size_t i) { return is_infinite(loss_of(kind, y[i], prediction[i])); });
  if (over.count != 0)
    refuse(over, name, " overflows float64", "Are the predictions in the unit of y?");
  if (kind != RowLoss::squared_error) return;
  const auto any = [&](auto holds) { return find(y, holds).count != 0; };
  const auto is_lost = [](double x) { return x != 0 && x * x < 0x1p-1022; };
  const Fault lost = find(y, [&](std::size_t i) { return is_lost(prediction[i] - y[i]); });
  if (lost.count == 0 || !any([&](std::size_t i) { return is_lost(y[i]); })) return;
  if (any([&](std::size_t i) {
        return y[i] * y[i] >= 0x1p-1022 || loss_of(kind, y[i], prediction[i]) >= 0x1p-1022;
      }))
    return;
  refuse(lost, name, ": squares of its errors vanish in a float64, as those of y do",
         "Multiply y and the predictions, e.g. by 1e200.");
}

void require_labels(std::span<const double> y, std::span<const double> prediction,
                    std::string_view name, std::string_view what) {
  if (find(y, [&](std::size_t i) { return !is_label(y[i]); }).count != 0) return;
  const Fault fault =
      find(y, [&](std::size_t i) { return prediction[i] > 0 && prediction[i] < 1; });
  if (fault.count == 0) return;
  core::raise<ArgumentError>(
      {.message = std::string(what) + " compares labels; " + std::string(name) +
                  " lies between 0 and 1 on " + of_rows(fault, y.size()) + " (" +
                  example(fault, prediction[static_cast<std::size_t>(fault.row)]) + ").",
       .column = std::string(name),
       .example_row = fault.row,
       .next_step = "Pass labels, e.g. " + std::string(name) + " >= 0.5" +
                    (what == "accuracy" ? ", or threshold=0.5." : ".")});
}

}  // namespace mlrepro::detail::stats
