// SPDX-License-Identifier: Apache-2.0
// The object behind a BinnedDataset: each column is binned once in its life, whoever asks first.
#pragma once
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include <mlrepro/binning/binned_dataset.hpp>

#include "binning/binned_column.hpp"
#include "core/halves.hpp"
#include "core/table.hpp"

namespace mlrepro::detail::binning {

struct KnownHalves {
  std::string purpose{}, target{};  // target: the column that was left out of the identity
  core::HalvesPtr halves{};
};

class BinnedTable final : public Ref::Object {
 public:
  explicit BinnedTable(const Dataset& rows);
  // Of a stream: `rows` has a column without values for each one that was let go, `kept` the
  // others; made: by number of the column in rows.
  BinnedTable(const Dataset& rows, const Dataset& kept, std::vector<BinnedPtr> made,
              std::vector<KnownHalves> halves);

  const Dataset& dataset() const noexcept { return dataset_; }
  const Dataset& kept() const noexcept { return kept_ ? *kept_ : dataset_; }
  // ArgumentError: the table was streamed and the values are gone; of one column, or of the table
  // that `call` needs.
  void require_values(std::string_view column) const;
  void require_all_values(std::string_view call) const;
  const core::Table& table() const noexcept { return core::table_of(dataset_); }

  // The columns asked for (numbers of the table), in that order; null for those whose turn came
  // when stop() was true already.
  std::vector<BinnedPtr> columns(std::span<const int> wanted, int threads,
                                 const std::function<bool()>& stop) const;
  BinnedPtr column(std::string_view name) const;  // ColumnNotFoundError

  // core::halves_of, kept from one probe to the next (the last two requests).
  core::HalvesPtr halves(std::string_view purpose, const core::Column* target, int threads) const;

 private:
  BinnedPtr known(int column) const;
  void keep(int column, BinnedPtr made) const;

  Dataset dataset_;
  std::optional<Dataset> kept_{};  // of a stream
  mutable std::mutex mutex_;
  mutable std::vector<BinnedPtr> made_;      // by number of the column
  mutable std::vector<KnownHalves> halves_;  // the last one asked for comes last
};

inline const BinnedTable& binned_table_of(const BinnedDataset& binned) noexcept {
  return object_of<BinnedTable>(binned.ref());
}

// The columns that a probe may split by unless told otherwise: those without a role, and join
// outcomes.
std::vector<int> searched_columns(const Dataset& rows);
std::vector<int> by_name(const core::Table& table, std::vector<int> columns);  // sorted

// What bin `b` of a column holds, in words.
std::string bin_text(const BinnedColumn& column, std::string_view name, int b);

}  // namespace mlrepro::detail::binning
