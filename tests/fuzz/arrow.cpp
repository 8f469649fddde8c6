// SPDX-License-Identifier: Apache-2.0
// The Arrow reader on streams whose every field may lie, as far as a lie can be told: buffers have
// the size that their array's length asks for, what is in them comes from the fuzzer. What is
// accepted must be readable to its last cell and come out of an export as it went in.
#include <mlrepro/core/dataset.hpp>
#include <mlrepro/core/errors.hpp>
#include <mlrepro/fingerprint/fingerprint.hpp>

#include <algorithm>
#include <cstdlib>

#include "core/arrow_fixture.hpp"
#include "fuzz.hpp"

using namespace mlrepro;
using namespace mlrepro_test;

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr const char* kFormats[] = {
    "b",   "c",   "C",     "s",       "S", "i",   "I",   "l",    "L",       "f",
    "g",   "u",   "U",     "vu",      "n", "tdD", "tdm", "tss:", "tsm:UTC", "tsn:Europe/Paris",
    "tDs", "tDn", "d:9,2", "d:38,10", "e", "z",   "w:4", "+l",   "tsq:",    "d:x",
    ""};
constexpr const char* kIndexFormats[] = {"c", "C", "s", "S", "i", "I", "l", "L", "g"};

std::size_t width_of(const std::string& format) {
  if (format.empty() || format == "b") return 1;
  if (format.starts_with("d:")) return 16;
  if (format == "tdD") return 4;
  if (format.starts_with("t")) return 8;
  switch (format[0]) {
    case 's':
    case 'S':
    case 'e':
      return 2;
    case 'i':
    case 'I':
    case 'f':
    case 'w':
      return 4;
    case 'l':
    case 'L':
    case 'g':
      return 8;
    default:
      return 1;
  }
}

// Offsets that mostly rise, and text as long as the largest of them: shorter could not be told.
template <class T>
void add_text(Fuzz& fuzz, std::size_t rows, std::vector<Bytes>& buffers) {
  std::vector<T> offsets(rows + 1);
  T at = 0, most = 0;
  for (T& offset : offsets) {
    const std::uint8_t step = fuzz.byte();
    at = static_cast<T>(step == 255 ? -1 : step == 254 ? at - 5 : at + step % 16);
    offset = at;
    most = std::max(most, at);
  }
  buffers.push_back(bytes_of(offsets));
  buffers.push_back(fuzz.bytes(static_cast<std::size_t>(most)));
}

void add_views(Fuzz& fuzz, std::size_t rows, std::vector<Bytes>& buffers) {
  buffers.push_back(fuzz.bytes(rows * 16));
  std::vector<std::int64_t> sizes;
  for (int i = fuzz.byte() % 3; i > 0; --i) {
    sizes.push_back(fuzz.byte() % 64);
    buffers.push_back(fuzz.bytes(static_cast<std::size_t>(sizes.back())));
  }
  buffers.push_back(bytes_of(sizes));
}

ArrowArray* make_array(Fuzz& fuzz, const std::string& format, std::int64_t length,
                       std::int64_t offset, ArrowArray* dictionary = nullptr) {
  const auto rows = static_cast<std::size_t>(std::max<std::int64_t>(length, 0) +
                                             std::max<std::int64_t>(offset, 0));
  std::vector<Bytes> buffers;
  if (format != "n") buffers.push_back(fuzz.byte() % 2 == 0 ? Bytes{} : fuzz.bytes(rows / 8 + 1));
  if (format == "u" || format == "z") {
    add_text<std::int32_t>(fuzz, rows, buffers);
  } else if (format == "U") {
    add_text<std::int64_t>(fuzz, rows, buffers);
  } else if (format == "vu") {
    add_views(fuzz, rows, buffers);
  } else if (format == "b") {
    buffers.push_back(fuzz.bytes(rows / 8 + 1));
  } else if (format != "n") {
    buffers.push_back(fuzz.bytes(rows * width_of(format)));
  }
  ArrowArray* made = array(length, std::move(buffers), {}, dictionary, offset);
  const std::uint8_t lie = fuzz.byte();
  // Of several text buffers of views the count is believed: no length tells which holds the sizes.
  if (lie == 1 && (format != "vu" || made->n_buffers <= 4)) made->n_buffers -= 1;
  if (lie == 2) made->null_count = static_cast<std::int64_t>(fuzz.byte()) - 128;
  if (lie == 3) made->length = -1;
  if (lie == 4) made->offset = -1;
  if (lie == 5 && made->n_buffers > 0) made->buffers[made->n_buffers - 1] = nullptr;
  return made;
}

struct Column {
  std::string name, format, values;  // values: of a dictionary's levels; empty: no dictionary
};

std::vector<Column> make_columns(Fuzz& fuzz) {
  std::vector<Column> columns(1 + fuzz.byte() % 3);
  for (Column& c : columns) {
    const std::uint8_t kind = fuzz.byte();
    c.name = std::string(1, static_cast<char>(fuzz.byte()));
    const bool coded = kind % 5 == 0;
    c.format = coded ? kIndexFormats[kind / 5 % std::size(kIndexFormats)]
                     : kFormats[kind % std::size(kFormats)];
    if (coded) c.values = kFormats[fuzz.byte() % std::size(kFormats)];
  }
  return columns;
}

ArrowArrayStream make_stream(Fuzz& fuzz) {
  const std::vector<Column> columns = make_columns(fuzz);
  std::vector<ArrowSchema*> fields;
  for (const Column& c : columns)
    fields.push_back(schema(c.format, c.name, {}, c.values.empty() ? nullptr : schema(c.values)));
  std::vector<ArrowArray*> batches;
  for (int n = fuzz.byte() % 4; n > 0; --n) {
    const std::int64_t length = fuzz.byte() % 32, offset = fuzz.byte() % 9;
    std::vector<ArrowArray*> children;
    for (const Column& c : columns) {
      ArrowArray* levels =
          c.values.empty() ? nullptr : make_array(fuzz, c.values, fuzz.byte() % 6, fuzz.byte() % 3);
      const std::int64_t shorter = fuzz.byte() == 9 ? 1 : 0;
      children.push_back(
          make_array(fuzz, c.format, length + offset - shorter, fuzz.byte() % 9, levels));
    }
    if (fuzz.byte() == 7) {  // a child too few
      children.back()->release(children.back());
      delete children.back();
      children.pop_back();
    }
    batches.push_back(array(length, {fuzz.byte() == 3 ? fuzz.bytes(8) : Bytes{}},
                            std::move(children), nullptr, offset));
  }
  const std::size_t fail_at = fuzz.byte() == 11 ? fuzz.byte() % 3 : 1'000'000;
  return stream_of(schema("+s", "", std::move(fields)), std::move(batches), fail_at);
}

void read(Fuzz& fuzz) {
  ArrowArrayStream stream = make_stream(fuzz);
  const Dataset rows = Dataset::from_arrow(&stream, {}, std::int64_t{1} << 40);
  std::vector<RowId> ids(static_cast<std::size_t>(rows.n_rows()));
  rows.row_ids("split", ids, 1);
  const Fingerprint before = fingerprint(rows, {.threads = 1});
  ArrowArrayStream out{};
  rows.to_arrow(&out);
  const Fingerprint after = fingerprint(Dataset::from_arrow(&out), {.threads = 1});
  require(before.table_id() == after.table_id(), "an export changed a value");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Fuzz fuzz(data, size);
  try {
    read(fuzz);
  } catch (const Error&) {
  }
  require(live_structs == 0, "a struct was not released");
  return 0;
}
