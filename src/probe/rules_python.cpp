// SPDX-License-Identifier: Apache-2.0
// Rules as Python expressions. pandas: over df, pd, np; a comparison with NaN is false and its
// negation true, with NA it is NA, so each goes with notna(). polars: over pl; NaN is above all
// numbers and equal to itself, null spreads.
#include "probe/rules.hpp"
#include "probe/rules_format.hpp"

namespace mlrepro::detail::probe {

namespace {

constexpr std::string_view kSigns[] = {" < ", " <= ", " > ", " >= "};

bool has_nan(const TreeColumn& c) {
  const bool unknown = c.value_class == ValueClass::number && c.type.type == Type::null;
  return unknown || c.type.type == Type::float32 || c.type.type == Type::float64;
}

std::string python_float(const Value& value, NumberKind kind) {
  std::string digits = float_digits(value, kind);
  if (digits.ends_with("inf")) return "float('" + digits + "')";
  const bool integral = digits.find_first_of(".e") == std::string::npos;
  return integral ? digits + ".0" : digits;
}

std::string unit_text(TimeUnit unit) {
  return python_text(to_string(unit));
}

std::string levels_list(const std::vector<std::string>& texts) {
  return "[" + joined_by(texts, ", ") + "]";
}

// ---- pandas ----

std::string pandas_timestamp(const TreeColumn& column, const Value& value) {
  const bool zoned = value.value_class() == ValueClass::timestamp;
  const TimeUnit unit = unit_of(column, value);
  const std::int64_t ticks = ticks_in(value, unit).ticks;
  const Instant at = instant(ticks, unit);
  const Civil date = civil(at.days);
  if (!has_plain_year(date))
    return "np.datetime64(" + std::to_string(ticks) + ", " + unit_text(unit) + ")";
  return "pd.Timestamp('" + date_text(date) + "T" + clock_text(at) + (zoned ? "Z" : "") + "')";
}

bool beyond_int64(const Value& value) {
  return value.number_form() == Value::NumberForm::unsigned_integer && value.bits() >> 63 != 0;
}

struct Wrapper {  // what makes a Python float a binary32
  const char* before;
  const char* after;
};

// A boolean, a text or a number; what pandas and polars write differently is passed.
std::string python_literal(const TreeColumn& column, const Value& value,
                           std::string (*integer)(const TreeColumn&, const Value&),
                           const Wrapper& binary32) {
  if (value.value_class() == ValueClass::boolean) return value.bits() != 0 ? "True" : "False";
  if (value.value_class() == ValueClass::text) return python_text(value.text());
  const NumberKind kind = number_kind(column, value);
  if (kind == NumberKind::integer) return integer(column, value);
  const std::string text = python_float(value, kind);
  return kind == NumberKind::binary32 ? binary32.before + text + binary32.after : text;
}

// Arrow-backed columns take a Python int as int64, and compare uint64 with that as float64 where
// they have missing values.
std::string pandas_integer(const TreeColumn& column, const Value& value) {
  const bool rounds = column.type.type == Type::uint64 && value.bits() > std::uint64_t{1} << 52;
  return beyond_int64(value) || rounds ? "np.uint64(" + integer_digits(value) + ")"
                                       : integer_digits(value);
}

std::string pandas_literal(const TreeColumn& column, const Value& value) {
  switch (value.value_class()) {
    case ValueClass::boolean:
    case ValueClass::text:
    case ValueClass::number:
      return python_literal(column, value, pandas_integer, {"np.float32(", ")"});
    case ValueClass::date: {
      const auto days = static_cast<std::int64_t>(value.bits());
      const Civil date = civil(days);
      if (has_plain_year(date)) return "pd.Timestamp('" + date_text(date) + "')";
      return "np.datetime64(" + std::to_string(days) + ", 'D')";
    }
    case ValueClass::duration: {
      const TimeUnit unit = unit_of(column, value);
      return "np.timedelta64(" + std::to_string(ticks_in(value, unit).ticks) + ", " +
             unit_text(unit) + ")";
    }
    default:
      return pandas_timestamp(column, value);
  }
}

class Pandas final : public Language {
 public:
  Terms missing(const TreeColumn& c) const override {
    const std::string na = name(c) + ".isna()";
    return has_nan(c) ? Terms{na, "(" + name(c) + " != " + name(c) + ")"} : Terms{na};
  }
  Terms present(const TreeColumn& c) const override {
    const std::string value = name(c) + ".notna()";
    return has_nan(c) ? Terms{value, "(" + name(c) + " == " + name(c) + ")"} : Terms{value};
  }
  std::string compare(const TreeColumn& c, Comparison op, const Value& value) const override {
    return "(" + comparable(c, value) + std::string(kSigns[static_cast<int>(op)]) +
           pandas_literal(c, value) + ")";
  }
  std::string among(const TreeColumn& c, const std::vector<OwnedValue>& levels,
                    bool negated) const override {
    std::vector<std::string> texts;
    for (const OwnedValue& level : levels) texts.push_back(pandas_literal(c, level.get()));
    return (negated ? "~" : "") + name(c) + ".isin(" + levels_list(texts) + ")";
  }
  Terms count(const Columns& columns, const CountDemand& demand) const override {
    const Terms each = each_missing(columns, *this, "", ".to_numpy(dtype=bool)");
    return count_terms("np.sum([" + joined_by(each, ", ") + "], axis=0)", demand);
  }
  std::string_view and_word() const override { return " & "; }
  std::string_view or_word() const override { return " | "; }
  std::string always() const override { return "pd.Series(True, index=df.index)"; }
  std::string never() const override { return "pd.Series(False, index=df.index)"; }

