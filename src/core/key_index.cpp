// SPDX-License-Identifier: Apache-2.0
#include "core/key_index.hpp"

#include <algorithm>
#include <bit>

#include "core/canonical.hpp"
#include "core/parallel.hpp"

namespace mlrepro::detail::core {

namespace {

bool any_missing(const std::vector<ColumnPtr>& columns, RowIndex row) noexcept {
  return std::any_of(columns.begin(), columns.end(),
                     [row](const ColumnPtr& c) { return c->is_missing(row); });
}

std::vector<std::uint64_t> hashes_of(const std::vector<ColumnPtr>& columns, int threads) {
  const std::size_t n = columns.empty() ? 0 : static_cast<std::size_t>(columns[0]->n_rows());
  std::vector<Hash128> full(n);
  hash_rows(columns, domain_seed("key-index"), threads, full);
  std::vector<std::uint64_t> out(n);
  for (std::size_t i = 0; i < n; ++i) out[i] = full[i].low;
  return out;
}

bool same_key(const std::vector<ColumnPtr>& a, RowIndex row_a, const std::vector<ColumnPtr>& b,
              RowIndex row_b) noexcept {
  for (std::size_t c = 0; c < a.size(); ++c) {
    if (!equal_cells(*a[c], row_a, *b[c], row_b)) return false;
  }
  return true;
}

constexpr RowIndex kChunk = 1 << 14;

bool is_one_text(const std::vector<ColumnPtr>& columns) noexcept {
  return columns.size() == 1 && columns[0]->value_class() == ValueClass::text;
}

std::uint64_t text_hash(std::string_view text) noexcept {
  return xxh3_64(text.data(), text.size(), 0x6d6c726570726f31U);
}

}  // namespace

KeyIndex::KeyIndex(std::vector<ColumnPtr> columns, int threads, MissingKeys missing)
    : columns_(std::move(columns)) {
  group_of_row_.assign(columns_.empty() ? 0 : static_cast<std::size_t>(columns_[0]->n_rows()), -1);
  slots_.assign(1024, Slot{0, -1});
  if (is_one_text(columns_) && missing == MissingKeys::are_in_no_group) {
    group_texts();
  } else {
    group_rows(threads, missing);
  }
}

void KeyIndex::count_row(RowIndex row, std::int32_t group) {
  ++group_size_[static_cast<std::size_t>(group)];
  group_of_row_[static_cast<std::size_t>(row)] = group;
}

std::int32_t KeyIndex::add_group(RowIndex row, std::uint64_t hash) {
  if (first_row_.size() * 2 >= slots_.size()) grow();
  const std::int32_t group = n_groups();
  first_row_.push_back(row);
  group_size_.push_back(0);
  std::size_t at = hash & (slots_.size() - 1);
  while (slots_[at].group >= 0) at = (at + 1) & (slots_.size() - 1);
  slots_[at] = {hash, group};
  return group;
}

template <class Same>
std::int32_t KeyIndex::find(std::uint64_t hash, const Same& is_same) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask; slots_[at].group >= 0; at = (at + 1) & mask) {
    if (slots_[at].hash == hash && is_same(static_cast<std::size_t>(slots_[at].group)))
      return slots_[at].group;
  }
  return -1;
}

void KeyIndex::group_rows(int threads, MissingKeys missing) {
  const std::vector<std::uint64_t> hashes = hashes_of(columns_, threads);
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    const auto row = static_cast<RowIndex>(i);
    check_cancelled_at(row);
    if (missing == MissingKeys::are_in_no_group && any_missing(columns_, row)) {
      ++n_missing_;
      continue;
    }
    std::int32_t group = find(
        hashes[i], [&](std::size_t g) { return same_key(columns_, row, columns_, first_row_[g]); });
    if (group < 0) group = add_group(row, hashes[i]);
    count_row(row, group);
  }
}

