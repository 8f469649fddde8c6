// SPDX-License-Identifier: Apache-2.0
// What a probe refuses, what it takes for a candidate, and what it says beside the tree.
#include <mlrepro/probe/probe.hpp>

#include <algorithm>
#include <numeric>

#include "catch_compat.hpp"
#include "oracle.hpp"

using namespace mlrepro_test;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

template <class E, class F>
std::string message_of(F&& f) {
  try {
    f();
  } catch (const E& error) {
    return error.what();
  }
  return "";
}

std::vector<std::int32_t> row_keys(std::size_t n) {
  std::vector<std::int32_t> out(n);
  std::iota(out.begin(), out.end(), 0);
  return out;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::vector<double> numbers(std::size_t n, std::uint64_t seed, std::uint64_t bound) {
  const RandomStream stream(seed, "numbers");
  std::vector<double> out;
  for (std::size_t i = 0; i < n; ++i) out.push_back(static_cast<double>(stream.bounded(i, bound)));
  return out;
}

}  // namespace

TEST_CASE("options outside their domain are refused by name") {
  const std::vector<double> x{1, 2, 3}, y{0, 1, 0};
  const Dataset data = Dataset::from_columns({{"x", x}});
  const auto refused = [&](const ProbeOptions& options) {
    return message_of<ArgumentError>(
        [&] { DecisionTreeProbe(options).fit(data, Target::values(y)); });
  };
  REQUIRE(contains(refused({.max_depth = 9}), "max_depth is 9"));
  REQUIRE(contains(refused({.max_depth = -1}), "max_depth"));
  REQUIRE(contains(refused({.min_samples_leaf = 0}), "min_samples_leaf"));
  REQUIRE(contains(refused({.alpha = 0}), "alpha"));
  REQUIRE(contains(refused({.alpha = kNaN}), "alpha"));
  REQUIRE(contains(refused({.time_limit = -1}), "time_limit"));
  REQUIRE(contains(refused({.memory_limit = -1}), "memory_limit"));
  std::vector<std::uint8_t> judged(2);
  REQUIRE(contains(
      message_of<ArgumentError>([&] { DecisionTreeProbe().fit(data, Target::values(y), judged); }),
      "judged has 2"));
  REQUIRE(contains(message_of<LimitError>([&] {
                     DecisionTreeProbe({.memory_limit = 10}).fit(data, Target::values(y));
                   }),
                   "memory_limit is 10"));
}

TEST_CASE(
    "a target that cannot be explained is refused with its name, an example and the next step") {
  const std::vector<double> x{1, 2, 3}, constant{2, 2, kNaN}, none{kNaN, kNaN, kNaN},
      infinite{0, 1, INFINITY}, pair{0, 1};
  const std::vector<std::string_view> text{"a", "b", "c"};
  const std::vector<std::int32_t> day{1, 2, 3};
  const Dataset data =
      Dataset::from_columns({{"x", x}, {"text", text}, NamedColumn{"day", ColumnView::dates(day)}});
  const auto fit = [&](const Target& target) {
    return [&data, target] { DecisionTreeProbe().fit(data, target); };
  };
  REQUIRE(contains(message_of<SchemaError>(fit(Target::values(constant))), "is 2 in all 2 rows"));
  REQUIRE(contains(message_of<SchemaError>(fit(Target::values(none))), "missing in all 3 rows"));
  REQUIRE(contains(message_of<SchemaError>(fit(Target::values(infinite))), "infinite in row 2"));
  REQUIRE(contains(message_of<SchemaError>(fit(Target::values(pair))),
                   "has 2 values, the table 3 rows"));
  REQUIRE(contains(message_of<InputTypeError>(fit(Target::column("day"))),
                   "neither number nor boolean"));
  REQUIRE(contains(message_of<ColumnNotFoundError>(fit(Target::column("txt"))), "text"));
  REQUIRE(contains(message_of<ColumnNotFoundError>(fit(Target::column("label"))), "role label"));
  const std::vector<double> nothing;
  const Dataset empty = Dataset::from_columns({{"x", nothing}});
  REQUIRE(contains(
      message_of<SchemaError>([&] { DecisionTreeProbe().fit(empty, Target::values(nothing)); }),
      "no rows"));
}

