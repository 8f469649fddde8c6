// SPDX-License-Identifier: Apache-2.0
#include "core/json.hpp"

#include <algorithm>
#include <bit>
#include <cfenv>
#include <charconv>
#include <cstdio>
#include <set>

#include "core/fp_guard.hpp"
#include "core/raise.hpp"

namespace mlrepro::detail::core {

namespace {

// glibc's strtod asks the x87 control word for the rounding mode, which FpGuard does not touch.
class NearestRounding {
 public:
  NearestRounding() noexcept : saved_(std::fegetround()) { std::fesetround(FE_TONEAREST); }
  ~NearestRounding() { std::fesetround(saved_); }
  NearestRounding(const NearestRounding&) = delete;
  NearestRounding& operator=(const NearestRounding&) = delete;

 private:
  int saved_;
};

constexpr int kCanon = 1;
constexpr int kDeepest = 64;
constexpr std::int64_t kExactInteger =
    (std::int64_t{1} << 53) - 1;  // every JSON number is a double

[[noreturn]] void raise_format(std::string message, std::string next_step) {
  raise<FormatError>({.message = std::move(message), .next_step = std::move(next_step)});
}

std::u16string utf16(std::string_view text) {  // RFC 8785 sorts keys by UTF-16 code units
  std::u16string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const int extra = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    std::uint32_t point = extra == 0 ? lead : lead & (0x3fU >> extra);
    for (int k = 1; k <= extra && i + static_cast<std::size_t>(k) < text.size(); ++k) {
      point =
          point << 6 | (static_cast<unsigned char>(text[i + static_cast<std::size_t>(k)]) & 0x3fU);
    }
    i += static_cast<std::size_t>(extra) + 1;
    if (point >= 0x10000) {
      out += static_cast<char16_t>(0xd800 + ((point - 0x10000) >> 10));
      out += static_cast<char16_t>(0xdc00 + ((point - 0x10000) & 0x3ff));
    } else {
      out += static_cast<char16_t>(point);
    }
  }
  return out;
}

void write_string(std::string_view text, std::string& out) {
  out += '"';
  for (char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          char escape[8];
          std::snprintf(escape, sizeof escape, "\\u%04x",
                        static_cast<unsigned>(static_cast<unsigned char>(c)));
          out += escape;
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

void write(const Json& json, std::string& out);

void write_object(const Json& json, std::string& out) {
  std::vector<std::pair<std::u16string, const std::string*>> keys;
  for (auto it = json.begin(); it != json.end(); ++it)
    keys.emplace_back(utf16(it.key()), &it.key());
  std::sort(keys.begin(), keys.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  out += '{';
  for (const auto& [order, key] : keys) {
    if (out.back() != '{') out += ',';
    write_string(*key, out);
    out += ':';
    write(json[*key], out);
  }
  out += '}';
}

void write(const Json& json, std::string& out) {
  switch (json.type()) {
    case Json::value_t::object:
      write_object(json, out);
      break;
    case Json::value_t::array: {
      out += '[';
      bool first = true;
      for (const Json& item : json) {
        if (!first) out += ',';
        first = false;
        write(item, out);
      }
      out += ']';
      break;
    }
    case Json::value_t::string:
      write_string(json.get_ref<const std::string&>(), out);
      break;
    case Json::value_t::boolean:
      out += json.get<bool>() ? "true" : "false";
      break;
    case Json::value_t::number_integer:
      out += std::to_string(json.get<std::int64_t>());
      break;
    case Json::value_t::number_unsigned:
      out += std::to_string(json.get<std::uint64_t>());
      break;
    case Json::value_t::number_float:
      out += format_number(json.get<double>());
      break;
    default:
      out += "null";
  }
}

std::string hex16(std::uint64_t bits) {
  char text[24];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(bits));
  return text;
}

template <class T>
T number_in(std::string_view text, std::string_view what, int base = 10) {
  T value{};
  const std::from_chars_result end =
      std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size()) {
    raise_format(std::string(what) + ": " + in_quotes(text) + " is not an integer that fits.",
                 "Save it again.");
  }
  return value;
}

}  // namespace

std::string canonical_json(const Json& document) {
  std::string out;
  write(document, out);
  return out;
}

Json parse_json(std::string_view text, std::string_view what) {
  const FpGuard guard;
  const NearestRounding rounding;
  std::vector<std::set<std::string>> open;
  std::string repeated;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (depth > kDeepest) {  // whoever walks the document may recurse
      raise_format(std::string(what) + ": it is nested more than " + std::to_string(kDeepest) +
                       " levels deep, which no document of mlrepro is.",
                   "Check that this is the file you meant.");
    }
    if (event == Json::parse_event_t::object_start) open.emplace_back();
    if (event == Json::parse_event_t::object_end && !open.empty()) open.pop_back();
    if (event == Json::parse_event_t::key && !open.empty() &&
        !open.back().insert(parsed.get<std::string>()).second) {
      repeated = parsed.get<std::string>();
    }
    return true;
  };
  try {
    Json json = Json::parse(text.begin(), text.end(), watch);
    if (!repeated.empty()) {
      raise_format(std::string(what) + ": field " + in_quotes(repeated) + " occurs twice.",
                   "Keep one of them.");
    }
    return json;
  } catch (const Json::parse_error& error) {
    raise_format(std::string(what) + " is not JSON: it breaks off or goes wrong at byte " +
                     std::to_string(error.byte) + " of " + std::to_string(text.size()) + ".",
                 "Save it again, or check that the whole file was read.");
  } catch (const Json::exception& error) {  // a number that no double holds
    raise_format(std::string(what) + " is not JSON that can be read: " + error.what() + ".",
                 "Save it again.");
  }
}

