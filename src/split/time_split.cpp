// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/split/time_split.hpp>

#include <algorithm>

#include "core/json.hpp"
#include "core/parallel.hpp"
#include "core/raise.hpp"
#include "split/hash_split_object.hpp"

namespace mlrepro::detail::split {
namespace {

// In the coarsest unit that holds it exactly: "1 day", "36 hours", "90 s", "5 ns".
std::string duration_text(std::int64_t ns) {
  struct Unit {
    std::int64_t ns;
    const char *one, *many;
  };
  constexpr Unit kUnits[] = {{86'400'000'000'000, " day", " days"},
                             {3'600'000'000'000, " hour", " hours"},
                             {60'000'000'000, " minute", " minutes"},
                             {1'000'000'000, " s", " s"},
                             {1'000'000, " ms", " ms"},
                             {1'000, " us", " us"}};
  for (const Unit& unit : kUnits) {
    if (ns == 0 || ns % unit.ns != 0) continue;
    const std::int64_t n = ns / unit.ns;
    return core::with_commas(n) + (n == 1 ? unit.one : unit.many);
  }
  return core::with_commas(ns) + " ns";
}

using core::raise;
using mlrepro::split::TimeSplitOptions;

struct TimeSplitObject final : Ref::Object {
  explicit TimeSplitObject(const TimeSplitOptions& given);
  TimeSplitOptions
      options;  // test_from is missing with a fraction; unseen is not used after construction
  UInt128 test_units = 0;  // of test_fraction
  Ref unseen{};
};

bool is_time(ValueClass c) {
  return c == ValueClass::date || c == ValueClass::timestamp || c == ValueClass::local_timestamp;
}

void check_unseen(const HashSplitObject& unseen) {
  const auto& parts = unseen.rule.hash.parts;
  const bool fits = parts.size() == 2 && ((parts[0].name == "train" && parts[1].name == "test") ||
                                          (parts[0].name == "test" && parts[1].name == "train"));
  if (!fits) {
    raise<ArgumentError>(
        {.message = "unseen needs the two parts 'train' and 'test'.",
         .next_step = "Pass e.g. HashSplit with train 0.8 and test 0.2, by the entity."});
  }
  if (unseen.options.by.empty()) {
    raise<ArgumentError>({.message = "unseen has no by=, so that it would part rows, not entities.",
                          .next_step = "Name the entity's columns with by= in it."});
  }
}

TimeSplitObject::TimeSplitObject(const TimeSplitOptions& given) : options(given) {
  const bool by_fraction = std::bit_cast<std::uint64_t>(given.test_fraction) != 0;
  if (given.test_from.is_missing() != by_fraction) {
    raise<ArgumentError>({.message = by_fraction ? "test_from and test_fraction are both given."
                                                 : "neither test_from nor test_fraction is given.",
                          .next_step = "Give one of them."});
  }
  if (!by_fraction && !is_time(given.test_from.value_class())) {
    raise<ArgumentError>({.message = "test_from is the " +
                                     std::string(to_string(given.test_from.value_class())) + " " +
                                     core::display(given.test_from) + ", no point in time.",
                          .next_step = "Pass a timestamp or a date."});
  }
  if (by_fraction) test_units = decimal_units(given.test_fraction, "test");
  if (given.purge_ns < -1 || given.horizon_ns < -1) {
    raise<ArgumentError>({.message = "a purge or horizon is negative.",
                          .next_step = "Pass a duration of 0 or more."});
  }
  if (given.purge_ns >= 0 && given.purge_ns < given.horizon_ns && given.allow_leak.empty()) {
    raise<LeakError>({.message = "purge is " + duration_text(given.purge_ns) +
                                 ", but labels reach " + duration_text(given.horizon_ns) +
                                 " past their row: training would see labels of the test time.",
                      .next_step = "Drop purge=, or say why with allow_leak=\"...\"."});
  }
  if (given.unseen != nullptr) {
    unseen = given.unseen->ref();
    check_unseen(object_of<HashSplitObject>(unseen));
  }
  options.unseen = nullptr;
}

std::string time_name(const core::Table& table, const TimeSplitOptions& options) {
  const std::string& name = options.time.empty() ? table.roles.time : options.time;
  if (name.empty()) {
    raise<SchemaError>({.message = "no column has the role time.",
                        .next_step = "Declare it, time=..., on the dataset or the splitter."});
  }
  return name;
}

core::ColumnPtr time_column(const core::Table& table, const std::string& name, ValueClass wanted) {
  const core::ColumnPtr& column = table.column(name);
  const ValueClass c = column->value_class();
  if (!is_time(c)) {
    raise<SchemaError>({.message = "column " + core::in_quotes(name) + " is " +
                                   to_string(column->type()) + ", no time.",
                        .column = name,
                        .next_step = "Convert it to a timestamp or a date first."});
  }
  const bool mixes = wanted != ValueClass::missing &&
                     (c == ValueClass::timestamp) != (wanted == ValueClass::timestamp);
  if (mixes) {
    raise<SchemaError>(
        {.message = "column " + core::in_quotes(name) + " holds " +
                    (c == ValueClass::timestamp ? "instants" : "wall times without a zone") +
                    ", what it is compared with holds the other kind; they do not compare.",
         .column = name,
         .next_step = "Give both a time zone, or neither."});
  }
  return column;
}

// A label that is known before its row's time is no label of that row.
void check_label_time(const core::Column& time, const core::Column& label_time) {
  for (RowIndex row = 0; row < time.n_rows(); ++row) {
    if (time.is_missing(row) || label_time.is_missing(row)) continue;
    if (nanoseconds(label_time.value(row)) >= nanoseconds(time.value(row))) continue;
    raise<SchemaError>({.message = "column " + core::in_quotes(label_time.name()) +
                                   " lies before " + core::in_quotes(time.name()) + " (row " +
                                   std::to_string(row) + ": " +
                                   core::display(label_time.value(row)) + ", " +
                                   core::display(time.value(row)) + ").",
                        .column = label_time.name(),
                        .example_row = row,
                        .next_step = "Correct the column, or its role."});
  }
}

// The cut that leaves about `units` of the rows to the test: rank n - floor(n * fraction), moved to
// the nearer edge of its run of equal times, equally near: the earlier.
Int128 cut_at_fraction(const core::Column& time, UInt128 units) {
  std::vector<Int128> times;
  for (RowIndex row = 0; row < time.n_rows(); ++row) {
    if (!time.is_missing(row)) times.push_back(nanoseconds(time.value(row)));
  }
  std::sort(times.begin(), times.end());
  const auto n = static_cast<std::int64_t>(times.size());
  const std::int64_t rank = n - floor_share(units, n);
  if (rank > 0 && rank < n) {
    const auto at = times.begin() + rank;
    const auto low = std::lower_bound(times.begin(), times.end(), *at);
    const auto high = std::upper_bound(times.begin(), times.end(), *at);
    const bool can_low = low != times.begin(), can_high = high != times.end();
    if (can_low && (!can_high || at - low <= high - at)) return *low;
    if (can_high) return *high;
  }
  raise<ArgumentError>({.message = "the " + core::with_commas(n) + " times of column " +
                                   core::in_quotes(time.name()) +
                                   " leave no cut with rows on both sides.",
                        .column = time.name(),
                        .next_step = "Give test_from=, or a column with more distinct times."});
}

Int128 cut_of(const TimeSplitObject& object, const core::Column& time) {
  const Value& from = object.options.test_from;
  if (from.is_missing()) return cut_at_fraction(time, object.test_units);
  const bool instants = time.value_class() == ValueClass::timestamp;
  if (instants == (from.value_class() == ValueClass::timestamp)) return nanoseconds(from);
  raise<ArgumentError>(
      {.message = instants ? "test_from is a wall time, column " + core::in_quotes(time.name()) +
                                 " holds instants (" + to_string(time.type()) + ")."
                           : "test_from is an instant, column " + core::in_quotes(time.name()) +
                                 " holds wall times without a zone.",
       .column = time.name(),
       .next_step = instants ? "Pass an instant (in Python a date is taken in zone=)."
                             : "Pass a wall time without a zone, or give the column one."});
}

Rule time_rule(const core::Table& table, const TimeSplitObject& object) {
  const TimeSplitOptions& options = object.options;
  const core::ColumnPtr time = time_column(table, time_name(table, options), ValueClass::missing);
  std::vector<core::ColumnPtr> columns{time};
  Rule rule;
  rule.splitter = "TimeSplit";
  rule.level = table.fold;
  rule.has_time = true;
  rule.time.cut = cut_of(object, *time);
  rule.time.has_label_time = !table.roles.label_time.empty();
  rule.time.has_known_time = !table.roles.known_time.empty();
  if (rule.time.has_label_time) {
    columns.push_back(time_column(table, table.roles.label_time, time->value_class()));
    check_label_time(*time, *columns.back());
  }
  if (rule.time.has_known_time)
    columns.push_back(time_column(table, table.roles.known_time, time->value_class()));
  // A label_time says for each row what the horizon says for all; a purge by hand comes on top.
  const std::int64_t reach = options.purge_ns >= 0      ? options.purge_ns
                             : rule.time.has_label_time ? 0
                                                        : options.horizon_ns;
  rule.time.reach = std::max<std::int64_t>(reach, 0);
  rule.key = fields_of(columns);
  return rule;
}

void require_both_sides(const mlrepro::split::Plan& plan, const core::Column& time) {
  const auto parts = plan.parts();
  if (parts[0].n_rows > 0 && parts[1].n_rows > 0) return;
  RowIndex first = -1, last = -1;
  for (RowIndex row = 0; row < time.n_rows(); ++row) {
    if (time.is_missing(row)) continue;
    if (first < 0 || nanoseconds(time.value(row)) < nanoseconds(time.value(first))) first = row;
    if (last < 0 || nanoseconds(time.value(row)) > nanoseconds(time.value(last))) last = row;
  }
  std::string counts;
  for (const mlrepro::split::Part& part : parts) {
    counts += (counts.empty() ? "" : ", ") + std::string(part.name) + " " +
              core::with_commas(part.n_rows);
  }
  raise<ArgumentError>({.message = std::string("the cut leaves no row to ") +
                                   (parts[0].n_rows == 0 ? "train" : "test") + " (" + counts +
                                   "; column " + core::in_quotes(time.name()) +
                                   (first < 0 ? " has no time at all"
                                              : " runs from " + core::display(time.value(first)) +
                                                    " to " + core::display(time.value(last))) +
                                   ").",
                        .column = time.name(),
                        .next_step = "Move test_from=, or shorten the purge."});
}

}  // namespace
}  // namespace mlrepro::detail::split

namespace mlrepro::split {

namespace core = mlrepro::detail::core;
using namespace mlrepro::detail::split;  // NOLINT(google-build-using-namespace): this file
                                         // implements both

TimeSplit::TimeSplit(const TimeSplitOptions& options)
    : ref_(mlrepro::detail::make_ref<TimeSplitObject>(options)) {}

Plan TimeSplit::plan(const Dataset& dataset, int threads) const {
  const auto& object = mlrepro::detail::object_of<TimeSplitObject>(ref_);
  const core::Table& table = core::table_of(dataset);
  const int n_threads = core::resolve_threads(threads);
  Rule rule = time_rule(table, object);
  if (object.unseen.get() != nullptr) {
    const auto& unseen = mlrepro::detail::object_of<HashSplitObject>(object.unseen);
    rule = unseen.rule_for(table, n_threads, std::move(rule));
    rule.hash_train = rule.hash.parts[0].name == "train" ? 0 : 1;
  }
  rule.set_parts();
  RowParts rows = decide_rows(table, rule, n_threads);
  const std::string name = rule.key[0].name;
  Plan plan = make_plan(dataset, std::move(rule), std::move(rows),
                        {.allow_leak = object.options.allow_leak});
  require_both_sides(plan, *table.column(name));
  return plan;
}

}  // namespace mlrepro::split
