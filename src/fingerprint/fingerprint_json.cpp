// SPDX-License-Identifier: Apache-2.0
// A fingerprint as JSON ("mlrepro.fingerprint", version 1) and back. Unknown fields are refused at
// every depth, and every digest that others imply is made again, so that an edited file is told by
// the part that was edited.
#include <algorithm>
#include <charconv>
#include <set>

#include "core/json_reader.hpp"
#include "core/raise.hpp"
#include "fingerprint/fingerprint_object.hpp"

namespace mlrepro::detail::fingerprint {
namespace {

using core::in_quotes;
using core::Json;
constexpr int kVersion = 1;
constexpr core::JsonReader kRead("the fingerprint");

Json counters_to_json(const std::vector<Counters>& leaves, std::int64_t Counters::*member) {
  Json out = Json::array();
  for (const Counters& leaf : leaves) out.push_back(leaf.*member);
  return out;
}

Json column_to_json(const ColumnDigest& column, bool is_ordered) {
  Json out{{"schema", column.schema},
           {"n_null", column.counters.n_null},
           {"n_nan", column.counters.n_nan},
           {"n_negzero", column.counters.n_negzero},
           {"sum", hex(as_hash(column.sum.sum))}};
  if (!is_ordered) return out;
  Json digests = Json::array();
  for (const Hash128& leaf : column.leaves) digests.push_back(hex(leaf));
  out["root"] = hex(column.root);
  out["leaves"] = {{"digest", std::move(digests)},
                   {"n_null", counters_to_json(column.leaf_counters, &Counters::n_null)},
                   {"n_nan", counters_to_json(column.leaf_counters, &Counters::n_nan)},
                   {"n_negzero", counters_to_json(column.leaf_counters, &Counters::n_negzero)}};
  return out;
}

void read_schema(const Json& record, ColumnDigest& column) {
  kRead.only(record, "schema",
             {"name", "dtype", "unit", "zone", "aware", "ordered", "level_type", "levels",
              "n_levels", "level_sum", "n_unused_levels"});
  column.name = kRead.text(record, "name");
  const std::string dtype = kRead.text(record, "dtype");
  if (record.contains("unit")) kRead.text(record, "unit");
  if (record.contains("zone")) kRead.text(record, "zone");
  if (record.contains("aware")) kRead.flag(record, "aware");
  column.schema = record;
  if (dtype != "dictionary")
    return kRead.only(record, "schema", {"name", "dtype", "unit", "zone", "aware"});
  kRead.text(record, "level_type");
  kRead.flag(record, "ordered");
  column.levels.in_order = kRead.hash(record, "levels");
  column.levels.set.count = static_cast<std::uint64_t>(kRead.count(record, "n_levels"));
  column.levels.set.sum = as_sum(kRead.hash(record, "level_sum"));
  column.levels.n_unused = kRead.count(record, "n_unused_levels");
}

void read_leaf_counts(const Json& leaves, const char* name, std::int64_t Counters::*member,
                      ColumnDigest& column) {
  const Json& counts = kRead.list(leaves, name);
  if (counts.size() != column.leaves.size())
    kRead.damaged("column " + in_quotes(column.name) + " has other leaves in " + name);
  std::int64_t total = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    column.leaf_counters[i].*member = kRead.count_in(counts[i], name);
    total += column.leaf_counters[i].*member;
  }
  if (total != column.counters.*member) {
    kRead.damaged("the leaves of column " + in_quotes(column.name) + " do not add up to its " +
                  name);
  }
}

void read_leaves(const Json& json, const FingerprintObject& f, ColumnDigest& column) {
  column.root = kRead.hash(json, "root");
  const Json& leaves = kRead.field(json, "leaves");
  kRead.only(leaves, "leaves", {"digest", "n_null", "n_nan", "n_negzero"});
  for (const Json& leaf : kRead.list(leaves, "digest"))
    column.leaves.push_back(kRead.hash_in(leaf, "digest"));
  if (static_cast<RowIndex>(column.leaves.size()) != (f.n_rows + kLeafRows - 1) / kLeafRows) {
    kRead.damaged("column " + in_quotes(column.name) + " has " +
                  std::to_string(column.leaves.size()) + " leaves");
  }
  column.leaf_counters.resize(column.leaves.size());
  read_leaf_counts(leaves, "n_null", &Counters::n_null, column);
  read_leaf_counts(leaves, "n_nan", &Counters::n_nan, column);
  read_leaf_counts(leaves, "n_negzero", &Counters::n_negzero, column);
  if (f.seeds && merkle_root(f.n_rows, column.leaves, *f.seeds) != column.root) {
    kRead.damaged("the leaves of column " + in_quotes(column.name) + " do not give its root");
  }
}

ColumnDigest column_from_json(const Json& json, const FingerprintObject& f) {
  kRead.only(json, "a column", {"schema", "n_null", "n_nan", "n_negzero", "sum", "root", "leaves"});
  ColumnDigest column;
  read_schema(kRead.field(json, "schema"), column);
  column.counters = {kRead.count(json, "n_null"), kRead.count(json, "n_nan"),
                     kRead.count(json, "n_negzero")};
  column.sum = {static_cast<std::uint64_t>(f.n_rows), as_sum(kRead.hash(json, "sum"))};
  if (f.is_ordered) read_leaves(json, f, column);
  return column;
}

constexpr std::size_t kSha256Digits = 64;

// That what SHA-256 says is about these columns and leaves. The digests themselves are made again
// where there is a SHA-256: in Python.
void check_secure(const Json& secure, const FingerprintObject& f) {
  if (secure.is_null()) return;
  kRead.only(secure, "secure", {"algorithm", "table", "columns"});
  if (kRead.text(secure, "algorithm") != "sha256") kRead.damaged("secure is not of SHA-256");
  (void)kRead.hex(secure, "table", kSha256Digits);
  const Json& columns = kRead.field(secure, "columns");
  if (!columns.is_object() || columns.size() != f.columns.size())
    kRead.damaged("secure has other columns");
  for (const ColumnDigest& column : f.columns) {
    if (!columns.contains(column.name)) kRead.damaged("secure has other columns");
    const Json& held = columns[column.name];
    kRead.only(held, "a column of secure", {"root", "leaves"});
    (void)kRead.hex(held, "root", kSha256Digits);
    if (kRead.texts(held, "leaves").size() != column.leaves.size())
      kRead.damaged("secure has another number of leaves");
  }
}

void read_ids(const Json& json, FingerprintObject& f) {
  f.schema = kRead.hash(json, "schema_digest");
  f.content = kRead.hash(json, "content_id");
  if (f.is_ordered) f.table = kRead.hash(json, "table_id");
  if (!f.seeds) return;
  if (schema_digest(f) != f.schema)
    kRead.damaged("the schema of its columns does not give schema_digest");
  if (content_digest(f) != f.content)
    kRead.damaged("schema and row multiset do not give content_id");
  if (table_digest(f) != f.table) kRead.damaged("content_id and the roots do not give table_id");
}

}  // namespace
}  // namespace mlrepro::detail::fingerprint

