// SPDX-License-Identifier: Apache-2.0
// Slices: conjunctions of conditions under which the target is high. They may overlap, where the
// leaves of a tree may not. Beam search (128 wide) over the bins of all columns on half of the
// rows; every figure printed is of the other half, its p-value adjusted over the slices (Holm).
// Slices whose last condition adds no more than chance are left out, and those that hold nearly the
// rows of a better one (Jaccard 0.8) are folded under it. After SliceLine (Sagadeeva and Boehm
// 2021). Deterministic as the probe. Thread safety: immutable, may be shared between threads.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include <mlrepro/probe/probe.hpp>

namespace mlrepro {

struct SliceOptions {
  // min_samples_leaf: growing rows of a slice; honest, features, exclude, meta_features (but the
  // number of missing columns is no condition), alpha, seed, threads, time_limit, memory_limit as
  // there; max_depth and selection are not used.
  ProbeOptions probe{};
  int max_conditions = 3;  // 1..6
  int k = 10;              // slices at most, 1..1000
};

struct Slice {  // figures of the judged rows unless the search was in-sample
  int n_conditions = 0;
  double score = 0;  // on the growing rows: sqrt(n) (mean - overall) / sd
  RowIndex rows_growing = 0;
  double mean_growing = 0;
  RowIndex rows_judged = 0;
  double mean = 0, low = 0, high = 0;  // with its 95% interval; NaN where no row was judged
  double lift = 0;          // mean over the mean of all judged rows; NaN where a target is negative
  double share = 0;         // of the judged sum of the target; NaN as lift
  double p_value = 1;       // against all other judged rows; Holm over the slices
  bool replicated = false;  // p_value < alpha, and above the overall mean in both halves
};

class Slices {
 public:
  MLREPRO_API static Slices from_json(std::string_view json);  // FormatError
  [[nodiscard]] MLREPRO_API std::string to_json() const;       // canonical, "mlrepro.slices" 1
  [[nodiscard]] MLREPRO_API std::string saved_json() const;    // and the types that rules need
  [[nodiscard]] MLREPRO_API std::string to_text() const;       // lines of at most 100 columns

  [[nodiscard]] MLREPRO_API int size() const noexcept;
  [[nodiscard]] MLREPRO_API Slice slice(int i) const;  // ArgumentError outside [0, size())
  // The condition in a language of Tree::rule.
  [[nodiscard]] MLREPRO_API std::string rule(int i, std::string_view language,
                                             std::string_view dialect = "duckdb") const;
  // One byte a row: 1 where the slice holds it. Errors as Tree::apply.
  MLREPRO_API void apply(int i, const Dataset& rows, std::span<std::uint8_t> inside,
                         int threads = 0) const;
  // Whether the search proved that no slice, all of whose conditions add more than chance, scores
  // higher than the first one here.
  [[nodiscard]] MLREPRO_API bool is_exact() const noexcept;

  // The same slices on new rows, which chose nothing: all of them are judged. The target may be
  // constant.
  [[nodiscard]] MLREPRO_API Slices evaluate(const Dataset& rows, const Target& target,
                                            int threads = 0) const;

  explicit Slices(detail::Ref ref) noexcept : ref_(static_cast<detail::Ref&&>(ref)) {}

 private:
  detail::Ref ref_;
};

// Errors as DecisionTreeProbe::fit.
[[nodiscard]] MLREPRO_API Slices find_slices(const Dataset& rows, const Target& target,
                                             const SliceOptions& options = {});
[[nodiscard]] MLREPRO_API Slices find_slices(const BinnedDataset& rows, const Target& target,
                                             const SliceOptions& options = {});

}  // namespace mlrepro
