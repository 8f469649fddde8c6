// SPDX-License-Identifier: Apache-2.0
#include "probe/best_condition.hpp"

#include <algorithm>

#include "core/raise.hpp"

namespace mlrepro::detail::probe {
namespace {

using core::with_commas;

bool nearly(std::int64_t part, std::int64_t whole) noexcept {
  return whole > 0 && 100 * part >= 99 * whole;
}

struct Agreement {
  std::int64_t rows = 0;  // on which condition and label agree; 0: they are not nearly the same
  bool negated = false;   // the label is the opposite of the condition
};

Agreement agreement_of(const Cell& all, const Cell& in) noexcept {
  const std::int64_t agree = in.s + (all.n - in.n) - (all.s - in.s);
  if (nearly(in.s, in.n) && nearly(in.s, all.s)) return {agree, false};
  const Cell out = all - in;
  if (nearly(out.s, out.n) && nearly(out.s, all.s)) return {all.n - agree, true};
  return {};
}

}  // namespace

bool speaks_for_plane(const SearchSet& set, int column) noexcept {
  const int plane = set.columns[static_cast<std::size_t>(column)].plane;
  return plane >= 0 && set.planes[static_cast<std::size_t>(plane)].columns.front() == column;
}

std::string missingness_text(const SearchSet& set, int column, bool negated) {
  const auto& members =
      set.planes[static_cast<std::size_t>(set.columns[static_cast<std::size_t>(column)].plane)]
          .columns;
  constexpr std::size_t kNamed = 3;
  std::string text = negated ? "presence of " : "missingness of ";
  for (std::size_t i = 0; i < members.size() && i < kNamed; ++i) {
    text += (i > 0 ? ", " : "") + set.columns[static_cast<std::size_t>(members[i])].name;
  }
  if (members.size() > kNamed)
    text += " and " + with_commas(static_cast<std::int64_t>(members.size() - kNamed)) + " more";
  return text;
}

std::string level_text(const SearchColumn& c, std::size_t bin) {
  return c.bins->cuts[bin].is_missing() ? std::string("other") : core::display(c.bins->cuts[bin]);
}

BestCondition::BestCondition(const SearchSet& set, int column, std::span<const Cell> bins,
                             const Cell& missing)
    : set_(set),
      at_(column),
      column_(set.columns[static_cast<std::size_t>(column)]),
      bins_(bins),
      missing_(missing) {
  all_ = missing;
  for (const Cell& bin : bins) all_ += bin;
}

template <class Visit>
void BestCondition::for_each(const Visit& visit) {
  if (speaks_for_plane(set_, at_))
    visit(missing_, [&](bool negated) { return missingness_text(set_, at_, negated); });
  if (column_.bins->is_category) {
    for (std::size_t b = 0; b < bins_.size(); ++b) {
      visit(bins_[b], [&](bool negated) {
        return column_.name + (negated ? " != " : " = ") + level_text(column_, b);
      });
    }
    return;
  }
  Cell left;
  for (std::size_t b = 0; b + 1 < bins_.size(); ++b) {
    left += bins_[b];
    const auto text = [&](bool negated) { return cut_text(b, negated); };
    visit(left, text);
    if (missing_.n > 0) visit(left + missing_, text);
  }
}

template <class Text>
void BestCondition::offer(const Cell& in, const Text& text) {
  const Agreement found = agreement_of(all_, in);
  if (found.rows <= best_.agree) return;
  best_.agree = found.rows;
  best_.text = text(found.negated);
}

std::string BestCondition::cut_text(std::size_t b, bool negated) const {
  if (bins_.size() == 2) return column_.name;
  const bool strict = column_.bins->strict[b] != 0;
  const char* sign = negated ? strict ? " >= " : " > " : strict ? " < " : " <= ";
  return column_.name + sign + core::display(column_.bins->cuts[b]);
}

Finding BestCondition::find() {
  best_.rows = all_.n;
  for_each([&](const Cell& in, const auto& text) { offer(in, text); });
  return best_;
}

std::int64_t BestCondition::least_disagreement() {
  std::int64_t least = std::min(all_.s, all_.n - all_.s);
  for_each([&](const Cell& in, const auto&) {
    const std::int64_t disagree = (in.n - in.s) + (all_.s - in.s);
    least = std::min({least, disagree, all_.n - disagree});
  });
  return least;
}

}  // namespace mlrepro::detail::probe
