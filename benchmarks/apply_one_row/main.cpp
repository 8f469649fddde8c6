// SPDX-License-Identifier: Apache-2.0
// How long does a service wait for the leaf of one row? One row after the other, one thread.
//     apply_one_row tree.json
// Prints the nanoseconds a row (best of several runs over a million rows) and the mean leaf.
#include <mlrepro/mlrepro.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

namespace mr = mlrepro;

namespace {

constexpr std::size_t kRows = 1'000'000;
constexpr int kRuns = 7;

// All numeric, spread evenly over [-2, 2).
std::vector<mr::Value> make_rows(std::size_t n_columns) {
  std::vector<mr::Value> cells;
  cells.reserve(kRows * n_columns);
  std::uint64_t state = 1;
  while (cells.size() < kRows * n_columns) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    cells.emplace_back(static_cast<float>(state >> 40U) / 4194304.0F - 2.0F);
  }
  return cells;
}

std::int64_t sum_of_leaves(const mr::Tree& tree, std::span<const mr::Value> cells) {
  const std::size_t width = tree.columns().size();
  std::int64_t sum = 0;
  for (std::size_t at = 0; at < cells.size(); at += width)
    sum += tree.apply(cells.subspan(at, width));
  return sum;
}

}  // namespace

int main(int argc, char** argv) {
  std::ifstream file(argc == 2 ? argv[1] : "", std::ios::binary);
  if (!file) {
    std::fputs("usage: apply_one_row tree.json\n", stderr);
    return 2;
  }
  const std::string json{std::istreambuf_iterator<char>(file), {}};
  const mr::Tree tree = mr::Tree::from_json(json);
  const std::vector<mr::Value> cells = make_rows(tree.columns().size());
  double best = 1e300;
  std::int64_t sum = 0;
  for (int run = 0; run < kRuns; ++run) {
    const auto start = std::chrono::steady_clock::now();
    sum = sum_of_leaves(tree, cells);
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    best = std::min(best, took.count() / kRows);
  }
  std::printf("%.2f %.3f\n", best, static_cast<double>(sum) / kRows);
}
