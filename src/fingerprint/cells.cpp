// SPDX-License-Identifier: Apache-2.0
#include "fingerprint/cells.hpp"

#include <algorithm>
#include <cstring>

#include "core/canonical.hpp"
#include "core/element_bytes.hpp"
#include "core/raise.hpp"

// Here a cell is 9 bytes and a call would cost as much as the hash: XXH3 inline, once more than in
// core/hash.cpp.
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace mlrepro::detail::fingerprint {

using core::kDurationTag;
using core::kInstantTag;
using core::kTextTag;
using core::store_u64;
using core::write_missing;
using core::write_signed;
using core::write_tagged;
using core::write_ticks;
using core::write_unsigned;

namespace {

// write_double that counts what the element does not tell apart.
inline std::uint32_t write_counted(std::uint64_t bits, Counters& counters, char* out) noexcept {
  const core::DoubleBits x(bits);
  if (x.is_fraction()) return write_tagged(core::kNumberTag, bits, out);
  if (x.is_nan()) {
    ++counters.n_nan;
    return write_missing(out);
  }
  if (x.is_zero()) counters.n_negzero += static_cast<std::int64_t>(bits >> 63);
  return core::write_whole(x, out);
}

inline Hash128 hash_bytes(const char* bytes, std::size_t size, std::uint64_t seed) noexcept {
  const XXH128_hash_t h = XXH3_128bits_withSeed(bytes, size, seed);
  return {h.low64, h.high64};
}

// Bytes of a cell that is not missing; 0: it depends.
constexpr std::size_t element_width(Type type) noexcept {
  switch (type) {
    case Type::date:
    case Type::timestamp:
    case Type::duration:
      return 17;
    case Type::text:
      return 0;
    default:
      return 9;
  }
}

}  // namespace

void hash_rows(const RowSums& rows, int n, const Seeds& seeds, Hash128* out) noexcept {
  for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
    char bytes[16];
    store_u64(bytes, static_cast<std::uint64_t>(rows[i]));
    store_u64(bytes + 8, static_cast<std::uint64_t>(rows[i] >> 64));
    out[i] = hash_bytes(bytes, sizeof bytes, seeds.row);
  }
}

CellReader::CellReader(const core::Column& column, const Seeds& seeds)
    : column_(column),
      seeds_(seeds),
      name_(name_hash(column.name(), seeds)),
      missing_(token(Value())) {
  if (column.kind() == Type::boolean) tokens_ = {token(false), token(true)};
  if (column.kind() == Type::dictionary) {
    for (RowIndex i = 0; i < column.levels()->n_rows(); ++i)
      tokens_.push_back(token(column.levels()->value(i)));
  }
}

CellReader::Token CellReader::token(const Value& value) const {
  Token made{core::element(value)};
  made.hash = hash_bytes(made.element.data(), made.element.size(), seeds_.value);
  made.cell = cell_of(made.hash);
  return made;
}

Hash128 CellReader::cell_of(const Hash128& hash) const noexcept {
  char bytes[32];
  store_u64(bytes, name_.low);
  store_u64(bytes + 8, name_.high);
  store_u64(bytes + 16, hash.low);
  store_u64(bytes + 24, hash.high);
  return hash_bytes(bytes, sizeof bytes, seeds_.cell);
}

std::vector<Hash128> CellReader::level_hashes() const {
  std::vector<Hash128> hashes;
  if (column_.kind() != Type::dictionary) return hashes;
  for (const Token& level : tokens_) hashes.push_back(level.hash);
  return hashes;
}

std::vector<std::uint8_t> CellReader::used_levels() const {
  std::vector<std::uint8_t> used(column_.kind() == Type::dictionary ? tokens_.size() : 0);
  if (used.empty()) return used;
  for (RowIndex row = 0; row < column_.n_rows(); ++row) {
    if (!column_.is_null(row)) used[static_cast<std::size_t>(column_.code(row))] = 1;
  }
  return used;
}

void CellReader::read(RowIndex begin, int n, Block& block, RowSums& rows) const {
  block.counters = {};
  switch (column_.kind()) {
    case Type::text:
      read_text(begin, n, block);
      break;
    case Type::null:
    case Type::boolean:
    case Type::dictionary:
      read_tokens(begin, n, block, rows);
      return;
    default:
      read_fixed(begin, n, block);
  }
  hash_elements(n, block, rows);
}

// Every element is of kWidth bytes: the length is a constant, and XXH3 has no branch left. Both
// hashes of a cell in one turn, so that the CPU overlaps those of neighbours.
template <std::size_t kWidth>
void CellReader::hash_dense(int n, Block& block, RowSums& rows) const noexcept {
  const char* bytes = block.bytes.data();
  UInt128 sum = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
    const Hash128 value = hash_bytes(bytes + i * kWidth, kWidth, seeds_.value);
    sum += as_sum(value);
    rows[i] += as_sum(cell_of(value));
  }
  block.sum = {static_cast<std::uint64_t>(n), sum};
}

void CellReader::hash_elements(int n, Block& block, RowSums& rows) const {
  const auto count = static_cast<std::size_t>(n);
  const std::size_t width = element_width(column_.kind());
  if (width == 9 && block.size == count * 9) return hash_dense<9>(n, block, rows);
  if (width == 17 && block.size == count * 17) return hash_dense<17>(n, block, rows);
  UInt128 sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t size = block.starts[i + 1] - block.starts[i];
    if (size == 1) {
      sum += as_sum(missing_.hash);
      rows[i] += as_sum(missing_.cell);
      continue;
    }
    const Hash128 value = hash_bytes(block.bytes.data() + block.starts[i], size, seeds_.value);
    sum += as_sum(value);
    rows[i] += as_sum(cell_of(value));
  }
  block.sum = {count, sum};
}

