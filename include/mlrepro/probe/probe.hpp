// SPDX-License-Identifier: Apache-2.0
// DecisionTreeProbe: a shallow tree that says for whom something holds: the label, the prediction,
// the error. Exact: the best split over exact quantile bins of all rows (at most 255 values: over
// the values). Missing is a population of its own. Honest: the rows that choose the splits are not
// those whose figures are printed (Athey and Imbens 2016, PNAS 113(27)). Deterministic: equal rows,
// in any order, under any number of threads, give equal bytes. Cost: O(rows * columns) to bin,
// O(rows * columns) a level. Thread safety: immutable, may be shared between threads; fit may run
// in several at once. Weights: a table with a weight role of whole numbers counts each row as so
// many equal rows; other weights are not used, and the tree's warnings say so.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include <mlrepro/binning/binned_dataset.hpp>
#include <mlrepro/core/dataset.hpp>
#include <mlrepro/probe/tree.hpp>

namespace mlrepro {

enum class Selection : std::uint8_t {
  unbiased,  // the column by a test whose degrees of freedom pay for its bins, then its best cut
  gain       // the best cut of all columns, if it is more than chance
};

struct ProbeOptions {
  int max_depth = 3;               // 0..8
  RowIndex min_samples_leaf = 20;  // growing rows in each child, >= 1
  Selection selection = Selection::unbiased;
  bool honest = true;  // false: every row grows the tree, and every figure is marked in-sample
  Names features{};    // empty: every column that can be one
  Names exclude{};
  double alpha = 0.05;  // of the node tests and of "replicated"; 1: never stop for want of evidence
  std::uint64_t seed = 0;  // another seed halves the rows anew
  int threads = 0;         // 0: MLREPRO_NUM_THREADS, OMP_NUM_THREADS, the CPUs of the process
  double time_limit = 0;   // seconds; 0: none. What was not searched is said in the tree's warnings
  std::int64_t memory_limit = 0;  // bytes; 0: none. LimitError with the need before work starts
  // Offer what is known of a row beside its values: how many of its columns are missing, join
  // outcomes, source file, duplicate. false: none of these, but those that features names.
  bool meta_features = true;
};

// What the tree explains: one number, boolean or class a row. Missing targets are counted and left
// out. {0, 1} and booleans are a binary target (rates, Wilson intervals), other numbers a numeric
// one (means, t intervals). Text, in a dictionary or not, is a target of 2 to 32 classes: splits by
// their entropy n log2 n - sum n_k log2 n_k, categories one level against the rest (rates of
// several classes have no one order, as those of a binary target do); Leaf says what its figures
// mean.
class Target {
 public:
  MLREPRO_API static Target column(
      std::string_view name);  // a column, or a role: "label", "prediction"
  MLREPRO_API static Target values(ColumnView values,
                                   std::string_view name = "target");  // by position; copied
  // Of a target of text: is it this class? Binary, named "status = late"; the same rows are judged
  // for each class. ArgumentError where it is fitted, if no row has the class.
  [[nodiscard]] MLREPRO_API Target against_rest(std::string_view of_class) const;
  explicit Target(detail::Ref ref) noexcept : ref_(static_cast<detail::Ref&&>(ref)) {}
  const detail::Ref& ref() const noexcept { return ref_; }

 private:
  detail::Ref ref_;
};

// The classes of a target of text, in order of bytes. Errors as DecisionTreeProbe::fit.
[[nodiscard]] MLREPRO_API Names target_classes(const Dataset& rows, const Target& target);

class DecisionTreeProbe {
 public:
  explicit DecisionTreeProbe(const ProbeOptions& options = {}) : options_(options) {}
  // judged: empty, or one byte a row that is set to 1 where the row's target is in the printed
  // figures, else 0. Throws ArgumentError (options), ColumnNotFoundError, SchemaError (no rows,
  // constant or all-missing target, more than 32 classes), InputTypeError (a target that is neither
  // number, boolean nor text), LimitError.
  MLREPRO_API Tree fit(const Dataset& rows, const Target& target,
                       std::span<std::uint8_t> judged = {}) const;
  // The same bytes from a table that was binned before: only columns that it has not binned yet,
  // and halves that it does not know yet, cost time.
  MLREPRO_API Tree fit(const BinnedDataset& rows, const Target& target,
                       std::span<std::uint8_t> judged = {}) const;
  const ProbeOptions& options() const noexcept { return options_; }

 private:
  ProbeOptions options_;
};

}  // namespace mlrepro
