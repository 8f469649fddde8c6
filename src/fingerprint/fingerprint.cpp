// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <tuple>

#include "core/raise.hpp"
#include "fingerprint/fingerprint_object.hpp"
#include "fingerprint/state.hpp"

namespace mlrepro::detail::fingerprint {

using core::in_quotes;
using core::Json;
using core::raise;

const ColumnDigest* FingerprintObject::find(std::string_view name) const noexcept {
  for (const ColumnDigest& column : columns) {
    if (column.name == name) return &column;
  }
  return nullptr;
}

std::vector<const ColumnDigest*> FingerprintObject::by_name() const {
  std::vector<const ColumnDigest*> sorted;
  for (const ColumnDigest& column : columns) sorted.push_back(&column);
  std::sort(sorted.begin(), sorted.end(),
            [](const auto* a, const auto* b) { return a->name < b->name; });
  return sorted;
}

std::string schema_text(const FingerprintObject& f) {
  Json records = Json::array();
  for (const ColumnDigest* column : f.by_name()) records.push_back(column->schema);
  return core::canonical_json(records);
}

Hash128 schema_digest(const FingerprintObject& f) {
  const std::string text = schema_text(f);
  return core::xxh3_128(text.data(), text.size(), f.seeds->schema);
}

Hash128 content_digest(const FingerprintObject& f) {
  ByteWriter bytes;
  bytes.hash(f.schema);
  bytes.u64(f.rows.count);
  bytes.hash(as_hash(f.rows.sum));
  return hash_of(bytes, f.seeds->content);
}

Hash128 table_digest(const FingerprintObject& f) {
  if (!f.is_ordered) return {};
  ByteWriter bytes;
  bytes.hash(f.content);
  for (const ColumnDigest* column : f.by_name()) {
    bytes.hash(name_hash(column->name, *f.seeds));
    bytes.hash(column->root);
  }
  return hash_of(bytes, f.seeds->table);
}

void set_ids(FingerprintObject& f) {
  f.schema = schema_digest(f);
  f.content = content_digest(f);
  f.table = table_digest(f);
}

namespace {

LevelDigest level_digest(const ColumnState& column, const Seeds& seeds) {
  std::vector<std::pair<LevelUse, Hash128>> order;
  LevelDigest digest;
  for (const auto& [level, use] : column.levels) {
    order.emplace_back(use, level);
    digest.set.add(level);
    digest.n_unused += !use.used;
  }
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return std::tie(a.first.first_row, a.first.index, a.second) <
           std::tie(b.first.first_row, b.first.index, b.second);
  });
  ByteWriter bytes;
  for (const auto& [use, level] : order) bytes.hash(level);
  digest.in_order = hash_of(bytes, seeds.levels);
  return digest;
}

Json schema_record(const ColumnState& column, const LevelDigest& levels) {
  const core::ColumnType& type = column.type;
  Json record{{"name", column.name}, {"dtype", std::string(to_string(type.type))}};
  if (type.type == Type::timestamp || type.type == Type::duration)
    record["unit"] = std::string(to_string(type.unit));
  if (type.type == Type::timestamp) {
    record["aware"] = !type.zone.empty();
    if (!type.zone.empty()) record["zone"] = type.zone;
  }
  if (type.type == Type::dictionary) {
    record["level_type"] = column.level_type;
    record["ordered"] = type.ordered;
    record["levels"] = hex(levels.in_order);
    record["n_levels"] = levels.set.count;
    record["level_sum"] = hex(as_hash(levels.set.sum));
    record["n_unused_levels"] = levels.n_unused;
  }
  return record;
}

// Do the leaves cover [0, n_rows) without a hole?
bool is_whole(const StateObject& state) {
  RowIndex next = 0;
  for (const auto& [index, leaf] : state.leaves) {
    if (index * kLeafRows != next) return false;
    if (leaf.is_complete) {
      next += kLeafRows;
      continue;
    }
    if (leaf.parts.size() != 1 || leaf.parts[0].begin != next) return false;
    next = leaf.parts[0].end;
  }
  return state.is_ordered && next == static_cast<RowIndex>(state.rows.count);
}

void add_leaves(const StateObject& state, std::size_t c, const LeafSink& sink,
                ColumnDigest& column) {
  for (const auto& [index, leaf] : state.leaves) {
    column.leaf_counters.push_back(leaf.counters[c]);
    column.leaves.push_back(leaf.is_complete ? leaf.digests[c]
                                             : leaf_digest(state, index, leaf.parts[0], c, sink));
  }
}

}  // namespace

Ref finalized(const StateObject& state, const LeafSink& sink) {
  auto* made = new FingerprintObject;
  Ref ref(made);
  made->n_rows = static_cast<RowIndex>(state.rows.count);
  made->is_ordered = is_whole(state);
  made->key_id = state.seeds.key_id;
  made->seeds = state.seeds;
  made->rows = state.rows;
  for (std::size_t c = 0; c < state.columns.size(); ++c) {
    const ColumnState& from = state.columns[c];
    ColumnDigest column;
    column.name = from.name;
    column.levels = level_digest(from, state.seeds);
    column.schema = schema_record(from, column.levels);
    column.counters = from.counters;
    column.sum = from.sum;
    if (made->is_ordered) {
      add_leaves(state, c, sink, column);
      column.root = merkle_root(made->n_rows, column.leaves, state.seeds);
    }
    made->columns.push_back(std::move(column));
  }
  set_ids(*made);
  return ref;
}

