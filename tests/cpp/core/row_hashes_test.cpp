// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <mlrepro/core/random.hpp>

#include "catch_compat.hpp"
#include "core/canonical.hpp"
#include "core/simd.hpp"

using namespace mlrepro;
using namespace mlrepro::detail::core;

namespace {

constexpr std::size_t kRows = 333;  // no multiple of a block

ColumnPtr with_nulls(const ColumnView& view, std::string name, std::uint64_t every) {
  std::vector<std::uint8_t> validity((kRows + 7) / 8, 0xff);
  for (std::size_t i = 0; i < kRows; i += every)
    validity[i / 8] = static_cast<std::uint8_t>(validity[i / 8] & ~(1U << (i % 8)));
  const ColumnPtr whole = Column::copy_of(name, view);
  std::vector<RowIndex> rows(kRows);
  for (std::size_t i = 0; i < kRows; ++i) rows[i] = i % every == 0 ? -1 : static_cast<RowIndex>(i);
  return whole->take(rows);
}

template <class T>
std::vector<T> hostile_values(std::uint64_t seed) {
  const RandomStream random(seed, "row-hashes");
  std::vector<T> out(kRows);
  for (std::size_t i = 0; i < kRows; ++i) {
    const std::uint64_t bits = random.bits(i);
    if constexpr (std::is_floating_point_v<T>) {
      constexpr T kSpecial[] = {T(0),
                                -T(0),
                                T(1) / 3,
                                std::numeric_limits<T>::infinity(),
                                std::numeric_limits<T>::quiet_NaN(),
                                std::numeric_limits<T>::denorm_min(),
                                T(-17),
                                T(9007199254740992)};
      out[i] = bits % 3 == 0 ? kSpecial[bits / 3 % 8]
                             : static_cast<T>(static_cast<std::int64_t>(bits)) / 7;
    } else {
      out[i] = static_cast<T>(bits);
    }
  }
  return out;
}

std::vector<std::string> texts(std::size_t longest) {
  std::vector<std::string> out(kRows);
  for (std::size_t i = 0; i < kRows; ++i) out[i] = std::string(i * 7 % (longest + 1), 'x');
  return out;
}

std::vector<ColumnPtr> hostile_columns(std::size_t longest_text) {
  const auto f64 = hostile_values<double>(1);
  const auto f32 = hostile_values<float>(2);
  const auto i64 = hostile_values<std::int64_t>(3);
  const auto u64 = hostile_values<std::uint64_t>(4);
  const auto i8 = hostile_values<std::int8_t>(5);
  const auto u16 = hostile_values<std::uint16_t>(6);
  const auto words = texts(longest_text);
  const std::vector<std::string_view> views(words.begin(), words.end());
  std::vector<std::int32_t> codes(kRows);
  for (std::size_t i = 0; i < kRows; ++i) codes[i] = static_cast<std::int32_t>(i % 5) - 1;
  const std::vector<std::string> levels{"a", "", std::string(longest_text, 'y'), "d"};
  return {Column::copy_of("f64", f64),
          with_nulls(f64, "f64n", 3),
          Column::copy_of("f32", f32),
          Column::copy_of("i64", i64),
          with_nulls(i64, "i64n", 2),
          Column::copy_of("u64", u64),
          Column::copy_of("i8", i8),
          Column::copy_of("u16", u16),
          Column::copy_of("text", views),
          with_nulls(views, "textn", 5),
          dictionary_column("level", codes, levels)};
}

void require_plain(const std::vector<ColumnPtr>& columns) {
  std::vector<Hash128> fast(kRows), plain(kRows);
  hash_rows_plain(columns, 42, plain);
  for (const int threads : {1, 3}) {
    hash_rows(columns, 42, threads, fast);
    for (std::size_t row = 0; row < kRows; ++row) {
      INFO("row " << row << " of " << columns.size() << " columns");
      REQUIRE(fast[row] == plain[row]);
    }
  }
}

}  // namespace

TEST_CASE("rows hashed in blocks have the hashes of rows hashed one by one") {
  // Texts that fit, that fill a slot to the last byte, and that fit no buffer.
  for (const std::size_t longest : {0U, 8U, 54U, 55U, 56U, 63U, 64U, 70U, 400U, 3000U}) {
    const std::vector<ColumnPtr> all = hostile_columns(longest);
    require_plain(all);
    for (const ColumnPtr& one : all) require_plain({one});
    std::vector<ColumnPtr> text_first(all.rbegin(), all.rend());
    require_plain(text_first);
  }
}

// 40 columns of fractions, some of them with one other number in some block.
template <class T>
void require_plain_fractions(bool with_gaps) {
  const int digits = std::numeric_limits<T>::digits - 1;
  const T whole = static_cast<T>(std::uint64_t{1} << digits);
  const T kOthers[] = {T(1),
                       -T(3),
                       T(0),
                       -T(0),
                       std::numeric_limits<T>::denorm_min(),
                       std::numeric_limits<T>::min(),
                       std::nextafter(std::numeric_limits<T>::min(), T(0)),
                       whole,
                       std::nextafter(whole, T(0)),
                       whole - 1,
                       std::numeric_limits<T>::infinity(),
                       -std::numeric_limits<T>::quiet_NaN(),
                       std::numeric_limits<T>::max()};
  const RandomStream random(11, "fractions");
  std::vector<ColumnPtr> columns;
  for (std::size_t c = 0; c < 40; ++c) {
    std::vector<T> values(kRows);
    for (std::size_t i = 0; i < kRows; ++i) {
      const auto quarters = static_cast<std::int64_t>(random.bits(c * kRows + i) % 4000) - 2000;
      values[i] = static_cast<T>(quarters) / 4 + T(0.125);
    }
    if (c % 3 == 0) values[c * 37 % kRows] = kOthers[c / 3 % std::size(kOthers)];
    for (std::size_t i = 0; with_gaps && i < kRows; ++i) {
      if (random.bits(i * 41 + c) % 3 == 0)
        values[i] = i % 2 == 0 ? std::numeric_limits<T>::quiet_NaN() : T(0);
    }
    columns.push_back(Column::copy_of("x" + std::to_string(c), values));
  }
  require_plain(columns);
  for (const ColumnPtr& one : columns) require_plain({one});
}

TEST_CASE("rows of fractions have the hashes of rows hashed one by one") {
  for (const bool with_gaps : {false, true}) {
    require_plain_fractions<float>(with_gaps);
    require_plain_fractions<double>(with_gaps);
  }
}

TEST_CASE("a block of wide rows is short, and no row is lost") {
  const auto x = hostile_values<double>(9);
  const ColumnPtr column = Column::copy_of("x", x);
  for (const std::size_t n : {450U, 460U, 3000U, 40000U}) {
    std::vector<ColumnPtr> wide(n, column);
    require_plain(wide);
    if (n > 3000) break;
  }
}
