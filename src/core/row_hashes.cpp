// SPDX-License-Identifier: Apache-2.0
// Row identity: the hash of a row is that of its elements one after another, in the order of the
// columns. A block of rows is written column by column, each row into a slot of its own, so that
// the type of a column is asked once a block; rows that do not fit their slot go one by one.
#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <variant>

#include "core/canonical.hpp"
#include "core/element_bytes.hpp"
#include "core/float_run.hpp"
#include "core/parallel.hpp"
#include "core/row_block.hpp"

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

constexpr RowIndex kChunk = RowIndex{1} << 14;

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
        return raw<std::uint32_t>(begin, n, block, write_float);
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
