// SPDX-License-Identifier: Apache-2.0
#include "probe/blocks.hpp"

#include <algorithm>
#include <memory>

#include "probe/assemble.hpp"
#include "probe/class_figures.hpp"

namespace mlrepro::detail::probe {
namespace {

constexpr std::size_t kDescribed = 3;  // blocks that are told for whom

const std::vector<std::uint8_t>& codes_of_plane(const SearchSet& set, const MissingPlane& plane) {
  return set.columns[static_cast<std::size_t>(plane.columns.front())].bins->codes;
}

bool missing_wherever(const std::vector<std::uint8_t>& inner,
                      const std::vector<std::uint8_t>& outer) noexcept {
  for (std::size_t row = 0; row < inner.size(); ++row) {
    if (inner[row] == kMissingCode && outer[row] != kMissingCode) return false;
  }
  return true;
}

// Columns that are missing wherever the plane is, and on other rows too; in order of name.
std::vector<int> also_missing(const SearchSet& set, const MissingPlane& plane) {
  std::vector<int> out;
  for (const MissingPlane& wider : set.planes) {
    if (wider.n_missing <= plane.n_missing) continue;
    if (missing_wherever(codes_of_plane(set, plane), codes_of_plane(set, wider))) {
      out.insert(out.end(), wider.columns.begin(), wider.columns.end());
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

struct Parts {  // of some rows, by whether the plane is missing
  Figures inside{}, outside{}, all{};
};

Parts parts_of(const SearchSet& set, const MissingPlane& plane, const TargetValues& target,
               std::span<const Row> rows) {
  const std::vector<std::uint8_t>& codes = codes_of_plane(set, plane);
  Tally inside(target), outside(target);
  for (const Row row : rows) (codes[row] == kMissingCode ? inside : outside).add(target, row);
  Tally all = inside;
  all.merge(outside, target.binary);
  return {inside.figures(target.binary), outside.figures(target.binary),
          all.figures(target.binary)};
}

MissingBlock block_of(const SearchSet& set, const MissingPlane& plane, const TargetValues& target,
                      const Halves& halves) {
  MissingBlock block;
  block.n_missing = plane.n_missing;
  for (const int c : plane.columns)
    block.columns.push_back(set.columns[static_cast<std::size_t>(c)].name);
  for (const int c : also_missing(set, plane))
    block.also_missing.push_back(set.columns[static_cast<std::size_t>(c)].name);
  Parts judged = parts_of(set, plane, target, halves.judged);
  block.log_p = log_p_against(target.binary, judged.inside, judged.outside);
  if (!target.classes.empty()) {
    const Parts growing = parts_of(set, plane, target, halves.growing);
    const int found = class_that_stands_out(growing.inside, growing.all);
    block.stands_out = found >= 0 ? found : most_common_class(growing.all);
    judged.inside = figures_of_class(judged.inside, block.stands_out);
    judged.outside = figures_of_class(judged.outside, block.stands_out);
  }
  block.inside = std::move(judged.inside);
  block.outside = std::move(judged.outside);
  const MeanInterval i = mean_interval(target.binary || !target.classes.empty(), block.inside);
  block.low = i.low;
  block.high = i.high;
  return block;
}

// The order is chosen by the growing rows, so that the first block's figures are not picked for
// size.
double log_p_of_growing(const SearchSet& set, const MissingPlane& plane, const TargetValues& target,
                        const Halves& halves) {
  const Parts growing = parts_of(set, plane, target, halves.growing);
  return log_p_against(target.binary, growing.inside, growing.outside);
}

const MissingPlane& plane_of(const SearchSet& set, const MissingBlock& block) {
  for (const SearchColumn& c : set.columns) {
    if (c.name == block.columns.front()) return set.planes[static_cast<std::size_t>(c.plane)];
  }
  return set.planes.front();
}

// The same columns, with only those candidates that can say something about the plane.
class WithoutPlane {
 public:
  WithoutPlane(SearchSet& set, const MissingPlane& plane) : set_(set), saved_(set.candidates) {
    std::vector<int> hidden = also_missing(set, plane);
    hidden.insert(hidden.end(), plane.columns.begin(), plane.columns.end());
    std::erase_if(set_.candidates, [&](const Candidate& c) {
      return c.is_count || std::find(hidden.begin(), hidden.end(), c.column) != hidden.end();
    });
  }
  ~WithoutPlane() { set_.candidates = std::move(saved_); }
  WithoutPlane(const WithoutPlane&) = delete;
  WithoutPlane& operator=(const WithoutPlane&) = delete;

 private:
  SearchSet& set_;
  std::vector<Candidate> saved_;
};

// The leaf that holds most of the block's rows among those where it is the rule; -1: there is none.
int telling_leaf(const GrownTree& grown) {
  int best = -1;
  for (std::size_t i = 1; i < grown.nodes.size(); ++i) {
    const GrownNode& n = grown.nodes[i];
    if (n.cut.found() || 2 * n.total.s < n.total.n) continue;
    if (best < 0 || n.total.s > grown.nodes[static_cast<std::size_t>(best)].total.s)
      best = static_cast<int>(i);
  }
  return best;
}

}  // namespace

std::vector<MissingBlock> missing_blocks(const SearchSet& set, const TargetValues& target,
                                         const Halves& halves) {
  std::vector<std::pair<double, const MissingPlane*>> order;
  for (const MissingPlane& plane : set.planes) {
    if (plane.columns.size() > 1)
      order.emplace_back(log_p_of_growing(set, plane, target, halves), &plane);
  }
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : a.second->n_missing > b.second->n_missing;
  });
  std::vector<MissingBlock> blocks;
  for (const auto& [log_p, plane] : order) blocks.push_back(block_of(set, *plane, target, halves));
  return blocks;
}

void describe_blocks(SearchSet& set, std::span<const Row> rows, const GrowOptions& options,
                     const Deadline& deadline, std::vector<MissingBlock>& blocks) {
  for (std::size_t b = 0; b < std::min(blocks.size(), kDescribed); ++b) {
    if (deadline.passed()) return;
    const MissingPlane& plane = plane_of(set, blocks[b]);
    const std::vector<std::uint8_t>& codes = codes_of_plane(set, plane);
    std::vector<std::int64_t> is_missing(codes.size());
    for (std::size_t row = 0; row < codes.size(); ++row)
      is_missing[row] = codes[row] == kMissingCode ? 1 : 0;
    const WithoutPlane others(set, plane);
    GrowOptions own = options;
    own.max_depth = 3;
    own.selection = Selection::unbiased;
    const GrownTree grown =
        grow_tree(set, {true, is_missing.data()}, {rows.begin(), rows.end()}, 0, own, deadline);
    if (const int leaf = telling_leaf(grown); leaf > 0 && !grown.timed_out)
      blocks[b].who = rule_of(set, grown, static_cast<std::size_t>(leaf));
  }
}

}  // namespace mlrepro::detail::probe