TEST_CASE("a misspelt feature or exclusion is an error, and a label is never a feature") {
  const std::vector<double> x = numbers(100, 1, 5), y = numbers(100, 2, 2), p = numbers(100, 3, 9);
  const Dataset data =
      Dataset::from_columns({{"x", x}, {"y", y}, {"p", p}}, {.label = "y", .prediction = "p"});
  const auto fit = [&](const ProbeOptions& options, const char* target = "y") {
    DecisionTreeProbe(options).fit(data, Target::column(target));
  };
  REQUIRE(contains(message_of<ColumnNotFoundError>([&] { fit({.features = {"z"}}); }), "'z'"));
  REQUIRE(contains(message_of<ColumnNotFoundError>([&] { fit({.exclude = {"xx"}}); }), "'xx'"));
  REQUIRE(contains(message_of<ArgumentError>([&] {
                     fit({.features = {"x", "p"}});
                   }),
                   "the prediction"));
  REQUIRE(contains(message_of<ArgumentError>([&] { fit({.features = {"y"}}, "prediction"); }),
                   "the label"));
  REQUIRE(contains(message_of<SchemaError>([&] { fit({.exclude = {"x"}}); }), "no column is left"));
  REQUIRE(message_of<Error>([&] { fit({.exclude = {"y"}}); }).empty());
}

TEST_CASE(
    "columns with a role are no candidates; entity and time are where they are named; join "
    "outcomes are") {
  std::vector<std::string_view> outcome;
  std::vector<double> y;
  for (int i = 0; i < 2000; ++i) {
    outcome.push_back(i % 10 == 0 ? "null key" : i % 3 == 0 ? "key not found" : "matched");
    y.push_back(i % 10 == 0 ? 1 : 0);
  }
  const std::vector<double> copy(y), when = numbers(2000, 5, 400), p = numbers(2000, 3, 7);
  const Dataset data =
      Dataset::from_columns({{"m", outcome}, {"copy", copy}, {"when", when}, {"y", y}, {"p", p}},
                            {.time = "when", .label = "y", .prediction = "p", .join_outcome = "m"});
  const Tree tree = DecisionTreeProbe({.exclude = {"copy"}}).fit(data, Target::column("label"));
  REQUIRE(condition_text(data_of(tree), data_of(tree).nodes[0].split) == "m = 'null key'");
  REQUIRE(data_of(tree).columns[0].is_join_outcome);
  const Tree by_time = DecisionTreeProbe({.features = {"when"}}).fit(data, Target::column("label"));
  REQUIRE(by_time.n_leaves() >= 1);
}

TEST_CASE("constant, equal, rescaled and complementary columns are named once and searched once") {
  const std::vector<double> x = numbers(400, 1, 6), constant(400, 1.0), gone(400, kNaN);
  std::vector<double> twice, not_z;
  const std::vector<double> z = numbers(400, 2, 2), y = numbers(400, 3, 2);
  for (const double v : x) twice.push_back(2 * v);
  for (const double v : z) not_z.push_back(1 - v);
  const Dataset data = Dataset::from_columns({{"x", x},
                                              {"x again", x},
                                              {"x twice", twice},
                                              {"z", z},
                                              {"not z", not_z},
                                              {"c", constant},
                                              {"gone", gone}});
  const Tree fitted = DecisionTreeProbe({.alpha = 1}).fit(data, Target::values(y));
  const TreeData& tree = data_of(fitted);
  REQUIRE(tree.constant_columns == std::vector<std::string>{"c", "gone"});
  REQUIRE(tree.duplicate_columns == std::vector<std::string>{"x = x again",
                                                             "x ~ x twice (same order)",
                                                             "not z ~ z (two values swapped)"});
  REQUIRE(tree.nodes[0].split.n_tested == 2);
}

TEST_CASE("all columns constant is an answer, not a crash") {
  const std::vector<double> c(200, 1.0), y = numbers(200, 3, 2);
  const Tree tree = DecisionTreeProbe().fit(Dataset::from_columns({{"c", c}}), Target::values(y));
  REQUIRE(tree.n_leaves() == 1);
  REQUIRE(data_of(tree).nodes[0].ended == "no_candidate");
}

