// SPDX-License-Identifier: Apache-2.0
// Row identity: the hash of a row is that of its elements one after another, in the order of the
// columns. A block of rows is written column by column, each row into a slot of its own, so that
// the type of a column is asked once a block; rows that do not fit their slot go one by one.
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <variant>

#include "core/canonical.hpp"
#include "core/element_bytes.hpp"
#include "core/parallel.hpp"

namespace mlrepro::detail::core {
namespace {

// The elements of a dictionary's levels, one after another: written once, copied per row.
class LevelElements {
 public:
  explicit LevelElements(const Column& levels) {
    ElementBuffer buffer;
    for (RowIndex i = 0; i < levels.n_rows(); ++i) {
      check_cancelled_at(i);
      buffer.append(levels, i);
      starts_.push_back(buffer.size());
    }
    bytes_.assign(buffer.view());
  }
  std::string_view of(std::int32_t code) const noexcept {
    const auto i = static_cast<std::size_t>(code);
    return std::string_view(bytes_).substr(starts_[i], starts_[i + 1] - starts_[i]);
  }

 private:
  std::string bytes_;
  std::vector<std::size_t> starts_{0};
};

// Elements of one row of any length: on the stack while they fit, else streamed; the same digest.
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
    put(head, write_tagged(kTextTag, text.size(), head));
    put(text.data(), text.size());
  }
  Hash128 digest_and_clear() noexcept {
    const Hash128 h = stream_ ? stream_->digest() : xxh3_128(buffer_, size_, seed_);
    size_ = 0;
    stream_.reset();
    return h;
  }

 private:
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

  std::uint64_t seed_;
  std::size_t size_ = 0;
  char buffer_[1024];
  std::optional<HashStream> stream_{};  // only for a row that does not fit
};

constexpr int kBlockRows = 64, kFewestRows = 16;           // 16 values are a line of cache
constexpr std::size_t kBlockBytes = std::size_t{1} << 19;  // stays in cache
constexpr std::size_t kTextRoom = 64;  // bytes that a slot has for a text or a category
constexpr RowIndex kChunk = RowIndex{1} << 14;

std::size_t most_bytes(Type type) noexcept {
  switch (type) {
    case Type::null:
      return 1;
    case Type::boolean:
      return 2;
    case Type::date:
    case Type::timestamp:
    case Type::duration:
      return kFixedElement;
    case Type::text:
    case Type::dictionary:
      return kTextRoom;
    default:
      return 9;
  }
}

// The elements of a few rows, each row in its own slot.
class RowBlock {
 public:
  explicit RowBlock(std::size_t bytes_of_row)
      : slot_((bytes_of_row / 64 + 1) * 64 | 64),  // an odd number of cache lines
        n_rows_(std::clamp<std::size_t>(kBlockBytes / slot_, kFewestRows, kBlockRows)),
        bytes_(slot_ * n_rows_) {}

  int n_rows() const noexcept { return static_cast<int>(n_rows_); }
  void clear(std::size_t bytes_to_come) noexcept {
    std::fill(std::begin(size_), std::end(size_), std::size_t{0});
    full_ = 0;
    to_come_ = bytes_to_come;
  }
  // Every cell of a column of fixed width: write(row of the block, out) gives the bytes written, at
  // most `most`.
  template <class Write>
  void append_column(int n, std::size_t most, const Write& write) noexcept {
    to_come_ -= most;
    for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i)
      size_[i] += write(i, bytes_.data() + i * slot_ + size_[i]);
  }
  // The same for columns one after another, row by row: write(row of the block, column, out).
  template <class Write>
  void append_columns(int n, std::size_t n_columns, std::size_t most, const Write& write) noexcept {
    to_come_ -= most * n_columns;
    for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
      char* const slot = bytes_.data() + i * slot_;
      char* at = slot + size_[i];
      for (std::size_t c = 0; c < n_columns; ++c) at += write(i, c, at);
      size_[i] = static_cast<std::size_t>(at - slot);
    }
  }
  void start_texts() noexcept { to_come_ -= kTextRoom; }
  // A cell of any length; a row whose slot it does not fit into, with what is still to come, is
  // full.
  void append(std::size_t i, std::string_view head, std::string_view tail) noexcept {
    if (size_[i] + head.size() + tail.size() + to_come_ > slot_) {
      full_ |= std::uint64_t{1} << i;
      return;
    }
    char* at = bytes_.data() + i * slot_ + size_[i];
    std::memcpy(at, head.data(), head.size());
    if (!tail.empty()) std::memcpy(at + head.size(), tail.data(), tail.size());
    size_[i] += head.size() + tail.size();
  }
  bool is_full(std::size_t i) const noexcept { return (full_ >> i & 1) != 0; }
  Hash128 hash(std::size_t i, std::uint64_t seed) const noexcept {
    return xxh3_128(bytes_.data() + i * slot_, size_[i], seed);
  }

 private:
  std::size_t slot_, n_rows_;
  std::vector<char> bytes_;
  std::size_t size_[kBlockRows] = {};
  std::size_t to_come_ = 0;  // the room that later columns of fixed width need
  std::uint64_t full_ = 0;
};

