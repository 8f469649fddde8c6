// SPDX-License-Identifier: Apache-2.0
// Grows a tree breadth first on the growing rows. Deterministic: integer counts, a total order of
// candidates, and the smaller children counted while the largest is the parent minus them. O(rows *
// columns) a level.
#pragma once
#include <array>
#include <string>
#include <vector>

#include "probe/choose.hpp"

namespace mlrepro::detail::probe {

struct GrownRunnerUp {
  Cut cut{};
  double log_p = 0;
  double agreement = 0;
  bool tied = false;
  double gain = 0;
};

struct GrownNode {
  std::string path{};
  int parent = -1, depth = 0;
  std::array<int, 3> child{-1, -1, -1};  // left, right, alone
  Cell total{};
  Cut cut{};        // found(): an inner node
  double gain = 0;  // G, or the drop of the squared error in squared target units
  double log_p_choice = 0;
  int n_tested = 0;
  std::vector<GrownRunnerUp> runner_ups{};
  std::string ended{};  // of leaves
};

struct GrownTree {
  std::vector<GrownNode> nodes{};  // breadth first
  std::vector<Cell> root{};        // cells of all growing rows; empty if the root was not searched
  bool timed_out = false;
};

GrownTree grow_tree(const SearchSet& set, const CountTarget& target, std::vector<Row> rows,
                    int scale, const GrowOptions& options, const Deadline& deadline);

// The node index of the leaf that a row of the table falls into, by its codes.
class Router {
 public:
  Router(const SearchSet& set, const GrownTree& tree);
  int leaf_of(Row row) const noexcept {
    int at = 0;
    while (steps_[static_cast<std::size_t>(at)].codes != nullptr) {
      const Step& step = steps_[static_cast<std::size_t>(at)];
      at = step.child[step.route[step.codes[row]]];
    }
    return at;
  }

 private:
  struct Step {
    const std::uint8_t* codes = nullptr;  // null: a leaf
    std::array<std::uint8_t, 256> route{};
    std::array<int, 3> child{};
  };
  std::vector<Step> steps_;
};

}  // namespace mlrepro::detail::probe
