// SPDX-License-Identifier: Apache-2.0
// Published numbers and small tables whose tree is known by hand. Parity anchors: halves off, plain
// gain, alpha 1.
#include <mlrepro/probe/probe.hpp>

#include <numeric>

#include "catch_compat.hpp"
#include "oracle.hpp"

using namespace mlrepro_test;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

ProbeOptions exact(int depth, RowIndex least = 1) {
  ProbeOptions o;
  o.max_depth = depth;
  o.min_samples_leaf = least;
  o.selection = Selection::gain;
  o.honest = false;
  o.alpha = 1;
  return o;
}

std::string cut_text(const TreeData& tree, int node) {
  return condition_text(tree, tree.nodes[static_cast<std::size_t>(node)].split);
}

}  // namespace

TEST_CASE("20 rows, cut (10, 8) and (10, 2): 5.561438102 row-bits, G 7.709790281") {
  std::vector<double> x, y;
  for (int i = 0; i < 20; ++i) {
    x.push_back(i < 10 ? 1 : 2);
    y.push_back(i < 8 || i >= 18 ? 1 : 0);
  }
  const Dataset data = Dataset::from_columns({{"x", x}});
  const Tree tree = DecisionTreeProbe(exact(1)).fit(data, Target::values(y));
  const Split& split = data_of(tree).nodes[0].split;
  REQUIRE(split.gain == mlrepro_test::Approx(7.709790281).epsilon(1e-10));
  REQUIRE(split.threshold.get().is_missing() == false);
  const NodeTarget node =
      describe_node({true, std::vector<std::int64_t>(y.begin(), y.end()).data()}, [] {
        static std::vector<Row> rows(20);
        std::iota(rows.begin(), rows.end(), 0U);
        return std::span<const Row>(rows);
      }());
  const Cell bins[] = {{10, 8}, {10, 2}};
  const NodeTest test = table_test(node, bins, {}, 0, false);
  REQUIRE(test.df == 1);
  REQUIRE(std::exp(test.log_p) == mlrepro_test::Approx(0.007290358).epsilon(1e-6));  // X^2 = 7.2
}

// 1,000 rows: 400 with 40 positives, then 100 with 50, then 500 with 50.
TEST_CASE("gains are row-bits: of two cuts, and of cuts that part the group between them purely") {
  const Cell all{1000, 140};
  const auto row_bits = [&](const Cell& left) {
    const Int128 gain = purity(true, left) + purity(true, all - left) - purity(true, all);
    return static_cast<double>(gain) / 0x1p56;
  };
  REQUIRE(row_bits({400, 40}) == mlrepro_test::Approx(6.6271212).epsilon(1e-8));
  REQUIRE(row_bits({500, 90}) == mlrepro_test::Approx(9.7024920).epsilon(1e-8));
  REQUIRE(row_bits({450, 90}) == mlrepro_test::Approx(17.6478261).epsilon(1e-8));
  REQUIRE(row_bits({450, 40}) == mlrepro_test::Approx(13.2801006).epsilon(1e-8));
}

TEST_CASE("the best subset of four levels is found, not only one against the rest") {
  const int positives[] = {8, 1, 7, 2};
  const std::string_view names[] = {"A", "B", "C", "D"};
  std::vector<std::string_view> x;
  std::vector<double> y;
  for (int level = 0; level < 4; ++level) {
    for (int i = 0; i < 10; ++i) {
      x.push_back(names[level]);
      y.push_back(i < positives[level] ? 1 : 0);
    }
  }
  const Dataset data = Dataset::from_columns({{"x", x}});
  const Tree tree = DecisionTreeProbe(exact(1)).fit(data, Target::values(y));
  const Split& split = data_of(tree).nodes[0].split;
  REQUIRE(split.gain == mlrepro_test::Approx(2 * 0.6931471805599453 * 11.2886096).epsilon(1e-8));
  REQUIRE(split.levels.size() == 2);
  REQUIRE(split.levels[0].get().text() ==
          "A");  // {A, C} and {B, D} are one partition: the side of the first level is named
  REQUIRE(split.levels[1].get().text() == "C");
}