namespace {

std::string type_text(const ColumnDigest& column) {
  const core::Json& record = column.schema;
  std::string text = core::in_quotes(column.name) + ", " + record.value("dtype", "");
  for (const char* part : {"unit", "zone"}) {
    if (record.contains(part)) text += " " + record.value(part, "");
  }
  if (record.contains("n_levels"))
    text += " of " + core::with_commas(record.value("n_levels", std::int64_t{0})) + " categories";
  return text;
}

void check_mergeable(const FingerprintObject& a, const FingerprintObject& b) {
  if (a.key_id != b.key_id || !a.seeds || !b.seeds) {
    raise<ArgumentError>(
        {.message = "the two fingerprints were made with different hash keys, or with one that is "
                    "not known.",
         .next_step = "Make both with the same hash_key, or name it to from_json."});
  }
  bool same = a.columns.size() == b.columns.size();
  for (std::size_t c = 0; same && c < a.columns.size(); ++c) {
    const ColumnDigest *x = &a.columns[c], *y = &b.columns[c];
    if (x->schema != y->schema) {
      raise<SchemaError>(
          {.message = "column " + std::to_string(c) + " is " + type_text(*x) +
                      " in one fingerprint, and " + type_text(*y) + " in the other.",
           .column = x->name,
           .next_step =
               "Merge parts with the same columns, order, types and categories; parts with "
               "categories of their own merge as FingerprintState."});
    }
  }
  if (!same) {
    raise<SchemaError>({.message = "one fingerprint has " + std::to_string(a.columns.size()) +
                                   " columns, the other " + std::to_string(b.columns.size()) + ".",
                        .next_step = "Merge parts of one table."});
  }
  for (const ColumnDigest& column : a.columns) {
    if (column.schema.value("n_unused_levels", 0) == 0) continue;
    raise<SchemaError>({.message = "column " + in_quotes(column.name) +
                                   " has categories without a row: which of them have "
                                   "one in the other part is not known.",
                        .column = column.name,
                        .next_step = "Merge the parts as FingerprintState."});
  }
}

ColumnDigest merged_column(const ColumnDigest& a, const ColumnDigest& b) {
  ColumnDigest column = a;
  column.counters += b.counters;
  column.sum += b.sum;
  column.leaves.insert(column.leaves.end(), b.leaves.begin(), b.leaves.end());
  column.leaf_counters.insert(column.leaf_counters.end(), b.leaf_counters.begin(),
                              b.leaf_counters.end());
  return column;
}

}  // namespace
}  // namespace mlrepro::detail::fingerprint

namespace mlrepro {

using namespace detail::fingerprint;

namespace {
Digest public_digest(const Hash128& h) noexcept {
  return {h.low, h.high};
}
}  // namespace

RowIndex Fingerprint::n_rows() const noexcept {
  return object(*this).n_rows;
}
int Fingerprint::n_columns() const noexcept {
  return static_cast<int>(object(*this).columns.size());
}
Digest Fingerprint::content_id() const noexcept {
  return public_digest(object(*this).content);
}
Digest Fingerprint::table_id() const noexcept {
  return public_digest(object(*this).table);
}
bool Fingerprint::is_ordered() const noexcept {
  return object(*this).is_ordered;
}
std::string Fingerprint::schema_json() const {
  return schema_text(object(*this));
}
bool Fingerprint::operator==(const Fingerprint& other) const {
  return to_json() == other.to_json();
}

Fingerprint Fingerprint::merge(const Fingerprint& other) const {
  const FingerprintObject &a = object(*this), &b = object(other);
  check_mergeable(a, b);
  auto* made = new FingerprintObject;
  const detail::Ref ref(made);
  made->n_rows = a.n_rows + b.n_rows;
  made->key_id = a.key_id;
  made->seeds = a.seeds;
  made->rows = a.rows;
  made->rows += b.rows;
  const bool aligned = a.n_rows % kLeafRows == 0 || b.n_rows == 0;
  made->is_ordered = a.is_ordered && b.is_ordered && aligned;
  for (std::size_t c = 0; c < a.columns.size(); ++c) {
    ColumnDigest column = merged_column(a.columns[c], b.columns[c]);
    if (made->is_ordered) {
      column.root = merkle_root(made->n_rows, column.leaves, *made->seeds);
    } else {
      column.root = {};
      column.leaves.clear();
      column.leaf_counters.clear();
    }
    made->columns.push_back(std::move(column));
  }
  set_ids(*made);
  return Fingerprint(ref);
}

Fingerprint fingerprint(const Dataset& dataset, const FingerprintOptions& options) {
  FingerprintState state(options);
  state.update(dataset);
  return state.finalize();
}

}  // namespace mlrepro
