// SPDX-License-Identifier: Apache-2.0
// Targets of classes: what is only so of them. Their search is compared in search_test.cpp.
#include <mlrepro/probe/probe.hpp>

#include <map>

#include "catch_compat.hpp"
#include "hostile_table.hpp"
#include "oracle.hpp"
#include "probe/assemble.hpp"
#include "probe/class_figures.hpp"

using namespace mlrepro_test;

namespace {

using Counts = std::vector<RowIndex>;

Counts sum_of_children(const TreeData& tree, const Node& node, Figures Node::*half) {
  Counts out(tree.classes.size());
  for (const int c : {node.left, node.right, node.alone}) {
    if (c < 0) continue;
    const Figures& f = tree.nodes[static_cast<std::size_t>(c)].*half;
    for (std::size_t k = 0; k < out.size(); ++k) out[k] += f.classes[k];
  }
  return out;
}

// All that a split and a leaf say, but not the figures, which differ in meaning.
std::string decisions(const TreeData& tree) {
  std::string out = in_words(tree);
  const auto add = [&](double v) { out += detail::core::display(Value(v)) + " "; };
  for (const Node& node : tree.nodes) {
    for (const double v : {node.split.gain, node.split.log_p_choice, node.split.log_p_cut}) add(v);
    for (const RunnerUp& up : node.runner_ups) {
      out += up.rule + " ";
      for (const double v : {up.gain, up.log_p, up.agreement}) add(v);
    }
    add(node.p_value);
    out += std::to_string(node.judged.n) + (node.replicated ? " yes " : " no ") + node.ended + "\n";
  }
  return out;
}

template <class E>
std::string message_of(const Dataset& data, const Target& target) {
  try {
    DecisionTreeProbe().fit(data, target);
  } catch (const E& e) {
    return e.what();
  }
  return "no error";
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("two classes of text are not the tree of the one against the other") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    HostileTable table(seed, 1500);
    const ColumnView classes = table.classes(2);
    std::vector<double> is_ok(1500, std::nan(""));
    for (std::size_t i = 0; i < is_ok.size(); ++i) {
      const Value v = classes[static_cast<RowIndex>(i)];
      if (!v.is_missing()) is_ok[i] = v.text() == "ok" ? 1 : 0;  // the later one by name
    }
    const ProbeOptions options{.max_depth = 4,
                               .selection = seed % 2 == 0 ? Selection::gain : Selection::unbiased,
                               .alpha = seed % 4 < 2 ? 0.05 : 1.0};
    const Tree by_class = DecisionTreeProbe(options).fit(table.dataset(), Target::values(classes));
    const Tree binary = DecisionTreeProbe(options).fit(table.dataset(), Target::values(is_ok));
    INFO("seed " << seed);
    REQUIRE(decisions(data_of(by_class)) == decisions(data_of(binary)));
  }
}

TEST_CASE("children add up to their parent in each class, in both halves") {
  HostileTable table(5, 3000);
  const Tree fitted = DecisionTreeProbe({.max_depth = 5, .alpha = 1})
                          .fit(table.dataset(), Target::values(table.classes(5)));
  const TreeData& tree = data_of(fitted);
  REQUIRE(tree.nodes.size() > 5);
  for (const Node& node : tree.nodes) {
    if (node.leaf >= 0) continue;
    REQUIRE(sum_of_children(tree, node, &Node::growing) == node.growing.classes);
    REQUIRE(sum_of_children(tree, node, &Node::judged) == node.judged.classes);
  }
}

TEST_CASE("figures of a leaf are a recount, of the class that the growing rows chose") {
  HostileTable table(7, 4000);
  const Dataset data = table.dataset();
  const ColumnView classes = table.classes(4);
  std::vector<std::uint8_t> judged(4000);
  const Tree tree = DecisionTreeProbe({.alpha = 1}).fit(data, Target::values(classes), judged);
  std::vector<int> leaf_of_row(4000);
  tree.apply(data, leaf_of_row);
  std::map<std::string, RowIndex> all;
  std::map<std::pair<int, std::string>, RowIndex> shown, grown;
  for (std::size_t row = 0; row < judged.size(); ++row) {
    const Value v = classes[static_cast<RowIndex>(row)];
    if (v.is_missing()) continue;
    const std::string name(v.text());
    ++(judged[row] != 0 ? shown : grown)[{leaf_of_row[row], name}];
    all[name] += judged[row];
  }
  REQUIRE(tree.n_classes() == 4);
  for (int i = 0; i < tree.n_leaves(); ++i) {
    const Leaf leaf = tree.leaf(i);
    const std::string common(tree.class_name(leaf.most_common));
    for (int k = 0; k < 4; ++k) {
      const std::string name(tree.class_name(k));
      REQUIRE(tree.class_rows(i, k) == shown[{i, name}]);
      REQUIRE(grown[{i, common}] >= grown[{i, name}]);
    }
    const auto n = static_cast<double>(shown[{i, common}]);
    REQUIRE(leaf.mean == Approx(n / static_cast<double>(leaf.rows_judged)));
    REQUIRE(leaf.share == Approx(n / static_cast<double>(all[common])));
    REQUIRE(leaf.lift == Approx(leaf.mean * static_cast<double>(data_of(tree).judged.n) /
                                static_cast<double>(all[common])));
  }
}

