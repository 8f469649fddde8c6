// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>

#include "binning/binned_table.hpp"
#include "binning/redundant.hpp"
#include "core/json.hpp"
#include "core/parallel.hpp"
#include "core/progress.hpp"
#include "core/raise.hpp"
#include "core/roles.hpp"

namespace mlrepro::detail::binning {

std::vector<int> by_name(const core::Table& table, std::vector<int> columns) {
  std::sort(columns.begin(), columns.end(), [&](int a, int b) {
    return table.columns[static_cast<std::size_t>(a)]->name() <
           table.columns[static_cast<std::size_t>(b)]->name();
  });
  return columns;
}

BinnedTable::BinnedTable(const Dataset& rows)
    : dataset_(rows), made_(static_cast<std::size_t>(rows.n_columns())) {}

BinnedTable::BinnedTable(const Dataset& rows, const Dataset& kept, std::vector<BinnedPtr> made,
                         std::vector<KnownHalves> halves)
    : dataset_(rows), kept_(kept), made_(std::move(made)), halves_(std::move(halves)) {}

void BinnedTable::require_values(std::string_view column) const {
  if (!kept_ || table().find(column) < 0 || kept_->find(column) >= 0) return;
  core::raise<ArgumentError>(
      {.message = "column " + core::in_quotes(column) + " was streamed: its values are gone.",
       .column = std::string(column),
       .next_step = "Stream the table again with keep=['" + std::string(column) +
                    "'], or pass the target as an array."});
}

void BinnedTable::require_all_values(std::string_view call) const {
  if (!kept_) return;
  core::raise<ArgumentError>(
      {.message = std::string(call) + " needs the values of the rows; those of a stream are gone.",
       .next_step = "Pass a Dataset of the columns, or of some of the rows."});
}

BinnedPtr BinnedTable::known(int column) const {
  const std::lock_guard lock(mutex_);
  return made_[static_cast<std::size_t>(column)];
}

void BinnedTable::keep(int column, BinnedPtr made) const {
  const std::lock_guard lock(mutex_);
  BinnedPtr& slot = made_[static_cast<std::size_t>(column)];
  if (slot == nullptr) slot = std::move(made);  // two callers at once: equal bytes, one stays
}

std::vector<BinnedPtr> BinnedTable::columns(std::span<const int> wanted, int threads,
                                            const std::function<bool()>& stop) const {
  if (std::any_of(wanted.begin(), wanted.end(), [&](int c) { return known(c) == nullptr; }))
    core::begin_step("binning columns", core::Parts::chunks);
  for_each_column(wanted.size(), threads, [&](std::size_t i, KeyBuffers& buffers) {
    if (known(wanted[i]) != nullptr || stop()) return;
    const core::ColumnPtr& source = table().columns[static_cast<std::size_t>(wanted[i])];
    keep(wanted[i], std::make_shared<const BinnedColumn>(bin_column(source, buffers)));
  });
  std::vector<BinnedPtr> out;
  for (const int column : wanted) out.push_back(known(column));
  return out;
}

BinnedPtr BinnedTable::column(std::string_view name) const {
  table().column(name);  // says which names are near
  const int at = table().find(name);
  return columns(std::span(&at, 1), 1, [] { return false; }).front();
}

core::HalvesPtr BinnedTable::halves(std::string_view purpose, const core::Column* target,
                                    int threads) const {
  constexpr std::size_t kKept = 2;
  const std::string name(core::target_in_identity(table(), target));
  {
    const std::lock_guard lock(mutex_);
    for (const KnownHalves& k : halves_) {
      if (k.purpose == purpose && k.target == name) return k.halves;
    }
  }
  if (kept_) {
    core::raise<ArgumentError>({.message = "the rows were streamed for probes of another seed.",
                                .next_step = "Stream the table again with this seed=."});
  }
  const core::HalvesPtr made = core::halves_of(table(), purpose, target, threads);
  const std::lock_guard lock(mutex_);
  if (halves_.size() == kKept) halves_.erase(halves_.begin());
  halves_.push_back({std::string(purpose), name, made});
  return made;
}

std::vector<int> searched_columns(const Dataset& rows) {
  std::vector<int> out;
  for (int i = 0; i < rows.n_columns(); ++i) {
    const std::string_view role = rows.role_of(rows.column_name(i));
    if (role.empty() || core::is_row_metadata(role)) out.push_back(i);
  }
  return out;
}

std::string bin_text(const BinnedColumn& column, std::string_view name, int b) {
  const auto at = static_cast<std::size_t>(b);
  const auto shown = [&](std::size_t cut) { return core::display(column.cuts[cut]); };
  if (column.is_category) return column.cuts[at].is_missing() ? std::string("other") : shown(at);
  if (column.cuts.empty()) return "all values";
  std::string text;
  if (b > 0) text += shown(at - 1) + (column.strict[at - 1] != 0 ? " <= " : " < ");
  text += name;
  if (at < column.cuts.size()) text += (column.strict[at] != 0 ? " < " : " <= ") + shown(at);
  return text;
}

}  // namespace mlrepro::detail::binning

