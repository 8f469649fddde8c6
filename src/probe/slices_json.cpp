// SPDX-License-Identifier: Apache-2.0
// mlrepro.slices, version 1: written and read.
#include "core/json_reader.hpp"
#include "probe/slices_data.hpp"

namespace mlrepro::detail::probe {
namespace {

using core::Json;
constexpr int kVersion = 1;
constexpr core::JsonReader kRead("the list of slices");

Json slice_json(const SliceData& slice, bool with_types) {
  const Slice& f = slice.figures;
  const std::string tree = with_types ? slice.tree.saved_json() : slice.tree.to_json();
  return {{"tree", core::parse_json(tree, "tree")},
          {"leaf", slice.leaf},
          {"rule", slice.tree.rule(slice.leaf, "text")},
          {"n_conditions", f.n_conditions},
          {"score", core::double_to_json(f.score)},
          {"rows_growing", f.rows_growing},
          {"mean_growing", core::double_to_json(f.mean_growing)},
          {"rows_judged", f.rows_judged},
          {"mean", core::double_to_json(f.mean)},
          {"low", core::double_to_json(f.low)},
          {"high", core::double_to_json(f.high)},
          {"lift", core::double_to_json(f.lift)},
          {"share", core::double_to_json(f.share)},
          {"p_value", core::double_to_json(f.p_value)},
          {"replicated", f.replicated},
          {"also", slice.also}};
}

SliceData slice_of(const Json& json) {
  SliceData slice{Tree::from_json(core::canonical_json(kRead.field(json, "tree"))),
                  kRead.small(json, "leaf"),
                  {},
                  kRead.texts(json, "also")};
  if (slice.leaf >= slice.tree.n_leaves()) kRead.damaged("field 'leaf' is no leaf");
  if (kRead.text(json, "rule") != slice.tree.rule(slice.leaf, "text"))
    kRead.damaged("field 'rule' is not that of the tree");
  Slice& f = slice.figures;
  f.n_conditions = kRead.small(json, "n_conditions");
  f.score = kRead.real(json, "score");
  f.rows_growing = kRead.count(json, "rows_growing");
  f.mean_growing = kRead.real(json, "mean_growing");
  f.rows_judged = kRead.count(json, "rows_judged");
  f.mean = kRead.real(json, "mean");
  f.low = kRead.real(json, "low");
  f.high = kRead.real(json, "high");
  f.lift = kRead.real(json, "lift");
  f.share = kRead.real(json, "share");
  if (f.low > f.mean || f.mean > f.high) kRead.damaged("field 'mean' is outside its interval");
  f.p_value = kRead.p_value(json, "p_value");
  f.replicated = kRead.flag(json, "replicated");
  return slice;
}

}  // namespace

Json slices_json(const SlicesData& data, bool with_types) {
  Json out = core::envelope("slices", kVersion);
  out["target"] = data.target;
  out["binary"] = data.binary;
  out["in_sample"] = data.in_sample;
  out["on_new_rows"] = data.on_new_rows;
  out["n_rows"] = data.n_rows;
  out["n_target_missing"] = data.n_target_missing;
  out["alpha"] = core::double_to_json(data.alpha);
  out["max_conditions"] = data.max_conditions;
  out["k"] = data.k;
  out["judged"] = {{"n", data.judged.n},
                   {"sum", core::double_to_json(data.judged.sum)},
                   {"mean", core::double_to_json(data.judged.mean)}};
  out["n_tried"] = data.n_tried;
  out["hidden_score"] = core::double_to_json(data.hidden_score);
  out["cut_short"] = data.cut_short;
  out["exact"] = data.is_exact();
  out["warnings"] = data.warnings;
  out["slices"] = Json::array();
  for (const SliceData& slice : data.slices) out["slices"].push_back(slice_json(slice, with_types));
  return out;
}

std::unique_ptr<SlicesData> read_slices(std::string_view text) {
  const Json json =
      core::open_envelope(text, "slices", kVersion,
                          {"target", "binary", "in_sample", "on_new_rows", "n_rows",
                           "n_target_missing", "alpha", "max_conditions", "k", "judged", "n_tried",
                           "hidden_score", "cut_short", "exact", "warnings", "slices"});
  auto data = std::make_unique<SlicesData>();
  data->target = kRead.text(json, "target");
  data->binary = kRead.flag(json, "binary");
  data->in_sample = kRead.flag(json, "in_sample");
  data->on_new_rows = kRead.flag(json, "on_new_rows");
  data->n_rows = kRead.count(json, "n_rows");
  data->n_target_missing = kRead.count(json, "n_target_missing");
  data->alpha = kRead.real(json, "alpha");
  data->max_conditions = kRead.small(json, "max_conditions");
  data->k = kRead.small(json, "k");
  const Json& judged = kRead.field(json, "judged");
  data->judged.n = kRead.count(judged, "n");
  data->judged.sum = kRead.real(judged, "sum");
  data->judged.mean = kRead.real(judged, "mean");
  data->n_tried = kRead.count(json, "n_tried");
  data->hidden_score = kRead.real(json, "hidden_score");
  data->cut_short = kRead.flag(json, "cut_short");
  data->warnings = kRead.texts(json, "warnings");
  for (const Json& slice : kRead.list(json, "slices")) {
    data->slices.push_back(slice_of(slice));
    const Slice& f = data->slices.back().figures;
    if (f.rows_judged > data->judged.n)
      kRead.damaged("field 'rows_judged' is larger than all judged rows");
    if (f.n_conditions < 1 || f.n_conditions > data->max_conditions)
      kRead.damaged("field 'n_conditions' is not from 1 to 'max_conditions'");
  }
  if (kRead.flag(json, "exact") != data->is_exact())
    kRead.damaged("field 'exact' contradicts the scores");
  return data;
}

}  // namespace mlrepro::detail::probe
