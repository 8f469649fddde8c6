// SPDX-License-Identifier: Apache-2.0
// compare_predictions: what became of each row, a probe for each kind of change, the effects in its
// leaves.
#include "core/cancel.hpp"
#include "core/elementary.hpp"
#include "core/exact_sum.hpp"
#include "core/fp_guard.hpp"
#include "core/parallel.hpp"
#include "core/raise.hpp"
#include "probe/compare_data.hpp"
#include "probe/figures.hpp"
#include "probe/fit.hpp"
#include "probe/row_changes.hpp"
#include "probe/weights.hpp"
#include "stats/intervals.hpp"
#include "stats/tests.hpp"

namespace mlrepro {
namespace detail::probe {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

class EffectTally {
 public:
  void add(const RowChanges& changes, std::size_t row) noexcept {
    const RowChange what = changes.rows[row];
    ++effect_.rows;
    effect_.worse += what == RowChange::worse ? 1 : 0;
    effect_.better += what == RowChange::better ? 1 : 0;
    const bool wrong = what == RowChange::wrong_alike || what == RowChange::wrong_apart;
    effect_.both_wrong += wrong ? 1 : 0;
    effect_.changed += what == RowChange::same || what == RowChange::wrong_alike ? 0 : 1;
    if (!changes.are_numbers) return;
    sum_.add(changes.amount[row]);
    squares_.add_square(changes.amount[row]);
  }

  Effect effect(const RowChanges& changes, int leaf) const {
    Effect e = effect_;
    e.leaf = leaf;
    e.net = e.low = e.high = kNaN;
    if (e.rows == 0) return e;
    if (changes.has_y) e.p_value = core::exp(stats::log_p_sign_test(e.better, e.worse));
    if (changes.are_numbers) {
      fill_mean(e);
      return e;
    }
    if (!changes.has_y) return e;
    const stats::PairedDifference d = stats::paired_difference(e.better, e.worse, e.rows);
    e.net = d.value;
    e.low = d.interval.low;
    e.high = d.interval.high;
    return e;
  }

 private:
  void fill_mean(Effect& e) const {
    const Figures f = mean_and_spread(e.rows, sum_, squares_);
    const MeanInterval interval = mean_interval(false, f);
    e.net = f.mean;
    e.low = interval.low;
    e.high = interval.high;
  }

  Effect effect_{};
  core::ExactSum sum_;
  core::ExactProductSum squares_;
};

void adjust(std::vector<Effect>& leaves) {
  std::vector<double> log_p, adjusted(leaves.size());
  for (const Effect& e : leaves) log_p.push_back(core::log(e.p_value));
  stats::holm_adjust(log_p, adjusted);
  for (std::size_t i = 0; i < leaves.size(); ++i) leaves[i].p_value = core::exp(adjusted[i]);
}

ChangeTree change_tree(const binning::BinnedTable& binned, const CompareOptions& options,
                       const RowChanges& changes, const RowWeights& weights, Change change) {
  const std::vector<double> target = changes.target(change);
  std::vector<std::uint8_t> judged(target.size());
  const Tree tree =
      fit_binned(binned, options.probe, Target::values(target, to_string(change)), judged);
  std::vector<int> leaf(target.size());
  tree.apply(binned.dataset(), leaf, options.probe.threads);
  EffectTally all;
  std::vector<EffectTally> tallies(static_cast<std::size_t>(tree.n_leaves()));
  for (std::size_t row = 0; row < target.size(); ++row) {
    core::check_cancelled_at(static_cast<RowIndex>(row));
    if (judged[row] == 0) continue;
    for (std::uint32_t i = weights.of(row); i > 0; --i) {
      all.add(changes, row);
      tallies[static_cast<std::size_t>(leaf[row])].add(changes, row);
    }
  }
  ChangeTree made{change, tree, all.effect(changes, -1), {}};
  for (int i = 0; i < tree.n_leaves(); ++i)
    made.leaves.push_back(tallies[static_cast<std::size_t>(i)].effect(changes, i));
  if (changes.has_y) adjust(made.leaves);
  return made;
}

PredictionComparison compare(const binning::BinnedTable& binned, const Predictions& predictions,
                             const CompareOptions& options) {
  const core::FpGuard guard;
  binned.require_all_values("compare_predictions");
  const RowIndex n_rows = binned.table().n_rows;
  const RowChanges changes =
      read_row_changes(n_rows, predictions, options.loss, options.probe.threads);
  auto data = std::make_unique<ComparisonData>();
  data->has_y = changes.has_y;
  data->numbers = changes.are_numbers;
  data->loss = changes.loss;
  data->n_rows = n_rows;
  data->n_without_y = changes.n_without_y;
  const RowWeights weights = row_weights(binned.table());
  EffectTally all;
  for (std::size_t row = 0; row < changes.rows.size(); ++row) {
    core::check_cancelled_at(static_cast<RowIndex>(row));
    if (changes.rows[row] == RowChange::no_label) continue;
    for (std::uint32_t i = weights.of(row); i > 0; --i) all.add(changes, row);
  }
  data->overall = all.effect(changes, -1);
  for (const Change change : kChanges) {
    if ((change == Change::changed) == changes.has_y) continue;
    if (!changes.varies(change)) continue;
    data->trees.push_back(change_tree(binned, options, changes, weights, change));
  }
  return PredictionComparison(Ref(data.release()));
}

const ComparisonData& comparison_of(const detail::Ref& ref) noexcept {
  return object_of<ComparisonData>(ref);
}

const ChangeTree& required(const detail::Ref& ref, Change change) {
  const ChangeTree* found = comparison_of(ref).find(change);
  if (found != nullptr) return *found;
  core::raise<ArgumentError>({.message = "the comparison has no tree of rows that are " +
                                         std::string(to_string(change)) + ": none is, or all are.",
                              .next_step = "Ask has(change) first, or read overall()."});
}

}  // namespace
}  // namespace detail::probe

