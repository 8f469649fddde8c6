// SPDX-License-Identifier: Apache-2.0
// Columns from what users and our own code hold: views that are copied, vectors that are taken
// over.
#include <cstring>
#include <set>

#include "core/column.hpp"
#include "core/raise.hpp"
#include "core/utf8.hpp"

namespace mlrepro::detail::core {

namespace {

Buffer copied(const void* bytes, std::size_t size) {
  std::vector<std::uint8_t> out(size);
  if (size != 0) std::memcpy(out.data(), bytes, size);
  return Buffer::of(std::move(out));
}

// 8-byte alignment for what is read as wider than a byte.
template <class T>
Buffer copied_values(std::span<const T> values) {
  return Buffer::of(std::vector<T>(values.begin(), values.end()));
}

Buffer packed_bits(const ColumnView& view) {
  std::vector<std::uint8_t> bits((static_cast<std::size_t>(view.n_rows()) + 7) / 8);
  for (RowIndex row = 0; row < view.n_rows(); ++row) {
    const auto i = static_cast<std::size_t>(row);
    if (view[row].bits() != 0)
      bits[i >> 3] = static_cast<std::uint8_t>(bits[i >> 3] | 1U << (i & 7));
  }
  return Buffer::of(std::move(bits));
}

struct TextParts {
  Buffer bytes, offsets;
};
template <class At>
TextParts pack_text(std::size_t n, At at) {
  std::vector<std::int64_t> offsets(n + 1);
  for (std::size_t i = 0; i < n; ++i)
    offsets[i + 1] = offsets[i] + static_cast<std::int64_t>(at(i).size());
  std::vector<char> bytes(static_cast<std::size_t>(offsets.back()));
  for (std::size_t i = 0; i < n; ++i) {
    const std::string_view text = at(i);
    if (!text.empty()) std::memcpy(bytes.data() + offsets[i], text.data(), text.size());
  }
  return {Buffer::of(std::move(bytes)), Buffer::of(std::move(offsets))};
}

ColumnPtr levels_column(std::span<const std::string_view> levels) {
  TextParts text = pack_text(levels.size(), [&](std::size_t i) { return levels[i]; });
  return std::make_shared<Column>("", ColumnType{Type::text}, static_cast<RowIndex>(levels.size()),
                                  std::move(text.bytes), Buffer{}, std::move(text.offsets));
}

void check_levels(const std::string& name, std::span<const std::string_view> levels) {
  std::set<std::string_view> seen;
  for (const std::string_view level : levels) {
    if (!is_utf8(level)) {
      raise<SchemaError>(
          {.message = "column " + in_quotes(name) + ": a category is not valid UTF-8.",
           .column = name,
           .next_step = "Decode the categories first."});
    }
    if (seen.insert(level).second) continue;
    raise<SchemaError>({.message = "column " + in_quotes(name) + ": category " + in_quotes(level) +
                                   " is listed twice.",
                        .column = name,
                        .next_step = "List each category once."});
  }
}

void check_text(const std::string& name, const ColumnView& view) {
  for (RowIndex row = 0; row < view.n_rows(); ++row) {
    if (view.is_null(row) || is_utf8(view[row].text())) continue;
    raise<SchemaError>({.message = "column " + in_quotes(name) + ": the text in row " +
                                   std::to_string(row) + " is not valid UTF-8.",
                        .column = name,
                        .example_row = row,
                        .next_step = "Decode the text first."});
  }
}

void check_codes(const std::string& name, const ColumnView& view,
                 std::span<const std::string_view> levels) {
  const std::span<const std::int32_t> codes = view.codes();
  for (RowIndex row = 0; row < view.n_rows(); ++row) {
    const std::int32_t code = codes[static_cast<std::size_t>(row)];
    if (view.is_null(row) || (code >= 0 && static_cast<std::size_t>(code) < levels.size()))
      continue;
    raise<SchemaError>({.message = "column " + in_quotes(name) + ": code " + std::to_string(code) +
                                   " in row " + std::to_string(row) + " names none of its " +
                                   std::to_string(levels.size()) + " categories.",
                        .column = name,
                        .example_row = row,
                        .next_step = "Mark the row as missing, or add the category."});
  }
}

}  // namespace

// Text of a view that lives in user memory: an array of string_view.
ColumnPtr Column::copy_of(std::string name, const ColumnView& view) {
  if (view.column_ != nullptr) return view.column_->renamed(std::move(name));
  const auto n = static_cast<std::size_t>(view.n_rows());
  Buffer validity = view.validity() == nullptr ? Buffer{} : copied(view.validity(), (n + 7) / 8);
  const ColumnType type{view.type(), view.unit(), view.ordered(), std::string(view.zone())};
  const auto made = [&](Buffer values) {
    return std::make_shared<Column>(std::move(name), type, view.n_rows(), std::move(values),
                                    std::move(validity));
  };
  switch (view.type()) {
    case Type::null:
      return made({});
    case Type::boolean:
      return made(packed_bits(view));
    case Type::text: {
      check_text(name, view);
      TextParts text = pack_text(n, [&](std::size_t i) {
        const auto row = static_cast<RowIndex>(i);
        return view.is_null(row) ? std::string_view() : view[row].text();
      });
      return std::make_shared<Column>(std::move(name), type, view.n_rows(), std::move(text.bytes),
                                      std::move(validity), std::move(text.offsets));
    }
    case Type::dictionary: {
      check_levels(name, view.levels_);
      check_codes(name, view, view.levels_);
      return std::make_shared<Column>(std::move(name), type, view.n_rows(),
                                      copied_values(view.codes()), std::move(validity), Buffer{},
                                      levels_column(view.levels_));
    }
    default:
      break;
  }
  switch (byte_width(view.type())) {
    case 1:
      return made(copied(view.values_, n));
    case 2:
      return made(copied_values(std::span(static_cast<const std::uint16_t*>(view.values_), n)));
    case 4:
      return made(copied_values(std::span(static_cast<const std::uint32_t*>(view.values_), n)));
    default:
      return made(copied_values(std::span(static_cast<const std::uint64_t*>(view.values_), n)));
  }
}

ColumnPtr text_column(std::string name, std::span<const std::string> values) {
  TextParts text =
      pack_text(values.size(), [&](std::size_t i) { return std::string_view(values[i]); });
  return std::make_shared<Column>(std::move(name), ColumnType{Type::text},
                                  static_cast<RowIndex>(values.size()), std::move(text.bytes),
                                  Buffer{}, std::move(text.offsets));
}

ColumnPtr int64_column(std::string name, std::vector<std::int64_t> values) {
  const auto n = static_cast<RowIndex>(values.size());
  return std::make_shared<Column>(std::move(name), ColumnType{Type::int64}, n,
                                  Buffer::of(std::move(values)));
}

ColumnPtr float64_column(std::string name, std::vector<double> values) {
  const auto n = static_cast<RowIndex>(values.size());
  return std::make_shared<Column>(std::move(name), ColumnType{Type::float64}, n,
                                  Buffer::of(std::move(values)));
}

ColumnPtr dictionary_column(std::string name, std::vector<std::int32_t> codes,
                            std::span<const std::string> levels, bool ordered) {
  const auto n = static_cast<RowIndex>(codes.size());
  std::vector<std::uint8_t> validity;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (codes[i] >= 0) continue;
    if (validity.empty()) validity.assign((codes.size() + 7) / 8, 0xff);
    validity[i >> 3] = static_cast<std::uint8_t>(validity[i >> 3] & ~(1U << (i & 7)));
    codes[i] = 0;
  }
  Buffer bits = validity.empty() ? Buffer{} : Buffer::of(std::move(validity));
  ColumnType type{Type::dictionary};
  type.ordered = ordered;
  return std::make_shared<Column>(std::move(name), type, n, Buffer::of(std::move(codes)),
                                  std::move(bits), Buffer{}, text_column("", levels));
}

}  // namespace mlrepro::detail::core