// One column of a row, ready to be written block by block.
class ElementWriter {
 public:
  explicit ElementWriter(const Column& column) : column_(column) {
    if (column.kind() == Type::dictionary)
      levels_ = std::make_unique<LevelElements>(*column.levels());
  }

  std::size_t most() const noexcept { return most_bytes(column_.kind()); }

  void write(RowIndex begin, int n, RowBlock& block) const {
    switch (column_.kind()) {
      case Type::null:
        return block.append_column(n, most(),
                                   [](std::size_t, char* out) { return write_missing(out); });
      case Type::boolean:
        return fixed(begin, n, block, [this](std::size_t row, char* out) {
          return write_bool(column_.bit(static_cast<RowIndex>(row)), out);
        });
      case Type::text:
        return texts(begin, n, block);
      case Type::dictionary:
        return categories(begin, n, block);
      case Type::float32:
        return raw<std::uint32_t>(begin, n, block, [](std::uint32_t bits, char* out) {
          return write_double(widen_bits(bits), out);
        });
      case Type::float64:
        return raw<std::uint64_t>(begin, n, block, write_double);
      case Type::date:
        return ticks<std::int32_t>(kInstantTag, kNsPerDay, begin, n, block);
      case Type::timestamp:
        return ticks<std::int64_t>(kInstantTag, ns_per_tick(column_.type().unit), begin, n, block);
      case Type::duration:
        return ticks<std::int64_t>(kDurationTag, ns_per_tick(column_.type().unit), begin, n, block);
      default:
        return integers(begin, n, block);
    }
  }

 private:
  template <class Write>  // write(row of the column, out)
  void fixed(RowIndex begin, int n, RowBlock& block, const Write& write) const {
    const auto first = static_cast<std::size_t>(begin);
    if (column_.n_null() == 0) {
      block.append_column(n, most(),
                          [&](std::size_t i, char* out) { return write(first + i, out); });
      return;
    }
    block.append_column(n, most(), [&](std::size_t i, char* out) {
      return column_.is_null(begin + static_cast<RowIndex>(i)) ? write_missing(out)
                                                               : write(first + i, out);
    });
  }
  template <class T, class Write>
  void raw(RowIndex begin, int n, RowBlock& block, const Write& write) const {
    fixed(begin, n, block, [values = column_.as<T>(), &write](std::size_t row, char* out) {
      return write(values[row], out);
    });
  }
  template <class T>
  void ticks(unsigned tag, std::uint64_t ns, RowIndex begin, int n, RowBlock& block) const {
    raw<T>(begin, n, block, [=](T value, char* out) { return write_ticks(tag, value, ns, out); });
  }
  void integers(RowIndex begin, int n, RowBlock& block) const {
    switch (column_.kind()) {
      case Type::int8:
        return raw<std::int8_t>(begin, n, block, write_signed);
      case Type::int16:
        return raw<std::int16_t>(begin, n, block, write_signed);
      case Type::int32:
        return raw<std::int32_t>(begin, n, block, write_signed);
      case Type::int64:
        return raw<std::int64_t>(begin, n, block, write_signed);
      case Type::uint8:
        return raw<std::uint8_t>(begin, n, block, write_unsigned);
      case Type::uint16:
        return raw<std::uint16_t>(begin, n, block, write_unsigned);
      case Type::uint32:
        return raw<std::uint32_t>(begin, n, block, write_unsigned);
      default:
        return raw<std::uint64_t>(begin, n, block, write_unsigned);
    }
  }
  void texts(RowIndex begin, int n, RowBlock& block) const {
    block.start_texts();
    for (int i = 0; i < n; ++i) {
      char head[9];
      const bool is_null = column_.is_null(begin + i);
      const std::string_view text = is_null ? std::string_view() : column_.text(begin + i);
      const std::size_t size =
          is_null ? write_missing(head) : write_tagged(kTextTag, text.size(), head);
      block.append(static_cast<std::size_t>(i), {head, size}, text);
    }
  }
  void categories(RowIndex begin, int n, RowBlock& block) const {
    block.start_texts();
    char missing_element[1];
    write_missing(missing_element);
    for (int i = 0; i < n; ++i) {
      const RowIndex row = begin + i;
      const std::string_view element = column_.is_null(row) ? std::string_view(missing_element, 1)
                                                            : levels_->of(column_.code(row));
      block.append(static_cast<std::size_t>(i), element, {});
    }
  }

  const Column& column_;
  std::unique_ptr<LevelElements> levels_{};
};

