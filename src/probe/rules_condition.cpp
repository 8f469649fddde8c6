// SPDX-License-Identifier: Apache-2.0
// From a path to a condition, and the order in which every language writes it.
#include "probe/rules.hpp"

#include <algorithm>

#include "core/canonical.hpp"

namespace mlrepro::detail::probe {

namespace {

using core::OrderKey;

bool same(const OwnedValue& a, const OwnedValue& b) { return core::element(a.get()) == core::element(b.get()); }

bool contains(const std::vector<OwnedValue>& levels, const OwnedValue& level) {
  return std::any_of(levels.begin(), levels.end(), [&](const OwnedValue& l) { return same(l, level); });
}

// Keeps the tighter of two bounds on the same end; `upper` says which.
void tighten(Bound& bound, const Bound& other, bool upper) {
  if (!other.given) return;
  if (bound.given) {
    const OrderKey mine = core::order_key(bound.value.get()), its = core::order_key(other.value.get());
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
    std::erase_if(demand.levels, [&](const OwnedValue& level) { return !contains(step.levels, level); });
  } else if (step.listed) {
    demand.levels = step.levels;
    demand.listed = true;
  }
  if (!demand.listed) return;
  std::erase_if(demand.levels, [&](const OwnedValue& level) { return contains(demand.not_levels, level); });
  demand.not_levels.clear();
  if (demand.levels.empty()) demand.present = false;
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
  condition.any_present.insert(condition.any_present.end(), step.any_present.begin(), step.any_present.end());
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
    const bool low = !demand.lower.given || above(demand.lower) || (at(demand.lower) && !demand.lower.strict);
    const bool high = !demand.upper.given || (!above(demand.upper) && !(at(demand.upper) && demand.upper.strict));
    if (low && high) step.levels.push_back(OwnedValue::of(value));
  }
  demand.lower = demand.upper = {};
  restrict(demand, step);
}

// What is asked of a value, without the test that there is one.
std::vector<std::string> value_terms(const TreeColumn& column, const Demand& demand, const Language& language) {
  std::vector<std::string> terms;
  if (demand.lower.given) {
    terms.push_back(language.compare(column, demand.lower.strict ? Comparison::greater : Comparison::greater_equal,
                                     demand.lower.value.get()));
  }
  if (demand.upper.given) {
    terms.push_back(language.compare(column, demand.upper.strict ? Comparison::less : Comparison::less_equal,
                                     demand.upper.value.get()));
  }
  if (demand.listed) terms.push_back(language.among(column, demand.levels, false));
  if (!demand.not_levels.empty()) terms.push_back(language.among(column, demand.not_levels, true));
  return terms;
}

std::string render_demand(const TreeColumn& column, Demand demand, const Language& language) {
  if (column.value_class == ValueClass::boolean) list_booleans(demand);
  if (!demand.present) return demand.missing ? language.missing(column) : language.never();
  if (demand.free()) return demand.missing ? "" : language.present(column);
  std::vector<std::string> terms = value_terms(column, demand, language);
  if (demand.missing) {  // missing first: what a comparison makes of a missing value no longer matters
    return language.any({language.missing(column), terms.size() == 1 ? terms.front() : "(" + language.all(terms) + ")"});
  }
  if (language.comparisons_take_missing()) terms.insert(terms.begin(), language.present(column));
  return terms.size() == 1 ? terms.front() : language.all(terms);
}

}  // namespace

Condition condition_of_step(const Split& split, Side side) {
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
    path.emplace_back(&node.split, node.left == at ? Side::left : node.right == at ? Side::right : Side::alone);
    at = up;
    up = node.parent;
  }
  Condition out;
  for (auto step = path.rbegin(); step != path.rend(); ++step) add(out, condition_of_step(*step->first, step->second));
  return out;
}

std::string render(const TreeData& tree, const Condition& condition, const Language& language) {
  const auto column = [&](int i) -> const TreeColumn& { return tree.columns[static_cast<std::size_t>(i)]; };
  std::vector<std::string> terms;
  for (const Demand& demand : condition.demands) {
    std::string term = render_demand(column(demand.column), demand, language);
    if (!term.empty()) terms.push_back(std::move(term));
  }
  for (const std::vector<int>& block : condition.any_present) {
    std::vector<std::string> present;
    for (int i : block) present.push_back(language.present(column(i)));
    terms.push_back(present.size() == 1 ? present.front() : language.any(present));
  }
  if (terms.empty()) return language.always();
  return terms.size() == 1 ? terms.front() : language.all(terms);
}

}  // namespace mlrepro::detail::probe
