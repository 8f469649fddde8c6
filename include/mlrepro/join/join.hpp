// SPDX-License-Identifier: Apache-2.0
// Equality joins under a stated contract, with a report of what happened to every row.
// Keys: 17 and 17.0 are one key, -0.0 is 0.0, a category is its value, int64 beyond 2^53 stays
// exact; a key with a missing part matches nothing. Output: left order, inside it right order. The
// output and the report are the same for any number of threads; the report is the same for any
// order of rows. Thread safety: join only reads its inputs; a JoinedDataset is immutable.
#pragma once
#include <string>

#include <mlrepro/core/dataset.hpp>
#include <mlrepro/core/errors.hpp>

namespace mlrepro {

// Order of members is API. `how` and `validate` have no default: leaving one out is an
// ArgumentError.
struct JoinOptions {
  Names on{};              // key columns of the same name on both sides
  std::string how{};       // "inner" "left" "semi" "anti"
  std::string validate{};  // "1:1" "1:m" "m:1" "m:m", also "one_to_one", "one_to_many", ...
  Names left_on{};         // instead of `on`, as long as right_on
  Names right_on{};
  std::string suffix = "_right";  // for columns of the right whose name the left has too
  std::string indicator{};        // name of the outcome column; empty: "<first left key>_match"
  std::string on_violation =
      "raise";                       // "set_aside": keys that break the contract are not multiplied
  std::string unmatched = "report";  // "error": one left row without a match is a JoinContractError
  std::string nulls = "never_match";
  int threads = 0;  // 0: as many as the process may use
};

// The joined rows. Identity, fold and roles are the left table's; rows that the join multiplied
// share one identity, so a declared key stays their identity although it is no longer unique
// (with_roles would refuse it anew).
class JoinedDataset : public Dataset {
 public:
  // Canonical JSON, format "mlrepro.join_report": every left and right row by class, slices,
  // counterfactual, label.
  MLREPRO_API std::string report_json() const;
  MLREPRO_API Dataset
  violations() const;  // right rows of the keys that were set aside, in their order

  JoinedDataset(detail::Ref table, detail::Ref result) noexcept
      : Dataset(static_cast<detail::Ref&&>(table)), result_(static_cast<detail::Ref&&>(result)) {}

 private:
  detail::Ref result_;
};

// Columns: all of the left, those of the right but for key columns of the same name (semi and anti:
// none), and the outcome of each row with role join_outcome: "matched", "multiplied", "key not
// found", "null key", "ambiguous". Inner keeps "ambiguous" rows, as semi does: their key is on the
// right, only its values are not decided. Throws ArgumentError (options, names that clash),
// ColumnNotFoundError, SchemaError (keys of different classes), JoinContractError (validate,
// unmatched), LimitError (more than 2^32 rows).
MLREPRO_API JoinedDataset join(const Dataset& left, const Dataset& right,
                               const JoinOptions& options);

}  // namespace mlrepro
