// SPDX-License-Identifier: Apache-2.0
// XXH3 with AVX2. Headers that hold inline functions of others come before the target is raised, so
// that no code of theirs is compiled for a CPU that may not be there.
#include "core/simd.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2")
#endif

#define XXH_INLINE_ALL
#define XXH_VECTOR 2  // XXH_AVX2
#include <xxhash.h>

#include "core/hash_kernels.hpp"

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

namespace mlrepro::detail::core {
extern const Kernels kernels_avx2;
constinit const Kernels kernels_avx2{&hash_of_level, &update_of_level};
}  // namespace mlrepro::detail::core
#endif
