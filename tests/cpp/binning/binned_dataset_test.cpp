// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/binning/binned_dataset.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include <mlrepro/core/errors.hpp>

#include "catch_compat.hpp"

using namespace mlrepro;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct Rows {
  std::vector<std::int64_t> id, dose, half, always;
  std::vector<double> x, wave;
  std::vector<std::string> sign, mark;
  std::vector<bool> flag;

  explicit Rows(int n) {
    for (int i = 0; i < n; ++i) {
      id.push_back(i);
      x.push_back(i % 10 == 3 ? kNaN : i % 5);
      wave.push_back(std::sin(i));
      dose.push_back(i % 5);
      half.push_back(i % 2);
      always.push_back(7);
      sign.push_back(i % 2 == 0 ? "yes" : "no");
      mark.push_back("m" + std::to_string(i % 3));
    }
  }
  Dataset dataset() const {
    std::vector<std::string_view> signs(sign.begin(), sign.end()), marks(mark.begin(), mark.end());
    return Dataset::from_columns({{"id", id},
                                  {"x", x},
                                  {"wave", wave},
                                  {"dose", dose},
                                  {"half", half},
                                  {"always", always},
                                  {"sign", signs},
                                  {"mark", marks}},
                                 {.key = "id", .label = "dose"});
  }
};

}  // namespace

TEST_CASE("bins, codes and missing rows of a column, by its name") {
  const Rows rows(20);
  const BinnedDataset binned(rows.dataset());
  REQUIRE(binned.dataset().n_rows() == 20);
  REQUIRE(binned.n_bins("x") == 5);
  REQUIRE(binned.n_missing("x") == 2);
  REQUIRE(binned.codes("x")[3] == 255);
  REQUIRE(binned.codes("x")[4] == 4);
  REQUIRE(binned.bin_text("x", 0) == "x <= 0");
  REQUIRE(binned.bin_text("x", 2) == "1 < x <= 2");
  REQUIRE(binned.bin_text("x", 4) == "3 < x");
  REQUIRE(binned.bin_text("mark", 1) == "'m1'");
  REQUIRE(binned.bin_text("always", 0) == "all values");
  REQUIRE_THROWS_AS(binned.bin_text("x", 5), ArgumentError);
  REQUIRE_THROWS_AS(binned.n_bins("y"), ColumnNotFoundError);
}

TEST_CASE("a column with a role is binned when it is asked for, and is no part of the JSON") {
  const Rows rows(20);
  const BinnedDataset binned(rows.dataset());
  const std::string before = binned.to_json();
  REQUIRE(binned.n_bins("dose") == 5);
  REQUIRE(binned.n_bins("id") == 20);
  REQUIRE(binned.to_json() == before);
  REQUIRE(before.find("\"dose\"") == std::string::npos);
}

TEST_CASE("constant and repeated columns are named once") {
  const Rows rows(20);
  const std::string json = BinnedDataset(rows.dataset()).to_json();
  REQUIRE(json.find(R"("constant_columns":["always"])") != std::string::npos);
  REQUIRE(json.find(R"json("duplicate_columns":["half ~ sign (two values swapped)"])json") !=
          std::string::npos);
}

TEST_CASE("threads change no byte, and two threads may ask for the same column at once") {
  const Rows rows(5000);
  const Dataset data = rows.dataset();
  const BinnedDataset one(data, 1), many(data, 8);
  REQUIRE(one.to_json() == many.to_json());
  std::vector<std::thread> askers;
  std::vector<const std::uint8_t*> got(4);
  for (std::size_t i = 0; i < got.size(); ++i)
    askers.emplace_back([&, i] { got[i] = many.codes("id").data(); });
  for (std::thread& asker : askers) asker.join();
  for (const std::uint8_t* codes : got) REQUIRE(codes == many.codes("id").data());
}

TEST_CASE("a table without rows, and one without features, have bins of nothing") {
  const std::vector<std::int64_t> none;
  const BinnedDataset empty(Dataset::from_columns({{"x", none}}));
  REQUIRE(empty.n_bins("x") == 0);
  REQUIRE(empty.codes("x").empty());
  const std::vector<std::int64_t> one{1};
  const BinnedDataset only_label(Dataset::from_columns({{"y", one}}, {.label = "y"}));
  REQUIRE(only_label.to_json().find(R"("columns":[])") != std::string::npos);
}
