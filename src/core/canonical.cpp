// SPDX-License-Identifier: Apache-2.0
#include "core/canonical.hpp"

#include <array>
#include <cstring>
#include <optional>

#include <mlrepro/core/order_key.hpp>

#include "core/parallel.hpp"

namespace mlrepro::detail::core {

namespace {

enum Tag : unsigned char {
  kMissing,
  kBool,
  kNatural,
  kNegative,
  kNumber,
  kText,
  kInstant,
  kDuration
};

void put_u64(char* out, std::uint64_t v) noexcept {
  for (int i = 0; i < 8; ++i) out[i] = static_cast<char>(v >> (8 * i) & 0xff);
}

std::size_t tagged(Tag tag, std::uint64_t payload, char* out) noexcept {
  out[0] = static_cast<char>(tag);
  put_u64(out + 1, payload);
  return 9;
}

std::size_t write_integer(bool negative, std::uint64_t two_complement, char* out) noexcept {
  return tagged(negative ? kNegative : kNatural, two_complement, out);
}

// A double by its bits: an integer in [-2^63, 2^64) is that integer, all else a number of its own.
std::size_t write_double(std::uint64_t bits, char* out) noexcept {
  const bool negative = (bits & kSign64) != 0;
  const int exponent = static_cast<int>(bits >> 52 & 0x7ffU);
  const std::uint64_t mantissa =
      (bits & 0xfffffffffffffU) | (exponent == 0 ? 0 : std::uint64_t{1} << 52);
  if (exponent == 0x7ff) return tagged(kNumber, bits, out);
  if ((bits & ~kSign64) == 0) return tagged(kNatural, 0, out);
  const int shift = exponent - 1075;  // value = mantissa * 2^shift
  if (shift < -52 || shift > 11) return tagged(kNumber, bits, out);
  if (shift < 0 && (mantissa & ((std::uint64_t{1} << -shift) - 1)) != 0)
    return tagged(kNumber, bits, out);
  const std::uint64_t magnitude = shift < 0 ? mantissa >> -shift : mantissa << shift;
  if (!negative) return tagged(kNatural, magnitude, out);
  if (magnitude > kSign64) return tagged(kNumber, bits, out);
  return tagged(kNegative, ~magnitude + 1, out);
}

std::size_t write_time(Tag tag, std::int64_t ticks, std::uint64_t ns, char* out) noexcept {
  const OrderKey key = time_key(ticks, ns);
  out[0] = static_cast<char>(tag);
  put_u64(out + 1, key.low);
  put_u64(out + 9, key.high ^ kSign64);
  return 17;
}

std::size_t write_text_head(std::size_t size, char* out) noexcept {
  return tagged(kText, static_cast<std::uint64_t>(size), out);
}

}  // namespace

std::size_t write_element(const Value& v, char* out) noexcept {
  switch (v.value_class()) {
    case ValueClass::boolean:
      out[0] = kBool;
      out[1] = static_cast<char>(v.bits());
      return 2;
    case ValueClass::number:
      if (v.is_nan()) break;
      switch (v.number_form()) {
        case Value::NumberForm::unsigned_integer:
          return write_integer(false, v.bits(), out);
        case Value::NumberForm::signed_integer:
          return write_integer((v.bits() & kSign64) != 0, v.bits(), out);
        case Value::NumberForm::binary64:
          return write_double(v.bits(), out);
        case Value::NumberForm::binary32:
          return write_double(widen_bits(static_cast<std::uint32_t>(v.bits())), out);
      }
      break;
    case ValueClass::date:
      return write_time(kInstant, static_cast<std::int64_t>(v.bits()), kNsPerDay, out);
    case ValueClass::timestamp:
    case ValueClass::local_timestamp:
      return write_time(kInstant, static_cast<std::int64_t>(v.bits()), ns_per_tick(v.unit()), out);
    case ValueClass::duration:
      return write_time(kDuration, static_cast<std::int64_t>(v.bits()), ns_per_tick(v.unit()), out);
    case ValueClass::text:
    case ValueClass::missing:
      break;
  }
  out[0] = kMissing;
  return 1;
}

char* ElementBuffer::grow(std::size_t n) {
  if (size_ + n > bytes_.size()) bytes_.resize((size_ + n) * 2);
  char* at = bytes_.data() + size_;
  size_ += n;
  return at;
}

void ElementBuffer::append(const Value& value) {
  if (value.value_class() == ValueClass::text) {
    const std::string_view text = value.text();
    char* at = grow(9 + text.size());
    write_text_head(text.size(), at);
    if (!text.empty()) std::memcpy(at + 9, text.data(), text.size());
    return;
  }
  char* at = grow(kFixedElement);
  size_ -= kFixedElement - write_element(value, at);
}

std::string element(const Value& value) {
  ElementBuffer buffer;
  buffer.append(value);
  return std::string(buffer.view());
}

namespace {

// Elements of one row: on the stack while they fit, else streamed. Both give the same digest.
class RowHasher {
 public:
  explicit RowHasher(std::uint64_t seed) noexcept : seed_(seed) {}
  void append(const Value& value) noexcept {
    if (value.value_class() != ValueClass::text) {
      char bytes[kFixedElement];
      put(bytes, write_element(value, bytes));
      return;
    }
    const std::string_view text = value.text();
    char head[9];
    put(head, write_text_head(text.size(), head));
    put(text.data(), text.size());
  }
  void put(const char* bytes, std::size_t size) noexcept {
    if (!stream_ && size_ + size <= sizeof buffer_) {
      if (size != 0) std::memcpy(buffer_ + size_, bytes, size);
      size_ += size;
      return;
    }
    if (!stream_) {
      stream_.emplace(seed_);
      stream_->update(buffer_, size_);
    }
    stream_->update(bytes, size);
  }
  Hash128 digest_and_clear() noexcept {
    const Hash128 h = stream_ ? stream_->digest() : xxh3_128(buffer_, size_, seed_);
    size_ = 0;
    stream_.reset();
    return h;
  }

