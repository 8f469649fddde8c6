// SPDX-License-Identifier: Apache-2.0
// A FingerprintState as bytes: "mlrfps" 0 and the version, then little-endian fields. Equal states
// give equal bytes; a checksum of all before it (XXH3-128) ends them. Reading trusts no length:
// each is checked against what is left before anything is allocated.
#include <cstring>

#include "core/parallel.hpp"
#include "core/raise.hpp"
#include "core/utf8.hpp"
#include "fingerprint/state.hpp"

namespace mlrepro::detail::fingerprint {
namespace {

using core::raise;

constexpr std::string_view kMagic("mlrfps\0", 7);
constexpr char kVersion = 1;

[[noreturn]] void bad(const std::string& what) {
  raise<FormatError>({.message = "the bytes of a fingerprint state are damaged: " + what + ".",
                      .next_step = "Pass the bytes that to_bytes gave, unchanged and complete."});
}

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}
  std::string_view take(std::uint64_t n) {
    if (n > bytes_.size() - at_) {
      bad(std::to_string(n) + " bytes are needed at byte " + std::to_string(at_) + ", and " +
          std::to_string(bytes_.size() - at_) + " are left");
    }
    at_ += static_cast<std::size_t>(n);
    return bytes_.substr(at_ - static_cast<std::size_t>(n), static_cast<std::size_t>(n));
  }
  std::uint64_t u64() {
    const std::string_view b = take(8);
    std::uint64_t v = 0;
    for (std::size_t i = 0; i < 8; ++i)
      v |= std::uint64_t{static_cast<unsigned char>(b[i])} << (8 * i);
    return v;
  }
  Hash128 hash() {
    const std::uint64_t low = u64();
    return {low, u64()};
  }
  std::string text() {
    const std::string_view found = take(u64());
    if (!core::is_utf8(found)) bad("a text is not UTF-8");
    return std::string(found);
  }
  bool flag() {
    const std::uint64_t v = u64();
    if (v > 1) bad("a flag is " + std::to_string(v));
    return v == 1;
  }
  RowIndex row() {
    const std::uint64_t v = u64();
    if (v >> 53 != 0) bad("a row is " + std::to_string(v));
    return static_cast<RowIndex>(v);
  }
  std::size_t count(std::size_t least_bytes) {  // of items that take at least so many bytes each
    const std::uint64_t n = u64();
    if (n > (bytes_.size() - at_) / least_bytes)
      bad("it says that " + std::to_string(n) + " items follow");
    return static_cast<std::size_t>(n);
  }
  bool done() const noexcept { return at_ == bytes_.size(); }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

Hash128 checksum(std::string_view bytes) {
  return core::xxh3_128(bytes.data(), bytes.size(), core::domain_seed("fingerprint-state"));
}

// The bytes before the checksum that ends them.
std::string_view checked(std::string_view bytes) {
  constexpr std::size_t kChecksum = 16;
  if (bytes.size() < kChecksum) bad("they are cut short");
  const std::string_view held = bytes.substr(0, bytes.size() - kChecksum);
  ByteReader end(bytes.substr(held.size()));
  if (end.hash() != checksum(held)) bad("their checksum does not fit them");
  return held;
}

void write_sum(const HashSum& sum, ByteWriter& out) {
  out.u64(sum.count);
  out.hash(as_hash(sum.sum));
}
HashSum read_sum(ByteReader& in) {
  const auto count = static_cast<std::uint64_t>(in.row());
  return {count, as_sum(in.hash())};
}

void write_counters(const Counters& c, ByteWriter& out) {
  for (const std::int64_t n : {c.n_null, c.n_nan, c.n_negzero})
    out.u64(static_cast<std::uint64_t>(n));
}
Counters read_counters(ByteReader& in) {
  Counters c;
  for (std::int64_t* n : {&c.n_null, &c.n_nan, &c.n_negzero}) *n = in.row();
  return c;
}

void write_column(const ColumnState& column, ByteWriter& out) {
  out.text(column.name);
  out.u64(static_cast<std::uint64_t>(column.type.type));
  out.u64(static_cast<std::uint64_t>(column.type.unit));
  out.u64(column.type.ordered);
  out.text(column.type.zone);
  out.text(column.level_type);
  write_sum(column.sum, out);
  write_counters(column.counters, out);
  out.u64(column.levels.size());
  for (const auto& [level, use] : column.levels) {
    out.hash(level);
    out.u64(static_cast<std::uint64_t>(use.first_row));
    out.u64(static_cast<std::uint64_t>(use.index));
    out.u64(use.used);
  }
}

ColumnState read_column(ByteReader& in) {
  ColumnState column;
  column.name = in.text();
  const std::uint64_t type = in.u64(), unit = in.u64();
  if (type > static_cast<std::uint64_t>(Type::duration) ||
      unit > static_cast<std::uint64_t>(TimeUnit::nano)) {
    bad("a type is not known");
  }
  column.type.type = static_cast<Type>(type);
  column.type.unit = static_cast<TimeUnit>(unit);
  column.type.ordered = in.flag();
  column.type.zone = in.text();
  column.level_type = in.text();
  column.sum = read_sum(in);
  column.counters = read_counters(in);
  for (std::size_t n = in.count(40); n > 0; --n) {
    const Hash128 level = in.hash();
    const RowIndex first_row = in.row(), index = in.row();
    column.levels[level] = {first_row, index, in.flag()};
  }
  return column;
}

void write_leaf(RowIndex index, const Leaf& leaf, ByteWriter& out) {
  out.u64(static_cast<std::uint64_t>(index));
  out.u64(leaf.is_complete);
  for (const Counters& c : leaf.counters) write_counters(c, out);
  for (const Hash128& digest : leaf.digests) out.hash(digest);
  out.u64(leaf.parts.size());
  for (const LeafPart& part : leaf.parts) {
    out.u64(static_cast<std::uint64_t>(part.begin));
    out.u64(static_cast<std::uint64_t>(part.end));
    for (const std::string& elements : part.elements) out.text(elements);
  }
}

void read_leaf(ByteReader& in, StateObject& state) {
  const RowIndex index = in.row();
  const bool complete = in.flag();
  if (index > (RowIndex{1} << 37) || state.leaves.contains(index)) bad("a leaf has a wrong index");
  Leaf& leaf = state.leaves[index];
  leaf.is_complete = complete;
  for (std::size_t c = 0; c < state.columns.size(); ++c) leaf.counters.push_back(read_counters(in));
  for (std::size_t c = 0; complete && c < state.columns.size(); ++c)
    leaf.digests.push_back(in.hash());
  RowIndex last = index * kLeafRows - 1;
  for (std::size_t n = in.count(16); n > 0; --n) {
    LeafPart part;
    part.begin = in.row();
    part.end = in.row();
    const bool in_leaf =
        part.begin > last && part.begin < part.end && part.end <= (index + 1) * kLeafRows;
    if (!in_leaf || complete) bad("the parts of a leaf overlap");
    last = part.end;
    for (std::size_t c = 0; c < state.columns.size(); ++c)
      part.elements.emplace_back(in.take(in.u64()));
    leaf.parts.push_back(std::move(part));
  }
}

}  // namespace

