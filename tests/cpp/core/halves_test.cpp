// SPDX-License-Identifier: Apache-2.0
#include "core/halves.hpp"

#include <algorithm>
#include <map>

#include <mlrepro/core/random.hpp>

#include "catch_compat.hpp"

using namespace mlrepro;
using detail::core::Hash128;

namespace {

bool counted_one_by_one(const std::vector<Hash128>& ids) {
  std::map<Hash128, std::size_t> rows;
  for (const Hash128& id : ids) ++rows[id];
  return std::any_of(rows.begin(), rows.end(), [&](const auto& entry) {
    return entry.second > 1 && entry.second * 100 > ids.size();
  });
}

}  // namespace

TEST_CASE("an identity that holds over a hundredth of the rows is found, in tables of any size") {
  int found = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const RandomStream random(seed, "halves");
    const auto rows = static_cast<std::size_t>(1 + random.bounded(0, seed % 2 == 0 ? 40 : 6000));
    const std::uint64_t heavy = rows / 100 + random.bounded(1, 3);  // at and around the limit
    std::vector<Hash128> ids;
    for (std::size_t i = 0; i < rows; ++i) {
      const bool copy = i < heavy;
      // Light ids share the heavy one's bucket at times: a bucket alone decides nothing.
      const std::uint64_t bucket = random.bounded(2 + i, 4) << 60;
      ids.push_back({bucket + (copy ? 7 : 1000 + i), copy ? 7 : i % 3});
      if (copy) ids.back().low = 7;
    }
    INFO("seed " << seed << " rows " << rows << " heavy " << heavy);
    REQUIRE(detail::core::one_holds_too_many(ids) == counted_one_by_one(ids));
    found += counted_one_by_one(ids) ? 1 : 0;
  }
  REQUIRE(found > 40);
  REQUIRE(found < 160);
}
