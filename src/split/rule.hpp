// SPDX-License-Identifier: Apache-2.0
// What decides the part of a row: a hash of its key, its time, or both. The same code answers one
// key (noexcept, no allocation) and a table. Integers only.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <mlrepro/core/order_key.hpp>
#include <mlrepro/split/hash_split.hpp>

#include "core/hash.hpp"
#include "core/table.hpp"

namespace mlrepro::detail::split {

using core::Hash128;
using core::Int128;

inline constexpr int kMostKeyColumns =
    16;  // of by=, so that one key can be put in order on the stack

struct KeyField {
  std::string name;
  ValueClass value_class = ValueClass::missing;  // missing: any
  bool operator==(const KeyField&) const = default;
};

// Hash of a key -> part. Unseen keys of a closed table have no part (-1).
struct KeyRule {
  enum class Method : std::uint8_t { fractions, folds, closed };
  enum class Identity : std::uint8_t {
    by,
    key,
    values
  };  // columns of by=, the key's, or all that identify a row

  Method method = Method::fractions;
  Identity identity = Identity::by;
  std::vector<mlrepro::split::Fraction>
      parts{};  // of fractions, and of closed ones made from fractions
  std::uint64_t n_folds = 0;
  std::string salt{};
  std::vector<int> name_order{};  // positions of the key fields in the order of their names
  std::uint64_t seed = 0;
  std::vector<std::uint64_t> cuts{};          // of fractions
  std::vector<Hash128> closed_keys{};         // sorted
  std::vector<std::uint16_t> closed_parts{};  // beside closed_keys

  void set_seed(std::string_view level);  // from salt and level
  bool null_is_value() const noexcept { return identity == Identity::values; }
  int part(const Hash128& h) const noexcept;
  Hash128 hash(std::span<const Value> key) const noexcept;  // key in the order of the fields
};

inline constexpr std::string_view kIdentities[] = {"by", "key", "values"};
constexpr std::string_view to_string(KeyRule::Identity identity) noexcept {
  return kIdentities[static_cast<std::size_t>(identity)];
}

enum class Side : std::uint8_t { past, purged, future, missing };

struct TimeRule {
  Int128 cut = 0;  // first test instant, ns
  Int128 reach =
      0;  // ns after its time that a row's label spans; 0 with a label_time and no purge by hand
  bool has_label_time = false, has_known_time = false;
  int n_fields() const noexcept { return 1 + (has_label_time ? 1 : 0) + (has_known_time ? 1 : 0); }
  Side side(std::span<const Value> fields)
      const noexcept;  // time, label_time, known_time: those that there are
};

Int128 nanoseconds(const Value& time) noexcept;  // of a date, timestamp or local_timestamp

// All of a splitter or plan that answers keys. Key fields: first those of the time rule, then those
// of the hash.
struct Rule {
  std::string splitter{}, level{};  // level: the fold that is split
  std::vector<KeyField> key{};
  bool has_time = false, has_hash = false;
  bool is_folds() const noexcept { return hash.n_folds > 0; }
  TimeRule time{};
  KeyRule hash{};
  std::vector<std::string> part_names{};  // named ones, then reserved ones
  int n_named = 0;
  int purged = -1, quarantine = -1, missing = -1, new_key = -1;  // index, -1: cannot occur
  int hash_train = 0;  // with both: which part of the hash is training's

  void set_parts();  // names and reserved indices, from all the rest
  int decide(std::span<const Value> key) const noexcept;  // -1: wrong length or class
  [[noreturn]] void raise_wrong_key(std::span<const Value> key) const;
  int combine(Side side, int hash_part) const noexcept;      // hash_part: -1 unseen key, -2 missing
  int hash_part(std::span<const Value> key) const noexcept;  // the same coding
};
inline constexpr int kUnseen = -1, kMissingKey = -2;

std::vector<int> order_by_name(std::span<const KeyField> fields);

// The columns of the table that the hash of the rule takes, in the order of their names.
// SchemaError: another class.
std::vector<core::ColumnPtr> hash_columns(const core::Table& table, const Rule& rule);
std::vector<core::ColumnPtr> time_columns(const core::Table& table, const Rule& rule);

// Parts of all rows, as decide would answer for each. O(rows).
struct RowParts {
  std::vector<std::uint16_t> part_of_row;
  std::vector<Hash128> hashes;        // of the hash columns; empty without
  std::vector<std::uint8_t> missing;  // key missing; empty: none is
};
RowParts decide_rows(const core::Table& table, const Rule& rule, int threads);
void hash_key_rows(const core::Table& table, const Rule& rule, int threads, RowParts& out);

}  // namespace mlrepro::detail::split