TEST_CASE(
    "columns missing together are one block, named with those that are missing there too, and for "
    "whom") {
  constexpr std::size_t kRows = 4000;
  std::vector<std::string_view> carrier;
  std::vector<double> seats = numbers(kRows, 1, 50), engines = numbers(kRows, 2, 4),
                      year = numbers(kRows, 3, 30), other = numbers(kRows, 4, 9), y;
  for (std::size_t i = 0; i < kRows; ++i) {
    const bool unknown = i % 5 == 0;
    carrier.push_back(unknown ? (i % 2 == 0 ? "AA" : "MQ") : i % 3 == 0 ? "UA" : "DL");
    if (unknown) seats[i] = engines[i] = kNaN;
    if (unknown || i % 31 == 0) year[i] = kNaN;
    if (i % 17 == 0) other[i] = kNaN;
    y.push_back(i % (unknown ? 2 : 40) == 0 ? 1 : 0);
  }
  const Dataset data = Dataset::from_columns({{"carrier", carrier},
                                              {"seats", seats},
                                              {"engines", engines},
                                              {"year", year},
                                              {"other", other}});
  std::vector<std::uint8_t> judged(kRows);
  const Tree fitted = DecisionTreeProbe({.exclude = {}}).fit(data, Target::values(y), judged);
  const TreeData& tree = data_of(fitted);
  REQUIRE(tree.blocks.size() == 1);
  const MissingBlock& block = tree.blocks[0];
  REQUIRE(block.columns == std::vector<std::string>{"engines", "seats"});
  REQUIRE(block.also_missing == std::vector<std::string>{"year"});
  REQUIRE(block.n_missing == 800);
  REQUIRE(block.who == "carrier in {AA, MQ}");
  RowIndex inside = 0;
  for (std::size_t i = 0; i < kRows; ++i) inside += i % 5 == 0 && judged[i] != 0;
  REQUIRE(block.inside.n == inside);
  REQUIRE(block.inside.n + block.outside.n == tree.judged.n);
  REQUIRE(block.log_p < -20);
  REQUIRE(block.low <= block.inside.mean);
}

TEST_CASE("columns with as many missing rows, but not the same ones, are no block") {
  std::vector<double> a = numbers(600, 1, 50), b = numbers(600, 2, 50);
  const std::vector<double> y = numbers(600, 3, 2);
  for (std::size_t i = 0; i < 600; i += 6) a[i] = b[i + 1] = kNaN;
  const Dataset data = Dataset::from_columns({{"a", a}, {"b", b}});
  REQUIRE(data_of(DecisionTreeProbe().fit(data, Target::values(y))).blocks.empty());
}

TEST_CASE("a block splits as one candidate: all of its columns missing") {
  constexpr std::size_t kRows = 2000;
  const std::vector<std::int32_t> key = row_keys(kRows);
  std::vector<double> a = numbers(kRows, 1, 50), b = numbers(kRows, 2, 50), y(kRows);
  for (std::size_t i = 0; i < kRows; ++i) {
    y[i] = i % 13 == 0 ? 1 : 0;
    if (i % 7 != 0) continue;
    a[i] = b[i] = kNaN;
    y[i] = i % 2 == 0 ? 1 : 0;
  }
  const Tree fitted =
      DecisionTreeProbe({.max_depth = 1})
          .fit(Dataset::from_columns({{"a", a}, {"b", b}, {"k", key}}, {.key = "k"}),
               Target::values(y));
  const TreeData& tree = data_of(fitted);
  REQUIRE(tree.nodes[0].split.kind == SplitKind::block);
  REQUIRE(tree.nodes[0].split.block.size() == 2);
  REQUIRE(tree.nodes[0].split.n_tested == 3);
}

