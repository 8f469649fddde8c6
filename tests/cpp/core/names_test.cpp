// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/core/names.hpp>

#include <string>

#include "catch_compat.hpp"

using mlrepro::Names;

TEST_CASE("two names in braces are two names, not a pair of iterators", "[names]") {
  const Names names = {"carrier", "flight"};
  REQUIRE(names.size() == 2);
  CHECK(names[0] == "carrier");
  CHECK(names[1] == "flight");
  CHECK(names.contains("flight"));
  CHECK_FALSE(names.contains("fl"));
}

TEST_CASE("names may hold any bytes, also none", "[names]") {
  Names names = std::string("a\0b", 3);
  names.add("");
  names.add("d\xc3\xa9part");
  REQUIRE(names.size() == 3);
  CHECK(names[0] == std::string_view("a\0b", 3));
  CHECK(names[1].empty());
  CHECK(names[2] == "d\xc3\xa9part");
  CHECK(names[3].empty());
  CHECK(Names().empty());
}
