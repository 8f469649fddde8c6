// SPDX-License-Identifier: Apache-2.0
// The contract of a join, held against whole sides before any output: which keys repeat, and the
// error that names them.
#pragma once
#include "join/match.hpp"

namespace mlrepro::detail::join {

struct Repeats {  // keys that occur more than once on one side
  RowIndex n_keys = 0, n_rows = 0, largest = 0;
  std::int32_t smallest = -1;  // group of the smallest such key
};
Repeats repeats_of(const core::KeyIndex& index);

struct ContractCheck {  // repeats on the sides that validate= wants unique; a side that may repeat
                        // is not looked at
  Repeats left, right;
};

// Throws JoinContractError unless validate= holds or violations are set aside, and where
// unmatched="error" and a left row has no match.
ContractCheck check_contract(const core::Table& left, const core::Table& right, const Keys& keys,
                             const Matches& matches, const Request& request);

}  // namespace mlrepro::detail::join
