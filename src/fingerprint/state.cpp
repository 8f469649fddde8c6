// SPDX-License-Identifier: Apache-2.0
#include "fingerprint/state.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "core/parallel.hpp"
#include "core/raise.hpp"
#include "core/table.hpp"
#include "fingerprint/cells.hpp"
#include "fingerprint/fingerprint_object.hpp"

namespace mlrepro::detail::fingerprint {

using core::in_quotes;
using core::raise;

std::vector<ColumnState> schema_of(const std::vector<core::ColumnPtr>& columns) {
  std::vector<ColumnState> out;
  for (const core::ColumnPtr& column : columns) {
    ColumnState made;
    made.name = column->name();
    made.type = column->type();
    if (column->levels()) made.level_type = core::to_string(column->levels()->type());
    out.push_back(std::move(made));
  }
  return out;
}

void check_schema(const std::vector<ColumnState>& columns, const std::vector<ColumnState>& other) {
  const std::string next_step =
      "Select the same columns in the same order, cast to one type, in every batch.";
  if (columns.size() != other.size()) {
    raise<SchemaError>({.message = "one part has " + std::to_string(columns.size()) +
                                   " columns, another " + std::to_string(other.size()) + ".",
                        .next_step = next_step});
  }
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const ColumnState &a = columns[c], &b = other[c];
    if (a.name != b.name) {
      raise<SchemaError>({.message = "column " + std::to_string(c) + " is " + in_quotes(a.name) +
                                     " in one part and " + in_quotes(b.name) + " in another.",
                          .column = b.name,
                          .next_step = next_step});
    }
    if (a.type != b.type || a.level_type != b.level_type) {
      raise<SchemaError>(
          {.message = "column " + in_quotes(a.name) + " is " + core::to_string(a.type) +
                      (a.level_type.empty() ? "" : " of " + a.level_type) + " in one part and " +
                      core::to_string(b.type) +
                      (b.level_type.empty() ? "" : " of " + b.level_type) + " in another.",
           .column = a.name,
           .next_step = next_step});
    }
  }
}

void StateObject::add_part(RowIndex index, LeafPart part, const std::vector<Counters>& counters) {
  Leaf& leaf = leaves[index];
  if (leaf.counters.empty()) leaf.counters.resize(columns.size());
  for (std::size_t c = 0; c < counters.size(); ++c) leaf.counters[c] += counters[c];
  std::vector<LeafPart>& parts = leaf.parts;
  auto at = std::find_if(parts.begin(), parts.end(),
                         [&](const LeafPart& p) { return p.begin >= part.begin; });
  const bool overlaps = leaf.is_complete || (at != parts.end() && at->begin < part.end) ||
                        (at != parts.begin() && std::prev(at)->end > part.begin);
  if (overlaps) return lose_order();
  const auto join = [](LeafPart& first, const LeafPart& second) {
    for (std::size_t c = 0; c < first.elements.size(); ++c) first.elements[c] += second.elements[c];
    first.end = second.end;
  };
  at = parts.insert(at, std::move(part));
  if (std::next(at) != parts.end() && std::next(at)->begin == at->end) {
    join(*at, *std::next(at));
    parts.erase(std::next(at));
  }
  if (at != parts.begin() && std::prev(at)->end == at->begin) {
    join(*std::prev(at), *at);
    parts.erase(at);
  }
}

const StateObject& whole_state(const Ref& ref) {
  const auto& state = object_of<StateObject>(ref);
  if (!state.is_torn) return state;
  raise<ArgumentError>({.message = "an update or merge of this fingerprint state was stopped or "
                                   "failed half-way; what it holds is no whole number of batches.",
                        .next_step = "Make a new state and feed it from the start."});
}

Hash128 leaf_digest(const StateObject& state, RowIndex leaf, const LeafPart& part,
                    std::size_t column, const LeafSink& sink) {
  ByteWriter rows;
  rows.u64(static_cast<std::uint64_t>(part.end - part.begin));
  const std::string& elements = part.elements[column];
  if (sink.function != nullptr)
    sink.function(sink.context, state.columns[column].name, leaf, rows.bytes() + elements);
  core::HashStream stream(state.seeds.leaf);
  stream.update(rows.bytes().data(), rows.bytes().size());
  stream.update(elements.data(), elements.size());
  return stream.digest();
}

void StateObject::complete_leaves(const LeafSink& sink) {
  for (auto& [index, leaf] : leaves) {
    if (leaf.parts.size() != 1 || leaf.parts[0].end - leaf.parts[0].begin != kLeafRows) continue;
    std::vector<Hash128> digests;
    for (std::size_t c = 0; c < columns.size(); ++c)
      digests.push_back(leaf_digest(*this, index, leaf.parts[0], c, sink));
    leaf.digests = std::move(digests);
    leaf.parts.clear();
    leaf.is_complete = true;
  }
}

