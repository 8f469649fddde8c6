// SPDX-License-Identifier: Apache-2.0
// What stands behind a FingerprintState: order-free sums, and the leaves by their index in the
// whole table. A leaf that is not complete keeps the elements of its parts, each with the rows that
// it covers, so that parts of a table can come in any order and from anywhere, and merge to the
// bytes of the whole.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <mlrepro/fingerprint/fingerprint.hpp>

#include "core/column.hpp"
#include "core/ref_object.hpp"
#include "fingerprint/digests.hpp"

namespace mlrepro::detail::fingerprint {

struct LeafPart {  // rows [begin, end) of one leaf, and their elements, a string a column
  RowIndex begin = 0, end = 0;
  std::vector<std::string> elements{};
};

struct Leaf {
  std::vector<Counters> counters{};  // one a column, as are digests
  bool is_complete = false;          // then it has digests and no parts
  std::vector<Hash128> digests{};
  std::vector<LeafPart> parts{};  // ascending, apart
};

struct LevelUse {  // where a category appeared first: what orders the levels of batches that do not
                   // share them
  RowIndex first_row = 0;
  std::int64_t index = 0;
  bool used = false;
};

struct ColumnState {
  std::string name{};
  core::ColumnType type{};
  std::string level_type{};  // of a dictionary
  HashSum sum{};
  Counters counters{};
  std::map<Hash128, LevelUse> levels{};
};

struct StateObject final : Ref::Object {
  StateObject(std::string_view hash_key, int n_threads, RowIndex first)
      : seeds(hash_key), threads(n_threads), next_row(first) {}
  Seeds seeds;
  int threads;
  bool has_schema = false, is_ordered = true;
  bool is_torn = false;  // a change of it was stopped half-way
  RowIndex next_row;     // position of the next row that is fed
  HashSum rows{};
  std::vector<ColumnState> columns{};
  std::map<RowIndex, Leaf> leaves{};

  void lose_order() {
    is_ordered = false;
    leaves.clear();
  }
  // Adds what a part of a leaf holds; parts that touch become one. Elements stay open until
  // complete_leaves.
  void add_part(RowIndex leaf, LeafPart part, const std::vector<Counters>& counters);
  void complete_leaves(const LeafSink& sink);
};

// The state behind a handle. ArgumentError: it is torn.
const StateObject& whole_state(const Ref& ref);

inline RowIndex leaf_of(RowIndex row) noexcept {
  return row / kLeafRows;
}

void merge_level(std::map<Hash128, LevelUse>& levels, const Hash128& level, const LevelUse& use);
void check_schema(const std::vector<ColumnState>& columns,
                  const std::vector<ColumnState>& other);  // SchemaError
std::vector<ColumnState> schema_of(const std::vector<core::ColumnPtr>& columns);
// H("leaf", u64 rows, elements) of an open leaf; the bytes go to the sink first.
Hash128 leaf_digest(const StateObject& state, RowIndex leaf, const LeafPart& part,
                    std::size_t column, const LeafSink& sink);

// What to_bytes ends in, put behind bytes of a state's own making.
std::string with_checksum(std::string_view bytes);

}  // namespace mlrepro::detail::fingerprint
