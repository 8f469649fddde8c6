// SPDX-License-Identifier: Apache-2.0
#include "binning/binned_column.hpp"

#include <cmath>
#include <limits>

#include <mlrepro/core/order_key.hpp>

#include "catch_compat.hpp"

using namespace mlrepro;
using detail::binning::bin_column;
using detail::binning::BinnedColumn;
using detail::core::Column;
using detail::core::order_key;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

BinnedColumn binned(const ColumnView& view) {
  detail::binning::KeyBuffers buffers;
  return bin_column(Column::copy_of("x", view), buffers);
}

// What the codes promise: x <= cuts[b] (or <) exactly where code <= b, and 255 exactly where x is
// missing.
void check_codes(const ColumnView& view) {
  const BinnedColumn b = binned(view);
  for (RowIndex row = 0; row < view.n_rows(); ++row) {
    const Value x = view[row];
    const int code = b.codes[static_cast<std::size_t>(row)];
    REQUIRE((code == 255) == x.is_missing());
    if (x.is_missing()) continue;
    for (std::size_t cut = 0; cut < b.cuts.size(); ++cut) {
      const auto key = order_key(x), at = order_key(b.cuts[cut]);
      const bool left = b.strict[cut] != 0 ? key < at : key <= at;
      REQUIRE(left == (code <= static_cast<int>(cut)));
    }
  }
}

}  // namespace

TEST_CASE("a NaN is missing, an infinity is a value, and -0.0 is 0.0") {
  const std::vector<double> x{kNaN, -kInf, -0.0, 0.0, 5e-324, kInf, kNaN};
  const BinnedColumn b = binned(x);
  REQUIRE(b.n_missing == 2);
  REQUIRE(b.n_bins == 4);
  REQUIRE(b.codes == std::vector<std::uint8_t>{255, 0, 1, 1, 2, 3, 255});
  check_codes(x);
  const std::vector<float> f{
      0.1F, -0.0F, 0.0F, 1e-45F, std::numeric_limits<float>::infinity(), std::nanf("")};
  check_codes(f);
  REQUIRE(binned(f).codes == std::vector<std::uint8_t>{2, 0, 0, 1, 3, 255});
}

TEST_CASE("integers beyond 2^53 and neighbouring nanoseconds keep a bin each") {
  const std::int64_t big = std::int64_t{1} << 53;
  const std::vector<std::int64_t> x{big, big + 1, -big - 1, -big, INT64_MIN, INT64_MAX};
  REQUIRE(binned(x).n_bins == 6);
  check_codes(x);
  const std::vector<std::uint64_t> u{0, UINT64_MAX, UINT64_MAX - 1, std::uint64_t{1} << 63};
  REQUIRE(binned(u).codes == std::vector<std::uint8_t>{0, 3, 2, 1});
  const std::vector<std::int64_t> t{1'383'440'400'000'000'001, 1'383'440'400'000'000'000};
  const ColumnView times = ColumnView::timestamps(t, TimeUnit::nano, "UTC");
  const BinnedColumn b = binned(times);
  REQUIRE(b.codes == std::vector<std::uint8_t>{1, 0});
  REQUIRE(b.cuts[0].value_class() == ValueClass::timestamp);
  check_codes(times);
}

TEST_CASE("small integers, booleans, dates and durations are ordered by value") {
  const std::vector<std::int8_t> i8{-128, 127, 0, -1};
  REQUIRE(binned(i8).codes == std::vector<std::uint8_t>{0, 3, 2, 1});
  const std::vector<std::uint16_t> u16{65535, 0, 9};
  REQUIRE(binned(u16).codes == std::vector<std::uint8_t>{2, 0, 1});
  const std::vector<std::int32_t> days{-3, 15000, 0};
  const BinnedColumn d = binned(ColumnView::dates(days));
  REQUIRE(d.codes == std::vector<std::uint8_t>{0, 2, 1});
  REQUIRE(d.cuts[0].value_class() == ValueClass::date);
  const std::vector<std::int64_t> ticks{-5, 5};
  REQUIRE(binned(ColumnView::durations(ticks, TimeUnit::milli)).cuts[0].unit() == TimeUnit::milli);
  const bool flags[] = {true, false, true};
  REQUIRE(binned(std::span<const bool>(flags)).codes == std::vector<std::uint8_t>{1, 0, 1});
  REQUIRE(binned(std::span<const bool>(flags, 1)).n_bins == 1);
}

TEST_CASE("a null is missing whatever lies under it, and all missing has no bin") {
  const std::vector<std::int32_t> x{7, 1, 7, 3};
  const std::uint8_t validity[] = {0b1101};
  const BinnedColumn b = binned(ColumnView(std::span<const std::int32_t>(x), validity));
  REQUIRE(b.codes == std::vector<std::uint8_t>{1, 255, 1, 0});
  REQUIRE(b.n_missing == 1);
  const std::vector<double> none{kNaN, kNaN};
  REQUIRE(binned(none).n_bins == 0);
}

TEST_CASE("a text and its dictionary have the same bins, in order of bytes") {
  const std::vector<std::string_view> text{"z", "é", "a", "", "z"};
  const BinnedColumn t = binned(text);
  REQUIRE(t.is_category);
  REQUIRE(t.codes == std::vector<std::uint8_t>{2, 3, 1, 0, 2});
  const std::vector<std::int32_t> codes{0, 1, 2, 3, 0};
  const std::vector<std::string_view> levels{"z", "é", "a", "", "unused"};
  const BinnedColumn d = binned(ColumnView::categories(codes, levels));
  REQUIRE(d.codes == t.codes);
  REQUIRE(d.n_bins == 4);
}

TEST_CASE(
    "of more than 255 levels the 254 most frequent keep a bin, ties by bytes, the rest is other") {
  std::vector<std::string> names;
  std::vector<std::string_view> text;
  for (int i = 0; i < 300; ++i) names.push_back("level " + std::to_string(1000 + i));
  for (std::size_t i = 0; i < 300; ++i) text.push_back(names[i]);
  for (std::size_t i = 290; i < 300; ++i) text.push_back(names[i]);  // ten that occur twice
  const BinnedColumn b = binned(text);
  REQUIRE(b.has_other);
  REQUIRE(b.n_bins == 255);
  REQUIRE(b.cuts.back().is_missing());
  for (std::size_t i = 0; i < 300; ++i) REQUIRE((b.codes[i] == 254) == (i >= 244 && i < 290));
}
