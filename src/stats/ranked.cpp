// SPDX-License-Identifier: Apache-2.0
#include "stats/ranked.hpp"
#include "core/cancellable_sort.hpp"

#include <algorithm>
#include <limits>

namespace mlrepro::detail::stats {

Ranking rank_rows(std::span<const double> y, std::span<const double> score) {
  struct Keyed {
    std::uint64_t key;
    std::uint32_t row;
  };
  std::vector<Keyed> keyed(y.size());
  for (std::size_t i = 0; i < y.size(); ++i) {
    keyed[i] = {core::ordered_bits(std::bit_cast<std::uint64_t>(score[i])),
                static_cast<std::uint32_t>(i)};
  }
  const auto before = [](const Keyed& a, const Keyed& b) {
    return a.key != b.key ? a.key > b.key : a.row < b.row;
  };
  core::cancellable_sort(keyed.begin(), keyed.end(), before);
  Ranking ranking;
  ranking.rows.reserve(keyed.size());
  ranking.positive.reserve(keyed.size());
  for (std::size_t begin = 0; begin < keyed.size();) {
    std::size_t end = begin;
    bool holds_positive = false;
    for (; end < keyed.size() && keyed[end].key == keyed[begin].key; ++end) {
      const bool positive = y[keyed[end].row] != 0;
      holds_positive = holds_positive || positive;
      ranking.rows.push_back(keyed[end].row);
      ranking.positive.push_back(positive ? 1 : 0);
    }
    std::vector<Ranking::Segment>& segments = ranking.segments;
    const bool extends_negatives = !holds_positive && !segments.empty() && !segments.back().is_tie;
    if (extends_negatives) segments.pop_back();
    segments.push_back({static_cast<std::uint32_t>(end), holds_positive});
    begin = end;
  }
  return ranking;
}

double RankedCounts::average_precision() const {
  if (positives_ == 0) return std::numeric_limits<double>::quiet_NaN();
  return precisions_.round_divided(positives_);
}

double RankedCounts::roc_auc() const {
  if (positives_ == 0 || negatives_ == 0) return std::numeric_limits<double>::quiet_NaN();
  RankedCounts all = *this;
  all.count_losses();
  return core::ratio(all.twice_wins_, static_cast<core::UInt128>(positives_) * negatives_ * 2);
}

}  // namespace mlrepro::detail::stats
