// SPDX-License-Identifier: Apache-2.0
// Tables of the golden vectors (tests/vectors/fingerprint.json), and small ones for the tests of
// verdicts.
#pragma once
#include <mlrepro/core/dataset.hpp>

#include <algorithm>
#include <bit>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/table.hpp"

namespace mlrepro_test {

using nlohmann::json;
namespace core = mlrepro::detail::core;

template <class T>
core::Buffer values_of(const std::vector<std::uint64_t>& bits) {
  std::vector<T> values;
  for (const std::uint64_t b : bits) values.push_back(static_cast<T>(b));
  return core::Buffer::of(std::move(values));
}

inline core::Buffer bits_of(const std::vector<std::uint64_t>& bits) {
  std::vector<std::uint8_t> packed(bits.size() / 8 + 1);
  for (std::size_t i = 0; i < bits.size(); ++i) {
    packed[i / 8] = static_cast<std::uint8_t>(packed[i / 8] | bits[i] << (i % 8));
  }
  return core::Buffer::of(std::move(packed));
}

inline core::Buffer fixed_values(const std::string& type, const std::vector<std::uint64_t>& bits) {
  if (type == "bool") return bits_of(bits);
  if (type == "int8" || type == "uint8") return values_of<std::uint8_t>(bits);
  if (type == "int16" || type == "uint16") return values_of<std::uint16_t>(bits);
  const bool four = type == "int32" || type == "uint32" || type == "float32" || type == "date" ||
                    type == "dictionary";
  return four ? values_of<std::uint32_t>(bits) : values_of<std::uint64_t>(bits);
}

inline core::ColumnType type_of(const json& column) {
  const std::string name = column.at("type"), unit = column.value("unit", "s");
  core::ColumnType type;
  for (int i = 0; i <= static_cast<int>(mlrepro::Type::duration); ++i) {
    if (to_string(static_cast<mlrepro::Type>(i)) == name) type.type = static_cast<mlrepro::Type>(i);
  }
  for (int i = 0; i <= static_cast<int>(mlrepro::TimeUnit::nano); ++i) {
    if (to_string(static_cast<mlrepro::TimeUnit>(i)) == unit)
      type.unit = static_cast<mlrepro::TimeUnit>(i);
  }
  type.zone = column.value("zone", "");
  type.ordered = column.value("ordered", false);
  return type;
}

inline std::uint64_t cell_bits(const std::string& type, const json& cell, const json& column) {
  constexpr std::uint64_t kGarbage = 1;  // what lies under a null is never read
  if (cell.is_null()) return kGarbage;
  if (cell.is_boolean()) return cell.get<bool>() ? 1 : 0;
  const std::string text = cell;
  if (type == "dictionary") {
    const json& levels = column.at("levels");
    return static_cast<std::uint64_t>(std::find(levels.begin(), levels.end(), cell) -
                                      levels.begin());
  }
  if (type.starts_with("float")) return std::stoull(text, nullptr, 16);
  return text[0] == '-' ? static_cast<std::uint64_t>(std::stoll(text)) : std::stoull(text);
}

inline core::ColumnPtr golden_column(const json& column) {
  const std::string type = column.at("type");
  const json& cells = column.at("cells");
  std::vector<std::uint64_t> present, bits;
  std::vector<std::string> texts;
  for (const json& cell : cells) {
    present.push_back(cell.is_null() ? 0 : 1);
    texts.push_back(type == "utf8" ? (cell.is_null() ? "garbage" : cell.get<std::string>()) : "");
    bits.push_back(type == "utf8" ? 0 : cell_bits(type, cell, column));
  }
  const auto n = static_cast<mlrepro::RowIndex>(cells.size());
  const std::string name = column.at("name");
  if (type == "utf8") {
    const core::ColumnPtr text = core::text_column(name, texts);
    return std::make_shared<core::Column>(name, type_of(column), n, text->values_buffer(),
                                          bits_of(present), text->offsets_buffer());
  }
  core::ColumnPtr levels;
  if (type == "dictionary")
    levels = core::text_column("", column.at("levels").get<std::vector<std::string>>());
  return std::make_shared<core::Column>(name, type_of(column), n, fixed_values(type, bits),
                                        bits_of(present), core::Buffer{}, levels);
}

inline mlrepro::Dataset golden_table(const json& table) {
  std::vector<core::ColumnPtr> columns;
  for (const json& column : table.at("columns")) columns.push_back(golden_column(column));
  return core::make_dataset(std::move(columns), table.at("n_rows").get<mlrepro::RowIndex>(), {});
}

// One column "n": null where row % 11 == 3, else row * 7919 % 1009 - 500.
inline mlrepro::Dataset formula_table(mlrepro::RowIndex begin, mlrepro::RowIndex end) {
  std::vector<std::uint64_t> values, present;
  for (mlrepro::RowIndex row = begin; row < end; ++row) {
    values.push_back(static_cast<std::uint64_t>(row * 7919 % 1009 - 500));
    present.push_back(row % 11 == 3 ? 0 : 1);
  }
  core::ColumnType type;
  type.type = mlrepro::Type::int64;
  auto column = std::make_shared<core::Column>("n", type, end - begin,
                                               values_of<std::uint64_t>(values), bits_of(present));
  return core::make_dataset({std::move(column)}, end - begin, {});
}

}  // namespace mlrepro_test
