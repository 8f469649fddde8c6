// SPDX-License-Identifier: Apache-2.0
#include "probe/weights.hpp"

#include <algorithm>

#include "core/cancel.hpp"
#include "core/exact_sum.hpp"
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
  for (RowIndex row = 0; row < table.n_rows; ++row) {
    core::check_cancelled_at(row);
    const Value v = column.value(row);
    const double w = v.is_missing() ? -1 : number_of(v);
    if (!is_whole(w)) {
      return {.said = "weight " + core::in_quotes(name) +
                      " is not used, every row counts once: it " + "is " + core::display(v) +
                      " in row " + with_commas(row) +
                      ", and only whole numbers (rows that stand for so many equal ones) are."};
    }
    out.times.push_back(static_cast<std::uint32_t>(w));
    out.sum += out.times.back();
  }
  check_sum(out.sum, name);
  out.said = in_words(out, name);
  return out;
}

}  // namespace mlrepro::detail::probe