namespace {

// The rows of a batch that lie in one leaf, and what was found in them.
struct Piece {
  RowIndex begin = 0, end = 0;  // in the batch
  bool is_whole_leaf = false;
  HashSum rows{};
  std::vector<HashSum> sums{};
  std::vector<Counters> counters{};
  std::vector<Hash128> digests{};       // of a whole leaf
  std::vector<std::string> elements{};  // of another
};

std::vector<Piece> pieces_of(RowIndex first_row, RowIndex n_rows, bool keep_elements) {
  std::vector<Piece> pieces;
  for (RowIndex begin = 0; begin < n_rows;) {
    const RowIndex room = kLeafRows - (first_row + begin) % kLeafRows;
    const RowIndex end = std::min(n_rows, begin + room);
    pieces.push_back(
        {.begin = begin, .end = end, .is_whole_leaf = !keep_elements && end - begin == kLeafRows});
    begin = end;
  }
  return pieces;
}

void read_piece(const std::vector<CellReader>& readers, const Seeds& seeds, Piece& piece) {
  const std::size_t n_columns = readers.size();
  piece.sums.resize(n_columns);
  piece.counters.resize(n_columns);
  std::vector<core::HashStream> leaves(piece.is_whole_leaf ? n_columns : 0,
                                       core::HashStream(seeds.leaf));
  ByteWriter n_rows;
  n_rows.u64(static_cast<std::uint64_t>(piece.end - piece.begin));
  for (core::HashStream& leaf : leaves) leaf.update(n_rows.bytes().data(), n_rows.bytes().size());
  if (!piece.is_whole_leaf) piece.elements.resize(n_columns);
  Block block;
  RowSums row_sums{};
  std::array<Hash128, kBlockRows> rows{};
  for (RowIndex begin = piece.begin; begin < piece.end; begin += kBlockRows) {
    const auto n = static_cast<int>(std::min<RowIndex>(kBlockRows, piece.end - begin));
    row_sums.fill(0);
    for (std::size_t c = 0; c < n_columns; ++c) {
      readers[c].read(begin, n, block, row_sums);
      piece.counters[c] += block.counters;
      piece.sums[c] += block.sum;
      if (piece.is_whole_leaf) {
        leaves[c].update(block.bytes.data(), block.size);
      } else {
        piece.elements[c] += block.elements();
      }
    }
    hash_rows(row_sums, n, seeds, rows.data());
    for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) piece.rows.add(rows[i]);
  }
  for (const core::HashStream& leaf : leaves) piece.digests.push_back(leaf.digest());
}

void add_levels(ColumnState& column, const CellReader& reader, RowIndex first_row) {
  const std::vector<Hash128> hashes = reader.level_hashes();
  const std::vector<std::uint8_t> used = reader.used_levels();
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    merge_level(column.levels, hashes[i], {first_row, static_cast<std::int64_t>(i), used[i] != 0});
  }
}

void add_piece(StateObject& state, RowIndex batch_row, Piece& piece) {
  state.rows += piece.rows;
  for (std::size_t c = 0; c < state.columns.size(); ++c) {
    state.columns[c].sum += piece.sums[c];
    state.columns[c].counters += piece.counters[c];
  }
  if (!state.is_ordered) return;
  const RowIndex first = batch_row + piece.begin, index = leaf_of(first);
  if (!piece.is_whole_leaf) {
    state.add_part(index, {first, batch_row + piece.end, std::move(piece.elements)},
                   piece.counters);
    return;
  }
  const auto [at, is_new] = state.leaves.try_emplace(index);
  if (!is_new) return state.lose_order();
  at->second = {std::move(piece.counters), true, std::move(piece.digests), {}};
}

}  // namespace

void merge_level(std::map<Hash128, LevelUse>& levels, const Hash128& level, const LevelUse& use) {
  const auto [at, is_new] = levels.emplace(level, use);
  if (is_new) return;
  LevelUse& held = at->second;
  const bool used = held.used || use.used;
  if (std::pair(use.first_row, use.index) < std::pair(held.first_row, held.index)) held = use;
  held.used = used;
}

