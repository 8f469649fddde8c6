// SPDX-License-Identifier: Apache-2.0
// What the thread-safety lines of the headers promise; the thread sanitizer runs it too.
#include <mlrepro/binning/binned_dataset.hpp>
#include <mlrepro/fingerprint/fingerprint.hpp>
#include <mlrepro/probe/probe.hpp>

#include <string>
#include <thread>
#include <vector>

#include "catch_compat.hpp"

using namespace mlrepro;

TEST_CASE("eight threads that share a dataset, a probe, bins and a tree get equal bytes") {
  constexpr int kRows = 3000, kCallers = 8;
  std::vector<double> x, y, label;
  for (int i = 0; i < kRows; ++i) {
    x.push_back(i % 97);
    y.push_back((i * 31) % 1009);
    label.push_back(i % 97 > 60 ? 1 : 0);
  }
  const Dataset data =
      Dataset::from_columns({{"x", x}, {"y", y}, {"label", label}}, {.label = "label"});
  const DecisionTreeProbe probe({.max_depth = 2, .threads = 2});
  const BinnedDataset binned(data, 2);
  const Tree tree = probe.fit(data, Target::column("label"));
  std::vector<int> expected_leaves(kRows);
  tree.apply(data, expected_leaves, 1);
  const std::string expected = tree.to_json() + fingerprint(data).to_json();

  std::vector<std::string> got(kCallers);
  std::vector<std::vector<int>> leaves(kCallers, std::vector<int>(kRows));
  std::vector<int> bins_of_label(kCallers);
  std::vector<std::thread> callers;
  for (std::size_t i = 0; i < kCallers; ++i) {
    callers.emplace_back([&, i] {
      const Tree own = i % 2 == 0 ? probe.fit(data, Target::column("label"))
                                  : probe.fit(binned, Target::column("label"));
      got[i] = own.to_json() + fingerprint(data, {.threads = 2}).to_json();
      tree.apply(data, leaves[i], 2);
      bins_of_label[i] = binned.n_bins("label");  // binned on demand
    });
  }
  for (std::thread& caller : callers) caller.join();
  for (std::size_t i = 0; i < kCallers; ++i) {
    CHECK(got[i] == expected);
    CHECK(leaves[i] == expected_leaves);
    CHECK(bins_of_label[i] == 2);
  }
}
