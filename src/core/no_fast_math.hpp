// SPDX-License-Identifier: Apache-2.0
// Refuses to compile our sources under fast or finite math: recorded floats would differ. Forced
// into every source by CMake (-include); private, because a service may use those flags for its own
// code.
#pragma once

#if defined(__FAST_MATH__)
#error \
    "mlrepro sources must not be compiled with -ffast-math; its CMake targets pass -fno-fast-math, so keep the order of flags"
#endif
#if defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__ > 0
#error \
    "mlrepro sources must not be compiled with -ffinite-math-only; its CMake targets pass -fno-fast-math"
#endif
