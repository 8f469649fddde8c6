// SPDX-License-Identifier: Apache-2.0
#include "core/key_index.hpp"

#include <algorithm>
#include <bit>

#include "core/canonical.hpp"
#include "core/parallel.hpp"

namespace mlrepro::detail::core {

namespace {

bool any_missing(const std::vector<ColumnPtr>& columns, RowIndex row) noexcept {
  return std::any_of(columns.begin(), columns.end(), [row](const ColumnPtr& c) { return c->is_missing(row); });
}

std::vector<std::uint64_t> hashes_of(const std::vector<ColumnPtr>& columns, int threads) {
  const std::size_t n = columns.empty() ? 0 : static_cast<std::size_t>(columns[0]->n_rows());
  std::vector<Hash128> full(n);
  hash_rows(columns, domain_seed("key-index"), threads, full);
  std::vector<std::uint64_t> out(n);
  for (std::size_t i = 0; i < n; ++i) out[i] = full[i].low;
  return out;
}

bool same_key(const std::vector<ColumnPtr>& a, RowIndex row_a, const std::vector<ColumnPtr>& b, RowIndex row_b) noexcept {
  for (std::size_t c = 0; c < a.size(); ++c) {
    if (!equal_cells(*a[c], row_a, *b[c], row_b)) return false;
  }
  return true;
}

}  // namespace

KeyIndex::KeyIndex(std::vector<ColumnPtr> columns, int threads) : columns_(std::move(columns)) {
  const std::vector<std::uint64_t> hashes = hashes_of(columns_, threads);
  group_of_row_.assign(hashes.size(), -1);
  slots_.assign(1024, Slot{0, -1});
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    const auto row = static_cast<RowIndex>(i);
    if (any_missing(columns_, row)) {
      ++n_missing_;
      continue;
    }
    std::int32_t group = find(columns_, row, hashes[i]);
    if (group < 0) {
      if (first_row_.size() * 2 >= slots_.size()) grow();
      group = n_groups();
      first_row_.push_back(row);
      group_size_.push_back(0);
      std::size_t at = hashes[i] & (slots_.size() - 1);
      while (slots_[at].group >= 0) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = {hashes[i], group};
    }
    ++group_size_[static_cast<std::size_t>(group)];
    group_of_row_[i] = group;
  }
}

std::int32_t KeyIndex::find(const std::vector<ColumnPtr>& columns, RowIndex row, std::uint64_t hash) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask; slots_[at].group >= 0; at = (at + 1) & mask) {
    if (slots_[at].hash != hash) continue;
    if (same_key(columns, row, columns_, first_row_[static_cast<std::size_t>(slots_[at].group)])) return slots_[at].group;
  }
  return -1;
}

void KeyIndex::grow() {
  std::vector<Slot> old(slots_.size() * 4, Slot{0, -1});
  old.swap(slots_);
  for (const Slot& slot : old) {
    if (slot.group < 0) continue;
    std::size_t at = slot.hash & (slots_.size() - 1);
    while (slots_[at].group >= 0) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = slot;
  }
}

std::vector<std::int32_t> KeyIndex::lookup(const std::vector<ColumnPtr>& columns, int threads) const {
  const std::vector<std::uint64_t> hashes = hashes_of(columns, threads);
  std::vector<std::int32_t> out(hashes.size(), -1);
  parallel_for_chunks(static_cast<RowIndex>(out.size()), 1 << 14, threads,
                      [&](std::int64_t, RowIndex begin, RowIndex end) {
    for (RowIndex row = begin; row < end; ++row) {
      if (any_missing(columns, row)) continue;
      out[static_cast<std::size_t>(row)] = find(columns, row, hashes[static_cast<std::size_t>(row)]);
    }
  });
  return out;
}

}  // namespace mlrepro::detail::core
