// SPDX-License-Identifier: Apache-2.0
// How many of a row's columns are missing, as a candidate and as a split.
#include <cmath>

#include <nlohmann/json.hpp>

#include "allocation_count.hpp"
#include "catch_compat.hpp"
#include "core/elementary.hpp"
#include "oracle.hpp"
#include "tree_builder.hpp"

namespace {

using namespace mlrepro_test;

constexpr std::size_t kRows = 3000;
const double kNaN = std::nan("");

// Numbers that are missing on a fraction of the rows each, and a label that their count decides.
struct Gappy {
  std::vector<std::vector<double>> columns{};
  std::vector<std::string> names{};
  std::vector<int> n_missing = std::vector<int>(kRows);
  std::unique_ptr<bool[]> label = std::make_unique<bool[]>(kRows);
  RandomStream random;
  std::uint64_t next = 0;

  explicit Gappy(std::uint64_t seed) : random(seed, "gappy") {}

  bool draw(std::uint64_t one_in) { return random.bounded(next++, one_in) == 0; }
  void add(const std::vector<bool>& missing) {
    names.push_back("c" + std::to_string(names.size()));
    columns.emplace_back(kRows);
    for (std::size_t row = 0; row < kRows; ++row) {
      columns.back()[row] = missing[row] ? kNaN : static_cast<double>(random.bounded(next++, 40));
      n_missing[row] += missing[row];
    }
  }
  void add_alone(std::uint64_t one_in) {
    std::vector<bool> missing(kRows);
    for (std::size_t row = 0; row < kRows; ++row) missing[row] = draw(one_in);
    add(missing);
  }
  void decide(int least) {
    for (std::size_t row = 0; row < kRows; ++row)
      label[row] = draw(n_missing[row] >= least ? 2 : 20);
  }
  Dataset dataset() const {
    std::vector<NamedColumn> out;
    for (std::size_t i = 0; i < names.size(); ++i) out.push_back({names[i], columns[i]});
    out.push_back({"y", ColumnView(std::span<const bool>(label.get(), kRows))});
    return Dataset::from_columns(out, {.label = "y"});
  }
};

Gappy alone(std::uint64_t seed, int n_columns = 5) {
  Gappy out(seed);
  for (int i = 0; i < n_columns; ++i) out.add_alone(3 + static_cast<std::uint64_t>(i % 3));
  out.decide(3);
  return out;
}

std::string oracle_tree(const Dataset& data, const ProbeOptions& o) {
  const TargetValues target = resolve_target(detail::core::table_of(data), Target::column("y"));
  const Halves halves =
      make_halves(detail::binning::BinnedTable(data), target, o.honest, o.seed, 1);
  Names features;
  for (int i = 0; i + 1 < data.n_columns(); ++i) features.add(data.column_name(i));
  const double log_alpha = o.alpha < 1 ? detail::core::log(o.alpha) : 0;
  return Oracle(data, target, features, {o.selection, o.max_depth, o.min_samples_leaf, log_alpha})
      .grow(halves.growing);
}

Tree fit(const Dataset& data, const ProbeOptions& options = {}) {
  return DecisionTreeProbe(options).fit(data, Target::column("y"));
}

const Split& root(const Tree& tree) {
  return data_of(tree).nodes.front().split;
}

Tree counting(int least) {
  const TreeColumn a = column("a", Type::float64, ValueClass::number),
                   b = column("b", Type::dictionary, ValueClass::text),
                   c = column("c", Type::int64, ValueClass::number);
  return TreeBuilder({a, b, c}).split("", n_missing(least, {0, 1, 2})).make();
}

}  // namespace

TEST_CASE("the count is not found where it says more than any column", "[missing_count]") {
  int n_counts = 0;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    const Dataset data = alone(seed, 3 + static_cast<int>(seed % 4)).dataset();
    for (const Selection selection : {Selection::unbiased, Selection::gain}) {
      ProbeOptions options{.selection = selection, .alpha = seed % 2 == 0 ? 0.05 : 1};
      if (selection == Selection::gain) options.alpha = 1;
      const Tree tree = fit(data, options);
      REQUIRE(in_words(data_of(tree)) == oracle_tree(data, options));
      n_counts += root(tree).kind == SplitKind::n_missing;
    }
  }
  CHECK(n_counts >= 8);
}

