// SPDX-License-Identifier: Apache-2.0
#include "core/arrow_schema.hpp"

#include <charconv>
#include <cstring>
#include <string_view>

#include "core/raise.hpp"
#include "core/utf8.hpp"

namespace mlrepro::detail::core {
namespace {

struct Refusal {
  std::string_view prefix, type, next_step;
};

constexpr std::string_view kFlatten = "Turn it into flat columns first, or leave the column out.";
constexpr std::string_view kDecode = "Decode it to text first, or leave the column out.";
constexpr Refusal kRefused[] = {
    {"+l", "list", kFlatten},
    {"+L", "large_list", kFlatten},
    {"+vl", "list_view", kFlatten},
    {"+vL", "large_list_view", kFlatten},
    {"+w:", "fixed_size_list", kFlatten},
    {"+s", "struct", "Unnest its fields into columns first, or leave the column out."},
    {"+m", "map", kFlatten},
    {"+ud:", "dense_union", "Cast it to one type first."},
    {"+us:", "sparse_union", "Cast it to one type first."},
    {"+r", "run_end_encoded", "Decode it to its value type first."},
    {"e", "float16", "Cast it to float32 first."},
    {"z", "binary", kDecode},
    {"Z", "large_binary", kDecode},
    {"vz", "binary_view", kDecode},
    {"w:", "fixed_size_binary", kDecode},
    {"tt", "time of day", "Cast it to a duration since midnight, or to an integer, first."},
    {"ti", "interval", "Cast it to a duration first."},
};

[[noreturn]] void refuse(const std::string& column, std::string_view type,
                         std::string_view next_step) {
  raise<InputTypeError>({.message = "column " + in_quotes(column) + " has the Arrow type " +
                                    std::string(type) + ", which a Dataset does not hold.",
                         .column = column,
                         .next_step = std::string(next_step)});
}

[[noreturn]] void malformed(const std::string& message) {
  raise<FormatError>(
      {.message = "The Arrow schema is malformed: " + message,
       .next_step = "Report it to the library that made the data, or pass the data another way."});
}

struct Primitive {
  char format;
  Type type;
};
constexpr Primitive kPrimitives[] = {
    {'c', Type::int8},    {'s', Type::int16},   {'i', Type::int32},  {'l', Type::int64},
    {'C', Type::uint8},   {'S', Type::uint16},  {'I', Type::uint32}, {'L', Type::uint64},
    {'f', Type::float32}, {'g', Type::float64},
};

bool read_primitive(std::string_view format, ArrowField& field) {
  if (format.size() != 1) return false;
  for (const Primitive& p : kPrimitives) {
    if (p.format != format[0]) continue;
    field.type.type = p.type;
    field.layout = ArrowLayout::fixed;
    field.width = byte_width(p.type);
    return true;
  }
  return false;
}

bool read_text_or_bits(std::string_view format, ArrowField& field) {
  if (format == "n") {
    field.layout = ArrowLayout::null;
    field.type.type = Type::null;
  } else if (format == "b") {
    field.layout = ArrowLayout::bits;
    field.type.type = Type::boolean;
  } else if (format == "u" || format == "U" || format == "vu") {
    field.layout = format == "u"   ? ArrowLayout::text32
                   : format == "U" ? ArrowLayout::text64
                                   : ArrowLayout::view;
    field.type.type = Type::text;
  } else {
    return false;
  }
  return true;
}

TimeUnit read_unit(char unit, const std::string& column) {
  constexpr std::string_view kUnits = "smun";
  const std::size_t at = kUnits.find(unit);
  if (at == std::string_view::npos)
    malformed("column " + in_quotes(column) + " has the time unit '" + unit + "'.");
  return static_cast<TimeUnit>(at);
}

bool read_time(std::string_view format, ArrowField& field) {
  if (format == "tdD" || format == "tdm") {
    field.type.type = Type::date;
    field.layout = format == "tdD" ? ArrowLayout::fixed : ArrowLayout::date64;
    field.width = format == "tdD" ? 4 : 8;
  } else if (format.size() == 3 && format.starts_with("tD")) {
    field.type.type = Type::duration;
    field.type.unit = read_unit(format[2], field.name);
    field.layout = ArrowLayout::fixed;
    field.width = 8;
  } else if (format.size() >= 4 && format.starts_with("ts") && format[3] == ':') {
    field.type.type = Type::timestamp;
    field.type.unit = read_unit(format[2], field.name);
    field.type.zone = std::string(format.substr(4));
    field.layout = ArrowLayout::fixed;
    field.width = 8;
  } else {
    return false;
  }
  return true;
}

// "d:precision,scale" or "d:precision,scale,bits"
bool read_decimal(std::string_view format, ArrowField& field) {
  if (!format.starts_with("d:")) return false;
  int parts[3] = {0, 0, 128};
  const char* at = format.data() + 2;
  const char* end = format.data() + format.size();
  int n_parts = 0;
  for (; n_parts < 3; ++n_parts) {
    const auto [next, error] = std::from_chars(at, end, parts[n_parts]);
    if (error != std::errc()) malformed("decimal format " + in_quotes(format) + ".");
    at = next;
    if (at == end) break;
    if (*at++ != ',') malformed("decimal format " + in_quotes(format) + ".");
  }
  const int bits = parts[2];
  if (n_parts < 1 || n_parts > 2 || parts[1] < -76 || parts[1] > 76 ||
      (bits != 32 && bits != 64 && bits != 128 && bits != 256)) {
    malformed("decimal format " + in_quotes(format) + ".");
  }
  field.layout = ArrowLayout::decimal;
  field.type.type = Type::int64;
  field.width = bits / 8;
  field.scale = parts[1];
  field.arrow_type = "decimal(" + std::to_string(parts[0]) + ", " + std::to_string(parts[1]) + ")";
  return true;
}

// The name of an extension type in the metadata of a field; empty: none.
std::string extension_name(const char* metadata) {
  if (metadata == nullptr) return {};
  const auto read_text = [&metadata]() -> std::string_view {
    std::int32_t size = 0;
    std::memcpy(&size, metadata, sizeof size);
    if (size < 0) malformed("metadata with a negative length.");
    const std::string_view text(metadata + sizeof size, static_cast<std::size_t>(size));
    metadata += sizeof size + text.size();
    return text;
  };
  std::int32_t n_pairs = 0;
  std::memcpy(&n_pairs, metadata, sizeof n_pairs);
  metadata += sizeof n_pairs;
  for (std::int32_t i = 0; i < n_pairs; ++i) {
    const std::string_view key = read_text();
    const std::string_view value = read_text();
    if (key == "ARROW:extension:name") return std::string(value);
  }
  return {};
}

void read_plain(const ArrowSchema& schema, ArrowField& field) {
  const std::string_view format = schema.format;
  if (read_primitive(format, field) || read_text_or_bits(format, field) ||
      read_time(format, field) || read_decimal(format, field)) {
    return;
  }
  for (const Refusal& r : kRefused) {
    if (format.starts_with(r.prefix) && (r.prefix.size() > 1 || format == r.prefix)) {
      refuse(field.name, r.type, r.next_step);
    }
  }
  refuse(field.name, "'" + std::string(format) + "'",
         "Cast it to a type that a Dataset holds first.");
}

ArrowField read_field(const ArrowSchema& schema, const std::string& name) {
  if (schema.format == nullptr || schema.release == nullptr)
    malformed("column " + in_quotes(name) + " has no format.");
  ArrowField field;
  field.name = name;
  const std::string extension = extension_name(schema.metadata);
  if (!extension.empty() && extension != "arrow.json") {
    refuse(name, "extension<" + extension + ">",
           "Cast it to its storage type, or leave the column out.");
  }
  read_plain(schema, field);
  if (schema.dictionary == nullptr) return field;
  if (field.layout != ArrowLayout::fixed || field.type.type < Type::int8 ||
      field.type.type > Type::uint64) {
    malformed("column " + in_quotes(name) + " is a dictionary whose index is no integer.");
  }
  field.index_is_signed = field.type.type <= Type::int64;
  if (schema.dictionary->dictionary != nullptr) {
    refuse(name, "dictionary of a dictionary", "Decode it to its value type first.");
  }
  field.values = std::make_shared<const ArrowField>(read_field(*schema.dictionary, name));
  field.layout = ArrowLayout::dictionary;
  field.type = {.type = Type::dictionary,
                .ordered = (schema.flags & ARROW_FLAG_DICTIONARY_ORDERED) != 0};
  return field;
}

}  // namespace

std::vector<ArrowField> read_arrow_schema(const ArrowSchema& schema) {
  if (schema.format == nullptr) malformed("no format.");
  if (std::string_view(schema.format) != "+s") {
    raise<InputTypeError>({.message = "The Arrow stream holds one column (format " +
                                      in_quotes(schema.format) + "), not a table.",
                           .next_step = "Pass a table, or name the column: {'x': column}."});
  }
  if (schema.n_children < 0 || (schema.n_children > 0 && schema.children == nullptr))
    malformed("no children.");
  std::vector<ArrowField> fields;
  for (std::int64_t i = 0; i < schema.n_children; ++i) {
    const ArrowSchema* child = schema.children[i];
    if (child == nullptr) malformed("column " + std::to_string(i) + " is not there.");
    const std::string name = child->name == nullptr ? std::string() : std::string(child->name);
    if (!is_utf8(name)) malformed("the name of column " + std::to_string(i) + " is not UTF-8.");
    fields.push_back(read_field(*child, name));
  }
  return fields;
}

std::string arrow_format(const ColumnType& type) {
  constexpr std::string_view kUnits = "smun";
  const char unit = kUnits[static_cast<std::size_t>(type.unit)];
  switch (type.type) {
    case Type::null:
      return "n";
    case Type::boolean:
      return "b";
    case Type::text:
      return "U";
    case Type::dictionary:
      return "i";
    case Type::date:
      return "tdD";
    case Type::timestamp:
      return std::string("ts") + unit + ":" + type.zone;
    case Type::duration:
      return std::string("tD") + unit;
    default:
      break;
  }
  for (const Primitive& p : kPrimitives) {
    if (p.type == type.type) return std::string(1, p.format);
  }
  return "n";
}

}  // namespace mlrepro::detail::core