TEST_CASE("a label in disguise is named whichever half its exceptions fall into") {
  constexpr std::size_t kRows = 4000;
  const RandomStream random(5, "disguise");
  const std::vector<double> key = numbers(kRows, 3, 1'000'000'000);
  int named = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    std::vector<double> y(kRows), like(kRows), honest = numbers(kRows, seed, 30);
    for (std::size_t i = 0; i < kRows; ++i) {
      const std::uint64_t bits = random.bits(seed * kRows + i);
      like[i] = y[i] = bits % 5 == 0 ? 1 : 0;
      // Exceptions near the 1% that are allowed, of either kind, and the opposite of the label.
      if (bits / 5 % 2000 < 1 + seed % 8) like[i] = 1 - like[i];
      if (seed % 3 == 0) like[i] = 1 - like[i];
      if (seed % 4 == 0) like[i] = like[i] == 1 ? kNaN : 7;
    }
    const Dataset data =
        Dataset::from_columns({{"honest", honest}, {"key", key}, {"like", like}, {"y", y}});
    const ProbeOptions all{.honest = false, .exclude = {"key"}};
    ProbeOptions halved = all;
    halved.honest = true;
    const auto said = [&](const ProbeOptions& options) {
      return data_of(DecisionTreeProbe(options).fit(data, Target::column("y"))).warnings;
    };
    REQUIRE(said(halved) == said(all));
    named += said(all).empty() ? 0 : 1;
  }
  REQUIRE(named > 10);
  REQUIRE(named < 30);
}

TEST_CASE("a label in disguise is named, whatever is asked") {
  constexpr std::size_t kRows = 3000;
  std::vector<double> departed = numbers(kRows, 1, 500), flag(kRows), y(kRows),
                      p = numbers(kRows, 2, 100);
  const std::vector<double> honest = numbers(kRows, 9, 30);
  for (std::size_t i = 0; i < kRows; ++i) {
    if (i % 20 != 3) continue;
    y[i] = flag[i] = 1;
    departed[i] = kNaN;
  }
  flag[3] = 0;  // nearly
  const Dataset data = Dataset::from_columns(
      {{"dep_time", departed}, {"flag", flag}, {"honest", honest}, {"y", y}, {"p", p}},
      {.label = "y", .prediction = "p"});
  for (const char* target : {"y", "prediction"}) {
    const Tree tree = DecisionTreeProbe().fit(data, Target::column(target));
    const auto& warnings = data_of(tree).warnings;
    REQUIRE(warnings.size() == 2);
    REQUIRE(warnings[0] ==
            "missingness of dep_time is the label on 3,000 of 3,000 rows: exclude it?");
    REQUIRE(warnings[1] == "flag is the label on 2,999 of 3,000 rows: exclude it?");
  }
  REQUIRE(
      data_of(DecisionTreeProbe({.exclude = {"dep_time", "flag"}}).fit(data, Target::column("y")))
          .warnings.empty());
  std::vector<double> high(kRows);
  for (std::size_t i = 0; i < kRows; ++i) high[i] = honest[i] > 20 ? 1 : 0;
  const Tree cut =
      DecisionTreeProbe({.features = {"honest"}}).fit(data, Target::values(high, "high"));
  REQUIRE(
      data_of(cut).warnings ==
      std::vector<std::string>{"honest > 20 is the target on 3,000 of 3,000 rows: exclude it?"});
}

TEST_CASE(
    "a join outcome that gives the label away on its rows is named; the same rows chosen at random "
    "are not") {
  constexpr std::size_t kRows = 20000;
  std::vector<std::string_view> leaky, innocent;
  std::vector<double> y;
  const std::vector<std::int32_t> key = row_keys(kRows);
  const RandomStream stream(8, "join");
  for (std::size_t i = 0; i < kRows; ++i) {
    const bool positive = i % 40 == 0;
    y.push_back(positive ? 1 : 0);
    leaky.push_back(positive && i % 120 == 0 ? "null key"
                    : i % 7 == 0             ? "key not found"
                                             : "matched");
    innocent.push_back(stream.bounded(i, 120) == 0 ? "null key"
                       : i % 7 == 0                ? "key not found"
                                                   : "matched");
  }
  const auto warnings = [&](const std::vector<std::string_view>& outcome) {
    const Dataset data = Dataset::from_columns({{"k", key}, {"m", outcome}, {"y", y}},
                                               {.key = "k", .label = "y", .join_outcome = "m"});
    return data_of(DecisionTreeProbe().fit(data, Target::column("y"))).warnings;
  };
  REQUIRE(warnings(leaky).size() == 1);
  REQUIRE(contains(warnings(leaky)[0], "m = 'null key' gives the label y away"));
  REQUIRE(warnings(innocent).empty());
}

