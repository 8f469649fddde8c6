// SPDX-License-Identifier: Apache-2.0
// DecisionTreeProbe::fit: target, candidates, halves, growing, figures, in this order.
#include <algorithm>
#include <memory>

#include "core/elementary.hpp"
#include "core/fp_guard.hpp"
#include "core/parallel.hpp"
#include "core/progress.hpp"
#include "core/raise.hpp"
#include "probe/assemble.hpp"
#include "probe/blocks.hpp"
#include "probe/disguise.hpp"
#include "probe/fit.hpp"
#include "probe/target_histogram.hpp"

namespace mlrepro {
namespace detail::probe {
namespace {

using core::raise;
using core::with_commas;

[[noreturn]] void refuse(const std::string& what, const std::string& valid) {
  raise<ArgumentError>({.message = what + ".", .next_step = "Pass " + valid + "."});
}

void check_judged(std::span<const std::uint8_t> judged, RowIndex n_rows) {
  if (judged.empty() || static_cast<RowIndex>(judged.size()) == n_rows) return;
  refuse("judged has " + with_commas(static_cast<RowIndex>(judged.size())) +
             " elements, the table " + with_commas(n_rows) + " rows",
         "one byte a row, or nothing");
}

GrowOptions grow_options(const ProbeOptions& o, int threads) {
  GrowOptions g;
  g.max_depth = o.max_depth;
  g.min_samples_leaf = o.min_samples_leaf;
  g.selection = o.selection;
  g.log_alpha = o.alpha < 1 ? core::log(o.alpha) : 0;
  g.threads = threads;
  return g;
}

void add_limits(const GrownTree& grown, const SearchSet& set, double seconds, TreeData& tree) {
  const std::string limit = "time_limit of " + core::display(Value(seconds)) + " s: ";
  if (grown.timed_out) {
    const auto n = std::count_if(tree.nodes.begin(), tree.nodes.end(),
                                 [](const Node& node) { return node.ended == "time_limit"; });
    tree.warnings.push_back(limit + with_commas(n) + " of " +
                            with_commas(static_cast<RowIndex>(tree.nodes.size())) +
                            " nodes were not searched; another run may get further.");
  }
  if (!set.not_searched.empty()) {
    std::vector<std::string_view> names(set.not_searched.begin(), set.not_searched.end());
    tree.warnings.push_back(limit + "columns not searched: " + core::listed(names) + ".");
  }
}

void mark_judged(const Halves& halves, std::span<std::uint8_t> judged) {
  if (judged.empty()) return;
  std::fill(judged.begin(), judged.end(), std::uint8_t{0});
  for (const Row row : halves.judged) judged[row] = 1;
}

}  // namespace

void check_options(const ProbeOptions& o) {
  if (o.max_depth < 0 || o.max_depth > 8)
    refuse("max_depth is " + std::to_string(o.max_depth), "a depth from 0 to 8");
  if (o.min_samples_leaf < 1)
    refuse("min_samples_leaf is " + with_commas(o.min_samples_leaf), "1 or more rows");
  if (!(o.alpha > 0 && o.alpha <= 1))
    refuse("alpha is " + core::display(Value(o.alpha)), "a number above 0 and up to 1");
  if (!(o.time_limit >= 0))
    refuse("time_limit is " + core::display(Value(o.time_limit)), "seconds above 0, or 0 for none");
  if (o.memory_limit < 0)
    refuse("memory_limit is " + with_commas(o.memory_limit), "bytes above 0, or 0 for none");
}

// Codes of every column, the target, row lists and identities, keys of the columns being binned,
// cells of one level.
void check_memory(const ProbeOptions& o, RowIndex n_rows, RowIndex n_counted, std::size_t n_columns,
                  int threads, int n_planes) {
  if (n_rows >= RowIndex{1} << 31) {
    raise<LimitError>({.message = "the table has " + with_commas(n_rows) +
                                  " rows; a probe takes fewer than 2,147,483,648.",
                       .next_step = "Pass a part of the rows."});
  }
  const auto columns = static_cast<RowIndex>(n_columns);
  constexpr RowIndex kListBytes = 20;  // of row lists, and a level's counting
  constexpr RowIndex kTargetBytes = 48, kKeyBytes = 26, kCellBytes = 256 * 16;
  const RowIndex nodes = RowIndex{1} << std::max(0, o.max_depth - 1);
  const RowIndex need = n_rows * (columns + kTargetBytes) + n_counted * kListBytes +
                        n_rows * kKeyBytes * std::min<RowIndex>(threads, columns) +
                        2 * nodes * columns * n_planes * kCellBytes;
  if (o.memory_limit == 0 || need <= o.memory_limit) return;
  raise<LimitError>({.message = "the probe needs about " + with_commas(need) + " bytes for " +
                                with_commas(n_rows) + " rows and " + with_commas(columns) +
                                " columns; memory_limit is " + with_commas(o.memory_limit) + ".",
                     .next_step = "Name fewer columns with features=, or raise memory_limit."});
}

std::vector<std::string> row_warnings(const TargetValues& target, const Halves& halves) {
  std::vector<std::string> out;
  if (target.n_missing > 0) {
    out.push_back("target " + core::in_quotes(target.name) + " is missing on " +
                  with_commas(target.n_missing) + " of " +
                  with_commas(static_cast<RowIndex>(target.present.size())) +
                  " rows: they are left out.");
  }
  if (halves.judged.empty() || halves.growing.empty()) {
    const std::size_t n = halves.judged.size() + halves.growing.size();
    out.push_back(std::string(halves.judged.empty() ? "no row is left to judge"
                                                    : "no row is left to choose") +
                  ": " + with_commas(static_cast<RowIndex>(n)) +
                  (n == 1 ? " row is" : " rows are") +
                  " too few to halve. honest=False shows them all, marked in-sample.");
  }
  if (halves.by_copy) {
    std::string text =
        with_commas(halves.n_copies) + " of " +
        with_commas(static_cast<RowIndex>(target.present.size())) +
        " rows are equal to another one and there is no key: each copy was put into a half for "
        "itself. If they are copies of one row and not rows of their own, the intervals are too "
        "narrow: declare key=.";
    if (!halves.copies_marked) text += " with_duplicates() marks copies for a probe.";
    out.push_back(std::move(text));
  }
  if (!target.weights.said.empty()) out.push_back(target.weights.said);
  return out;
}

void describe_request(const ProbeOptions& o, const TargetValues& target, RowIndex n_rows,
                      TreeData& tree) {
  tree.target = target.name;
  tree.binary = target.binary;
  tree.classes = target.classes;
  tree.in_sample = !o.honest;
  tree.features = o.features;
  tree.exclude = o.exclude;
  tree.meta_features = o.meta_features;
  tree.max_depth = o.max_depth;
  tree.min_samples_leaf = o.min_samples_leaf;
  tree.selection = o.selection == Selection::unbiased ? "unbiased" : "gain";
  tree.alpha = o.alpha;
  tree.seed = o.seed;
  tree.n_rows = n_rows;
  tree.n_target_missing = target.n_missing;
}

Tree fit_binned(const binning::BinnedTable& binned, const ProbeOptions& options,
                const Target& target, std::span<std::uint8_t> judged) {
  const core::FpGuard guard;
  check_options(options);
  const core::Table& table = binned.table();
  check_judged(judged, table.n_rows);
  const int threads = core::resolve_threads(options.threads);
  const Deadline deadline(options.time_limit);
  core::begin_step("reading the target");
  if (const std::string& column = target_column_name(target); !column.empty())
    binned.require_values(column);
  const TargetValues values = resolve_any_target(table, target);
  const auto columns = candidate_columns(binned.dataset(), options.features, options.exclude,
                                         options.meta_features, values.column.get());
  const CountTarget counted = count_target(values);
  check_memory(options, table.n_rows, n_counted(values), columns.size(), threads,
               counted.n_planes());

  SearchSet set = make_search_set(binned, columns, threads, deadline);
  if (options.meta_features && !deadline.passed()) add_missing_count(set, threads);
  core::begin_step("halving rows", core::Parts::chunks);
  const Halves halves = make_halves(binned, values, options.honest, options.seed, threads);
  const GrowOptions grow = grow_options(options, threads);
  const GrownTree grown = grow_tree(set, counted, halves.growing, values.scale, grow, deadline);

  core::begin_step("judging");
  auto tree = std::make_unique<TreeData>();
  describe_request(options, values, table.n_rows, *tree);
  tree->constant_columns = set.constant_columns;
  tree->duplicate_columns = set.duplicate_columns;
  assemble(set, grown, *tree);
  const NodeFigures figures = figures_of(grown, set, values, halves);
  judge_nodes(figures, *tree);
  add_histograms(grown, set, values, halves.judged, *tree);
  if (!grown.nodes.front().cut.found())
    tree->visible_effect = visible_effect(*tree, grown.nodes.front().n_tested);
  tree->blocks = missing_blocks(set, values, halves);
  describe_blocks(set, halves.growing, grow, deadline, tree->blocks);
  tree->warnings = label_warnings(set, table, values, halves, grown.root, threads);
  for (std::string& warning : row_warnings(values, halves))
    tree->warnings.push_back(std::move(warning));
  add_limits(grown, set, options.time_limit, *tree);
  mark_judged(halves, judged);
  return make_tree(std::move(tree));
}

}  // namespace detail::probe

Tree DecisionTreeProbe::fit(const Dataset& rows, const Target& target,
                            std::span<std::uint8_t> judged) const {
  const detail::binning::BinnedTable binned(rows);  // bins what is asked for, and no more
  return detail::probe::fit_binned(binned, options_, target, judged);
}

Tree DecisionTreeProbe::fit(const BinnedDataset& rows, const Target& target,
                            std::span<std::uint8_t> judged) const {
  return detail::probe::fit_binned(detail::binning::binned_table_of(rows), options_, target,
                                   judged);
}

}  // namespace mlrepro
