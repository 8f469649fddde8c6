// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/split/plan.hpp>

#include <mlrepro/core/errors.hpp>

#include <fstream>
#include <iterator>

#include <nlohmann/json.hpp>

#include "catch_compat.hpp"
#include "split/tables.hpp"

using namespace split_test;
using mlrepro::ArgumentError;
using mlrepro::FormatError;
using nlohmann::json;

namespace {
sp::Plan hash_plan(bool exact = false) {
  return sp::HashSplit({{"train", 0.8}, {"valid", 0.1}, {"test", 0.1}},
                       {.by = "id", .salt = "2026", .exact = exact})
      .plan(numbered(400));
}
}  // namespace

TEST_CASE("a plan that was read back answers every key as before, parts in the order written",
          "[plan]") {
  for (const bool exact : {false, true}) {
    const sp::Plan plan = hash_plan(exact);
    const sp::Plan back = sp::Plan::from_json(plan.to_json());
    CHECK(back == plan);
    CHECK(back.to_json() == plan.to_json());
    CHECK(back.parts()[0].name == "train");
    CHECK(back.parts()[1].name == "valid");
    CHECK(back.parts()[2].name == "test");
    CHECK(back.parts()[0].n_rows == plan.parts()[0].n_rows);
    for (int id = 0; id < 450; ++id) CHECK(back.assign(id) == plan.assign(id));
    CHECK_FALSE(back.has_rows());
    std::vector<RowIndex> none;
    CHECK_THROWS_AS(back.indices("train", none), ArgumentError);
    CHECK_THROWS_AS(back.part("train"), ArgumentError);
    CHECK(back.extend(numbered(400, 7)) == plan);
  }
}

TEST_CASE("digests of parts add up to the digest of the table", "[plan]") {
  const json plan = json::parse(hash_plan().to_json());
  const json whole =
      json::parse(sp::HashSplit({{"all", 1.0}}, {.by = "id"}).plan(numbered(400)).to_json());
  __extension__ typedef unsigned __int128 u128;
  u128 sum = 0;
  for (const json& part : plan["parts"]) {
    const auto digest = part["digest"].get<std::string>();
    sum += static_cast<u128>(std::stoull(digest.substr(0, 16), nullptr, 16)) << 64 |
           std::stoull(digest.substr(16), nullptr, 16);
  }
  const auto digest = whole["parts"][0]["digest"].get<std::string>();
  CHECK(static_cast<std::uint64_t>(sum >> 64) == std::stoull(digest.substr(0, 16), nullptr, 16));
  CHECK(static_cast<std::uint64_t>(sum) == std::stoull(digest.substr(16), nullptr, 16));
}

TEST_CASE("known keys keep their part when the table grows", "[plan]") {
  const sp::Plan plan = hash_plan();
  const sp::Plan grown = sp::Plan::from_json(plan.to_json()).extend(numbered(900));
  CHECK(grown.n_rows() == 900);
  for (int id = 0; id < 400; ++id) CHECK(grown.assign(id) == plan.assign(id));
}

TEST_CASE("a table whose key has another class does not extend a plan", "[plan]") {
  const std::vector<std::string_view> id{"0", "1", "2"};
  const Dataset text = Dataset::from_columns({{"id", id}});
  CHECK_THROWS_AS(hash_plan().extend(text), mlrepro::SchemaError);
  const std::vector<std::int64_t> x{1, 2};
  CHECK_THROWS_AS(hash_plan().extend(Dataset::from_columns({{"x", x}})),
                  mlrepro::ColumnNotFoundError);
}

TEST_CASE("a part is a dataset that knows its fold; unknown parts are named with the valid ones",
          "[plan]") {
  const sp::Plan plan = hash_plan();
  CHECK(plan.part("valid").fold() == "valid");
  CHECK(plan.part("valid").n_rows() == plan.parts()[1].n_rows);
  CHECK_THROWS_AS(plan.part("vaild"), ArgumentError);
  std::vector<std::int32_t> parts(400);
  plan.part_of_row(parts);
  for (const RowIndex row : rows_of(plan, "test")) CHECK(parts[static_cast<std::size_t>(row)] == 2);
}

TEST_CASE("plans that Python wrote in the first release load and write the same bytes", "[plan]") {
  for (const char* name : {"hash", "values", "exact", "groups", "time"}) {
    CAPTURE(name);
    std::ifstream file(std::string(MLREPRO_TESTS_DIR "/golden/plan/") + name + ".json");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    CHECK(sp::Plan::from_json(text).to_json() == text);
  }
}

TEST_CASE("a plan that is cut, altered or newer is refused, never guessed", "[plan]") {
  const std::string good = hash_plan(true).to_json();
  for (std::size_t n :
       {std::size_t{0}, std::size_t{1}, good.size() / 3, good.size() / 2, good.size() - 1}) {
    CHECK_THROWS_AS(sp::Plan::from_json(std::string_view(good).substr(0, n)), FormatError);
  }
  const auto refuse = [&](auto&& change) {
    json document = json::parse(good);
    change(document);
    CHECK_THROWS_AS(sp::Plan::from_json(document.dump()), FormatError);
  };
  refuse([](json& d) { d["version"] = 99; });
  refuse([](json& d) { d["format"] = "mlrepro.tree"; });
  refuse([](json& d) { d["surprise"] = 1; });
  refuse([](json& d) { d["hash"]["surprise"] = 1; });
  refuse([](json& d) { d["hash"]["method"] = "random"; });
  refuse([](json& d) { d["hash"]["parts"][0]["fraction"] = 0.9; });
  refuse([](json& d) { d["hash"]["closed"][0] = "abc"; });
  refuse([](json& d) { d["hash"]["closed"][1] = d["hash"]["closed"][0]; });
  refuse([](json& d) { d["hash"]["closed"].erase(0); });
  refuse([](json& d) { d["hash"].erase("salt"); });
  refuse([](json& d) { d["rows"] = 1; });
  refuse([](json& d) { d["rows"] = -400; });
  refuse([](json& d) { d["parts"][0]["rows"] = "many"; });
  refuse([](json& d) { d["parts"][0]["name"] = "test"; });
  refuse([](json& d) { d["parts"][0]["digest"] = "zz"; });
  refuse([](json& d) { d["key"] = json::array(); });
  refuse([](json& d) { d["key"][0]["class"] = "int"; });
  refuse([](json& d) { d.erase("hash"); });
  refuse([](json& d) { d = json::array(); });
  refuse([](json& d) {
    d["time"] = {{"cut_ns", "1"}, {"reach_ns", "0"}, {"label_time", false}, {"known_time", false}};
  });
}
