// SPDX-License-Identifier: Apache-2.0
// From a path to a condition, and the order in which every language writes it.
#include "probe/rules.hpp"

#include <algorithm>

#include "core/canonical.hpp"
#include "probe/rules_format.hpp"

namespace mlrepro::detail::probe {

namespace {

using core::OrderKey;

bool same(const OwnedValue& a, const OwnedValue& b) {
  return core::element(a.get()) == core::element(b.get());
}

bool contains(const std::vector<OwnedValue>& levels, const OwnedValue& level) {
  return std::any_of(levels.begin(), levels.end(),
                     [&](const OwnedValue& l) { return same(l, level); });
}

// Keeps the tighter of two bounds on the same end; `upper` says which.
void tighten(Bound& bound, const Bound& other, bool upper) {
  if (!other.given) return;
  if (bound.given) {
    const OrderKey mine = core::order_key(bound.value.get()),
                   its = core::order_key(other.value.get());
    const bool tighter = upper ? its < mine : mine < its;
    if (mine == its) bound.strict = bound.strict || other.strict;
    if (!tighter) return;
  }
  bound = other;
}

void restrict(Demand& demand, const Demand& step) {
  demand.missing = demand.missing && step.missing;
  demand.present = demand.present && step.present;
  tighten(demand.lower, step.lower, false);
  tighten(demand.upper, step.upper, true);
  for (const OwnedValue& level : step.not_levels) {
    if (!contains(demand.not_levels, level)) demand.not_levels.push_back(level);
  }
  if (step.listed && demand.listed) {
    std::erase_if(demand.levels,
                  [&](const OwnedValue& level) { return !contains(step.levels, level); });
  } else if (step.listed) {
    demand.levels = step.levels;
    demand.listed = true;
  }
  if (!demand.listed) return;
  std::erase_if(demand.levels,
                [&](const OwnedValue& level) { return contains(demand.not_levels, level); });
  demand.not_levels.clear();
  if (demand.levels.empty()) demand.present = false;
}

void add_count(Condition& condition, const CountDemand& step) {
  for (CountDemand& known : condition.counts) {
    if (known.columns != step.columns) continue;
    known.least = std::max(known.least, step.least);
    known.most = std::min(known.most, step.most);
    return;
  }
  condition.counts.push_back(step);
}

void add(Condition& condition, const Condition& step) {
  for (const Demand& demand : step.demands) {
    const auto at = std::find_if(condition.demands.begin(), condition.demands.end(),
                                 [&](const Demand& d) { return d.column == demand.column; });
    if (at == condition.demands.end()) {
      condition.demands.push_back(demand);
    } else {
      restrict(*at, demand);
    }
  }
  condition.any_present.insert(condition.any_present.end(), step.any_present.begin(),
                               step.any_present.end());
  for (const CountDemand& count : step.counts) add_count(condition, count);
}

bool takes_missing(const Split& split, Side side) {
  return split.missing == MissingSide::alone  ? side == Side::alone
         : split.missing == MissingSide::left ? side == Side::left
                                              : side == Side::right;
}

Demand demand_of_step(const Split& split, Side side) {
  Demand demand{.column = split.column};
  if (split.kind == SplitKind::is_missing) {
    demand.missing = side == Side::left;
    demand.present = !demand.missing;
    return demand;
  }
  demand.missing = takes_missing(split, side);
  demand.present = side != Side::alone;
  if (!demand.present) return demand;
  if (split.kind == SplitKind::levels) {
    demand.listed = side == Side::left;
    (demand.listed ? demand.levels : demand.not_levels) = split.levels;
  } else if (side == Side::left) {
    demand.upper = {true, split.strict, split.threshold};
  } else {
    demand.lower = {true, !split.strict, split.threshold};
  }
  return demand;
}

// A boolean with bounds is a list of booleans.
void list_booleans(Demand& demand) {
  if (!demand.lower.given && !demand.upper.given) return;
  Demand step{.column = demand.column, .listed = true};
  for (const bool value : {false, true}) {
    const OrderKey key = core::order_key(Value(value));
    const auto above = [&](const Bound& b) { return core::order_key(b.value.get()) < key; };
    const auto at = [&](const Bound& b) { return core::order_key(b.value.get()) == key; };
    const bool low =
        !demand.lower.given || above(demand.lower) || (at(demand.lower) && !demand.lower.strict);
    const bool high =
        !demand.upper.given || (!above(demand.upper) && !(at(demand.upper) && demand.upper.strict));
    if (low && high) step.levels.push_back(OwnedValue::of(value));
  }
  demand.lower = demand.upper = {};
  restrict(demand, step);
}

std::string all_of(const Terms& terms, const Language& language) {
  return joined_by(terms, language.and_word());
}

std::string any_of(const Terms& terms,
                   const Language& language) {  // stands in an AND, so it has brackets
  return terms.size() == 1 ? terms.front() : "(" + joined_by(terms, language.or_word()) + ")";
}

std::string grouped(const Terms& terms, const Language& language) {  // an AND that stands in an OR
  return terms.size() == 1 ? terms.front() : "(" + all_of(terms, language) + ")";
}

// What is asked of a value, without the test that there is one.
Terms value_terms(const TreeColumn& column, const Demand& demand, const Language& language) {
  Terms terms;
  if (demand.lower.given) {
    terms.push_back(language.compare(
        column, demand.lower.strict ? Comparison::greater : Comparison::greater_equal,
        demand.lower.value.get()));
  }
  if (demand.upper.given) {
    terms.push_back(
        language.compare(column, demand.upper.strict ? Comparison::less : Comparison::less_equal,
                         demand.upper.value.get()));
  }
  if (demand.listed) terms.push_back(language.among(column, demand.levels, false));
  if (!demand.not_levels.empty()) terms.push_back(language.among(column, demand.not_levels, true));
  return terms;
}

void render_demand(const TreeColumn& column, Demand demand, const Language& language, Terms& out) {
  if (column.value_class == ValueClass::boolean) list_booleans(demand);
  Terms missing = language.missing(column);
  if (!demand.present) {
    out.push_back(demand.missing ? any_of(missing, language) : language.never());
    return;
  }
  if (demand.missing && demand.free()) return;
  const Terms values = value_terms(column, demand, language);
  if (demand.missing) {  // missing first: what a comparison makes of a missing value no longer
                         // matters
    missing.push_back(grouped(values, language));
    out.push_back(any_of(missing, language));
    return;
  }
  if (demand.free() || language.comparisons_take_missing()) {
    const Terms present = language.present(column);
    out.insert(out.end(), present.begin(), present.end());
  }
  out.insert(out.end(), values.begin(), values.end());
}

}  // namespace

Terms each_missing(const Columns& columns, const Language& language, const std::string& before,
                   const std::string& after) {
  Terms terms;
  for (const TreeColumn* column : columns)
    terms.push_back(before + any_of(language.missing(*column), language) + after);
  return terms;
}

Terms count_terms(const std::string& number, const CountDemand& demand) {
  Terms terms;
  if (demand.has_least())
    terms.push_back("(" + number + " >= " + std::to_string(demand.least) + ")");
  if (demand.has_most()) terms.push_back("(" + number + " <= " + std::to_string(demand.most) + ")");
  return terms;
}

Condition condition_of_step(const Split& split, Side side) {
  if (split.kind == SplitKind::n_missing) {
    const auto n = static_cast<int>(split.block.size());
    return side == Side::left ? Condition{.counts = {{split.block, split.least, n}}}
                              : Condition{.counts = {{split.block, 0, split.least - 1}}};
  }
  if (split.kind != SplitKind::block) return {.demands = {demand_of_step(split, side)}};
  if (side == Side::right) return {.any_present = {split.block}};
  Condition out;
  for (int column : split.block) out.demands.push_back({.column = column, .present = false});
  return out;
}

Condition condition_of(const TreeData& tree, int leaf) {
  std::vector<std::pair<const Split*, Side>> path;
  int at = 0;
  while (tree.nodes[static_cast<std::size_t>(at)].leaf != leaf) ++at;
  for (int up = tree.nodes[static_cast<std::size_t>(at)].parent; up >= 0;) {
    const Node& node = tree.nodes[static_cast<std::size_t>(up)];
    path.emplace_back(&node.split, node.left == at    ? Side::left
                                   : node.right == at ? Side::right
                                                      : Side::alone);
    at = up;
    up = node.parent;
  }
  Condition out;
  for (auto step = path.rbegin(); step != path.rend(); ++step)
    add(out, condition_of_step(*step->first, step->second));
  return out;
}

std::string render(const TreeData& tree, const Condition& condition, const Language& language) {
  const auto column = [&](int i) -> const TreeColumn& {
    return tree.columns[static_cast<std::size_t>(i)];
  };
  Terms terms;
  for (const Demand& demand : condition.demands)
    render_demand(column(demand.column), demand, language, terms);
  for (const std::vector<int>& block : condition.any_present) {
    Terms present;
    for (int i : block) present.push_back(grouped(language.present(column(i)), language));
    terms.push_back(any_of(present, language));
  }
  for (const CountDemand& demand : condition.counts) {
    Columns columns;
    for (int i : demand.columns) columns.push_back(&column(i));
    const Terms count = language.count(columns, demand);
    terms.insert(terms.end(), count.begin(), count.end());
  }
  return terms.empty() ? language.always() : all_of(terms, language);
}

}  // namespace mlrepro::detail::probe
