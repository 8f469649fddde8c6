// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/core/arrow_abi.hpp>
#include <mlrepro/core/dataset.hpp>

#include <array>

#include "catch_compat.hpp"

using namespace mlrepro;

namespace {

Dataset example() {
  static const std::array<double, 3> f{0.5, -0.0, 2};
  static const std::array<std::string_view, 3> s{"a", "", "日本"};
  static const std::array<std::int32_t, 3> codes{1, 0, 1};
  static const std::array<std::string_view, 2> levels{"u", "v"};
  static const std::array<std::int64_t, 3> ticks{1, 2, 3};
  static const std::uint8_t present = 0b101;
  return Dataset::from_columns(
      {{"f", f},
       {"s", ColumnView(std::span<const std::string_view>(s), &present)},
       {"c", ColumnView::categories(codes, levels, true)},
       {"t", ColumnView::timestamps(ticks, TimeUnit::milli, "UTC", &present)},
       {"d", ColumnView::durations(ticks, TimeUnit::nano)}},
      {.key = "f"});
}

}  // namespace

TEST_CASE("what goes out comes in again, without a copy of its numbers", "[arrow]") {
  const Dataset dataset = example();
  ArrowArrayStream stream;
  dataset.to_arrow(&stream);
  const Dataset back = Dataset::from_arrow(&stream, {.key = "f"});
  CHECK(back.schema_json() == dataset.schema_json());
  CHECK(back["f"].values<double>().data() == dataset["f"].values<double>().data());
  std::vector<RowId> a(3), b(3);
  dataset.row_ids("split", a);
  back.row_ids("split", b);
  CHECK(a == b);
}

TEST_CASE("an exported child lives on when parent, stream and dataset are gone", "[arrow]") {
  ArrowArray child{};
  {
    const Dataset dataset = example();
    ArrowArrayStream stream;
    dataset.to_arrow(&stream);
    ArrowArray table{};
    REQUIRE(stream.get_next(&stream, &table) == 0);
    child = *table.children[0];
    table.children[0]->release = nullptr;
    table.release(&table);
    ArrowArray end{};
    REQUIRE(stream.get_next(&stream, &end) == 0);
    CHECK(end.release == nullptr);
    stream.release(&stream);
    CHECK(stream.release == nullptr);
  }
  CHECK(static_cast<const double*>(child.buffers[1])[0] == 0.5);
  child.release(&child);
}

TEST_CASE("the exported schema says unit, zone and order", "[arrow]") {
  ArrowArrayStream stream;
  example().to_arrow(&stream);
  ArrowSchema schema{};
  REQUIRE(stream.get_schema(&stream, &schema) == 0);
  const auto format = [&](int i) { return std::string_view(schema.children[i]->format); };
  CHECK(format(0) == "g");
  CHECK(format(1) == "U");
  CHECK(format(2) == "i");
  CHECK(std::string_view(schema.children[2]->dictionary->format) == "U");
  CHECK((schema.children[2]->flags & ARROW_FLAG_DICTIONARY_ORDERED) != 0);
  CHECK(format(3) == "tsm:UTC");
  CHECK(format(4) == "tDn");
  CHECK(std::string_view(schema.children[3]->name) == "t");
  schema.release(&schema);
  stream.release(&stream);
}
