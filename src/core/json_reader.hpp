// SPDX-License-Identifier: Apache-2.0
// Fields of a document that anybody may have edited: there, of the type that is asked for, within
// bounds. FormatError names the document and the field.
#pragma once
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/hash.hpp"
#include "core/json.hpp"

namespace mlrepro::detail::core {

class JsonReader {
 public:
  static constexpr std::int64_t kMost = std::int64_t{1} << 53;

  explicit constexpr JsonReader(std::string_view what) noexcept : what_(what) {}

  [[noreturn]] void damaged(const std::string& why) const;
  // Refuses what is no object, or has another field than these.
  void only(const Json& object, std::string_view where,
            std::initializer_list<std::string_view> fields) const;

  const Json& field(const Json& object, const char* name) const;
  const Json& list(const Json& object, const char* name) const;
  bool flag(const Json& object, const char* name) const;
  std::string text(const Json& object, const char* name) const;
  std::vector<std::string> texts(const Json& object, const char* name) const;
  double real(const Json& object, const char* name) const;     // as double_to_json wrote it
  double p_value(const Json& object, const char* name) const;  // from 0 to 1, or NaN
  std::int64_t integer(const Json& object, const char* name, std::int64_t least,
                       std::int64_t most = kMost) const;
  int small(const Json& object, const char* name, int least = 0) const;
  std::int64_t count(const Json& object, const char* name) const {
    return integer(object, name, 0);
  }
  // The value of an enumeration from 0 to `last` that to_string calls so.
  template <class Enum>
  Enum named(const Json& object, const char* name, Enum last) const {
    const std::string word = text(object, name);
    for (int i = 0; i <= static_cast<int>(last); ++i) {
      if (to_string(static_cast<Enum>(i)) == word) return static_cast<Enum>(i);
    }
    unknown(name, word);
  }
  // As many hexadecimal digits in small letters.
  std::string hex(const Json& object, const char* name, std::size_t n_digits) const;
  Hash128 hash(const Json& object, const char* name) const;  // of 32 of them
  // The position of a word among those that are valid.
  std::size_t choice(const Json& object, const char* name,
                     std::span<const std::string_view> valid) const;

  // The same of an element of the list `name`.
  std::int64_t count_in(const Json& element, const char* name) const;
  Hash128 hash_in(const Json& element, const char* name) const;
  Hash128 hash_from(std::string_view digits, const char* name) const;

 private:
  [[noreturn]] void unknown(const char* name, std::string_view word) const;
  std::int64_t integer_in(const Json& value, const char* name, std::int64_t least,
                          std::int64_t most) const;
  void check_hex(std::string_view digits, const char* name, std::size_t n_digits) const;

  std::string_view what_;
};

}  // namespace mlrepro::detail::core
