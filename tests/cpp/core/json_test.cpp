// SPDX-License-Identifier: Apache-2.0
#include "core/json.hpp"

#include <limits>

#include <mlrepro/core/errors.hpp>

#include "catch_compat.hpp"

using namespace mlrepro;
using namespace mlrepro::detail::core;

TEST_CASE("numbers are printed as ECMAScript prints them", "[json]") {
  CHECK(format_number(1e21) == "1e+21");
  CHECK(format_number(1e20) == "100000000000000000000");
  CHECK(format_number(1e-6) == "0.000001");
  CHECK(format_number(1e-7) == "1e-7");
  CHECK(format_number(-0.0) == "0");
  CHECK(format_number(1.0) == "1");
  CHECK(format_number(0.1) == "0.1");
  CHECK(format_number(5e-324) == "5e-324");
  CHECK(format_number(1.7976931348623157e308) == "1.7976931348623157e+308");
  CHECK(format_number(-123.456) == "-123.456");
  CHECK_THROWS_AS(format_number(std::numeric_limits<double>::quiet_NaN()), FormatError);
}

TEST_CASE("keys are sorted by UTF-16, where an emoji stands before U+FB33", "[json]") {
  const Json json{{"\xef\xac\xb3", 1}, {"\xf0\x9f\x98\x80", 2}, {"a", "\x01\"\\\n"}};
  CHECK(canonical_json(json) ==
        "{\"a\":\"\\u0001\\\"\\\\\\n\",\"\xf0\x9f\x98\x80\":2,\"\xef\xac\xb3\":1}");
}

TEST_CASE("a field that occurs twice and a text that breaks off are refused", "[json]") {
  CHECK_THROWS_WITH(parse_json(R"({"a":1,"a":2})", "plan"),
                    Catch::Matchers::Contains("'a' occurs twice"));
  CHECK_THROWS_WITH(parse_json(R"({"a":[1,2)", "plan"), Catch::Matchers::Contains("byte 10 of 9"));
  CHECK_NOTHROW(parse_json(R"([{"a":1},{"a":2}])", "plan"));
  CHECK_THROWS_AS(parse_json("1e999", "plan"), FormatError);
}

TEST_CASE("a document nested a million deep is refused, not walked into the end of the stack",
          "[json]") {
  const std::string deep = std::string(1'000'000, '[') + std::string(1'000'000, ']');
  CHECK_THROWS_AS(parse_json(deep, "plan"), FormatError);
  CHECK_THROWS_AS(parse_json("{\"version\":" + deep + "}", "plan"), FormatError);
}

TEST_CASE("an envelope of a newer version, another format or an unknown field is refused",
          "[json]") {
  Json json = envelope("plan", 1);
  json["parts"] = 3;
  CHECK(open_envelope(canonical_json(json), "plan", 1, {"parts"})["parts"] == 3);
  CHECK_THROWS_AS(open_envelope(canonical_json(json), "tree", 1, {"parts"}), FormatError);
  CHECK_THROWS_WITH(open_envelope(canonical_json(json), "plan", 1, {}),
                    Catch::Matchers::Contains("'parts' is not known"));
  CHECK_THROWS_WITH(open_envelope(canonical_json(json), "plan", 1, {"parts", "salt"}),
                    Catch::Matchers::Contains("'salt' is missing"));
  json["version"] = 2;
  CHECK_THROWS_AS(open_envelope(canonical_json(json), "plan", 1, {"parts"}), FormatError);
}

TEST_CASE("a value comes back from JSON with its class and every bit", "[json]") {
  const Value values[] = {missing,
                          true,
                          17,
                          -3,
                          ~0ULL,
                          std::numeric_limits<std::int64_t>::min(),
                          0.1,
                          1e300,
                          -5e-324,
                          std::numeric_limits<double>::infinity(),
                          "JFK",
                          "",
                          Value::date(-719162),
                          Value::timestamp(1383458400, TimeUnit::second),
                          Value::timestamp(-1, TimeUnit::nano),
                          Value::local_timestamp(5, TimeUnit::milli),
                          Value::duration(7, TimeUnit::micro)};
  for (const Value& value : values) {
    const Json json = parse_json(canonical_json(value_to_json(value)), "value");
    const OwnedValue back = value_from_json(json, "value");
    CHECK(element(back.get()) == element(value));
    CHECK(back.get().value_class() == value.value_class());
  }
}

TEST_CASE("equal values of different dtypes give equal JSON", "[json]") {
  CHECK(value_to_json(17) == value_to_json(17.0));
  CHECK(value_to_json(0.5f) == value_to_json(0.5));
  CHECK(value_to_json(Value::timestamp(1, TimeUnit::second)) ==
        value_to_json(Value::timestamp(1'000'000'000, TimeUnit::nano)));
}
