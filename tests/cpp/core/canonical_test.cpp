// SPDX-License-Identifier: Apache-2.0
#include "core/canonical.hpp"

#include <limits>
#include <new>
#include <string>
#include <vector>

#include "catch_compat.hpp"

using namespace mlrepro;
using namespace mlrepro::detail::core;

namespace {

std::string hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (unsigned char c : bytes) {
    out += kDigits[c >> 4];
    out += kDigits[c & 15];
  }
  return out;
}

std::vector<ColumnPtr> mixed_columns() {
  static const std::vector<double> numbers = {1, 2.5, std::numeric_limits<double>::quiet_NaN(),
                                              -0.0};
  static const std::vector<std::string_view> texts = {"a", "", "\xc3\xa9", "a"};
  static const std::vector<std::int32_t> codes = {1, 0, 1, 0};
  static const std::vector<std::string_view> levels = {
      "long level that needs more than sixteen bytes", "b"};
  static const std::uint8_t validity = 0b0111;
  return {Column::copy_of("n", ColumnView(numbers)), Column::copy_of("t", ColumnView(texts)),
          Column::copy_of("c", ColumnView::categories(codes, levels, false, &validity))};
}

}  // namespace

TEST_CASE("one value has one element, whatever type held it", "[canonical]") {
  CHECK(hex(element(17)) == "021100000000000000");
  for (const Value& v : {Value(std::int8_t{17}), Value(17U), Value(17.0), Value(17.0f)})
    CHECK(element(v) == element(17));
  CHECK(element(-1) == element(-1.0));
  CHECK(hex(element(-1)) == "03ffffffffffffffff");
  CHECK(element(-0.0) == element(0));
  CHECK(element(18446744073709551615ULL) != element(18446744073709551616.0));
  CHECK(element(-9223372036854775808.0) == element(std::numeric_limits<std::int64_t>::min()));
  CHECK(element(9223372036854775808.0) == element(std::uint64_t{1} << 63));
  CHECK(hex(element(0.5)) == "04000000000000e03f");
  CHECK(element(0.1f) == element(static_cast<double>(0.1f)));
  CHECK(element((std::int64_t{1} << 53) + 1) != element(9007199254740992.0));
}

TEST_CASE("true is not the number one, and missing is one token", "[canonical]") {
  CHECK(hex(element(true)) == "0101");
  CHECK(element(true) != element(1));
  CHECK(hex(element(missing)) == "00");
  CHECK(element(std::numeric_limits<double>::quiet_NaN()) == element(missing));
  CHECK(hex(element("JFK")) == "0503000000000000004a464b");
}

TEST_CASE("an instant is its nanoseconds, whatever its unit", "[canonical]") {
  CHECK(hex(element(Value::timestamp(-1, TimeUnit::nano))) == "06" + std::string(32, 'f'));
  CHECK(element(Value::timestamp(1, TimeUnit::second)) ==
        element(Value::timestamp(1000, TimeUnit::milli)));
  CHECK(element(Value::date(1)) == element(Value::local_timestamp(86400, TimeUnit::second)));
  CHECK(element(Value::duration(1, TimeUnit::second)) !=
        element(Value::timestamp(1, TimeUnit::second)));
}

TEST_CASE("every fast path of hash_rows gives the bits of the plain one", "[canonical]") {
  const std::vector<ColumnPtr> columns = mixed_columns();
  for (const std::vector<ColumnPtr>& chosen :
       {columns, std::vector<ColumnPtr>{columns[0]}, std::vector<ColumnPtr>{columns[1]},
        std::vector<ColumnPtr>{columns[2]}}) {
    std::vector<Hash128> plain(4), fast(4);
    hash_rows_plain(chosen, 7, plain);
    for (const int threads : {1, 2, 8}) {
      hash_rows(chosen, 7, threads, fast);
      CHECK(fast == plain);
    }
  }
}

TEST_CASE("a text longer than the stack buffer hashes as it would in one piece", "[canonical]") {
  const std::string longer(5000, 'x');
  const std::vector<std::string_view> texts = {longer, "short"};
  const std::vector<ColumnPtr> columns = {Column::copy_of("t", ColumnView(texts)),
                                          Column::copy_of("u", ColumnView(texts))};
  std::vector<Hash128> plain(2), fast(2);
  hash_rows_plain(columns, 0, plain);
  hash_rows(columns, 0, 1, fast);
  CHECK(fast == plain);
  const std::vector<Value> row = {longer, longer};
  CHECK(hash_values(row, 0) == plain[0]);
}

TEST_CASE("a hash stream does not feel what its memory held before", "[canonical]") {
  constexpr std::uint64_t kSeed = 0x0707070707070707;  // what reset would take for its old seed
  alignas(HashStream) unsigned char memory[sizeof(HashStream)];
  for (unsigned char& byte : memory) byte = 7;
  auto* stream = ::new (static_cast<void*>(memory)) HashStream(kSeed);
  const std::string text(5000, 'x');
  stream->update(text.data(), text.size());
  CHECK(stream->digest() == xxh3_128(text.data(), text.size(), kSeed));
}