template <class Write>
void CellReader::read_numbers(RowIndex begin, int n, Block& block, const Write& write) const {
  char* out = block.bytes.data();
  Counters counters;
  std::uint32_t at = 0;
  const bool has_nulls = column_.n_null() > 0;
  for (int i = 0; i < n; ++i) {
    block.starts[static_cast<std::size_t>(i)] = at;
    if (has_nulls && column_.is_null(begin + i)) {
      ++counters.n_null;
      at += write_missing(out + at);
    } else {
      at += write(static_cast<std::size_t>(begin + i), counters, out + at);
    }
  }
  block.starts[static_cast<std::size_t>(n)] = at;
  block.size = at;
  block.counters = counters;
}

void CellReader::read_fixed(RowIndex begin, int n, Block& block) const {
  const core::Column& column = column_;
  const auto integers = [&]<class T>(std::span<const T> values) {
    read_numbers(begin, n, block, [values](std::size_t i, Counters&, char* out) {
      if constexpr (std::is_signed_v<T>) {
        return write_signed(values[i], out);
      } else {
        return write_unsigned(values[i], out);
      }
    });
  };
  const auto ticks = [&]<class T>(std::span<const T> values, unsigned tag, std::uint64_t ns) {
    read_numbers(begin, n, block, [=](std::size_t i, Counters&, char* out) {
      return write_ticks(tag, values[i], ns, out);
    });
  };
  switch (column.kind()) {
    case Type::int8:
      return integers(column.as<std::int8_t>());
    case Type::int16:
      return integers(column.as<std::int16_t>());
    case Type::int32:
      return integers(column.as<std::int32_t>());
    case Type::int64:
      return integers(column.as<std::int64_t>());
    case Type::uint8:
      return integers(column.as<std::uint8_t>());
    case Type::uint16:
      return integers(column.as<std::uint16_t>());
    case Type::uint32:
      return integers(column.as<std::uint32_t>());
    case Type::uint64:
      return integers(column.as<std::uint64_t>());
    case Type::date:
      return ticks(column.as<std::int32_t>(), kInstantTag, core::kNsPerDay);
    case Type::timestamp:
      return ticks(column.as<std::int64_t>(), kInstantTag, core::ns_per_tick(column.type().unit));
    case Type::duration:
      return ticks(column.as<std::int64_t>(), kDurationTag, core::ns_per_tick(column.type().unit));
    case Type::float32:
      return read_numbers(
          begin, n, block,
          [values = column.as<std::uint32_t>()](std::size_t i, Counters& counters, char* out) {
            return write_counted(core::widen_bits(values[i]), counters, out);
          });
    default:
      return read_numbers(
          begin, n, block,
          [values = column.as<std::uint64_t>()](std::size_t i, Counters& counters, char* out) {
            return write_counted(values[i], counters, out);
          });
  }
}

void CellReader::read_text(RowIndex begin, int n, Block& block) const {
  std::size_t size = 0;
  for (int i = 0; i < n; ++i)
    size += column_.is_null(begin + i) ? 1 : 9 + column_.text(begin + i).size();
  if (size > UINT32_MAX) {
    core::raise<LimitError>({.message = "column " + core::in_quotes(column_.name()) +
                                        " has more than 4 GB of text in " + std::to_string(n) +
                                        " rows.",
                             .column = column_.name(),
                             .example_row = begin,
                             .next_step = "Drop the column, or keep a hash of it."});
  }
  if (size > block.bytes.size()) block.bytes.resize(size);
  char* out = block.bytes.data();
  std::uint32_t at = 0;
  for (int i = 0; i < n; ++i) {
    block.starts[static_cast<std::size_t>(i)] = at;
    if (column_.is_null(begin + i)) {
      ++block.counters.n_null;
      at += write_missing(out + at);
      continue;
    }
    const std::string_view text = column_.text(begin + i);
    at += write_tagged(kTextTag, text.size(), out + at);
    if (!text.empty()) std::memcpy(out + at, text.data(), text.size());
    at += static_cast<std::uint32_t>(text.size());
  }
  block.starts[static_cast<std::size_t>(n)] = at;
  block.size = size;
}

void CellReader::read_tokens(RowIndex begin, int n, Block& block, RowSums& rows) const {
  const bool is_bool = column_.kind() == Type::boolean;
  std::size_t at = 0;
  block.sum = {};
  for (int i = 0; i < n; ++i) {
    const RowIndex row = begin + i;
    const bool is_null = column_.is_null(row);
    block.counters.n_null += is_null;
    const Token& token = is_null   ? missing_
                         : is_bool ? tokens_[column_.bit(row) ? 1 : 0]
                                   : tokens_[static_cast<std::size_t>(column_.code(row))];
    if (at + token.element.size() > block.bytes.size())
      block.bytes.resize((at + token.element.size()) * 2);
    std::memcpy(block.bytes.data() + at, token.element.data(), token.element.size());
    at += token.element.size();
    block.sum.add(token.hash);
    rows[static_cast<std::size_t>(i)] += as_sum(token.cell);
  }
  block.size = at;
}

}  // namespace mlrepro::detail::fingerprint
