// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/stats/row_loss.hpp>

#include <limits>

#include "core/fp_guard.hpp"
#include "core/parallel.hpp"
#include "core/raise.hpp"
#include "stats/losses.hpp"

namespace mlrepro {
namespace {

namespace stats = detail::stats;

constexpr std::string_view kNames[] = {"zero_one", "absolute_error", "squared_error",
                                       "log_loss", "over",           "under"};

void check(std::span<const double> y, std::span<const double> prediction, std::string_view name,
           RowLoss kind) {
  stats::require_same_length(y.size(), prediction.size(), name);
  stats::require_present(y, prediction, name);
  if (kind == RowLoss::zero_one) return stats::require_labels(y, prediction, name, to_string(kind));
  if (kind == RowLoss::log_loss) {
    stats::require_binary(y, to_string(kind));
    return stats::require_probabilities(y, prediction, name, to_string(kind));
  }
  stats::require_finite(y, y, "y", to_string(kind));
  stats::require_finite(y, prediction, name, to_string(kind));
  stats::require_losses(y, prediction, name, to_string(kind), kind);
}

}  // namespace

std::string_view to_string(RowLoss kind) noexcept {
  return kNames[static_cast<int>(kind)];
}

RowLoss row_loss_from_string(std::string_view name) {
  for (int i = 0; i < 6; ++i) {
    if (kNames[i] == name) return static_cast<RowLoss>(i);
  }
  detail::core::raise_unknown_option("kind", name, kNames);
}

void row_loss(std::span<const double> y, std::span<const double> prediction, RowLoss kind,
              std::span<double> loss, int threads) {
  const detail::core::FpGuard guard;
  stats::named_row_loss(y, prediction, "prediction", kind, loss, threads);
}

void detail::stats::named_row_loss(std::span<const double> y, std::span<const double> prediction,
                                   std::string_view name, RowLoss kind, std::span<double> loss,
                                   int threads) {
  check(y, prediction, name, kind);
  stats::require_same_length(y.size(), loss.size(), "loss");
  constexpr std::int64_t chunk = 1 << 15;
  detail::core::parallel_for_chunks(
      static_cast<std::int64_t>(y.size()), chunk, detail::core::resolve_threads(threads),
      [&](std::int64_t, std::int64_t begin, std::int64_t end) {
        for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
          loss[i] = stats::is_nan(y[i]) ? std::numeric_limits<double>::quiet_NaN()
                                        : stats::loss_of(kind, y[i], prediction[i]);
        }
      });
}

}  // namespace mlrepro
