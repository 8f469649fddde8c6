// SPDX-License-Identifier: Apache-2.0
// What a new model changed, and for whom: one probe for the rows that got worse, one for those that
// got better (without labels: one for the rows that changed), and in each leaf the counts of both,
// because a gain on average hides whom it cost. Labels: a row got worse where `before` was right
// and `after` is wrong (a negative flip). Numbers: where its loss grew. Every figure is of judged
// rows, which chose no split. Deterministic as the probe. Thread safety: immutable, may be shared.
#pragma once
#include <string>
#include <string_view>

#include <mlrepro/probe/probe.hpp>

namespace mlrepro {

enum class Change : std::uint8_t {
  changed,  // without labels: after differs from before (numbers: |after - before|)
  worse,    // right before, wrong now (numbers: how much the loss grew)
  better    // wrong before, right now (numbers: how much the loss fell)
};
MLREPRO_API std::string_view to_string(Change change) noexcept;

struct Effect {          // on the judged rows of one leaf, or on all judged rows
  int leaf = -1;         // as Tree::apply gives; -1: all judged rows
  RowIndex rows = 0;     // judged rows
  RowIndex changed = 0;  // after is not before
  RowIndex worse = 0;    // without labels 0, as the fields below
  RowIndex better = 0;
  RowIndex both_wrong = 0;  // labels: wrong before and now, whether or not it changed
  // Labels: (better - worse) / rows with the interval of Agresti and Min (2005). Numbers: the mean
  // of loss before - loss now (without y: of after - before) with its t interval. NaN where no row
  // was judged.
  double net = 0, low = 0, high = 0;
  double p_value = 1;  // sign test of better against worse; over the leaves after Holm
};

struct CompareOptions {
  ProbeOptions probe{};
  std::string loss{};  // with labels and predictions that are numbers: a RowLoss by name; empty:
                       // labels are equal or not
};

class PredictionComparison {
 public:
  MLREPRO_API static PredictionComparison from_json(std::string_view json);  // FormatError
  // Canonical JSON "mlrepro.comparison" version 1, the trees in it.
  [[nodiscard]] MLREPRO_API std::string to_json() const;
  [[nodiscard]] MLREPRO_API std::string saved_json() const;  // and the types that rules need
  [[nodiscard]] MLREPRO_API std::string to_text() const;     // lines of at most 100 columns

  [[nodiscard]] MLREPRO_API bool has_y() const noexcept;
  [[nodiscard]] MLREPRO_API RowIndex n_rows() const noexcept;
  [[nodiscard]] MLREPRO_API RowIndex n_without_y() const noexcept;  // left out
  [[nodiscard]] MLREPRO_API Effect overall() const noexcept;
  // False where no row changed so, or all did: then there is nothing to explain.
  [[nodiscard]] MLREPRO_API bool has(Change change) const noexcept;
  [[nodiscard]] MLREPRO_API Tree tree(Change change) const;  // ArgumentError unless has(change)
  [[nodiscard]] MLREPRO_API Effect effect(Change change, int leaf) const;  // ArgumentError

  explicit PredictionComparison(detail::Ref ref) noexcept : ref_(static_cast<detail::Ref&&>(ref)) {}
  const detail::Ref& ref() const noexcept { return ref_; }

 private:
  detail::Ref ref_;
};

// One value a row, by position, borrowed during the call: labels of any class, or numbers. They are
// numbers under a loss; without y: where a column's type is a float.
struct Predictions {
  ColumnView before, after;
  const ColumnView* y = nullptr;  // the labels; null: none
};

// ArgumentError: lengths differ, a prediction is missing or infinite, fractions with labels but
// without a loss, a loss that overflows.
// InputTypeError: predictions and labels of different classes.
[[nodiscard]] MLREPRO_API PredictionComparison compare_predictions(
    const Dataset& rows, const Predictions& predictions, const CompareOptions& options = {});
// The same bytes from a table that was binned before.
[[nodiscard]] MLREPRO_API PredictionComparison compare_predictions(
    const BinnedDataset& rows, const Predictions& predictions, const CompareOptions& options = {});

}  // namespace mlrepro
