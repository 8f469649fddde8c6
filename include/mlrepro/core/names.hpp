// SPDX-License-Identifier: Apache-2.0
// One name or a list of names, owned: {.by = "vehicle"}, {.key = {"carrier", "flight"}}. Order is
// kept. Thread safety: as std::vector: reading may be shared, adding may not.
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>

#include <mlrepro/core/value.hpp>

namespace mlrepro {

class Names {
 public:
  struct Name {  // keeps {{"a", "b"}} from being read as an iterator pair
    template <detail::Text T>
    Name(const T& t) : text(t) {}
    std::string_view text;
  };

  Names() = default;
  template <detail::Text T>
  Names(const T& one) {
    add(one);
  }
  Names(std::initializer_list<Name> list) {
    for (const Name& n : list) add(n.text);
  }
  MLREPRO_API void add(std::string_view name);
  MLREPRO_API int size() const noexcept;
  MLREPRO_API std::string_view operator[](int i) const noexcept;  // 0 <= i < size()
  bool empty() const noexcept { return packed_.empty(); }
  MLREPRO_API bool contains(std::string_view name) const noexcept;
  bool operator==(const Names& other) const noexcept { return packed_ == other.packed_; }

 private:
  std::string packed_;  // each name as eight bytes of length, then its bytes
};

}  // namespace mlrepro
