// SPDX-License-Identifier: Apache-2.0
#include "fingerprint/row_diff.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "core/cancellable_sort.hpp"
#include "core/canonical.hpp"
#include "core/key_index.hpp"
#include "core/parallel.hpp"
#include "fingerprint/cells.hpp"
#include "fingerprint/state.hpp"

namespace mlrepro::detail::fingerprint {

std::vector<Hash128> row_hashes(const core::Table& table, const Seeds& seeds, int threads) {
  std::vector<CellReader> readers;
  readers.reserve(table.columns.size());
  for (const core::ColumnPtr& column : table.columns) readers.emplace_back(*column, seeds);
  std::vector<Hash128> out(static_cast<std::size_t>(table.n_rows));
  core::parallel_for_chunks(
      table.n_rows, 1 << 14, threads, [&](std::int64_t, RowIndex begin, RowIndex end) {
        Block block;
        RowSums sums{};
        for (; begin < end; begin += kBlockRows) {
          const auto n = static_cast<int>(std::min<RowIndex>(kBlockRows, end - begin));
          sums.fill(0);
          for (const CellReader& reader : readers) reader.read(begin, n, block, sums);
          hash_rows(sums, n, seeds, out.data() + begin);
        }
      });
  return out;
}

HashSum sum_of(const std::vector<Hash128>& hashes) noexcept {
  HashSum sum;
  for (const Hash128& h : hashes) sum.add(h);
  return sum;
}

namespace {

using Pairs = std::vector<std::pair<RowIndex, RowIndex>>;
using Rows = std::vector<RowIndex>;

std::string key_text(const std::vector<core::ColumnPtr>& key, RowIndex row) {
  std::string text;
  for (const core::ColumnPtr& column : key)
    text += (text.empty() ? "" : ", ") + core::display(column->value(row));
  return text;
}

// Which columns differ in each pair of rows, and in any.
void add_changed(const core::Table& a, const core::Table& b, const Pairs& pairs,
                 const std::vector<core::ColumnPtr>& key, RowDiff& diff) {
  std::vector<const core::Column*> others;
  for (const core::ColumnPtr& column : a.columns) others.push_back(b.column(column->name()).get());
  std::vector<bool> differs(a.columns.size());
  std::int64_t n_compared = 0;
  for (const auto& [row_a, row_b] : pairs) {
    core::check_cancelled_at(n_compared++);
    RowChange change{row_a, row_b, key_text(key, row_a), {}};
    const bool is_example = diff.changed.examples.size() < kMaxExamples;
    for (std::size_t c = 0; c < a.columns.size(); ++c) {
      if (differs[c] && !is_example) continue;
      if (core::equal_cells(*a.columns[c], row_a, *others[c], row_b)) continue;
      differs[c] = true;
      if (is_example) change.columns.push_back(a.columns[c]->name());
    }
    if (is_example) diff.changed.examples.push_back(std::move(change));
  }
  diff.changed.count = static_cast<RowIndex>(pairs.size());
  for (std::size_t c = 0; c < differs.size(); ++c) {
    if (differs[c]) diff.columns.push_back(a.columns[c]->name());
  }
}

RowChanges one_sided(const Rows& rows, bool is_a, const std::vector<core::ColumnPtr>& key) {
  RowChanges out;
  out.count = static_cast<RowIndex>(rows.size());
  for (std::size_t i = 0; i < std::min(rows.size(), kMaxExamples); ++i) {
    out.examples.push_back({is_a ? rows[i] : -1, is_a ? -1 : rows[i], key_text(key, rows[i]), {}});
  }
  return out;
}

RowDiff diff_by_key(const core::Table& a, const core::Table& b, const std::vector<Hash128>& rows_a,
                    const std::vector<Hash128>& rows_b, int threads) {
  RowDiff diff;
  diff.pairing = Pairing::key;
  const std::vector<core::ColumnPtr> key_a = core::columns_named(a, a.roles.key),
                                     key_b = core::columns_named(b, a.roles.key);
  const core::KeyIndex index(key_a, threads);
  const std::vector<std::int32_t> group_of_b = index.lookup(key_b, threads);
  std::vector<bool> found(static_cast<std::size_t>(index.n_groups()));
  Pairs changed;
  Rows added, removed;
  for (std::size_t i = 0; i < group_of_b.size(); ++i) {
    const auto row_b = static_cast<RowIndex>(i);
    if (group_of_b[i] < 0) {
      added.push_back(row_b);
      continue;
    }
    const auto group = static_cast<std::size_t>(group_of_b[i]);
    found[group] = true;
    const RowIndex row_a = index.first_row()[group];
    if (rows_a[static_cast<std::size_t>(row_a)] != rows_b[i]) changed.emplace_back(row_a, row_b);
  }
  for (std::size_t group = 0; group < found.size(); ++group) {
    if (!found[group]) removed.push_back(index.first_row()[group]);
  }
  std::sort(changed.begin(), changed.end());
  std::sort(removed.begin(), removed.end());
  add_changed(a, b, changed, key_a, diff);
  diff.added = one_sided(added, false, key_b);
  diff.removed = one_sided(removed, true, key_a);
  return diff;
}

std::vector<std::pair<Hash128, RowIndex>> sorted_rows(const std::vector<Hash128>& rows) {
  std::vector<std::pair<Hash128, RowIndex>> out;
  out.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) out.emplace_back(rows[i], static_cast<RowIndex>(i));
  core::cancellable_sort(out.begin(), out.end(), std::less<>());
  return out;
}

// Rows without a partner of the same values on the other side; of equal rows the last ones.
std::pair<Rows, Rows> unmatched(const std::vector<Hash128>& rows_a,
                                const std::vector<Hash128>& rows_b) {
  const auto a = sorted_rows(rows_a), b = sorted_rows(rows_b);
  std::pair<Rows, Rows> out;
  std::size_t i = 0, j = 0;
  while (i < a.size() || j < b.size()) {
    if (j == b.size() || (i < a.size() && a[i].first < b[j].first)) {
      out.first.push_back(a[i++].second);
    } else if (i == a.size() || b[j].first < a[i].first) {
      out.second.push_back(b[j++].second);
    } else {
      ++i;
      ++j;
    }
  }
  std::sort(out.first.begin(), out.first.end());
  std::sort(out.second.begin(), out.second.end());
  return out;
}

bool same_key(const core::Table& a, const core::Table& b) {
  bool same = !a.roles.key.empty() && a.roles.key.size() == b.roles.key.size();
  for (int i = 0; same && i < a.roles.key.size(); ++i) same = b.roles.key.contains(a.roles.key[i]);
  return same;
}

}  // namespace