TEST_CASE("missing targets are counted, said, and in neither half") {
  std::vector<double> y = numbers(500, 1, 2);
  for (std::size_t i = 0; i < 500; i += 10) y[i] = kNaN;
  const std::vector<double> x = numbers(500, 2, 1 << 20);
  std::vector<std::uint8_t> judged(500);
  const Tree fitted =
      DecisionTreeProbe().fit(Dataset::from_columns({{"x", x}}), Target::values(y), judged);
  const TreeData& tree = data_of(fitted);
  REQUIRE(tree.n_target_missing == 50);
  REQUIRE(tree.growing.n + tree.judged.n == 450);
  REQUIRE(tree.warnings == std::vector<std::string>{
                               "target 'target' is missing on 50 of 500 rows: they are left out."});
  for (std::size_t i = 0; i < 500; i += 10) REQUIRE(judged[i] == 0);
}

TEST_CASE("equal scores are settled by fewer missing, then by name, and reported as tied") {
  // Three ways to the same cut; the second and third have no missing value.
  std::vector<double> c(400), a(400), b(400), y(400);
  for (std::size_t i = 0; i < 400; ++i) {
    a[i] = static_cast<double>(i % 4);              // cut at 1
    b[i] = i % 4 <= 1 ? 10 : i % 3 == 0 ? 20 : 30;  // the same cut, other values
    c[i] = i % 4 <= 1 ? 0 : kNaN;                   // is missing: the same rows
    y[i] = i % 4 <= 1 ? 0 : 1;
  }
  ProbeOptions options{.max_depth = 1, .selection = Selection::gain, .honest = false, .alpha = 1};
  const Tree fitted = DecisionTreeProbe(options).fit(
      Dataset::from_columns({{"a", c}, {"b", b}, {"c", a}}), Target::values(y));
  const Node& root = data_of(fitted).nodes[0];
  REQUIRE(data_of(fitted).columns[0].name == "b");
  REQUIRE(root.runner_ups.size() == 2);
  REQUIRE(root.runner_ups[0].column == "c");
  REQUIRE(root.runner_ups[1].column == "a");
  for (const RunnerUp& r : root.runner_ups) {
    REQUIRE(r.tied);
    REQUIRE(r.agreement == 1);
    REQUIRE(r.gain == root.split.gain);
  }
}

TEST_CASE("of two thresholds with equal scores the lower one is taken") {
  std::vector<double> x, y;  // positives of ten rows a value: 10, 5, 5, 0
  for (int i = 0; i < 40; ++i) {
    x.push_back(i / 10);
    y.push_back(i < 10 || (i < 30 && i % 2 == 0) ? 1 : 0);
  }
  const ProbeOptions options{.max_depth = 1,
                             .min_samples_leaf = 1,
                             .selection = Selection::gain,
                             .honest = false,
                             .alpha = 1};
  const Tree fitted =
      DecisionTreeProbe(options).fit(Dataset::from_columns({{"x", x}}), Target::values(y));
  const TreeData& tree = data_of(fitted);
  REQUIRE(condition_text(tree, tree.nodes[0].split) == "x <= 0");
}

TEST_CASE("a time limit leaves out what was not searched and says so") {
  std::vector<std::vector<double>> store;
  std::vector<std::string> names;
  std::vector<NamedColumn> columns;
  for (std::uint64_t c = 0; c < 20; ++c) {
    store.push_back(numbers(20000, c, 100000));
    names.push_back("x" + std::to_string(c));
  }
  for (std::size_t c = 0; c < store.size(); ++c) columns.push_back({names[c], store[c]});
  const std::vector<double> y = numbers(20000, 77, 2);
  ProbeOptions options;
  options.time_limit = 1e-9;
  options.alpha = 1;
  const Tree fitted =
      DecisionTreeProbe(options).fit(Dataset::from_columns(columns), Target::values(y));
  const TreeData& tree = data_of(fitted);
  REQUIRE(tree.nodes.size() == 1);
  REQUIRE(tree.nodes[0].ended == "time_limit");
  REQUIRE(tree.judged.n > 0);
  REQUIRE(tree.warnings.size() == 2);
  REQUIRE(contains(tree.warnings[0], "time_limit of 1e-9 s: 1 of 1 nodes were not searched"));
  REQUIRE(contains(tree.warnings[1], "columns not searched: x0, x1, x10"));
}
