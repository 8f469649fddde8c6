// SPDX-License-Identifier: Apache-2.0
// What stands behind an Assigner and a Plan.
#pragma once
#include <mutex>
#include <string>
#include <vector>

#include <mlrepro/split/plan.hpp>

#include "core/ref_object.hpp"
#include "split/rule.hpp"

namespace mlrepro::detail::split {

struct AssignerObject : Ref::Object {
  explicit AssignerObject(Rule decided);
  const Rule rule;
  std::vector<mlrepro::split::Part> parts;  // names borrow from rule
  std::vector<Field> fields;
};

// Count and order-free sum of XXH3-128 of each row's key (domain "key"): equal for equal sets of
// rows, adds up by parts.
struct FoldDigest {
  RowIndex n_rows = 0;
  core::UInt128 sum = 0;
};

// Thread safety: immutable once made, but for digests, which guards itself.
struct PlanObject final : AssignerObject {
  using AssignerObject::AssignerObject;
  // One a part; of a plan with rows made on first use, since only to_json needs them.
  const std::vector<FoldDigest>& digests() const;
  mutable std::vector<FoldDigest> known_digests{};
  mutable std::once_flag once{};
  std::string allow_leak{};
  RowIndex n_rows = 0;
  bool has_rows = false;
  Ref dataset{};                             // with has_rows
  std::vector<std::uint16_t> part_of_row{};  // with has_rows
};

struct PlanFacts {
  std::string allow_leak{};
  bool refuse_empty = false;  // named parts without a row
};
mlrepro::split::Plan make_plan(const Dataset& dataset, Rule rule, RowParts decided,
                               const PlanFacts& facts);

// The fields of a key in the order given, with the classes that the table has.
std::vector<KeyField> fields_of(std::span<const core::ColumnPtr> columns);
// Sets key fields, identity, order and seed of a hash over `by`, or over the identity of the rows.
void set_hash_key(const core::Table& table, const Names& by, Rule& rule);

}  // namespace mlrepro::detail::split
