// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/probe/probe.hpp>

#include <algorithm>
#include <numeric>

#include "catch_compat.hpp"
#include "core/elementary.hpp"
#include "hostile_table.hpp"
#include "oracle.hpp"

using namespace mlrepro_test;

namespace {

Names features_of(const Dataset& data) {
  Names out;
  for (int i = 0; i < data.n_columns(); ++i) {
    if (data.column_name(i) != "t" && data.column_name(i) != "y") out.add(data.column_name(i));
  }
  return out;
}

void compare_with_oracle(std::uint64_t seed, const char* name, Selection selection, double alpha,
                         bool honest, std::uint64_t n_classes = 0) {
  HostileTable table(seed, 150 + 97 * (seed % 5));
  const Dataset data = table.dataset();
  const Target target =
      n_classes == 0 ? Target::column(name) : Target::values(table.classes(n_classes), name);
  const ProbeOptions options{.max_depth = 3,
                             .min_samples_leaf = 4 + static_cast<RowIndex>(seed % 7),
                             .selection = selection,
                             .honest = honest,
                             .features = features_of(data),
                             .alpha = alpha,
                             .seed = seed,
                             .threads = 2};
  const Tree tree = DecisionTreeProbe(options).fit(data, target);
  const TargetValues values = resolve_any_target(detail::core::table_of(data), target);
  const Halves halves = make_halves(detail::binning::BinnedTable(data), values, honest, seed, 1);
  Oracle oracle(data, values, options.features,
                {selection, 3, options.min_samples_leaf, alpha < 1 ? detail::core::log(alpha) : 0});
  INFO("seed " << seed << " target " << name << " classes " << n_classes);
  REQUIRE(in_words(data_of(tree)) == oracle.grow(halves.growing));
}

}  // namespace

TEST_CASE("the search misses no cut that a walk over all values finds") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    compare_with_oracle(seed, "y", Selection::gain, 1, seed % 2 == 0);
    compare_with_oracle(seed, "t", Selection::gain, 1, seed % 3 == 0);
  }
}

TEST_CASE("the unbiased choice is the least p of all candidates, then its best cut") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    compare_with_oracle(seed, "y", Selection::unbiased, seed % 2 == 0 ? 0.2 : 1, seed % 3 == 0);
    compare_with_oracle(seed, "t", Selection::unbiased, seed % 2 == 0 ? 0.2 : 1, seed % 3 != 0);
  }
}

TEST_CASE("the search by several classes misses no cut, and tests as the oracle does") {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    for (const std::uint64_t n_classes : {2, 3, 8}) {
      compare_with_oracle(seed, "k", Selection::gain, 1, seed % 2 == 0, n_classes);
      compare_with_oracle(seed, "k", Selection::unbiased, seed % 2 == 0 ? 0.2 : 1, seed % 3 == 0,
                          n_classes);
    }
  }
}

TEST_CASE("children add up to their parent in rows, positives and sums, in both halves") {
  for (const char* target : {"y", "t"}) {
    const Dataset data = HostileTable(5, 3000).dataset();
    const Tree fitted =
        DecisionTreeProbe({.max_depth = 5, .alpha = 1}).fit(data, Target::column(target));
    const TreeData& tree = data_of(fitted);
    REQUIRE(tree.nodes.size() > 5);
    for (const Node& node : tree.nodes) {
      if (node.leaf >= 0) continue;
      Figures growing, judged;
      for (const int c : {node.left, node.right, node.alone}) {
        if (c < 0) continue;
        const Node& child = tree.nodes[static_cast<std::size_t>(c)];
        growing.n += child.growing.n;
        growing.positives += child.growing.positives;
        judged.n += child.judged.n;
        judged.positives += child.judged.positives;
        judged.sum += child.judged.sum;
        REQUIRE(child.growing.n >= tree.min_samples_leaf);
      }
      REQUIRE(growing.n == node.growing.n);
      REQUIRE(growing.positives == node.growing.positives);
      REQUIRE(judged.n == node.judged.n);
      REQUIRE(judged.positives == node.judged.positives);
      REQUIRE(judged.sum == mlrepro_test::Approx(node.judged.sum));
    }
    REQUIRE(tree.growing.n + tree.judged.n + tree.n_target_missing == tree.n_rows);
  }
}

TEST_CASE("neither the order of rows or columns nor threads move a byte of the tree") {
  const HostileTable table(11, 2500);
  const Dataset data = table.dataset();
  std::vector<RowIndex> backwards(2500);
  for (std::size_t i = 0; i < backwards.size(); ++i)
    backwards[i] = static_cast<RowIndex>((i * 1601) % backwards.size());
  for (const char* target : {"y", "t"}) {
    for (const Selection selection : {Selection::unbiased, Selection::gain}) {
      ProbeOptions options{.max_depth = 4, .selection = selection, .threads = 1};
      const std::string one =
          DecisionTreeProbe(options).fit(data, Target::column(target)).to_json();
      const auto fitted = [&](int threads, const Dataset& d) {
        options.threads = threads;
        return DecisionTreeProbe(options).fit(d, Target::column(target)).to_json();
      };
      REQUIRE(fitted(2, data) == one);
      REQUIRE(fitted(8, data) == one);
      REQUIRE(fitted(2, data.take(backwards)) == one);
      REQUIRE(fitted(3, table.dataset(true)) == one);
    }
  }
}

TEST_CASE("sums that doubles cannot add exactly are the same in any order of rows") {
  constexpr std::size_t kRows = 3000;
  std::vector<std::int32_t> key(kRows), x(kRows);
  std::vector<double> t(kRows);
  const RandomStream stream(6, "sums");
  for (std::size_t i = 0; i < kRows; ++i) {
    key[i] = static_cast<std::int32_t>(i);
    x[i] = static_cast<std::int32_t>(stream.bounded(i, 30));
    t[i] = (x[i] + 0.1) / static_cast<double>(1 + stream.bounded(kRows + i, 1000));
  }
  const Dataset data = Dataset::from_columns({{"k", key}, {"t", t}, {"x", x}}, {.key = "k"});
  std::vector<RowIndex> order(kRows);
  for (std::size_t i = 0; i < kRows; ++i) order[i] = static_cast<RowIndex>((i * 1601) % kRows);
  for (const bool honest : {true, false}) {
    const DecisionTreeProbe probe({.honest = honest, .alpha = 1, .threads = 2});
    const Tree tree = probe.fit(data, Target::column("t"));
    REQUIRE(tree.n_leaves() > 4);
    REQUIRE(probe.fit(data.take(order), Target::column("t")).to_json() == tree.to_json());
  }
}
