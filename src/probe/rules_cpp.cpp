// SPDX-License-Identifier: Apache-2.0
// Rules as C++17: conditions over a struct of optional fields, and a header that needs nothing of
// mlrepro. Floating-point numbers are compared by their ordered bits, so that -ffast-math and
// flush-to-zero change no answer.
#include <algorithm>
#include <array>

#include "probe/rules.hpp"
#include "probe/rules_format.hpp"

namespace mlrepro::detail::probe {

namespace {

constexpr std::array<std::string_view, 103> kReserved{
    "alignas",       "alignof",      "and",
    "and_eq",        "asm",          "auto",
    "bitand",        "bitor",        "bool",
    "break",         "case",         "catch",
    "char",          "char16_t",     "char32_t",
    "char8_t",       "class",        "co_await",
    "co_return",     "co_yield",     "compl",
    "concept",       "const",        "const_cast",
    "consteval",     "constexpr",    "constinit",
    "continue",      "decltype",     "default",
    "delete",        "do",           "double",
    "dynamic_cast",  "else",         "enum",
    "explicit",      "export",       "extern",
    "false",         "float",        "for",
    "friend",        "goto",         "if",
    "inline",        "int",          "long",
    "mutable",       "namespace",    "new",
    "noexcept",      "not",          "not_eq",
    "nullptr",       "operator",     "or",
    "or_eq",         "private",      "protected",
    "public",        "register",     "reinterpret_cast",
    "requires",      "return",       "short",
    "signed",        "sizeof",       "static",
    "static_assert", "static_cast",  "std",
    "struct",        "switch",       "template",
    "this",          "thread_local", "throw",
    "true",          "try",          "typedef",
    "typeid",        "typename",     "union",
    "unsigned",      "using",        "virtual",
    "void",          "volatile",     "wchar_t",
    "while",         "xor",          "xor_eq",
    "row",           "Row",          "NULL",
    "errno",         "EOF",          "INFINITY",
    "NAN",           "unix",         "linux",
    "i386"};  // the last three are macros of GNU mode

// A column's name as an identifier: letters, digits and single underscores; no keyword, no reserved
// form.
std::string identifier(std::string_view name) {
  std::string out;
  for (char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool digit = c >= '0' && c <= '9';
    if (digit && out.empty()) out = "x";
    if (letter || digit) {
      out += c;
    } else if (!out.empty() && out.back() != '_') {
      out += '_';
    }
  }
  while (!out.empty() && out.back() == '_') out.pop_back();
  if (out.empty()) out = "x";
  if (std::find(kReserved.begin(), kReserved.end(), out) != kReserved.end()) out += "_";
  return out;
}

std::vector<std::string> identifiers(const TreeData& tree) {
  std::vector<std::string> out;
  for (const TreeColumn& column : tree.columns) {
    const std::string base = identifier(column.name);
    std::string name = base;
    for (int i = 2; std::find(out.begin(), out.end(), name) != out.end(); ++i) {
      name = base + (base.back() == '_' ? "" : "_") + std::to_string(i);
    }
    out.push_back(name);
  }
  return out;
}

template <class F>
void for_each_value(const TreeData& tree, int column, F&& visit) {
  for (const Node& node : tree.nodes) {
    if (node.leaf >= 0 || node.split.column != column) continue;
    if (node.split.kind == SplitKind::threshold) visit(node.split.threshold.get());
    for (const OwnedValue& level : node.split.levels) visit(level.get());
  }
}

// Of a number whose type is not known: double, unless the tree holds an integer that no double is.
std::string_view number_type(const TreeData& tree, int column) {
  std::string_view type = "double";
  for_each_value(tree, column, [&](const Value& v) {
    if (!is_integer(v) || core::order_key(v) == core::order_key(Value(as_double(v)))) return;
    type = v.number_form() == Value::NumberForm::unsigned_integer && v.bits() >> 63 != 0
               ? "std::uint64_t"
               : "std::int64_t";
  });
  return type;
}

std::string_view field_type(const TreeData& tree, int index) {
  const TreeColumn& column = tree.columns[static_cast<std::size_t>(index)];
  switch (column.value_class) {
    case ValueClass::missing:
    case ValueClass::boolean:
      return "bool";
    case ValueClass::text:
      return "std::string_view";
    case ValueClass::date:
      return "std::int32_t";
    case ValueClass::number:
      break;
    default:
      return "std::int64_t";
  }
  switch (column.type.type) {
    case Type::int8:
      return "std::int8_t";
    case Type::int16:
      return "std::int16_t";
    case Type::int32:
      return "std::int32_t";
    case Type::int64:
      return "std::int64_t";
    case Type::uint8:
      return "std::uint8_t";
    case Type::uint16:
      return "std::uint16_t";
    case Type::uint32:
      return "std::uint32_t";
    case Type::uint64:
      return "std::uint64_t";
    case Type::float32:
      return "float";
    case Type::float64:
      return "double";
    default:
      return number_type(tree, index);
  }
}

TimeUnit field_unit(const TreeData& tree, int index) {  // fine enough for every value in the tree
  const TreeColumn& column = tree.columns[static_cast<std::size_t>(index)];
  TimeUnit unit = column.type.type == Type::null ? TimeUnit::second : column.type.unit;
  for_each_value(tree, index, [&](const Value& v) { unit = std::max(unit, unit_of(column, v)); });
  return unit;
}

std::string unit_comment(const TreeData& tree, int index) {
  const std::string unit = std::string(to_string(field_unit(tree, index)));
  switch (tree.columns[static_cast<std::size_t>(index)].value_class) {
    case ValueClass::date:
      return "days since 1970-01-01";
    case ValueClass::timestamp:
      return unit + " since 1970-01-01 UTC";
    case ValueClass::local_timestamp:
      return unit + " since 1970-01-01, wall time";
    case ValueClass::duration:
      return unit;
    default:
      return "";
  }
}

std::string signed_literal(const std::string& digits) {
  return digits == "-9223372036854775808" ? "(-9223372036854775807 - 1)" : digits;
}

std::string float_literal(const Value& value, std::string_view type) {
  const bool single = type == "float";
  const std::string digits =
      float_digits(value, single ? NumberKind::binary32 : NumberKind::binary64);
  if (digits.ends_with("inf")) {
    const std::string inf = "std::numeric_limits<" + std::string(type) + ">::infinity()";
    return digits.front() == '-' ? "-" + inf : inf;
  }
  const bool integral = digits.find_first_of(".e") == std::string::npos;
  return digits + (integral ? ".0" : "") + (single ? "f" : "");
}

class Cpp final : public Language {
 public:
  explicit Cpp(const TreeData& tree) : tree_(tree), names_(identifiers(tree)) {}

