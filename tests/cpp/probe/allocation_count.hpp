// SPDX-License-Identifier: Apache-2.0
// How often this test program has called operator new so far.
#pragma once
#include <cstdint>

namespace mlrepro_test {
std::int64_t allocation_count() noexcept;
}
