// SPDX-License-Identifier: Apache-2.0
// Rules for people: seats <= 55, carrier in {AA, MQ}, tailnum_match != 'null key'.
#include "probe/rules.hpp"
#include "probe/rules_format.hpp"

namespace mlrepro::detail::probe {

namespace {

std::string name_of(const TreeColumn& column) {
  return plain_text(column.name);
}

std::string value_text(const Value& value) {
  return value.value_class() == ValueClass::text ? plain_text(value.text()) : core::display(value);
}

class Text final : public Language {
 public:
  Terms missing(const TreeColumn& c) const override { return {name_of(c) + " is missing"}; }
  Terms present(const TreeColumn& c) const override { return {name_of(c) + " is present"}; }
  bool comparisons_take_missing() const override { return false; }
  std::string compare(const TreeColumn& c, Comparison op, const Value& value) const override {
    static constexpr std::string_view kSigns[] = {" < ", " <= ", " > ", " >= "};
    return name_of(c) + std::string(kSigns[static_cast<int>(op)]) + value_text(value);
  }
  std::string among(const TreeColumn& c, const std::vector<OwnedValue>& levels,
                    bool negated) const override {
    if (levels.size() == 1)
      return name_of(c) + (negated ? " != " : " = ") + value_text(levels[0].get());
    std::vector<std::string> texts;
    for (const OwnedValue& level : levels) texts.push_back(value_text(level.get()));
    return name_of(c) + (negated ? " not in {" : " in {") + joined_by(texts, ", ") + "}";
  }
  std::string_view and_word() const override { return " and "; }
  std::string_view or_word() const override { return " or "; }
  std::string always() const override { return "all rows"; }
  std::string never() const override { return "no row"; }
};

}  // namespace

std::string text_rule(const TreeData& tree, const Condition& condition) {
  return render(tree, condition, Text());
}

std::string condition_text(std::span<const std::string_view> names, const Split& split) {
  TreeData tree;
  for (std::string_view name : names) tree.columns.push_back({.name = std::string(name)});
  Split local = split;
  local.column = 0;
  for (std::size_t i = 0; i < local.block.size(); ++i) local.block[i] = static_cast<int>(i);
  return condition_text(tree, local);
}

std::string condition_text(const TreeData& tree, const Split& split) {
  if (split.kind == SplitKind::block) {
    std::vector<std::string> names;
    for (int column : split.block)
      names.push_back(name_of(tree.columns[static_cast<std::size_t>(column)]));
    return joined_by(names, ", ") + (names.size() > 1 ? " missing together" : " is missing");
  }
  Condition step = condition_of_step(split, Side::left);
  step.demands.front().missing = split.kind == SplitKind::is_missing;
  return text_rule(tree, step);
}

}  // namespace mlrepro::detail::probe
