// SPDX-License-Identifier: Apache-2.0
#include "binning/binned_column.hpp"

#include <algorithm>
#include <bit>

#include <mlrepro/core/order_key.hpp>

#include "binning/levels.hpp"
#include "core/cancel.hpp"
#include "core/canonical.hpp"
#include "core/parallel.hpp"

namespace mlrepro::detail::binning {
namespace {

constexpr std::uint32_t kSign32 = std::uint32_t{1} << 31;

// Order-preserving keys of raw cells, and back. -0.0 falls on 0.0; NaN is not asked for.
struct Unsigned8 {
  using Raw = std::uint8_t;
  using Key = std::uint32_t;
  static Key key(Raw r) { return r; }
  static Value value(Key k) { return static_cast<Raw>(k); }
};
struct Unsigned16 {
  using Raw = std::uint16_t;
  using Key = std::uint32_t;
  static Key key(Raw r) { return r; }
  static Value value(Key k) { return static_cast<Raw>(k); }
};
struct Unsigned32 {
  using Raw = std::uint32_t;
  using Key = std::uint32_t;
  static Key key(Raw r) { return r; }
  static Value value(Key k) { return k; }
};
struct Unsigned64 {
  using Raw = std::uint64_t;
  using Key = std::uint64_t;
  static Key key(Raw r) { return r; }
  static Value value(Key k) { return k; }
};
template <class T>
struct Signed {
  using Raw = T;
  using Key = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
  using Wide = std::make_signed_t<Key>;
  static constexpr Key kSign = Key{1} << (8 * sizeof(Key) - 1);
  static Key key(Raw r) { return static_cast<Key>(static_cast<Wide>(r)) ^ kSign; }
  static Wide raw(Key k) { return static_cast<Wide>(k ^ kSign); }
  static Value value(Key k) { return raw(k); }
};
struct Binary32 {
  using Raw = std::uint32_t;
  using Key = std::uint32_t;
  static Key key(Raw r) {
    if (r == kSign32) r = 0;
    return (r & kSign32) != 0 ? ~r : r | kSign32;
  }
  static Value value(Key k) { return std::bit_cast<float>((k & kSign32) != 0 ? k & ~kSign32 : ~k); }
};
struct Binary64 {
  using Raw = std::uint64_t;
  using Key = std::uint64_t;
  static Key key(Raw r) { return core::ordered_bits(r); }
  static Value value(Key k) { return std::bit_cast<double>(core::unordered_bits(k)); }
};

// 1 where a row is missing, else 0.
template <class Kind>
void find_missing(const core::Column& column, std::vector<std::uint8_t>& missing) {
  const auto raw = column.as<typename Kind::Raw>();
  missing.assign(raw.size(), 0);
  if constexpr (std::is_same_v<Kind, Binary32> || std::is_same_v<Kind, Binary64>) {
    std::uint8_t* const out = missing.data();  // a byte may alias the vector itself
    for (std::size_t i = 0; i < raw.size(); ++i) out[i] = core::is_nan_bits(raw[i]) ? 1 : 0;
  }
  check_cancelled();
  if (column.n_null() == 0) return;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (column.is_null(static_cast<RowIndex>(i))) missing[i] = 1;
  }
}

template <class Key>
std::span<const Key> present_keys(const std::vector<Key>& keys,
                                  const std::vector<std::uint8_t>& missing,
                                  std::vector<Key>& present) {
  present.resize(keys.size());  // every key is written, and counted if it stays
  std::size_t n = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    present[n] = keys[i];
    n += missing[i] ^ 1U;
  }
  return {present.data(), n};
}

template <class Key>
std::pair<std::vector<Key>&, std::vector<Key>&> keys_of(KeyBuffers& buffers) noexcept {
  if constexpr (sizeof(Key) == sizeof(std::uint32_t)) {
    return {buffers.all32, buffers.present32};
  } else {
    return {buffers.all64, buffers.present64};
  }
}

