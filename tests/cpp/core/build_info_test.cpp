// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/core/build_info.hpp>
#include <mlrepro/version.hpp>
#include <nlohmann/json.hpp>

#include "catch_compat.hpp"

TEST_CASE("a run record never names another version than the library that ran") {
  const auto info = nlohmann::json::parse(mlrepro::build_info());
  REQUIRE(info.at("version") == MLREPRO_VERSION_STRING);
  REQUIRE(info.at("openmp").is_boolean());
  REQUIRE(info.at("threads") >= 1);
}

TEST_CASE("the level of SIMD in use is one that is supported, and that one is compiled") {
  const auto simd = nlohmann::json::parse(mlrepro::build_info()).at("simd");
  const auto has = [](const nlohmann::json& names, const nlohmann::json& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  REQUIRE(has(simd.at("supported"), simd.at("in_use")));
  for (const auto& name : simd.at("supported")) REQUIRE(has(simd.at("compiled"), name));
  REQUIRE(has(simd.at("supported"), "baseline"));
}
