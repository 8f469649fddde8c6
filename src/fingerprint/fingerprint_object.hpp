// SPDX-License-Identifier: Apache-2.0
// What stands behind a Fingerprint.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "core/ref_object.hpp"
#include "fingerprint/digests.hpp"

namespace mlrepro::detail::fingerprint {

struct StateObject;

struct LevelDigest {  // of a dictionary; several parts: order and unused levels come from the
                      // finished whole
  Hash128 in_order{};
  HashSum set{};
  std::int64_t n_unused = 0;
  bool operator==(const LevelDigest&) const noexcept = default;
};

struct ColumnDigest {
  std::string name{};
  core::Json
      schema{};  // the record: name, dtype, unit, zone, aware, ordered, level_type, levels, ...
  LevelDigest levels{};
  Counters counters{};
  HashSum sum{};
  Hash128 root{};  // these three only if ordered
  std::vector<Hash128> leaves{};
  std::vector<Counters> leaf_counters{};
};

struct FingerprintObject final : Ref::Object {
  RowIndex n_rows = 0;
  bool is_ordered = true;
  std::string key_id{};
  std::optional<Seeds> seeds{};  // none: made with a hash key that we were not told
  HashSum rows{};
  std::vector<ColumnDigest> columns{};  // in order of position
  Hash128 schema{}, content{}, table{};
  core::Json secure{};  // null, or what SHA-256 says

  const ColumnDigest* find(std::string_view name) const noexcept;
  std::vector<const ColumnDigest*> by_name() const;
};

inline const FingerprintObject& object(const Fingerprint& f) noexcept {
  return object_of<FingerprintObject>(f.ref());
}

Ref finalized(const StateObject& state, const LeafSink& sink);
std::string schema_text(const FingerprintObject& f);  // canonical JSON of the records by name
void set_ids(
    FingerprintObject& f);  // schema, content and table digests of what is held; needs seeds
Hash128 schema_digest(const FingerprintObject& f);
Hash128 content_digest(const FingerprintObject& f);
Hash128 table_digest(const FingerprintObject& f);

}  // namespace mlrepro::detail::fingerprint
