// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/core/dataset.hpp>
#include <mlrepro/core/errors.hpp>

#include <functional>

#include "arrow_fixture.hpp"
#include "catch_compat.hpp"

using namespace mlrepro;
using namespace mlrepro_test;

namespace {

using Bytes = std::vector<std::uint8_t>;
using Doubles = std::vector<double>;
using Int32s = std::vector<std::int32_t>;
using Int64s = std::vector<std::int64_t>;

struct NothingLeaks {
  ~NothingLeaks() { CHECK(live_structs == 0); }
};

Dataset read(ArrowSchema* column, std::vector<ArrowArray*> chunks) {
  ArrowArrayStream stream = one_column(column, std::move(chunks));
  Dataset dataset = Dataset::from_arrow(&stream);
  CHECK(stream.release == nullptr);
  return dataset;
}

template <class E>
std::string refusal(ArrowSchema* column, std::vector<ArrowArray*> chunks) {
  const NothingLeaks check;
  ArrowArrayStream stream = one_column(column, std::move(chunks));
  std::string what = "accepted";
  try {
    Dataset::from_arrow(&stream, {}, std::int64_t{1} << 60);  // lies are refused, not counted
  } catch (const E& error) {
    what = error.what();
    CHECK(!error.next_step().empty());
  }
  CHECK(stream.release == nullptr);
  return what;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::vector<std::string> texts(const Dataset& dataset) {
  std::vector<std::string> out;
  const ColumnView x = dataset["x"];
  for (RowIndex row = 0; row < dataset.n_rows(); ++row) {
    out.push_back(x[row].is_missing() ? std::string("<missing>") : std::string(x[row].text()));
  }
  return out;
}

Bytes view_of(const std::string& text, std::int32_t buffer, std::int32_t offset) {
  Bytes view(16);
  const auto size = static_cast<std::int32_t>(text.size());
  std::memcpy(view.data(), &size, 4);
  if (size <= 12) {
    std::memcpy(view.data() + 4, text.data(), text.size());
  } else {
    std::memcpy(view.data() + 4, text.data(), 4);
    std::memcpy(view.data() + 8, &buffer, 4);
    std::memcpy(view.data() + 12, &offset, 4);
  }
  return view;
}

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace

TEST_CASE("one batch of float64 is not copied, and outlives its producer's stream", "[arrow]") {
  const NothingLeaks check;
  ArrowArray* values = array(3, {{}, bytes_of(Doubles{1.5, 2.5, 3.5})});
  const void* memory = values->buffers[1];
  const Dataset dataset = read(schema("g", "x"), {values});
  CHECK(static_cast<const void*>(dataset["x"].values<double>().data()) == memory);
  CHECK(dataset["x"].values<double>()[2] == 3.5);
}

TEST_CASE("a struct's offset applies to its children, and theirs is added to it", "[arrow]") {
  ArrowArray* child =
      array(4, {Bytes{0b11010}, bytes_of(Int64s{9, 9, 10, 11, 12})}, {}, nullptr, 1);
  ArrowArrayStream stream =
      stream_of(schema("+s", "", {schema("l", "x")}), {array(2, {{}}, {child}, nullptr, 1)});
  const Dataset dataset = Dataset::from_arrow(&stream);
  REQUIRE(dataset.n_rows() == 2);
  CHECK(dataset["x"].is_null(0));
  CHECK(dataset["x"][1].bits() == 11);
}

TEST_CASE("bits and validity at any bit offset, joined from several batches", "[arrow]") {
  for (std::int64_t offset = 0; offset < 9; ++offset) {
    std::vector<ArrowArray*> chunks;
    std::vector<int> expected;
    for (int k = 0; k < 3; ++k) {
      const Bytes bits{0b10110101, 0b01101110, 0b00011101, 0xff},
          present{0b11110111, 0b10111111, 0xff, 0xff};
      const std::int64_t n = 13;
      chunks.push_back(array(n, {k == 1 ? Bytes{} : present, bits}, {}, nullptr, offset));
      for (std::int64_t i = offset; i < offset + n; ++i) {
        const auto at = static_cast<std::size_t>(i / 8);
        const bool there = k == 1 || (present[at] >> (i % 8) & 1) != 0;
        expected.push_back(there ? bits[at] >> (i % 8) & 1 : -1);
      }
    }
    const Dataset dataset = read(schema("b", "x"), chunks);
    REQUIRE(dataset.n_rows() == 39);
    for (RowIndex row = 0; row < 39; ++row) {
      const Value v = dataset["x"][row];
      CHECK((v.is_missing() ? -1 : static_cast<int>(v.bits())) ==
            expected[static_cast<std::size_t>(row)]);
    }
  }
}

TEST_CASE("text of 32-bit, 64-bit and view layout is one text", "[arrow]") {
  const std::string long_text = "a text of more than twelve bytes";
  const std::vector<std::string> expected{"ab", "", "<missing>", long_text};
  const std::string all = "ab" + long_text;
  const auto n = static_cast<std::int32_t>(all.size());
  const Bytes present{0b1011};
  CHECK(texts(read(schema("u", "x"), {array(4, {present, bytes_of(Int32s{0, 2, 2, 2, n}),
                                                bytes_of(all)})})) == expected);
  CHECK(texts(read(schema("U", "x"), {array(4, {present, bytes_of(Int64s{0, 2, 2, 2, n}),
                                                bytes_of(all)})})) == expected);
  const Bytes views = joined({view_of("ab", 0, 0), view_of("", 0, 0),
                              view_of("garbage under the null", 77, 99), view_of(long_text, 1, 3)});
  const Int64s sizes{4, static_cast<std::int64_t>(long_text.size()) + 3};
  CHECK(texts(read(schema("vu", "x"),
                   {array(4, {present, views, bytes_of(std::string("none")),
                              bytes_of("xyz" + long_text), bytes_of(sizes)})})) == expected);
}

TEST_CASE("text in several batches keeps each batch's own offsets", "[arrow]") {
  ArrowArray* first = array(2, {{}, bytes_of(Int32s{3, 4, 6}), bytes_of(std::string("___abc"))});
  ArrowArray* second = array(
      1, {{}, bytes_of(Int32s{0, 0, 2}), bytes_of(std::string("dé").substr(0, 2))}, {}, nullptr, 1);
  CHECK(has(refusal<SchemaError>(schema("u", "x"), {first, second}), "row 2 is not UTF-8"));
  ArrowArray* third = array(2, {{}, bytes_of(Int32s{3, 4, 6}), bytes_of(std::string("___abc"))});
  ArrowArray* empty = array(0, {{}, {}, {}});
  ArrowArray* fourth =
      array(1, {{}, bytes_of(Int32s{0, 0, 3}), bytes_of(std::string("dé"))}, {}, nullptr, 1);
  CHECK(texts(read(schema("u", "x"), {third, empty, fourth})) ==
        std::vector<std::string>{"a", "bc", "dé"});
}

TEST_CASE("dictionaries that change from batch to batch are unified by value", "[arrow]") {
  const auto levels = [](std::string all) {
    Int32s offsets{0};
    for (std::size_t i = 0; i < all.size(); ++i)
      offsets.push_back(static_cast<std::int32_t>(i) + 1);
    return array(static_cast<std::int64_t>(all.size()), {{}, bytes_of(offsets), bytes_of(all)});
  };
  ArrowArray* first = array(3, {{}, Bytes{0, 1, 0}}, {}, levels("ab"));
  ArrowArray* second = array(3, {Bytes{0b101}, Bytes{0, 200, 2}}, {}, levels("baa"));
  const Dataset dataset =
      read(schema("C", "x", {}, schema("u"), ARROW_FLAG_DICTIONARY_ORDERED), {first, second});
  CHECK(texts(dataset) == std::vector<std::string>{"a", "b", "a", "b", "<missing>", "a"});
  CHECK(dataset["x"].ordered());
  CHECK(has(dataset.schema_json(), "\"n_levels\":2"));
}

TEST_CASE("a null level of a dictionary is a missing cell", "[arrow]") {
  ArrowArray* levels = array(2, {Bytes{0b10}, bytes_of(Int64s{7, 8})});
  const Dataset dataset =
      read(schema("i", "x", {}, schema("l")), {array(2, {{}, bytes_of(Int32s{0, 1})}, {}, levels)});
  CHECK(dataset["x"][0].is_missing());
  CHECK(dataset["x"][1].bits() == 8);
}

TEST_CASE("decimals that are whole and fit are int64, others are refused with row", "[arrow]") {
  const auto wide = [](std::int64_t v, std::int64_t high) { return bytes_of(Int64s{v, high}); };
  const Dataset dataset =
      read(schema("d:38,0", "x"), {array(2, {{}, joined({wide(17, 0), wide(-3, -1)})})});
  CHECK(dataset["x"][0].bits() == 17);
  CHECK(static_cast<std::int64_t>(dataset["x"][1].bits()) == -3);
  const Dataset cents =
      read(schema("d:9,2,256", "x"), {array(1, {{}, joined({wide(-1200, -1), wide(-1, -1)})})});
  CHECK(static_cast<std::int64_t>(cents["x"][0].bits()) == -12);
  const Dataset most = read(
      schema("d:38,1", "x"),
      {array(2, {{},
                 joined({wide(static_cast<std::int64_t>(0xfffffffffffffff6U), 4), wide(0, -5)})})});
  CHECK(static_cast<std::int64_t>(most["x"][0].bits()) == 9223372036854775807);
  CHECK(static_cast<std::int64_t>(most["x"][1].bits()) == std::int64_t{-9223372036854775807} - 1);
  const std::string fraction = refusal<InputTypeError>(
      schema("d:9,2", "x"), {array(2, {{}, joined({wide(100, 0), wide(1250, 0)})})});
  CHECK(has(fraction, "decimal(9, 2) and holds a fraction (row 1)"));
  CHECK(has(refusal<InputTypeError>(schema("d:38,0", "x"), {array(1, {{}, wide(0, 1)})}),
            "beyond the range of int64"));
}

TEST_CASE("date64 is a date if it is a whole day", "[arrow]") {
  const Dataset dataset =
      read(schema("tdm", "x"), {array(2, {{}, bytes_of(Int64s{-86'400'000, 172'800'000})})});
  CHECK(static_cast<std::int64_t>(dataset["x"][0].bits()) == -1);
  CHECK(dataset["x"][1].value_class() == ValueClass::date);
  CHECK(has(refusal<InputTypeError>(schema("tdm", "x"), {array(1, {{}, bytes_of(Int64s{1})})}),
            "time of day"));
}

TEST_CASE("types that have no place are refused by column, type and next step", "[arrow]") {
  const std::pair<const char*, const char*> refused[] = {{"+l", "list"},
                                                         {"+L", "large_list"},
                                                         {"+s", "struct"},
                                                         {"+m", "map"},
                                                         {"e", "float16"},
                                                         {"z", "binary"},
                                                         {"Z", "large_binary"},
                                                         {"vz", "binary_view"},
                                                         {"w:16", "fixed_size_binary"},
                                                         {"tts", "time of day"},
                                                         {"ttn", "time of day"},
                                                         {"tiM", "interval"},
                                                         {"+ud:0,1", "dense_union"},
                                                         {"+us:0", "sparse_union"},
                                                         {"+r", "run_end_encoded"},
                                                         {"+vl", "list_view"},
                                                         {"+w:3", "fixed_size_list"},
                                                         {"?", "'?'"}};
  for (const auto& [format, name] : refused) {
    const std::string what = refusal<InputTypeError>(schema(format, "x"), {array(0, {{}})});
    CHECK(has(what, std::string("column 'x' has the Arrow type ") + name));
  }
}

TEST_CASE("producers that lie get a typed error", "[arrow]") {
  const auto offsets = [](Int32s o) {
    return array(2, {{}, bytes_of(o), bytes_of(std::string("abcd"))});
  };
  const std::function<std::string()> lies[] = {
      [&] {
        return refusal<FormatError>(schema("u", "x"), {offsets({0, 3, 1})});
      },
      [&] {
        return refusal<FormatError>(schema("u", "x"), {offsets({-4, 0, 1})});
      },
      [] {
        return refusal<FormatError>(schema("l", "x"), {array(2, {{}, {}})});
      },
      [] { return refusal<FormatError>(schema("l", "x"), {array(2, {{}})}); },
      [] {
        return refusal<FormatError>(schema("b", "x"), {array(2, {{}, Bytes{1}, Bytes{1}})});
      },
      [] {
        return refusal<FormatError>(schema("l", "x"), {array(-1, {{}, bytes_of(Int64s{1})})});
      },
      [] {
        return refusal<FormatError>(schema("l", "x"),
                                    {array(1, {{}, bytes_of(Int64s{1})}, {}, nullptr, -1)});
      },
      [] {
        return refusal<FormatError>(schema("l", "x"),
                                    {array(std::int64_t{1} << 62, {{}, bytes_of(Int64s{1})})});
      },
      [] {
        return refusal<FormatError>(schema("vu", "x"),
                                    {array(1, {{}, view_of("a text that is too long", 0, 0)})});
      },
      [] {
        return refusal<FormatError>(schema("vu", "x"),
                                    {array(1, {{},
                                               view_of("a text that is too long", 0, 2),
                                               bytes_of(std::string("a text that is too long")),
                                               bytes_of(Int64s{23})})});
      },
      [] {
        return refusal<FormatError>(
            schema("i", "x", {}, schema("l")),
            {array(1, {{}, bytes_of(Int32s{1})}, {}, array(1, {{}, bytes_of(Int64s{4})}))});
      },
      [] {
        return refusal<FormatError>(
            schema("i", "x", {}, schema("l")),
            {array(1, {{}, bytes_of(Int32s{-1})}, {}, array(1, {{}, bytes_of(Int64s{4})}))});
      },
      [] {
        return refusal<FormatError>(schema("i", "x", {}, schema("l")),
                                    {array(1, {{}, bytes_of(Int32s{0})})});
      },
      [] {
        return refusal<FormatError>(schema("g", "x", {}, schema("l")), {array(0, {{}, {}})});
      },
      [] {
        return refusal<FormatError>(schema("d:9", "x"), {array(0, {{}, {}})});
      },
      [] {
        return refusal<FormatError>(schema("tsq:", "x"), {array(0, {{}, {}})});
      },
      [] {
        return refusal<FormatError>(schema("l", "\xff"), {array(0, {{}, {}})});
      },
  };
  for (const auto& lie : lies) CHECK(has(lie(), "malformed"));
}

TEST_CASE("a child shorter than its table, or a null table row, is refused", "[arrow]") {
  const NothingLeaks check;
  ArrowArrayStream stream = stream_of(schema("+s", "", {schema("l", "x")}),
                                      {array(3, {{}}, {array(2, {{}, bytes_of(Int64s{1, 2})})})});
  CHECK_THROWS_AS(Dataset::from_arrow(&stream), FormatError);
  ArrowArrayStream null_row =
      stream_of(schema("+s", "", {schema("l", "x")}),
                {array(2, {Bytes{0b01}}, {array(2, {{}, bytes_of(Int64s{1, 2})})})});
  try {
    Dataset::from_arrow(&null_row);
    FAIL("accepted");
  } catch (const SchemaError& error) {
    CHECK(error.example_row() == 1);
  }
}

TEST_CASE("a stream that fails is released, and its reason is told", "[arrow]") {
  const NothingLeaks check;
  ArrowArrayStream stream = stream_of(schema("+s", "", {schema("l", "x")}),
                                      {array(1, {{}}, {array(1, {{}, bytes_of(Int64s{1})})})}, 1);
  try {
    Dataset::from_arrow(&stream);
    FAIL("accepted");
  } catch (const FormatError& error) {
    CHECK(has(error.what(), "disk on fire"));
  }
  CHECK(stream.release == nullptr);
  CHECK_THROWS_AS(Dataset::from_arrow(&stream), ArgumentError);
  ArrowArrayStream bare = stream_of(schema("l"), {});
  CHECK_THROWS_AS(Dataset::from_arrow(&bare), InputTypeError);
  ArrowArrayStream twice = stream_of(schema("+s", "", {schema("l", "x"), schema("l", "x")}), {});
  CHECK_THROWS_AS(Dataset::from_arrow(&twice), SchemaError);
}

TEST_CASE("no batches, no rows and no columns are tables", "[arrow]") {
  CHECK(read(schema("u", "x"), {}).n_rows() == 0);
  CHECK(read(schema("i", "x", {}, schema("u")), {}).n_rows() == 0);
  for (const char* format : {"l", "b", "u", "U", "vu", "n", "tdm", "d:9,2"}) {
    const bool is_text = *format == 'u' || *format == 'U';
    ArrowArray* empty = *format == 'n' ? array(0, {})
                        : is_text      ? array(0, {{}, {}, {}})
                                       : array(0, {{}, {}});
    CHECK(read(schema(format, "x"), {empty}).n_rows() == 0);
  }
  ArrowArrayStream stream = stream_of(schema("+s"), {array(5, {{}}), array(2, {{}})});
  const Dataset dataset = Dataset::from_arrow(&stream);
  CHECK(dataset.n_rows() == 7);
  CHECK(dataset.n_columns() == 0);
  const Dataset nothing = read(schema("n", "x"), {array(3, {})});
  CHECK(nothing["x"].is_null(2));
}

TEST_CASE("views and codes of any content are read or refused, never followed out of bounds",
          "[arrow]") {
  const NothingLeaks check;
  std::uint64_t state = 0x9e3779b97f4a7c15U;
  const auto next = [&state] {  // xorshift: the same bytes on every machine
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
  };
  const std::string text = "thirty-two bytes of text, plainly";
  const Bytes good = joined({view_of(text, 0, 0), view_of("short", 0, 0), view_of(text, 0, 0)});
  int n_refused = 0;
  for (int round = 0; round < 2000; ++round) {
    Bytes views = good;
    views[next() % views.size()] = static_cast<std::uint8_t>(next());
    if (round % 3 == 0) views[next() % views.size()] = 0xff;
    ArrowArrayStream stream = one_column(
        schema("vu", "x"), {array(3, {{},
                                      views,
                                      bytes_of(text),
                                      bytes_of(Int64s{static_cast<std::int64_t>(text.size())})})});
    Bytes codes(8);
    for (auto& code : codes) code = static_cast<std::uint8_t>(next() % 5);
    ArrowArrayStream coded = one_column(
        schema("c", "x", {}, schema("u")),
        {array(8, {Bytes{static_cast<std::uint8_t>(next())}, codes}, {},
               array(4, {{}, bytes_of(Int32s{0, 1, 1, 2, 3}), bytes_of(std::string("abc"))}))});
    for (ArrowArrayStream* s : {&stream, &coded}) {
      try {
        const Dataset dataset = Dataset::from_arrow(s);
        for (const std::string& cell : texts(dataset)) CHECK(cell.size() <= text.size());
      } catch (const Error&) {
        ++n_refused;
      }
    }
  }
  CHECK(n_refused > 100);
  CHECK(n_refused < 3900);
}
