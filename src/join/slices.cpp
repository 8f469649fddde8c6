// SPDX-License-Identifier: Apache-2.0
#include "join/slices.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>
#include <optional>

#include "core/parallel.hpp"
#include "join/cells.hpp"
#include "join/number_slices.hpp"

namespace mlrepro::detail::join {
namespace {

using core::Column;
using core::ColumnPtr;

// Up to kMostLevels texts, by first occurrence. Equal text, equal number; full compare.
class FewTexts {
 public:
  int add(std::string_view text) noexcept {  // its number; -1: one text too many
    std::size_t at = slot_of(text);
    for (; slots_[at] >= 0; at = (at + 1) % kSlots) {
      if (texts_[static_cast<std::size_t>(slots_[at])] == text) return slots_[at];
    }
    if (n_ == kMostLevels) return -1;
    texts_[static_cast<std::size_t>(n_)] = text;
    slots_[at] = static_cast<std::int16_t>(n_);
    return n_++;
  }
  int size() const noexcept { return n_; }
  std::string_view operator[](int i) const noexcept { return texts_[static_cast<std::size_t>(i)]; }

  FewTexts() noexcept { slots_.fill(-1); }

 private:
  static constexpr std::size_t kSlots = 512;
  static std::size_t slot_of(std::string_view text) noexcept {
    std::uint64_t head = 0, tail = 0;
    const std::size_t n = std::min<std::size_t>(text.size(), 8);
    if (n > 0) {
      std::memcpy(&head, text.data(), n);
      std::memcpy(&tail, text.data() + text.size() - n, n);
    }
    return ((head * 0x9e3779b97f4a7c15U ^ tail * 0xc2b2ae3d27d4eb4fU ^ text.size()) *
            0x9e3779b97f4a7c15U) >>
           55;
  }
  std::array<std::string_view, kMostLevels> texts_{};
  std::array<std::int16_t, kSlots> slots_{};
  int n_ = 0;
};

using Classes = std::vector<RowClass>;

void count(ClassCounts& counts, RowClass c) noexcept {
  ++counts[static_cast<std::size_t>(c)];
}

std::optional<std::vector<Level>> text_levels(const Column& column, const Classes& classes) {
  FewTexts texts;
  std::array<ClassCounts, kMostLevels> counts{};
  Level absent;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const auto row = static_cast<RowIndex>(i);
    if (column.is_null(row)) {
      count(absent.counts, classes[i]);
      continue;
    }
    const int at = texts.add(column.text(row));
    if (at < 0) return std::nullopt;
    count(counts[static_cast<std::size_t>(at)], classes[i]);
  }
  std::vector<Level> levels{absent};
  for (int i = 0; i < texts.size(); ++i) {
    const auto value = core::OwnedValue::of(Value(texts[i]));
    levels.push_back({value, value, counts[static_cast<std::size_t>(i)]});
  }
  return levels;
}

std::optional<std::vector<Level>> dictionary_levels(const Column& column, const Classes& classes) {
  std::vector<std::int32_t> number(static_cast<std::size_t>(column.levels()->n_rows()), -1);
  std::vector<Level> levels(1);
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const auto row = static_cast<RowIndex>(i);
    std::size_t at = 0;
    if (!column.is_null(row)) {
      std::int32_t& known = number[static_cast<std::size_t>(column.code(row))];
      if (known < 0) {
        if (levels.size() == kMostLevels + 1) return std::nullopt;
        known = static_cast<std::int32_t>(levels.size());
        const auto value = core::OwnedValue::of(column.value(row));
        levels.push_back({value, value, {}});
      }
      at = static_cast<std::size_t>(known);
    }
    count(levels[at].counts, classes[i]);
  }
  return levels;
}

// Pearson's X^2 of levels by classes, in the fixed order of both. Callers hold the floating-point
// guard of the pool.
void measure(Slice& slice) {
  ClassCounts by_class{};
  RowIndex all = 0;
  for (const Level& level : slice.levels) {
    for (std::size_t c = 0; c < kClasses; ++c) by_class[c] += level.counts[c];
    all += level.rows();
  }
  const auto n_classes = static_cast<int>(
      std::count_if(by_class.begin(), by_class.end(), [](RowIndex n) { return n > 0; }));
  slice.df = (static_cast<int>(slice.levels.size()) - 1) * (n_classes - 1);
  for (const Level& level : slice.levels) {
    for (std::size_t c = 0; c < kClasses; ++c) {
      if (by_class[c] == 0) continue;
      const double expected = static_cast<double>(level.rows()) * static_cast<double>(by_class[c]) /
                              static_cast<double>(all);
      const double off = static_cast<double>(level.counts[c]) - expected;
      slice.chi_square += off * off / expected;
    }
  }
}

bool is_uneven(const Slice& slice) {  // five standard deviations above what chance gives
  return slice.df > 0 && slice.chi_square >= slice.df + 5 * std::sqrt(2.0 * slice.df);
}

Slice slice_of(const ColumnPtr& column, const Classes& classes) {
  Slice slice{column->name(), false, {}, 0, 0};
  std::optional<std::vector<Level>> levels;
  if (column->kind() == Type::text) {
    levels = text_levels(*column, classes);
  } else if (column->kind() == Type::dictionary) {
    levels = dictionary_levels(*column, classes);
  } else if (column->kind() != Type::null) {
    levels = number_levels(*column, classes, slice.is_binned);
  }
  if (!levels) return slice;
  levels->erase(
      std::remove_if(levels->begin(), levels->end(), [](const Level& l) { return l.rows() == 0; }),
      levels->end());
  std::sort(levels->begin(), levels->end(), [](const Level& a, const Level& b) {
    return compare_values(a.low.get(), b.low.get()) < 0;
  });
  slice.levels = std::move(*levels);
  measure(slice);
  return slice;
}

}  // namespace

RowIndex Level::rows() const noexcept {
  return std::accumulate(counts.begin(), counts.end(), RowIndex{0});
}

std::vector<Slice> slices_of(const core::Table& left, const Classes& class_of_left, int threads) {
  std::vector<ColumnPtr> columns;
  const Roles& roles = left.roles;
  for (const ColumnPtr& column : left.columns) {
    const std::string& name = column->name();
    if (name == roles.label || name == roles.label_time || name == roles.prediction ||
        name == roles.weight)
      continue;
    columns.push_back(column);
  }
  std::vector<Slice> slices(columns.size());
  core::parallel_for_chunks(static_cast<RowIndex>(columns.size()), 1, threads,
                            [&](std::int64_t i, RowIndex, RowIndex) {
                              slices[static_cast<std::size_t>(i)] =
                                  slice_of(columns[static_cast<std::size_t>(i)], class_of_left);
                            });
  slices.erase(
      std::remove_if(slices.begin(), slices.end(), [](const Slice& s) { return !is_uneven(s); }),
      slices.end());
  std::sort(slices.begin(), slices.end(), [](const Slice& a, const Slice& b) {
    const double x = a.chi_square - a.df, y = b.chi_square - b.df;
    return x != y ? x > y : a.column < b.column;
  });
  if (slices.size() > kSlicesKept) slices.resize(kSlicesKept);
  return slices;
}

}  // namespace mlrepro::detail::join
