// SPDX-License-Identifier: Apache-2.0
#include "probe/grow.hpp"

#include <algorithm>
#include <utility>

#include "core/parallel.hpp"
#include "core/progress.hpp"

namespace mlrepro::detail::probe {
namespace {

struct OpenNode {
  int node = 0;
  std::vector<Row> rows{};
  NodeTarget described{};
  std::vector<Cell> cells{};  // empty: cannot be split
};

struct Family {
  std::vector<Cell> cells{};  // of the parent
  std::vector<OpenNode> children{};
  std::size_t largest = 0;  // child
  Family(std::vector<Cell> of_parent, std::vector<OpenNode> made)
      : cells(std::move(of_parent)), children(std::move(made)) {
    for (std::size_t c = 1; c < children.size(); ++c) {
      if (children[c].rows.size() > children[largest].rows.size()) largest = c;
    }
  }
};

constexpr std::size_t kCountedTogether = 16;  // families: bounds the cells that are alive

const std::uint8_t* codes_of(const SearchSet& set, const Cut& cut) noexcept {
  return set.columns[static_cast<std::size_t>(cut.column)].bins->codes.data();
}

// Share of rows that go the same way, over the best pairing of the children.
double agreement(const SearchSet& set, std::span<const Row> rows, const Cut& a, const Cut& b) {
  const auto route_a = routes(a), route_b = routes(b);
  const std::uint8_t* codes_a = codes_of(set, a);
  const std::uint8_t* codes_b = codes_of(set, b);
  std::int64_t both[3][3] = {};
  for (const Row row : rows) ++both[route_a[codes_a[row]]][route_b[codes_b[row]]];
  int pairing[3] = {0, 1, 2};
  std::int64_t most = 0;
  do {
    most = std::max(most, both[0][pairing[0]] + both[1][pairing[1]] + both[2][pairing[2]]);
  } while (std::next_permutation(pairing, pairing + 3));
  return static_cast<double>(most) / static_cast<double>(rows.size());
}

class Grower {
 public:
  Grower(const SearchSet& set, const CountTarget& target, int scale, const GrowOptions& options,
         const Deadline& deadline)
      : set_(set),
        target_(target),
        scale_(scale),
        options_(options),
        deadline_(deadline),
        layout_(set, target.n_planes()) {}

  GrownTree run(std::vector<Row> rows) {
    add_node("", -1, 0);
    std::vector<OpenNode> level(1);
    level[0].rows = std::move(rows);
    describe(level[0]);
    try {
      if (node(level[0]).ended.empty()) {
        level[0].cells =
            count_cells(set_, layout_, target_, level[0].rows, options_.threads, deadline_);
        tree_.root = level[0].cells;
      }
      while (!level.empty()) level = split_level(level);
    } catch (const TimeUp&) {
      tree_.timed_out = true;
    }
    for (GrownNode& n : tree_.nodes) {
      if (!n.cut.found() && n.ended.empty()) n.ended = "time_limit";
    }
    return std::move(tree_);
  }

 private:
  GrownNode& node(const OpenNode& open) { return tree_.nodes[static_cast<std::size_t>(open.node)]; }

  int add_node(std::string path, int parent, int depth) {
    GrownNode n;
    n.path = std::move(path);
    n.parent = parent;
    n.depth = depth;
    tree_.nodes.push_back(std::move(n));
    return static_cast<int>(tree_.nodes.size()) - 1;
  }

  // Its figures, and whether there is a reason not to search it.
  void describe(OpenNode& open) {
    open.described = describe_node(target_, open.rows);
    GrownNode& n = node(open);
    n.total = open.described.total;
    if (n.depth >= options_.max_depth) {
      n.ended = "max_depth";
    } else if (open.described.pure) {
      n.ended = "pure";
    } else if (n.total.n < 2 * options_.min_samples_leaf) {
      n.ended = "min_samples_leaf";
    }
  }

  // A gain in the unit of reports.
  double reported(const Cut& cut) const noexcept {
    if (target_.binary) return core::g_statistic(cut.gain);
    return core::to_double(core::magnitude(cut.gain), -8 - 2 * scale_, false, false);
  }

  std::vector<OpenNode> split_level(std::vector<OpenNode>& level) {
    const int depth = node(level.front()).depth;
    if (depth < options_.max_depth)
      core::begin_step("growing, level " + std::to_string(depth + 1) + " of up to " +
                       std::to_string(options_.max_depth));
    std::vector<OpenNode> next;
    for (std::size_t first = 0; first < level.size(); first += kCountedTogether) {
      core::tell_progress(static_cast<std::int64_t>(first),
                          static_cast<std::int64_t>(level.size()));
      const std::size_t n = std::min(kCountedTogether, level.size() - first);
      std::vector<Family> families = split_nodes({level.data() + first, n});
      count_children(families);
      for (Family& family : families) {
        for (OpenNode& child : family.children) next.push_back(std::move(child));
      }
    }
    return next;
  }

