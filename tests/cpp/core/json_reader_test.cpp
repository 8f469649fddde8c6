// SPDX-License-Identifier: Apache-2.0
#include "core/json_reader.hpp"

#include <array>

#include <mlrepro/core/errors.hpp>

#include "catch_compat.hpp"

using namespace mlrepro;
using detail::core::Json;
using detail::core::JsonReader;

namespace {
constexpr JsonReader kRead("the thing");
constexpr std::array<std::string_view, 2> kWords{"left", "right"};
}  // namespace

TEST_CASE("fields of the right type are read") {
  const Json json = Json::parse(
      R"({"n":3,"minus":-1,"word":"right","yes":true,"names":["a","b"],"list":[1],
          "hash":"000102030405060708090a0b0c0d0e0f"})");
  CHECK(kRead.count(json, "n") == 3);
  CHECK(kRead.small(json, "minus", -1) == -1);
  CHECK(kRead.flag(json, "yes"));
  CHECK(kRead.text(json, "word") == "right");
  CHECK(kRead.choice(json, "word", kWords) == 1);
  CHECK(kRead.texts(json, "names") == std::vector<std::string>{"a", "b"});
  CHECK(kRead.count_in(kRead.list(json, "list")[0], "list") == 1);
  CHECK(kRead.hash(json, "hash").high == 0x0001020304050607U);
  CHECK(kRead.hash(json, "hash").low == 0x08090a0b0c0d0e0fU);
}

TEST_CASE("what is missing, of another type or out of range is refused by name") {
  const auto refused = [](const char* text, const auto& read) {
    const Json json = Json::parse(text);
    try {
      read(json);
    } catch (const FormatError& error) {
      return std::string(error.what()).find("the thing is damaged: field 'x'") == 0;
    }
    return false;
  };
  const auto count = [](const Json& j) { kRead.count(j, "x"); };
  for (const char* text : {"{}", "[]", "3", R"({"x":true})", R"({"x":1.0})", R"({"x":1e3})",
                           R"({"x":-1})", R"({"x":"1"})", R"({"x":null})",
                           R"({"x":9007199254740993})", R"({"x":18446744073709551615})"}) {
    INFO(text);
    CHECK(refused(text, count));
  }
  CHECK(refused(R"({"x":2147483648})", [](const Json& j) { kRead.small(j, "x"); }));
  CHECK(refused(R"({"x":18446744073709551615})", [](const Json& j) { kRead.small(j, "x", -1); }));
  CHECK(refused(R"({"x":1})", [](const Json& j) { kRead.flag(j, "x"); }));
  CHECK(refused(R"({"x":1})", [](const Json& j) { kRead.text(j, "x"); }));
  CHECK(refused(R"({"x":{}})", [](const Json& j) { kRead.list(j, "x"); }));
  CHECK(refused(R"({"x":["a",1]})", [](const Json& j) { kRead.texts(j, "x"); }));
  CHECK(refused(R"({"x":"up"})", [](const Json& j) { kRead.choice(j, "x", kWords); }));
  CHECK(refused(R"({"x":"00"})", [](const Json& j) { kRead.hash(j, "x"); }));
  CHECK(refused(R"({"x":"000102030405060708090A0B0C0D0E0F"})",
                [](const Json& j) { kRead.hash(j, "x"); }));
  CHECK_THROWS_AS(kRead.only(Json::parse(R"({"y":1})"), "a part", {"x"}), FormatError);
}
