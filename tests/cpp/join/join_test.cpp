// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include "catch_compat.hpp"
#include "tables.hpp"

using namespace mlrepro_test;
using mlrepro::ArgumentError;
using mlrepro::JoinContractError;
using mlrepro::JoinedDataset;
using mlrepro::SchemaError;

namespace {

Dataset left() {
  return table({numbers<std::int64_t>("k", {1, 2, std::nullopt, 3, 1}),
                texts("x", {"a", "b", "c", "d", "e"})});
}
Dataset right() {
  return table({numbers<std::int64_t>("k", {1, 3, 1, 9, std::nullopt}),
                numbers<std::int64_t>("y", {10, 30, 11, 90, 0})});
}

template <class E, class F>
std::string message(F&& call) {
  try {
    call();
  } catch (const E& error) {
    return error.what();
  }
  return "no error";
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a left join neither drops nor reorders left rows, and right order holds inside them") {
  const JoinedDataset joined = join(left(), right(), {.on = "k", .how = "left", .validate = "m:m"});
  CHECK(cells(joined, "x") == Cells{"a", "a", "b", "c", "d", "e", "e"});
  CHECK(cells(joined, "y") == Cells{"10", "11", "-", "-", "30", "10", "11"});
  CHECK(cells(joined, "k_match") == Cells{"multiplied", "multiplied", "key not found", "null key",
                                          "matched", "multiplied", "multiplied"});
  CHECK(joined.role_of("k_match") == "join_outcome");
  CHECK(report_of(joined)["left"]["multiplied"] == 2);
  CHECK(report_of(joined)["fan_out"]["extra_rows"] == 2);
}

TEST_CASE("inner, semi and anti keep the rows that their names say") {
  CHECK(cells(join(left(), right(), {.on = "k", .how = "inner", .validate = "m:m"}), "x") ==
        Cells{"a", "a", "d", "e", "e"});
  const JoinedDataset semi = join(left(), right(), {.on = "k", .how = "semi", .validate = "m:m"});
  CHECK(cells(semi, "x") == Cells{"a", "d", "e"});
  CHECK(cells(semi, "k_match") == Cells{"matched", "matched", "matched"});
  CHECK(semi.find("y") == -1);
  const JoinedDataset anti = join(left(), right(), {.on = "k", .how = "anti", .validate = "m:m"});
  CHECK(cells(anti, "x") == Cells{"b", "c"});
  CHECK(cells(anti, "k_match") == Cells{"key not found", "null key"});
}

TEST_CASE("null and NaN keys match nothing, not even their like") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Dataset a = table({numbers<double>("k", {nan, std::nullopt, -0.0})});
  const Dataset b = table(
      {numbers<double>("k", {nan, std::nullopt, 0.0}), numbers<std::int64_t>("y", {1, 2, 3})});
  const JoinedDataset joined = join(a, b, {.on = "k", .how = "left", .validate = "1:1"});
  CHECK(cells(joined, "y") == Cells{"-", "-", "3"});
  CHECK(report_of(joined)["left"]["null_key"] == 2);
  CHECK(report_of(joined)["right"]["null_key"] == 2);
  CHECK(report_of(joined)["left"]["null_key_by_column"][0]["rows"] == 2);
}

TEST_CASE("a key of two parts with one missing is a null key, counted by column") {
  const Dataset a = table({numbers<std::int64_t>("p", {1, std::nullopt, std::nullopt}),
                           texts("q", {"u", "u", std::nullopt})});
  const Dataset b = table({numbers<std::int64_t>("p", {1, std::nullopt}), texts("q", {"u", "u"}),
                           texts("z", {"hit", "no"})});
  const JoinedDataset joined = join(a, b, {.on = {"p", "q"}, .how = "left", .validate = "1:1"});
  CHECK(cells(joined, "z") == Cells{"hit", "-", "-"});
  const auto by_column = report_of(joined)["left"]["null_key_by_column"];
  CHECK(by_column.dump() == R"([{"column":"p","rows":2},{"column":"q","rows":1}])");
}

