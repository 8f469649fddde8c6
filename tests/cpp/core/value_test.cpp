// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/core/value.hpp>

#include <limits>

#include "catch_compat.hpp"

using mlrepro::Value;
using mlrepro::ValueClass;

TEST_CASE("a cell keeps its class, its bits and its text", "[value]") {
  CHECK(Value().is_missing());
  CHECK(Value(true).value_class() == ValueClass::boolean);
  CHECK(Value(17U).bits() == 17);
  CHECK(Value(-1).number_form() == Value::NumberForm::signed_integer);
  CHECK(Value(~0ULL).number_form() == Value::NumberForm::unsigned_integer);
  CHECK(Value("JFK").text() == "JFK");
  CHECK(Value(std::string_view()).text().empty());
  CHECK(Value(std::string_view()).value_class() == ValueClass::text);
  CHECK(Value::date(-3).value_class() == ValueClass::date);
}

TEST_CASE("NaN of any payload is missing, infinity is a value", "[value]") {
  CHECK(Value(std::numeric_limits<double>::quiet_NaN()).is_missing());
  CHECK(Value(std::bit_cast<double>(0xfff0000000000001U)).is_missing());
  CHECK(Value(std::numeric_limits<float>::quiet_NaN()).is_missing());
  CHECK_FALSE(Value(std::numeric_limits<double>::infinity()).is_missing());
  CHECK_FALSE(Value(-std::numeric_limits<float>::infinity()).is_missing());
}