// The next block of a column: too few bytes at a time for the CPU to foresee it.
template <class T>
void prefetch([[maybe_unused]] std::span<const T> values) noexcept {
#if defined(__GNUC__)
  for (std::size_t i = 0; i < values.size(); i += 64 / sizeof(T))
    __builtin_prefetch(&values[i], 0, 2);
#endif
}

// Whether all are fractions of a size at which they are no subnormals and may have a fraction at
// all: as integers such a number is written as its bits. Adding and subtracting the first power of
// two whose unit is 1 rounds the fraction away, in every rounding mode.
template <class Float, class Bits>
struct Fractions {
  static constexpr int kDigits = std::numeric_limits<Float>::digits - 1;
  static constexpr Bits kSign = Bits{1} << (8 * sizeof(Bits) - 1);
  static constexpr Bits kInfinity = std::bit_cast<Bits>(std::numeric_limits<Float>::infinity());
  static constexpr Float kWhole = static_cast<Float>(std::uint64_t{1} << kDigits);
  static constexpr Bits kLeast = Bits{1} << kDigits;  // the first normal number
  static constexpr Bits kRange = std::bit_cast<Bits>(kWhole) - kLeast;

  static Bits is_one(Bits magnitude) noexcept {
    const Float x = std::bit_cast<Float>(magnitude);
    return static_cast<Bits>(magnitude - kLeast < kRange) &
           static_cast<Bits>(x + kWhole - kWhole != x);
  }
  static bool are_all(const Bits* bits, std::size_t n) noexcept {
    Bits all = 1;
    for (std::size_t i = 0; i < n; ++i) all &= is_one(bits[i] & ~kSign);
    return all != 0;
  }
  // Fractions, zeros and NaN, each by its tag; false: there are others.
  static bool tag_all(const Bits* bits, std::size_t n, std::uint8_t* tags) noexcept {
    Bits all = 1;
    for (std::size_t i = 0; i < n; ++i) {
      const Bits magnitude = bits[i] & ~kSign;
      const Bits fraction = is_one(magnitude), zero = static_cast<Bits>(magnitude == 0);
      all &= fraction | zero | static_cast<Bits>(magnitude > kInfinity);
      tags[i] = static_cast<std::uint8_t>(fraction * kNumberTag + zero * kNaturalTag);
    }
    return all != 0;
  }
};
static_assert(kMissingTag == 0 && kNaturalTag + 7 < 16 && kNumberTag + 7 < 16);

std::uint64_t widen_normal(std::uint32_t bits) noexcept {
  return (std::uint64_t{bits & 0x7fffffffU} << 29) + (std::uint64_t{896} << 52) +
         (std::uint64_t{bits >> 31} << 63);
}
std::uint64_t widen_normal(std::uint64_t bits) noexcept {
  return bits;
}

// Neighbouring columns of one floating type without nulls: most of a wide table. Where a block of
// them holds nothing but fractions, each is its tag and its bits.
class FloatRun {
 public:
  static bool takes(const Column& column) noexcept {
    return (column.kind() == Type::float32 || column.kind() == Type::float64) &&
           column.n_null() == 0;
  }
  explicit FloatRun(Type kind) : kind_(kind) {}
  bool add(const Column& column) {
    if (columns_.size() == kLongest || column.kind() != kind_ || !takes(column)) return false;
    columns_.push_back(&column);
    return true;
  }
  void write(RowIndex begin, int n, RowBlock& block) const {
    if (kind_ == Type::float32) {
      values<float, std::uint32_t>(begin, n, block, [](std::uint32_t bits, char* out) {
        return write_double(widen_bits(bits), out);
      });
    } else {
      values<double, std::uint64_t>(begin, n, block, write_double);
    }
  }

 private:
  static constexpr std::size_t kLongest = 32;  // columns

