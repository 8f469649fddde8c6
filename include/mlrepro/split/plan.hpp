// SPDX-License-Identifier: Apache-2.0
// A split that was made: the rule, the sizes and digests of its parts, and, as long as it is in the
// process that made it, the rows. Saved as canonical JSON ("mlrepro.plan"); a plan that was read
// back answers every key as the first one did. Guarantees: the same JSON for any order of rows and
// columns, any library the table came from, any number of threads. Thread safety: immutable.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include <mlrepro/core/dataset.hpp>
#include <mlrepro/split/assigner.hpp>

namespace mlrepro::split {

class Plan : public Assigner {
 public:
  // FormatError: no plan, or a newer one than this library knows.
  [[nodiscard]] MLREPRO_API static Plan from_json(std::string_view text);
  [[nodiscard]] MLREPRO_API std::string to_json() const;

  [[nodiscard]] MLREPRO_API std::string_view splitter()
      const noexcept;  // "HashSplit", "TimeSplit", "GroupKFold"
  [[nodiscard]] MLREPRO_API std::string_view level()
      const noexcept;  // the fold that was split; empty: a whole table
  [[nodiscard]] MLREPRO_API bool is_folds()
      const noexcept;  // parts are folds of equal rank (GroupKFold)
  // What a key is: columns of "by", the table's "key", or all "values"; empty: a split by time.
  [[nodiscard]] MLREPRO_API std::string_view identity() const noexcept;
  [[nodiscard]] MLREPRO_API RowIndex n_rows() const noexcept;  // all parts add up to it
  [[nodiscard]] MLREPRO_API bool has_rows() const noexcept;  // false after from_json, until extend

  // Positions of a part's rows, ascending; out has parts()[i].n_rows elements. ArgumentError: no
  // such part, no rows.
  MLREPRO_API void indices(std::string_view part, std::span<RowIndex> out) const;
  MLREPRO_API void part_of_row(std::span<std::int32_t> out) const;  // index into parts(), one a row
  [[nodiscard]] MLREPRO_API Dataset
  part(std::string_view name) const;  // carries its fold: level/name

  // The plan for another table: known keys keep their part, new ones go by the rule (table-fitted
  // plans: part "new").
  [[nodiscard]] MLREPRO_API Plan extend(const Dataset& dataset, int threads = 0) const;

  // Canonical JSON: shares with their bound, groups, label rate, balance, leak counts. Needs the
  // rows.
  [[nodiscard]] MLREPRO_API std::string report_json(int threads = 0) const;

  bool operator==(const Plan& other) const { return to_json() == other.to_json(); }

  explicit Plan(mlrepro::detail::Ref ref) noexcept
      : Assigner(static_cast<mlrepro::detail::Ref&&>(ref)) {}
};

}  // namespace mlrepro::split