TEST_CASE("the order of rates holds the best of all subsets of six levels") {
  const RandomStream stream(4, "subsets");
  for (std::uint64_t trial = 0; trial < 40; ++trial) {
    Cell cells[6];
    Cell all;
    for (std::uint64_t k = 0; k < 6; ++k) {
      cells[k].n = 5 + static_cast<std::int64_t>(stream.bounded(trial * 20 + k, 40));
      cells[k].s = static_cast<std::int64_t>(
          stream.bounded(trial * 20 + 10 + k, static_cast<std::uint64_t>(cells[k].n)));
      all += cells[k];
    }
    Int128 best = -1;
    for (int subset = 1; subset < 63; ++subset) {
      Cell in;
      for (int k = 0; k < 6; ++k) {
        if ((subset >> k & 1) != 0) in += cells[k];
      }
      best = std::max(best, purity(true, in) + purity(true, all - in) - purity(true, all));
    }
    NodeTarget node;
    node.total = all;
    const Cut cut = best_value_cut<Cell>(node, {0, cells, {}, true, false}, 1);
    REQUIRE(cut.gain == best);
  }
}

TEST_CASE("steps of a loss are cut where they are, in order of their gain") {
  std::vector<double> x(250), loss(250);
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = static_cast<double>(i);
    loss[i] = i < 50 ? 2 : i >= 125 && i < 150 ? 1 : 0;
  }
  const Dataset data = Dataset::from_columns({{"x", x}});
  const Tree fitted = DecisionTreeProbe(exact(3)).fit(data, Target::values(loss));
  const TreeData& tree = data_of(fitted);
  REQUIRE(cut_text(tree, 0) == "x <= 49");
  REQUIRE(tree.nodes[0].split.gain == mlrepro_test::Approx(140.625).epsilon(1e-12));
  REQUIRE(cut_text(tree, 2) == "x <= 149");
  REQUIRE(tree.nodes[2].split.gain == mlrepro_test::Approx(3.125).epsilon(1e-12));
  REQUIRE(cut_text(tree, 3) == "x <= 124");
  REQUIRE(tree.nodes[3].split.gain == mlrepro_test::Approx(18.75).epsilon(1e-12));
}

TEST_CASE("with 1,000 values the third cut is the nearest edge, and says so") {
  std::vector<double> x(1000), loss(1000);
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = static_cast<double>(i);
    loss[i] = i < 200 ? 2 : i >= 500 && i < 600 ? 1 : 0;
  }
  const Dataset data = Dataset::from_columns({{"x", x}});
  const Tree fitted = DecisionTreeProbe(exact(3)).fit(data, Target::values(loss));
  const TreeData& tree = data_of(fitted);
  REQUIRE(cut_text(tree, 0) == "x <= 199");
  REQUIRE(tree.nodes[0].split.gain == mlrepro_test::Approx(562.5).epsilon(1e-12));
  REQUIRE(cut_text(tree, 2) == "x <= 599");
  REQUIRE(tree.nodes[2].split.gain == mlrepro_test::Approx(12.5).epsilon(1e-12));
  REQUIRE(cut_text(tree, 3) == "x <= 498");
}

TEST_CASE("nothing found says how small an effect could have been seen") {
  std::vector<double> a, b, y;
  for (int i = 0; i < 4000; ++i) {
    a.push_back(i & 1);
    b.push_back(i >> 1 & 1);
    y.push_back((i ^ i >> 1) & 1);
  }
  const std::vector<std::int32_t> key = [] {
    std::vector<std::int32_t> k(4000);
    std::iota(k.begin(), k.end(), 0);
    return k;
  }();
  const Dataset data = Dataset::from_columns({{"a", a}, {"b", b}, {"k", key}}, {.key = "k"});
  const Tree fitted = DecisionTreeProbe().fit(data, Target::values(y));
  const TreeData& tree = data_of(fitted);
  REQUIRE(tree.nodes.size() == 1);
  REQUIRE(tree.nodes[0].ended == "not_significant");
  REQUIRE(tree.visible_effect > 0.1);
  REQUIRE(tree.visible_effect < 0.5);
}

