// SPDX-License-Identifier: Apache-2.0
#include "core/key_index.hpp"

#include <limits>
#include <map>
#include <string>

#include "catch_compat.hpp"
#include "core/canonical.hpp"

namespace dc = mlrepro::detail::core;
using mlrepro::ColumnView;
using mlrepro::RowIndex;
using Groups = std::vector<std::int32_t>;

namespace {

Groups groups_of(const dc::KeyIndex& index) {
  return {index.group_of_row().begin(), index.group_of_row().end()};
}

template <class T>
dc::ColumnPtr column(const std::vector<T>& values) {
  return dc::Column::copy_of("k", ColumnView(values));
}

std::uint64_t mixed(std::uint64_t i) {
  return (i + 1) * 0x9e3779b97f4a7c15U >> 33;
}

}  // namespace

TEST_CASE("groups follow first occurrence, and a missing key is in none") {
  const std::vector<double> values = {2.5, std::numeric_limits<double>::quiet_NaN(), 1.0, 2.5, -0.0,
                                      0.0};
  const dc::KeyIndex index({column(values)});
  CHECK(groups_of(index) == Groups{0, -1, 1, 0, 2, 2});
  CHECK(index.n_missing() == 1);
  CHECK(index.n_groups() == 3);
  CHECK(index.group_size()[2] == 2);
  CHECK(index.first_row()[1] == 2);
}

TEST_CASE("text and categories find each other, level for level") {
  const std::vector<std::string> levels = {"unused", "b", "a", ""};
  const dc::ColumnPtr coded = dc::dictionary_column("k", {2, 1, -1, 3, 2}, levels);
  const std::vector<std::string> plain_values = {"", "a", "b", "c", "unused"};
  const dc::ColumnPtr plain = dc::text_column("k", plain_values);
  CHECK(groups_of(dc::KeyIndex({coded})) == Groups{0, 1, -1, 2, 0});
  CHECK(dc::KeyIndex({plain}).lookup({coded}) == Groups{1, 2, -1, 0, 1});
  CHECK(dc::KeyIndex({coded}).lookup({plain}) == Groups{2, 0, 1, -1, -1});
  CHECK(dc::KeyIndex({coded}).lookup({coded}) == Groups{0, 1, -1, 2, 0});
}

TEST_CASE("a number never finds a text") {
  const std::vector<std::string> text = {"17"};
  const std::vector<std::int64_t> number = {17};
  CHECK(dc::KeyIndex({dc::text_column("k", text)}).lookup({column(number)}) == Groups{-1});
  CHECK(dc::KeyIndex({column(number)}).lookup({dc::text_column("k", text)}) == Groups{-1});
}

TEST_CASE("two columns are one key: neither alone, nor their texts run together, decides") {
  const std::vector<std::string> p = {"ab", "a", "ab"}, q = {"c", "bc", "c"};
  const dc::KeyIndex index({dc::text_column("p", p), dc::text_column("q", q)});
  CHECK(groups_of(index) == Groups{0, 1, 0});
}

TEST_CASE(
    "grouping and lookup agree with a map over canonical elements, for any number of threads") {
  std::vector<std::int64_t> numbers;
  std::vector<std::string> texts;
  for (std::uint64_t i = 0; i < 40'000; ++i) {
    numbers.push_back(static_cast<std::int64_t>(mixed(i) % 9000));
    texts.push_back("t" + std::to_string(numbers.back()));
  }
  for (const dc::ColumnPtr& keys : {column(numbers), dc::text_column("k", texts)}) {
    std::map<std::string, std::int32_t> seen;
    Groups expected;
    for (RowIndex row = 0; row < keys->n_rows(); ++row) {
      expected.push_back(
          seen.emplace(dc::element(keys->value(row)), static_cast<std::int32_t>(seen.size()))
              .first->second);
    }
    for (const int threads : {1, 2, 8}) {
      const dc::KeyIndex index({keys}, threads);
      CHECK(groups_of(index) == expected);
      CHECK(index.lookup({keys}, threads) == expected);
    }
  }
}
