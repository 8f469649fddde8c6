// SPDX-License-Identifier: Apache-2.0
// Dictionaries: any integer index, other levels in each batch, repeated or null levels. The levels
// are unified by value in order of first appearance, so that a column of one batch without repeats
// keeps codes and order as they are.
#include <limits>
#include <string>

#include "core/arrow_parts.hpp"
#include "core/cancel.hpp"
#include "core/key_index.hpp"
#include "core/raise.hpp"

namespace mlrepro::detail::core {
namespace {

struct Levels {
  ColumnPtr column;  // distinct, no nulls
  std::vector<std::int32_t>
      level_of;  // of each entry of the dictionaries, one after the other; -1: a missing entry
  bool is_identity = true;
};

Levels unify(const ColumnPtr& entries) {
  Levels levels;
  if (entries->n_rows() > std::numeric_limits<std::int32_t>::max()) {
    raise<LimitError>({.message = "column " + in_quotes(entries->name()) +
                                  " has more than 2,147,483,647 categories.",
                       .column = entries->name(),
                       .next_step = "Pass it as text."});
  }
  const KeyIndex index({entries});  // groups are in order of first appearance
  levels.level_of.assign(index.group_of_row().begin(), index.group_of_row().end());
  levels.is_identity = index.n_groups() == entries->n_rows();
  levels.column = levels.is_identity ? entries : entries->take(index.first_row());
  return levels;
}

// The dictionaries of all chunks as one column, and where the entries of each chunk begin in it.
struct Entries {
  std::vector<ArrowChunk> chunks{};
  std::vector<std::int64_t> begin{}, size{};
};

bool same_memory(const ArrowArray& a, const ArrowArray& b) noexcept {
  if (a.length != b.length || a.offset != b.offset || a.n_buffers != b.n_buffers) return false;
  for (std::int64_t i = 0; i < a.n_buffers; ++i) {
    if (a.buffers[i] != b.buffers[i]) return false;
  }
  return a.n_buffers > 1 && a.buffers[1] != nullptr;
}

Entries collect_entries(const ArrowField& field, std::span<const ArrowChunk> chunks) {
  Entries entries;
  std::int64_t n = 0;
  for (const ArrowChunk& chunk : chunks) {
    const ArrowArray& dictionary = *chunk.array->dictionary;
    if (dictionary.length < 0 || dictionary.offset < 0 || dictionary.length > kMaxArrowLength ||
        dictionary.offset > kMaxArrowLength) {
      raise_malformed_array(field.name, "the length of its dictionary is out of range.");
    }
    const bool again =
        !entries.chunks.empty() && same_memory(*entries.chunks.back().array, dictionary);
    if (!again) {
      entries.chunks.push_back({&dictionary, dictionary.offset, dictionary.length, n, chunk.owner});
      n += dictionary.length;
    }
    entries.begin.push_back(n - dictionary.length);
    entries.size.push_back(dictionary.length);
  }
  return entries;
}

std::int64_t load_index(const void* values, std::int64_t i, int width, bool is_signed) noexcept {
  switch (width * (is_signed ? 1 : -1)) {
    case 1:
      return load<std::int8_t>(values, i);
    case 2:
      return load<std::int16_t>(values, i);
    case 4:
      return load<std::int32_t>(values, i);
    case -1:
      return load<std::uint8_t>(values, i);
    case -2:
      return load<std::uint16_t>(values, i);
    case -4:
      return load<std::uint32_t>(values, i);
    default:
      return load<std::int64_t>(
          values, i);  // an unsigned one beyond int64 turns negative: refused as any other
  }
}

struct Codes {
  std::vector<std::int32_t> codes;
  std::vector<std::uint8_t> validity;
  bool any_missing = false;
};

void read_codes(const ArrowField& field, const ArrowChunk& chunk,
                std::span<const std::int32_t> level_of, Codes& out, std::size_t row) {
  if (chunk.length == 0) return;
  const void* indices = buffer_of(field, chunk, 1);
  for (std::int64_t i = 0; i < chunk.length; ++i, ++row) {
    check_cancelled_at(i);
    std::int32_t code = -1;
    if (is_present(chunk, i)) {
      const std::int64_t index =
          load_index(indices, chunk.offset + i, field.width, field.index_is_signed);
      if (index < 0 || static_cast<std::size_t>(index) >= level_of.size()) {
        raise_malformed_array(field.name, "row " + std::to_string(chunk.first_row + i) +
                                              " has code " + std::to_string(index) +
                                              ", and the dictionary has " +
                                              std::to_string(level_of.size()) + " entries.");
      }
      code = level_of[static_cast<std::size_t>(index)];
    }
    out.codes[row] = code < 0 ? 0 : code;
    out.any_missing = out.any_missing || code < 0;
    if (code >= 0)
      out.validity[row >> 3] = static_cast<std::uint8_t>(out.validity[row >> 3] | 1U << (row & 7));
  }
}

}  // namespace

ColumnPtr read_dictionary(const ArrowField& field, std::span<const ArrowChunk> chunks) {
  const Entries entries = collect_entries(field, chunks);
  const Levels levels = unify(read_arrow_column(*field.values, entries.chunks));
  const std::int64_t n_rows = total_length(chunks);
  Codes out;
  out.codes.resize(static_cast<std::size_t>(n_rows) + 1);
  out.validity.resize(static_cast<std::size_t>((n_rows + 7) / 8));
  std::size_t row = 0;
  for (std::size_t k = 0; k < chunks.size(); ++k) {
    const auto level_of = std::span(levels.level_of)
                              .subspan(static_cast<std::size_t>(entries.begin[k]),
                                       static_cast<std::size_t>(entries.size[k]));
    read_codes(field, chunks[k], level_of, out, row);
    row += static_cast<std::size_t>(chunks[k].length);
  }
  Buffer values = Buffer::of(std::move(out.codes));
  const bool is_int32 =
      chunks.size() == 1 && field.width == 4 && field.index_is_signed && levels.is_identity;
  if (is_int32 && chunks[0].length > 0) {  // checked above; share them
    const auto* begin =
        static_cast<const std::byte*>(chunks[0].array->buffers[1]) + chunks[0].offset * 4;
    if (is_aligned(begin, 4)) values = {chunks[0].owner, begin};
  }
  Buffer validity = out.any_missing ? Buffer::of(std::move(out.validity)) : Buffer{};
  return std::make_shared<const Column>(field.name, field.type, n_rows, std::move(values),
                                        std::move(validity), Buffer{}, levels.column);
}

}  // namespace mlrepro::detail::core
