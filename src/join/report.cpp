// SPDX-License-Identifier: Apache-2.0
#include "join/report.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/int128.hpp"
#include "join/cells.hpp"

namespace mlrepro::detail::join {
namespace {

using core::Column;
using core::ColumnPtr;
using core::Json;

void must_hold(bool holds, const char* what) {
  if (!holds) throw std::logic_error(std::string("mlrepro: join report does not add up: ") + what);
}

RowIndex of(const ClassCounts& counts, RowClass c) noexcept {
  return counts[static_cast<std::size_t>(c)];
}
RowIndex found(const ClassCounts& counts) noexcept {
  return of(counts, RowClass::matched) + of(counts, RowClass::multiplied);
}

Json names_json(const Names& names) {
  Json out = Json::array();
  for (int i = 0; i < names.size(); ++i) out.push_back(std::string(names[i]));
  return out;
}

Json key_json(std::span<const ColumnPtr> columns, RowIndex row) {
  Json out = Json::array();
  for (const ColumnPtr& column : columns) out.push_back(core::value_to_json(column->value(row)));
  return out;
}

Json interval_json(RowIndex x, RowIndex n) {
  const stats::Interval i = stats::wilson(static_cast<double>(x), static_cast<double>(n));
  return Json::array({i.low, i.high});
}

// Classes as the report counts them: matched includes multiplied.
Json classes_json(const ClassCounts& counts) {
  return {{"matched", found(counts)},
          {"multiplied", of(counts, RowClass::multiplied)},
          {"key_not_found", of(counts, RowClass::key_not_found)},
          {"null_key", of(counts, RowClass::null_key)},
          {"ambiguous", of(counts, RowClass::ambiguous)}};
}

RowIndex distinct_missed(const Keys& keys, const Matches& matches, int threads) {
  std::vector<RowIndex> rows;
  for (std::size_t i = 0; i < matches.class_of_left.size(); ++i) {
    if (matches.class_of_left[i] == RowClass::key_not_found)
      rows.push_back(static_cast<RowIndex>(i));
  }
  if (rows.empty()) return 0;
  std::vector<ColumnPtr> missed;
  for (const ColumnPtr& key : keys.left) missed.push_back(key->take(rows));
  return core::KeyIndex(std::move(missed), threads).n_groups();
}

Json null_keys_json(const std::vector<ColumnPtr>& keys) {
  Json out = Json::array();
  for (const ColumnPtr& key : keys) {
    if (key->n_missing() > 0) out.push_back({{"column", key->name()}, {"rows", key->n_missing()}});
  }
  return out;
}

Json left_json(const ReportInput& in) {
  const ClassCounts& counts = in.matches.counts;
  must_hold(
      found(counts) + in.matches.unmatched() + of(counts, RowClass::ambiguous) == in.left.n_rows,
      "left rows");
  Json out = classes_json(counts);
  out["rows"] = in.left.n_rows;
  out["distinct_keys_missed"] = distinct_missed(in.keys, in.matches, in.request.threads);
  out["null_key_by_column"] = null_keys_json(in.keys.left);
  return out;
}

Json right_json(const ReportInput& in) {
  const Matches& m = in.matches;
  RowIndex used = 0, unused = 0, set_aside = 0;
  for (std::size_t g = 0; g < m.left_rows_of_group.size(); ++g) {
    const bool aside = m.is_set_aside(g, in.request) && m.left_rows_of_group[g] > 0;
    (aside ? set_aside : m.left_rows_of_group[g] > 0 ? used : unused) += m.right.group_size()[g];
  }
  must_hold(used + unused + set_aside + m.right.n_missing() == in.right.n_rows, "right rows");
  return {{"rows", in.right.n_rows},
          {"used", used},
          {"unused", unused},
          {"ambiguous", set_aside},
          {"null_key", m.right.n_missing()},
          {"null_key_by_column", null_keys_json(in.keys.right)},
          {"distinct_keys", m.right.n_groups()}};
}

Json fan_out_json(const ReportInput& in, const LabelMeans& means, bool has_label) {
  const Matches& m = in.matches;
  RowIndex extra = 0, largest = 0;
  std::int32_t at = -1;
  for (std::size_t g = 0; g < m.left_rows_of_group.size(); ++g) {
    const RowIndex size = m.right.group_size()[g];
    if (m.left_rows_of_group[g] == 0 || m.is_set_aside(g, in.request)) continue;
    extra += m.left_rows_of_group[g] * (size - 1);
    const RowIndex row = m.right.first_row()[g];
    const bool smaller =
        at >= 0 && size == largest &&
        compare_rows(in.keys.right, row, m.right.first_row()[static_cast<std::size_t>(at)]) < 0;
    if (size <= largest && !smaller) continue;
    largest = size;
    at = static_cast<std::int32_t>(g);
  }
  Json out = {{"multiplied_rows", of(m.counts, RowClass::multiplied)},
              {"extra_rows", extra},
              {"largest_multiplicity", largest}};
  out["largest_key"] =
      largest > 1 ? key_json(in.keys.right, m.right.first_row()[static_cast<std::size_t>(at)])
                  : Json();
  if (has_label) {
    out["label_mean_each_row_once"] =
        means.each_once.rows > 0 ? Json(means.each_once.mean) : Json();
    out["label_mean_multiplied"] = means.left.rows > 0 ? Json(means.left.mean) : Json();
  }
  return out;
}

// Missing cells of a right column in an inner join: each right row weighs as many left rows as it
// met.
RowIndex missing_in_inner(const Column& column, const ReportInput& in) {
  RowIndex n = of(in.matches.counts, RowClass::ambiguous);
  if (column.n_missing() == 0) return n;
  const std::span<const std::int32_t> groups = in.matches.right.group_of_row();
  for (std::size_t row = 0; row < groups.size(); ++row) {
    if (groups[row] < 0 || !column.is_missing(static_cast<RowIndex>(row))) continue;
    const auto g = static_cast<std::size_t>(groups[row]);
    if (!in.matches.is_set_aside(g, in.request)) n += in.matches.left_rows_of_group[g];
  }
  return n;
}

Json counterfactual_json(const ReportInput& in, const LabelMeans& means, RowIndex extra) {
  const RowIndex unmatched = in.matches.unmatched();
  const RowIndex inner_rows = in.left.n_rows - unmatched + extra;
  Json inner = {{"rows", inner_rows}}, left = {{"rows", inner_rows + unmatched}};
  Json inner_missing = Json::array(), left_missing = Json::array();
  for (const BroughtColumn& brought : in.layout.brought) {
    const RowIndex n = missing_in_inner(*brought.column, in);
    inner_missing.push_back({{"column", brought.name}, {"missing", n}});
    left_missing.push_back({{"column", brought.name}, {"missing", n + unmatched}});
  }
  inner["missing"] = std::move(inner_missing);
  left["missing"] = std::move(left_missing);
  inner["label_mean"] = means.inner.rows > 0 ? Json(means.inner.mean) : Json();
  left["label_mean"] = means.left.rows > 0 ? Json(means.left.mean) : Json();
  inner["label_rows"] = means.inner.rows;
  left["label_rows"] = means.left.rows;
  return {{"inner", std::move(inner)}, {"left", std::move(left)}};
}

Json class_on_label_json(const ClassOnLabel& c, const Label& label) {
  static constexpr std::array<std::string_view, 3> kGrades = {"", "note", "label in disguise"};
  return {{"class", std::string(kClassNames[static_cast<std::size_t>(c.row_class)])},
          {"rows", c.rows},
          {"positives", c.positives},
          {"chosen", c.chosen},
          {"value", core::value_to_json((c.value ? label.positive : label.negative).get())},
          {"judged_rows", c.judged},
          {"judged_with_value", c.judged_with_value},
          {"rate", c.rate},
          {"interval", Json::array({c.interval.low, c.interval.high})},
          {"lift", c.lift},
          {"log_p", c.log_p},
          {"grade", std::string(kGrades[static_cast<std::size_t>(c.grade)])}};
}

Json label_json(const ReportInput& in, const Label& label, const LabelMeans& means) {
  Json out = {
      {"column", label.column.empty() ? Json() : Json(label.column)},
      {"not_evaluated", label.why_not.empty() ? Json() : Json(label.why_not)},
      {"rows", means.each_once.rows},
      {"mean", means.each_once.rows > 0 ? Json(means.each_once.mean) : Json()},
      {"positive",
       label.kind == LabelKind::binary ? core::value_to_json(label.positive.get()) : Json()},
      {"classes", Json::array()}};
  for (const ClassOnLabel& c :
       classes_on_label(label, in.matches, in.left_dataset, in.request.threads)) {
    out["classes"].push_back(class_on_label_json(c, label));
  }
  return out;
}

Json level_json(const Level& level, bool is_binned) {
  const RowIndex n = level.rows();
  Json out = classes_json(level.counts);
  out["rows"] = n;
  out["value"] = core::value_to_json(level.low.get());
  if (is_binned) out["to"] = core::value_to_json(level.high.get());
  for (const RowClass c : {RowClass::key_not_found, RowClass::null_key, RowClass::ambiguous}) {
    if (of(level.counts, c) == 0) continue;
    static constexpr std::array<const char*, kClasses> kFields = {
        "", "", "key_not_found_interval", "null_key_interval", "ambiguous_interval"};
    out[kFields[static_cast<std::size_t>(c)]] = interval_json(of(level.counts, c), n);
  }
  out["matched_interval"] = interval_json(found(level.counts), n);
  return out;
}

Json slices_json(const ReportInput& in) {
  Json out = Json::array();
  for (const Slice& slice : slices_of(in.left, in.matches.class_of_left, in.request.threads)) {
    Json levels = Json::array();
    ClassCounts sums{};
    for (const Level& level : slice.levels) {
      levels.push_back(level_json(level, slice.is_binned));
      for (std::size_t c = 0; c < kClasses; ++c) sums[c] += level.counts[c];
    }
    must_hold(sums == in.matches.counts, "slices");
    out.push_back({{"column", slice.column},
                   {"binned", slice.is_binned},
                   {"chi_square", slice.chi_square},
                   {"df", slice.df},
                   {"levels", std::move(levels)}});
  }
  return out;
}

Json repeats_json(const Repeats& repeats) {
  return {{"keys", repeats.n_keys}, {"rows", repeats.n_rows}};
}

Json output_json(const ReportInput& in) {
  Json renamed = Json::array(), added = Json::array();
  for (const Renamed& r : in.layout.renamed) renamed.push_back({{"from", r.from}, {"to", r.to}});
  for (const BroughtColumn& b : in.layout.brought) added.push_back(b.name);
  return {{"rows", in.n_output_rows},
          {"added", std::move(added)},
          {"renamed", std::move(renamed)},
          {"outcome", in.request.indicator}};
}

RowIndex expected_rows(const ReportInput& in, RowIndex extra) {
  const RowIndex unmatched = in.matches.unmatched();
  switch (in.request.how) {
    case How::inner:
      return in.left.n_rows - unmatched + extra;
    case How::left:
      return in.left.n_rows + extra;
    case How::semi:
      return in.left.n_rows - unmatched;
    case How::anti:
      return unmatched;
  }
  return -1;
}

}  // namespace

std::string report_json(const ReportInput& in) {
  const Request& request = in.request;
  const Label label = read_label(in.left);
  const LabelMeans means = label_means(label, in.matches);
  Json json = core::envelope("join_report", 1);
  json["how"] = request.how_text;
  json["validate"] = request.validate;
  json["on_violation"] = request.set_aside ? "set_aside" : "raise";
  json["left_on"] = names_json(request.left_on);
  json["right_on"] = names_json(request.right_on);
  json["left"] = left_json(in);
  json["right"] = right_json(in);
  json["fan_out"] = fan_out_json(in, means, label.kind != LabelKind::none);
  const auto extra = json["fan_out"]["extra_rows"].get<RowIndex>();
  must_hold(expected_rows(in, extra) == in.n_output_rows, "output rows");
  json["counterfactual"] = counterfactual_json(in, means, extra);
  json["set_aside"] = {{"left", repeats_json(in.check.left)},
                       {"right", repeats_json(in.check.right)}};
  json["output"] = output_json(in);
  json["label"] = label_json(in, label, means);
  json["slices"] = in.matches.unmatched() + of(in.matches.counts, RowClass::ambiguous) +
                               of(in.matches.counts, RowClass::multiplied) >
                           0
                       ? slices_json(in)
                       : Json::array();
  return core::canonical_json(json);
}

}  // namespace mlrepro::detail::join
