// SPDX-License-Identifier: Apache-2.0
// mlrepro.slices, version 1: written and read.
#include "core/raise.hpp"
#include "probe/slices_data.hpp"

namespace mlrepro::detail::probe {
namespace {

using core::Json;
constexpr int kVersion = 1;

[[noreturn]] void damaged(const std::string& what) {
  core::raise<FormatError>({.message = "mlrepro.slices: " + what + ".",
                            .next_step = "Save it again; pass what to_json() wrote."});
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

std::int64_t count(const Json& json, const char* name) {
  const Json& held = field(json, name);
  if (!held.is_number_integer() || held.get<std::int64_t>() < 0)
    damaged("field '" + std::string(name) + "' is no count");
  return held.get<std::int64_t>();
}

double real(const Json& json, const char* name) {
  return core::double_from_json(field(json, name), "slices");
}

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
  SliceData slice{Tree::from_json(core::canonical_json(field(json, "tree"))),
                  get<int>(json, "leaf"),
                  {},
                  get<std::vector<std::string>>(json, "also")};
  if (slice.leaf < 0 || slice.leaf >= slice.tree.n_leaves()) damaged("field 'leaf' is no leaf");
  if (get<std::string>(json, "rule") != slice.tree.rule(slice.leaf, "text"))
    damaged("field 'rule' is not that of the tree");
  Slice& f = slice.figures;
  f.n_conditions = static_cast<int>(count(json, "n_conditions"));
  f.score = real(json, "score");
  f.rows_growing = count(json, "rows_growing");
  f.mean_growing = real(json, "mean_growing");
  f.rows_judged = count(json, "rows_judged");
  f.mean = real(json, "mean");
  f.low = real(json, "low");
  f.high = real(json, "high");
  f.lift = real(json, "lift");
  f.share = real(json, "share");
  f.p_value = real(json, "p_value");
  f.replicated = get<bool>(json, "replicated");
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
  data->target = get<std::string>(json, "target");
  data->binary = get<bool>(json, "binary");
  data->in_sample = get<bool>(json, "in_sample");
  data->on_new_rows = get<bool>(json, "on_new_rows");
  data->n_rows = count(json, "n_rows");
  data->n_target_missing = count(json, "n_target_missing");
  data->alpha = real(json, "alpha");
  data->max_conditions = static_cast<int>(count(json, "max_conditions"));
  data->k = static_cast<int>(count(json, "k"));
  const Json& judged = field(json, "judged");
  data->judged.n = count(judged, "n");
  data->judged.sum = real(judged, "sum");
  data->judged.mean = real(judged, "mean");
  data->n_tried = count(json, "n_tried");
  data->hidden_score = real(json, "hidden_score");
  data->cut_short = get<bool>(json, "cut_short");
  data->warnings = get<std::vector<std::string>>(json, "warnings");
  const Json& slices = field(json, "slices");
  if (!slices.is_array()) damaged("field 'slices' is no list");
  for (const Json& slice : slices) data->slices.push_back(slice_of(slice));
  if (get<bool>(json, "exact") != data->is_exact()) damaged("field 'exact' contradicts the scores");
  return data;
}

}  // namespace mlrepro::detail::probe
