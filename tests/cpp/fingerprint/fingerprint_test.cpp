// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/fingerprint/fingerprint.hpp>

#include <fstream>
#include <functional>
#include <limits>

#include <mlrepro/core/errors.hpp>

#include "catch_compat.hpp"
#include "fingerprint/tables.hpp"

using namespace mlrepro;
using mlrepro_test::formula_table;
using mlrepro_test::golden_table;
using nlohmann::json;

namespace {

json vectors() {
  std::ifstream file(MLREPRO_TESTS_DIR "/vectors/fingerprint.json");
  return json::parse(file);
}

void check(const Fingerprint& made, const json& expected) {
  const json found = json::parse(made.to_json());
  for (const char* name : {"row_sum", "schema_digest", "content_id", "table_id"})
    CHECK(found[name] == expected.at(name));
  REQUIRE(found["columns"].size() == expected.at("columns").size());
  for (std::size_t c = 0; c < found["columns"].size(); ++c) {
    const json &column = found["columns"][c], &wanted = expected["columns"][c];
    CHECK(column["schema"]["name"] == wanted["name"]);
    CHECK(column["leaves"]["digest"] == wanted["leaves"]);
    for (const char* name : {"sum", "root", "n_null", "n_nan", "n_negzero"})
      CHECK(column[name] == wanted[name]);
  }
}

Dataset numbers(std::vector<double> values) {
  return Dataset::from_columns({{"x", ColumnView(values)}});
}

}  // namespace

TEST_CASE("the digests of every type are the frozen ones", "[fingerprint][golden]") {
  const json all = vectors();
  REQUIRE(all.at("tables").size() > 20);
  for (const json& table : all.at("tables")) {
    INFO(table.at("columns").dump());
    check(fingerprint(golden_table(table)), table.at("digests"));
  }
}

TEST_CASE("three leaves have the frozen root, whatever the threads", "[fingerprint][golden]") {
  const json all = vectors();
  const Dataset table = formula_table(0, all.at("formula").at("n_rows").get<RowIndex>());
  for (const int threads : {1, 2, 5})
    check(fingerprint(table, {.threads = threads}), all.at("formula").at("digests"));
}

TEST_CASE("an int column that became float has the same rows and another schema", "[fingerprint]") {
  const std::vector<std::int64_t> ints = {1, -5, 1LL << 53};
  const Fingerprint a = fingerprint(Dataset::from_columns({{"x", ColumnView(ints)}}));
  const Fingerprint b = fingerprint(numbers({1, -5, 9007199254740992.0}));
  const json x = json::parse(a.to_json()), y = json::parse(b.to_json());
  CHECK(x["row_sum"] == y["row_sum"]);
  CHECK(x["columns"][0]["root"] == y["columns"][0]["root"]);
  CHECK(x["content_id"] != y["content_id"]);
}

TEST_CASE("true is not 1, and text is not a number", "[fingerprint]") {
  const bool yes[] = {true};
  const std::vector<std::string_view> text = {"1"};
  const std::vector<double> one = {1}, more = {1.5};
  std::vector<std::string> sums;
  for (const ColumnView& view : {ColumnView(std::span<const bool>(yes)), ColumnView(text),
                                 ColumnView(one), ColumnView(more)}) {
    sums.push_back(
        json::parse(fingerprint(Dataset::from_columns({{"x", view}})).to_json())["row_sum"]);
  }
  std::sort(sums.begin(), sums.end());
  CHECK(std::adjacent_find(sums.begin(), sums.end()) == sums.end());
}

TEST_CASE("pairs of equal rows do not cancel: A, A is not B, B", "[fingerprint]") {
  CHECK(fingerprint(numbers({1, 1})).content_id() != fingerprint(numbers({2, 2})).content_id());
}

TEST_CASE("a column rolled against the others is seen in the rows", "[fingerprint]") {
  const std::vector<std::int64_t> a = {1, 2, 3}, b = {4, 5, 6}, rolled = {6, 4, 5};
  const auto row_sum = [&](const std::vector<std::int64_t>& second) {
    return json::parse(
        fingerprint(Dataset::from_columns({{"a", ColumnView(a)}, {"b", ColumnView(second)}}))
            .to_json())["row_sum"];
  };
  CHECK(row_sum(b) != row_sum(rolled));
}

TEST_CASE("NaN payloads and -0.0 move no digest but a counter", "[fingerprint]") {
  const double payload = std::bit_cast<double>(std::uint64_t{0x7ff8000000001234});
  const json x = json::parse(fingerprint(numbers({0.0, payload})).to_json())["columns"][0];
  const json y = json::parse(fingerprint(numbers({-0.0, std::numeric_limits<double>::quiet_NaN()}))
                                 .to_json())["columns"][0];
  CHECK(x["root"] == y["root"]);
  CHECK(x["n_nan"] == 1);
  CHECK(y["n_negzero"] == 1);
}

