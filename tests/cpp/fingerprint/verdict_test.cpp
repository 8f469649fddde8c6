// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/fingerprint/verdict.hpp>

#include <numeric>

#include <mlrepro/core/errors.hpp>

#include "catch_compat.hpp"
#include "fingerprint/tables.hpp"

using namespace mlrepro;
using mlrepro_test::formula_table;

namespace {

using Ints = std::vector<std::int64_t>;

Dataset table(const Ints& a, const Ints& b, const Roles& roles = {}) {
  return Dataset::from_columns({{"a", ColumnView(a)}, {"b", ColumnView(b)}}, roles);
}

std::string words(const Dataset& a, const Dataset& b) {
  return std::string(verdict(fingerprint(a), fingerprint(b)).text());
}

std::string named(const Dataset& a, const Dataset& b) {
  return std::string(verdict(fingerprint(a), fingerprint(b), a, b).text());
}

const Ints kA = {1, 2, 3, 4}, kB = {5, 6, 7, 8};

}  // namespace

TEST_CASE("each cause that digests prove is said in words", "[fingerprint][verdict]") {
  const Dataset t = table(kA, kB);
  CHECK(words(t, t) == "identical");
  CHECK(verdict(fingerprint(t), fingerprint(t)).same());
  CHECK(words(t, table({4, 3, 2, 1}, {8, 7, 6, 5})) == "only row order");
  CHECK(words(t, t.select({"b", "a"})) == "only column order");
  const std::vector<double> floats = {1, 2, 3, 4};
  CHECK(words(t, t.with_columns(std::vector<NamedColumn>{{"a", ColumnView(floats)}})) ==
        "dtype only: int64 -> float64 (a)");
  CHECK(words(t, table(kA, {8, 5, 6, 7})) == "columns re-paired: b moved against the others");
  CHECK(words(t, table({4, 3, 2, 1}, {8, 5, 6, 7})) ==
        "columns re-paired: each holds the same values, the rows do not; which moved is unknown");
  CHECK(words(t, t.rename("a", "x")) == "column renamed: a -> x");
  CHECK(words(t, t.drop("a")) == "column removed: a");
  CHECK(words(t.drop("a"), t) == "column added: a");
  CHECK(words(t, t.take(std::vector<RowIndex>{0, 1, 2, 3, 0, 1, 2, 3})) ==
        "stacked: the second table holds each row of the first 2 times");
  CHECK(words(t, table(kA, {5, 6, 7, 9})) == "changed in b");
  CHECK(words(t, t.head(3)) ==
        "rows 4 -> 3, other values in a, b; whether rows changed too needs both tables");
}

TEST_CASE("appended rows are proven by full leaves, and entirely with both tables",
          "[fingerprint][verdict]") {
  const Dataset a = formula_table(0, 100'000), b = formula_table(0, 100'500);
  CHECK(words(a, b) ==
        "500 rows appended; proven up to row 65,536 of 100,000, the rest needs both tables");
  CHECK(named(a, b) == "500 rows appended");
  CHECK(named(b, a) == "the last 500 rows removed");
}

TEST_CASE("with both tables rows and columns are named", "[fingerprint][verdict]") {
  const Dataset t = table(kA, kB);
  CHECK(named(t, table(kA, {5, 0, 7, 9})) == "2 rows changed in b");
  CHECK(named(t, t.take(std::vector<RowIndex>{0, 2, 3})) == "1 row removed");
  CHECK(named(t, table({9, 1, 2, 3, 4}, {9, 5, 6, 7, 8})) == "1 row added");
  CHECK(named(t, table({4, 3, 2, 1}, {8, 7, 6, 0})) ==
        "1 row added; 1 row removed; no key declared: a changed row counts as removed and added");
  CHECK(named(t, table(kA, {6, 5, 7, 8})) ==
        "columns re-paired: b moved against the others; 2 rows differ");
}

TEST_CASE("a declared key pairs rows in any order", "[fingerprint][verdict]") {
  const Dataset a = table(kA, kB, {.key = "a"}),
                b = table({4, 9, 2, 1}, {8, 9, 0, 5}, {.key = "a"});
  const Verdict v = verdict(fingerprint(a), fingerprint(b), a, b);
  CHECK(v.text() == "1 row changed in b; 1 row added; 1 row removed");
  const auto rows = nlohmann::json::parse(v.to_json())["rows"];
  CHECK(rows["paired_by"] == "key");
  CHECK(rows["changed"]["examples"][0] ==
        nlohmann::json{{"row_a", 1}, {"row_b", 2}, {"key", "2"}, {"columns", {"b"}}});
  CHECK(rows["added"]["examples"][0]["key"] == "9");
  CHECK(rows["removed"]["examples"][0]["key"] == "3");
}

TEST_CASE("another table than the fingerprinted one is refused", "[fingerprint][verdict]") {
  const Dataset t = table(kA, kB), changed = table(kA, {5, 6, 7, 9});
  CHECK_THROWS_AS(verdict(fingerprint(t), fingerprint(changed), changed, changed), ArgumentError);
}

TEST_CASE("different hash keys do not compare, but with the tables they do",
          "[fingerprint][verdict]") {
  const Dataset t = table(kA, kB);
  const Fingerprint a = fingerprint(t, {.hash_key = "x"}), b = fingerprint(t, {.hash_key = "y"});
  CHECK(verdict(a, b).kind() == VerdictKind::not_comparable);
  CHECK(verdict(a, b, t, t).same());
}

TEST_CASE("a rename does not hide that the values moved", "[fingerprint][verdict]") {
  const Dataset t = table(kA, kB);
  const Verdict v = verdict(fingerprint(t), fingerprint(table(kA, {6, 7, 5, 8}).rename("b", "z")));
  CHECK(v.text() == "column renamed: b -> z; same values in another order: z, pairing not checked");
  CHECK(nlohmann::json::parse(v.to_json())["columns"]["moved"].dump() == R"(["z"])");
}

TEST_CASE("equal columns that were both renamed are not guessed apart", "[fingerprint][verdict]") {
  const Dataset t = table(kA, kA);
  CHECK(words(t, t.rename("a", "x").rename("b", "y")) ==
        "columns added: x, y; columns removed: a, b");
}