std::int32_t KeyIndex::find_text(std::string_view text) const noexcept {
  return find(text_hash(text), [&](std::size_t g) { return group_text_[g] == text; });
}

void KeyIndex::group_texts() {
  const Column& column = *columns_[0];
  const bool coded = column.kind() == Type::dictionary;
  std::vector<std::int32_t> of_level(
      coded ? static_cast<std::size_t>(column.levels()->n_rows()) : 0, -1);
  for (RowIndex row = 0; row < column.n_rows(); ++row) {
    check_cancelled_at(row);
    if (column.is_null(row)) {
      ++n_missing_;
      continue;
    }
    std::int32_t* known = coded ? &of_level[static_cast<std::size_t>(column.code(row))] : nullptr;
    std::int32_t group = known != nullptr ? *known : -1;
    if (group < 0) {
      const std::string_view text =
          coded ? column.levels()->text(column.code(row)) : column.text(row);
      group = find_text(text);
      if (group < 0) {
        group = add_group(row, text_hash(text));
        group_text_.push_back(text);
      }
      if (known != nullptr) *known = group;
    }
    count_row(row, group);
  }
}

void KeyIndex::grow() {
  std::vector<Slot> old(slots_.size() * 4, Slot{0, -1});
  old.swap(slots_);
  for (std::size_t i = 0; i < old.size(); ++i) {
    check_cancelled_at(static_cast<std::int64_t>(i));
    const Slot& slot = old[i];
    if (slot.group < 0) continue;
    std::size_t at = slot.hash & (slots_.size() - 1);
    while (slots_[at].group >= 0) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = slot;
  }
}

std::vector<std::int32_t> KeyIndex::lookup_texts(const Column& column, int threads) const {
  if (column.kind() == Type::dictionary) {
    const std::vector<std::int32_t> of_level = lookup_texts(*column.levels(), threads);
    std::vector<std::int32_t> out(static_cast<std::size_t>(column.n_rows()), -1);
    parallel_for_chunks(column.n_rows(), kChunk * 4, threads,
                        [&](std::int64_t, RowIndex begin, RowIndex end) {
                          for (RowIndex row = begin; row < end; ++row) {
                            if (!column.is_null(row))
                              out[static_cast<std::size_t>(row)] =
                                  of_level[static_cast<std::size_t>(column.code(row))];
                          }
                        });
    return out;
  }
  std::vector<std::int32_t> out(static_cast<std::size_t>(column.n_rows()), -1);
  parallel_for_chunks(column.n_rows(), kChunk, threads,
                      [&](std::int64_t, RowIndex begin, RowIndex end) {
                        for (RowIndex row = begin; row < end; ++row) {
                          if (!column.is_null(row))
                            out[static_cast<std::size_t>(row)] = find_text(column.text(row));
                        }
                      });
  return out;
}

std::vector<std::int32_t> KeyIndex::lookup(const std::vector<ColumnPtr>& columns,
                                           int threads) const {
  if (is_one_text(columns_) && is_one_text(columns)) return lookup_texts(*columns[0], threads);
  const std::size_t n = columns.empty() ? 0 : static_cast<std::size_t>(columns[0]->n_rows());
  std::vector<std::int32_t> out(n, -1);
  if (is_one_text(columns_)) return out;  // no value of another class equals a text
  const std::vector<std::uint64_t> hashes = hashes_of(columns, threads);
  parallel_for_chunks(
      static_cast<RowIndex>(n), kChunk, threads, [&](std::int64_t, RowIndex begin, RowIndex end) {
        for (RowIndex row = begin; row < end; ++row) {
          if (any_missing(columns, row)) continue;
          out[static_cast<std::size_t>(row)] =
              find(hashes[static_cast<std::size_t>(row)],
                   [&](std::size_t g) { return same_key(columns, row, columns_, first_row_[g]); });
        }
      });
  return out;
}

}  // namespace mlrepro::detail::core
