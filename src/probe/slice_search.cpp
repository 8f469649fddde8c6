// SPDX-License-Identifier: Apache-2.0
#include "probe/slice_search.hpp"

#include <algorithm>
#include <optional>
#include <tuple>

#include "core/cancel.hpp"
#include "core/progress.hpp"
#include "probe/slice_scale.hpp"
#include "stats/intervals.hpp"

namespace mlrepro::detail::probe {
namespace {

constexpr std::size_t kBeam = 128, kMostLevels = 8;

struct Offer {  // a slice that can be made: a member of the beam and one condition more
  double score = 0;
  std::size_t member = 0;
  int candidate = 0;  // into SearchSet::candidates, which are in order of name
  SplitKind kind = SplitKind::threshold;
  Side side = Side::left;
  int bin = 0;  // threshold: the last bin on the left; levels: the level
  Cell cell{};
};

bool before(const Offer& a, const Offer& b) noexcept {
  if (a.score != b.score) return a.score > b.score;
  return std::tie(a.candidate, a.kind, a.side, a.bin, a.member) <
         std::tie(b.candidate, b.kind, b.side, b.bin, b.member);
}

// The few best offers of one column: its best range from below, from above, its best levels. One of
// each alone would hide a level that tells only beside another column.
class Best {
 public:
  explicit Best(std::size_t most) noexcept : most_(most) {}
  std::optional<Offer> take(const Offer& made) {  // what there is no room for
    const auto at = std::upper_bound(held_.begin(), held_.end(), made, before);
    held_.insert(at, made);
    if (held_.size() <= most_) return std::nullopt;
    const Offer worst = held_.back();
    held_.pop_back();
    return worst;
  }
  void move_to(std::vector<Offer>& offers) const {
    offers.insert(offers.end(), held_.begin(), held_.end());
  }

 private:
  std::size_t most_;
  std::vector<Offer> held_{};
};

class Searcher {
 public:
  Searcher(const SearchSet& set, const CountTarget& target, std::span<const Row> rows,
           const SliceLimits& limits, const Deadline& deadline)
      : set_(set),
        target_(target),
        limits_(limits),
        deadline_(deadline),
        layout_(set),
        scale_(target, rows) {}

  SliceSearch run(std::vector<Row> rows) {
    std::vector<FoundSlice> level(1), all;
    for (const Row row : rows) level[0].cell += Cell{1, target_.scaled[row]};
    all_ = level[0].rows = std::make_shared<const std::vector<Row>>(std::move(rows));
    try {
      for (depth_ = 1; depth_ <= limits_.max_conditions && !level.empty(); ++depth_) {
        core::begin_step("conditions: " + std::to_string(depth_) + " of up to " +
                         std::to_string(limits_.max_conditions));
        std::vector<FoundSlice> next = beam_of(level);
        for (const FoundSlice& made : next) {
          if (worth_keeping(made)) all.push_back(made);
        }
        level = std::move(next);
      }
    } catch (const TimeUp&) {
      out_.timed_out = true;
    }
    keep_best(std::move(all));
    return std::move(out_);
  }

 private:
  // The best slices of one condition more than those of `level`.
  std::vector<FoundSlice> beam_of(const std::vector<FoundSlice>& level) {
    std::vector<Offer> offers;
    std::vector<std::int64_t> n_rivals;
    for (std::size_t m = 0; m < level.size(); ++m) {
      deadline_.check();
      core::tell_progress(static_cast<std::int64_t>(m), static_cast<std::int64_t>(level.size()));
      const std::int64_t before_it = out_.n_tried;
      const std::vector<Cell> cells =
          count_cells(set_, layout_, target_, *level[m].rows, limits_.threads, deadline_);
      for (std::size_t c = 0; c < set_.candidates.size(); ++c)
        offer_all(level[m].cell.n, m, static_cast<int>(c), cells, offers);
      n_rivals.push_back(out_.n_tried - before_it);
    }
    std::sort(offers.begin(), offers.end(), before);
    std::vector<FoundSlice> made;
    for (const Offer& offer : offers) {
      if (made.size() < kBeam) {
        FoundSlice slice = slice_of(level[offer.member], offer);
        slice.n_rivals = n_rivals[offer.member];
        const bool known = std::any_of(made.begin(), made.end(), [&](const FoundSlice& other) {
          return other.cell == slice.cell && *other.rows == *slice.rows;
        });
        if (known)  // its twin is looked into, but may not be worth keeping
          hide(offer.score);
        else
          made.push_back(std::move(slice));
      } else {
        drop(offer);
      }
    }
    return made;
  }

