// SPDX-License-Identifier: Apache-2.0
#include "probe/choose.hpp"

#include <algorithm>
#include <numeric>

#include "core/parallel.hpp"
#include "probe/node_columns.hpp"
#include "probe/ranks.hpp"
#include "stats/tests.hpp"

namespace mlrepro::detail::probe {
namespace {

struct CandidateTest {
  double log_p = 0;
  bool tested = false;
  bool by_missing = false;  // the missing test is the one that speaks
};

bool asks_missing(const Candidate& candidate) noexcept {
  return candidate.block || candidate.plane >= 0;
}

struct BothTests {
  NodeTest missing{}, table{};
};

BothTests both_tests(const NodeView& view, const Candidate& candidate,
                     const ColumnCells<Cell>& column, std::int64_t all_above) {
  MissingMoments moments;
  if (!view.target.binary && column.missing.n > 0) {
    const auto& codes = view.set.columns[static_cast<std::size_t>(candidate.column)].bins->codes;
    moments = missing_moments(view.target, view.node, view.rows, codes);
  }
  BothTests tests;
  if (asks_missing(candidate))
    tests.missing = missing_test(view.node, column.missing, moments.above, all_above);
  if (!candidate.block)
    tests.table =
        table_test(view.node, column.bins, column.missing, moments.squares, column.category);
  return tests;
}

BothTests both_tests(const NodeView& view, const Candidate& candidate,
                     const ColumnCells<ClassCell>& column, std::int64_t) {
  BothTests tests;
  if (asks_missing(candidate)) tests.missing = missing_test(view.node, column.missing);
  if (!candidate.block)
    tests.table = table_test(view.node, column.bins, column.missing, column.category);
  return tests;
}

CandidateTest test_candidate(const NodeView& view, const Candidate& candidate,
                             std::int64_t all_above) {
  const auto [missing, table] = with_column(view, candidate, [&](const auto& column) {
    return both_tests(view, candidate, column, all_above);
  });
  CandidateTest out;
  out.tested = missing.df > 0 || table.df > 0;
  out.by_missing = missing.df > 0 && (table.df == 0 || missing.log_p <= table.log_p);
  const double least = out.by_missing ? missing.log_p : table.log_p;
  // The two tests are independent under the null, and the lesser p wins.
  out.log_p = missing.df > 0 && table.df > 0 ? stats::log_p_least_of_two(least) : least;
  return out;
}

template <class Body>
void for_each_candidate(const NodeView& view, const GrowOptions& options, const Deadline& deadline,
                        Body&& body) {
  constexpr std::size_t kManyCandidates = 64, kManyCells = std::size_t{1} << 20;
  const std::size_t n = view.set.candidates.size();
  const bool much = n >= kManyCandidates || n * view.rows.size() >= kManyCells;
  core::parallel_for_chunks(static_cast<std::int64_t>(n), 4, much ? options.threads : 1,
                            [&](std::int64_t, std::int64_t begin, std::int64_t end) {
                              deadline.check();
                              for (auto i = static_cast<std::size_t>(begin);
                                   i < static_cast<std::size_t>(end); ++i)
                                body(i);
                            });
}

// The cut of a candidate; takes_missing(by value, is missing) settles between two kinds.
template <class TakesMissing>
Cut cut_of(const NodeView& view, const Candidate& candidate, std::int64_t least,
           const TakesMissing& takes_missing) {
  return with_column(view, candidate, [&](const auto& column) {
    if (candidate.block) return missing_cut(view.node, column, least, true);
    if (candidate.is_count) return count_cut(view.node, column, least);
    Cut by_value = best_value_cut(view.node, column, least);
    if (candidate.plane < 0) return by_value;
    Cut is_missing = missing_cut(view.node, column, least, false);
    return takes_missing(by_value, is_missing) ? is_missing : by_value;
  });
}

// The cut that the test speaks for; the other kind where that one is not allowed.
Cut cut_for(const NodeView& view, const Candidate& candidate, bool by_missing, std::int64_t least) {
  return cut_of(view, candidate, least, [&](const Cut& by_value, const Cut& is_missing) {
    return by_missing ? is_missing.found() : !by_value.found();
  });
}

Cut best_cut_by_gain(const NodeView& view, const Candidate& candidate, std::int64_t least) {
  return cut_of(view, candidate, least, [](const Cut& by_value, const Cut& is_missing) {
    return is_missing.gain > by_value.gain;
  });
}

bool can_be_cut(const NodeView& view, const Candidate& candidate) {
  const ColumnCells<Cell> column = column_at(view, candidate);
  const bool by_missing =
      asks_missing(candidate) && column.missing.n > 0 && column.missing.n < view.node.total.n;
  const auto filled =
      std::count_if(column.bins.begin(), column.bins.end(), [](const Cell& c) { return c.n > 0; });
  return by_missing || (!candidate.block && filled > 1);
}

void refine_missing(const NodeView& view, const GrowOptions& options, Choice& choice) {
  for (Contender& c : choice.best) {
    const Candidate& candidate = view.set.candidates[static_cast<std::size_t>(c.candidate)];
    with_column(view, candidate, [&](const auto& column) {
      try_missing_alone(view.node, column, options.min_samples_leaf, options.log_alpha,
                        choice.n_tested, c.cut);
    });
  }
}

bool by_chance(double log_p_adjusted, const GrowOptions& options) noexcept {
  return options.log_alpha < 0 && log_p_adjusted >= options.log_alpha;
}

double usual_gate(const GrowOptions& options) noexcept {
  constexpr double kLogUsualAlpha = -2.995732273553991;  // log(0.05)
  return options.log_alpha < 0 ? options.log_alpha : kLogUsualAlpha;
}

const Candidate& candidate_of(const NodeView& view, const Contender& c) noexcept {
  return view.set.candidates[static_cast<std::size_t>(c.candidate)];
}

// The p of the test that lets the winner split; see choose.hpp for the count.
template <class LogP>
void settle_winner(const NodeView& view, const GrowOptions& options, const LogP& log_p,
                   Choice& choice) {
  std::vector<Contender>& best = choice.best;
  const auto adjusted = [&](const Contender& c) {
    return stats::log_bonferroni(log_p(c), choice.n_tested);
  };
  if (best.size() > 1 && candidate_of(view, best[0]).is_count &&
      !by_chance(adjusted(best[1]), options)) {
    const bool beaten = std::all_of(best.begin() + 1, best.end(), [&](const Contender& c) {
      const double by = best[0].cut.log_p_cut - c.cut.log_p_cut;
      return stats::log_bonferroni(by, choice.n_tested) < usual_gate(options);
    });
    if (!beaten) std::swap(best[0], best[1]);
  }
  if (!best.empty()) choice.log_p_choice = adjusted(best[0]);
}

template <class SameScore>
void mark_ties(const NodeView& view, const SameScore& same_score, Choice& choice) {
  for (std::size_t i = 1; i < choice.best.size(); ++i) {
    Contender& c = choice.best[i];
    c.tied = c.cut.gain == choice.best[0].cut.gain && !candidate_of(view, c).is_count &&
             same_score(static_cast<std::size_t>(choice.best[0].candidate),
                        static_cast<std::size_t>(c.candidate));
  }
}

std::vector<CandidateTest> test_all(const NodeView& view, const GrowOptions& options,
                                    const Deadline& deadline) {
  const std::vector<Candidate>& candidates = view.set.candidates;
  std::vector<CandidateTest> tests(candidates.size());
  const std::int64_t above =
      view.target.binary ? 0 : rows_above_mean(view.target, view.node, view.rows);
  for_each_candidate(view, options, deadline,
                     [&](std::size_t i) { tests[i] = test_candidate(view, candidates[i], above); });
  return tests;
}

// The target's tail is too heavy for groups of the size that moments need: test its ranks.
std::vector<CandidateTest> test_ranks(const NodeView& view, const GrowOptions& options,
                                      const Deadline& deadline) {
  const std::vector<std::int64_t> ranks =
      centred_ranks(view.target.scaled, view.rows, view.set.columns.front().bins->codes.size());
  const CountTarget target{false, ranks.data()};
  const NodeTarget node = describe_node(target, view.rows);
  const std::vector<Cell> cells =
      count_cells(view.set, view.layout, target, view.rows, options.threads, deadline);
  return test_all({view.set, view.layout, target, node, cells, view.rows}, options, deadline);
}

// The same with groups as small as five rows: the better measure of an effect, a rare level's too,
// but under a heavy tail no longer a fair p-value.
std::vector<CandidateTest> test_finely(const NodeView& view, const GrowOptions& options,
                                       const Deadline& deadline) {
  NodeTarget node = view.node;
  node.least_group = kLeastGroup;
  return test_all({view.set, view.layout, view.target, node, view.cells, view.rows}, options,
                  deadline);
}

// Who is first: columns that hold beyond chance come before the others and are ordered by their
// fine tests; the others by the fair ones. Then fewer missing rows, then names (the order they are
// in).
class TestOrder {
 public:
  TestOrder(const NodeView& view, const std::vector<CandidateTest>& fair,
            const std::vector<CandidateTest>& fine, int n_tested, const GrowOptions& options)
      : candidates_(view.set.candidates), fair_(fair), fine_(fine), n_tested_(n_tested) {
    gate_ = usual_gate(options);
  }
  bool holds(std::size_t i) const {
    return stats::log_bonferroni(fair_[i].log_p, n_tested_) < gate_;
  }
  const CandidateTest& telling(std::size_t i) const {
    return holds(i) && fine_[i].tested ? fine_[i] : fair_[i];
  }
  bool ties(std::size_t a, std::size_t b) const {
    return holds(a) == holds(b) && telling(a).log_p == telling(b).log_p;
  }
  bool operator()(std::size_t a, std::size_t b) const {
    if (holds(a) != holds(b)) return holds(a);
    if (telling(a).log_p != telling(b).log_p) return telling(a).log_p < telling(b).log_p;
    return candidates_[a].n_missing < candidates_[b].n_missing;
  }

