// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/fingerprint/fingerprint.hpp>

#include <mlrepro/core/errors.hpp>

#include "catch_compat.hpp"
#include "fingerprint/state.hpp"
#include "fingerprint/tables.hpp"

using namespace mlrepro;
using mlrepro_test::formula_table;

namespace {

constexpr RowIndex kRows = 150'000;

FingerprintState fed(RowIndex begin, RowIndex end) {
  FingerprintState state({}, begin);
  state.update(formula_table(begin, end));
  return state;
}

Dataset categories(std::vector<std::int32_t> codes, std::vector<std::string_view> levels) {
  return Dataset::from_columns({{"c", ColumnView::categories(codes, levels)}});
}

}  // namespace

TEST_CASE("leaves do not follow the batches", "[fingerprint][state]") {
  const Fingerprint whole = fingerprint(formula_table(0, kRows));
  for (const RowIndex size : {RowIndex{1'000}, RowIndex{65'536}, RowIndex{65'537}}) {
    FingerprintState state;
    for (RowIndex at = 0; at < kRows; at += size)
      state.update(formula_table(at, std::min(kRows, at + size)));
    CHECK(state.finalize() == whole);
  }
}

TEST_CASE("parts merge to the whole in any order and any tree", "[fingerprint][state]") {
  const Fingerprint whole = fingerprint(formula_table(0, kRows));
  const FingerprintState a = fed(0, 30'000), b = fed(30'000, 100'000), c = fed(100'000, kRows);
  FingerprintState left, right, bc;
  for (const FingerprintState* part : {&a, &b, &c}) left.merge(*part);
  bc.merge(c);
  bc.merge(b);
  right.merge(bc);
  right.merge(a);
  CHECK(left.to_bytes() == right.to_bytes());
  CHECK(left.finalize() == whole);
}

TEST_CASE("parts that overlap keep the content and lose the order", "[fingerprint][state]") {
  FingerprintState twice = fed(0, 70'000);
  twice.merge(fed(0, 70'000));
  const Fingerprint made = twice.finalize();
  CHECK_FALSE(made.is_ordered());
  FingerprintState one_after_another = fed(0, 70'000);
  one_after_another.update(formula_table(0, 70'000));
  CHECK(one_after_another.finalize().is_ordered());
  CHECK(made.content_id() == one_after_another.finalize().content_id());
  CHECK(Fingerprint::from_json(made.to_json()) == made);
}

TEST_CASE("a hole between parts is no table", "[fingerprint][state]") {
  FingerprintState state = fed(0, 1'000);
  state.merge(fed(2'000, 3'000));
  CHECK_FALSE(state.finalize().is_ordered());
  state.merge(fed(1'000, 2'000));
  CHECK(state.finalize() == fingerprint(formula_table(0, 3'000)));
}

TEST_CASE("finished fingerprints merge: content always, order from a full leaf on",
          "[fingerprint][state]") {
  const Fingerprint whole = fingerprint(formula_table(0, 100'000));
  CHECK(fingerprint(formula_table(0, 65'536)).merge(fingerprint(formula_table(65'536, 100'000))) ==
        whole);
  const Fingerprint shifted =
      fingerprint(formula_table(0, 50'000)).merge(fingerprint(formula_table(50'000, 100'000)));
  CHECK(shifted.content_id() == whole.content_id());
  CHECK_FALSE(shifted.is_ordered());
}

TEST_CASE("levels that differ from batch to batch are ordered as in one table",
          "[fingerprint][state]") {
  FingerprintState state;
  state.update(categories({0, 1}, {"b", "a"}));
  state.update(categories({0, 1}, {"c", "a"}));
  CHECK(state.finalize() == fingerprint(categories({0, 1, 2, 1}, {"b", "a", "c"})));
}

TEST_CASE("a batch of another type is refused by name", "[fingerprint][state]") {
  const std::vector<double> x = {1};
  const std::vector<std::int32_t> ints = {1};
  FingerprintState state;
  state.update(Dataset::from_columns({{"x", ColumnView(x)}}));
  CHECK_THROWS_AS(state.update(Dataset::from_columns({{"x", ColumnView(ints)}})), SchemaError);
  CHECK_THROWS_AS(state.update(Dataset::from_columns({{"y", ColumnView(x)}})), SchemaError);
  CHECK(state.n_rows() == 1);
}

TEST_CASE("bytes come back, and none that was cut or flipped is read", "[fingerprint][state]") {
  FingerprintState state;
  state.update(categories({0, 1, 0}, {"b", "a"}));
  const std::string bytes = state.to_bytes();
  CHECK(FingerprintState::from_bytes(bytes).to_bytes() == bytes);
  CHECK(FingerprintState::from_bytes(bytes).finalize() == state.finalize());
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    CHECK_THROWS_AS(FingerprintState::from_bytes(bytes.substr(0, n)), FormatError);
    for (const int bit : {0x01, 0x80}) {
      std::string flipped = bytes;
      flipped[n] = static_cast<char>(flipped[n] ^ bit);
      CHECK_THROWS_AS(FingerprintState::from_bytes(flipped), FormatError);
    }
  }
  CHECK_THROWS_AS(FingerprintState::from_bytes(bytes + "x"), FormatError);
  CHECK_THROWS_AS(FingerprintState::from_bytes(bytes, {.hash_key = "other"}), ArgumentError);
}

TEST_CASE("a name that is not UTF-8 is damage, whatever the checksum says",
          "[fingerprint][state]") {
  const std::vector<std::int64_t> x{1};
  FingerprintState state;
  state.update(Dataset::from_columns({{"name", ColumnView(x)}}));
  std::string bytes = state.to_bytes();
  bytes.resize(bytes.size() - 16);
  bytes[bytes.find("name")] = static_cast<char>(0xff);
  CHECK_THROWS_WITH(FingerprintState::from_bytes(detail::fingerprint::with_checksum(bytes)),
                    Catch::Contains("UTF-8"));
}

TEST_CASE("the sink sees each leaf once, whole, with its rows in front", "[fingerprint][state]") {
  struct Seen {
    std::vector<std::pair<RowIndex, std::size_t>> leaves{};
  } seen;
  const LeafSink sink{[](void* context, std::string_view, RowIndex leaf, std::string_view bytes) {
                        static_cast<Seen*>(context)->leaves.emplace_back(leaf, bytes.size());
                      },
                      &seen};
  const std::vector<std::int64_t> values(70'000, 7);
  FingerprintState state;
  state.update(Dataset::from_columns({{"x", ColumnView(values)}}), sink);
  const Fingerprint made = state.finalize(sink);
  CHECK(seen.leaves ==
        std::vector<std::pair<RowIndex, std::size_t>>{{0, 8 + 9 * 65'536}, {1, 8 + 9 * 4'464}});
  CHECK(made == fingerprint(Dataset::from_columns({{"x", ColumnView(values)}})));
}