  template <class Float, class Bits, class Write>
  void values(RowIndex begin, int n, RowBlock& block, const Write& write_one) const {
    // Columns lie a power of two apart more often than not, and would drive each other out of cache
    // if they were read row by row.
    std::uint64_t words[kLongest][kBlockRows + 8];
    std::uint8_t tags[kLongest][kBlockRows];
    const auto rows = static_cast<std::size_t>(n);
    bool plain = true, tagged = true;
    for (std::size_t c = 0; c < columns_.size() && tagged; ++c) {
      const std::span<const Bits> rest =
          columns_[c]->as<Bits>().subspan(static_cast<std::size_t>(begin));
      prefetch(rest.subspan(rows, std::min(rest.size() - rows, rows)));
      const Bits* bits = rest.data();
      plain = plain && Fractions<Float, Bits>::are_all(bits, rows);
      tagged = plain || Fractions<Float, Bits>::tag_all(bits, rows, tags[c]);
      if (plain) std::fill_n(tags[c], n, std::uint8_t{kNumberTag});
      for (std::size_t i = 0; i < rows; ++i)
        words[c][i] = tags[c][i] == kNumberTag ? widen_normal(bits[i]) : 0;
    }
    if (plain) {
      block.append_columns(n, columns_.size(), most_bytes(kind_),
                           [&](std::size_t i, std::size_t c, char* out) {
                             return write_tagged(kNumberTag, words[c][i], out);
                           });
      return;
    }
    if (tagged) {  // the payload behind a missing value's tag is written over by the next one
      block.append_columns(n, columns_.size(), most_bytes(kind_),
                           [&](std::size_t i, std::size_t c, char* out) {
                             write_tagged(tags[c][i], words[c][i], out);
                             return 1U + ((tags[c][i] + 7U) & 8U);  // no branch to guess wrong
                           });
      return;
    }
    for (const Column* column : columns_) {
      const Bits* bits = column->as<Bits>().data() + begin;
      block.append_column(n, most_bytes(kind_),
                          [&](std::size_t i, char* out) { return write_one(bits[i], out); });
    }
  }

  Type kind_;
  std::vector<const Column*> columns_{};
};

using Writer = std::variant<ElementWriter, FloatRun>;

std::vector<Writer> writers_of(std::span<const ColumnPtr> columns) {
  std::vector<Writer> writers;
  for (const ColumnPtr& column : columns) {
    FloatRun* run = writers.empty() ? nullptr : std::get_if<FloatRun>(&writers.back());
    if (run != nullptr && run->add(*column)) continue;
    if (FloatRun::takes(*column)) {
      writers.emplace_back(FloatRun(column->kind()));
      std::get<FloatRun>(writers.back()).add(*column);
    } else {
      writers.emplace_back(ElementWriter(*column));
    }
  }
  return writers;
}

// One element without the general hasher: what a service does for each key.
Hash128 hash_element(const Value& value, std::uint64_t seed) noexcept {
  char bytes[128];
  if (value.value_class() != ValueClass::text)
    return xxh3_128(bytes, write_element(value, bytes), seed);
  const std::string_view text = value.text();
  const std::size_t head = write_tagged(kTextTag, text.size(), bytes);
  if (text.size() <= sizeof bytes - head) {
    if (!text.empty()) std::memcpy(bytes + head, text.data(), text.size());
    return xxh3_128(bytes, head + text.size(), seed);
  }
  HashStream stream(seed);
  stream.update(bytes, head);
  stream.update(text.data(), text.size());
  return stream.digest();
}

Hash128 hash_long_row(std::span<const ColumnPtr> columns, RowIndex row, std::uint64_t seed) {
  RowHasher hasher(seed);
  for (const ColumnPtr& column : columns) hasher.append(column->value(row));
  return hasher.digest_and_clear();
}

void hash_dictionary(const Column& column, std::uint64_t seed, int threads,
                     std::span<Hash128> out) {
  const LevelElements levels(*column.levels());
  std::vector<Hash128> of_level(static_cast<std::size_t>(column.levels()->n_rows()));
  for (std::size_t i = 0; i < of_level.size(); ++i) {
    const std::string_view bytes = levels.of(static_cast<std::int32_t>(i));
    of_level[i] = xxh3_128(bytes.data(), bytes.size(), seed);
  }
  const Hash128 of_missing = hash_values(std::array{Value()}, seed);
  parallel_for_chunks(
      column.n_rows(), 1 << 16, threads, [&](std::int64_t, RowIndex begin, RowIndex end) {
        for (RowIndex row = begin; row < end; ++row) {
          out[static_cast<std::size_t>(row)] =
              column.is_null(row) ? of_missing
                                  : of_level[static_cast<std::size_t>(column.code(row))];
        }
      });
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
  const std::vector<Writer> writers = writers_of(columns);
  std::size_t bytes_of_row = 0;
  for (const ColumnPtr& column : columns) bytes_of_row += most_bytes(column->kind());
  parallel_for_chunks(
      static_cast<RowIndex>(out.size()), kChunk, threads,
      [&](std::int64_t, RowIndex first, RowIndex end) {
        RowBlock block(bytes_of_row);
        for (RowIndex begin = first; begin < end; begin += block.n_rows()) {
          const int n = static_cast<int>(std::min<RowIndex>(block.n_rows(), end - begin));
          block.clear(bytes_of_row);
          for (const Writer& writer : writers)
            std::visit([&](const auto& w) { w.write(begin, n, block); }, writer);
          for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
            const RowIndex row = begin + static_cast<RowIndex>(i);
            out[static_cast<std::size_t>(row)] =
                block.is_full(i) ? hash_long_row(columns, row, seed) : block.hash(i, seed);
          }
        }
      });
}

}  // namespace mlrepro::detail::core
