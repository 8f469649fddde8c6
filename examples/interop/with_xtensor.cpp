// SPDX-License-Identifier: Apache-2.0
// Rows of an xtensor expression get a fingerprint, and their parts of a split.
#include <mlrepro/interop/xtensor.hpp>
#include <mlrepro/mlrepro.hpp>

#include <iostream>

namespace mr = mlrepro;

int main() {
  xt::xtensor<std::int64_t, 2> cells = xt::zeros<std::int64_t>({1000, 2});
  for (std::size_t i = 0; i < 1000; ++i) {
    cells(i, 0) = static_cast<std::int64_t>(i);
    cells(i, 1) = static_cast<std::int64_t>(i * i % 17);
  }
  const mr::Dataset rows = mr::interop::to_dataset(cells, {"vehicle", "cell"}, {.key = "vehicle"});
  const mr::split::HashSplit split({{"train", 0.8}, {"test", 0.2}}, {.salt = "2026"});
  const mr::split::Plan plan = split.plan(rows);
  for (const mr::split::Part& part : plan.parts())
    std::cout << part.name << ' ' << part.n_rows << '\n';

  const auto cell = mr::interop::to_xtensor<std::int64_t>(rows["cell"]);  // borrowed, not copied
  std::cout << "the first cells: " << cell(0) << ' ' << cell(1) << ' ' << cell(5) << '\n';
  std::cout << "same rows: "
            << (mr::fingerprint(rows).content_id() ==
                mr::fingerprint(mr::interop::to_dataset(xt::xtensor<std::int64_t, 2>(cells),
                                                        {"vehicle", "cell"}, {.key = "vehicle"}))
                    .content_id())
            << '\n';
}
