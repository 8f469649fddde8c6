// SPDX-License-Identifier: Apache-2.0
#include "probe/histogram.hpp"

#include <map>
#include <string>
#include <utility>

#include <mlrepro/core/random.hpp>

#include "binning/binned_table.hpp"
#include "catch_compat.hpp"
#include "core/table.hpp"

using namespace mlrepro;
using namespace mlrepro::detail::probe;

namespace {

constexpr std::size_t kRows = 300'000;  // several blocks

struct Counted {
  Dataset data;
  detail::binning::BinnedTable binned;
  SearchSet set;
  explicit Counted(Dataset rows) : data(std::move(rows)), binned(data) {
    set = make_search_set(binned, candidate_columns(data, {}, {}, true, nullptr), 1, Deadline(0));
  }
};

Dataset wide_rows() {
  const RandomStream random(3, "histogram");
  std::vector<std::vector<double>> columns(9, std::vector<double>(kRows));
  std::vector<NamedColumn> named;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    for (std::size_t i = 0; i < kRows; ++i) {
      const std::uint64_t bits = random.bits(c * kRows + i);
      columns[c][i] = bits % 11 == c ? std::numeric_limits<double>::quiet_NaN()
                                     : static_cast<double>(bits % (3 + 120 * c));
    }
  }
  const std::string names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i"};
  for (std::size_t c = 0; c < columns.size(); ++c) named.push_back({names[c], columns[c]});
  return Dataset::from_columns(named);
}

}  // namespace

TEST_CASE("rows of several blocks and nodes are each counted once, in the bin of their value") {
  const Counted table(wide_rows());
  const CellLayout layout(table.set);
  const RandomStream random(4, "histogram");
  for (const bool binary : {true, false}) {
    std::vector<std::int64_t> values(kRows);
    std::vector<std::vector<Row>> nodes(5);  // one has few rows, one none, and some rows have none
    for (std::size_t i = 0; i < kRows; ++i) {
      const std::uint64_t bits = random.bits(i);
      values[i] = binary ? static_cast<std::int64_t>(bits & 1)
                         : static_cast<std::int64_t>(bits >> 20) - (std::int64_t{1} << 43);
      const std::size_t node = bits % 997 == 0 ? 3 : bits / 1000 % 4;
      if (node < 3 || bits % 997 == 0) nodes[node].push_back(static_cast<Row>(i));
    }
    const std::vector<std::span<const Row>> spans(nodes.begin(), nodes.end());
    for (const int threads : {1, 3}) {
      const auto cells =
          count_cells(table.set, layout, {binary, values.data()}, spans, threads, Deadline(0));
      REQUIRE(cells.size() == nodes.size());
      for (std::size_t node = 0; node < nodes.size(); ++node) {
        for (int c = 0; c < static_cast<int>(table.set.columns.size()); ++c) {
          const auto& bins = *table.set.columns[static_cast<std::size_t>(c)].bins;
          std::map<int, Cell> expected;
          for (const Row row : nodes[node]) {
            Cell& cell = expected[bins.codes[row]];
            ++cell.n;
            cell.s += values[row];
          }
          const auto found = layout.bins(cells[node], c);
          for (int b = 0; b < bins.n_bins; ++b)
            REQUIRE(found[static_cast<std::size_t>(b)] == expected[b]);
          REQUIRE(layout.missing(cells[node], c) == expected[kMissingCode]);
        }
      }
    }
  }
}