std::string with_checksum(std::string_view bytes) {
  ByteWriter end;
  end.hash(checksum(bytes));
  return std::string(bytes) + end.bytes();
}

}  // namespace mlrepro::detail::fingerprint

namespace mlrepro {

using namespace detail::fingerprint;

std::string FingerprintState::to_bytes() const {
  const StateObject& state = whole_state(ref_);
  ByteWriter out;
  out.text(state.seeds.key_id);
  out.u64(state.has_schema);
  out.u64(state.is_ordered);
  out.u64(static_cast<std::uint64_t>(state.next_row));
  write_sum(state.rows, out);
  out.u64(state.columns.size());
  for (const ColumnState& column : state.columns) write_column(column, out);
  out.u64(state.leaves.size());
  for (const auto& [index, leaf] : state.leaves) write_leaf(index, leaf, out);
  return with_checksum(std::string(kMagic) + kVersion + out.bytes());
}

FingerprintState FingerprintState::from_bytes(std::string_view bytes,
                                              const FingerprintOptions& options) {
  ByteReader head(bytes);
  if (head.take(kMagic.size()) != kMagic) bad("they do not begin as one");
  if (const char version = head.take(1)[0]; version != kVersion) {
    detail::core::raise<FormatError>({.message = "the fingerprint state has version " +
                                                 std::to_string(version) +
                                                 ", and this library reads 1.",
                                      .next_step = "Update mlrepro."});
  }
  ByteReader in(checked(bytes).substr(kMagic.size() + 1));
  FingerprintState made(options);
  StateObject& state =
      const_cast<StateObject&>(detail::object_of<StateObject>(made.ref_));  // just made, not shared
  if (in.text() != state.seeds.key_id) {
    detail::core::raise<ArgumentError>({.message = "the state was made with another hash key.",
                                        .next_step = "Pass the hash_key that it was made with."});
  }
  state.has_schema = in.flag();
  state.is_ordered = in.flag();
  state.next_row = in.row();
  state.rows = read_sum(in);
  for (std::size_t n = in.count(100); n > 0; --n) state.columns.push_back(read_column(in));
  if (!state.has_schema && !state.columns.empty()) bad("columns without a schema");
  for (std::size_t n = in.count(24); n > 0; --n) read_leaf(in, state);
  if (!in.done()) bad("something follows their end");
  return made;
}

}  // namespace mlrepro
