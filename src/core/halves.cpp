// SPDX-License-Identifier: Apache-2.0
#include "core/halves.hpp"

#include <algorithm>
#include <numeric>

#include "core/canonical.hpp"

namespace mlrepro::detail::core {
namespace {

constexpr std::size_t kLargestShare = 100;  // one identity may hold a hundredth of the rows

std::vector<ColumnPtr> identity_without(const Table& table, const Column* target) {
  std::vector<ColumnPtr> identity = table.identity;
  if (target == nullptr || table.identity_by_key) return identity;
  std::erase_if(identity, [&](const ColumnPtr& c) { return c->name() == target->name(); });
  return identity;
}

std::uint64_t hash_of_copy(const Hash128& id, std::uint64_t copy, std::uint64_t seed) noexcept {
  const std::uint64_t parts[] = {id.low, id.high, copy};
  char bytes[sizeof parts];
  for (std::size_t i = 0; i < sizeof bytes; ++i)
    bytes[i] = static_cast<char>(parts[i / 8] >> (8 * (i % 8)) & 0xff);
  return xxh3_64(bytes, sizeof bytes, seed);
}

// Rows by identity, copies in the order of copies_by; equal ones cannot be told apart at all.
std::vector<std::uint32_t> sorted_by_identity(std::span<const Hash128> ids,
                                              std::span<const std::int64_t> copies_by) {
  std::vector<std::uint32_t> order(ids.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return ids[a] == ids[b] ? copies_by[a] < copies_by[b] : ids[a] < ids[b];
  });
  return order;
}

}  // namespace

JudgedRows judged_rows(const Table& table, std::string_view purpose, const Column* target,
                       std::span<const std::int64_t> copies_by, int threads) {
  const std::uint64_t seed = domain_seed(purpose);
  std::vector<Hash128> ids(static_cast<std::size_t>(table.n_rows));
  hash_rows(identity_without(table, target), seed, threads, ids);
  JudgedRows out;
  out.judged.resize(ids.size());
  for (std::size_t row = 0; row < ids.size(); ++row)
    out.judged[row] = static_cast<std::uint8_t>(ids[row].high >> 63);
  if (table.identity_by_key) return out;
  const std::vector<std::uint32_t> order = sorted_by_identity(ids, copies_by);
  std::vector<std::uint32_t> copy(ids.size());  // how many equal rows come before
  std::uint32_t most = 0;
  for (std::size_t i = 1; i < order.size(); ++i) {
    if (!(ids[order[i]] == ids[order[i - 1]])) continue;
    copy[order[i]] = copy[order[i - 1]] + 1;
    most = std::max(most, copy[order[i]]);
  }
  out.by_copy = most > 0 && (std::size_t{most} + 1) * kLargestShare > ids.size();
  if (!out.by_copy) return out;
  for (std::size_t row = 0; row < ids.size(); ++row)
    out.judged[row] = static_cast<std::uint8_t>(hash_of_copy(ids[row], copy[row], seed) >> 63);
  return out;
}

}  // namespace mlrepro::detail::core
