// SPDX-License-Identifier: Apache-2.0
// Is a slice spread over the parts as chance would spread it? Pearson's X^2 of parts by values, its
// p-value by permuting the parts of whole groups (never of rows: rows of one group are no
// independent evidence).
#include <algorithm>
#include <cmath>
#include <numeric>

#include <mlrepro/core/random.hpp>

#include "core/parallel.hpp"
#include "core/roles.hpp"
#include "split/report.hpp"

namespace mlrepro::detail::split {
namespace {

using core::Json;
constexpr std::size_t kMostLevels = 20, kMostColumns = 50;
constexpr std::int64_t kMostDraws = 999, kLeastDraws = 99, kWork = 200'000'000;
constexpr double kTie = 1 - 1e-9;  // statistics that are equal but for rounding count as equal

struct Entry {
  std::int32_t group, level;
  std::int64_t rows;
};

struct Slice {
  std::string name;
  std::size_t n_levels = 0;
  std::vector<Entry> entries{};  // of groups in named parts, by (group, level)
};

// Groups in the order of their hashes, so that draws do not depend on the order of rows.
struct GroupOrder {
  std::vector<std::int32_t> rank_of_group;  // -1: not in a named part
  std::vector<std::uint16_t> part_of_rank;
};

GroupOrder order_groups(const ReportInput& in) {
  std::vector<std::int32_t> order;
  const auto part_of = [&](std::int32_t g) {
    return in.plan
        .part_of_row[static_cast<std::size_t>(in.groups.first_row[static_cast<std::size_t>(g)])];
  };
  for (std::size_t g = 0; g < in.groups.key.size(); ++g) {
    if (in.is_named(part_of(static_cast<std::int32_t>(g))))
      order.push_back(static_cast<std::int32_t>(g));
  }
  std::sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
    return in.groups.key[static_cast<std::size_t>(a)] < in.groups.key[static_cast<std::size_t>(b)];
  });
  GroupOrder out{std::vector<std::int32_t>(in.groups.key.size(), -1), {}};
  for (const std::int32_t g : order) {
    out.rank_of_group[static_cast<std::size_t>(g)] =
        static_cast<std::int32_t>(out.part_of_rank.size());
    out.part_of_rank.push_back(part_of(g));
  }
  return out;
}

Slice slice_of(const ReportInput& in, const GroupOrder& order, const core::Column& column) {
  const Categories values = categories(column, kMostLevels, in.threads);
  Slice slice{column.name(), values.names.size()};
  if (slice.n_levels < 2) return slice;
  // A group's rows are scattered over the table: count by (rank, level).
  std::vector<std::int64_t> counts(order.part_of_rank.size() * slice.n_levels, 0);
  for (std::size_t row = 0; row < values.code_of_row.size(); ++row) {
    const std::int32_t g = in.groups.group_of_row[row];
    if (g < 0 || values.code_of_row[row] < 0) continue;
    const std::int32_t rank = order.rank_of_group[static_cast<std::size_t>(g)];
    if (rank >= 0)
      ++counts[static_cast<std::size_t>(rank) * slice.n_levels +
               static_cast<std::size_t>(values.code_of_row[row])];
  }
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    slice.entries.push_back({static_cast<std::int32_t>(i / slice.n_levels),
                             static_cast<std::int32_t>(i % slice.n_levels), counts[i]});
  }
  return slice;
}

double chi_square(const Slice& slice, std::span<const std::uint16_t> part_of_rank,
                  std::size_t n_parts, std::vector<std::int64_t>& table) {
  table.assign(n_parts * slice.n_levels, 0);
  for (const Entry& e : slice.entries) {
    table[part_of_rank[static_cast<std::size_t>(e.group)] * slice.n_levels +
          static_cast<std::size_t>(e.level)] += e.rows;
  }
  std::vector<std::int64_t> rows(n_parts, 0), columns(slice.n_levels, 0);
  std::int64_t n = 0;
  for (std::size_t i = 0; i < table.size(); ++i) {
    rows[i / slice.n_levels] += table[i];
    columns[i % slice.n_levels] += table[i];
    n += table[i];
  }
  double sum = 0;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const double expected = static_cast<double>(rows[i / slice.n_levels]) *
                            static_cast<double>(columns[i % slice.n_levels]) /
                            static_cast<double>(n);
    if (expected <= 0) continue;
    const double difference = static_cast<double>(table[i]) - expected;
    sum += difference * difference / expected;
  }
  return sum;
}

