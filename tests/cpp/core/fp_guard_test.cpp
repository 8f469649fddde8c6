// SPDX-License-Identifier: Apache-2.0
#include "core/fp_guard.hpp"

#include <cfenv>

#include "catch_compat.hpp"
#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

using mlrepro::detail::core::FpGuard;

namespace {
volatile double one = 1;
volatile double three = 3;
volatile double tiny = 0x1p-1070;
volatile double half = 0.5;
}  // namespace

TEST_CASE("a caller's rounding mode never reaches a recorded number, and is put back",
          "[rounding]") {
  const double nearest = one / three;
  REQUIRE(std::fesetround(FE_UPWARD) == 0);
  const double upward = one / three;
  double guarded = 0;
  {
    const FpGuard guard;
    guarded = one / three;
  }
  const int after = std::fegetround();
  std::fesetround(FE_TONEAREST);
  REQUIRE(upward != nearest);
  REQUIRE(guarded == nearest);
  REQUIRE(after == FE_UPWARD);
}

#if defined(__SSE2__)
TEST_CASE("a process that flushes subnormals to zero gets the same numbers", "[rounding]") {
  const unsigned before = _mm_getcsr();
  _mm_setcsr(before | 0x8040U);
  const bool flushed = tiny * half == 0;
  bool kept = false;
  {
    const FpGuard guard;
    kept = tiny * half > 0;
  }
  const unsigned after = _mm_getcsr();
  _mm_setcsr(before);
  REQUIRE(flushed);
  REQUIRE(kept);
  REQUIRE((after & 0x8040U) == 0x8040U);
}
#endif
