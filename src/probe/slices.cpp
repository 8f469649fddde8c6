// SPDX-License-Identifier: Apache-2.0
// find_slices: target, candidates, halves, search, figures of the other half, in this order.
#include "probe/slices_data.hpp"

#include "core/elementary.hpp"
#include "core/fp_guard.hpp"
#include "core/parallel.hpp"
#include "core/progress.hpp"
#include "core/raise.hpp"
#include "probe/assemble.hpp"
#include "probe/fit.hpp"
#include "probe/honest.hpp"
#include "probe/slice_search.hpp"
#include "stats/tests.hpp"

namespace mlrepro {
namespace detail::probe {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

void check_slice_options(const SliceOptions& o) {
  check_options(o.probe);
  const auto refuse = [](const std::string& what, const std::string& valid) {
    core::raise<ArgumentError>({.message = what + ".", .next_step = "Pass " + valid + "."});
  };
  if (o.max_conditions < 1 || o.max_conditions > 6)
    refuse("max_conditions is " + std::to_string(o.max_conditions), "1 to 6");
  if (o.k < 1 || o.k > 1000) refuse("k is " + std::to_string(o.k), "1 to 1,000 slices");
}

struct Chain {  // each condition parts the rows of the one before
  GrownTree tree{};
  std::size_t end = 0;  // the node that holds the slice
};

Chain chain_of(const std::vector<Atom>& atoms) {
  Chain chain;
  std::vector<GrownNode>& nodes = chain.tree.nodes;
  nodes.emplace_back();
  for (const Atom& atom : atoms) {
    const std::size_t first = nodes.size();
    nodes.resize(first + 2);
    GrownNode& node = nodes[chain.end];
    node.cut = atom.cut;
    for (std::size_t side = 0; side < 2; ++side) {
      GrownNode& child = nodes[first + side];
      child.parent = static_cast<int>(chain.end);
      child.depth = node.depth + 1;
      child.path = node.path + "LR"[side];
      child.ended = "max_depth";
      node.child[side] = static_cast<int>(first + side);
    }
    node.ended.clear();
    chain.end = first + static_cast<std::size_t>(atom.side);
  }
  return chain;
}

struct Request {
  const binning::BinnedTable& binned;
  const SliceOptions& options;
  const TargetValues& target;
  const SearchSet& set;
  const Halves& halves;
};

SliceData slice_data(const Request& r, const FoundSlice& found) {
  const Chain chain = chain_of(found.atoms);
  auto tree = std::make_unique<TreeData>();
  describe_request(r.options.probe, r.target, r.binned.table().n_rows, *tree);
  tree->max_depth = static_cast<int>(found.atoms.size());
  assemble(r.set, chain.tree, *tree);
  judge_nodes(figures_of(chain.tree, r.set, r.target, r.halves), *tree);
  const Node& node = tree->nodes[chain.end];
  Slice about;
  about.n_conditions = static_cast<int>(found.atoms.size());
  about.score = found.score;
  about.rows_growing = node.growing.n;
  about.mean_growing = node.growing.mean;
  const int leaf = node.leaf;
  return {make_tree(std::move(tree)), leaf, about, {}};
}

// Figures of each slice over `rows`, and how it differs from all others of them.
void judge(const TargetValues& target, const Dataset& table, std::span<const Row> rows, int threads,
           SlicesData& data) {
  Tally all;
  for (const Row row : rows) all.add(target, row);
  data.judged = all.figures(target.binary);
  std::vector<double> log_p, adjusted(data.slices.size());
  std::vector<int> leaf(target.values.size());
  for (SliceData& slice : data.slices) {
    slice.tree.apply(table, leaf, threads);
    Tally inside, outside;
    for (const Row row : rows) (leaf[row] == slice.leaf ? inside : outside).add(target, row);
    const Figures f = inside.figures(target.binary);
    const MeanInterval interval = mean_interval(target.binary, f);
    Slice& out = slice.figures;
    out.rows_judged = f.n;
    out.mean = f.mean;
    out.low = interval.low;
    out.high = interval.high;
    const bool has_parts = !target.has_negative && data.judged.sum > 0;
    out.lift = has_parts ? f.mean / data.judged.mean : kNaN;
    out.share = has_parts ? f.sum / data.judged.sum : kNaN;
    log_p.push_back(log_p_against(target.binary, f, outside.figures(target.binary)));
  }
  stats::holm_adjust(log_p, adjusted);
  for (std::size_t i = 0; i < adjusted.size(); ++i) {
    Slice& out = data.slices[i].figures;
    out.p_value = data.in_sample ? kNaN : core::exp(adjusted[i]);
    out.replicated = !data.in_sample && out.p_value < data.alpha && out.mean > data.judged.mean;
  }
}

// What the data of a search and of its evaluation on other rows have in common.
std::unique_ptr<SlicesData> data_about(const TargetValues& target, RowIndex n_rows) {
  auto data = std::make_unique<SlicesData>();
  data->target = target.name;
  data->binary = target.binary;
  data->n_rows = n_rows;
  data->n_target_missing = target.n_missing;
  return data;
}

SliceSearch search(const Request& r, int threads, const Deadline& deadline) {
  return search_slices(r.set, {r.target.binary, r.target.scaled.data()}, r.halves.growing,
                       {r.options.max_conditions, static_cast<std::size_t>(r.options.k),
                        r.options.probe.min_samples_leaf, r.options.probe.alpha, threads},
                       deadline);
}

void fill(const Request& r, const SliceSearch& search, SlicesData& data) {
  data.in_sample = r.halves.in_sample;
  data.alpha = r.options.probe.alpha;
  data.max_conditions = r.options.max_conditions;
  data.k = r.options.k;
  data.n_tried = search.n_tried;
  data.hidden_score = search.hidden_score;
  data.cut_short = search.timed_out || !r.set.not_searched.empty();
  for (const FoundSlice& found : search.found) {
    SliceData made = slice_data(r, found);
    for (const std::size_t i : found.folded) {
      const Chain chain = chain_of(search.folded[i].atoms);
      made.also.push_back(rule_of(r.set, chain.tree, chain.end));
    }
    data.slices.push_back(std::move(made));
  }
  data.warnings = row_warnings(r.target, r.halves);
  if (data.cut_short)
    data.warnings.push_back("time_limit: the search was cut short; another run may get further.");
}

Slices find(const binning::BinnedTable& binned, const Target& asked, const SliceOptions& options) {
  const core::FpGuard guard;
  check_slice_options(options);
  binned.require_all_values("find_slices");
  const core::Table& table = binned.table();
  const int threads = core::resolve_threads(options.probe.threads);
  const Deadline deadline(options.probe.time_limit);
  core::begin_step("reading the target");
  const TargetValues target = resolve_target(table, asked);
  const auto columns =
      candidate_columns(binned.dataset(), options.probe.features, options.probe.exclude,
                        options.probe.meta_features, target.column.get());
  check_memory(options.probe, table.n_rows, n_counted(target), columns.size(), threads);
  const SearchSet set = make_search_set(binned, columns, threads, deadline);
  core::begin_step("halving rows", core::Parts::chunks);
  const Halves halves =
      make_halves(binned, target, options.probe.honest, options.probe.seed, threads);
  const Request request{binned, options, target, set, halves};
  auto data = data_about(target, table.n_rows);
  fill(request, search(request, threads, deadline), *data);
  core::begin_step("judging");
  judge(target, binned.dataset(), halves.judged, threads, *data);
  return Slices(Ref(data.release()));
}

const SlicesData& slices_of(const Ref& ref) noexcept {
  return object_of<SlicesData>(ref);
}

const SliceData& slice_at(const Ref& ref, int i) {
  const std::vector<SliceData>& slices = slices_of(ref).slices;
  if (i >= 0 && static_cast<std::size_t>(i) < slices.size())
    return slices[static_cast<std::size_t>(i)];
  core::raise<ArgumentError>({.message = "there is no slice " + std::to_string(i) + " of " +
                                         std::to_string(slices.size()) + ".",
                              .next_step = "Count from 0."});
}

}  // namespace
}  // namespace detail::probe

