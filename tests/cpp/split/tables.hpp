// SPDX-License-Identifier: Apache-2.0
// Small tables for the tests of this room.
#pragma once
#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <mlrepro/core/dataset.hpp>
#include <mlrepro/split/split.hpp>

namespace split_test {

using mlrepro::Dataset;
using mlrepro::RowIndex;
namespace sp = mlrepro::split;

inline std::vector<RowIndex> rows_of(const sp::Plan& plan, std::string_view part) {
  for (const sp::Part& p : plan.parts()) {
    if (p.name != part) continue;
    std::vector<RowIndex> rows(static_cast<std::size_t>(p.n_rows));
    plan.indices(part, rows);
    return rows;
  }
  return {-1};
}

inline std::map<std::string, RowIndex> sizes(const sp::Plan& plan) {
  std::map<std::string, RowIndex> out;
  for (const sp::Part& p : plan.parts()) out[std::string(p.name)] = p.n_rows;
  return out;
}

// Keys 0 ... n-1 and a value column; row order by `stride` (coprime to n).
inline Dataset numbered(int n, int stride = 1, const mlrepro::Roles& roles = {.key = "id"}) {
  std::vector<std::int64_t> id;
  std::vector<double> x;
  for (int i = 0; i < n; ++i) {
    id.push_back((static_cast<std::int64_t>(i) * stride) % n);
    x.push_back(static_cast<double>(id.back()) / 8);
  }
  return Dataset::from_columns({{"id", id}, {"x", x}}, roles);
}

inline Dataset days(const std::vector<std::int64_t>& day,
                    const std::vector<std::uint8_t>& present = {}) {
  std::vector<std::int64_t> ns;
  std::vector<std::int64_t> id;
  for (const std::int64_t d : day) {
    ns.push_back(d * 86'400);
    id.push_back(static_cast<std::int64_t>(id.size()));
  }
  const auto t = mlrepro::ColumnView::timestamps(ns, mlrepro::TimeUnit::second, "UTC",
                                                 present.empty() ? nullptr : present.data());
  return Dataset::from_columns({{"id", id}, {"t", t}}, {.key = "id", .time = "t"});
}

inline mlrepro::Value day(std::int64_t d) {
  return mlrepro::Value::timestamp(d * 86'400, mlrepro::TimeUnit::second);
}
inline constexpr std::int64_t kDay = 86'400'000'000'000;

}  // namespace split_test