  Terms missing(const TreeColumn& c) const override { return {"is_missing(" + field(c) + ")"}; }
  Terms present(const TreeColumn& c) const override { return {"!is_missing(" + field(c) + ")"}; }
  std::string compare(const TreeColumn& c, Comparison op, const Value& value) const override {
    static constexpr std::string_view kSigns[] = {" < ", " <= ", " > ", " >= "};
    const std::string sign(kSigns[static_cast<int>(op)]);
    const std::string_view type = field_type(tree_, index(c));
    if (type == "float" || type == "double") {
      return "ordered(*" + field(c) + ")" + sign + "ordered(" + float_literal(value, type) + ")";
    }
    return "*" + field(c) + sign + literal(c, value);
  }
  std::string among(const TreeColumn& c, const std::vector<OwnedValue>& levels,
                    bool negated) const override {
    const std::string_view type = field_type(tree_, index(c));
    const bool real = type == "float" || type == "double";
    const std::string left = real ? "ordered(*" + field(c) + ")" : "*" + field(c);
    std::vector<std::string> terms;
    for (const OwnedValue& level : levels) {
      const std::string value = literal(c, level.get());
      terms.push_back(left + (negated ? " != " : " == ") +
                      (real ? "ordered(" + value + ")" : value));
    }
    return terms.size() == 1 ? terms.front()
                             : "(" + joined_by(terms, negated ? " && " : " || ") + ")";
  }
  Terms count(const Columns& columns, const CountDemand& demand) const override {
    return count_terms(joined_by(each_missing(columns, *this, "", ""), " + "), demand);
  }
  std::string_view and_word() const override { return " && "; }
  std::string_view or_word() const override { return " || "; }
  std::string always() const override { return "true"; }
  std::string never() const override { return "false"; }
  const std::string& name(int column) const { return names_[static_cast<std::size_t>(column)]; }

