// SPDX-License-Identifier: Apache-2.0
// Random tables of the kinds that break tree searches: nulls, NaN, infinities, -0.0, integers
// beyond 2^53, neighbouring nanoseconds, unicode categories, constants, duplicates, columns missing
// together. The label depends on some of them.
#pragma once
#include <deque>
#include <limits>
#include <string>
#include <vector>

#include <mlrepro/core/dataset.hpp>
#include <mlrepro/core/random.hpp>

namespace mlrepro_test {

using namespace mlrepro;

class HostileTable {
 public:
  HostileTable(std::uint64_t seed, std::size_t n_rows)
      : stream_(seed, "hostile table"), n_(n_rows) {
    for (std::size_t i = 0; i < n_; ++i) together_.push_back(draw(8) == 0);
    add_numbers();
    add_categories();
    add_trouble();
    add_targets();
  }

  Dataset dataset(bool reversed_columns = false) const {
    std::vector<NamedColumn> columns(columns_.begin(), columns_.end());
    if (reversed_columns) columns.assign(columns_.rbegin(), columns_.rend());
    return Dataset::from_columns(columns, {.label = "y"});
  }
  std::size_t n_rows() const noexcept { return n_; }
  // A target of so many classes, some of them rare, that depends on what y depends on; some
  // missing.
  ColumnView classes(std::uint64_t n_classes) {
    static constexpr std::string_view kNames[] = {"ok", "late", "", "日本", "b", "c", "d", "e"};
    std::vector<std::string_view> of_row(n_);
    for (std::size_t i = 0; i < n_; ++i) {
      std::uint64_t k = draw(4) == 0 ? draw(n_classes) : draw(2);
      if (together_[i] && draw(2) == 0) k = n_classes - 1;
      if ((*small_)[i] > 1 && draw(3) == 0) k = 1;
      if ((*text_)[i] == "é" && draw(3) == 0) k = n_classes / 2;
      of_row[i] = kNames[draw(60) == 0 ? n_classes - 1 : k];
    }
    return ColumnView(std::span<const std::string_view>(keep(std::move(of_row), texts_)),
                      nulls(25));
  }

 private:
  using Bits = std::vector<std::uint8_t>;

  std::uint64_t draw(std::uint64_t bound) { return stream_.bounded(next_++, bound); }

  template <class T>
  std::vector<T>& keep(std::vector<T> values, std::deque<std::vector<T>>& store) {
    store.push_back(std::move(values));
    return store.back();
  }

  // A bitmap where about one row in `rarity` is null; together: where the other columns of the
  // block are.
  const std::uint8_t* nulls(std::uint64_t rarity, bool together = false) {
    Bits bits((n_ + 7) / 8);
    for (std::size_t i = 0; i < n_; ++i) {
      const bool null = together ? together_[i] : draw(rarity) == 0;
      if (!null) bits[i >> 3] = static_cast<std::uint8_t>(bits[i >> 3] | 1U << (i & 7));
    }
    return keep(std::move(bits), bytes_).data();
  }

  template <class T>
  void add(const char* name, const std::vector<T>& values, const std::uint8_t* validity = nullptr) {
    columns_.push_back({name, ColumnView(std::span<const T>(values), validity)});
  }