Slices find_slices(const Dataset& rows, const Target& target, const SliceOptions& options) {
  const detail::binning::BinnedTable binned(rows);
  return detail::probe::find(binned, target, options);
}

Slices find_slices(const BinnedDataset& rows, const Target& target, const SliceOptions& options) {
  return detail::probe::find(detail::binning::binned_table_of(rows), target, options);
}

Slices Slices::from_json(std::string_view json) {
  return Slices(detail::Ref(detail::probe::read_slices(json).release()));
}
std::string Slices::to_json() const {
  return detail::core::canonical_json(
      detail::probe::slices_json(detail::probe::slices_of(ref_), false));
}
std::string Slices::saved_json() const {
  return detail::core::canonical_json(
      detail::probe::slices_json(detail::probe::slices_of(ref_), true));
}
std::string Slices::to_text() const {
  const detail::core::FpGuard guard;
  return detail::probe::slices_text(detail::probe::slices_of(ref_));
}
int Slices::size() const noexcept {
  return static_cast<int>(detail::probe::slices_of(ref_).slices.size());
}
Slice Slices::slice(int i) const {
  return detail::probe::slice_at(ref_, i).figures;
}
std::string Slices::rule(int i, std::string_view language, std::string_view dialect) const {
  const detail::probe::SliceData& slice = detail::probe::slice_at(ref_, i);
  return slice.tree.rule(slice.leaf, language, dialect);
}
void Slices::apply(int i, const Dataset& rows, std::span<std::uint8_t> inside, int threads) const {
  const detail::probe::SliceData& slice = detail::probe::slice_at(ref_, i);
  std::vector<int> leaf(inside.size());
  slice.tree.apply(rows, leaf, threads);
  for (std::size_t row = 0; row < leaf.size(); ++row) inside[row] = leaf[row] == slice.leaf ? 1 : 0;
}
bool Slices::is_exact() const noexcept {
  return detail::probe::slices_of(ref_).is_exact();
}

Slices Slices::evaluate(const Dataset& rows, const Target& asked, int threads) const {
  namespace probe = detail::probe;
  const detail::core::FpGuard guard;
  const probe::SlicesData& old = probe::slices_of(ref_);
  const probe::TargetValues target = probe::read_target(detail::core::table_of(rows), asked);
  auto data = probe::data_about(target, rows.n_rows());
  data->on_new_rows = true;
  data->alpha = old.alpha;
  data->max_conditions = old.max_conditions;
  data->k = old.k;
  data->n_tried = old.n_tried;
  data->hidden_score = old.hidden_score;
  data->cut_short = old.cut_short;
  data->slices = old.slices;
  std::vector<probe::Row> present;
  for_each_row(target, [&](std::size_t row) { present.push_back(static_cast<probe::Row>(row)); });
  probe::judge(target, rows, present, threads, *data);
  return Slices(detail::Ref(data.release()));
}

}  // namespace mlrepro
