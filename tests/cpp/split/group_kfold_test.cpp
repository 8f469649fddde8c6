// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/split/group_kfold.hpp>

#include <mlrepro/core/errors.hpp>

#include <set>

#include "catch_compat.hpp"
#include "split/tables.hpp"

using namespace split_test;
using mlrepro::ArgumentError;

namespace {
Dataset grouped(const std::vector<int>& group_sizes, bool reversed = false) {
  std::vector<std::string> names;
  for (std::size_t g = 0; g < group_sizes.size(); ++g) {
    for (int i = 0; i < group_sizes[g]; ++i) names.push_back("g" + std::to_string(g));
  }
  if (reversed) std::reverse(names.begin(), names.end());
  const std::vector<std::string_view> views(names.begin(), names.end());
  return Dataset::from_columns({{"group", views}}, {.entity = "group"});
}
}  // namespace

TEST_CASE("groups of 5, 4, 3, 3, 2, 1 rows fill three folds of six, whatever the salt",
          "[group_kfold]") {
  for (const char* salt : {"", "1", "2", "3", "2026"}) {
    const sp::Plan plan =
        sp::GroupKFold(3, {.by = "group", .salt = salt}).plan(grouped({5, 4, 3, 3, 2, 1}));
    CHECK(sizes(plan) ==
          std::map<std::string, RowIndex>{
              {"fold_0", 6}, {"fold_1", 6}, {"fold_2", 6}, {"missing", 0}, {"new", 0}});
    CHECK(plan.assign("g0") == "fold_0");
    CHECK(plan.assign("g5") == "fold_0");
    CHECK(plan.assign("g1") == plan.assign("g4"));
    CHECK(plan.assign("g2") == "fold_2");
    CHECK(plan.assign("g3") == "fold_2");
  }
}

TEST_CASE("equal-sized groups get the same folds in every order of rows", "[group_kfold]") {
  const std::vector<int> sizes_of_groups(50, 3);
  const sp::GroupKFold split(5, {.by = "group"});
  CHECK(split.plan(grouped(sizes_of_groups)) == split.plan(grouped(sizes_of_groups, true)));
  CHECK(split.plan(grouped(sizes_of_groups), 1) == split.plan(grouped(sizes_of_groups), 8));
  CHECK(sizes(split.plan(grouped(sizes_of_groups)))["fold_4"] == 30);
}

TEST_CASE("a group never lies in two folds, and an unseen one is new", "[group_kfold]") {
  const Dataset table = grouped({9, 1, 4, 4, 7, 2, 2, 8});
  const sp::Plan plan = sp::GroupKFold(3).plan(table);  // by the entity
  for (int f = 0; f < 3; ++f) {
    const std::string fold = "fold_" + std::to_string(f);
    for (const RowIndex row : rows_of(plan, fold)) CHECK(plan.assign(table["group"][row]) == fold);
  }
  CHECK(plan.assign("g99") == "new");
  CHECK(plan.is_folds());
}

TEST_CASE("exact = false is a stable hash: another table moves no group", "[group_kfold]") {
  std::vector<int> many(200, 1);
  const sp::GroupKFold split(4, {.by = "group", .exact = false});
  const sp::Plan small = split.plan(grouped(many));
  many.assign(900, 2);
  const sp::Plan large = split.plan(grouped(many));
  for (int g = 0; g < 200; ++g)
    CHECK(small.assign("g" + std::to_string(g)) == large.assign("g" + std::to_string(g)));
}

TEST_CASE("fewer groups than folds, no groups at all and one fold are refused", "[group_kfold]") {
  CHECK_THROWS_AS(sp::GroupKFold(3, {.by = "group"}).plan(grouped({4, 4})), ArgumentError);
  CHECK_THROWS_AS(sp::GroupKFold(3).plan(numbered(10)), ArgumentError);
  CHECK_THROWS_AS(sp::GroupKFold(1), ArgumentError);
  CHECK_THROWS_AS(sp::GroupKFold(-2), ArgumentError);
}