  void add_numbers() {
    constexpr double kInf = std::numeric_limits<double>::infinity(),
                     kNaN = std::numeric_limits<double>::quiet_NaN();
    const double odd[] = {-kInf, kInf, -0.0, 0.0, kNaN, 5e-324, 1.0, 1.0 + 0x1p-52, -1e300, 0.1};
    std::vector<double> f64(n_), noise(n_);
    std::vector<float> f32(n_);
    std::vector<std::int64_t> big(n_), ns(n_);
    std::vector<std::int32_t> small(n_), days(n_);
    for (std::size_t i = 0; i < n_; ++i) {
      f64[i] = odd[draw(10)];
      noise[i] = static_cast<double>(draw(40)) / 8;
      f32[i] = static_cast<float>(draw(12)) * 0.1F;
      big[i] = (std::int64_t{1} << 53) + static_cast<std::int64_t>(draw(5)) - 2;
      ns[i] = 1'383'440'400'000'000'000 + static_cast<std::int64_t>(draw(6));
      small[i] = static_cast<std::int32_t>(draw(9)) - 4;
      days[i] = 15'900 + static_cast<std::int32_t>(draw(4));
    }
    const auto& stored_ns = keep(std::move(ns), ints_);
    const auto& stored_days = keep(std::move(days), shorts_);
    add("f64 odd", keep(std::move(f64), doubles_), nulls(20));
    add("noise", keep(std::move(noise), doubles_));
    add("f32", keep(std::move(f32), floats_), nulls(9));
    add("big int", keep(std::move(big), ints_), nulls(15));
    small_ = &keep(std::move(small), shorts_);
    add("small int", *small_, nulls(1, true));
    columns_.push_back(
        {"when", ColumnView::timestamps(stored_ns, TimeUnit::nano, "UTC", nulls(1, true))});
    columns_.push_back({"day", ColumnView::dates(stored_days)});
  }

  void add_categories() {
    static constexpr std::string_view kLevels[] = {"", "a", "b", "é", "日本", "'q\"", "z z"};
    std::vector<std::string_view> text(n_);
    std::vector<std::int32_t> codes(n_), pair(n_);
    for (std::size_t i = 0; i < n_; ++i) {
      text[i] = kLevels[draw(7)];
      codes[i] = static_cast<std::int32_t>(draw(5));
      pair[i] = static_cast<std::int32_t>(draw(2));
    }
    text_ = &keep(std::move(text), texts_);
    add("text", *text_, nulls(12));
    columns_.push_back({"level", ColumnView::categories(keep(std::move(codes), shorts_), kLevels,
                                                        false, nulls(1, true))});
    columns_.push_back({"yes or no", ColumnView::categories(keep(std::move(pair), shorts_),
                                                            std::span(kLevels).subspan(1, 2))});
  }

  void add_trouble() {
    add("constant", keep(std::vector<double>(n_, 3.5), doubles_));
    add("all missing",
        keep(std::vector<double>(n_, std::numeric_limits<double>::quiet_NaN()), doubles_));
    add("one value or missing", keep(std::vector<double>(n_, 1.0), doubles_), nulls(6));
    std::vector<double> copy(n_), negated(n_);
    const auto noise = columns_[1].values.values<double>();
    for (std::size_t i = 0; i < n_; ++i) copy[i] = noise[i] * 2;
    add("twice the noise", keep(std::move(copy), doubles_));
  }

  void add_targets() {
    std::vector<std::int32_t> y(n_);
    std::vector<double> t(n_);
    for (std::size_t i = 0; i < n_; ++i) {
      std::uint64_t odds = 15;
      if (together_[i]) odds += 40;
      if ((*small_)[i] > 1 && !together_[i]) odds += 25;
      if ((*text_)[i] == "é") odds += 25;
      y[i] = draw(100) < odds ? 1 : 0;
      t[i] = static_cast<double>(draw(1000)) / 64 + static_cast<double>(odds) * 0.3 - 4;
    }
    add("y", keep(std::move(y), shorts_), nulls(25));
    columns_.push_back(
        {"t", ColumnView(std::span<const double>(keep(std::move(t), doubles_)), nulls(30))});
  }

  RandomStream stream_;
  std::size_t n_;
  std::uint64_t next_ = 0;
  std::vector<bool> together_;
  std::vector<NamedColumn> columns_;
  std::deque<std::vector<double>> doubles_;
  std::deque<std::vector<float>> floats_;
  std::deque<std::vector<std::int64_t>> ints_;
  std::deque<std::vector<std::int32_t>> shorts_;
  std::deque<std::vector<std::string_view>> texts_;
  std::deque<Bits> bytes_;
  const std::vector<std::int32_t>* small_ = nullptr;
  const std::vector<std::string_view>* text_ = nullptr;
};

}  // namespace mlrepro_test
