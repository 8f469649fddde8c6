// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/core/random.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <vector>

#include "catch_compat.hpp"

using namespace mlrepro;

namespace {
nlohmann::json vectors() {
  std::ifstream file(MLREPRO_TESTS_DIR "/vectors/philox.json");
  return nlohmann::json::parse(file);
}
}  // namespace

TEST_CASE("Philox gives the published bits") {
  for (const auto all = vectors(); const auto& known : all.at("blocks")) {
    const PhiloxBlock counter = known.at("counter").get<PhiloxBlock>();
    REQUIRE(philox4x32(counter, known.at("key").get<std::uint64_t>()) ==
            known.at("block").get<PhiloxBlock>());
  }
}

TEST_CASE("a stream, a bounded number and a permutation are frozen") {
  for (const auto all = vectors(); const auto& known : all.at("streams")) {
    const auto seed = known.at("seed").get<std::uint64_t>();
    const std::string name = known.at("name");
    REQUIRE(stream_key(seed, name) == known.at("key").get<std::uint64_t>());
    const RandomStream stream(seed, name);
    const auto bound = known.at("bound").get<std::uint64_t>();
    std::vector<std::uint64_t> drawn;
    for (std::uint64_t i = 0; i < known.at("bounded").size(); ++i)
      drawn.push_back(stream.bounded(i, bound));
    REQUIRE(drawn == known.at("bounded").get<std::vector<std::uint64_t>>());
    std::vector<std::int64_t> order(known.at("permutation").size());
    permutation(order, stream);
    REQUIRE(order == known.at("permutation").get<std::vector<std::int64_t>>());
  }
}

TEST_CASE("bounded integers are not biased towards small ones") {
  const RandomStream stream(7, "bias");
  std::vector<int> counts(6, 0);
  for (std::uint64_t i = 0; i < 60000; ++i) ++counts[stream.bounded(i, 6)];
  double x2 = 0;
  for (const int count : counts) x2 += (count - 10000.0) * (count - 10000.0) / 10000.0;
  REQUIRE(x2 < 25);  // 5 degrees of freedom: p = 1e-4
  // Without rejection, two thirds of 2^64 as a bound would give half of the numbers twice as often
  // as the others.
  const std::uint64_t bound = UINT64_MAX / 3 * 2;
  int low = 0;
  for (std::uint64_t i = 0; i < 20000; ++i) low += stream.bounded(i, bound) % 2 == 0 ? 1 : 0;
  REQUIRE(low > 9700);
  REQUIRE(low < 10300);
  REQUIRE(stream.bounded(3, 1) == 0);
}

TEST_CASE("a shuffle reaches every order about equally often, and loses nothing") {
  std::vector<int> counts(24, 0);
  for (std::uint64_t seed = 0; seed < 24000; ++seed) {
    std::vector<std::int64_t> order(4);
    permutation(order, RandomStream(seed, "orders"));
    std::int64_t code = 0;
    std::vector<std::int64_t> rest{0, 1, 2, 3};
    for (const std::int64_t item : order) {
      const auto at = std::find(rest.begin(), rest.end(), item);
      REQUIRE(at != rest.end());
      code = code * static_cast<std::int64_t>(rest.size()) + (at - rest.begin());
      rest.erase(at);
    }
    ++counts[static_cast<std::size_t>(code)];
  }
  double x2 = 0;
  for (const int count : counts) x2 += (count - 1000.0) * (count - 1000.0) / 1000.0;
  REQUIRE(x2 < 60);  // 23 degrees of freedom: p = 4e-5
}