namespace mlrepro {
namespace {

using detail::core::Json;
namespace binning = detail::binning;

constexpr int kVersion = 1;

Json column_json(std::string_view name, const binning::BinnedColumn& bins) {
  Json edges = Json::array();
  for (const Value& cut : bins.cuts) edges.push_back(detail::core::value_to_json(cut));
  Json json{{"name", std::string(name)},
            {"n_bins", bins.n_bins},
            {"n_missing", bins.n_missing},
            {bins.is_category ? "levels" : "edges", std::move(edges)}};
  if (bins.is_category) {
    json["other"] = bins.has_other;
    if (bins.has_other) json["levels"].erase(json["levels"].size() - 1);
  } else {
    json["strict"] = Json::array();
    for (const std::uint8_t strict : bins.strict) json["strict"].push_back(strict != 0);
  }
  return json;
}

}  // namespace

BinnedDataset::BinnedDataset(const Dataset& rows, int threads) {
  const int resolved = detail::core::resolve_threads(threads);
  auto table = std::make_unique<binning::BinnedTable>(rows);
  table->columns(binning::searched_columns(rows), resolved, [] { return false; });
  ref_ = detail::Ref(table.release());
}

const Dataset& BinnedDataset::dataset() const& noexcept {
  return binning::binned_table_of(*this).kept();
}
int BinnedDataset::n_bins(std::string_view column) const {
  return binning::binned_table_of(*this).column(column)->n_bins;
}
RowIndex BinnedDataset::n_missing(std::string_view column) const {
  return binning::binned_table_of(*this).column(column)->n_missing;
}
std::span<const std::uint8_t> BinnedDataset::codes(std::string_view column) const& {
  return binning::binned_table_of(*this).column(column)->codes;  // kept by the table
}

std::string BinnedDataset::bin_text(std::string_view column, int bin) const {
  const binning::BinnedPtr bins = binning::binned_table_of(*this).column(column);
  if (bin < 0 || bin >= bins->n_bins) {
    detail::core::raise<ArgumentError>({.message = "bin is " + std::to_string(bin) + "; column " +
                                                   detail::core::in_quotes(column) + " has " +
                                                   std::to_string(bins->n_bins) +
                                                   " bins of values.",
                                        .column = std::string(column),
                                        .next_step = "Pass a bin from 0 on, below n_bins."});
  }
  return binning::bin_text(*bins, column, bin);
}

std::string BinnedDataset::to_json() const {
  const binning::BinnedTable& table = binning::binned_table_of(*this);
  const std::vector<int> order =
      binning::by_name(table.table(), binning::searched_columns(table.dataset()));
  const std::vector<binning::BinnedPtr> bins = table.columns(order, 1, [] { return false; });
  std::vector<binning::NamedBins> named;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto at = static_cast<std::size_t>(order[i]);
    named.push_back({table.table().columns[at]->name(), bins[i].get()});
  }
  const binning::Redundant redundant = binning::find_redundant(named);
  Json document = detail::core::envelope("binned", kVersion);
  document["n_rows"] = table.table().n_rows;
  document["columns"] = Json::array();
  for (const binning::NamedBins& c : named)
    document["columns"].push_back(column_json(c.name, *c.bins));
  document["constant_columns"] = redundant.constant;
  document["duplicate_columns"] = redundant.duplicates;
  return detail::core::canonical_json(document);
}

}  // namespace mlrepro