Json envelope(std::string_view what, int version) {
  return Json{{"format", "mlrepro." + std::string(what)}, {"version", version}, {"canon", kCanon}};
}

Json open_envelope(std::string_view text, std::string_view what, int newest_version,
                   std::initializer_list<std::string_view> fields,
                   std::initializer_list<std::string_view> optional) {
  const std::string format = "mlrepro." + std::string(what);
  Json json = parse_json(text, format);
  if (!json.is_object() || !json.contains("format") || json["format"] != format) {
    raise_format("this is not a " + format + " document.",
                 "Read it as what its format says; mr.load of the Python package finds out.");
  }
  if (!json.contains("version") || !json["version"].is_number_integer() || json["version"] < 1 ||
      json["version"] > newest_version) {
    raise_format(format + ": version " +
                     (json.contains("version") ? json["version"].dump() : "is missing and") +
                     " is not known to this library, which reads up to " +
                     std::to_string(newest_version) + ".",
                 "Update mlrepro.");
  }
  if (!json.contains("canon") || json["canon"] != kCanon) {
    raise_format(format + ": its canonical form (canon) is not " + std::to_string(kCanon) + ".",
                 "Update mlrepro.");
  }
  for (auto it = json.begin(); it != json.end(); ++it) {
    const std::string& key = it.key();
    if (key == "format" || key == "version" || key == "canon") continue;
    if (std::find(fields.begin(), fields.end(), key) == fields.end() &&
        std::find(optional.begin(), optional.end(), key) == optional.end()) {
      raise_format(format + ": field " + in_quotes(key) + " is not known.",
                   "Update mlrepro, or remove the field.");
    }
  }
  for (std::string_view field : fields) {
    if (!json.contains(std::string(field))) {
      raise_format(format + ": field " + in_quotes(field) + " is missing.", "Save it again.");
    }
  }
  return json;
}

namespace {

Json for_readers(double value) {  // null where JSON has no such number
  const bool finite = (std::bit_cast<std::uint64_t>(value) & ~kSign64) < 0x7ff0000000000000U;
  return finite ? Json(value) : Json(nullptr);
}

}  // namespace

Json double_to_json(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const bool nan = (bits & ~kSign64) > 0x7ff0000000000000U;
  return Json{{"v", for_readers(value)}, {"bits", hex16(nan ? 0x7ff8000000000000U : bits)}};
}

double double_from_json(const Json& json, std::string_view what) {
  if (!json.is_object() || !json.contains("v") || !json.contains("bits") ||
      !json["bits"].is_string()) {
    raise_format(std::string(what) + ": a number with its bits is expected.", "Save it again.");
  }
  const auto value = std::bit_cast<double>(
      number_in<std::uint64_t>(json["bits"].get_ref<const std::string&>(), what, 16));
  const Json says = for_readers(value);
  if (json["v"] != says) {
    raise_format(std::string(what) + ": a number says " + json["v"].dump() + ", and its bits say " +
                     says.dump() + ".",
                 "Numbers cannot be edited in a saved file: save it again.");
  }
  return value;
}

