// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/split/group_kfold.hpp>

#include <algorithm>
#include <numeric>

#include "core/cancellable_sort.hpp"
#include "core/parallel.hpp"
#include "core/raise.hpp"
#include "split/groups.hpp"
#include "split/plan_object.hpp"

namespace mlrepro::detail::split {
namespace {

using core::raise;

struct GroupKFoldObject final : Ref::Object {
  GroupKFoldObject(int n, const mlrepro::split::GroupKFoldOptions& given)
      : n_splits(n), options(given) {}
  const int n_splits;
  const mlrepro::split::GroupKFoldOptions options;
};

// Groups by falling size, then hash, each to the fold with the fewest rows, ties to the lowest
// fold.
void balance(const Groups& groups, KeyRule& hash) {
  std::vector<std::size_t> order(groups.key.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto larger = [&](std::size_t a, std::size_t b) {
    if (groups.n_rows[a] != groups.n_rows[b]) return groups.n_rows[a] > groups.n_rows[b];
    return groups.key[a] < groups.key[b];
  };
  core::cancellable_sort(order.begin(), order.end(), larger);
  using Load = std::pair<std::int64_t, std::uint16_t>;  // rows, fold
  std::vector<Load> heap;
  for (std::uint64_t fold = 0; fold < hash.n_folds; ++fold)
    heap.emplace_back(0, static_cast<std::uint16_t>(fold));
  std::vector<std::pair<Hash128, std::uint16_t>> placed;
  placed.reserve(order.size());
  for (const std::size_t g : order) {
    std::pop_heap(heap.begin(), heap.end(), std::greater<>{});
    placed.emplace_back(groups.key[g], heap.back().second);
    heap.back().first += groups.n_rows[g];
    std::push_heap(heap.begin(), heap.end(), std::greater<>{});
  }
  core::cancellable_sort(placed.begin(), placed.end(), std::less<>());
  for (const auto& [key, fold] : placed) {
    hash.closed_keys.push_back(key);
    hash.closed_parts.push_back(fold);
  }
  hash.method = KeyRule::Method::closed;
}

Rule folds_rule(const core::Table& table, const GroupKFoldObject& object) {
  Rule rule;
  rule.splitter = "GroupKFold";
  rule.has_hash = true;
  rule.hash.method = KeyRule::Method::folds;
  rule.hash.n_folds = static_cast<std::uint64_t>(object.n_splits);
  rule.hash.salt = object.options.salt;
  const Names& by = object.options.by.empty() ? table.roles.entity : object.options.by;
  if (by.empty()) {
    raise<ArgumentError>(
        {.message =
             "GroupKFold knows no groups: neither by= nor groups= nor the role entity is given.",
         .next_step = "Name the columns of the group with by=."});
  }
  set_hash_key(table, by, rule);
  return rule;
}

}  // namespace
}  // namespace mlrepro::detail::split

namespace mlrepro::split {

namespace core = mlrepro::detail::core;
using namespace mlrepro::detail::split;  // NOLINT(google-build-using-namespace): this file
                                         // implements both

GroupKFold::GroupKFold(int n_splits, const GroupKFoldOptions& options) {
  if (n_splits < 2 || n_splits > 10'000) {
    core::raise<ArgumentError>(
        {.message = "n_splits is " + std::to_string(n_splits) + ", not from 2 to 10,000.",
         .next_step = "Use a number of folds such as 5."});
  }
  ref_ = mlrepro::detail::make_ref<GroupKFoldObject>(n_splits, options);
}

Plan GroupKFold::plan(const Dataset& dataset, int threads) const {
  const auto& object = mlrepro::detail::object_of<GroupKFoldObject>(ref_);
  const core::Table& table = core::table_of(dataset);
  const int n_threads = core::resolve_threads(threads);
  Rule rule = folds_rule(table, object);
  RowParts rows;
  hash_key_rows(table, rule, n_threads, rows);
  const Groups groups = group_rows(rows.hashes, rows.missing);
  if (static_cast<std::int64_t>(groups.key.size()) < object.n_splits) {
    core::raise<ArgumentError>(
        {.message = core::with_commas(static_cast<std::int64_t>(groups.key.size())) +
                    " groups cannot fill " + std::to_string(object.n_splits) + " folds.",
         .column = rule.key[0].name,
         .next_step = "Use at most as many folds as groups."});
  }
  if (object.options.exact) balance(groups, rule.hash);
  rule.set_parts();
  rows.part_of_row.resize(rows.hashes.size());
  std::vector<std::uint16_t> part_of_group(groups.key.size());
  for (std::size_t g = 0; g < groups.key.size(); ++g) {
    core::check_cancelled_at(static_cast<RowIndex>(g));
    part_of_group[g] = static_cast<std::uint16_t>(rule.hash.part(groups.key[g]));
  }
  for (std::size_t row = 0; row < rows.part_of_row.size(); ++row) {
    const std::int32_t g = groups.group_of_row[row];
    rows.part_of_row[row] = g < 0 ? static_cast<std::uint16_t>(rule.missing)
                                  : part_of_group[static_cast<std::size_t>(g)];
  }
  return make_plan(dataset, std::move(rule), std::move(rows), {.refuse_empty = true});
}

}  // namespace mlrepro::split