 private:
  const std::vector<Candidate>& candidates_;
  const std::vector<CandidateTest>& fair_;
  const std::vector<CandidateTest>& fine_;
  int n_tested_;
  double gate_;
};

// Cuts of the columns at the front of `order` that tie, which are sorted by gain: the test sees
// the same groups in a number and in a category that go together, and one may part them better.
void cut_ties(const NodeView& view, const TestOrder& tests, const GrowOptions& options,
              std::span<std::size_t> order, std::vector<Cut>& cuts) {
  std::size_t n = 0;
  while (n < order.size() && tests.ties(order.front(), order[n])) ++n;
  for (const std::size_t i : order.first(n))
    cuts[i] = cut_for(view, view.set.candidates[i], tests.telling(i).by_missing,
                      options.min_samples_leaf);
  std::stable_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(n),
                   [&](std::size_t a, std::size_t b) { return cuts[a].gain > cuts[b].gain; });
  // The count, if it is among them, stays behind.
  std::stable_partition(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(n),
                        [&](std::size_t i) { return !view.set.candidates[i].is_count; });
}

bool any_can_be_cut(const NodeView& view) {
  return std::any_of(view.set.candidates.begin(), view.set.candidates.end(),
                     [&](const Candidate& c) { return can_be_cut(view, c); });
}

Choice choose_unbiased(const NodeView& view, const GrowOptions& options, const Deadline& deadline) {
  constexpr double kFewestGroups = 10;
  const bool heavy_tail = !view.target.binary && view.node.least_group * kFewestGroups >
                                                     static_cast<double>(view.node.total.n);
  const std::vector<CandidateTest> tests =
      heavy_tail ? test_ranks(view, options, deadline) : test_all(view, options, deadline);
  Choice choice;
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < tests.size(); ++i) {
    if (tests[i].tested) order.push_back(i);
  }
  choice.n_tested = static_cast<int>(order.size());
  if (order.empty()) {
    choice.ended = any_can_be_cut(view) ? "too_few_events" : "no_candidate";
    return choice;
  }
  const std::vector<CandidateTest> fine =
      view.target.binary ? tests : test_finely(view, options, deadline);
  const TestOrder before(view, tests, fine, choice.n_tested, options);
  std::stable_sort(order.begin(), order.end(), before);
  choice.ended = "not_significant";
  if (by_chance(stats::log_bonferroni(tests[order.front()].log_p, choice.n_tested), options))
    return choice;
  choice.ended = "min_samples_leaf";
  std::vector<Cut> cuts(tests.size());
  for (std::size_t k = 0; k < order.size(); ++k) {
    if (k == 0 || !before.ties(order[k - 1], order[k]))
      cut_ties(view, before, options, std::span(order).subspan(k), cuts);
    const std::size_t i = order[k];
    const double adjusted = stats::log_bonferroni(tests[i].log_p, choice.n_tested);
    if (choice.best.empty() && by_chance(adjusted, options)) return choice;
    if (!cuts[i].found()) continue;
    choice.best.push_back({static_cast<int>(i), std::move(cuts[i]), tests[i].log_p});
    if (choice.best.size() == kRunnerUps + 1) break;
  }
  settle_winner(
      view, options, [](const Contender& c) { return c.log_p; }, choice);
  mark_ties(
      view, [&](std::size_t a, std::size_t b) { return before.ties(a, b); }, choice);
  return choice;
}