  // A slice that is neither listed nor looked into further.
  void drop(const Offer& offer) {
    hide(offer.score);
    if (depth_ < limits_.max_conditions) hide(scale_.bound(offer.cell, limits_.min_rows));
  }
  void hide(double score) { out_.hidden_score = std::max(out_.hidden_score, score); }

  void offer_all(std::int64_t all, std::size_t m, int at, const std::vector<Cell>& cells,
                 std::vector<Offer>& offers) {
    const Candidate& candidate = set_.candidates[static_cast<std::size_t>(at)];
    const BinnedColumn& bins = *set_.columns[static_cast<std::size_t>(candidate.column)].bins;
    const std::span<const Cell> values = layout_.bins(cells, candidate.column);
    const Cell missing = layout_.missing(cells, candidate.column);
    const auto offered = [&](SplitKind kind, Side side, std::size_t bin, const Cell& cell) {
      ++out_.n_tried;
      return Offer{scale_.score(cell), m, at, kind, side, static_cast<int>(bin), cell};
    };
    const auto can_be = [&](const Cell& c) { return c.n >= limits_.min_rows && c.n != all; };
    if (candidate.block || candidate.plane >= 0) {
      const SplitKind kind = candidate.block ? SplitKind::block : SplitKind::is_missing;
      if (can_be(missing)) offers.push_back(offered(kind, Side::left, 0, missing));
    }
    if (candidate.block) return;
    Cell present;
    for (const Cell& cell : values) present += cell;
    if (candidate.plane >= 0 && can_be(present))
      offers.push_back(offered(SplitKind::is_missing, Side::right, 0, present));
    if (bins.is_category) {
      Best levels(kMostLevels);
      const std::size_t n_levels = values.size() - (bins.has_other ? 1 : 0);
      for (std::size_t b = 0; b < n_levels; ++b) {
        if (can_be(values[b])) take(levels, offered(SplitKind::levels, Side::left, b, values[b]));
      }
      return levels.move_to(offers);
    }
    Best low(1), high(1);
    Cell left;
    for (std::size_t b = 0; b + 1 < values.size(); ++b) {
      left += values[b];
      if (values[b].n == 0) continue;
      if (can_be(left)) take(low, offered(SplitKind::threshold, Side::left, b, left));
      const Cell right = present - left;
      if (can_be(right)) take(high, offered(SplitKind::threshold, Side::right, b, right));
    }
    low.move_to(offers);
    high.move_to(offers);
  }

  void take(Best& best, const Offer& made) {
    if (const std::optional<Offer> worse = best.take(made)) drop(*worse);
  }

  FoundSlice slice_of(const FoundSlice& parent, const Offer& offer) const {
    const Candidate& candidate = set_.candidates[static_cast<std::size_t>(offer.candidate)];
    Atom atom;
    atom.side = offer.side;
    atom.cut.kind = offer.kind;
    atom.cut.column = candidate.column;
    atom.cut.gain = 0;
    atom.cut.missing_seen = true;
    const bool of_missing = offer.kind == SplitKind::is_missing || offer.kind == SplitKind::block;
    const bool missing_left = of_missing || offer.side == Side::right;
    atom.cut.missing = missing_left ? MissingSide::left : MissingSide::right;
    if (offer.kind == SplitKind::threshold) atom.cut.edge = offer.bin;
    if (offer.kind == SplitKind::levels)
      atom.cut.levels.push_back(static_cast<std::uint8_t>(offer.bin));
    FoundSlice made;
    made.atoms = parent.atoms;
    made.cell = offer.cell;
    made.score = offer.score;
    const auto route = routes(atom.cut);
    const auto& codes = set_.columns[static_cast<std::size_t>(candidate.column)].bins->codes;
    const auto wanted = static_cast<std::uint8_t>(atom.side);
    std::vector<Row> rows;
    rows.reserve(static_cast<std::size_t>(offer.cell.n));
    for (std::size_t i = 0; i < parent.rows->size(); ++i) {
      core::check_cancelled_at(static_cast<std::int64_t>(i));
      const Row row = (*parent.rows)[i];
      if (route[codes[row]] == wanted) rows.push_back(row);
    }
    made.rows = std::make_shared<const std::vector<Row>>(std::move(rows));
    made.atoms.push_back(std::move(atom));
    return made;
  }

