// SPDX-License-Identifier: Apache-2.0
#include "probe/weights.hpp"

#include <algorithm>

#include "core/cancel.hpp"
#include "core/raise.hpp"
#include "probe/number_of.hpp"

namespace mlrepro::detail::probe {
namespace {

using core::with_commas;

constexpr std::int64_t kMostRows = std::int64_t{1} << 31;

bool is_whole(double w) noexcept {
  return w >= 0 && w < 0x1p31 && w == static_cast<double>(static_cast<std::int64_t>(w));
}

void check_sum(std::int64_t sum, const std::string& name) {
  if (sum < kMostRows) return;
  core::raise<LimitError>({.message = "the weights in " + core::in_quotes(name) + " add up to " +
                                      with_commas(sum) + "; a probe counts fewer than " +
                                      with_commas(kMostRows) + " rows.",
                           .column = name,
                           .next_step = "Divide the weights and round them."});
}

std::string in_words(const RowWeights& weights, const std::string& name) {
  const auto n = static_cast<std::int64_t>(weights.times.size());
  const auto n_zero = std::count(weights.times.begin(), weights.times.end(), 0U);
  std::string text = "rows count as often as weight " + core::in_quotes(name) +
                     " says: " + with_commas(n) + " as " + with_commas(weights.sum);
  if (n_zero > 0) text += ", " + with_commas(n_zero) + " of weight 0 not at all";
  return text + ".";
}

}  // namespace

RowWeights row_weights(const core::Table& table) {
  const std::string& name = table.roles.weight;
  if (name.empty()) return {};
  const core::Column& column = *table.column(name);
  RowWeights out;
  out.times.reserve(static_cast<std::size_t>(table.n_rows));
  std::int64_t n_odd = 0;
  for (RowIndex row = 0; row < table.n_rows; ++row) {
    core::check_cancelled_at(row);
    const Value v = column.value(row);
    const double w = v.is_missing() ? -1 : number_of(v);
    n_odd += is_whole(w) ? 0 : 1;
    if (n_odd > 0) continue;
    out.times.push_back(static_cast<std::uint32_t>(w));
    out.sum += out.times.back();
  }
  if (n_odd > 0) {
    return {.said = "weight " + core::in_quotes(name) + " is not used, every row counts once: in " +
                    with_commas(n_odd) + " of " + with_commas(table.n_rows) +
                    " rows it is no whole number of 0 or more, and only such (rows that stand for "
                    "so many equal ones) are."};
  }
  check_sum(out.sum, name);
  if (out.sum == 0 && table.n_rows > 0) {
    core::raise<SchemaError>({.message = "all weights in " + core::in_quotes(name) + " are 0.",
                              .column = name,
                              .next_step = "Give some row a weight, or take the role away."});
  }
  out.said = in_words(out, name);
  return out;
}

}  // namespace mlrepro::detail::probe
