// SPDX-License-Identifier: Apache-2.0
// Golden vectors of canonical elements and row identities, made by
// tests/vectors/make_row_identity.py.
#include <mlrepro/core/dataset.hpp>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "catch_compat.hpp"
#include "core/canonical.hpp"

using namespace mlrepro;
using nlohmann::json;

namespace {

json read_vectors() {
  std::ifstream file(MLREPRO_TESTS_DIR "/vectors/row_identity.json");
  return json::parse(file);
}

TimeUnit unit_of(const json& column) {
  const std::string unit = column.at("unit");
  return unit == "s"    ? TimeUnit::second
         : unit == "ms" ? TimeUnit::milli
         : unit == "us" ? TimeUnit::micro
                        : TimeUnit::nano;
}

std::string hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

struct Held {  // memory behind one column
  std::vector<std::uint8_t> validity, bools;
  std::vector<std::uint64_t> bits;
  std::vector<std::string> texts;
  std::vector<std::string_view> views, levels;
  std::vector<std::int32_t> codes;
  std::vector<std::uint8_t> values;  // of the column's own width
  std::string zone;
};

std::uint64_t bits_of(const std::string& type, const json& cell) {
  if (cell.is_boolean()) return cell.get<bool>() ? 1 : 0;
  const std::string text = cell;
  if (type.starts_with("float")) return std::stoull(text, nullptr, 16);
  return text.starts_with("-") ? static_cast<std::uint64_t>(std::stoll(text)) : std::stoull(text);
}

template <class T>
ColumnView fixed(Held& held) {
  std::vector<T> values;
  for (const std::uint64_t b : held.bits) {
    if constexpr (std::is_same_v<T, double>)
      values.push_back(std::bit_cast<double>(b));
    else if constexpr (std::is_same_v<T, float>)
      values.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(b)));
    else
      values.push_back(static_cast<T>(b));
  }
  held.values.resize(values.size() * sizeof(T));
  std::memcpy(held.values.data(), values.data(), held.values.size());
  return ColumnView(
      std::span<const T>(reinterpret_cast<const T*>(held.values.data()), values.size()),
      held.validity.data());
}

ColumnView view_of(const json& column, Held& held) {
  const std::string type = column.at("type");
  const json& cells = column.at("cells");
  held.validity.assign(cells.size() / 8 + 1, 0);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (!cells[i].is_null())
      held.validity[i / 8] = static_cast<std::uint8_t>(held.validity[i / 8] | 1U << (i % 8));
    const bool is_text = type == "utf8" || type == "dictionary";
    held.texts.push_back(is_text && !cells[i].is_null() ? cells[i].get<std::string>()
                                                        : std::string());
    held.bits.push_back(is_text || cells[i].is_null() ? 0 : bits_of(type, cells[i]));
  }
  held.views.assign(held.texts.begin(), held.texts.end());
  const std::uint8_t* present = held.validity.data();
  if (type == "utf8") return ColumnView(std::span<const std::string_view>(held.views), present);
  if (type == "dictionary") {
    for (const std::string_view text : held.views) {
      const auto at = std::find(held.levels.begin(), held.levels.end(), text);
      held.codes.push_back(static_cast<std::int32_t>(at - held.levels.begin()));
      if (at == held.levels.end()) held.levels.push_back(text);
    }
    return ColumnView::categories(held.codes, held.levels, false, present);
  }
  if (type == "bool") {
    for (const std::uint64_t b : held.bits) held.bools.push_back(static_cast<std::uint8_t>(b));
    return ColumnView(
        std::span<const bool>(reinterpret_cast<const bool*>(held.bools.data()), held.bools.size()),
        present);
  }
  if (type == "float64") return fixed<double>(held);
  if (type == "float32") return fixed<float>(held);
  if (type == "int8") return fixed<std::int8_t>(held);
  if (type == "int16") return fixed<std::int16_t>(held);
  if (type == "int32") return fixed<std::int32_t>(held);
  if (type == "int64") return fixed<std::int64_t>(held);
  if (type == "uint8") return fixed<std::uint8_t>(held);
  if (type == "uint16") return fixed<std::uint16_t>(held);
  if (type == "uint32") return fixed<std::uint32_t>(held);
  if (type == "uint64") return fixed<std::uint64_t>(held);
  if (type == "date")
    return ColumnView::dates(fixed<std::int32_t>(held).values<std::int32_t>(), present);
  const std::span<const std::int64_t> ticks = fixed<std::int64_t>(held).values<std::int64_t>();
  if (type == "duration") return ColumnView::durations(ticks, unit_of(column), present);
  REQUIRE(type == "timestamp");
  held.zone = column.at("zone");
  return ColumnView::timestamps(ticks, unit_of(column), held.zone, present);
}

}  // namespace

TEST_CASE("canonical elements and row identities are the frozen ones", "[identity][golden]") {
  const json vectors = read_vectors();
  REQUIRE(vectors.at("tables").size() > 20);
  for (const json& table : vectors.at("tables")) {
    const json& columns = table.at("columns");
    std::vector<Held> held(columns.size());
    std::vector<NamedColumn> named;
    std::vector<std::string> names;
    for (const json& column : columns) names.push_back(column.at("name"));
    for (std::size_t i = 0; i < columns.size(); ++i)
      named.push_back({names[i], view_of(columns[i], held[i])});
    const Dataset dataset = Dataset::from_columns(std::span<const NamedColumn>(named));
    INFO(columns.dump());
    for (const json& column : columns) {
      const ColumnView view = dataset[column.at("name").get<std::string>()];
      for (RowIndex row = 0; row < dataset.n_rows(); ++row) {
        CHECK(hex(detail::core::element(view[row])) ==
              column.at("elements")[static_cast<std::size_t>(row)]);
      }
    }
    for (const auto& [purpose, expected] : table.at("ids").items()) {
      std::vector<RowId> ids(static_cast<std::size_t>(dataset.n_rows()));
      dataset.row_ids(purpose, ids);
      for (std::size_t row = 0; row < ids.size(); ++row) {
        CHECK(ids[row].low == std::stoull(expected[row][0].get<std::string>(), nullptr, 16));
        CHECK(ids[row].high == std::stoull(expected[row][1].get<std::string>(), nullptr, 16));
      }
    }
  }
}