std::vector<Slice> slices_of(const ReportInput& in, const GroupOrder& order,
                             std::int64_t& n_left_out) {
  const Dataset dataset(in.plan.dataset);
  std::vector<core::ColumnPtr> candidates;
  for (const core::ColumnPtr& column : in.table.columns) {
    const std::string_view role = dataset.role_of(column->name());
    if (role.empty() || role == "label" || core::is_row_metadata(role))
      candidates.push_back(column);
  }
  std::sort(
      candidates.begin(), candidates.end(),
      [](const core::ColumnPtr& a, const core::ColumnPtr& b) { return a->name() < b->name(); });
  std::vector<Slice> slices;
  for (const core::ColumnPtr& column : candidates) {
    if (slices.size() == kMostColumns) {
      ++n_left_out;
      continue;
    }
    Slice slice = slice_of(in, order, *column);
    if (slice.n_levels >= 2) slices.push_back(std::move(slice));
  }
  return slices;
}

}  // namespace

Json balance_json(const ReportInput& in) {
  const Rule& rule = in.plan.rule;
  if (!rule.has_hash || rule.has_time || rule.n_named < 2)
    return nullptr;  // a cut in time promises no balance
  const GroupOrder order = order_groups(in);
  std::int64_t n_left_out = 0, n_entries = 0;
  const std::vector<Slice> slices = slices_of(in, order, n_left_out);
  for (const Slice& slice : slices) n_entries += static_cast<std::int64_t>(slice.entries.size());
  const std::int64_t affordable = kWork / std::max<std::int64_t>(n_entries, 1);
  const std::int64_t n_draws = std::clamp(affordable, kLeastDraws, kMostDraws);
  const auto n_parts = static_cast<std::size_t>(rule.n_named);
  std::vector<std::int64_t> table;
  std::vector<double> observed;
  for (const Slice& slice : slices)
    observed.push_back(chi_square(slice, order.part_of_rank, n_parts, table));
  std::vector<std::uint8_t> reaches(slices.size() * static_cast<std::size_t>(n_draws), 0);
  core::parallel_for_chunks(
      slices.empty() ? 0 : n_draws, 1, in.threads,
      [&](std::int64_t draw, std::int64_t, std::int64_t) {
        std::vector<std::uint16_t> parts = order.part_of_rank;
        shuffle(std::span(parts), RandomStream(static_cast<std::uint64_t>(draw), "split-balance"));
        std::vector<std::int64_t> own_table;
        for (std::size_t i = 0; i < slices.size(); ++i) {
          check_cancelled();
          const double x = chi_square(slices[i], parts, n_parts, own_table);
          reaches[i * static_cast<std::size_t>(n_draws) + static_cast<std::size_t>(draw)] =
              x >= observed[i] * kTie ? 1 : 0;
        }
      });
  Json tests = Json::array();
  for (std::size_t i = 0; i < slices.size(); ++i) {
    const auto begin = reaches.begin() + static_cast<std::ptrdiff_t>(i) * n_draws;
    const auto n_reached = std::accumulate(begin, begin + n_draws, std::int64_t{0});
    tests.push_back({{"column", slices[i].name},
                     {"levels", slices[i].n_levels},
                     {"chi_square", observed[i]},
                     {"p", static_cast<double>(1 + n_reached) / static_cast<double>(n_draws + 1)}});
  }
  return {{"draws", n_draws}, {"columns", std::move(tests)}, {"not_tested", n_left_out}};
}

}  // namespace mlrepro::detail::split