  // Each condition must say more than chance about the rows that the others leave, for as many as
  // were tried in its place; else the slice is a shorter one and noise.
  bool worth_keeping(const FoundSlice& slice) const {
    if (slice.score <= 0) return false;
    if (limits_.alpha >= 1) return true;
    const double least = stats::two_sided_z(limits_.alpha / static_cast<double>(slice.n_rivals));
    for (std::size_t left_out = 0; left_out < slice.atoms.size(); ++left_out) {
      if (without(slice.atoms, left_out).score_of(slice.cell) <= least) return false;
    }
    return true;
  }

  // The growing rows that all conditions but one hold.
  SliceRest without(const std::vector<Atom>& atoms, std::size_t left_out) const {
    struct Step {
      const std::uint8_t* codes;
      std::array<std::uint8_t, 256> route;
      std::uint8_t wanted;
    };
    std::vector<Step> steps;
    for (std::size_t i = 0; i < atoms.size(); ++i) {
      const SearchColumn& column = set_.columns[static_cast<std::size_t>(atoms[i].cut.column)];
      if (i != left_out)
        steps.push_back({column.bins->codes.data(), routes(atoms[i].cut),
                         static_cast<std::uint8_t>(atoms[i].side)});
    }
    SliceRest kept;
    for (std::size_t i = 0; i < all_->size(); ++i) {
      core::check_cancelled_at(static_cast<std::int64_t>(i));
      const Row row = (*all_)[i];
      const bool inside = std::all_of(steps.begin(), steps.end(), [row](const Step& step) {
        return step.route[step.codes[row]] == step.wanted;
      });
      if (inside) kept.add(target_.scaled[row]);
    }
    return kept;
  }

  static double overlap(const FoundSlice& a, const FoundSlice& b) {
    std::size_t n = 0;
    auto x = a.rows->begin(), y = b.rows->begin();
    for (std::int64_t i = 0; x != a.rows->end() && y != b.rows->end(); ++i) {
      core::check_cancelled_at(i);
      n += *x == *y ? 1 : 0;
      const Row front = *x;
      x += front <= *y ? 1 : 0;
      y += *y <= front ? 1 : 0;
    }
    return static_cast<double>(n) / static_cast<double>(a.rows->size() + b.rows->size() - n);
  }
  static bool nearly_same(const FoundSlice& a, const FoundSlice& b) {
    const auto [less, more] = std::minmax(a.cell.n, b.cell.n);
    return 5 * less >= 4 * more && overlap(a, b) >= 0.8;  // the first: else it cannot be
  }

  // Best first; those that hold nearly the rows of a better one are folded under it.
  void keep_best(std::vector<FoundSlice> all) {
    std::stable_sort(all.begin(), all.end(), [](const FoundSlice& a, const FoundSlice& b) {
      if (a.score != b.score) return a.score > b.score;
      return a.atoms.size() < b.atoms.size();
    });
    for (FoundSlice& slice : all) {
      const auto better =
          std::find_if(out_.found.begin(), out_.found.end(),
                       [&](const FoundSlice& other) { return nearly_same(other, slice); });
      if (better != out_.found.end()) {
        better->folded.push_back(out_.folded.size());
        out_.folded.push_back(std::move(slice));
      } else if (out_.found.size() < limits_.k) {
        out_.found.push_back(std::move(slice));
      }
    }
  }

  const SearchSet& set_;
  CountTarget target_;
  SliceLimits limits_;
  const Deadline& deadline_;
  CellLayout layout_;
  SliceScale scale_;
  std::shared_ptr<const std::vector<Row>> all_{};
  SliceSearch out_{};
  int depth_ = 1;
};

}  // namespace

SliceSearch search_slices(const SearchSet& set, const CountTarget& target, std::vector<Row> rows,
                          const SliceLimits& limits, const Deadline& deadline) {
  Searcher searcher(set, target, rows, limits, deadline);
  return searcher.run(std::move(rows));
}

}  // namespace mlrepro::detail::probe
