// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "catch_compat.hpp"
#include "join/label.hpp"
#include "join/slices.hpp"
#include "tables.hpp"

using namespace mlrepro_test;
using mlrepro::JoinedDataset;
namespace dj = mlrepro::detail::join;

namespace {

std::uint64_t mixed(std::uint64_t i) {
  return (i + 1) * 0x9e3779b97f4a7c15U >> 20;
}

// 4,000 rows; the carrier "MQ" is nearly absent on the right; every eighth key is null.
struct Example {
  std::vector<std::optional<std::int64_t>> key, id;
  std::vector<std::optional<std::string>> carrier;
  std::vector<std::optional<std::int64_t>> label;
};
Example example(std::size_t n, bool null_is_label) {
  Example e;
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint64_t r = mixed(i);
    const bool no_key = r % 8 == 0;
    const bool mq = r / 8 % 4 == 0;
    e.id.push_back(static_cast<std::int64_t>(i));
    e.carrier.push_back(mq ? "MQ" : "UA");
    e.key.push_back(
        no_key ? std::nullopt
               : std::optional<std::int64_t>(mq ? 1000 + static_cast<std::int64_t>(r / 32 % 50)
                                                : static_cast<std::int64_t>(r / 32 % 50)));
    e.label.push_back(null_is_label && no_key ? 1 : r / 4096 % 40 == 0 ? 1 : 0);
  }
  return e;
}
Dataset dataset_of(const Example& e) {
  return table({numbers("id", e.id), numbers("k", e.key), texts("carrier", e.carrier),
                numbers("label", e.label)},
               {.key = "id", .label = "label"});
}
Dataset keys_to_50() {
  std::vector<std::optional<std::int64_t>> key, y;
  for (std::int64_t i = 0; i < 50; ++i) {
    key.push_back(i);
    y.push_back(i % 7 == 0 ? std::nullopt : std::optional<std::int64_t>(i));
  }
  return table({numbers("k", key), numbers("y", y)});
}

const dj::ClassOnLabel& of_class(const std::vector<dj::ClassOnLabel>& all, dj::RowClass c) {
  return *std::find_if(all.begin(), all.end(),
                       [&](const dj::ClassOnLabel& one) { return one.row_class == c; });
}

std::vector<dj::ClassOnLabel> classes_of(const Dataset& left, const Dataset& right) {
  const auto& l = dc::table_of(left);
  const auto& r = dc::table_of(right);
  const dj::Request request = dj::read_request(l, r, {.on = "k", .how = "left", .validate = "m:1"});
  const dj::Matches matches(dj::keys_of(l, r, request), request);
  return dj::classes_on_label(dj::read_label(l), matches, left, 1);
}

}  // namespace

TEST_CASE("a null key that is the label is named the label in disguise, and chance is not") {
  const auto planted = classes_of(dataset_of(example(4000, true)), keys_to_50());
  const dj::ClassOnLabel& null_key = of_class(planted, dj::RowClass::null_key);
  CHECK(null_key.chosen);
  CHECK(null_key.rate == 1.0);
  CHECK(null_key.judged == null_key.judged_with_value);
  CHECK(null_key.lift < 10);  // 14% of all rows are positive: a lift of 10 is out of reach
  CHECK(null_key.grade == dj::Grade::note);
  const auto chance = classes_of(dataset_of(example(4000, false)), keys_to_50());
  for (const dj::ClassOnLabel& c : chance) CHECK(c.grade != dj::Grade::label_in_disguise);
}

TEST_CASE("the class is judged only on rows that did not choose it") {
  Example e = example(4000, false);
  std::vector<mlrepro::RowId> ids(4000);
  dataset_of(e).row_ids("join-honest", ids);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const bool chooses = ids[i].high >> 63 == 0;
    e.label[i] = !e.key[i].has_value() && chooses ? 1 : mixed(i) / 4096 % 40 == 0 ? 1 : 0;
  }
  const auto classes = classes_of(dataset_of(e), keys_to_50());
  const dj::ClassOnLabel& null_key = of_class(classes, dj::RowClass::null_key);
  CHECK(null_key.chosen);
  CHECK(null_key.rate < 0.15);
  CHECK(null_key.grade != dj::Grade::label_in_disguise);
  CHECK(null_key.positives > null_key.judged_with_value + 200);
}

TEST_CASE("a label whose rare value is the negative one is still found in disguise") {
  Example e = example(4000, false);
  for (std::size_t i = 0; i < e.label.size(); ++i) {
    const bool rare = mixed(i) % 64 == 0;  // 1 in 64 rows: null keys become few
    if (!e.key[i].has_value() && !rare) e.key[i] = 3;
    e.label[i] = e.key[i].has_value() ? 1 : 0;
  }
  const auto classes = classes_of(dataset_of(e), keys_to_50());
  const dj::ClassOnLabel& null_key = of_class(classes, dj::RowClass::null_key);
  CHECK(!null_key.value);
  CHECK(null_key.rate == 1.0);
  CHECK(null_key.grade == dj::Grade::label_in_disguise);
}