 private:
  std::uint64_t seed_;
  std::size_t size_ = 0;
  char buffer_[1024];
  std::optional<HashStream> stream_{};  // only for a row that does not fit
};

// The elements of a dictionary's levels, one after another: written once, copied per row.
struct LevelElements {
  std::string bytes;
  std::vector<std::size_t> starts{0};
  explicit LevelElements(const Column& levels) {
    ElementBuffer buffer;
    for (RowIndex i = 0; i < levels.n_rows(); ++i) {
      buffer.append(levels, i);
      starts.push_back(buffer.size());
    }
    bytes.assign(buffer.view());
  }
  std::string_view of(std::int32_t code) const noexcept {
    const auto i = static_cast<std::size_t>(code);
    return std::string_view(bytes).substr(starts[i], starts[i + 1] - starts[i]);
  }
};

void hash_dictionary(const Column& column, std::uint64_t seed, int threads,
                     std::span<Hash128> out) {
  const LevelElements levels(*column.levels());
  std::vector<Hash128> of_level(static_cast<std::size_t>(column.levels()->n_rows()));
  for (std::size_t i = 0; i < of_level.size(); ++i) {
    const std::string_view bytes = levels.of(static_cast<std::int32_t>(i));
    of_level[i] = xxh3_128(bytes.data(), bytes.size(), seed);
  }
  const char missing_element = kMissing;
  const Hash128 of_missing = xxh3_128(&missing_element, 1, seed);
  parallel_for_chunks(
      column.n_rows(), 1 << 16, threads, [&](std::int64_t, RowIndex begin, RowIndex end) {
        for (RowIndex row = begin; row < end; ++row) {
          out[static_cast<std::size_t>(row)] =
              column.is_null(row) ? of_missing
                                  : of_level[static_cast<std::size_t>(column.code(row))];
        }
      });
}

// One element without the general hasher: what a service does for each key.
Hash128 hash_element(const Value& value, std::uint64_t seed) noexcept {
  char bytes[128];
  if (value.value_class() != ValueClass::text)
    return xxh3_128(bytes, write_element(value, bytes), seed);
  const std::string_view text = value.text();
  const std::size_t head = write_text_head(text.size(), bytes);
  if (text.size() <= sizeof bytes - head) {
    if (!text.empty()) std::memcpy(bytes + head, text.data(), text.size());
    return xxh3_128(bytes, head + text.size(), seed);
  }
  HashStream stream(seed);
  stream.update(bytes, head);
  stream.update(text.data(), text.size());
  return stream.digest();
}

}  // namespace

Hash128 hash_values(std::span<const Value> values, std::uint64_t seed) noexcept {
  if (values.size() == 1) return hash_element(values[0], seed);
  RowHasher hasher(seed);
  for (const Value& value : values) hasher.append(value);
  return hasher.digest_and_clear();
}

void hash_rows_plain(std::span<const ColumnPtr> columns, std::uint64_t seed,
                     std::span<Hash128> out) {
  ElementBuffer buffer;
  for (std::size_t row = 0; row < out.size(); ++row) {
    buffer.clear();
    for (const ColumnPtr& column : columns) buffer.append(*column, static_cast<RowIndex>(row));
    out[row] = xxh3_128(buffer.data(), buffer.size(), seed);
  }
}

void hash_rows(std::span<const ColumnPtr> columns, std::uint64_t seed, int threads,
               std::span<Hash128> out) {
  if (columns.size() == 1 && columns[0]->kind() == Type::dictionary) {
    hash_dictionary(*columns[0], seed, threads, out);
    return;
  }
  if (columns.size() == 1) {
    const Column& column = *columns[0];
    parallel_for_chunks(
        column.n_rows(), 1 << 14, threads, [&](std::int64_t, RowIndex begin, RowIndex end) {
          for (RowIndex row = begin; row < end; ++row) {
            out[static_cast<std::size_t>(row)] = hash_element(column.value(row), seed);
          }
        });
    return;
  }
  std::vector<std::unique_ptr<LevelElements>> levels(columns.size());
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (columns[c]->kind() == Type::dictionary)
      levels[c] = std::make_unique<LevelElements>(*columns[c]->levels());
  }
  parallel_for_chunks(static_cast<RowIndex>(out.size()), 1 << 14, threads,
                      [&](std::int64_t, RowIndex begin, RowIndex end) {
                        RowHasher hasher(seed);
                        for (RowIndex row = begin; row < end; ++row) {
                          for (std::size_t c = 0; c < columns.size(); ++c) {
                            const Column& column = *columns[c];
                            if (levels[c] && !column.is_null(row)) {
                              const std::string_view bytes = levels[c]->of(column.code(row));
                              hasher.put(bytes.data(), bytes.size());
                            } else {
                              hasher.append(column.value(row));
                            }
                          }
                          out[static_cast<std::size_t>(row)] = hasher.digest_and_clear();
                        }
                      });
}

bool equal_cells(const Column& a, RowIndex row_a, const Column& b, RowIndex row_b) noexcept {
  const Value x = a.value(row_a), y = b.value(row_b);
  if (x.value_class() == ValueClass::text || y.value_class() == ValueClass::text) {
    return x.value_class() == y.value_class() && x.text() == y.text();
  }
  std::array<char, kFixedElement> p{}, q{};
  const std::size_t n = write_element(x, p.data());
  return n == write_element(y, q.data()) && std::memcmp(p.data(), q.data(), n) == 0;
}

}  // namespace mlrepro::detail::core