TEST_CASE("neither the order of rows or columns nor threads move a byte of a tree of classes") {
  HostileTable table(11, 2500);
  const ColumnView classes = table.classes(6);
  const Dataset data = table.dataset();
  std::vector<RowIndex> shuffled(2500);
  std::vector<std::string_view> moved(2500);
  std::vector<std::uint8_t> valid((2500 + 7) / 8);
  for (std::size_t i = 0; i < shuffled.size(); ++i) {
    shuffled[i] = static_cast<RowIndex>((i * 1601) % shuffled.size());
    const Value v = classes[shuffled[i]];
    if (v.is_missing()) continue;
    moved[i] = v.text();
    valid[i >> 3] = static_cast<std::uint8_t>(valid[i >> 3] | 1U << (i & 7));
  }
  const ColumnView moved_classes(std::span<const std::string_view>(moved), valid.data());
  for (const Selection selection : {Selection::unbiased, Selection::gain}) {
    const auto fitted = [&](int threads, const Dataset& d, const ColumnView& target) {
      const ProbeOptions options{.max_depth = 4, .selection = selection, .threads = threads};
      return DecisionTreeProbe(options).fit(d, Target::values(target)).to_json();
    };
    const std::string one = fitted(1, data, classes);
    REQUIRE(fitted(2, data, classes) == one);
    REQUIRE(fitted(8, data, classes) == one);
    REQUIRE(fitted(2, data.take(shuffled), moved_classes) == one);
    REQUIRE(fitted(3, table.dataset(true), classes) == one);
  }
}

TEST_CASE("each plane of the counts is that class against the rest") {
  HostileTable table(3, 900);
  const Dataset data = table.dataset();
  const Target asked = Target::values(table.classes(3));
  const TargetValues target = resolve_any_target(detail::core::table_of(data), asked);
  const detail::binning::BinnedTable binned(data);
  const SearchSet set =
      make_search_set(binned, candidate_columns(data, {}, {}, true, nullptr), 1, Deadline(0));
  std::vector<Row> rows;
  for (Row row = 0; row < 900; ++row) {
    if (target.present[row] != 0) rows.push_back(row);
  }
  const CellLayout planes(set, 3), one(set);
  const auto all = count_cells(set, planes, count_target(target), rows, 2, Deadline(0));
  REQUIRE(all.size() == 3 * one.size());
  for (std::int64_t k = 0; k < 3; ++k) {
    std::vector<std::int64_t> is_class(target.scaled);
    for (std::int64_t& t : is_class) t = t == k ? 1 : 0;
    const auto cells = count_cells(set, one, {true, is_class.data()}, rows, 1, Deadline(0));
    REQUIRE(std::equal(
        cells.begin(), cells.end(),
        all.begin() + static_cast<std::ptrdiff_t>(k) * static_cast<std::ptrdiff_t>(one.size())));
  }
}

TEST_CASE("noise of four classes replicates in at most alpha of all trees") {
  constexpr std::string_view kNames[] = {"a", "b", "c", "rare"};
  int trees_with_claim = 0;
  for (std::uint64_t run = 0; run < 300; ++run) {
    const RandomStream stream(run, "class noise");
    std::vector<std::int32_t> key(600);
    std::vector<double> x(600), z(600);
    std::vector<std::string_view> y(600);
    for (std::size_t i = 0; i < key.size(); ++i) {
      key[i] = static_cast<std::int32_t>(i);
      x[i] = static_cast<double>(stream.bounded(4 * i, 10));
      z[i] = stream.bounded(4 * i + 1, 5) == 0 ? std::nan("")
                                               : static_cast<double>(stream.bounded(4 * i + 2, 50));
      const std::uint64_t t = stream.bounded(4 * i + 3, 100);
      y[i] = kNames[t < 50 ? 0 : t < 80 ? 1 : t < 98 ? 2 : 3];
    }
    const Dataset data = Dataset::from_columns({{"k", key}, {"x", x}, {"z", z}}, {.key = "k"});
    const Target target = Target::values(y);
    // Grown without asking for evidence, judged at 5%.
    const TargetValues values = resolve_any_target(detail::core::table_of(data), target);
    const detail::binning::BinnedTable binned(data);
    const SearchSet set =
        make_search_set(binned, candidate_columns(data, {}, {}, true, nullptr), 1, Deadline(0));
    const Halves halves = make_halves(binned, values, true, run, 1);
    GrowOptions grow;
    grow.selection = Selection::gain;
    grow.min_samples_leaf = 10;
    const GrownTree grown =
        grow_tree(set, count_target(values), halves.growing, 0, grow, Deadline(0));
    TreeData tree;
    tree.binary = false;
    tree.classes = values.classes;
    tree.alpha = 0.05;
    assemble(set, grown, tree);
    judge_nodes(figures_of(grown, set, values, halves), tree);
    REQUIRE(tree.nodes.size() > 3);
    trees_with_claim += std::any_of(tree.nodes.begin(), tree.nodes.end(),
                                    [](const Node& node) { return node.replicated; });
  }
  REQUIRE(trees_with_claim <= 27);  // Binomial(300, 0.05) is above 27 with probability 0.001
}

