// SPDX-License-Identifier: Apache-2.0
// mlrepro.comparison, version 1: written and read.
#include <array>

#include "core/json_reader.hpp"
#include "core/raise.hpp"
#include "probe/compare_data.hpp"

namespace mlrepro::detail::probe {
namespace {

using core::Json;
constexpr int kVersion = 1;
constexpr core::JsonReader kRead("the comparison");

Json effect_json(const Effect& e) {
  return {{"leaf", e.leaf},
          {"rows", e.rows},
          {"changed", e.changed},
          {"worse", e.worse},
          {"better", e.better},
          {"both_wrong", e.both_wrong},
          {"net", core::double_to_json(e.net)},
          {"low", core::double_to_json(e.low)},
          {"high", core::double_to_json(e.high)},
          {"p_value", core::double_to_json(e.p_value)}};
}

Effect effect_of(const Json& json, int leaf) {
  Effect e;
  e.leaf = kRead.small(json, "leaf", -1);
  if (e.leaf != leaf) kRead.damaged("field 'leaf' is out of order");
  e.rows = kRead.count(json, "rows");
  e.changed = kRead.count(json, "changed");
  e.worse = kRead.count(json, "worse");
  e.better = kRead.count(json, "better");
  e.both_wrong = kRead.count(json, "both_wrong");
  if (e.changed > e.rows || e.worse + e.better + e.both_wrong > e.rows)
    kRead.damaged("counts are larger than 'rows'");
  e.net = kRead.real(json, "net");
  e.low = kRead.real(json, "low");
  e.high = kRead.real(json, "high");
  if (e.low > e.net || e.net > e.high) kRead.damaged("field 'net' is outside its interval");
  e.p_value = kRead.p_value(json, "p_value");
  return e;
}

ChangeTree change_tree_of(const Json& json) {
  const auto name = kRead.text(json, "change");
  for (const Change change : kChanges) {
    if (to_string(change) != name) continue;
    ChangeTree made{change,
                    Tree::from_json(core::canonical_json(kRead.field(json, "tree"))),
                    effect_of(kRead.field(json, "judged"), -1),
                    {}};
    const Json& leaves = kRead.list(json, "leaves");
    if (static_cast<int>(leaves.size()) != made.tree.n_leaves())
      kRead.damaged("field 'leaves' has another length than the tree");
    for (const Json& leaf : leaves)
      made.leaves.push_back(effect_of(leaf, static_cast<int>(made.leaves.size())));
    return made;
  }
  kRead.damaged("field 'change' is " + core::in_quotes(name));
}

// Every judged row is in one leaf.
void check_sums(const ChangeTree& t) {
  Effect sum;
  for (const Effect& e : t.leaves) {
    sum.rows += e.rows;
    sum.changed += e.changed;
    sum.worse += e.worse;
    sum.better += e.better;
    sum.both_wrong += e.both_wrong;
  }
  const auto counts = [](const Effect& e) {
    return std::array{e.rows, e.changed, e.worse, e.better, e.both_wrong};
  };
  if (counts(sum) != counts(t.judged)) kRead.damaged("the leaves do not add up to 'judged'");
}

}  // namespace

Json comparison_json(const ComparisonData& data, bool with_types) {
  Json out = core::envelope("comparison", kVersion);
  out["has_y"] = data.has_y;
  out["numbers"] = data.numbers;
  out["loss"] = data.loss;
  out["n_rows"] = data.n_rows;
  out["n_without_y"] = data.n_without_y;
  out["overall"] = effect_json(data.overall);
  out["changes"] = Json::array();
  for (const ChangeTree& t : data.trees) {
    Json leaves = Json::array();
    for (const Effect& e : t.leaves) leaves.push_back(effect_json(e));
    const std::string tree = with_types ? t.tree.saved_json() : t.tree.to_json();
    out["changes"].push_back({{"change", std::string(to_string(t.change))},
                              {"tree", core::parse_json(tree, "tree")},
                              {"judged", effect_json(t.judged)},
                              {"leaves", std::move(leaves)}});
  }
  return out;
}

std::unique_ptr<ComparisonData> read_comparison(std::string_view text) {
  const Json json = core::open_envelope(
      text, "comparison", kVersion,
      {"has_y", "numbers", "loss", "n_rows", "n_without_y", "overall", "changes"});
  auto data = std::make_unique<ComparisonData>();
  data->has_y = kRead.flag(json, "has_y");
  data->numbers = kRead.flag(json, "numbers");
  data->loss = kRead.text(json, "loss");
  data->n_rows = kRead.count(json, "n_rows");
  data->n_without_y = kRead.count(json, "n_without_y");
  if (data->n_without_y > (data->has_y ? data->n_rows : 0))
    kRead.damaged("field 'n_without_y' is larger than 'n_rows'");
  if ((data->has_y && data->numbers) == data->loss.empty())
    kRead.damaged("field 'loss' does not go with 'has_y' and 'numbers'");
  data->overall = effect_of(kRead.field(json, "overall"), -1);
  if (data->overall.rows != data->n_rows - data->n_without_y)
    kRead.damaged("field 'overall' is of another number of rows");
  for (const Json& change : kRead.list(json, "changes")) {
    data->trees.push_back(change_tree_of(change));
    const ChangeTree& t = data->trees.back();
    if ((t.change == Change::changed) == data->has_y)
      kRead.damaged("field 'change' does not go with 'has_y'");
    check_sums(t);
    if (data->find(data->trees.back().change) != &data->trees.back())
      kRead.damaged("a change occurs twice");
  }
  return data;
}

}  // namespace mlrepro::detail::probe
