// SPDX-License-Identifier: Apache-2.0
// evaluate by the roles of a Dataset, and the result as JSON.
#include <mlrepro/stats/evaluate.hpp>

#include <bit>
#include <string>
#include <vector>

#include "core/fp_guard.hpp"
#include "core/int128.hpp"
#include "core/json.hpp"
#include "core/raise.hpp"
#include "core/table.hpp"
#include "stats/losses.hpp"

namespace mlrepro {
namespace {

using detail::core::Json;

double number_of(const Value& value) noexcept {
  switch (value.value_class()) {
    case ValueClass::boolean:
      return value.bits() != 0 ? 1 : 0;
    case ValueClass::number:
      break;
    default:
      return std::numeric_limits<double>::quiet_NaN();
  }
  switch (value.number_form()) {
    case Value::NumberForm::unsigned_integer:
      return static_cast<double>(value.bits());
    case Value::NumberForm::signed_integer:
      return static_cast<double>(static_cast<std::int64_t>(value.bits()));
    case Value::NumberForm::binary64:
      return std::bit_cast<double>(value.bits());
    case Value::NumberForm::binary32:
      return std::bit_cast<double>(
          detail::core::widen_bits(static_cast<std::uint32_t>(value.bits())));
  }
  return 0;
}

std::vector<double> numbers_of(const Dataset& rows, std::string_view name, std::string_view role) {
  const ColumnView column = rows[name];
  std::vector<double> out;
  out.reserve(static_cast<std::size_t>(column.n_rows()));
  for (RowIndex row = 0; row < column.n_rows(); ++row) {
    const Value value = column.is_null(row) ? Value() : column[row];
    const ValueClass kind = value.value_class();
    if (kind != ValueClass::missing && kind != ValueClass::boolean && kind != ValueClass::number) {
      detail::core::raise<InputTypeError>(
          {.message = "column " + detail::core::in_quotes(name) + " (" + std::string(role) +
                      ") holds " + std::string(to_string(kind)) + ", not numbers (row " +
                      std::to_string(row) + ": " + detail::core::display(value) + ").",
           .column = std::string(name),
           .example_row = row,
           .next_step = "Make it a number or a boolean first, e.g. df['" + std::string(name) +
                        "'] == " + detail::core::display(value) + "."});
    }
    out.push_back(number_of(value));
  }
  return out;
}

const std::string& required_role(const std::string& column, std::string_view role) {
  if (column.empty()) {
    detail::core::raise<SchemaError>(
        {.message = "the Dataset declares no " + std::string(role) + ".",
         .next_step = "Declare it: with_roles(" + std::string(role) + "=\"<column>\")."});
  }
  return column;
}

Json to_json(const Estimate& estimate) {
  return {{"value", detail::core::double_to_json(estimate.value)},
          {"low", detail::core::double_to_json(estimate.low)},
          {"high", detail::core::double_to_json(estimate.high)}};
}

}  // namespace

Evaluation evaluate(const Dataset& rows, std::span<const Metric> metrics,
                    std::span<const double> prediction, std::span<const double> compare,
                    const EvaluateOptions& options) {
  const detail::core::FpGuard guard;
  const Roles& roles = rows.roles();
  const std::vector<double> y = numbers_of(rows, required_role(roles.label, "label"), "label");
  std::vector<double> predicted;
  if (prediction.empty()) {
    predicted = numbers_of(rows, required_role(roles.prediction, "prediction"), "prediction");
    prediction = predicted;
  }
  std::vector<double> weight;
  if (!roles.weight.empty()) weight = numbers_of(rows, roles.weight, "weight");
  std::vector<RowId> identity(y.size());
  rows.row_ids("evaluate", identity, options.threads);
  return evaluate({.y = y,
                   .prediction = prediction,
                   .compare = compare,
                   .weight = weight,
                   .identity = identity,
                   .identity_is_unit = rows.identity_by_key()},
                  metrics, options);
}

std::string to_json(const Evaluation& evaluation) {
  Json out = detail::core::envelope("evaluation", 1);
  out["rows"] = evaluation.n_rows;
  out["rows_without_label"] = evaluation.n_without_label;
  out["rows_positive"] = evaluation.n_positive < 0 ? Json(nullptr) : Json(evaluation.n_positive);
  out["seed"] = std::to_string(evaluation.seed);
  out["draws"] = evaluation.n_draws;
  out["alpha"] = detail::core::double_to_json(evaluation.alpha);
  out["metrics"] = Json::array();
  for (const MetricResult& result : evaluation.results()) {
    Json one = {{"metric", std::string(to_string(result.metric))},
                {"draws", result.n_draws},
                {"prediction", to_json(result.prediction)}};
    one["compare"] = evaluation.compared ? to_json(result.compare) : Json(nullptr);
    one["difference"] = evaluation.compared ? to_json(result.difference) : Json(nullptr);
    out["metrics"].push_back(std::move(one));
  }
  return detail::core::canonical_json(out);
}

}  // namespace mlrepro