  std::vector<Family> split_nodes(std::span<OpenNode> nodes) {
    std::vector<OpenNode*> open;
    for (OpenNode& n : nodes) {
      if (node(n).ended.empty()) open.push_back(&n);
    }
    std::vector<Searched> searched(open.size());
    // Many nodes: each is searched by one thread, so that threads wait for each other once a level.
    const bool many = open.size() >= static_cast<std::size_t>(2 * options_.threads);
    GrowOptions inner = options_;
    if (many) inner.threads = 1;
    core::parallel_for_chunks(static_cast<std::int64_t>(open.size()), 1,
                              many ? options_.threads : 1,
                              [&](std::int64_t i, std::int64_t, std::int64_t) {
                                const auto at = static_cast<std::size_t>(i);
                                searched[at] = search(*open[at], inner);
                              });
    std::vector<Family> families;
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (!searched[i].done) throw TimeUp{};
      split(*open[i], searched[i], families);
      *open[i] = OpenNode{};
    }
    return families;
  }

  struct Searched {
    bool done = false;  // else the time was up
    Choice choice{};
    std::vector<double> agreement{};  // of the runner-ups
    std::vector<OpenNode> children{};
  };

  Searched search(const OpenNode& open, const GrowOptions& options) const {
    Searched out;
    try {
      deadline_.check();
      out.choice = choose_split({set_, layout_, target_, open.described, open.cells, open.rows},
                                options, deadline_);
    } catch (const TimeUp&) {
      return out;
    }
    out.done = true;
    const std::vector<Contender>& best = out.choice.best;
    if (best.empty()) return out;
    out.children = make_children(open, best.front().cut);
    for (std::size_t i = 1; i < best.size(); ++i)
      out.agreement.push_back(agreement(set_, open.rows, best.front().cut, best[i].cut));
    return out;
  }

  void split(OpenNode& open, Searched& searched, std::vector<Family>& families) {
    if (searched.choice.best.empty()) {
      node(open).n_tested = searched.choice.n_tested;
      node(open).ended = searched.choice.ended;
      return;
    }
    Family family{std::move(open.cells), std::move(searched.children)};
    const auto first = static_cast<int>(tree_.nodes.size());
    const GrownNode parent = node(open);
    for (std::size_t c = 0; c < family.children.size(); ++c) {
      family.children[c].node = add_node(parent.path + "LRM"[c], open.node, parent.depth + 1);
      describe(family.children[c]);
    }
    record(open, searched, first, static_cast<int>(family.children.size()));
    families.push_back(std::move(family));
  }

  void record(const OpenNode& open, const Searched& searched, int first_child, int n_children) {
    const Choice& choice = searched.choice;
    GrownNode& n = node(open);
    n.cut = choice.best.front().cut;
    n.gain = reported(n.cut);
    n.log_p_choice = choice.log_p_choice;
    n.n_tested = choice.n_tested;
    for (int c = 0; c < n_children; ++c) n.child[static_cast<std::size_t>(c)] = first_child + c;
    for (std::size_t i = 1; i < choice.best.size(); ++i) {
      const Contender& c = choice.best[i];
      const double agrees = searched.agreement[i - 1];
      if (c.cut.kind == SplitKind::n_missing && agrees == 1) continue;  // a summary of the winner
      n.runner_ups.push_back({c.cut, c.log_p, agrees, c.tied, reported(c.cut)});
    }
  }

  std::vector<OpenNode> make_children(const OpenNode& open, const Cut& cut) const {
    std::vector<OpenNode> children(static_cast<std::size_t>(cut.n_children()));
    for (std::size_t c = 0; c < children.size(); ++c)
      children[c].rows.reserve(static_cast<std::size_t>(cut.child[c]));
    const auto route = routes(cut);
    const std::uint8_t* codes = codes_of(set_, cut);
    for (const Row row : open.rows) children[route[codes[row]]].rows.push_back(row);
    return children;
  }

  // All but the largest child are counted; the largest is what is left of the parent.
  void count_children(std::vector<Family>& families) {
    std::vector<std::span<const Row>> rows;
    for (const Family& family : families) {
      for (std::size_t c = 0; c < family.children.size(); ++c) {
        if (is_counted(family, c)) rows.push_back(family.children[c].rows);
      }
    }
    std::vector<std::vector<Cell>> counted =
        count_cells(set_, layout_, target_, rows, options_.threads, deadline_);
    std::size_t next = 0;
    for (Family& family : families) {
      for (std::size_t c = 0; c < family.children.size(); ++c) {
        if (!is_counted(family, c)) continue;
        OpenNode& child = family.children[c];
        child.cells = std::move(counted[next++]);
        for (std::size_t i = 0; i < child.cells.size(); ++i) family.cells[i] -= child.cells[i];
      }
      family.children[family.largest].cells = std::move(family.cells);
    }
  }

  bool is_counted(const Family& family, std::size_t child) {
    const auto searched = [&](std::size_t c) { return node(family.children[c]).ended.empty(); };
    return child != family.largest && (searched(child) || searched(family.largest));
  }

  const SearchSet& set_;
  const CountTarget& target_;
  int scale_;
  const GrowOptions& options_;
  const Deadline& deadline_;
  CellLayout layout_;
  GrownTree tree_;
};

}  // namespace

GrownTree grow_tree(const SearchSet& set, const CountTarget& target, std::vector<Row> rows,
                    int scale, const GrowOptions& options, const Deadline& deadline) {
  return Grower(set, target, scale, options, deadline).run(std::move(rows));
}

Router::Router(const SearchSet& set, const GrownTree& tree) : steps_(tree.nodes.size()) {
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const GrownNode& n = tree.nodes[i];
    if (!n.cut.found()) continue;
    steps_[i] = {codes_of(set, n.cut), routes(n.cut), n.child};
  }
}

}  // namespace mlrepro::detail::probe
