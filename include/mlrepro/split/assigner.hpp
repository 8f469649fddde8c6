// SPDX-License-Identifier: Apache-2.0
// Answers for one key in which part of a split it belongs, with the answer that the whole table
// gets. Guarantees: assign and try_assign allocate nothing and take no lock (assign allocates when
// it throws); copies are O(1). Thread safety: immutable, may be shared between threads.
#pragma once
#include <initializer_list>
#include <span>
#include <string_view>

#include <mlrepro/core/ref.hpp>
#include <mlrepro/core/value.hpp>

namespace mlrepro::split {

struct Part {
  std::string_view name;  // valid as long as the object that gave it
  RowIndex n_rows;        // of the table that was split; 0 for a splitter
};

class Assigner {
 public:
  // The parts in the order written, then the reserved ones that can occur: purged, quarantine,
  // missing, new.
  [[nodiscard]] MLREPRO_API std::span<const Part> parts() const& noexcept;
  std::span<const Part> parts() const&& =
      delete;  // for (p : split.plan(rows).parts()) would dangle
  // What assign takes, in this order. Class `missing`: values of any class (a splitter that has
  // seen no table).
  [[nodiscard]] MLREPRO_API std::span<const Field> key() const& noexcept;
  std::span<const Field> key() const&& = delete;

  // The part's name, valid as long as *this. A missing value gives "missing", a key that a
  // table-fitted plan has not seen "new". SchemaError on a value of another class ("17" is not 17),
  // ArgumentError on another number of values.
  [[nodiscard]] MLREPRO_API std::string_view assign(std::span<const Value> key) const&;
  [[nodiscard]] std::string_view assign(std::initializer_list<Value> key) const& {
    return assign(std::span(key.begin(), key.size()));
  }
  [[nodiscard]] std::string_view assign(const Value& key) const& {
    return assign(std::span(&key, 1));
  }
  template <mlrepro::detail::Text T>  // borrowed for this call only, so a temporary string is fine
  [[nodiscard]] std::string_view assign(const T& key) const& {
    return assign(Value(std::string_view(key)));
  }
  template <class K>
  std::string_view assign(K&&) const&& = delete;  // the name would outlive its owner
  std::string_view assign(std::initializer_list<Value>) const&& = delete;

  // Index into parts(), -1 where assign throws.
  [[nodiscard]] MLREPRO_API int try_assign(std::span<const Value> key) const noexcept;
  [[nodiscard]] int try_assign(std::initializer_list<Value> key) const noexcept {
    return try_assign(std::span(key.begin(), key.size()));
  }
  [[nodiscard]] int try_assign(const Value& key) const noexcept {
    return try_assign(std::span(&key, 1));
  }
  template <mlrepro::detail::Text T>
  [[nodiscard]] int try_assign(const T& key) const noexcept {
    return try_assign(Value(std::string_view(key)));
  }

 protected:
  explicit Assigner(mlrepro::detail::Ref ref) noexcept
      : ref_(static_cast<mlrepro::detail::Ref&&>(ref)) {}
  mlrepro::detail::Ref ref_;
};

}  // namespace mlrepro::split