TEST_CASE("times with as many missing cells as fill nine-byte elements are hashed one by one",
          "[fingerprint]") {
  std::vector<std::int64_t> ticks(16, 5);
  const std::uint8_t half[] = {0xff, 0x00};
  const std::uint8_t all_but[] = {0xff, 0x00, 0x01};
  const Fingerprint a = fingerprint(
      Dataset::from_columns({{"t", ColumnView::timestamps(ticks, TimeUnit::second, {}, half)}}));
  ticks.push_back(5);  // no multiple of nine any more
  const Fingerprint b = fingerprint(
      Dataset::from_columns({{"t", ColumnView::timestamps(ticks, TimeUnit::second, {}, all_but)}})
          .head(16));
  const Fingerprint c = fingerprint(
      Dataset::from_columns({{"t", ColumnView::timestamps(ticks, TimeUnit::second, {}, all_but)}}));
  CHECK(a == b);
  const auto sum = [](const Fingerprint& f) {
    return json::parse(f.to_json())["columns"][0]["sum"].get<std::string>();
  };
  const std::vector<std::int64_t> one = {5};
  const Fingerprint d =
      fingerprint(Dataset::from_columns({{"t", ColumnView::timestamps(one, TimeUnit::second)}}));
  CHECK(sum(a.merge(d)) == sum(c));
}

TEST_CASE("a table without rows or without columns has a fingerprint", "[fingerprint]") {
  CHECK(fingerprint(numbers({})).n_rows() == 0);
  const Dataset table = numbers({1, 2, 3}).drop("x");
  CHECK(fingerprint(table).n_rows() == 3);
  CHECK(fingerprint(table).is_ordered());
}

TEST_CASE("a hash key moves every digest and is not written down", "[fingerprint]") {
  const Fingerprint plain = fingerprint(numbers({1, 2})),
                    keyed = fingerprint(numbers({1, 2}), {.hash_key = "pepper"});
  CHECK(plain.content_id() != keyed.content_id());
  CHECK(keyed.to_json().find("pepper") == std::string::npos);
  CHECK(Fingerprint::from_json(keyed.to_json()) == keyed);
  CHECK_THROWS_AS(Fingerprint::from_json(keyed.to_json()).merge(keyed), ArgumentError);
  CHECK_NOTHROW(Fingerprint::from_json(keyed.to_json(), {.hash_key = "pepper"}).merge(keyed));
  CHECK_THROWS_AS(plain.merge(keyed), ArgumentError);
}

TEST_CASE("an edited file is told by the part that was edited", "[fingerprint]") {
  const std::string text = fingerprint(formula_table(0, 70'000)).to_json();
  CHECK(Fingerprint::from_json(text).to_json() == text);
  const auto refused = [&](const std::function<void(json&)>& edit) {
    json edited = json::parse(text);
    edit(edited);
    try {
      (void)Fingerprint::from_json(edited.dump());
    } catch (const FormatError& error) {
      return std::string(error.what());
    }
    return std::string("read");
  };
  CHECK(refused([](json& j) {
          j["columns"][0]["leaves"]["digest"][1] = std::string(32, '0');
        }).find("root") != std::string::npos);
  CHECK(refused([](json& j) {
          j["columns"][0]["schema"]["dtype"] = "int32";
        }).find("schema_digest") != std::string::npos);
  CHECK(refused([](json& j) { j["row_sum"] = std::string(32, '1'); }).find("content_id") !=
        std::string::npos);
  CHECK(refused([](json& j) { j["table_id"] = std::string(32, '1'); }).find("table_id") !=
        std::string::npos);
  CHECK(refused([](json& j) { j["columns"][0]["n_null"] = 1; }).find("n_null") !=
        std::string::npos);
  CHECK(refused([](json& j) { j["columns"][0]["extra"] = 1; }).find("extra") != std::string::npos);
  CHECK(refused([](json& j) { j["n_rows"] = -1; }).find("n_rows") != std::string::npos);
  CHECK(refused([](json& j) { j["columns"][0]["sum"] = "12"; }).find("sum") != std::string::npos);
  CHECK(refused([](json& j) { j["columns"] = 3; }).find("columns") != std::string::npos);
  CHECK(refused([](json& j) {
          j["columns"][0]["schema"]["n_unused_levels"] = "x";
        }).find("n_unused") != std::string::npos);
}
