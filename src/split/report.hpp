// SPDX-License-Identifier: Apache-2.0
// The parts of a plan's report, each a pure function of plan and table. Positions of example rows
// apart, no figure depends on the order of rows or on threads.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "split/groups.hpp"
#include "split/plan_object.hpp"

namespace mlrepro::detail::split {

// A column with few distinct values: codes of the values in order, -1 where missing. Empty names:
// too many.
struct Categories {
  std::vector<std::int32_t> code_of_row;
  std::vector<std::string> names;
};
Categories categories(const core::Column& column, std::size_t most, int threads);

struct ReportInput {
  const PlanObject& plan;
  const core::Table& table;
  const Groups& groups;  // of the split's keys, or of row identities
  int threads;
  bool is_named(std::uint16_t part) const noexcept { return part < plan.rule.n_named; }
};

core::Json balance_json(const ReportInput& in);  // by slice, permuting groups
core::Json leaks_json(const ReportInput& in);    // entities, duplicates, time
std::string display_row(std::span<const core::ColumnPtr> columns, RowIndex row);  // "AA, 17"
std::string report_to_json(const PlanObject& plan, int threads);

}  // namespace mlrepro::detail::split