TEST_CASE("17 and 17.0 are one key; 2^53 + 1 does not become 2^53") {
  const std::int64_t big = (std::int64_t{1} << 53) + 1;
  const Dataset a = table({numbers<std::int64_t>("k", {17, big})});
  const Dataset b =
      table({numbers<double>("k", {17.0, 9007199254740992.0}), texts("y", {"seventeen", "2^53"})});
  CHECK(cells(join(a, b, {.on = "k", .how = "left", .validate = "1:1"}), "y") ==
        Cells{"seventeen", "-"});
}

TEST_CASE("categories join by value, and a level that no row uses matches nothing") {
  const std::vector<std::string> levels = {"EWR", "JFK", "LGA"};
  const Dataset a = table({dc::dictionary_column("o", {2, 0, -1, 2}, levels)});
  const Dataset b = table({texts("o", {"JFK", "LGA"}), numbers<std::int64_t>("y", {1, 2})});
  const JoinedDataset joined = join(a, b, {.on = "o", .how = "left", .validate = "m:1"});
  CHECK(cells(joined, "y") == Cells{"2", "-", "-", "2"});
  CHECK(report_of(joined)["right"]["used"] == 1);
  CHECK(report_of(joined)["right"]["unused"] == 1);
}

TEST_CASE("how= and validate= are never guessed, and a misspelt option lists the valid ones") {
  CHECK(has(message<ArgumentError>([] { join(left(), right(), {.on = "k", .validate = "m:m"}); }),
            "'semi'"));
  CHECK(has(message<ArgumentError>([] { join(left(), right(), {.on = "k", .how = "left"}); }),
            "'m:1'"));
  const std::string typo = message<ArgumentError>(
      [] { join(left(), right(), {.on = "k", .how = "lefft", .validate = "m:m"}); });
  CHECK(has(typo, "Did you mean 'left'?"));
  CHECK(has(message<ArgumentError>(
                [] { join(left(), right(), {.on = "k", .how = "left", .validate = "m-1"}); }),
            "m:1"));
  CHECK(has(message<ArgumentError>([] {
              join(left(), right(),
                   {.on = "k", .how = "left", .validate = "m:m", .nulls = "match"});
            }),
            "never_match"));
  CHECK(
      has(message<ArgumentError>([] { join(left(), right(), {.how = "left", .validate = "m:m"}); }),
          "'k'"));
}

TEST_CASE("keys of different classes are refused with the cast, never matched to nothing") {
  const Dataset ints = table({numbers<std::int64_t>("k", {17})}),
                words = table({texts("k", {"17"})});
  const std::string text = message<SchemaError>(
      [&] { join(ints, words, {.on = "k", .how = "left", .validate = "m:1"}); });
  CHECK(has(text, "int64"));
  CHECK(has(text, "left['k'].astype(str)"));
  const std::vector<std::int64_t> ticks = {0};
  const Dataset naive = table(
      {dc::Column::copy_of("k", mlrepro::ColumnView::timestamps(ticks, mlrepro::TimeUnit::nano))});
  const Dataset aware = table({dc::Column::copy_of(
      "k", mlrepro::ColumnView::timestamps(ticks, mlrepro::TimeUnit::nano, "America/New_York"))});
  CHECK(has(message<SchemaError>(
                [&] { join(naive, aware, {.on = "k", .how = "left", .validate = "m:1"}); }),
            "left['k'].dt.tz_localize('America/New_York')"));
}

TEST_CASE("instants match across units") {
  const std::vector<std::int64_t> seconds = {5, 7}, nanos = {5'000'000'000, 7'000'000'001};
  const Dataset a = table({dc::Column::copy_of(
      "t", mlrepro::ColumnView::timestamps(seconds, mlrepro::TimeUnit::second, "UTC"))});
  const Dataset b =
      table({dc::Column::copy_of("t", mlrepro::ColumnView::timestamps(
                                          nanos, mlrepro::TimeUnit::nano, "America/Detroit")),
             texts("y", {"five", "seven"})});
  CHECK(cells(join(a, b, {.on = "t", .how = "left", .validate = "1:1"}), "y") ==
        Cells{"five", "-"});
}

