// SPDX-License-Identifier: Apache-2.0
// mlrepro.tree, version 1, is written here: the tree as canonical JSON. Types of columns are no
// part of it; a saved probe keeps them beside, under "probe".
#include "probe/tree_data.hpp"
#include "probe/tree_format.hpp"

namespace mlrepro {

namespace detail::probe {

namespace {

using core::Json;

Json names_json(const Names& names) {
  Json out = Json::array();
  for (int i = 0; i < names.size(); ++i) out.push_back(std::string(names[i]));
  return out;
}

Json figures_json(const Figures& f, bool binary) {
  Json out{{"n", f.n},
           {"sum", core::double_to_json(f.sum)},
           {"mean", core::double_to_json(f.mean)},
           {"sd", core::double_to_json(f.sd)}};
  if (binary) out["positives"] = f.positives;
  if (!f.classes.empty()) out["classes"] = f.classes;
  return out;
}

Json split_json(const Split& split) {
  Json out{{"kind", std::string(kKinds[static_cast<std::size_t>(split.kind)])},
           {"gain", core::double_to_json(split.gain)},
           {"log_p_choice", core::double_to_json(split.log_p_choice)},
           {"log_p_cut", core::double_to_json(split.log_p_cut)},
           {"n_tested", split.n_tested}};
  if (split.kind == SplitKind::block) {
    out["block"] = split.block;
    return out;
  }
  if (split.kind == SplitKind::n_missing) {
    out["columns"] = split.block;
    out["least"] = split.least;
    return out;
  }
  out["column"] = split.column;
  if (split.kind == SplitKind::is_missing) return out;
  out["missing"] = std::string(kSides[static_cast<std::size_t>(split.missing)]);
  out["missing_seen"] = split.missing_seen;
  if (split.kind == SplitKind::threshold) {
    out["threshold"] = core::value_to_json(split.threshold.get());
    out["strict"] = split.strict;
    return out;
  }
  out["levels"] = Json::array();
  for (const OwnedValue& level : split.levels)
    out["levels"].push_back(core::value_to_json(level.get()));
  return out;
}

Json runner_up_json(const RunnerUp& up) {
  return {{"column", up.column},
          {"rule", up.rule},
          {"gain", core::double_to_json(up.gain)},
          {"log_p", core::double_to_json(up.log_p)},
          {"agreement", core::double_to_json(up.agreement)},
          {"tied", up.tied}};
}

Json node_json(const Node& node, bool binary) {
  Json out{{"path", node.path},
           {"parent", node.parent},
           {"depth", node.depth},
           {"left", node.left},
           {"right", node.right},
           {"alone", node.alone},
           {"leaf", node.leaf},
           {"growing", figures_json(node.growing, binary)},
           {"judged", figures_json(node.judged, binary)},
           {"low", core::double_to_json(node.low)},
           {"high", core::double_to_json(node.high)},
           {"lift", core::double_to_json(node.lift)},
           {"share", core::double_to_json(node.share)},
           {"p_value", core::double_to_json(node.p_value)},
           {"replicated", node.replicated},
           {"runner_ups", Json::array()}};
  if (!node.histogram.empty()) out["histogram"] = node.histogram;
  if (!node.judged.classes.empty()) {
    out["most_common"] = node.most_common;
    out["stands_out"] = node.stands_out;
  }
  for (const RunnerUp& up : node.runner_ups) out["runner_ups"].push_back(runner_up_json(up));
  if (node.leaf >= 0) {
    out["ended"] = node.ended;
  } else {
    out["split"] = split_json(node.split);
  }
  return out;
}

Json block_json(const MissingBlock& block, bool binary) {
  Json out{{"columns", block.columns},
           {"n_missing", block.n_missing},
           {"inside", figures_json(block.inside, binary)},
           {"outside", figures_json(block.outside, binary)},
           {"low", core::double_to_json(block.low)},
           {"high", core::double_to_json(block.high)},
           {"log_p", core::double_to_json(block.log_p)},
           {"also_missing", block.also_missing},
           {"who", block.who}};
  if (!block.inside.classes.empty()) out["stands_out"] = block.stands_out;
  return out;
}

Json tree_json(const TreeData& tree) {
  Json out = core::envelope("tree", kVersion);
  out["target"] = tree.target;
  out["binary"] = tree.binary;
  for (const std::string& name : tree.classes)
    out["classes"].push_back(core::value_to_json(Value(name)));
  out["in_sample"] = tree.in_sample;
  out["interval"] = tree.interval;
  out["features"] = names_json(tree.features);
  out["exclude"] = names_json(tree.exclude);
  if (!tree.meta_features) out["meta_features"] = false;
  out["max_depth"] = tree.max_depth;
  out["min_samples_leaf"] = tree.min_samples_leaf;
  out["selection"] = tree.selection;
  out["alpha"] = core::double_to_json(tree.alpha);
  out["seed"] = core::value_to_json(tree.seed);
  out["n_rows"] = tree.n_rows;
  out["n_target_missing"] = tree.n_target_missing;
  out["growing"] = figures_json(tree.growing, tree.binary);
  out["judged"] = figures_json(tree.judged, tree.binary);
  for (const double edge : tree.histogram_edges)
    out["histogram_edges"].push_back(core::double_to_json(edge));
  out["columns"] = Json::array();
  for (const TreeColumn& column : tree.columns) {
    out["columns"].push_back({{"name", column.name},
                              {"class", std::string(to_string(column.value_class))},
                              {"join_outcome", column.is_join_outcome}});
  }
  out["nodes"] = Json::array();
  for (const Node& node : tree.nodes) out["nodes"].push_back(node_json(node, tree.binary));
  out["blocks"] = Json::array();
  for (const MissingBlock& block : tree.blocks)
    out["blocks"].push_back(block_json(block, tree.binary));
  out["warnings"] = tree.warnings;
  out["constant_columns"] = tree.constant_columns;
  out["duplicate_columns"] = tree.duplicate_columns;
  out["visible_effect"] = core::double_to_json(tree.visible_effect);
  return out;
}

Json types_json(const TreeData& tree) {
  Json out = Json::array();
  for (const TreeColumn& column : tree.columns) {
    out.push_back({{"type", std::string(to_string(column.type.type))},
                   {"unit", std::string(to_string(column.type.unit))},
                   {"ordered", column.type.ordered},
                   {"zone", column.type.zone}});
  }
  return out;
}

}  // namespace

}  // namespace detail::probe

std::string Tree::to_json() const {
  return detail::core::canonical_json(detail::probe::tree_json(detail::probe::data_of(*this)));
}

std::string Tree::saved_json(std::string_view settings) const {
  const detail::probe::TreeData& tree = detail::probe::data_of(*this);
  detail::core::Json out = detail::probe::tree_json(tree);
  out["probe"] = {{"types", detail::probe::types_json(tree)},
                  {"settings", detail::core::parse_json(settings, "settings")}};
  return detail::core::canonical_json(out);
}

bool Tree::operator==(const Tree& other) const {
  return to_json() == other.to_json();
}

}  // namespace mlrepro
