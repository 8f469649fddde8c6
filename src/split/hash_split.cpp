// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/split/hash_split.hpp>

#include <algorithm>
#include <numeric>

#include "core/cancellable_sort.hpp"
#include "core/parallel.hpp"
#include "core/raise.hpp"
#include "split/fractions.hpp"
#include "split/groups.hpp"
#include "split/hash_split_object.hpp"

namespace mlrepro::detail::split {
namespace {

using core::raise;

Rule rule_of(std::span<const Fraction> parts, const mlrepro::split::HashSplitOptions& options) {
  Rule rule;
  rule.splitter = "HashSplit";
  rule.has_hash = true;
  rule.hash.parts.assign(parts.begin(), parts.end());
  rule.hash.cuts = thresholds(check_fractions(parts));
  rule.hash.salt = options.salt;
  rule.hash.set_seed("");
  rule.set_parts();
  for (int i = 0; i < options.by.size(); ++i) {
    for (int j = 0; j < i; ++j) {
      if (options.by[i] == options.by[j]) {
        raise<ArgumentError>(
            {.message = "by names the column " + core::in_quotes(options.by[i]) + " twice.",
             .column = std::string(options.by[i]),
             .next_step = "Name each column once."});
      }
    }
    rule.key.push_back({std::string(options.by[i]), ValueClass::missing});
  }
  if (options.by.empty())
    rule.key.push_back(
        {"", ValueClass::missing});  // one key of any kind, e.g. of scikit-learn's groups
  if (rule.key.size() > kMostKeyColumns) {
    raise<ArgumentError>({.message = "a key of " + std::to_string(rule.key.size()) +
                                     " columns; at most 16 are taken.",
                          .next_step = "Name fewer columns with by=."});
  }
  rule.hash.name_order = order_by_name(rule.key);
  return rule;
}

// Constant stand-ins (X of zeros) would all land in one part: no identity, so ask for by.
void require_identity(const core::Table& table, const KeyRule& hash, const RowParts& rows,
                      std::span<const UInt128> units) {
  const Groups groups = group_rows(rows.hashes, rows.missing);
  if (groups.n_rows.empty()) return;
  const auto largest = std::max_element(groups.n_rows.begin(), groups.n_rows.end());
  const UInt128 expected =
      *std::min_element(units.begin(), units.end()) * static_cast<UInt128>(table.n_rows);
  if (*largest < 2 || static_cast<UInt128>(*largest) * one() * 2 <= expected) return;
  const auto first = groups.first_row[static_cast<std::size_t>(largest - groups.n_rows.begin())];
  raise<SchemaError>(
      {.message = core::with_commas(*largest) + " of " + core::with_commas(table.n_rows) +
                  " rows share one " +
                  (hash.identity == KeyRule::Identity::key ? "key" : "set of values") + " (row " +
                  std::to_string(first) + " is the first) and would all land in one part.",
       .example_row = first,
       .next_step = "Name the column that identifies what is split with by=."});
}

// Cuts the order of hashes at exact sizes; the rows of one key stay together, at the nearer edge,
// equal: the earlier.
void close(std::span<const UInt128> units, RowParts& rows, KeyRule& hash) {
  const Groups groups = group_rows(rows.hashes, rows.missing);
  std::vector<std::size_t> order(groups.key.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  core::cancellable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return groups.key[a] < groups.key[b];
  });
  const std::vector<std::int64_t> sizes = exact_sizes(units, groups.n_grouped);
  std::size_t part = 0;
  std::int64_t target = sizes[0], done = 0;
  for (const std::size_t g : order) {
    const std::int64_t end = done + groups.n_rows[g];
    while (part + 1 < sizes.size() &&
           (done >= target || (end > target && target - done <= end - target))) {
      target += sizes[++part];
    }
    hash.closed_keys.push_back(groups.key[g]);
    hash.closed_parts.push_back(static_cast<std::uint16_t>(part));
    done = end;
  }
  hash.method = KeyRule::Method::closed;
  hash.cuts.clear();
}

}  // namespace

HashSplitObject::HashSplitObject(std::span<const Fraction> fractions,
                                 const mlrepro::split::HashSplitOptions& given)
    : AssignerObject(rule_of(fractions, given)),
      options(given),
      units(check_fractions(fractions)) {}

Rule HashSplitObject::rule_for(const core::Table& table, int threads, Rule started) const {
  started.has_hash = true;
  started.hash = rule.hash;
  set_hash_key(table, options.by, started);
  RowParts rows;
  if (options.by.empty() || options.exact) hash_key_rows(table, started, threads, rows);
  if (options.by.empty()) require_identity(table, started.hash, rows, units);
  if (options.exact) close(units, rows, started.hash);
  started.set_parts();
  return started;
}

}  // namespace mlrepro::detail::split

namespace mlrepro::split {

namespace core = mlrepro::detail::core;
using mlrepro::detail::split::HashSplitObject;

HashSplit::HashSplit(std::span<const Fraction> parts, const HashSplitOptions& options)
    : Assigner(mlrepro::detail::make_ref<HashSplitObject>(parts, options)) {}

Plan HashSplit::plan(const Dataset& dataset, int threads) const {
  const auto& object = mlrepro::detail::object_of<HashSplitObject>(ref_);
  const core::Table& table = core::table_of(dataset);
  const int n_threads = core::resolve_threads(threads);
  mlrepro::detail::split::Rule rule;
  rule.splitter = "HashSplit";
  rule = object.rule_for(table, n_threads, std::move(rule));
  auto rows = mlrepro::detail::split::decide_rows(table, rule, n_threads);
  return mlrepro::detail::split::make_plan(dataset, std::move(rule), std::move(rows),
                                           {.refuse_empty = true});
}

}  // namespace mlrepro::split
