// SPDX-License-Identifier: Apache-2.0
#include "core/halves.hpp"

#include <algorithm>
#include <numeric>
#include <string>

#include "core/cancellable_sort.hpp"
#include "core/canonical.hpp"
#include "core/element_bytes.hpp"

namespace mlrepro::detail::core {
namespace {

constexpr std::size_t kLargestShare = 100;  // one identity may hold a hundredth of the rows

std::uint64_t hash_of_copy(const Hash128& id, std::uint64_t copy, std::uint64_t seed) noexcept {
  char bytes[24];
  store_u64(bytes, id.low);
  store_u64(bytes + 8, id.high);
  store_u64(bytes + 16, copy);
  return xxh3_64(bytes, sizeof bytes, seed);
}

// Rows by identity, copies in the order of copies_by; equal ones cannot be told apart at all.
std::vector<std::uint32_t> sorted_by_identity(std::span<const Hash128> ids,
                                              std::span<const std::int64_t> copies_by) {
  std::vector<std::uint32_t> order(ids.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto before = [&](std::uint32_t a, std::uint32_t b) {
    return ids[a] == ids[b] ? copies_by[a] < copies_by[b] : ids[a] < ids[b];
  };
  cancellable_stable_sort(order.begin(), order.end(), before);
  return order;
}

}  // namespace

bool one_holds_too_many(std::span<const Hash128> ids) {
  constexpr int kBits = 16;
  const auto bucket = [](const Hash128& id) {
    return static_cast<std::size_t>(id.low >> (64 - kBits));
  };
  const auto too_many = [&](std::size_t rows) {
    return rows > 1 && rows * kLargestShare > ids.size();
  };
  std::vector<std::size_t> count(std::size_t{1} << kBits);
  for (const Hash128& id : ids) ++count[bucket(id)];
  std::vector<Hash128> suspects;  // at most a hundred buckets hold over a hundredth
  for (const Hash128& id : ids) {
    if (too_many(count[bucket(id)])) suspects.push_back(id);
  }
  std::sort(suspects.begin(), suspects.end());
  for (std::size_t begin = 0; begin < suspects.size();) {
    std::size_t end = begin;
    while (end < suspects.size() && suspects[end] == suspects[begin]) ++end;
    if (too_many(end - begin)) return true;
    begin = end;
  }
  return false;
}

std::string_view target_in_identity(const Table& table, const Column* target) noexcept {
  if (target == nullptr || table.identity_by_key) return {};
  for (const ColumnPtr& c : table.identity) {
    if (c->name() == target->name()) return c->name();
  }
  return {};
}

std::vector<Hash128> identity_hashes(const Table& table, std::string_view purpose,
                                     const Column* target, int threads) {
  const std::string_view without = target_in_identity(table, target);
  std::vector<ColumnPtr> identity = table.identity;
  if (!without.empty())
    std::erase_if(identity, [&](const ColumnPtr& c) { return c->name() == without; });
  std::vector<Hash128> ids(static_cast<std::size_t>(table.n_rows));
  hash_rows(identity, domain_seed(purpose), threads, ids);
  return ids;
}

HalvesPtr halves_of_ids(std::vector<Hash128> ids, bool by_key) {
  auto out = std::make_shared<IdentityHalves>();
  out->judged.resize(ids.size());
  for (std::size_t row = 0; row < ids.size(); ++row)
    out->judged[row] = static_cast<std::uint8_t>(ids[row].high >> 63);
  out->by_copy = !by_key && one_holds_too_many(ids);
  if (out->by_copy) out->ids = std::move(ids);
  return out;
}

HalvesPtr halves_of(const Table& table, std::string_view purpose, const Column* target,
                    int threads) {
  return halves_of_ids(identity_hashes(table, purpose, target, threads), table.identity_by_key);
}

std::string honest_purpose(std::uint64_t seed) {
  return seed == 0 ? std::string("probe-honest") : "probe-honest:" + std::to_string(seed);
}

JudgedRows judged_rows(std::string_view purpose, const IdentityHalves& known,
                       std::span<const std::int64_t> copies_by) {
  if (!known.by_copy) return {known.judged, false};
  const std::vector<Hash128>& ids = known.ids;
  const std::uint64_t seed = domain_seed(purpose);
  const std::vector<std::uint32_t> order = sorted_by_identity(ids, copies_by);
  JudgedRows out{std::vector<std::uint8_t>(ids.size()), true};
  std::uint32_t copy = 0;  // how many equal rows come before
  for (std::size_t i = 0; i < order.size(); ++i) {
    copy = i > 0 && ids[order[i]] == ids[order[i - 1]] ? copy + 1 : 0;
    out.n_copies += copy == 0 ? 0 : copy == 1 ? 2 : 1;
    out.judged[order[i]] = static_cast<std::uint8_t>(hash_of_copy(ids[order[i]], copy, seed) >> 63);
  }
  return out;
}

JudgedRows judged_rows(const Table& table, std::string_view purpose, const Column* target,
                       std::span<const std::int64_t> copies_by, int threads) {
  return judged_rows(purpose, *halves_of(table, purpose, target, threads), copies_by);
}

}  // namespace mlrepro::detail::core