TEST_CASE("60 missing values among many rows that hold all errors are found") {
  std::vector<double> x(20000), y(20000);
  std::vector<std::int32_t> key(20000);
  const RandomStream stream(1, "needle");
  for (std::size_t i = 0; i < x.size(); ++i) {
    key[i] = static_cast<std::int32_t>(i);
    x[i] = static_cast<double>(stream.bounded(i, 1'000'000));
    if (i % 333 == 0) {
      x[i] = kNaN;
      y[i] = 1;
    }
  }
  const Dataset data = Dataset::from_columns({{"k", key}, {"x", x}}, {.key = "k"});
  for (const Selection selection : {Selection::unbiased, Selection::gain}) {
    ProbeOptions o;
    o.selection = selection;
    o.max_depth = 1;
    const Tree fitted = DecisionTreeProbe(o).fit(data, Target::values(y));
    const TreeData& tree = data_of(fitted);
    REQUIRE(tree.nodes.size() == 3);
    REQUIRE(tree.nodes[0].split.kind == SplitKind::is_missing);
    REQUIRE(tree.nodes[1].judged.mean == 1);
    REQUIRE(tree.nodes[1].replicated);
  }
}

TEST_CASE("residuals that cancel are seen by their size, and by their sides apart") {
  std::vector<std::string_view> group;
  std::vector<double> over, under, size;
  for (int i = 0; i < 3000; ++i) {
    const int g = i % 3;
    group.push_back(g == 0 ? "a" : g == 1 ? "b" : "c");
    over.push_back(g == 0 ? 1 : 0);
    under.push_back(g == 1 ? 1 : 0);
    size.push_back(g < 2 ? 1 : 0);
  }
  const Dataset data = Dataset::from_columns({{"group", group}});
  const auto root = [&](const std::vector<double>& target) {
    const Tree tree = DecisionTreeProbe(exact(1)).fit(data, Target::values(target));
    return cut_text(data_of(tree), 0);
  };
  REQUIRE(root(over) == "group = a");
  REQUIRE(root(under) == "group = b");
  REQUIRE(root(size) == "group = c");
}

TEST_CASE("cuts one bit apart re-select the rows that they were made from") {
  const std::int64_t big = std::int64_t{1} << 53;
  std::vector<double> ulp, y;
  std::vector<std::int64_t> whole, ns;
  for (int i = 0; i < 200; ++i) {
    const bool high = i % 4 == 0;
    ulp.push_back(high ? 0.1 + 0x1p-56 : 0.1);
    whole.push_back(high ? big + 1 : big);
    ns.push_back(1'383'440'400'000'000'000 + (high ? 1 : 0));
    y.push_back(high ? 1 : 0);
  }
  REQUIRE(ulp[0] != ulp[1]);
  for (const NamedColumn& column :
       {NamedColumn{"x", ulp}, NamedColumn{"x", whole},
        NamedColumn{"x", ColumnView::timestamps(ns, TimeUnit::nano, "UTC")}}) {
    const Dataset data = Dataset::from_columns({column});
    const Tree tree = DecisionTreeProbe(exact(1)).fit(data, Target::values(y));
    std::vector<int> leaf(200);
    tree.apply(data, leaf);
    for (std::size_t i = 0; i < 200; ++i) REQUIRE(leaf[i] == (y[i] == 1 ? 1 : 0));
    REQUIRE(Tree::from_json(tree.to_json()) == tree);
  }
}
