// SPDX-License-Identifier: Apache-2.0
// Sets the floating-point environment of this thread to the IEEE default (round to nearest, no
// flush-to-zero, traps masked) and puts the caller's back at the end of the scope. About 10 ns.
// Why: a process linked with -ffast-math starts with flush-to-zero on; recorded numbers must not
// feel it. Every entry point that computes in floating point holds one, and parallel_for_chunks
// gives each worker its own.
#pragma once
#include <cstdint>

namespace mlrepro::detail::core {

class FpGuard {
 public:
  FpGuard() noexcept;
  ~FpGuard();
  FpGuard(const FpGuard&) = delete;
  FpGuard& operator=(const FpGuard&) = delete;

 private:
  std::uint64_t saved_;
};

}  // namespace mlrepro::detail::core