std::string_view to_string(Change change) noexcept {
  static constexpr std::string_view kNames[] = {"changed", "worse", "better"};
  return kNames[static_cast<int>(change)];
}

PredictionComparison compare_predictions(const Dataset& rows, const Predictions& predictions,
                                         const CompareOptions& options) {
  const detail::binning::BinnedTable binned(rows);
  return detail::probe::compare(binned, predictions, options);
}

PredictionComparison compare_predictions(const BinnedDataset& rows, const Predictions& predictions,
                                         const CompareOptions& options) {
  return detail::probe::compare(detail::binning::binned_table_of(rows), predictions, options);
}

PredictionComparison PredictionComparison::from_json(std::string_view json) {
  return PredictionComparison(detail::Ref(detail::probe::read_comparison(json).release()));
}
std::string PredictionComparison::to_json() const {
  return detail::core::canonical_json(
      detail::probe::comparison_json(detail::probe::comparison_of(ref_), false));
}
std::string PredictionComparison::saved_json() const {
  return detail::core::canonical_json(
      detail::probe::comparison_json(detail::probe::comparison_of(ref_), true));
}
std::string PredictionComparison::to_text() const {
  const detail::core::FpGuard guard;
  return detail::probe::comparison_text(detail::probe::comparison_of(ref_));
}
bool PredictionComparison::has_y() const noexcept {
  return detail::probe::comparison_of(ref_).has_y;
}
RowIndex PredictionComparison::n_rows() const noexcept {
  return detail::probe::comparison_of(ref_).n_rows;
}
RowIndex PredictionComparison::n_without_y() const noexcept {
  return detail::probe::comparison_of(ref_).n_without_y;
}
Effect PredictionComparison::overall() const noexcept {
  return detail::probe::comparison_of(ref_).overall;
}
bool PredictionComparison::has(Change change) const noexcept {
  return detail::probe::comparison_of(ref_).find(change) != nullptr;
}
Tree PredictionComparison::tree(Change change) const {
  return detail::probe::required(ref_, change).tree;
}
Effect PredictionComparison::effect(Change change, int leaf) const {
  const detail::probe::ChangeTree& found = detail::probe::required(ref_, change);
  if (leaf == -1) return found.judged;
  static_cast<void>(found.tree.leaf(leaf));  // ArgumentError where there is none
  return found.leaves[static_cast<std::size_t>(leaf)];
}

}  // namespace mlrepro
