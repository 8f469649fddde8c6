// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/binning/binned_stream.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "binning/binned_table.hpp"
#include "core/parallel.hpp"
#include "core/progress.hpp"
#include "core/raise.hpp"
#include "core/roles.hpp"

namespace mlrepro {
namespace detail::binning {
namespace {

using core::ColumnPtr;
using core::raise;
using core::with_commas;

// The identities of the rows, with one of the kept columns left out: a target does not decide its
// own half.
struct Identities {
  std::string without{};
  std::vector<core::Hash128> ids{};
};

// Every cell is null, and so is never read; one bitmap for all columns.
ColumnPtr without_cells(const BinnedColumn& bins, const core::Buffer& no_bits, RowIndex n_rows) {
  const core::Column& source = *bins.source;
  return std::make_shared<const core::Column>(source.name(), source.type(), n_rows, core::Buffer{},
                                              no_bits, core::Buffer{}, source.levels());
}

class StreamState final : public Ref::Object {
 public:
  StreamState(const Roles& roles, const StreamOptions& options)
      : roles_(roles), options_(options), threads_(core::resolve_threads(options.threads)) {
    for (const std::string& role : {roles.label, roles.prediction, roles.weight}) {
      if (!role.empty() && !options_.keep.contains(role)) options_.keep.add(role);
    }
  }

  void add_rows(const Dataset& batch) {
    require(phase_ == Phase::rows);
    const core::Table& rows = core::table_of(batch);
    if (identities_.empty()) start(rows);
    if (names_of(rows) != row_columns_ || rows.identity_by_key != by_key()) {
      raise<SchemaError>({.message = "a batch has other columns than the batches before it, or "
                                     "another key than the stream.",
                          .next_step = "Pass batches of one table."});
    }
    for (Identities& variant : identities_) {
      const core::Column* target =
          variant.without.empty() ? nullptr : rows.column(variant.without).get();
      const auto ids =
          core::identity_hashes(rows, core::honest_purpose(options_.seed), target, threads_);
      variant.ids.insert(variant.ids.end(), ids.begin(), ids.end());
    }
    n_rows_ += rows.n_rows;
  }

  void add_columns(const Dataset& block) {
    require(phase_ != Phase::finished);
    const core::Table& table = core::table_of(block);
    for (const ColumnPtr& column : table.columns) check_new(*column);
    phase_ = Phase::columns;
    std::vector<ColumnPtr> columns(table.columns.size());
    std::vector<BinnedPtr> made(columns.size());
    core::begin_step("binning columns", core::Parts::chunks);
    for_each_column(columns.size(), threads_, [&](std::size_t c, KeyBuffers& buffers) {
      bin(table.columns[c], buffers, columns[c], made[c]);
    });
    columns_.insert(columns_.end(), columns.begin(), columns.end());
    made_.insert(made_.end(), made.begin(), made.end());
  }

  BinnedDataset finish() {
    require(phase_ != Phase::finished);
    check_complete();
    if (by_key()) check_key();
    phase_ = Phase::finished;
    auto table = std::make_unique<core::Table>();
    auto kept = std::make_unique<core::Table>();
    table->n_rows = kept->n_rows = n_rows_;
    table->identity_by_key = by_key();
    for (const ColumnPtr& column : columns_) {
      table->columns.push_back(column);
      if (options_.keep.contains(column->name())) kept->columns.push_back(column);
    }
    for (const std::string& name : identity_) table->identity.push_back(table->column(name));
    // Of the kept columns alone a row's identity cannot be told: they are its values.
    kept->identity = kept->columns;
    std::sort(kept->identity.begin(), kept->identity.end(),
              [](const ColumnPtr& a, const ColumnPtr& b) { return a->name() < b->name(); });
    core::check_roles(table->columns, roles_);
    table->roles = roles_;
    kept->roles =
        core::roles_where(roles_, [&](std::string_view name) { return kept->find(name) >= 0; });
    std::vector<KnownHalves> halves;
    for (Identities& variant : identities_) {
      halves.push_back({core::honest_purpose(options_.seed), variant.without,
                        core::halves_of_ids(std::move(variant.ids), by_key())});
    }
    auto made =
        std::make_unique<BinnedTable>(Dataset(Ref(table.release())), Dataset(Ref(kept.release())),
                                      std::move(made_), std::move(halves));
    return BinnedDataset(Ref(made.release()));
  }

 private:
  enum class Phase : std::uint8_t { rows, columns, finished };

  bool by_key() const noexcept { return !roles_.key.empty(); }
  void require(bool in_order) const {
    if (in_order) return;
    raise<ArgumentError>(
        {.message = phase_ == Phase::finished ? "the stream was finished before."
                                              : "rows were added after columns.",
         .next_step =
             "Add all rows, then all columns, then finish; make a new one for other rows."});
  }