TEST_CASE("the report adds up and knows who is unmatched") {
  const Example e = example(4000, true);
  const JoinedDataset joined =
      join(dataset_of(e), keys_to_50(), {.on = "k", .how = "left", .validate = "m:1"});
  const auto report = report_of(joined);
  const auto& left = report["left"];
  CHECK(left["matched"].get<int>() + left["key_not_found"].get<int>() +
            left["null_key"].get<int>() ==
        4000);
  const auto& slice = report["slices"][0];
  CHECK((slice["column"] == "carrier" || slice["column"] == "k"));
  for (const auto& one : report["slices"]) {
    int rows = 0, matched = 0;
    for (const auto& level : one["levels"]) {
      rows += level["rows"].get<int>();
      matched += level["matched"].get<int>();
    }
    CHECK(rows == 4000);
    CHECK(matched == left["matched"].get<int>());
  }
  const auto& counterfactual = report["counterfactual"];
  CHECK(counterfactual["inner"]["rows"] == left["matched"]);
  CHECK(counterfactual["left"]["rows"] == 4000);
  int missing = 0;
  for (const std::string& cell : cells(joined, "y")) missing += cell == "-";
  CHECK(counterfactual["left"]["missing"][0]["missing"] == missing);
}

TEST_CASE("the order of rows changes no byte of the report, nor do threads") {
  Example e = example(3000, true);
  const Dataset left = dataset_of(e), right = keys_to_50();
  const std::string report =
      join(left, right, {.on = "k", .how = "left", .validate = "m:1", .threads = 1}).report_json();
  for (const int threads : {2, 8}) {
    CHECK(join(left, right, {.on = "k", .how = "left", .validate = "m:1", .threads = threads})
              .report_json() == report);
  }
  std::vector<RowIndex> order(3000), back(50);
  for (std::size_t i = 0; i < order.size(); ++i)
    order[i] = static_cast<RowIndex>(i * 1777 % order.size());
  for (std::size_t i = 0; i < back.size(); ++i) back[i] = static_cast<RowIndex>(49 - i);
  CHECK(join(left.take(order), right.take(back), {.on = "k", .how = "left", .validate = "m:1"})
            .report_json() == report);
}

TEST_CASE("a fan-out moves the mean of the label, and the report says both") {
  const Dataset left =
      table({numbers<std::int64_t>("k", {1, 2, 3}), numbers<double>("label", {4.0, 1.0, 2.5})},
            {.label = "label"});
  const Dataset right = table({numbers<std::int64_t>("k", {1, 1, 1, 2, 3})});
  const auto report = report_of(join(left, right, {.on = "k", .how = "left", .validate = "1:m"}));
  CHECK(report["fan_out"]["label_mean_each_row_once"] == 2.5);
  CHECK(report["fan_out"]["label_mean_multiplied"] == 3.1);
  CHECK(report["fan_out"]["largest_multiplicity"] == 3);
  CHECK(report["fan_out"]["largest_key"].dump() == "[1]");
}

TEST_CASE("slices do not depend on dtype, unit or dictionary") {
  std::vector<std::optional<std::int64_t>> ints;
  std::vector<std::optional<double>> reals;
  std::vector<dj::RowClass> classes;
  std::vector<std::int64_t> micros, nanos;
  for (std::size_t i = 0; i < 2000; ++i) {
    const auto v = static_cast<std::int64_t>(mixed(i) % 100'000);
    ints.push_back(i % 11 == 0 ? std::nullopt : std::optional(v));
    reals.push_back(i % 11 == 0 ? std::nullopt : std::optional(static_cast<double>(v)));
    classes.push_back(v < 30'000 || i % 11 == 0 ? dj::RowClass::key_not_found
                                                : dj::RowClass::matched);
    micros.push_back(v);
    nanos.push_back(v * 1000);
  }
  const auto slice = [&](dc::ColumnPtr column) {
    const Dataset one = table({std::move(column)});
    return dj::slices_of(dc::table_of(one), classes, 1).at(0);
  };
  const auto same = [](const dj::Slice& a, const dj::Slice& b) {
    REQUIRE(a.levels.size() == b.levels.size());
    CHECK(a.chi_square == b.chi_square);
    for (std::size_t i = 0; i < a.levels.size(); ++i) {
      CHECK(a.levels[i].counts == b.levels[i].counts);
      CHECK(dc::value_to_json(a.levels[i].low.get()) == dc::value_to_json(b.levels[i].low.get()));
      CHECK(dc::value_to_json(a.levels[i].high.get()) == dc::value_to_json(b.levels[i].high.get()));
    }
  };
  const dj::Slice of_ints = slice(numbers("v", ints));
  CHECK(of_ints.is_binned);
  CHECK(of_ints.levels.size() >= 10);
  CHECK(of_ints.levels.size() <= 12);
  same(of_ints, slice(numbers("v", reals)));
  using mlrepro::ColumnView;
  same(slice(dc::Column::copy_of("v", ColumnView::timestamps(micros, mlrepro::TimeUnit::micro))),
       slice(dc::Column::copy_of("v", ColumnView::timestamps(nanos, mlrepro::TimeUnit::nano))));
}

TEST_CASE("a crowded column with a far outlier is still cut into useful bins") {
  std::vector<std::optional<double>> values;
  std::vector<dj::RowClass> classes;
  for (std::size_t i = 0; i < 3000; ++i) {
    const double v = static_cast<double>(mixed(i) % 1000) / 1000;
    values.push_back(i == 17 ? 1e300 : v);
    classes.push_back(v < 0.5 ? dj::RowClass::matched : dj::RowClass::null_key);
  }
  values[18] = std::numeric_limits<double>::infinity();
  const Dataset one = table({numbers("v", values)});
  const dj::Slice slice = dj::slices_of(dc::table_of(one), classes, 1).at(0);
  CHECK(slice.levels.size() >= 8);
  RowIndex rows = 0;
  for (const dj::Level& level : slice.levels) rows += level.rows();
  CHECK(rows == 3000);
}
