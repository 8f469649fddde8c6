// SPDX-License-Identifier: Apache-2.0
// How often the interval of a leaf holds the truth. Every column is noise and every tree is forced
// to split (alpha 1, plain gain), so that no other guard hides an interval that is too narrow.
#include <mlrepro/probe/probe.hpp>

#include "catch_compat.hpp"
#include "oracle.hpp"

using namespace mlrepro_test;

namespace {

constexpr int kLeaves = 2000;

struct Coverage {
  double share = 0;  // of the leaves whose interval holds the rate of the table
  int exact = 0;     // of them, those with fewer than five events
};

Coverage coverage(double rate, std::size_t n_rows, bool honest) {
  int n = 0, held = 0, exact = 0;
  for (std::uint64_t run = 0; n < kLeaves; ++run) {
    const RandomStream random(run, "coverage");
    std::vector<std::int32_t> key(n_rows);
    std::vector<std::vector<double>> x(6, std::vector<double>(n_rows));
    std::vector<double> y(n_rows);
    for (std::size_t row = 0; row < n_rows; ++row) {
      key[row] = static_cast<std::int32_t>(row);
      for (std::size_t c = 0; c < x.size(); ++c)
        x[c][row] = static_cast<double>(random.bits(row, c + 1) % 40);
      y[row] = static_cast<double>(random.bits(row) >> 11) * 0x1p-53 < rate ? 1 : 0;
    }
    const Dataset rows = Dataset::from_columns(
        {{"k", key}, {"a", x[0]}, {"b", x[1]}, {"c", x[2]}, {"d", x[3]}, {"e", x[4]}, {"f", x[5]}},
        {.key = "k"});
    const Tree tree = DecisionTreeProbe({.max_depth = 3,
                                         .selection = Selection::gain,
                                         .honest = honest,
                                         .alpha = 1,
                                         .threads = 1})
                          .fit(rows, Target::values(y));
    for (const Node& node : data_of(tree).nodes) {
      if (node.leaf < 0 || node.parent < 0 || node.judged.n == 0 || n == kLeaves) continue;
      ++n;
      held += node.low <= rate && rate <= node.high ? 1 : 0;
      exact += std::min(node.judged.positives, node.judged.n - node.judged.positives) < 5 ? 1 : 0;
    }
  }
  UNSCOPED_INFO("rate " << rate << ": " << held << " of " << kLeaves << " leaves, " << exact
                        << " of them exact");
  return {static_cast<double>(held) / kLeaves, exact};
}

}  // namespace

TEST_CASE("a Wilson interval of 95% holds the truth in 95% of 2,000 leaves", "[coverage][heavy]") {
  const Coverage of_judged = coverage(0.4, 2400, true);
  CHECK(of_judged.exact < kLeaves / 50);
  CHECK(of_judged.share == mlrepro_test::Approx(0.95).margin(0.015));
  CHECK(coverage(0.4, 2400, false).share < 0.85);  // of the rows that chose the leaf
}

TEST_CASE("an exact interval of 95% holds the truth in at least 93.5% of 2,000 leaves",
          "[coverage][heavy]") {
  const Coverage of_judged = coverage(0.01, 1600, true);
  CHECK(of_judged.exact > kLeaves * 4 / 5);
  CHECK(of_judged.share >= 0.935);
  CHECK(coverage(0.01, 1600, false).share < 0.85);
}
