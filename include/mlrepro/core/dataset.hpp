// SPDX-License-Identifier: Apache-2.0
// An immutable, typed, columnar table whose columns have roles, and whose rows have an identity
// that does not depend on their position. Arrow layout. Copying a Dataset is O(1); every method
// that "changes" it returns a new one. Thread safety: immutable, may be shared between threads.
#pragma once
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include <mlrepro/core/column_view.hpp>
#include <mlrepro/core/names.hpp>
#include <mlrepro/core/ref.hpp>

struct ArrowArrayStream;

namespace mlrepro {

// What the columns are for. Columns without a role are the features. Order of members is API.
struct Roles {
  Names key{};               // together unique, never null: the row's identity
  Names entity{};            // whom a row is about
  std::string time{};        // when the event happened
  std::string known_time{};  // when the row became visible
  std::string label{};
  std::string label_time{};  // when the label became known
  std::string prediction{};
  std::string weight{};
  Names join_outcome{};       // made by joins: matched, key not found, null key, ...
  std::string source_file{};  // which file a row was read from: no feature, moves no identity, is
                              // in no fingerprint; a probe may split on it
  Names duplicate{};          // made by with_duplicates(): whether a row has a copy; as source_file
};

struct RowId {  // 128 bits: equal rows (by key, or by value) have equal ids, on every machine and
                // in every order
  std::uint64_t low = 0, high = 0;
  bool operator==(const RowId&) const noexcept = default;
};

class Dataset {
 public:
  // Takes the stream: it is released on return, thrown or not. Several batches are joined; one
  // batch is zero-copy where the layout allows. Throws InputTypeError, SchemaError,
  // ColumnNotFoundError (a role that names no column). memory_limit: bytes that batches and the
  // columns made of them may take (0: any number); LimitError at the first batch that is too much.
  MLREPRO_API static Dataset from_arrow(ArrowArrayStream* stream, const Roles& roles = {},
                                        std::int64_t memory_limit = 0);
  MLREPRO_API static Dataset from_columns(std::span<const NamedColumn> columns,
                                          const Roles& roles = {});  // copies
  static Dataset from_columns(std::initializer_list<NamedColumn> columns, const Roles& roles = {}) {
    return from_columns(std::span(columns.begin(), columns.size()), roles);
  }

  MLREPRO_API RowIndex n_rows() const noexcept;
  MLREPRO_API int n_columns() const noexcept;
  MLREPRO_API std::string_view column_name(int i) const noexcept;
  MLREPRO_API int find(std::string_view name) const noexcept;  // -1: no such column
  MLREPRO_API ColumnView column(int i) const&;
  MLREPRO_API ColumnView
  operator[](std::string_view name) const&;  // ColumnNotFoundError, with the nearest names
  ColumnView column(int i) const&& = delete;
  ColumnView operator[](std::string_view name) const&& = delete;
  MLREPRO_API const Roles& roles() const& noexcept;
  MLREPRO_API std::string_view role_of(
      std::string_view name) const noexcept;  // "key", "label", ...; empty: a feature
  MLREPRO_API std::string_view fold()
      const noexcept;  // the part of a plan that this is; empty: a bare table

  // All of these keep the identity of rows that they keep.
  MLREPRO_API Dataset select(const Names& columns) const;
  MLREPRO_API Dataset drop(const Names& columns) const;
  MLREPRO_API Dataset
  take(std::span<const RowIndex> rows) const;  // ArgumentError on a row out of range
  MLREPRO_API Dataset filter(std::span<const std::uint8_t> keep) const;  // one byte a row, 0 or 1
  MLREPRO_API Dataset head(RowIndex n) const;
  MLREPRO_API Dataset with_columns(
      std::span<const NamedColumn> columns) const;  // replaces or adds; copies memory of yours
  MLREPRO_API Dataset with_columns(const Dataset& other) const;  // by position; shares them
  MLREPRO_API Dataset rename(std::string_view from, std::string_view to) const;
  // Whether a row equals another one in all of `columns` (none named: those without a role), as a
  // boolean column `name` with the role duplicate. Every copy is marked, the first too, so that the
  // order of rows does not matter. Missing (null and NaN) equals missing, 17 is 17.0. A column of
  // that name and role is replaced; ArgumentError if it has another role, SchemaError if no column
  // is left to compare. O(cells of the columns).
  MLREPRO_API Dataset with_duplicates(const Names& columns = {},
                                      std::string_view name = "duplicate", int threads = 0) const;
  // All roles anew. A new key is checked, and is the identity from then on; without a key, columns
  // declared as label, label_time, prediction or weight leave the identity.
  MLREPRO_API Dataset with_roles(const Roles& roles) const;
  MLREPRO_API Dataset with_fold(std::string_view fold) const;

  // Row identities for a purpose ("split", "probe-honest", ...): out has one element a row. O(cells
  // of the identity).
  MLREPRO_API void row_ids(std::string_view purpose, std::span<RowId> out, int threads = 0) const;
  // The same of any columns, in the order of their names; rows where one of them is missing have
  // is_missing[row] = 1.
  MLREPRO_API void key_ids(const Names& columns, std::string_view purpose, std::span<RowId> out,
                           std::span<std::uint8_t> is_missing, int threads = 0) const;
  MLREPRO_API bool identity_by_key()
      const noexcept;  // false: identity is a hash of the row's values
  MLREPRO_API Dataset
  identity() const;  // the columns that row_ids hashes; they outlive select and drop
  // How a pickle puts identity and roles back: the key is not checked, since take() and joins may
  // repeat its rows.
  MLREPRO_API Dataset with_identity(const Dataset& identity, bool by_key, const Roles& roles) const;

  // Canonical JSON: rows, fold, columns with name, type, unit, zone, ordered, role, n_null, n_nan,
  // n_inf, levels' count.
  MLREPRO_API std::string schema_json() const;
  MLREPRO_API void to_arrow(
      ArrowArrayStream* out) const;  // one batch, zero-copy; the caller releases it

  explicit Dataset(detail::Ref ref) noexcept : ref_(static_cast<detail::Ref&&>(ref)) {}
  const detail::Ref& ref() const noexcept { return ref_; }

 private:
  detail::Ref ref_;
};

}  // namespace mlrepro
