// SPDX-License-Identifier: Apache-2.0
#include "join/match.hpp"

#include "core/parallel.hpp"

namespace mlrepro::detail::join {
namespace {

using core::Column;
using core::ColumnPtr;

constexpr RowIndex kChunk = 65'536;

std::vector<std::int32_t> lookup_levels(const core::KeyIndex& right, const Column& left,
                                        int threads) {
  const std::vector<std::int32_t> of_level = right.lookup({left.levels()}, threads);
  std::vector<std::int32_t> out(static_cast<std::size_t>(left.n_rows()));
  core::parallel_for_chunks(
      left.n_rows(), kChunk, threads, [&](std::int64_t, RowIndex begin, RowIndex end) {
        for (RowIndex row = begin; row < end; ++row) {
          out[static_cast<std::size_t>(row)] =
              left.is_null(row) ? -1 : of_level[static_cast<std::size_t>(left.code(row))];
        }
      });
  return out;
}

std::vector<std::int32_t> lookup_left(const core::KeyIndex& right, const Keys& keys, int threads) {
  if (keys.left.size() == 1 && keys.left[0]->kind() == Type::dictionary) {
    return lookup_levels(right, *keys.left[0], threads);
  }
  return right.lookup(keys.left, threads);
}

}  // namespace

Keys keys_of(const core::Table& left, const core::Table& right, const Request& request) {
  return {core::columns_named(left, request.left_on), core::columns_named(right, request.right_on)};
}

Matches::Matches(const Keys& keys, const Request& request)
    : right(keys.right, request.threads), group_of_left(lookup_left(right, keys, request.threads)) {
  left_rows_of_group.resize(static_cast<std::size_t>(right.n_groups()));
  for (const std::int32_t group : group_of_left) {
    if (group >= 0) ++left_rows_of_group[static_cast<std::size_t>(group)];
  }
  classify(keys, request);
  list_right_rows();
}

void Matches::classify(const Keys& keys, const Request& request) {
  std::vector<RowClass> of_group(left_rows_of_group.size());
  for (std::size_t g = 0; g < of_group.size(); ++g) {
    of_group[g] = is_set_aside(g, request)    ? RowClass::ambiguous
                  : right.group_size()[g] > 1 ? RowClass::multiplied
                                              : RowClass::matched;
  }
  std::vector<const Column*> gappy;
  for (const ColumnPtr& key : keys.left) {
    if (key->n_missing() > 0) gappy.push_back(key.get());
  }
  class_of_left.resize(group_of_left.size());
  for (std::size_t i = 0; i < group_of_left.size(); ++i) {
    RowClass c = RowClass::key_not_found;
    if (group_of_left[i] >= 0) {
      c = of_group[static_cast<std::size_t>(group_of_left[i])];
    } else {
      for (const Column* key : gappy) {
        if (key->is_missing(static_cast<RowIndex>(i))) c = RowClass::null_key;
      }
    }
    class_of_left[i] = c;
    ++counts[static_cast<std::size_t>(c)];
  }
}

void Matches::list_right_rows() {
  const std::span<const RowIndex> sizes = right.group_size();
  group_begin.resize(sizes.size() + 1);
  for (std::size_t g = 0; g < sizes.size(); ++g) group_begin[g + 1] = group_begin[g] + sizes[g];
  right_rows.resize(static_cast<std::size_t>(group_begin.back()));
  std::vector<RowIndex> next(group_begin.begin(), group_begin.end() - 1);
  const std::span<const std::int32_t> groups = right.group_of_row();
  for (std::size_t row = 0; row < groups.size(); ++row) {
    if (groups[row] < 0) continue;
    right_rows[static_cast<std::size_t>(next[static_cast<std::size_t>(groups[row])]++)] =
        static_cast<RowIndex>(row);
  }
}

}  // namespace mlrepro::detail::join