template <class Kind, class MakeValue>
void bin_ordered(BinnedColumn& out, KeyBuffers& buffers, MakeValue make_value) {
  using Key = typename Kind::Key;
  const core::Column& column = *out.source;
  const auto raw = column.as<typename Kind::Raw>();
  auto [keys, present] = keys_of<Key>(buffers);
  keys.resize(raw.size());
  std::transform(raw.begin(), raw.end(), keys.begin(), Kind::key);
  check_cancelled();
  if (out.n_missing != 0) find_missing<Kind>(column, buffers.missing);
  const std::span<const Key> seen = out.n_missing != 0
                                        ? present_keys(keys, buffers.missing, present)
                                        : std::span<const Key>(keys);
  const CutPoints<Key> cuts = exact_cut_points(seen);
  check_cancelled();
  assign_codes(cuts, std::span<const Key>(keys), std::span(out.codes));
  out.n_bins = seen.empty() ? 0 : cuts.n_bins();
  for (const Key key : cuts.value) out.cuts.push_back(make_value(key));
  out.strict = cuts.strict;
  if (out.n_missing == 0) return;
  const std::uint8_t* const missing = buffers.missing.data();
  std::uint8_t* const codes = out.codes.data();
  const std::size_t n = out.codes.size();
  for (std::size_t i = 0; i < n; ++i)
    codes[i] = static_cast<std::uint8_t>(codes[i] | (0 - missing[i]));  // 255 if missing
}

template <class Kind>
void bin_numbers(BinnedColumn& out, KeyBuffers& buffers) {
  bin_ordered<Kind>(out, buffers, [](typename Kind::Key key) { return Kind::value(key); });
}

template <class T>
void bin_times(BinnedColumn& out, KeyBuffers& buffers) {
  const core::ColumnType& type = out.source->type();
  bin_ordered<Signed<T>>(out, buffers, [&type](typename Signed<T>::Key key) {
    const auto ticks = Signed<T>::raw(key);
    if (type.type == Type::date) return Value::date(static_cast<std::int32_t>(ticks));
    if (type.type == Type::duration) return Value::duration(ticks, type.unit);
    return type.zone.empty() ? Value::local_timestamp(ticks, type.unit)
                             : Value::timestamp(ticks, type.unit);
  });
}

void bin_booleans(BinnedColumn& out) {
  const core::Column& column = *out.source;
  bool seen[2] = {false, false};
  for (RowIndex row = 0; row < column.n_rows(); ++row) {
    core::check_cancelled_at(row);
    if (column.is_null(row)) {
      out.codes[static_cast<std::size_t>(row)] = kMissingCode;
      continue;
    }
    out.codes[static_cast<std::size_t>(row)] = column.bit(row) ? 1 : 0;
    seen[column.bit(row) ? 1 : 0] = true;
  }
  out.n_bins = static_cast<int>(seen[0]) + static_cast<int>(seen[1]);
  if (out.n_bins == 2) {
    out.cuts.emplace_back(false);
    out.strict.push_back(0);
  } else {
    for (std::uint8_t& code : out.codes) code = code == kMissingCode ? kMissingCode : 0;
  }
}

core::Hash128 digest_of(const std::vector<std::uint8_t>& bytes) noexcept {
  return core::xxh3_128(bytes.data(), bytes.size(), 0);
}

core::Hash128 missing_digest(const std::vector<std::uint8_t>& codes) {
  static_assert(kMissingCode == 0xff);
  std::vector<std::uint8_t> plane((codes.size() + 7) / 8);
  for (std::size_t row = 0; row < codes.size(); row += 8) {  // no branch to guess wrong
    const std::size_t n = std::min<std::size_t>(8, codes.size() - row);
    unsigned bits = 0;
    for (std::size_t i = 0; i < n; ++i) bits |= (codes[row + i] == kMissingCode ? 1U : 0U) << i;
    plane[row / 8] = static_cast<std::uint8_t>(bits);
  }
  return digest_of(plane);
}

