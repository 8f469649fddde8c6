// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/interop/matrix.hpp>

#include "core/raise.hpp"

namespace mlrepro::interop::detail {

void require_names(const Names& names, std::int64_t n_columns) {
  if (names.size() == n_columns) return;
  mlrepro::detail::core::raise<ArgumentError>(
      {.message = "the matrix has " + std::to_string(n_columns) + " columns, and " +
                  std::to_string(names.size()) + " names are given.",
       .next_step = "Pass one name a column."});
}

}  // namespace mlrepro::interop::detail
