// SPDX-License-Identifier: Apache-2.0
// K folds of whole groups. exact = true balances rows: groups by falling size, each to the fold
// with the fewest rows, so that the largest and the smallest fold differ by at most the largest
// group. exact = false: a stable hash of the group. Other folds than scikit-learn's class of this
// name: ties go by a hash of the group, never by the order of the rows. Thread safety: immutable,
// may be shared between threads.
#pragma once
#include <string>

#include <mlrepro/split/plan.hpp>

namespace mlrepro::split {

struct GroupKFoldOptions {
  Names by{};  // columns of the group; none: the dataset's entity
  std::string salt{};
  bool exact = true;
};

class GroupKFold {
 public:
  // ArgumentError: n_splits outside 2 .. 10,000.
  MLREPRO_API explicit GroupKFold(int n_splits = 5, const GroupKFoldOptions& options = {});
  // Parts fold_0, fold_1, ... ArgumentError: fewer groups than folds, a fold without a row, neither
  // by nor entity.
  [[nodiscard]] MLREPRO_API Plan plan(const Dataset& dataset, int threads = 0) const;

 private:
  mlrepro::detail::Ref ref_;
};

}  // namespace mlrepro::split
