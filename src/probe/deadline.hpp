// SPDX-License-Identifier: Apache-2.0
// The time limit of a fit. Only what is left out depends on the clock, never a figure.
#pragma once
#include <chrono>

namespace mlrepro::detail::probe {

struct TimeUp {};  // thrown inside the fit, caught by it

class Deadline {
 public:
  explicit Deadline(double seconds)  // 0: none
      : set_(seconds > 0),
        end_(std::chrono::steady_clock::now() +
             std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                 std::chrono::duration<double>(seconds < 1e9 ? seconds : 1e9))) {}
  bool passed() const noexcept { return set_ && std::chrono::steady_clock::now() >= end_; }
  void check() const {
    if (passed()) throw TimeUp{};
  }

 private:
  bool set_;
  std::chrono::steady_clock::time_point end_;
};

}  // namespace mlrepro::detail::probe