RowDiff diff_at_end(const core::Table& a, const core::Table& b) {
  const auto rows_behind = [](RowIndex shorter, const core::Table& table) {
    Rows rows(static_cast<std::size_t>(std::max<RowIndex>(table.n_rows - shorter, 0)));
    std::iota(rows.begin(), rows.end(), shorter);
    return rows;
  };
  RowDiff diff;
  diff.pairing = Pairing::position;
  diff.added = one_sided(rows_behind(a.n_rows, b), false, core::columns_named(b, b.roles.key));
  diff.removed = one_sided(rows_behind(b.n_rows, a), true, core::columns_named(a, a.roles.key));
  return diff;
}

RowDiff diff_by_position(const core::Table& a, const core::Table& b,
                         const std::vector<Hash128>& rows_a, const std::vector<Hash128>& rows_b) {
  RowDiff diff;
  diff.pairing = Pairing::position;
  Pairs pairs;
  for (std::size_t i = 0; i < rows_a.size(); ++i) {
    if (rows_a[i] != rows_b[i])
      pairs.emplace_back(static_cast<RowIndex>(i), static_cast<RowIndex>(i));
  }
  add_changed(a, b, pairs, {}, diff);
  return diff;
}

RowDiff diff_rows(const core::Table& a, const core::Table& b, const std::vector<Hash128>& rows_a,
                  const std::vector<Hash128>& rows_b, int threads) {
  if (same_key(a, b)) return diff_by_key(a, b, rows_a, rows_b, threads);
  const auto [only_a, only_b] = unmatched(rows_a, rows_b);
  if (rows_a.size() == rows_b.size()) {
    std::size_t in_place = 0;
    for (std::size_t i = 0; i < rows_a.size(); ++i) in_place += rows_a[i] != rows_b[i];
    if (in_place == only_a.size()) return diff_by_position(a, b, rows_a, rows_b);
  }
  RowDiff diff;
  diff.added = one_sided(only_b, false, {});
  diff.removed = one_sided(only_a, true, {});
  return diff;
}

}  // namespace mlrepro::detail::fingerprint
