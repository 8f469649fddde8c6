// SPDX-License-Identifier: Apache-2.0
// Which column is at the root when none has anything to do with the target: each as often as any
// other, however many values it has and however often it is missing.
#include <mlrepro/probe/probe.hpp>

#include <array>
#include <cstdio>

#include "catch_compat.hpp"
#include "oracle.hpp"

using namespace mlrepro_test;

namespace {

struct Kind {
  const char* name;
  int values;  // 0: as many as rows
  bool category;
  int missing;  // percent of the rows
};

constexpr Kind kKinds[] = {
    {"2 levels", 2, true, 0},
    {"5 levels", 5, true, 0},
    {"20 levels", 20, true, 0},
    {"20 levels, 40% missing", 20, true, 40},
    {"10 integers", 10, false, 0},
    {"2 integers, 20% missing", 2, false, 20},
    {"continuous", 0, false, 0},
    {"continuous, 10% missing", 0, false, 10},
    {"continuous, 50% missing", 0, false, 50},
    {"continuous, 80% missing", 0, false, 80},
};
constexpr std::size_t kColumns = std::size(kKinds), kRows = 1000;
constexpr std::array<std::string_view, 20> kLevels = {"a", "b", "c", "d", "e", "f", "g",
                                                      "h", "i", "j", "k", "l", "m", "n",
                                                      "o", "p", "q", "r", "s", "t"};

struct Column {
  std::vector<double> numbers{};
  std::vector<std::int32_t> codes{};
  std::vector<std::uint8_t> valid = std::vector<std::uint8_t>((kRows + 7) / 8);

  Column(const Kind& kind, const RandomStream& random, std::uint64_t number) {
    for (std::size_t row = 0; row < kRows; ++row) {
      const std::uint64_t bits = random.bits(row, number);
      const std::uint64_t value =
          kind.values == 0 ? bits >> 32
                           : (bits >> 32) * static_cast<std::uint64_t>(kind.values) >> 32;
      numbers.push_back(static_cast<double>(value));
      codes.push_back(static_cast<std::int32_t>(kind.category ? value : 0));
      const bool present = static_cast<int>(bits % 100) >= kind.missing;
      valid[row >> 3] = static_cast<std::uint8_t>(valid[row >> 3] | int{present} << (row & 7));
    }
  }
  ColumnView view(const Kind& kind) const {
    const auto levels =
        std::span<const std::string_view>(kLevels).first(static_cast<std::size_t>(kind.values));
    return kind.category ? ColumnView::categories(codes, levels, false, valid.data())
                         : ColumnView(std::span<const double>(numbers), valid.data());
  }
};

// The root of a tree over independent columns: an index into kKinds.
std::size_t root_of(int run, Selection selection, bool binary) {
  const RandomStream random(static_cast<std::uint64_t>(run), "bias");
  std::vector<Column> made;
  std::vector<NamedColumn> columns;
  for (std::size_t c = 0; c < kColumns; ++c) made.emplace_back(kKinds[c], random, c + 1);
  for (std::size_t c = 0; c < kColumns; ++c)
    columns.push_back({kKinds[c].name, made[c].view(kKinds[c])});
  std::vector<double> y;
  const std::uint64_t percent = run % 2 == 0 ? 50 : 20;
  for (std::size_t row = 0; row < kRows; ++row) {
    const std::uint64_t bits = random.bits(row);
    y.push_back(binary ? (bits % 100 < percent ? 1 : 0) : static_cast<double>(bits % 1'000'003));
  }
  const ProbeOptions options{.max_depth = 1,
                             .min_samples_leaf = 1,
                             .selection = selection,
                             .honest = false,
                             .alpha = 1,
                             .threads = 1};
  const Tree tree =
      DecisionTreeProbe(options).fit(Dataset::from_columns(columns), Target::values(y));
  std::size_t at = 0;
  while (kKinds[at].name != data_of(tree).columns.front().name) ++at;
  return at;
}

// Of `runs` roots: chi-square against a uniform choice, 9 degrees of freedom.
double departure_from_uniform(int runs, Selection selection, bool binary) {
  std::array<int, kColumns> roots{};
  for (int run = 0; run < runs; ++run) ++roots[root_of(run, selection, binary)];
  const double expected = static_cast<double>(runs) / static_cast<double>(kColumns);
  double x2 = 0;
  for (std::size_t c = 0; c < kColumns; ++c) {
    UNSCOPED_INFO(kKinds[c].name << ": " << roots[c] << " of " << runs << " roots");
    x2 += (roots[c] - expected) * (roots[c] - expected) / expected;
  }
  UNSCOPED_INFO("chi-square " << x2);
  return x2;
}

constexpr double kOneInThousand = 27.877;  // upper 0.001 of chi-square with 9 degrees of freedom

}  // namespace

TEST_CASE("of columns that say nothing each is chosen as often, whatever its values",
          "[bias][heavy]") {
  CHECK(departure_from_uniform(10'000, Selection::unbiased, true) < kOneInThousand);
}

TEST_CASE("of columns that say nothing about a number each is chosen as often", "[bias][heavy]") {
  CHECK(departure_from_uniform(10'000, Selection::unbiased, false) < kOneInThousand);
}

TEST_CASE("the gain alone favours columns with many values", "[bias][heavy]") {
  CHECK(departure_from_uniform(300, Selection::gain, true) > 10 * kOneInThousand);
  CHECK(departure_from_uniform(300, Selection::gain, false) > 10 * kOneInThousand);
}
