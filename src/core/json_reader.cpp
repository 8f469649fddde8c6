// SPDX-License-Identifier: Apache-2.0
#include "core/json_reader.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "core/raise.hpp"

namespace mlrepro::detail::core {

void JsonReader::damaged(const std::string& why) const {
  raise<FormatError>({.message = std::string(what_) + " is damaged: " + why + ".",
                      .next_step = "Pass what save or to_json wrote, unchanged."});
}

void JsonReader::unknown(const char* name, std::string_view word) const {
  damaged("field " + in_quotes(name) + " is " + in_quotes(word));
}

void JsonReader::only(const Json& object, std::string_view where,
                      std::initializer_list<std::string_view> fields) const {
  if (!object.is_object()) damaged(std::string(where) + " is no object");
  for (const auto& item : object.items()) {
    if (std::find(fields.begin(), fields.end(), item.key()) == fields.end())
      damaged("unknown field " + in_quotes(item.key()) + " in " + std::string(where));
  }
}

const Json& JsonReader::field(const Json& object, const char* name) const {
  if (!object.is_object() || !object.contains(name))
    damaged("field " + in_quotes(name) + " is missing");
  return object[name];
}

const Json& JsonReader::list(const Json& object, const char* name) const {
  const Json& value = field(object, name);
  if (!value.is_array()) damaged("field " + in_quotes(name) + " is no list");
  return value;
}

bool JsonReader::flag(const Json& object, const char* name) const {
  const Json& value = field(object, name);
  if (!value.is_boolean()) damaged("field " + in_quotes(name) + " is neither true nor false");
  return value.get<bool>();
}

std::string JsonReader::text(const Json& object, const char* name) const {
  const Json& value = field(object, name);
  if (!value.is_string()) damaged("field " + in_quotes(name) + " is no text");
  return value.get<std::string>();
}

std::vector<std::string> JsonReader::texts(const Json& object, const char* name) const {
  std::vector<std::string> out;
  for (const Json& element : list(object, name)) {
    if (!element.is_string()) damaged("field " + in_quotes(name) + " is no list of texts");
    out.push_back(element.get<std::string>());
  }
  return out;
}

double JsonReader::real(const Json& object, const char* name) const {
  return double_from_json(field(object, name), what_);
}

double JsonReader::p_value(const Json& object, const char* name) const {
  const double p = real(object, name);
  if (p < 0 || p > 1) damaged("field " + in_quotes(name) + " is no probability");
  return p;
}

std::int64_t JsonReader::integer_in(const Json& value, const char* name, std::int64_t least,
                                    std::int64_t most) const {
  const bool wraps = value.is_number_unsigned() &&
                     value.get<std::uint64_t>() >
                         static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!value.is_number_integer() || wraps || value.get<std::int64_t>() < least ||
      value.get<std::int64_t>() > most) {
    damaged("field " + in_quotes(name) + " is no whole number from " + with_commas(least) + " to " +
            with_commas(most));
  }
  return value.get<std::int64_t>();
}

std::int64_t JsonReader::integer(const Json& object, const char* name, std::int64_t least,
                                 std::int64_t most) const {
  return integer_in(field(object, name), name, least, most);
}

int JsonReader::small(const Json& object, const char* name, int least) const {
  return static_cast<int>(integer(object, name, least, std::numeric_limits<int>::max()));
}

std::int64_t JsonReader::count_in(const Json& element, const char* name) const {
  return integer_in(element, name, 0, kMost);
}

void JsonReader::check_hex(std::string_view digits, const char* name, std::size_t n_digits) const {
  if (digits.size() == n_digits &&
      digits.find_first_not_of("0123456789abcdef") == std::string_view::npos)
    return;
  damaged("field " + in_quotes(name) + " is not of " + std::to_string(n_digits) +
          " hexadecimal digits");
}

std::string JsonReader::hex(const Json& object, const char* name, std::size_t n_digits) const {
  std::string digits = text(object, name);
  check_hex(digits, name, n_digits);
  return digits;
}

Hash128 JsonReader::hash(const Json& object, const char* name) const {
  return hash_in(field(object, name), name);
}

Hash128 JsonReader::hash_in(const Json& element, const char* name) const {
  return hash_from(element.is_string() ? element.get<std::string>() : "", name);
}

Hash128 JsonReader::hash_from(std::string_view digits, const char* name) const {
  check_hex(digits, name, 32);
  Hash128 h;
  std::from_chars(digits.data(), digits.data() + 16, h.high, 16);
  std::from_chars(digits.data() + 16, digits.data() + 32, h.low, 16);
  return h;
}

std::size_t JsonReader::choice(const Json& object, const char* name,
                               std::span<const std::string_view> valid) const {
  const std::string word = text(object, name);
  const auto at = std::find(valid.begin(), valid.end(), word);
  if (at == valid.end()) unknown(name, word);
  return static_cast<std::size_t>(at - valid.begin());
}

}  // namespace mlrepro::detail::core
