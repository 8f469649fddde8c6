// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/core/build_info.hpp>
#include <mlrepro/version.hpp>
#include <nlohmann/json.hpp>

#include "catch_compat.hpp"

TEST_CASE("a run record never names another version than the library that ran") {
  const auto info = nlohmann::json::parse(mlrepro::build_info());
  REQUIRE(info.at("version") == MLREPRO_VERSION_STRING);
  REQUIRE(info.at("openmp").is_boolean());
}