Choice choose_by_gain(const NodeView& view, const GrowOptions& options, const Deadline& deadline) {
  const std::vector<Candidate>& candidates = view.set.candidates;
  std::vector<Cut> cuts(candidates.size());
  std::vector<std::uint8_t> possible(candidates.size());
  for_each_candidate(view, options, deadline, [&](std::size_t i) {
    possible[i] = can_be_cut(view, candidates[i]) ? 1 : 0;
    if (possible[i] != 0) cuts[i] = best_cut_by_gain(view, candidates[i], options.min_samples_leaf);
  });
  Choice choice;
  choice.n_tested = static_cast<int>(std::count(possible.begin(), possible.end(), 1));
  choice.ended = choice.n_tested == 0 ? "no_candidate" : "min_samples_leaf";
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < cuts.size(); ++i) {
    if (cuts[i].found()) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (cuts[a].gain != cuts[b].gain) return cuts[a].gain > cuts[b].gain;
    return candidates[a].n_missing < candidates[b].n_missing;
  });
  if (order.empty()) return choice;
  choice.ended = "not_significant";
  const std::int64_t above =
      view.target.binary ? 0 : rows_above_mean(view.target, view.node, view.rows);
  for (const std::size_t i : order) {
    choice.best.push_back({static_cast<int>(i), std::move(cuts[i]),
                           test_candidate(view, candidates[i], above).log_p});
    if (choice.best.size() == kRunnerUps + 1) break;
  }
  settle_winner(
      view, options, [](const Contender& c) { return c.cut.log_p_cut; }, choice);
  if (by_chance(choice.log_p_choice, options)) choice.best.clear();
  mark_ties(
      view, [](std::size_t, std::size_t) { return true; }, choice);
  return choice;
}

}  // namespace

Choice choose_split(const NodeView& view, const GrowOptions& options, const Deadline& deadline) {
  Choice choice = options.selection == Selection::unbiased
                      ? choose_unbiased(view, options, deadline)
                      : choose_by_gain(view, options, deadline);
  refine_missing(view, options, choice);
  return choice;
}

}  // namespace mlrepro::detail::probe
