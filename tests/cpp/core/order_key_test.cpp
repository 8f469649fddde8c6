// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/core/order_key.hpp>

#include <limits>
#include <vector>

#include "catch_compat.hpp"

using mlrepro::TimeUnit;
using mlrepro::Value;
using mlrepro::detail::core::order_key;
using mlrepro::detail::core::widen_bits;

TEST_CASE("numbers of any form are ordered exactly, beyond 2^53 too", "[order_key]") {
  constexpr std::int64_t k53 = std::int64_t{1} << 53;
  const std::vector<Value> ascending = {-std::numeric_limits<double>::infinity(),
                                        -1e300,
                                        -18446744073709551616.0,
                                        std::numeric_limits<std::int64_t>::min(),
                                        std::numeric_limits<std::int64_t>::min() + 1,
                                        -9007199254740996.0,
                                        -k53 - 3,
                                        -k53 - 2,
                                        -k53 - 1,
                                        -9007199254740992.0,
                                        -3,
                                        -2.5,
                                        -2,
                                        -1e-300,
                                        -5e-324,
                                        0,
                                        5e-324,
                                        1e-300,
                                        0x1p-149,
                                        1e-40f,
                                        1,
                                        1.5f,
                                        2,
                                        k53,
                                        k53 + 1,
                                        9007199254740994.0,
                                        k53 + 3,
                                        std::numeric_limits<std::int64_t>::max(),
                                        std::uint64_t{1} << 63,
                                        ~0ULL,
                                        18446744073709551616.0,
                                        std::numeric_limits<double>::infinity()};
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    for (std::size_t j = 0; j < ascending.size(); ++j) {
      INFO(i << " against " << j);
      CHECK((order_key(ascending[i]) < order_key(ascending[j])) == (i < j));
    }
  }
}

TEST_CASE("equal numbers have equal keys whatever their form", "[order_key]") {
  CHECK(order_key(Value(17)) == order_key(Value(17.0)));
  CHECK(order_key(Value(17U)) == order_key(Value(17.0f)));
  CHECK(order_key(Value(-0.0)) == order_key(Value(0)));
  CHECK(order_key(Value(-0.0f)) == order_key(Value(0.0)));
  CHECK(order_key(Value(std::numeric_limits<std::int64_t>::min())) ==
        order_key(Value(-9223372036854775808.0)));
}

TEST_CASE("a subnormal float is not flushed when it is widened", "[order_key]") {
  for (const std::uint32_t bits :
       {1U, 2U, 3U, 0x7fffffU, 0x800000U, 0x80000001U, 0x3f800000U, 0x7f800000U, 0xff7fffffU}) {
    CHECK(widen_bits(bits) ==
          std::bit_cast<std::uint64_t>(static_cast<double>(std::bit_cast<float>(bits))));
  }
}

TEST_CASE("instants are ordered across units, one tick apart and below zero", "[order_key]") {
  const auto ns = [](std::int64_t t) { return order_key(Value::timestamp(t, TimeUnit::nano)); };
  const auto s = [](std::int64_t t) { return order_key(Value::timestamp(t, TimeUnit::second)); };
  CHECK(ns(1'000'000'000) == s(1));
  CHECK(ns(-1'000'000'001) < s(-1));
  CHECK(s(-1) < ns(-999'999'999));
  CHECK(ns(-1) < ns(0));
  CHECK(s(std::numeric_limits<std::int64_t>::min()) < ns(std::numeric_limits<std::int64_t>::min()));
  CHECK(ns(std::numeric_limits<std::int64_t>::max()) < s(std::numeric_limits<std::int64_t>::max()));
  CHECK(order_key(Value::date(1)) == s(86400));
}