TEST_CASE("m:1 looks at the right and 1:m at the left, matched or not") {
  const Dataset twice = table({numbers<std::int64_t>("k", {7, 8, 7}), texts("a", {"p", "q", "r"}),
                               texts("b", {"p", "p", "p"})});
  const Dataset once = table({numbers<std::int64_t>("k", {1, 8})});
  for (const char* how : {"inner", "left", "semi", "anti"}) {
    const std::string wrong_right = message<JoinContractError>(
        [&] { join(once, twice, {.on = "k", .how = how, .validate = "m:1"}); });
    CHECK(has(
        wrong_right,
        "1 key occurs twice on the right, e.g. 7: rows 0 and 2 differ in a. 0 left rows match"));
    CHECK_NOTHROW(join(twice, once, {.on = "k", .how = how, .validate = "m:1"}));
    const std::string wrong_left = message<JoinContractError>(
        [&] { join(twice, once, {.on = "k", .how = how, .validate = "one_to_many"}); });
    CHECK(has(wrong_left, "1 key occurs twice on the left"));
    CHECK_NOTHROW(join(once, twice, {.on = "k", .how = how, .validate = "1:m"}));
  }
}

TEST_CASE("a contract error names the smallest key, what differs and a column that would help") {
  const Dataset a = table(
      {texts("o", {"LGA"}), numbers<std::int64_t>("hour", {1}), numbers<std::int64_t>("t", {5})});
  const Dataset b = table({texts("o", {"LGA", "LGA", "EWR", "EWR", "EWR"}),
                           numbers<std::int64_t>("hour", {1, 1, 1, 1, 2}),
                           numbers<std::int64_t>("t", {5, 6, 5, 6, 7}),
                           numbers<double>("temp", {1.0, 2.0, 3.0, 3.0, 4.0})});
  const std::string text = message<JoinContractError>([&] {
    join(a, b, {.on = {"o", "hour"}, .how = "left", .validate = "m:1"});
  });
  CHECK(text ==
        "validate='m:1', but 2 keys occur twice on the right, e.g. (EWR, 1): rows 2 and 3 differ "
        "in t. 1 left row matches them "
        "today. Join on t too, or pass validate=\"m:m\", or on_violation=\"set_aside\".");
  const Dataset copies = table({numbers<std::int64_t>("k", {4, 4})});
  CHECK(has(message<JoinContractError>(
                [&] { join(copies, copies, {.on = "k", .how = "left", .validate = "m:1"}); }),
            "rows 0 and 1 are identical rows"));
}

TEST_CASE("a key set aside is not multiplied and its right rows are handed over") {
  const JoinedDataset joined = join(
      left(), right(), {.on = "k", .how = "left", .validate = "m:1", .on_violation = "set_aside"});
  CHECK(cells(joined, "k_match") ==
        Cells{"ambiguous", "key not found", "null key", "matched", "ambiguous"});
  CHECK(cells(joined, "y") == Cells{"-", "-", "-", "30", "-"});
  CHECK(cells(joined.violations(), "y") == Cells{"10", "11"});
  const auto report = report_of(joined);
  CHECK(report["left"]["ambiguous"] == 2);
  CHECK(report["right"]["ambiguous"] == 2);
  CHECK(report["set_aside"]["right"].dump() == R"({"keys":1,"rows":2})");
  CHECK(cells(join(left(), right(),
                   {.on = "k", .how = "inner", .validate = "m:1", .on_violation = "set_aside"}),
              "x") == Cells{"a", "d", "e"});
}

TEST_CASE("unmatched=error fails on one lost row and names it") {
  const std::string text = message<JoinContractError>([] {
    join(left(), right(), {.on = "k", .how = "inner", .validate = "m:m", .unmatched = "error"});
  });
  CHECK(has(text,
            "2 of 5 left rows have no match: 1 key not found, 1 null key, e.g. row 1 with key 2"));
  CHECK_NOTHROW(join(left().head(1), right(),
                     {.on = "k", .how = "left", .validate = "m:m", .unmatched = "error"}));
}