namespace mlrepro {

using namespace detail::fingerprint;
using detail::core::Json;

std::string to_string(const Digest& digest) {
  return hex({digest.low, digest.high});
}

std::string Fingerprint::to_json() const {
  const FingerprintObject& f = object(*this);
  Json out = detail::core::envelope("fingerprint", kVersion);
  out["n_rows"] = f.n_rows;
  out["hash_key_id"] = f.key_id.empty() ? Json() : Json(f.key_id);
  out["row_sum"] = hex(as_hash(f.rows.sum));
  out["schema_digest"] = hex(f.schema);
  out["content_id"] = hex(f.content);
  out["table_id"] = f.is_ordered ? Json(hex(f.table)) : Json();
  out["columns"] = Json::array();
  for (const ColumnDigest& column : f.columns)
    out["columns"].push_back(column_to_json(column, f.is_ordered));
  out["secure"] = f.secure;
  return detail::core::canonical_json(out);
}

Fingerprint Fingerprint::from_json(std::string_view text_in, const FingerprintOptions& options) {
  const Json json =
      detail::core::open_envelope(text_in, "fingerprint", kVersion,
                                  {"n_rows", "hash_key_id", "row_sum", "schema_digest",
                                   "content_id", "table_id", "columns", "secure"});
  auto* made = new FingerprintObject;
  const detail::Ref ref(made);
  made->n_rows = kRead.count(json, "n_rows");
  if (!kRead.field(json, "hash_key_id").is_null())
    made->key_id = hex(kRead.hash(json, "hash_key_id"));
  Seeds seeds(options.hash_key);
  if (seeds.key_id == made->key_id) made->seeds = std::move(seeds);
  made->is_ordered = !kRead.field(json, "table_id").is_null();
  made->rows = {static_cast<std::uint64_t>(made->n_rows), as_sum(kRead.hash(json, "row_sum"))};
  std::set<std::string> names;
  for (const Json& column : kRead.list(json, "columns")) {
    made->columns.push_back(column_from_json(column, *made));
    if (!names.insert(made->columns.back().name).second)
      kRead.damaged("a column name occurs twice");
  }
  read_ids(json, *made);
  made->secure = kRead.field(json, "secure");
  check_secure(made->secure, *made);
  return Fingerprint(ref);
}

Fingerprint Fingerprint::with_secure_json(std::string_view text_in) const {
  const FingerprintObject& f = object(*this);
  auto* made = new FingerprintObject;
  const detail::Ref ref(made);
  made->n_rows = f.n_rows;
  made->is_ordered = f.is_ordered;
  made->key_id = f.key_id;
  made->seeds = f.seeds;
  made->rows = f.rows;
  made->columns = f.columns;
  made->schema = f.schema;
  made->content = f.content;
  made->table = f.table;
  made->secure = detail::core::parse_json(text_in, "what SHA-256 says");
  check_secure(made->secure, *made);
  return Fingerprint(ref);
}

}  // namespace mlrepro