  static std::vector<std::string> names_of(const core::Table& table) {
    std::vector<std::string> names;
    for (const ColumnPtr& column : table.columns) names.push_back(column->name());
    return names;
  }

  void start(const core::Table& rows) {
    row_columns_ = names_of(rows);
    identities_.push_back({});
    for (const ColumnPtr& column : rows.identity) {
      identity_.push_back(column->name());
      const bool own = !by_key() && options_.keep.contains(column->name());
      if (own) identities_.push_back({column->name(), {}});
    }
  }

  bool has_column(std::string_view name) const {
    return std::any_of(columns_.begin(), columns_.end(),
                       [&](const ColumnPtr& known) { return known->name() == name; });
  }

  void check_new(const core::Column& column) const {
    const bool again = has_column(column.name());
    if (!again && column.n_rows() == n_rows_) return;
    raise<SchemaError>(
        {.message = again ? "column " + core::in_quotes(column.name()) + " was added before."
                          : "column " + core::in_quotes(column.name()) + " has " +
                                with_commas(column.n_rows()) + " rows; batches had " +
                                with_commas(n_rows_) + ".",
         .column = column.name(),
         .next_step = "Add all batches with add_rows first, then each column once."});
  }

  void bin(const ColumnPtr& source, KeyBuffers& buffers, ColumnPtr& column, BinnedPtr& made) {
    const bool searched = !is_role_of_target(source->name());
    BinnedColumn bins;
    if (searched) bins = bin_column(source, buffers);
    if (options_.keep.contains(source->name())) {
      column = source;
      if (searched) made = std::make_shared<const BinnedColumn>(std::move(bins));
      return;
    }
    bins = without_values(std::move(bins));
    column = without_cells(bins, no_bits(), n_rows_);
    made = std::make_shared<const BinnedColumn>(std::move(bins));
  }

  // Never a candidate, and kept: binned if a call names it, as of any Dataset.
  bool is_role_of_target(std::string_view name) const noexcept {
    return !name.empty() &&  // roles that nobody has are ""
           (name == roles_.label || name == roles_.prediction || name == roles_.weight);
  }

  core::Buffer no_bits() {
    const std::lock_guard lock(mutex_);
    if (no_bits_.bytes == nullptr)
      no_bits_ =
          core::Buffer::of(std::vector<std::uint8_t>(static_cast<std::size_t>(n_rows_ / 8 + 1)));
    return no_bits_;
  }

  void check_complete() const {
    if (n_rows_ == 0) {
      raise<SchemaError>(
          {.message = "the stream has no rows.", .next_step = "Pass a stream with rows."});
    }
    for (const std::string& name : row_columns_) {
      if (has_column(name)) continue;
      raise<SchemaError>({.message = "column " + core::in_quotes(name) + " was not added.",
                          .column = name,
                          .next_step = "Add every column with add_columns."});
    }
  }

  void check_key() const {
    std::vector<core::Hash128> ids = identities_.front().ids;
    std::sort(ids.begin(), ids.end());
    const auto twin = std::adjacent_find(ids.begin(), ids.end());
    if (twin == ids.end()) return;
    const auto& all = identities_.front().ids;
    const auto one = std::find(all.begin(), all.end(), *twin);
    const auto other = std::find(one + 1, all.end(), *twin);
    raise<SchemaError>({.message = "the key repeats: rows " + with_commas(one - all.begin()) +
                                   " and " + with_commas(other - all.begin()) + " have the same.",
                        .example_row = other - all.begin(),
                        .next_step = "Name more columns in key=, or leave key= out."});
  }

  Roles roles_;
  StreamOptions options_;
  int threads_;
  Phase phase_ = Phase::rows;
  RowIndex n_rows_ = 0;
  std::vector<std::string> row_columns_{}, identity_{};
  std::vector<Identities> identities_{};
  std::vector<ColumnPtr> columns_{};
  std::vector<BinnedPtr> made_{};
  std::mutex mutex_;
  core::Buffer no_bits_{};
};

StreamState& state_of(const Ref& ref) noexcept {  // the stream's alone: nobody copies it
  return const_cast<StreamState&>(object_of<StreamState>(ref));
}

}  // namespace
}  // namespace detail::binning

BinnedStream::BinnedStream(const Roles& roles, const StreamOptions& options)
    : state_(detail::make_ref<detail::binning::StreamState>(roles, options)) {}
void BinnedStream::add_rows(const Dataset& batch) {
  detail::binning::state_of(state_).add_rows(batch);
}
void BinnedStream::add_columns(const Dataset& block) {
  detail::binning::state_of(state_).add_columns(block);
}
BinnedDataset BinnedStream::finish() {
  return detail::binning::state_of(state_).finish();
}

}  // namespace mlrepro
