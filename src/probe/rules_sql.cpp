// SPDX-License-Identifier: Apache-2.0
// Rules as DuckDB SQL: predicates that are true or false, never NULL (an AND with a failed null
// test is false). DuckDB sorts NaN above all numbers, so that it is tested for by name; identifiers
// are quoted; categories may be ENUMs, which are compared as text.
#include "core/raise.hpp"
#include "probe/rules.hpp"
#include "probe/rules_format.hpp"

namespace mlrepro::detail::probe {

namespace {

std::string with_exponent(const std::string& digits) {  // 0.1 alone would be a decimal
  return digits.find('e') == std::string::npos ? digits + "e0" : digits;
}

std::string number_literal(const TreeColumn& column, const Value& value) {
  const NumberKind kind = number_kind(column, value);
  if (kind == NumberKind::integer) return integer_digits(value);
  const std::string digits = float_digits(value, kind);
  const std::string type = kind == NumberKind::binary32 ? "REAL" : "DOUBLE";
  if (digits.ends_with("inf")) return "CAST('" + digits + "' AS " + type + ")";
  return kind == NumberKind::binary32 ? "CAST('" + digits + "' AS REAL)" : with_exponent(digits);
}

std::string date_literal(std::int64_t days) {
  const Civil date = civil(days);
  if (has_plain_year(date)) return "DATE '" + date_text(date) + "'";
  return "(DATE '1970-01-01' + " + std::to_string(days) + ")";
}

std::string_view timestamp_type(TimeUnit unit, bool zoned, bool has_nanos) {
  if (zoned) return has_nanos ? "TIMESTAMPTZ_NS" : "TIMESTAMPTZ";
  switch (unit) {
    case TimeUnit::second:
      return "TIMESTAMP_S";
    case TimeUnit::milli:
      return "TIMESTAMP_MS";
    case TimeUnit::micro:
      return "TIMESTAMP";
    default:
      return "TIMESTAMP_NS";
  }
}

std::string timestamp_literal(const TreeColumn& column, const Value& value) {
  const bool zoned = value.value_class() == ValueClass::timestamp;
  const TimeUnit unit = unit_of(column, value);
  const Instant at = instant(ticks_in(value, unit).ticks, unit);
  const Civil date = civil(at.days);
  if (!has_plain_year(date)) {
    const Ticks micros = ticks_in(value, TimeUnit::micro);
    const std::string literal = "make_timestamp(" + std::to_string(micros.ticks) + ")";
    return zoned ? "timezone('UTC', " + literal + ")" : literal;
  }
  return "CAST('" + date_text(date) + " " + clock_text(at) + (zoned ? "+00" : "") + "' AS " +
         std::string(timestamp_type(unit, zoned, at.nano % 1000 != 0)) + ")";
}

std::string duration_literal(const TreeColumn& column, const Value& value) {
  const Ticks micros = ticks_in(value, TimeUnit::micro);
  if (!micros.exact) {
    core::raise<ArgumentError>(
        {.message = "column " + core::in_quotes(column.name) + " is split at " +
                    core::display(value) + ", but intervals of DuckDB hold microseconds.",
         .column = column.name,
         .next_step = "Use the rule in another language, or keep the column as an integer."});
  }
  return "to_microseconds(" + std::to_string(micros.ticks) + ")";
}

std::string literal(const TreeColumn& column, const Value& value) {
  switch (value.value_class()) {
    case ValueClass::boolean:
      return value.bits() != 0 ? "TRUE" : "FALSE";
    case ValueClass::number:
      return number_literal(column, value);
    case ValueClass::text:
      return sql_text(value.text());
    case ValueClass::date:
      return date_literal(static_cast<std::int64_t>(value.bits()));
    case ValueClass::duration:
      return duration_literal(column, value);
    default:
      return timestamp_literal(column, value);
  }
}

class Sql final : public Language {
 public:
  Terms missing(const TreeColumn& c) const override {
    const std::string null = sql_name(c.name) + " IS NULL";
    return has_nan(c) ? Terms{null, "isnan(" + sql_name(c.name) + ")"} : Terms{null};
  }
  Terms present(const TreeColumn& c) const override {
    const std::string value = sql_name(c.name) + " IS NOT NULL";
    return has_nan(c) ? Terms{value, "NOT isnan(" + sql_name(c.name) + ")"} : Terms{value};
  }
  std::string compare(const TreeColumn& c, Comparison op, const Value& value) const override {
    static constexpr std::string_view kSigns[] = {" < ", " <= ", " > ", " >= "};
    return sql_name(c.name) + std::string(kSigns[static_cast<int>(op)]) + literal(c, value);
  }
  std::string among(const TreeColumn& c, const std::vector<OwnedValue>& levels,
                    bool negated) const override {
    std::vector<std::string> texts;
    for (const OwnedValue& level : levels) texts.push_back(literal(c, level.get()));
    const bool is_enum = c.value_class == ValueClass::text && c.type.type != Type::text;
    const std::string value =
        is_enum ? "CAST(" + sql_name(c.name) + " AS VARCHAR)" : sql_name(c.name);
    if (texts.size() == 1) return value + (negated ? " <> " : " = ") + texts.front();
    return value + (negated ? " NOT IN (" : " IN (") + joined_by(texts, ", ") + ")";
  }
  Terms count(const Columns& columns, const CountDemand& demand) const override {
    const Terms each = each_missing(columns, *this, "CAST(", " AS INTEGER)");
    return count_terms("list_sum([" + joined_by(each, ", ") + "])", demand);  // + nests too deeply
  }
  std::string_view and_word() const override { return " AND "; }
  std::string_view or_word() const override { return " OR "; }
  std::string always() const override { return "TRUE"; }
  std::string never() const override { return "FALSE"; }

 private:
  static bool has_nan(const TreeColumn& c) {
    const bool unknown = c.value_class == ValueClass::number && c.type.type == Type::null;
    return unknown || c.type.type == Type::float32 || c.type.type == Type::float64;
  }
};

}  // namespace

std::string sql_rule(const TreeData& tree, const Condition& condition) {
  return render(tree, condition, Sql());
}

}  // namespace mlrepro::detail::probe
