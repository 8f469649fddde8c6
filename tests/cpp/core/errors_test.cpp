// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/core/errors.hpp>

#include <array>
#include <string>

#include "catch_compat.hpp"
#include "core/raise.hpp"

using namespace mlrepro;
using detail::core::raise;

TEST_CASE("an error keeps its column, row and next step when caught as std::exception",
          "[errors]") {
  try {
    raise<SchemaError>({.message = "column 'x' is odd.",
                        .column = "x",
                        .example_row = 7,
                        .next_step = "Cast it."});
  } catch (const std::exception& caught) {
    CHECK(std::string(caught.what()) == "column 'x' is odd. Cast it.");
    const auto* error = dynamic_cast<const Error*>(&caught);
    REQUIRE(error != nullptr);
    CHECK(error->name() == "SchemaError");
    CHECK(error->column() == "x");
    CHECK(error->example_row() == 7);
    CHECK(error->next_step() == "Cast it.");
  }
}

TEST_CASE("a copy of an error outlives the first", "[errors]") {
  Error kept = [] {
    try {
      raise<LimitError>({.message = "too much."});
    } catch (const Error& error) {
      return error;
    }
  }();
  CHECK(std::string(kept.what()) == "too much.");
  CHECK(kept.example_row() == -1);
}

TEST_CASE("a misspelt option is answered with the valid ones and the nearest", "[errors]") {
  constexpr std::array<std::string_view, 3> kValid = {"unbiased", "gain", "none"};
  CHECK_THROWS_WITH(
      detail::core::raise_unknown_option("selection", "unbaised", kValid),
      "selection 'unbaised' is not one of unbiased, gain, none. Did you mean 'unbiased'?");
  CHECK(detail::core::nearest("zzzzzzzz", kValid).empty());
}

TEST_CASE("counts and long texts are cut where a reader expects it", "[errors]") {
  CHECK(detail::core::with_commas(336776) == "336,776");
  CHECK(detail::core::with_commas(-1234567) == "-1,234,567");
  CHECK(detail::core::with_commas(999) == "999");
  std::string text;
  for (int i = 0; i < 40; ++i)
    text += "\xc3\xa9";  // two bytes each: 60 bytes is a border between characters
  const std::string shown = detail::core::in_quotes("x" + text);
  CHECK(shown.find("\xc3...") == std::string::npos);
}
