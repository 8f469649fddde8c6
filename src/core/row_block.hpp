// SPDX-License-Identifier: Apache-2.0
// Canonical elements of a few rows while they are written, column by column, each row into a slot
// of its own.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "core/column.hpp"
#include "core/element_bytes.hpp"
#include "core/hash.hpp"

namespace mlrepro::detail::core {

inline constexpr int kBlockRows = 64, kFewestRows = 16;           // 16 values are a line of cache
inline constexpr std::size_t kBlockBytes = std::size_t{1} << 19;  // stays in cache
inline constexpr std::size_t kTextRoom = 64;  // bytes that a slot has for a text or a category

inline std::size_t most_bytes(Type type) noexcept {
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

}  // namespace mlrepro::detail::core
