// SPDX-License-Identifier: Apache-2.0
// Which right rows each left row meets, and the class of each left row. Every left row has exactly
// one class. O(rows); dictionary keys are looked up once a level. Independent of threads.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/key_index.hpp"
#include "join/request.hpp"

namespace mlrepro::detail::join {

enum class RowClass : std::uint8_t { matched, multiplied, key_not_found, null_key, ambiguous };
inline constexpr std::size_t kClasses = 5;
inline constexpr std::array<std::string_view, kClasses> kClassNames = {
    "matched", "multiplied", "key not found", "null key", "ambiguous"};
using ClassCounts = std::array<RowIndex, kClasses>;

struct Keys {
  std::vector<core::ColumnPtr> left, right;  // in the order of on=
};
Keys keys_of(const core::Table& left, const core::Table& right, const Request& request);

struct Matches {
  Matches(const Keys& keys, const Request& request);

  core::KeyIndex right;                     // groups of right rows with one key
  std::vector<std::int32_t> group_of_left;  // -1: no right row
  std::vector<RowIndex> left_rows_of_group;
  std::vector<RowClass> class_of_left;
  ClassCounts counts{};  // by class, sum = left rows
  std::vector<RowIndex>
      group_begin;  // right rows of group g: right_rows[group_begin[g] .. group_begin[g + 1])
  std::vector<RowIndex> right_rows;

  RowIndex right_rows_of(std::size_t left_row) const noexcept {  // 0: none, or set aside
    const RowClass c = class_of_left[left_row];
    if (c != RowClass::matched && c != RowClass::multiplied) return 0;
    return right.group_size()[static_cast<std::size_t>(group_of_left[left_row])];
  }
  RowIndex unmatched() const noexcept {
    return counts[static_cast<std::size_t>(RowClass::key_not_found)] +
           counts[static_cast<std::size_t>(RowClass::null_key)];
  }
  bool is_set_aside(std::size_t group, const Request& request) const noexcept {
    return request.set_aside && ((request.right_unique && right.group_size()[group] > 1) ||
                                 (request.left_unique && left_rows_of_group[group] > 1));
  }

 private:
  void classify(const Keys& keys, const Request& request);
  void list_right_rows();
};

}  // namespace mlrepro::detail::join
