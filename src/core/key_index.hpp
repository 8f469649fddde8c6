// SPDX-License-Identifier: Apache-2.0
// Groups the rows of one or more columns by the value of their canonical elements: 1 = 1.0,
// categories by value. Hash, then full compare: equal hashes never merge different keys. Group
// numbers follow first occurrence; rows whose key has a missing part are in no group (-1), unless
// missing is a value like any other, null and NaN alike. O(rows); the answer does not depend on
// threads.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/column.hpp"
#include "core/hash.hpp"

namespace mlrepro::detail::core {

enum class MissingKeys : std::uint8_t { are_in_no_group, are_equal };

class KeyIndex {
 public:
  explicit KeyIndex(std::vector<ColumnPtr> columns, int threads = 1,
                    MissingKeys missing = MissingKeys::are_in_no_group);

  RowIndex n_rows() const noexcept { return static_cast<RowIndex>(group_of_row_.size()); }
  std::int32_t n_groups() const noexcept { return static_cast<std::int32_t>(first_row_.size()); }
  RowIndex n_missing() const noexcept { return n_missing_; }
  std::span<const std::int32_t> group_of_row() const noexcept { return group_of_row_; }
  std::span<const RowIndex> first_row() const noexcept { return first_row_; }  // of each group
  std::span<const RowIndex> group_size() const noexcept { return group_size_; }
  const std::vector<ColumnPtr>& columns() const noexcept { return columns_; }

  // The group of each row of other columns (same count, same order), -1 where it is in none or has
  // a missing part.
  std::vector<std::int32_t> lookup(const std::vector<ColumnPtr>& columns, int threads = 1) const;

 private:
  struct Slot {
    std::uint64_t hash;
    std::int32_t group;
  };
  template <class Same>
  std::int32_t find(std::uint64_t hash, const Same& is_same) const noexcept;
  std::int32_t add_group(RowIndex row, std::uint64_t hash);
  void count_row(RowIndex row, std::int32_t group);
  void group_rows(int threads, MissingKeys missing);
  // One column of text: hashed and compared as bytes; a dictionary's levels once each.
  void group_texts();
  std::int32_t find_text(std::string_view text) const noexcept;
  std::vector<std::int32_t> lookup_texts(const Column& column, int threads) const;
  void grow();

  std::vector<ColumnPtr> columns_;
  std::vector<std::int32_t> group_of_row_;
  std::vector<RowIndex> first_row_, group_size_;
  std::vector<std::string_view> group_text_;  // of an index over one column of text
  std::vector<Slot> slots_;
  RowIndex n_missing_ = 0;
};

}  // namespace mlrepro::detail::core
