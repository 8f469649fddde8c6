// SPDX-License-Identifier: Apache-2.0
// What stands behind a HashSplit; TimeSplit's unseen= uses it too.
#pragma once
#include <vector>

#include "split/fractions.hpp"
#include "split/plan_object.hpp"

namespace mlrepro::detail::split {

struct HashSplitObject final : AssignerObject {
  HashSplitObject(std::span<const Fraction> fractions,
                  const mlrepro::split::HashSplitOptions& given);
  const mlrepro::split::HashSplitOptions options;
  const std::vector<UInt128> units;
  // `started` with the hash of this split over the table: key fields appended, closed if exact.
  // SchemaError: no identity.
  Rule rule_for(const core::Table& table, int threads, Rule started) const;
};

}  // namespace mlrepro::detail::split
