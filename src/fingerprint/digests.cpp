// SPDX-License-Identifier: Apache-2.0
#include "fingerprint/digests.hpp"

#include <vector>

namespace mlrepro::detail::fingerprint {

void ByteWriter::u64(std::uint64_t v) {
  for (int i = 0; i < 8; ++i) bytes_ += static_cast<char>(v >> (8 * i) & 0xff);
}

namespace {
std::uint64_t seed_of(std::string_view domain, std::string_view hash_key) {
  std::string name(domain);
  if (!hash_key.empty()) {
    name += ':';
    name += hash_key;
  }
  return core::domain_seed(name);
}
}  // namespace

Seeds::Seeds(std::string_view key)
    : value(seed_of("value", key)),
      cell(seed_of("cell", key)),
      row(seed_of("row", key)),
      name(seed_of("name", key)),
      leaf(seed_of("leaf", key)),
      node(seed_of("node", key)),
      root(seed_of("root", key)),
      levels(seed_of("levels", key)),
      schema(seed_of("schema", key)),
      content(seed_of("content", key)),
      table(seed_of("table", key)),
      key_id(key.empty() ? "" : hex(core::xxh3_128("", 0, seed_of("hash-key", key)))) {}

Hash128 hash_of(const ByteWriter& bytes, std::uint64_t seed) noexcept {
  return core::xxh3_128(bytes.bytes().data(), bytes.bytes().size(), seed);
}

Hash128 name_hash(std::string_view name, const Seeds& seeds) noexcept {
  return core::xxh3_128(name.data(), name.size(), seeds.name);
}

Hash128 merkle_root(RowIndex n_rows, std::span<const Hash128> leaves, const Seeds& seeds) {
  std::vector<Hash128> level(leaves.begin(), leaves.end());
  while (level.size() > 1) {
    std::vector<Hash128> above;
    for (std::size_t i = 0; i + 1 < level.size(); i += 2) {
      ByteWriter pair;
      pair.hash(level[i]);
      pair.hash(level[i + 1]);
      above.push_back(hash_of(pair, seeds.node));
    }
    if (level.size() % 2 == 1) above.push_back(level.back());  // an odd last node moves up
    level = std::move(above);
  }
  ByteWriter bytes;
  bytes.u64(static_cast<std::uint64_t>(n_rows));
  if (!level.empty()) bytes.hash(level[0]);
  return hash_of(bytes, seeds.root);
}

}  // namespace mlrepro::detail::fingerprint
