// SPDX-License-Identifier: Apache-2.0
// What a tree is made of: filled by the search (grow.cpp), read by apply, text, rules and JSON.
// Plain data.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <mlrepro/probe/probe.hpp>

#include "core/json.hpp"
#include "core/ref_object.hpp"

namespace mlrepro::detail::probe {

using core::OwnedValue;

struct TreeColumn {  // a column that some split uses
  std::string name;
  core::ColumnType type{};  // as rules need it: dtype, unit, zone; for dictionary see level_class
  ValueClass value_class = ValueClass::missing;
  bool is_join_outcome = false;
};

enum class SplitKind : std::uint8_t {
  threshold,   // value <= threshold (strict: < threshold) goes left
  levels,      // value in `levels` goes left; everything else, unseen levels too, goes right
  is_missing,  // missing goes left, present goes right
  block,       // all of `block` missing goes left, else right
  n_missing    // at least `least` of `block` missing goes left, else right
};
// Splits that read whether several columns are missing; they have no side for missing values.
constexpr bool reads_many(SplitKind kind) noexcept {
  return kind == SplitKind::block || kind == SplitKind::n_missing;
}
enum class MissingSide : std::uint8_t { left, right, alone };

struct RunnerUp {  // what else would have separated this node's rows
  std::string column;
  std::string rule;      // text of its left condition
  double gain = 0;       // same unit as the winner's
  double log_p = 0;      // of the column's table (or missing) test, natural log, not adjusted
  double agreement = 0;  // share of the node's growing rows that go the same way, in [0.5, 1]
  bool tied = false;     // exactly the winner's score: fewer missing rows, then the name decided
};

struct Split {
  SplitKind kind = SplitKind::threshold;
  int column = -1;         // index into TreeData::columns; block, n_missing: -1
  OwnedValue threshold{};  // canonical value, of the column's class
  bool strict = false;
  std::vector<OwnedValue> levels{};  // sorted by canonical element bytes
  std::vector<int> block{};  // columns missing together; n_missing: those counted, ascending
  int least = 0;             // of n_missing, 1 to the number of its columns
  MissingSide missing = MissingSide::right;  // of threshold and levels
  bool missing_seen = true;  // false: no missing value while growing; they follow the larger child
  double gain = 0;  // binary: G = 2 ln 2 * bits (deviance drop); numeric: drop of the squared error
  double log_p_choice =
      0;  // natural log p of the test that chose the column, times the m tested columns
  double log_p_cut = 0;  // natural log p of the cut, paying for the number of bins
  int n_tested = 0;      // m: candidates tested at this node
};

struct Figures {  // of the target over a set of rows
  RowIndex n = 0;
  RowIndex positives = 0;            // binary target
  double sum = 0, mean = 0, sd = 0;  // exact sums, rounded once; binary: positives, rate
  std::vector<RowIndex> classes{};   // rows by class; then the others speak of one class
  bool operator==(const Figures&) const = default;
};

struct Node {
  std::string path;  // "": root; then "L", "R", "M" per step: "LR"
  int parent = -1, depth = 0;
  int left = -1, right = -1, alone = -1;  // indices into TreeData::nodes; -1: none
  int leaf = -1;  // number of the leaf, depth first, left, right, alone; -1: inner node
  Split split{};  // of inner nodes
  std::vector<RunnerUp> runner_ups{};
  Figures growing{};                      // rows that chose the splits
  Figures judged{};                       // rows that did not (in-sample: the same rows)
  int most_common = -1, stands_out = -1;  // classes, by the growing rows: see class_figures.hpp
  std::vector<RowIndex> histogram{};      // of judged rows, by TreeData::histogram_edges
  double low = 0, high = 0;               // 95% interval of judged.mean; NaN without judged rows
  double lift = 0, share = 0,
         p_value = 1;  // p_value: leaves only, Holm over the leaves; NaN in-sample
  bool replicated = false;
  std::string ended{};  // leaves: "max_depth" "min_samples_leaf" "pure" "not_significant"
                        // "no_candidate" "too_few_events" "time_limit"
};

struct MissingBlock {  // columns that are missing on exactly the same rows
  std::vector<std::string> columns{};
  RowIndex n_missing = 0;
  Figures inside{}, outside{};  // target where the block is missing and where not, judged rows
  int stands_out = -1;          // the class that inside and outside speak of, by the growing rows
  double low = 0, high = 0;     // of inside.mean
  double log_p = 0;
  std::vector<std::string>
      also_missing{};  // columns missing wherever the block is, and on other rows too
  std::string who{};   // the population, as a rule text; empty where not said
};

struct FlatNode {        // what one row needs of a node, close together in memory
  core::OrderKey cut{};  // threshold: keys <= cut (strict: < cut) go left
  SplitKind kind = SplitKind::threshold;
  MissingSide missing = MissingSide::right;
  bool strict = false, is_text = false;
  int column = -1, left = -1, right = -1, alone = -1, leaf = -1;
  int first = 0,
      last = 0;   // levels: a sorted range of level_keys or level_texts; block: of block_columns
  int least = 0;  // of the block's columns that are missing on rows that go left
};

struct TreeData final : Ref::Object {
  std::string target{};
  bool binary = true;
  std::vector<std::string> classes{};  // in order of bytes; empty: the target is a number
  bool is_rate() const noexcept { return binary || !classes.empty(); }  // a mean is a share of rows
  bool in_sample = false;                                               // honest = false
  std::string interval{};  // "Wilson", "t", ...: the method printed
  Names features{}, exclude{};
  bool meta_features = true;
  int max_depth = 3;
  RowIndex min_samples_leaf = 20;
  std::string selection = "unbiased";
  double alpha = 0.05;
  std::uint64_t seed = 0;
  RowIndex n_rows = 0, n_target_missing = 0;
  Figures growing{}, judged{};            // of all rows
  std::vector<double> histogram_edges{};  // ascending; see target_histogram.cpp
  std::vector<TreeColumn> columns{};      // sorted by name bytes
  std::vector<Node> nodes{};              // breadth first; nodes[0] is the root
  std::vector<MissingBlock> blocks{};     // best test first
  std::vector<std::string> warnings{};    // label in disguise, target missing, limits, ...
  std::vector<std::string> constant_columns{};
  std::vector<std::string> duplicate_columns{};  // "a = b": b dropped from the search
  double visible_effect =
      0;  // no split found: the smallest rate difference that could have been seen
  std::string
      settings{};  // canonical JSON of the Python probe's settings; kept beside the tree, not in it

  // Derived by finish(), which also brings thresholds and levels into their canonical form and
  // order.
  std::vector<Field> fields{};
  std::vector<FlatNode> flat{};                 // one a node
  std::vector<core::OrderKey> level_keys{};     // of level splits on other classes than text
  std::vector<std::string_view> level_texts{};  // of level splits on text
  std::vector<int> block_columns{};
  void finish();
};

enum class Side : std::uint8_t { left, right, alone };

// The branch that a value takes at a node (threshold, levels, is_missing), by integer comparisons
// only.
Side side_of(const TreeData& tree, const FlatNode& node, const Value& value) noexcept;

inline const TreeData& data_of(const Tree& tree) noexcept {
  return object_of<TreeData>(tree.ref());
}
Tree make_tree(std::unique_ptr<TreeData> data);  // calls finish()

// The left condition of a split as text, e.g. "dep_time is missing", "carrier in {AA, MQ}", "seats
// <= 55".
std::string condition_text(const TreeData& tree, const Split& split);
// The same where the split's columns are not among the tree's: a runner-up. names: its column, or
// those of its block.
std::string condition_text(std::span<const std::string_view> names, const Split& split);

}  // namespace mlrepro::detail::probe