TEST_CASE("a clashing name gets the suffix, and one that still clashes is an error") {
  const Dataset a = table({numbers<std::int64_t>("k", {1}), texts("year", {"l"})});
  const Dataset b = table({numbers<std::int64_t>("k", {1}), texts("year", {"r"})});
  const JoinedDataset joined = join(a, b, {.on = "k", .how = "left", .validate = "1:1"});
  CHECK(cells(joined, "year") == Cells{"l"});
  CHECK(cells(joined, "year_right") == Cells{"r"});
  CHECK(report_of(joined)["output"]["renamed"].dump() == R"([{"from":"year","to":"year_right"}])");
  CHECK_THROWS_AS(join(a, b, {.on = "k", .how = "left", .validate = "1:1", .suffix = ""}),
                  ArgumentError);
  const Dataset c =
      table({numbers<std::int64_t>("k", {1}), texts("year", {"l"}), texts("year_right", {"l"})});
  CHECK_THROWS_AS(join(c, b, {.on = "k", .how = "left", .validate = "1:1"}), ArgumentError);
  CHECK_THROWS_AS(join(a, c, {.on = "k", .how = "left", .validate = "1:1"}), ArgumentError);
  CHECK_THROWS_AS(join(a, b, {.on = "k", .how = "left", .validate = "1:1", .indicator = "year"}),
                  ArgumentError);
  CHECK_THROWS_AS(join(joined, b, {.on = "k", .how = "left", .validate = "1:1", .suffix = "_2"}),
                  ArgumentError);
}

TEST_CASE("a right key of another name stays, one of the same name goes") {
  const Dataset a = table({numbers<std::int64_t>("k", {1, 2}), texts("tail", {"N1", "N2"})});
  const Dataset b =
      table({numbers<std::int64_t>("k", {1}), texts("plane", {"N1"}), texts("y", {"hit"})});
  const JoinedDataset joined = join(
      a, b,
      {.how = "left", .validate = "1:1", .left_on = {"tail", "k"}, .right_on = {"plane", "k"}});
  CHECK(cells(joined, "plane") == Cells{"N1", "-"});
  CHECK(joined.find("k_right") == -1);
  CHECK(joined.role_of("tail_match") == "join_outcome");
}

TEST_CASE("multiplied rows share the identity of their left row, under a declared key too") {
  const Dataset keyed = table(
      {numbers<std::int64_t>("id", {5, 6}), numbers<std::int64_t>("k", {1, 3})}, {.key = "id"});
  const JoinedDataset joined = join(keyed, right(), {.on = "k", .how = "left", .validate = "1:m"});
  REQUIRE(joined.n_rows() == 3);
  std::vector<mlrepro::RowId> before(2), after(3);
  keyed.row_ids("split", before);
  joined.row_ids("split", after);
  CHECK(after[0] == before[0]);
  CHECK(after[1] == before[0]);
  CHECK(after[2] == before[1]);
  CHECK(joined.role_of("id") == "key");
}

TEST_CASE("outcomes of earlier joins stay") {
  const JoinedDataset once = join(left(), right(), {.on = "k", .how = "left", .validate = "m:m"});
  const JoinedDataset twice =
      join(once, right(),
           {.on = "k", .how = "left", .validate = "m:m", .suffix = "_2", .indicator = "again"});
  CHECK(twice.role_of("k_match") == "join_outcome");
  CHECK(twice.role_of("again") == "join_outcome");
}

TEST_CASE("empty sides join") {
  const Dataset none = left().head(0);
  CHECK(join(none, right(), {.on = "k", .how = "left", .validate = "m:m"}).n_rows() == 0);
  const JoinedDataset joined =
      join(left(), right().head(0),
           {.on = "k", .how = "left", .validate = "1:1", .on_violation = "set_aside"});
  CHECK(report_of(joined)["left"]["key_not_found"] == 4);
}

TEST_CASE("a join that would explode is refused before it takes the memory") {
  const std::vector<std::int64_t> ones(70'000, 1);
  const Dataset many = table({dc::Column::copy_of("k", mlrepro::ColumnView(ones))});
  CHECK_THROWS_AS(join(many, many, {.on = "k", .how = "left", .validate = "m:m"}),
                  mlrepro::LimitError);
  CHECK(join(many, many, {.on = "k", .how = "semi", .validate = "m:m"}).n_rows() == 70'000);
}
