// SPDX-License-Identifier: Apache-2.0
// A consumer with flags of its own. What it prints must not depend on them (see run.cmake): splits,
// row identities, a fitted tree's canonical JSON, and the leaves of rows whose values flush-to-zero
// or finite math would change.
#include <mlrepro/mlrepro.hpp>

#include <array>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace mr = mlrepro;

namespace {

constexpr std::uint64_t kNan = 0x7ff8000000000000U;
constexpr std::uint64_t kSmallest = 1;  // 5e-324
constexpr std::uint64_t kMinusZero = 0x8000000000000000U;

void print(std::string_view label, std::string_view text) {
  std::printf("%.*s: %.*s\n", static_cast<int>(label.size()), label.data(),
              static_cast<int>(text.size()), text.data());
}

std::uint64_t checksum(std::string_view text) {  // FNV-1a
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

struct Rows {
  std::vector<std::string> names;
  std::vector<std::string_view> tail;
  std::vector<double> x;
  std::vector<std::int32_t> hour;
  std::vector<std::uint8_t> late;
};

Rows make_rows() {
  Rows rows;
  std::uint64_t state = 7;
  for (int i = 0; i < 600; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    const auto draw = static_cast<std::uint32_t>(state >> 33) % 97U;
    rows.names.push_back("N" + std::to_string(10000 + i));
    rows.x.push_back(std::bit_cast<double>(draw < 30   ? kNan
                                           : draw < 60 ? kSmallest * draw
                                                       : kMinusZero));
    rows.hour.push_back(static_cast<std::int32_t>(draw % 24U));
    rows.late.push_back(static_cast<std::uint8_t>(draw < 20 || (draw >= 30 && draw < 45)));
  }
  rows.tail.assign(rows.names.begin(), rows.names.end());
  return rows;
}

void print_splits(const mr::Dataset& table) {
  const mr::split::HashSplit split({{"train", 0.7}, {"valid", 0.2}, {"test", 0.1}},
                                   {.by = "tail", .salt = "2026"});
  const mr::split::Plan plan = split.plan(table);
  const mr::split::Plan saved = mr::split::Plan::from_json(plan.to_json());
  std::printf("plan: %016llx\n", static_cast<unsigned long long>(checksum(plan.to_json())));
  for (const std::string_view key : {"N10000", "N10001", "N10002", "N14228", "N99999"}) {
    print(key, saved.assign(key));
    if (split.parts()[static_cast<std::size_t>(split.try_assign(key))].name != saved.assign(key))
      print(key, "differs");
  }
  print("missing", saved.assign(mr::missing));
  std::printf("wrong class: %d\n", saved.try_assign(17));
}

void print_tree(const mr::Dataset& table) {
  const mr::DecisionTreeProbe probe({.max_depth = 3, .min_samples_leaf = 5, .exclude = {"tail"}});
  const mr::Tree fitted = probe.fit(table, mr::Target::column("late"));
  const mr::Tree tree = mr::Tree::from_json(fitted.to_json());
  std::printf("tree: %016llx\n%s\n", static_cast<unsigned long long>(checksum(fitted.to_json())),
              tree.to_text().c_str());
  const auto cell = [](std::uint64_t bits) { return mr::Value(std::bit_cast<double>(bits)); };
  for (const mr::Value& x :
       {cell(0), cell(kMinusZero), cell(kSmallest), cell(44), cell(45), cell(kNan), mr::missing}) {
    std::vector<mr::Value> row;
    for (const mr::Field& field : tree.columns())
      row.push_back(field.name == "x" ? x : mr::Value(13));
    std::printf("leaf %d\n", tree.apply(row));
  }
  std::printf("wrong length: %d\n", tree.apply({}));
}

}  // namespace

int main() {
  const Rows rows = make_rows();
  const mr::Dataset table = mr::Dataset::from_columns(
      {{"tail", rows.tail}, {"x", rows.x}, {"hour", rows.hour}, {"late", rows.late}},
      {.key = "tail", .label = "late"});
  std::array<mr::RowId, 600> ids;
  table.row_ids("split", ids);
  std::printf("row: %016llx%016llx\n", static_cast<unsigned long long>(ids[599].high),
              static_cast<unsigned long long>(ids[599].low));
  print_splits(table);
  print_tree(table);
  try {
    const mr::ColumnView column = table["hours"];
    std::printf("%lld\n", static_cast<long long>(column.n_rows()));
  } catch (const mr::Error& error) {
    print(error.name(), error.what());
    print("next step", error.next_step());
  }
}
