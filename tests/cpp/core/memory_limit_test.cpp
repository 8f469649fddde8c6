// SPDX-License-Identifier: Apache-2.0
// A stream is read within memory_limit: what its batches take is counted from lengths and offsets.
#include <functional>

#include <mlrepro/core/dataset.hpp>
#include <mlrepro/core/errors.hpp>

#include "arrow_fixture.hpp"
#include "catch_compat.hpp"

using namespace mlrepro;
using namespace mlrepro_test;

namespace {

using Bytes = std::vector<std::uint8_t>;

ArrowArrayStream column_of(ArrowSchema* column, const std::function<ArrowArray*()>& chunk, int n) {
  std::vector<ArrowArray*> batches;
  for (int i = 0; i < n; ++i) {
    ArrowArray* child = chunk();
    batches.push_back(array(child->length, {{}}, {child}));
  }
  return stream_of(schema("+s", "", {column}), batches);
}

// The limit that `n` such chunks just fit, found by trying.
std::int64_t need(
    const char* format, const std::function<ArrowArray*()>& chunk, int n,
    const std::function<ArrowSchema*()>& levels = [] { return nullptr; }) {
  for (std::int64_t limit = 1;; ++limit) {
    ArrowArrayStream stream = column_of(schema(format, "x", {}, levels()), chunk, n);
    try {
      Dataset::from_arrow(&stream, {}, limit);
      return limit;
    } catch (const LimitError& error) {
      REQUIRE_FALSE(error.next_step().empty());
    }
    REQUIRE(stream.release == nullptr);
  }
}

}  // namespace

TEST_CASE("memory_limit counts the bytes of every layout", "[arrow][memory_limit]") {
  const auto doubles = [] { return array(3, {{}, bytes_of(std::vector<double>{1, 2, 3})}); };
  CHECK(need("g", doubles, 1) == 24);
  CHECK(need("g", doubles, 2) == 2 * 48);  // several batches and the column joined of them
  const auto gappy = [] { return array(3, {Bytes{5}, bytes_of(std::vector<double>{1, 2, 3})}); };
  CHECK(need("g", gappy, 1) == 24 + 1);
  CHECK(need(
            "b",
            [] {
              return array(9, {{}, Bytes{1, 1}});
            },
            1) == 2);
  const auto text = [] {
    return array(
        2, {{}, bytes_of(std::vector<std::int32_t>{0, 2, 5}), bytes_of(std::string("abcde"))});
  };
  CHECK(need("u", text, 1) == 3 * 4 + 5);
  const auto large = [] {
    return array(
        2, {{}, bytes_of(std::vector<std::int64_t>{0, 2, 5}), bytes_of(std::string("abcde"))});
  };
  CHECK(need("U", large, 1) == 3 * 8 + 5);
  const auto view = [] {
    return array(1, {{},
                     Bytes(16),
                     bytes_of(std::string("0123456789")),
                     bytes_of(std::vector<std::int64_t>{10})});
  };
  CHECK(need("vu", view, 1) == 16 + 10);
  const auto codes = [text] { return array(2, {{}, Bytes{0, 1}}, {}, text()); };
  CHECK(need("c", codes, 1, [] { return schema("u"); }) == 2 + 3 * 4 + 5);
  CHECK(live_structs == 0);
}

TEST_CASE("a limit below zero is refused and the stream released", "[arrow][memory_limit]") {
  ArrowArrayStream stream = column_of(
      schema("g", "x"),
      [] {
        return array(0, {{}, {}});
      },
      1);
  CHECK_THROWS_AS(Dataset::from_arrow(&stream, {}, -1), ArgumentError);
  CHECK(live_structs == 0);
}
