// SPDX-License-Identifier: Apache-2.0
// A service whose features live in an Eigen matrix asks for whom its error is large.
#include <mlrepro/interop/eigen.hpp>
#include <mlrepro/mlrepro.hpp>

#include <iostream>
#include <limits>

namespace mr = mlrepro;

int main() {
  constexpr Eigen::Index kRows = 2000;
  Eigen::MatrixXd features(kRows, 2);
  Eigen::VectorXd error(kRows);
  for (Eigen::Index i = 0; i < kRows; ++i) {
    features(i, 0) = static_cast<double>(i % 50);
    features(i, 1) =
        i % 9 == 0 ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(i % 7);
    error(i) = (i % 9 == 0 ? 2.0 : 0.0) + static_cast<double>(i * 7919 % 100) / 100;
  }
  const mr::Dataset rows = mr::interop::to_dataset(features, {"speed", "load"});
  const mr::Tree tree =
      mr::DecisionTreeProbe({.max_depth = 2})
          .fit(rows, mr::Target::values(mr::interop::column_view(error), "error"));
  std::cout << tree.to_text();

  const auto speed = mr::interop::to_map<double>(rows["speed"]);  // borrowed, not copied
  std::cout << "mean speed " << speed.mean() << '\n';
}