TEST_CASE("a class of a few rows neither hides what moves the others nor passes for a finding") {
  std::vector<double> x;
  std::vector<std::string_view> y;
  const RandomStream stream(9, "rare class");
  for (std::uint64_t i = 0; i < 20000; ++i) {
    x.push_back(static_cast<double>(stream.bounded(3 * i, 1000)));
    const bool slice = x.back() >= 500 && x.back() < 520;  // 2% of the rows
    const std::uint64_t t = stream.bounded(3 * i + 1, 100);
    y.push_back(i % 1500 == 0 ? "rare" : t < (slice ? 60U : 20U) ? "b" : t < 60 ? "c" : "a");
  }
  const Tree tree = DecisionTreeProbe({.max_depth = 2, .honest = false})
                        .fit(Dataset::from_columns({{"x", x}}), Target::values(y));
  std::string rules;
  for (int leaf = 0; leaf < tree.n_leaves(); ++leaf) rules += tree.rule(leaf, "text") + "\n";
  INFO(rules);
  REQUIRE(contains(rules, "x > 4"));
  REQUIRE(contains(rules, "x <= 5"));
}

TEST_CASE("targets that are no 2 to 32 classes are refused with the counts and the next step") {
  std::vector<std::string> names;
  std::vector<std::string_view> many, same(99, "only one"), none(99);
  std::vector<double> x;
  for (int i = 0; i < 99; ++i) names.push_back("class " + std::to_string(i % 33));
  for (int i = 0; i < 99; ++i) {
    many.push_back(names[static_cast<std::size_t>(i)]);
    x.push_back(i);
  }
  const std::vector<std::uint8_t> nulls(13);
  const std::vector<std::int32_t> days(99, 1);
  const Dataset data = Dataset::from_columns({{"x", x}});
  const std::string error = message_of<SchemaError>(data, Target::values(many, "city"));
  REQUIRE(contains(error, "target 'city' has 33 classes; a tree explains 2 to 32."));
  REQUIRE(contains(error, "The 31 most frequent hold 93 of 99 rows. Group the rare ones"));
  REQUIRE(contains(message_of<SchemaError>(data, Target::values(same)),
                   "is 'only one' in all 99 rows that have one: there is nothing to explain"));
  const ColumnView missing(std::span<const std::string_view>(none), nulls.data());
  REQUIRE(contains(message_of<SchemaError>(data, Target::values(missing)), "missing in all 99"));
  REQUIRE(contains(message_of<InputTypeError>(data, Target::values(ColumnView::dates(days))),
                   "neither number nor boolean"));
}

TEST_CASE("a column that is one class in disguise is named, once") {
  std::vector<double> code, x;
  std::vector<std::string_view> y;
  constexpr std::string_view kNames[] = {"a", "b", "c"};
  for (std::size_t i = 0; i < 300; ++i) {
    code.push_back(static_cast<double>(i % 3));
    x.push_back(static_cast<double>(i * 7919 % 300));
    y.push_back(kNames[i % 3]);
  }
  const Tree tree = DecisionTreeProbe().fit(Dataset::from_columns({{"code", code}, {"x", x}}),
                                            Target::values(y, "y"));
  const auto& warnings = data_of(tree).warnings;
  REQUIRE(warnings.size() == 1);
  REQUIRE(warnings[0] == "code <= 0 is the target y = 'a' on 300 of 300 rows: exclude it?");
}

TEST_CASE("a saved tree of classes is read as it was, and no lie in it is believed") {
  HostileTable table(5, 1000);
  const Tree tree =
      DecisionTreeProbe({.alpha = 1}).fit(table.dataset(), Target::values(table.classes(4)));
  REQUIRE(Tree::from_json(tree.to_json()) == tree);
  REQUIRE(Tree::from_json(tree.to_json()).to_text() == tree.to_text());
  const auto refused = [&](const std::string& from, const std::string& to) {
    std::string json = tree.to_json();
    REQUIRE(contains(json, from));
    json.replace(json.find(from), from.size(), to);
    REQUIRE_THROWS_AS(Tree::from_json(json), FormatError);
  };
  refused("\"most_common\":", "\"most_common\":4, \"was\":");
  refused("\"most_common\":", "\"most_common\":-1, \"was\":");
  refused("\"stands_out\":", "\"stands_out\":-2, \"was\":");
  refused("\"growing\":{\"classes\":[", "\"growing\":{\"classes\":[1,");
  refused("\"growing\":{\"classes\":[", "\"growing\":{\"classes\":[9223372036854775807,");
  refused("\"classes\":[\"\"", "\"classes\":[\"zz\"");
  refused("\"classes\":[\"\"", "\"classes\":[7");
  refused("\"binary\":false", "\"binary\":true");
  refused("\"classes\":[\"\",", "\"classes\":[");
}