namespace {

// The number class without dtype: integers as integers, whatever column they came from.
Json number_to_json(const Value& v) {
  const std::string bytes = element(v);
  std::uint64_t payload = 0;
  for (int i = 0; i < 8; ++i) {
    payload |= std::uint64_t{static_cast<unsigned char>(bytes[static_cast<std::size_t>(i) + 1])}
               << (8 * i);
  }
  if (bytes[0] == 2 && payload <= static_cast<std::uint64_t>(kExactInteger)) return payload;
  if (bytes[0] == 2) return Json{{"int", std::to_string(payload)}};
  const auto negative = static_cast<std::int64_t>(payload);
  if (bytes[0] == 3 && negative >= -kExactInteger) return negative;
  if (bytes[0] == 3) return Json{{"int", std::to_string(negative)}};
  return double_to_json(std::bit_cast<double>(payload));
}

std::string ticks_text(const Value& v) {
  return std::to_string(static_cast<std::int64_t>(v.bits())) +
         std::string(mlrepro::to_string(v.unit()));
}

// "1383458400s": ticks and unit; times keep the unit in which they were given, since int64
// nanoseconds would overflow.
Value time_from_text(std::string_view text, ValueClass value_class, std::string_view what) {
  TimeUnit unit = TimeUnit::second;
  std::size_t cut = 1;
  for (TimeUnit u : {TimeUnit::milli, TimeUnit::micro, TimeUnit::nano}) {
    if (!text.ends_with(mlrepro::to_string(u))) continue;
    unit = u;
    cut = 2;
  }
  if (text.size() <= cut || text.back() != 's')
    raise_format(std::string(what) + ": not a time.", "Save it again.");
  const auto ticks = number_in<std::int64_t>(text.substr(0, text.size() - cut), what);
  if (value_class == ValueClass::timestamp) return Value::timestamp(ticks, unit);
  if (value_class == ValueClass::local_timestamp) return Value::local_timestamp(ticks, unit);
  return Value::duration(ticks, unit);
}

// The coarsest unit that holds the instant exactly: a column in ns and one in s give one text.
Value coarsest(const Value& v) {
  auto ticks = static_cast<std::int64_t>(v.bits());
  auto unit = static_cast<int>(v.unit());
  for (; unit > 0 && ticks % 1000 == 0; --unit) ticks /= 1000;
  const auto u = static_cast<TimeUnit>(unit);
  if (v.value_class() == ValueClass::timestamp) return Value::timestamp(ticks, u);
  if (v.value_class() == ValueClass::local_timestamp) return Value::local_timestamp(ticks, u);
  return Value::duration(ticks, u);
}

}  // namespace

Json value_to_json(const Value& v) {
  switch (v.value_class()) {
    case ValueClass::missing:
      return nullptr;
    case ValueClass::boolean:
      return v.bits() != 0;
    case ValueClass::number:
      return v.is_nan() ? Json(nullptr) : number_to_json(v);
    case ValueClass::text:
      return std::string(v.text());
    case ValueClass::date:
      return Json{{"date", static_cast<std::int64_t>(v.bits())}};
    case ValueClass::timestamp:
      return Json{{"instant", ticks_text(coarsest(v))}};
    case ValueClass::local_timestamp:
      return Json{{"local", ticks_text(coarsest(v))}};
    case ValueClass::duration:
      return Json{{"duration", ticks_text(coarsest(v))}};
  }
  return nullptr;
}

OwnedValue OwnedValue::of(const Value& v) {
  if (v.value_class() == ValueClass::text) return {std::string(v.text()), {}, true};
  return {{}, v, false};
}

OwnedValue value_from_json(const Json& json, std::string_view what) {
  if (json.is_null()) return {};
  if (json.is_boolean()) return OwnedValue::of(json.get<bool>());
  if (json.is_string()) return {json.get<std::string>(), {}, true};
  if (json.is_number_unsigned()) return OwnedValue::of(json.get<std::uint64_t>());
  if (json.is_number_integer()) return OwnedValue::of(json.get<std::int64_t>());
  if (json.is_object() && json.contains("bits"))
    return OwnedValue::of(double_from_json(json, what));
  if (json.is_object() && json.size() == 1) {
    const std::string key = json.begin().key();
    const Json& inside = json.begin().value();
    if (key == "date" && inside.is_number_integer()) {
      return OwnedValue::of(
          Value::date(number_in<std::int32_t>(std::to_string(inside.get<std::int64_t>()), what)));
    }
    const std::string text = inside.is_string() ? inside.get<std::string>() : "";
    if (key == "int" && text.starts_with('-'))
      return OwnedValue::of(number_in<std::int64_t>(text, what));
    if (key == "int") return OwnedValue::of(number_in<std::uint64_t>(text, what));
    if (key == "instant") return OwnedValue::of(time_from_text(text, ValueClass::timestamp, what));
    if (key == "local")
      return OwnedValue::of(time_from_text(text, ValueClass::local_timestamp, what));
    if (key == "duration") return OwnedValue::of(time_from_text(text, ValueClass::duration, what));
  }
  raise_format(std::string(what) + ": " +
                   json.dump(-1, ' ', false, Json::error_handler_t::replace).substr(0, 60) +
                   " is not a value.",
               "Save it again.");
}

}  // namespace mlrepro::detail::core