 private:
  static std::string name(const TreeColumn& c) { return "df[" + python_text(c.name) + "]"; }
  static std::string comparable(const TreeColumn& c, const Value& value) {
    // Dates are an object column or an Arrow one; as wall times both compare.
    if (c.value_class == ValueClass::date) return "pd.to_datetime(" + name(c) + ")";
    if (c.value_class != ValueClass::timestamp) return name(c);
    const bool far =
        !has_plain_year(civil(instant(static_cast<std::int64_t>(value.bits()), value.unit()).days));
    return far ? name(c) + ".dt.tz_convert('UTC').dt.tz_localize(None)" : name(c);
  }
};

// ---- polars ----

// polars compares two units in the coarser one, so that an unknown column is compared in the
// finest; it has no seconds: such columns become milliseconds there.
TimeUnit polars_unit(const TreeColumn& column, const Value& value) {
  const bool known = column.type.type == Type::timestamp || column.type.type == Type::duration;
  if (!known && ticks_in(value, TimeUnit::nano).exact) return TimeUnit::nano;
  const TimeUnit unit = unit_of(column, value);
  return unit == TimeUnit::second ? TimeUnit::milli : unit;
}

std::string polars_time(const TreeColumn& column, const Value& value) {
  const TimeUnit unit = polars_unit(column, value);
  std::string type = value.value_class() == ValueClass::duration ? "pl.Duration(" : "pl.Datetime(";
  type += unit_text(unit);
  if (value.value_class() == ValueClass::timestamp) {
    type +=
        ", " + python_text(column.type.zone.empty() ? "UTC" : std::string_view(column.type.zone));
  }
  return "pl.lit(" + std::to_string(ticks_in(value, unit).ticks) + ", dtype=" + type + "))";
}

std::string polars_integer(const TreeColumn& column, const Value& value) {
  const std::string digits = integer_digits(value);
  if (digits.size() < 10) return digits;
  const bool is_unsigned = beyond_int64(value) || column.type.type == Type::uint64;
  return "pl.lit(" + digits + ", dtype=" + (is_unsigned ? "pl.UInt64" : "pl.Int64") + ")";
}

std::string polars_literal(const TreeColumn& column, const Value& value) {
  switch (value.value_class()) {
    case ValueClass::boolean:
    case ValueClass::text:
    case ValueClass::number:
      return python_literal(column, value, polars_integer, {"pl.lit(", ", dtype=pl.Float32)"});
    case ValueClass::date: {
      const auto days = static_cast<std::int64_t>(value.bits());
      const Civil date = civil(days);
      if (!has_plain_year(date)) return "pl.lit(" + std::to_string(days) + ", dtype=pl.Date)";
      return "pl.date(" + std::to_string(date.year) + ", " + std::to_string(date.month) + ", " +
             std::to_string(date.day) + ")";
    }
    default:
      return polars_time(column, value);
  }
}

class Polars final : public Language {
 public:
  Terms missing(const TreeColumn& c) const override {
    const std::string null = name(c) + ".is_null()";
    return has_nan(c) ? Terms{null, name(c) + ".is_nan()"} : Terms{null};
  }
  Terms present(const TreeColumn& c) const override {
    const std::string value = name(c) + ".is_not_null()";
    return has_nan(c) ? Terms{value, name(c) + ".is_not_nan()"} : Terms{value};
  }
  std::string compare(const TreeColumn& c, Comparison op, const Value& value) const override {
    return "(" + comparable(c) + std::string(kSigns[static_cast<int>(op)]) +
           polars_literal(c, value) + ")";
  }
  std::string among(const TreeColumn& c, const std::vector<OwnedValue>& levels,
                    bool negated) const override {
    std::vector<std::string> texts;
    for (const OwnedValue& level : levels) texts.push_back(list_item(c, level.get()));
    const bool is_category = c.value_class == ValueClass::text && c.type.type != Type::text;
    const std::string value = is_category ? name(c) + ".cast(pl.String)" : name(c);
    return (negated ? "~" : "") + value + ".is_in(" + levels_list(texts) + ")";
  }
  Terms count(const Columns& columns, const CountDemand& demand) const override {
    const Terms each = each_missing(columns, *this, "", ".cast(pl.Int32)");
    return count_terms("pl.sum_horizontal(" + joined_by(each, ", ") + ")", demand);
  }
  std::string_view and_word() const override { return " & "; }
  std::string_view or_word() const override { return " | "; }
  std::string always() const override { return "pl.lit(True)"; }
  std::string never() const override { return "pl.lit(False)"; }

 private:
  static std::string name(const TreeColumn& c) {  // pl.col reads "*" and "^...$" as patterns
    const bool pattern = c.name == "*" || (c.name.starts_with('^') && c.name.ends_with('$'));
    return pattern ? "pl.selectors.by_name(" + python_text(c.name) + ").as_expr()"
                   : "pl.col(" + python_text(c.name) + ")";
  }
  static std::string comparable(
      const TreeColumn& c) {  // instants of one zone only compare with each other
    const bool unknown_zone = c.value_class == ValueClass::timestamp && c.type.zone.empty();
    return unknown_zone ? name(c) + ".dt.convert_time_zone('UTC')" : name(c);
  }
  static std::string list_item(const TreeColumn& c, const Value& value) {
    const bool is_big = value.value_class() == ValueClass::number && is_integer(value);
    return is_big ? integer_digits(value) : polars_literal(c, value);
  }
};

}  // namespace

std::string pandas_rule(const TreeData& tree, const Condition& condition) {
  return render(tree, condition, Pandas());
}
std::string polars_rule(const TreeData& tree, const Condition& condition) {
  return render(tree, condition, Polars());
}

}  // namespace mlrepro::detail::probe
