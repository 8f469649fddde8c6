// SPDX-License-Identifier: Apache-2.0
// JSON in and out: nlohmann-json reads and holds the document, the canonical writer (RFC 8785) is
// ours: sorted keys, shortest numbers laid out as ECMAScript does, no spaces. Only sources include
// this.
#pragma once
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <mlrepro/core/order_key.hpp>

#include "core/canonical.hpp"
#include "core/column.hpp"

namespace mlrepro::detail::core {

using Json = nlohmann::json;

std::string canonical_json(const Json& document);  // FormatError on NaN, inf
std::string format_number(double value);           // as ECMAScript's Number.prototype.toString
std::string display_number(double value);          // the same for people: also NaN, inf, -inf
std::string display_number(float value);           // shortest that round-trips in binary32
Json parse_json(std::string_view text,
                std::string_view what);  // FormatError: position; duplicate keys are refused

// {"format": "mlrepro.<what>", "version": v, "canon": 1}
Json envelope(std::string_view what, int version);
// Checks format, version (<= newest known), canon; every one of `fields` must be there, and none
// but those and `optional`.
Json open_envelope(std::string_view text, std::string_view what, int newest_version,
                   std::initializer_list<std::string_view> fields,
                   std::initializer_list<std::string_view> optional = {});

// Values keep their class and every bit: 17, {"int":"9007199254740993"},
// {"v":0.1,"bits":"3fb999999999999a"}, "JFK", true, null, {"date":-3}, {"instant":"1383458400s"},
// {"local":"5ms"}, {"duration":"7ns"} (in the coarsest exact unit).
Json value_to_json(const Value& value);
struct OwnedValue {  // a Value and the text that it borrows
  std::string text{};
  Value fixed{};
  bool is_text = false;
  Value get() const noexcept { return is_text ? Value(std::string_view(text)) : fixed; }
  static OwnedValue of(const Value& v);
};
OwnedValue value_from_json(const Json& json, std::string_view what);
Json double_to_json(double value);  // {"v":...,"bits":...}; NaN and inf: "v" null
double double_from_json(const Json& json, std::string_view what);
std::string int128_text(Int128 value);

}  // namespace mlrepro::detail::core
