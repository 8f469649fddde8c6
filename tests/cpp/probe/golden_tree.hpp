// SPDX-License-Identifier: Apache-2.0
// The tree of tests/golden/tree_v1.*: every kind of split and side, runner-ups, a block, warnings.
#pragma once
#include <cmath>

#include "tree_builder.hpp"

namespace mlrepro_test {

inline Figures figures(RowIndex n, RowIndex positives) {
  const double mean =
      n > 0 ? static_cast<double>(positives) / static_cast<double>(n) : std::nan("");
  return {n, positives, static_cast<double>(positives), mean, 0.5};
}

inline void fill(Node& node, Figures growing, Figures judged, double low, double high,
                 const Figures& all) {
  node.growing = growing;
  node.judged = judged;
  node.low = low;
  node.high = high;
  node.lift = judged.mean / all.mean;
  node.share = judged.sum / all.sum;
}

inline Tree golden_tree() {
  TreeBuilder b({column("carrier", Type::dictionary, ValueClass::text),
                 column("engines", Type::float64, ValueClass::number),
                 column("seats", Type::int64, ValueClass::number),
                 column("time_hour", Type::timestamp, ValueClass::timestamp, TimeUnit::nano,
                        "America/New_York"),
                 column("tail match", Type::dictionary, ValueClass::text)});
  TreeData& d = *b.data;
  d.target = "cancelled";
  d.interval = "Wilson";
  d.exclude = Names{"dep_time", "arr_time"};
  d.seed = 18446744073709551615U;
  d.n_rows = 1010;
  d.n_target_missing = 10;
  d.growing = figures(500, 110);
  d.judged = figures(500, 100);
  d.warnings = {
      "missingness of dep_time is the label on 1,000 of 1,000 rows: exclude it? A long warning has "
      "to be wrapped "
      "somewhere, and this is where it happens."};
  d.constant_columns = {"year"};
  d.duplicate_columns = {"distance = miles"};
  Split seats = threshold(2, std::int64_t{9007199254740993}, MissingSide::alone);
  seats.gain = 40;
  Split carrier = levels(0, {"US", "AA", "it's \"new\""}, MissingSide::left);
  carrier.missing_seen = false;
  b.split("", levels(4, {"null key"}))
      .split("R", seats)
      .split("RL", carrier)
      .split("RR", threshold(3, Value::timestamp(1'383'458'400'000'000'001, TimeUnit::nano)))
      .split("RM", block({1, 2}));
  b.splits[""].gain = 100;
  b.splits[""].n_tested = 5;
  b.splits[""].log_p_choice = -80.5;
  Tree tree = b.make();
  TreeData& made = const_cast<TreeData&>(data_of(tree));
  const std::map<std::string, std::array<RowIndex, 4>> counts{
      {"", {500, 110, 500, 100}},  {"L", {40, 40, 40, 40}},    {"R", {460, 70, 460, 60}},
      {"RL", {200, 20, 210, 18}},  {"RR", {200, 30, 200, 30}}, {"RM", {60, 20, 50, 12}},
      {"RLL", {100, 15, 110, 11}}, {"RLR", {100, 5, 100, 7}},  {"RRL", {100, 20, 120, 20}},
      {"RRR", {100, 10, 80, 10}},  {"RML", {30, 10, 50, 12}},  {"RMR", {30, 10, 0, 0}}};
  for (Node& node : made.nodes) {
    const auto& c = counts.at(node.path);
    const double mean = figures(c[2], c[3]).mean;
    fill(node, figures(c[0], c[1]), figures(c[2], c[3]), mean * 0.75, mean + (1 - mean) / 4,
         made.judged);
    node.replicated = node.leaf == 0;
    node.p_value = node.leaf == 0 ? 1e-12 : 0.25;
  }
  made.nodes[0].runner_ups = {{"seats", "seats is missing", 99.5, -70, 0.996, false}};
  made.nodes[2].runner_ups = {{"engines", "engines <= 1", 39.5, -20, 0.55, false}};
  MissingBlock missing_block;
  missing_block.columns = {"engines", "seats"};
  missing_block.n_missing = 132;
  missing_block.inside = figures(66, 40);
  missing_block.outside = figures(434, 60);
  missing_block.low = 0.48;
  missing_block.high = 0.72;
  missing_block.log_p = -30;
  missing_block.also_missing = {"speed"};
  missing_block.who = "'tail match' = 'null key'";
  made.blocks = {missing_block};
  return tree;
}

}  // namespace mlrepro_test
