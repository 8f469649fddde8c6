// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/binning/binned_stream.hpp>
#include <mlrepro/core/errors.hpp>
#include <mlrepro/core/random.hpp>

#include <string>
#include <vector>

#include "catch_compat.hpp"

using namespace mlrepro;

namespace {

constexpr std::size_t kRows = 3000;

struct Rows {
  std::vector<double> x, y;
  std::vector<std::string> words;
  std::vector<std::string_view> place;
  Rows() : x(kRows), y(kRows), words(kRows) {
    const RandomStream random(1, "stream");
    for (std::size_t i = 0; i < kRows; ++i) {
      x[i] = static_cast<double>(random.bits(i) % 100'000) / 8;
      y[i] = static_cast<double>(random.bits(i) >> 63);
      words[i] = "level " + std::to_string(random.bits(i + kRows) % 300);
    }
    place.assign(words.begin(), words.end());
  }
  Dataset dataset() const {
    return Dataset::from_columns({{"x", x}, {"y", y}, {"place", place}}, {.label = "y"});
  }
};

}  // namespace

TEST_CASE("a table that passed in batches and blocks has the bins of the whole one", "[binning]") {
  const Rows rows;
  const Dataset whole = rows.dataset();
  BinnedStream stream({.label = "y"}, {.threads = 2});
  for (RowIndex begin = 0; begin < static_cast<RowIndex>(kRows); begin += 700) {
    std::vector<RowIndex> batch;
    for (RowIndex i = begin; i < begin + 700 && i < static_cast<RowIndex>(kRows); ++i)
      batch.push_back(i);
    stream.add_rows(whole.take(batch));
  }
  stream.add_columns(whole.select({"place"}));
  stream.add_columns(whole.select({"x", "y"}));
  const BinnedDataset binned = stream.finish();
  REQUIRE(binned.to_json() == BinnedDataset(whole).to_json());
  REQUIRE(binned.dataset().n_columns() == 1);
  REQUIRE(binned.dataset().n_rows() == static_cast<RowIndex>(kRows));
}

TEST_CASE("a stream is refused that lacks a column, has one twice, or has other rows",
          "[binning]") {
  const Rows rows;
  const Dataset whole = rows.dataset();
  BinnedStream stream({.label = "y"});
  REQUIRE_THROWS_AS(stream.finish(), SchemaError);
  stream.add_rows(whole);
  REQUIRE_THROWS_AS(stream.add_rows(whole.drop({"x"})), SchemaError);
  REQUIRE_THROWS_AS(stream.add_columns(whole.head(10)), SchemaError);
  stream.add_columns(whole.select({"x"}));
  REQUIRE_THROWS_AS(stream.add_columns(whole.select({"x"})), SchemaError);
  REQUIRE_THROWS_AS(stream.finish(), SchemaError);
  REQUIRE_THROWS_AS(stream.add_rows(whole), ArgumentError);
  stream.add_columns(whole.select({"y", "place"}));
  REQUIRE(stream.finish().n_bins("x") > 1);
  REQUIRE_THROWS_AS(stream.finish(), ArgumentError);
  REQUIRE_THROWS_AS(stream.add_columns(whole.select({"x"})), ArgumentError);
  BinnedStream unkeyed;
  REQUIRE_THROWS_AS(unkeyed.add_rows(whole.with_roles({.key = {"y", "x", "place"}})), SchemaError);
}
