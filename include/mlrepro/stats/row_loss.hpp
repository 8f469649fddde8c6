// SPDX-License-Identifier: Apache-2.0
// The loss of each row, as a target for probes: whom does the model fail? Fixed operations, the
// same bits everywhere. Thread safety: pure functions, which only read their inputs.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include <mlrepro/core/export.hpp>
#include <mlrepro/fwd.hpp>

namespace mlrepro {

// y: the label, p: the prediction.
enum class RowLoss : std::uint8_t {
  zero_one,        // 1 where p differs from y, else 0
  absolute_error,  // |y - p|
  squared_error,   // (y - p)^2
  log_loss,  // -ln of the probability given to y, not below 2^-52; y 0 or 1, p a probability of 1
  over,      // max(p - y, 0)
  under      // max(y - p, 0)
};

MLREPRO_API std::string_view to_string(RowLoss kind) noexcept;
MLREPRO_API RowLoss
row_loss_from_string(std::string_view name);  // ArgumentError lists the valid ones

// loss has y's length; NaN where y is NaN (no label). Throws ArgumentError: lengths differ, a
// prediction is missing, for log_loss a label other than 0 and 1 or a p outside [0, 1], for
// zero_one a probability in place of a label; a loss overflows; for
// squared_error the squares of all errors and labels vanish.
MLREPRO_API void row_loss(std::span<const double> y, std::span<const double> prediction,
                          RowLoss kind, std::span<double> loss, int threads = 0);

}  // namespace mlrepro
