// SPDX-License-Identifier: Apache-2.0
// mlrepro.comparison, version 1: written and read.
#include "core/raise.hpp"
#include "probe/compare_data.hpp"

namespace mlrepro::detail::probe {
namespace {

using core::Json;
constexpr int kVersion = 1;

[[noreturn]] void damaged(const std::string& what) {
  core::raise<FormatError>({.message = "mlrepro.comparison: " + what + ".",
                            .next_step = "Save it again; pass what to_json() wrote."});
}

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

const Json& field(const Json& json, const char* name) {
  if (!json.is_object() || !json.contains(name))
    damaged("field '" + std::string(name) + "' is missing");
  return json[name];
}

template <class T>
T get(const Json& json, const char* name) {
  try {
    return field(json, name).get<T>();
  } catch (const Json::exception&) {
    damaged("field '" + std::string(name) + "' has another type");
  }
}

RowIndex count(const Json& json, const char* name) {
  const Json& held = field(json, name);
  if (!held.is_number_integer() || held.get<RowIndex>() < 0)
    damaged("field '" + std::string(name) + "' is no count");
  return held.get<RowIndex>();
}

Effect effect_of(const Json& json, int leaf) {
  Effect e;
  e.leaf = get<int>(json, "leaf");
  if (e.leaf != leaf) damaged("field 'leaf' is out of order");
  e.rows = count(json, "rows");
  e.changed = count(json, "changed");
  e.worse = count(json, "worse");
  e.better = count(json, "better");
  e.both_wrong = count(json, "both_wrong");
  if (e.changed > e.rows || e.worse + e.better + e.both_wrong > e.rows)
    damaged("counts are larger than 'rows'");
  const auto real = [&](const char* name) {
    return core::double_from_json(field(json, name), "comparison");
  };
  e.net = real("net");
  e.low = real("low");
  e.high = real("high");
  e.p_value = real("p_value");
  return e;
}

ChangeTree change_tree_of(const Json& json) {
  const auto name = get<std::string>(json, "change");
  for (const Change change : kChanges) {
    if (to_string(change) != name) continue;
    ChangeTree made{change,
                    Tree::from_json(core::canonical_json(field(json, "tree"))),
                    effect_of(field(json, "judged"), -1),
                    {}};
    const Json& leaves = field(json, "leaves");
    if (!leaves.is_array() || static_cast<int>(leaves.size()) != made.tree.n_leaves())
      damaged("field 'leaves' has another length than the tree");
    for (const Json& leaf : leaves)
      made.leaves.push_back(effect_of(leaf, static_cast<int>(made.leaves.size())));
    return made;
  }
  damaged("field 'change' is " + core::in_quotes(name));
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
  data->has_y = get<bool>(json, "has_y");
  data->numbers = get<bool>(json, "numbers");
  data->loss = get<std::string>(json, "loss");
  data->n_rows = count(json, "n_rows");
  data->n_without_y = count(json, "n_without_y");
  data->overall = effect_of(field(json, "overall"), -1);
  for (const Json& change : field(json, "changes")) {
    data->trees.push_back(change_tree_of(change));
    if (data->find(data->trees.back().change) != &data->trees.back())
      damaged("a change occurs twice");
  }
  return data;
}

}  // namespace mlrepro::detail::probe
