// SPDX-License-Identifier: Apache-2.0
#include "binning/levels.hpp"

#include <algorithm>
#include <numeric>

#include "core/cancellable_sort.hpp"
#include "core/canonical.hpp"
#include "core/key_index.hpp"

namespace mlrepro::detail::binning {
namespace {

struct Level {
  Value value{};
  RowIndex rows = 0;
};

// The level number of each row (-1: missing), and the levels in any order.
struct Levels {
  std::vector<std::int32_t> of_row{};
  std::vector<Level> levels{};
};

Levels levels_of_dictionary(const core::Column& column) {
  Levels out;
  const auto n_levels = static_cast<std::size_t>(column.levels()->n_rows());
  out.levels.resize(n_levels);
  out.of_row.assign(static_cast<std::size_t>(column.n_rows()), -1);
  for (std::size_t i = 0; i < n_levels; ++i)
    out.levels[i].value = column.levels()->value(static_cast<RowIndex>(i));
  for (RowIndex row = 0; row < column.n_rows(); ++row) {
    core::check_cancelled_at(row);
    if (column.is_null(row)) continue;
    const auto level = static_cast<std::size_t>(column.code(row));
    if (out.levels[level].value.is_missing()) continue;  // a NaN among numeric levels
    out.of_row[static_cast<std::size_t>(row)] = static_cast<std::int32_t>(level);
    ++out.levels[level].rows;
  }
  return out;
}

Levels levels_of_text(const core::ColumnPtr& column) {
  Levels out;
  const core::KeyIndex index({column});
  out.of_row.assign(index.group_of_row().begin(), index.group_of_row().end());
  for (std::size_t g = 0; g < index.first_row().size(); ++g) {
    out.levels.push_back({column->value(index.first_row()[g]), index.group_size()[g]});
  }
  return out;
}

// The levels that get a bin, in level order.
std::vector<std::size_t> levels_with_bins(const std::vector<Level>& levels, bool& has_other) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    if (levels[i].rows > 0) order.push_back(i);
  }
  const auto by_value = [&](std::size_t a, std::size_t b) {
    return level_less(levels[a].value, levels[b].value);
  };
  core::cancellable_sort(order.begin(), order.end(), by_value);
  has_other = order.size() > static_cast<std::size_t>(kMostBins);
  if (!has_other) return order;
  core::cancellable_stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return levels[a].rows > levels[b].rows;
  });
  order.resize(static_cast<std::size_t>(kMostBins) - 1);
  std::sort(order.begin(), order.end(), by_value);
  return order;
}

}  // namespace

bool level_less(const Value& a, const Value& b) {
  if (a.value_class() == ValueClass::text && b.value_class() == ValueClass::text)
    return a.text() < b.text();
  return core::element(a) < core::element(b);
}

void bin_levels(BinnedColumn& out) {
  const core::ColumnPtr& column = out.source;
  const Levels found =
      column->kind() == Type::text ? levels_of_text(column) : levels_of_dictionary(*column);
  const std::vector<std::size_t> kept = levels_with_bins(found.levels, out.has_other);
  out.is_category = true;
  out.n_bins = static_cast<int>(kept.size()) + (out.has_other ? 1 : 0);
  std::vector<std::uint8_t> bin_of_level(found.levels.size(),
                                         static_cast<std::uint8_t>(kMostBins - 1));
  for (std::size_t b = 0; b < kept.size(); ++b) {
    bin_of_level[kept[b]] = static_cast<std::uint8_t>(b);
    out.cuts.push_back(found.levels[kept[b]].value);
  }
  if (out.has_other) out.cuts.push_back(missing);
  out.n_missing = 0;
  for (std::size_t row = 0; row < found.of_row.size(); ++row) {
    core::check_cancelled_at(static_cast<RowIndex>(row));
    const std::int32_t level = found.of_row[row];
    out.codes[row] = level < 0 ? kMissingCode : bin_of_level[static_cast<std::size_t>(level)];
    out.n_missing += level < 0 ? 1 : 0;
  }
}

}  // namespace mlrepro::detail::binning