 private:
  int index(const TreeColumn& c) const { return static_cast<int>(&c - tree_.columns.data()); }
  std::string field(const TreeColumn& c) const { return "row." + name(index(c)); }
  std::string literal(const TreeColumn& c, const Value& value) const {
    const std::string_view type = field_type(tree_, index(c));
    switch (value.value_class()) {
      case ValueClass::boolean:
        return value.bits() != 0 ? "true" : "false";
      case ValueClass::text:
        return cpp_view(value.text());
      case ValueClass::date:
        return std::to_string(static_cast<std::int64_t>(value.bits()));
      case ValueClass::number:
        if (type == "float" || type == "double") return float_literal(value, type);
        return type.starts_with("std::u") ? integer_digits(value) + "u"
                                          : signed_literal(integer_digits(value));
      default:
        return signed_literal(std::to_string(ticks_in(value, field_unit(tree_, index(c))).ticks));
    }
  }

  const TreeData& tree_;
  std::vector<std::string> names_;
};

std::string one_line(std::string_view text) {  // for comments
  std::string out;
  for (char c : text)
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\' ? '?' : c;
  return out;
}

std::string struct_text(const TreeData& tree, const Cpp& cpp) {
  std::string out = "struct Row {\n";
  for (int i = 0; i < static_cast<int>(tree.columns.size()); ++i) {
    std::string comment = one_line(tree.columns[static_cast<std::size_t>(i)].name);
    if (const std::string unit = unit_comment(tree, i); !unit.empty()) comment += ": " + unit;
    out += "  std::optional<" + std::string(field_type(tree, i)) + "> " + cpp.name(i) + "{};  // " +
           comment + "\n";
  }
  return out + "};\n";
}

// The condition of one child, said of this split alone.
std::string step_text(const TreeData& tree, const Split& split, Side side, const Cpp& cpp) {
  return render(tree, condition_of_step(split, side), cpp);
}

void branch_text(const TreeData& tree, int at, int indent, const Cpp& cpp, std::string& out) {
  const Node& node = tree.nodes[static_cast<std::size_t>(at)];
  const std::string pad(static_cast<std::size_t>(indent), ' ');
  if (node.leaf >= 0) {
    out += pad + "return " + std::to_string(node.leaf) + ";\n";
    return;
  }
  if (node.alone >= 0) {
    out += pad + "if (" + step_text(tree, node.split, Side::alone, cpp) + ") {\n";
    branch_text(tree, node.alone, indent + 2, cpp, out);
    out += pad + "}\n";
  }
  out += pad + "if (" + step_text(tree, node.split, Side::left, cpp) + ") {\n";
  branch_text(tree, node.left, indent + 2, cpp, out);
  out += pad + "}\n";
  branch_text(tree, node.right, indent, cpp, out);
}

constexpr std::string_view kHead = R"(#pragma once
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string_view>

)";

constexpr std::string_view kFunctions = R"(
// Integers in the order of the floating-point numbers; -0.0 is 0.0.
inline std::int64_t ordered(double value) noexcept {
  std::int64_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits >= 0 ? bits : -(bits & std::numeric_limits<std::int64_t>::max());
}
inline std::int32_t ordered(float value) noexcept {
  std::int32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits >= 0 ? bits : -(bits & std::numeric_limits<std::int32_t>::max());
}

template <class T>
bool is_missing(const std::optional<T>& value) noexcept {
  return !value.has_value();
}
inline bool is_missing(const std::optional<double>& value) noexcept {  // null, or NaN: beyond the infinities
  constexpr std::int64_t infinity = 0x7ff0000000000000;
  return !value || ordered(*value) > infinity || ordered(*value) < -infinity;
}
inline bool is_missing(const std::optional<float>& value) noexcept {
  constexpr std::int32_t infinity = 0x7f800000;
  return !value || ordered(*value) > infinity || ordered(*value) < -infinity;
}
)";

}  // namespace

std::string cpp_rule(const TreeData& tree, const Condition& condition) {
  return render(tree, condition, Cpp(tree));
}

std::string cpp_header(const TreeData& tree) {
  const Cpp cpp(tree);
  std::string body;
  branch_text(tree, 0, 2, cpp, body);
  const bool unused = tree.columns.empty();
  return "// Leaves of a tree on " + one_line(plain_text(tree.target)) +
         ", written by mlrepro. C++17, no dependencies.\n" + std::string(kHead) +
         struct_text(tree, cpp) + std::string(kFunctions) +
         "\n// The leaf of a row, as Tree::apply gives it.\ninline int leaf(const Row&" +
         (unused ? "" : " row") + ") noexcept {\n" + body + "}\n";
}

}  // namespace mlrepro::detail::probe
