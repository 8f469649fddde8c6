// SPDX-License-Identifier: Apache-2.0
// The one include of Catch2, version 3 or 2.13, for all C++ tests.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
namespace mlrepro_test {
using Catch::Approx;
}
#else
#include <catch2/catch.hpp>
namespace mlrepro_test {
using Catch::Detail::Approx;
}
#endif
