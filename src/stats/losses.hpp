// SPDX-License-Identifier: Apache-2.0
// Losses of one row, and the checks of labels and predictions that they need. Callers hold an
// FpGuard.
#pragma once
#include <bit>
#include <cstdint>
#include <span>
#include <string_view>

#include <mlrepro/core/order_key.hpp>
#include <mlrepro/stats/row_loss.hpp>

#include "core/elementary.hpp"

namespace mlrepro::detail::stats {

constexpr std::uint64_t kMagnitude = ~core::kSign64;
constexpr std::uint64_t kInfinityBits = 0x7ff0000000000000U;
inline bool is_nan(double x) noexcept {
  return (std::bit_cast<std::uint64_t>(x) & kMagnitude) > kInfinityBits;
}
inline bool is_infinite(double x) noexcept {
  return (std::bit_cast<std::uint64_t>(x) & kMagnitude) == kInfinityBits;
}

inline double absolute_error(double y, double p) noexcept {
  return y < p ? p - y : y - p;
}
inline double squared_error(double y, double p) noexcept {
  return (p - y) * (p - y);
}
inline double log_loss(double y, double p) noexcept {  // y is 0 or 1
  constexpr double least = 0x1p-52;
  if (y != 0) return -core::log(p < least ? least : p);
  return 1 - p < least ? -core::log(least) : -core::log1p(-p);
}
inline double loss_of(RowLoss kind, double y, double p) noexcept {
  switch (kind) {
    case RowLoss::zero_one:
      return y != p ? 1 : 0;
    case RowLoss::absolute_error:
      return absolute_error(y, p);
    case RowLoss::squared_error:
      return squared_error(y, p);
    case RowLoss::log_loss:
      return log_loss(y, p);
    case RowLoss::over:
      return p > y ? p - y : 0;
    case RowLoss::under:
      return y > p ? y - p : 0;
  }
  return 0;
}

// The public row_loss, with the name of the predictions in its errors.
void named_row_loss(std::span<const double> y, std::span<const double> prediction,
                    std::string_view name, RowLoss kind, std::span<double> loss, int threads);

// Where labels must be 0 or 1, predictions present, probabilities in [0, 1], ... `what` asks for
// it: "roc_auc".
void require_same_length(std::size_t n_labels, std::size_t n, std::string_view name);
void require_present(std::span<const double> y, std::span<const double> prediction,
                     std::string_view name);
void require_binary(std::span<const double> y, std::string_view what);
void require_probabilities(std::span<const double> y, std::span<const double> prediction,
                           std::string_view name, std::string_view what);
void require_finite(std::span<const double> y, std::span<const double> values,
                    std::string_view name, std::string_view what);
// Refuses a loss that overflows; for squares errors that all vanish, where those of y do too.
// Needs finite values.
void require_losses(std::span<const double> y, std::span<const double> prediction,
                    std::string_view name, std::string_view what, RowLoss kind);
// Refuses predictions strictly between 0 and 1 where y holds 0 and 1 only: probabilities, not
// labels.
void require_labels(std::span<const double> y, std::span<const double> prediction,
                    std::string_view name, std::string_view what);

}  // namespace mlrepro::detail::stats
