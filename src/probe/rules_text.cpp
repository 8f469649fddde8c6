// SPDX-License-Identifier: Apache-2.0
// Rules for people: seats <= 55, carrier in {AA, MQ}, tailnum_match != 'null key'.
#include <algorithm>

#include "core/raise.hpp"
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
  explicit Text(std::size_t most_levels) noexcept : most_levels_(most_levels) {}
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
    for (std::size_t i = 0; i < std::min(levels.size(), most_levels_); ++i)
      texts.push_back(value_text(levels[i].get()));
    const std::size_t hidden = levels.size() - texts.size();
    const std::string more =
        hidden == 0 ? "" : " and " + core::with_commas(static_cast<std::int64_t>(hidden)) + " more";
    return name_of(c) + (negated ? " not in {" : " in {") + joined_by(texts, ", ") + more + "}";
  }
  Terms count(const Columns& columns, const CountDemand& demand) const override {
    if (demand.least > demand.most) return {never()};
    const auto n = static_cast<int>(columns.size());
    std::vector<std::string> names;
    for (const TreeColumn* column : columns) names.push_back(name_of(*column));
    return {how_many(demand, n) + " missing (" + shown(std::move(names)) + ")"};
  }
  std::string_view and_word() const override { return " and "; }
  std::string_view or_word() const override { return " or "; }
  std::string always() const override { return "all rows"; }
  std::string never() const override { return "no row"; }

 private:
  // "at least 3 of 17 columns are"
  static std::string how_many(const CountDemand& demand, int n) {
    const std::string of = " of " + std::to_string(n) + " columns ";
    const std::string least = std::to_string(demand.least);
    if (demand.most == 0) return "none" + of + "is";
    if (demand.least == n) return "all" + of + "are";
    if (!demand.has_least()) return "fewer than " + std::to_string(demand.most + 1) + of + "are";
    if (!demand.has_most()) return "at least " + least + of + (demand.least == 1 ? "is" : "are");
    if (demand.least == demand.most)
      return "exactly " + least + of + (demand.least == 1 ? "is" : "are");
    return least + " to " + std::to_string(demand.most) + of + "are";
  }
  std::string shown(std::vector<std::string> names) const {
    const bool in_short = most_levels_ != std::numeric_limits<std::size_t>::max();
    const bool many = names.size() > kShownCounted + 1;
    const std::size_t hidden = in_short && many ? names.size() - kShownCounted : 0;
    names.resize(names.size() - hidden);
    return joined_by(names, ", ") + (hidden > 0 ? " and " + std::to_string(hidden) + " more" : "");
  }

  static constexpr std::size_t kShownCounted = 3;
  std::size_t most_levels_;
};

}  // namespace

std::string text_rule(const TreeData& tree, const Condition& condition, std::size_t most_levels) {
  return render(tree, condition, Text(most_levels));
}

std::string short_rule(const Tree& tree, int leaf) {
  const TreeData& data = data_of(tree);
  return text_rule(data, condition_of(data, leaf), kShownLevels);
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
  if (split.kind == SplitKind::n_missing) return text_rule(tree, step, kShownLevels);
  step.demands.front().missing = split.kind == SplitKind::is_missing;
  return text_rule(tree, step, kShownLevels);
}

}  // namespace mlrepro::detail::probe