void add_digests(BinnedColumn& c) {
  c.codes_digest = c.swapped_digest = digest_of(c.codes);
  if (c.n_missing > 0) c.missing_digest = missing_digest(c.codes);
  if (c.n_bins != 2) return;
  std::vector<std::uint8_t> swapped(c.codes.size());
  std::transform(c.codes.begin(), c.codes.end(), swapped.begin(), swapped_code);
  c.swapped_digest = digest_of(swapped);
}

void bin_values(BinnedColumn& out, KeyBuffers& buffers) {
  switch (out.source->kind()) {
    case Type::null:
      std::fill(out.codes.begin(), out.codes.end(), kMissingCode);
      break;
    case Type::boolean:
      bin_booleans(out);
      break;
    case Type::int8:
      bin_numbers<Signed<std::int8_t>>(out, buffers);
      break;
    case Type::int16:
      bin_numbers<Signed<std::int16_t>>(out, buffers);
      break;
    case Type::int32:
      bin_numbers<Signed<std::int32_t>>(out, buffers);
      break;
    case Type::int64:
      bin_numbers<Signed<std::int64_t>>(out, buffers);
      break;
    case Type::uint8:
      bin_numbers<Unsigned8>(out, buffers);
      break;
    case Type::uint16:
      bin_numbers<Unsigned16>(out, buffers);
      break;
    case Type::uint32:
      bin_numbers<Unsigned32>(out, buffers);
      break;
    case Type::uint64:
      bin_numbers<Unsigned64>(out, buffers);
      break;
    case Type::float32:
      bin_numbers<Binary32>(out, buffers);
      break;
    case Type::float64:
      bin_numbers<Binary64>(out, buffers);
      break;
    case Type::date:
      bin_times<std::int32_t>(out, buffers);
      break;
    case Type::timestamp:
    case Type::duration:
      bin_times<std::int64_t>(out, buffers);
      break;
    case Type::text:
    case Type::dictionary:
      bin_levels(out);
      break;
  }
}

}  // namespace

BinnedColumn bin_column(const core::ColumnPtr& source, KeyBuffers& buffers) {
  BinnedColumn out;
  out.source = source;
  out.n_missing = source->n_missing();
  out.codes.resize(static_cast<std::size_t>(source->n_rows()));
  bin_values(out, buffers);
  add_digests(out);
  return out;
}

void for_each_column(std::size_t n, int threads,
                     const std::function<void(std::size_t, KeyBuffers&)>& body) {
  // Some columns in a row share buffers; not so many that a thread has nothing left to take.
  const auto all = static_cast<std::int64_t>(n);
  const std::int64_t in_a_row = std::clamp<std::int64_t>(all / (std::int64_t{8} * threads), 1, 16);
  core::parallel_for_chunks(all, in_a_row, threads,
                            [&](std::int64_t, std::int64_t begin, std::int64_t end) {
                              KeyBuffers buffers;
                              for (std::int64_t i = begin; i < end; ++i)
                                body(static_cast<std::size_t>(i), buffers);
                            });
}

BinnedColumn without_values(BinnedColumn column) {
  std::vector<core::Hash128> values(column.codes.size());
  core::hash_rows(std::span(&column.source, 1), core::domain_seed("value"), 1, values);
  column.values_digest = core::xxh3_128(values.data(), values.size() * sizeof(core::Hash128), 0);
  std::vector<RowIndex> first(kMissingCode + std::size_t{1});  // row of each code
  for (std::size_t row = column.codes.size(); row-- > 0;)
    first[column.codes[row]] = static_cast<RowIndex>(row);
  first.resize(column.is_category ? static_cast<std::size_t>(column.n_bins) : 0);
  column.source = column.source->take(first);
  const std::size_t n_levels = first.size() - (column.has_other ? 1 : 0);
  for (std::size_t b = 0; b < n_levels; ++b)
    column.cuts[b] = column.source->value(static_cast<RowIndex>(b));
  return column;
}

}  // namespace mlrepro::detail::binning