TEST_CASE("a count takes the place of the block that it counts", "[missing_count]") {
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    Gappy rows(seed);
    std::vector<bool> together(kRows);
    for (std::size_t row = 0; row < kRows; ++row) together[row] = rows.draw(6);
    for (int i = 0; i < 3; ++i) rows.add(together);
    rows.add_alone(8);  // a count of 3 or more is the block, a count of 1 is not
    for (std::size_t row = 0; row < kRows; ++row)
      rows.label[row] = rows.draw(together[row] ? 2 : std::isnan(rows.columns[3][row]) ? 12 : 20);
    const Dataset data = rows.dataset();
    for (const Selection selection : {Selection::unbiased, Selection::gain}) {
      const ProbeOptions options{.selection = selection,
                                 .alpha = selection == Selection::gain ? 1 : 0.05};
      const Tree tree = fit(data, options);
      REQUIRE(root(tree).kind == SplitKind::block);
      REQUIRE(in_words(data_of(tree)) == oracle_tree(data, options));
    }
  }
}

TEST_CASE("a count is offered that says what one column or block says", "[missing_count]") {
  Gappy rows(1);
  std::vector<bool> together(kRows), opposite(kRows);
  for (std::size_t row = 0; row < kRows; ++row) opposite[row] = !(together[row] = rows.draw(4));
  rows.add(together);
  rows.add(together);
  rows.decide(1);
  CHECK(root(fit(rows.dataset())).n_tested == 3);  // two columns and their block
  Gappy either(2);
  either.add(together);
  either.add(opposite);
  either.decide(1);
  const Dataset constant = either.dataset();  // one is missing on every row
  const detail::binning::BinnedTable binned(constant);
  SearchSet set =
      make_search_set(binned, candidate_columns(constant, {}, {}, true, nullptr), 1, Deadline(0));
  const std::size_t before = set.candidates.size();
  add_missing_count(set, 1);
  CHECK(set.candidates.size() == before);
}

TEST_CASE("more columns are missing than a code can count", "[missing_count]") {
  Gappy rows(3);
  for (int i = 0; i < 300; ++i) {
    std::vector<bool> missing(kRows);
    for (std::size_t row = 0; row < kRows; ++row) missing[row] = i < static_cast<int>(row % 301);
    rows.add(missing);
  }
  const Dataset data = rows.dataset();
  const detail::binning::BinnedTable binned(data);
  SearchSet set =
      make_search_set(binned, candidate_columns(data, {}, {"y"}, true, nullptr), 2, Deadline(0));
  add_missing_count(set, 2);
  REQUIRE(set.counted.size() == 300);
  const BinnedColumn& bins = *set.columns.back().bins;
  CHECK(bins.n_bins > 250);
  for (std::size_t row = 0; row < kRows; ++row) {
    const auto code = bins.codes[row];
    const auto n = static_cast<std::uint64_t>(rows.n_missing[row]);
    if (code < bins.cuts.size()) REQUIRE(n + (bins.strict[code] != 0) <= bins.cuts[code].bits());
    if (code > 0) REQUIRE(n + (bins.strict[code - 1U] != 0) > bins.cuts[code - 1U].bits());
  }
}

TEST_CASE("row metadata and columns left out are counted, or the switch does nothing",
          "[missing_count]") {
  const Gappy rows = alone(4);
  const Dataset data = rows.dataset();
  CHECK(root(fit(data)).kind == SplitKind::n_missing);
  const Tree off = fit(data, {.meta_features = false});
  for (const Node& node : data_of(off).nodes) CHECK(node.split.kind != SplitKind::n_missing);
  CHECK(root(off).n_tested == 5);
  const Tree some = fit(data, {.exclude = {"c1"}});
  CHECK(root(some).block.size() == 4);
  Roles roles{.label = "y"};
  roles.join_outcome = {"c1"};
  roles.source_file = "c2";
  const Tree metadata = fit(data.with_roles(roles), {.alpha = 1});
  for (const Node& node : data_of(metadata).nodes) {
    if (node.split.kind == SplitKind::n_missing) CHECK(node.split.block.size() == 3);
  }
}

TEST_CASE("threads or the order of columns move the count", "[missing_count]") {
  const Gappy rows = alone(5);
  const Dataset data = rows.dataset();
  const std::string once = fit(data, {.threads = 1}).to_json();
  Names backwards;
  for (int i = data.n_columns(); i-- > 0;) backwards.add(data.column_name(i));
  CHECK(fit(data, {.threads = 3}).to_json() == once);
  CHECK(fit(data.select(backwards)).to_json() == once);
  CHECK(Tree::from_json(once).to_json() == once);
}