namespace {

// Piece by piece on several threads. With a sink the elements of whole leaves are kept: only a few
// leaves at a time.
void feed(StateObject& state, const std::vector<CellReader>& readers, RowIndex n_rows,
          const LeafSink& sink) {
  std::vector<Piece> pieces = pieces_of(state.next_row, n_rows, sink.function != nullptr);
  const RowIndex batch_row = state.next_row;
  const std::size_t at_once =
      sink.function == nullptr ? std::max<std::size_t>(pieces.size(), 1) : 1;
  for (std::size_t first = 0; first < pieces.size(); first += at_once) {
    const std::size_t n = std::min(at_once, pieces.size() - first);
    core::parallel_for_chunks(static_cast<std::int64_t>(n), 1, state.threads,
                              [&](std::int64_t i, std::int64_t, std::int64_t) {
                                read_piece(readers, state.seeds,
                                           pieces[first + static_cast<std::size_t>(i)]);
                              });
    for (std::size_t i = first; i < first + n; ++i) add_piece(state, batch_row, pieces[i]);
    state.complete_leaves(sink);
  }
  state.next_row += n_rows;
}

StateObject& mutable_state(const Ref& ref) {  // FingerprintState is move-only: the sole owner
  return const_cast<StateObject&>(whole_state(ref));
}

// Marks a state as torn until the change is complete: an exception on the way (no memory, a
// cancelled call, a sink that throws) must not leave half a batch in it unseen.
class Change {
 public:
  explicit Change(StateObject& state) noexcept : state_(state) { state_.is_torn = true; }
  void complete() noexcept { state_.is_torn = false; }

 private:
  StateObject& state_;
};

void merge_leaves(StateObject& state, const StateObject& other) {
  if (!other.is_ordered) state.lose_order();
  for (const auto& [index, leaf] : other.leaves) {
    if (!state.is_ordered) return;
    for (std::size_t i = 0; i < leaf.parts.size(); ++i) {
      state.add_part(index, leaf.parts[i], i == 0 ? leaf.counters : std::vector<Counters>{});
      if (!state.is_ordered) return;
    }
    if (!leaf.is_complete) continue;
    if (!state.leaves.emplace(index, leaf).second) state.lose_order();
  }
}
}  // namespace

}  // namespace mlrepro::detail::fingerprint

namespace mlrepro {

using namespace detail::fingerprint;

FingerprintState::FingerprintState(const FingerprintOptions& options, RowIndex first_row) {
  if (first_row < 0) {
    detail::core::raise<ArgumentError>(
        {.message = "first_row is " + std::to_string(first_row) + ".",
         .next_step = "Pass the position of the first row in the whole table."});
  }
  ref_ = detail::make_ref<StateObject>(options.hash_key,
                                       detail::core::resolve_threads(options.threads), first_row);
}

RowIndex FingerprintState::n_rows() const noexcept {
  return static_cast<RowIndex>(detail::object_of<StateObject>(ref_).rows.count);
}

void FingerprintState::update(const Dataset& batch, const LeafSink& sink) {
  StateObject& state = mutable_state(ref_);
  const Dataset rows = detail::core::without_origin(batch);
  const detail::core::Table& table = detail::core::table_of(rows);
  std::vector<ColumnState> schema = schema_of(table.columns);
  if (state.has_schema) check_schema(state.columns, schema);
  std::vector<CellReader> readers;
  readers.reserve(table.columns.size());
  for (const detail::core::ColumnPtr& column : table.columns)
    readers.emplace_back(*column, state.seeds);
  Change change(state);
  if (!state.has_schema) state.columns = std::move(schema);
  state.has_schema = true;
  for (std::size_t c = 0; c < readers.size(); ++c)
    add_levels(state.columns[c], readers[c], state.next_row);
  feed(state, readers, table.n_rows, sink);
  change.complete();
}

void FingerprintState::merge(const FingerprintState& given) {
  StateObject& state = mutable_state(ref_);
  const StateObject& other = whole_state(given.ref_);
  if (state.seeds.key_id != other.seeds.key_id) {
    detail::core::raise<ArgumentError>({.message = "the two states have different hash keys.",
                                        .next_step = "Make both with the same hash_key."});
  }
  if (state.has_schema && other.has_schema) check_schema(state.columns, other.columns);
  state.next_row = std::max(state.next_row, other.next_row);
  if (!other.has_schema) return;
  Change change(state);
  if (!state.has_schema) {
    for (const ColumnState& column : other.columns) {
      state.columns.push_back({column.name, column.type, column.level_type, {}, {}, {}});
    }
  }
  state.has_schema = true;
  state.rows += other.rows;
  for (std::size_t c = 0; c < state.columns.size(); ++c) {
    state.columns[c].sum += other.columns[c].sum;
    state.columns[c].counters += other.columns[c].counters;
    for (const auto& [level, use] : other.columns[c].levels)
      merge_level(state.columns[c].levels, level, use);
  }
  merge_leaves(state, other);
  state.complete_leaves({});
  change.complete();
}

Fingerprint FingerprintState::finalize(const LeafSink& sink) const {
  return Fingerprint(finalized(whole_state(ref_), sink));
}

}  // namespace mlrepro
