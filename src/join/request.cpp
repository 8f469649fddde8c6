// SPDX-License-Identifier: Apache-2.0
#include "join/request.hpp"

#include <array>
#include <span>
#include <string_view>

#include "core/parallel.hpp"
#include "core/raise.hpp"

namespace mlrepro::detail::join {
namespace {

using core::Column;
using core::in_quotes;
using core::raise;
using core::raise_unknown_option;
using core::Table;

constexpr std::array<std::string_view, 4> kHows = {"inner", "left", "semi", "anti"};
constexpr std::array<std::string_view, 8> kValidates = {
    "1:1", "1:m", "m:1", "m:m", "one_to_one", "one_to_many", "many_to_one", "many_to_many"};

std::size_t position(std::string_view argument, std::string_view given,
                     std::span<const std::string_view> valid) {
  for (std::size_t i = 0; i < valid.size(); ++i) {
    if (valid[i] == given) return i;
  }
  raise_unknown_option(argument, given, valid);
}

void read_how(const std::string& how, Request& request) {
  if (how.empty()) {
    raise<ArgumentError>({.message = "how= has no default: one of 'inner', 'left', 'semi', 'anti'.",
                          .next_step = "Pass how='left' to keep every row of the left."});
  }
  request.how = static_cast<How>(position("how", how, kHows));
  request.how_text = how;
}

void read_validate(const std::string& validate, Request& request) {
  if (validate.empty()) {
    raise<ArgumentError>(
        {.message = "validate= has no default: one of '1:1', '1:m', 'm:1', 'm:m' (left:right, 1 = "
                    "no key repeats).",
         .next_step = "Pass validate='m:1' when the right is a table with one row a key."});
  }
  const std::size_t at = position("validate", validate, kValidates) % 4;
  request.validate = kValidates[at];
  request.left_unique = at <= 1;
  request.right_unique = at % 2 == 0;
}

std::string shared_names(const Table& left, const Table& right) {
  std::string names;
  int n = 0;
  for (const core::ColumnPtr& column : left.columns) {
    if (right.find(column->name()) < 0) continue;
    if (++n > 5) return names + ", ...";
    names += (names.empty() ? "" : ", ") + in_quotes(column->name());
  }
  return names.empty() ? "none" : names;
}

void read_keys(const Table& left, const Table& right, const JoinOptions& options,
               Request& request) {
  const bool by_side = !options.left_on.empty() || !options.right_on.empty();
  if (!options.on.empty() && by_side) {
    raise<ArgumentError>({.message = "on= is given together with left_on= or right_on=.",
                          .next_step = "Pass on=, or left_on= and right_on=."});
  }
  request.left_on = by_side ? options.left_on : options.on;
  request.right_on = by_side ? options.right_on : options.on;
  if (request.left_on.empty() && request.right_on.empty()) {
    raise<ArgumentError>(
        {.message = "nothing to join on. Columns of both sides: " + shared_names(left, right) + ".",
         .next_step = "Pass on=, or left_on= and right_on=."});
  }
  if (request.left_on.size() != request.right_on.size()) {
    raise<ArgumentError>(
        {.message = "left_on= has " + std::to_string(request.left_on.size()) +
                    " columns, right_on= has " + std::to_string(request.right_on.size()) + ".",
         .next_step = "Pass two lists of one length: their columns are matched in order."});
  }
  for (int i = 0; i < request.left_on.size(); ++i) {
    for (int j = 0; j < i; ++j) {
      if (request.left_on[i] != request.left_on[j] && request.right_on[i] != request.right_on[j])
        continue;
      const std::string_view twice =
          request.left_on[i] == request.left_on[j] ? request.left_on[i] : request.right_on[i];
      raise<ArgumentError>({.message = "key column " + in_quotes(twice) + " is named twice.",
                            .column = std::string(twice),
                            .next_step = "Name each key column once."});
    }
  }
}

// The cast that makes the two sides one class, in pandas' words; both languages print it.
std::string cast_for(const Column& left, const Column& right) {
  const ValueClass l = left.value_class(), r = right.value_class();
  const auto is = [&](ValueClass a, ValueClass b) {
    return (l == a && r == b) || (l == b && r == a);
  };
  const auto call = [&](ValueClass of, const std::string& method) {
    return std::string(l == of ? "left[" : "right[") + in_quotes((l == of ? left : right).name()) +
           "]" + method;
  };
  if (is(ValueClass::number, ValueClass::text)) {
    const Column& number = l == ValueClass::number ? left : right;
    const bool whole = number.kind() != Type::float32 && number.kind() != Type::float64;
    return call(ValueClass::number, whole ? ".astype(str)" : ".astype('Int64').astype(str)");
  }
  if (is(ValueClass::timestamp, ValueClass::local_timestamp)) {
    const std::string& zone = (l == ValueClass::timestamp ? left : right).type().zone;
    return call(ValueClass::local_timestamp, ".dt.tz_localize(" + in_quotes(zone) + ")") +
           ", if that is its zone";
  }
  if (is(ValueClass::date, ValueClass::local_timestamp)) {
    return "pandas.to_datetime(" + call(ValueClass::date, "") + ")";
  }
  if (l == ValueClass::text || r == ValueClass::text) {
    return call(l == ValueClass::text ? r : l, ".astype(str)");
  }
  if (is(ValueClass::boolean, ValueClass::number))
    return call(ValueClass::boolean, ".astype('int64')");
  return call(l, ".astype(" + in_quotes(core::to_string(right.type())) + ")");
}

void check_classes(const Column& left, const Column& right) {
  const ValueClass l = left.value_class(), r = right.value_class();
  if (l == r || l == ValueClass::missing || r == ValueClass::missing) return;
  std::string message = "key " + in_quotes(left.name()) + " is " + core::to_string(left.type()) +
                        " (" + std::string(to_string(l)) + ") on the left, ";
  if (left.name() != right.name()) message += in_quotes(right.name()) + " is ";
  message += core::to_string(right.type()) + " (" + std::string(to_string(r)) +
             ") on the right: they would match nothing.";
  raise<SchemaError>({.message = message,
                      .column = left.name(),
                      .next_step = "Cast one side first, e.g. " + cast_for(left, right) + "."});
}

}  // namespace

Request read_request(const Table& left, const Table& right, const JoinOptions& options) {
  Request request;
  read_how(options.how, request);
  read_validate(options.validate, request);
  static constexpr std::array<std::string_view, 2> kViolation = {"raise", "set_aside"};
  static constexpr std::array<std::string_view, 2> kUnmatched = {"report", "error"};
  static constexpr std::array<std::string_view, 1> kNulls = {"never_match"};
  request.set_aside = position("on_violation", options.on_violation, kViolation) == 1;
  request.unmatched_is_error = position("unmatched", options.unmatched, kUnmatched) == 1;
  position("nulls", options.nulls, kNulls);
  if (request.unmatched_is_error && request.how == How::anti) {
    raise<ArgumentError>(
        {.message = "unmatched='error' with how='anti': an anti join keeps only unmatched rows.",
         .next_step = "Pass unmatched='report', or another how=."});
  }
  read_keys(left, right, options, request);
  for (int i = 0; i < request.left_on.size(); ++i) {
    check_classes(*left.column(request.left_on[i]), *right.column(request.right_on[i]));
  }
  request.suffix = options.suffix;
  request.indicator =
      options.indicator.empty() ? std::string(request.left_on[0]) + "_match" : options.indicator;
  request.threads = core::resolve_threads(options.threads);
  return request;
}

}  // namespace mlrepro::detail::join