TEST_CASE("one missing value too few goes left", "[missing_count]") {
  const Tree tree = counting(2);
  CHECK(tree.apply({missing, missing, missing}) == 0);
  CHECK(tree.apply({kNaN, "b", missing}) == 0);
  CHECK(tree.apply({kNaN, "b", 1}) == 1);
  CHECK(tree.apply({1.0, "b", 1}) == 1);
  CHECK(tree.apply({1.0, missing}) == -1);
  const std::int64_t before = allocation_count();
  const Value row[] = {kNaN, missing, 1};
  int leaves = 0;
  for (int i = 0; i < 100; ++i) leaves += tree.apply(row);
  CHECK(allocation_count() == before);
  CHECK(leaves == 0);
  const std::vector<double> a{kNaN, kNaN, 1, 1};
  const std::vector<std::int64_t> c{1, 2, 3, 4};
  const std::vector<std::int32_t> codes{0, 0, 0, 0};
  const std::vector<std::string_view> levels{"b"};
  const std::uint8_t b_valid = 0b0100, c_valid = 0b0011;
  const Dataset rows =
      Dataset::from_columns({{"a", a},
                             {"b", ColumnView::categories(codes, levels, false, &b_valid)},
                             {"c", ColumnView(std::span<const std::int64_t>(c), &c_valid)}});
  std::vector<int> out(4);
  tree.apply(rows, out);
  CHECK(out == std::vector<int>{0, 0, 1, 0});
}

TEST_CASE("steps on one count are not gathered in words", "[missing_count]") {
  const TreeColumn x = column("x", Type::float64, ValueClass::number);
  TreeBuilder b({column("a", Type::float64, ValueClass::number),
                 column("b", Type::text, ValueClass::text),
                 column("c", Type::int64, ValueClass::number), x, x});
  const std::vector<int> all{0, 1, 2, 3, 4};
  b.split("", n_missing(2, all)).split("L", n_missing(4, all)).split("R", n_missing(1, all));
  b.split("LL", n_missing(5, all)).split("LR", n_missing(3, all));
  const Tree tree = b.make();
  const std::string names = " missing (a, b, c, x, x)";
  CHECK(tree.rule(0, "text") == "all of 5 columns are" + names);
  CHECK(tree.rule(1, "text") == "exactly 4 of 5 columns are" + names);
  CHECK(tree.rule(2, "text") == "exactly 3 of 5 columns are" + names);
  CHECK(tree.rule(4, "text") == "exactly 1 of 5 columns is" + names);
  CHECK(tree.rule(5, "text") == "none of 5 columns is" + names);
  CHECK(tree.to_text().find("at least 2 of 5 columns are missing (a, b, c and 2 more)") !=
        std::string::npos);
  CHECK(counting(2).rule(1, "text") == "fewer than 2 of 3 columns are missing (a, b, c)");
}

TEST_CASE("a damaged count leads apply astray instead of being refused", "[missing_count]") {
  const std::string text = counting(2).to_json();
  const auto edited = [&](const char* field, const nlohmann::json& value) {
    nlohmann::json json = nlohmann::json::parse(text);
    json["nodes"][0]["split"][field] = value;
    return json.dump();
  };
  CHECK(Tree::from_json(text).to_json() == text);
  CHECK(text.find(R"("columns":[0,1,2],"gain")") != std::string::npos);
  CHECK(text.find(R"("kind":"n_missing","least":2,)") != std::string::npos);
  using List = nlohmann::json::array_t;
  for (const List& columns :
       {List{}, List{0, 1, 3}, List{0, 1, -1}, List{0, 0, 1}, List{1, 0}, List{0}, List{"a", "b"}})
    CHECK_THROWS_AS(Tree::from_json(edited("columns", columns)), FormatError);
  CHECK_THROWS_AS(Tree::from_json(edited("columns", 2)), FormatError);
  for (const auto& least : {nlohmann::json(0), nlohmann::json(-1), nlohmann::json(4),
                            nlohmann::json(2.5), nlohmann::json("2"), nlohmann::json(1LL << 40)})
    CHECK_THROWS_AS(Tree::from_json(edited("least", least)), FormatError);
  CHECK_NOTHROW(Tree::from_json(edited("least", 3)));
  nlohmann::json third = nlohmann::json::parse(text);
  third["nodes"][0]["alone"] = 2;
  CHECK_THROWS_AS(Tree::from_json(third.dump()), FormatError);
  nlohmann::json off = nlohmann::json::parse(text);
  off["meta_features"] = false;
  CHECK(Tree::from_json(off.dump()).to_json() == off.dump());
  off["meta_features"] = "no";
  CHECK_THROWS_AS(Tree::from_json(off.dump()), FormatError);
}
