// SPDX-License-Identifier: Apache-2.0
#include "split/rule.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "core/canonical.hpp"
#include "core/raise.hpp"

namespace mlrepro::detail::split {

using core::raise;

namespace {

void append_counted(std::string& out, std::string_view text) {
  for (int i = 0; i < 8; ++i)
    out.push_back(static_cast<char>(static_cast<std::uint64_t>(text.size()) >> (8 * i) & 0xff));
  out += text;
}

bool class_fits(ValueClass expected, const Value& value) noexcept {
  return expected == ValueClass::missing || value.is_missing() || value.value_class() == expected;
}

std::string field_list(std::span<const KeyField> key) {
  std::string list;
  for (const KeyField& field : key) {
    list += (list.empty() ? "" : ", ") + field.name;
    if (field.value_class != ValueClass::missing)
      list += " (" + std::string(to_string(field.value_class)) + ")";
  }
  return list;
}

}  // namespace

void KeyRule::set_seed(std::string_view level) {
  std::string domain = "split";
  append_counted(domain, salt);
  append_counted(domain, level);
  seed = core::domain_seed(domain);
}

int KeyRule::part(const Hash128& h) const noexcept {
  const std::uint64_t u = h.high;
  switch (method) {
    case Method::fractions: {
      int i = 0;
      const int last = static_cast<int>(cuts.size());
      while (i < last && u >= cuts[static_cast<std::size_t>(i)]) ++i;
      return i;
    }
    case Method::folds:
      return static_cast<int>(static_cast<core::UInt128>(u) * n_folds >> 64);
    case Method::closed: {
      const auto at = std::lower_bound(closed_keys.begin(), closed_keys.end(), h);
      if (at == closed_keys.end() || !(*at == h)) return kUnseen;
      return closed_parts[static_cast<std::size_t>(at - closed_keys.begin())];
    }
  }
  return kUnseen;
}

Hash128 KeyRule::hash(std::span<const Value> key) const noexcept {
  // The fields of an identity by values are in the order of their names already.
  if (key.size() == 1 || identity == Identity::values) return core::hash_values(key, seed);
  std::array<Value, kMostKeyColumns> ordered;
  for (std::size_t i = 0; i < key.size(); ++i)
    ordered[i] = key[static_cast<std::size_t>(name_order[i])];
  return core::hash_values(std::span(ordered).first(key.size()), seed);
}

Int128 nanoseconds(const Value& time) noexcept {
  const auto ticks = static_cast<std::int64_t>(time.bits());
  const std::uint64_t unit =
      time.value_class() == ValueClass::date ? core::kNsPerDay : core::ns_per_tick(time.unit());
  return static_cast<Int128>(ticks) * static_cast<Int128>(unit);
}

Side TimeRule::side(std::span<const Value> fields) const noexcept {
  if (fields[0].is_missing()) return Side::missing;
  const Int128 t = nanoseconds(fields[0]);
  // A label that never arrives spans all time: the row can neither train nor be judged.
  if (has_label_time && fields[1].is_missing()) return Side::purged;
  if (t >= cut) return Side::future;
  Int128 end = t + reach;
  if (has_label_time) end = std::max(end, nanoseconds(fields[1]));
  if (has_known_time) {
    const Value& known = fields[has_label_time ? 2 : 1];
    if (known.is_missing()) return Side::purged;
    end = std::max(end, nanoseconds(known));
  }
  return end < cut ? Side::past : Side::purged;
}

void Rule::set_parts() {
  part_names.clear();
  if (has_time) {
    part_names = {"train", "test"};
  } else if (hash.n_folds > 0) {
    for (std::uint64_t i = 0; i < hash.n_folds; ++i)
      part_names.push_back("fold_" + std::to_string(i));
  } else {
    for (const auto& part : hash.parts) part_names.push_back(part.name);
  }
  n_named = static_cast<int>(part_names.size());
  const auto add = [&](const char* name) {
    part_names.emplace_back(name);
    return static_cast<int>(part_names.size()) - 1;
  };
  if (has_time) purged = add("purged");
  if (has_time && has_hash) quarantine = add("quarantine");
  if (has_time || (has_hash && !hash.null_is_value())) missing = add("missing");
  if (has_hash && hash.method == KeyRule::Method::closed) new_key = add("new");
}

int Rule::combine(Side side, int from_hash) const noexcept {
  if (!has_time)
    return from_hash == kMissingKey ? missing : from_hash == kUnseen ? new_key : from_hash;
  if (side == Side::missing) return missing;
  if (has_hash) {
    if (from_hash == kMissingKey) return missing;
    if (from_hash == kUnseen) return new_key;
    const bool trains = from_hash == hash_train;
    if (trains != (side != Side::future)) return quarantine;
  }
  return side == Side::purged ? purged : side == Side::past ? 0 : 1;
}

int Rule::hash_part(std::span<const Value> values) const noexcept {
  if (!hash.null_is_value()) {
    for (const Value& value : values) {
      if (value.is_missing()) return kMissingKey;
    }
  }
  return hash.part(hash.hash(values));
}

int Rule::decide(std::span<const Value> values) const noexcept {
  if (values.size() != key.size()) return -1;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!class_fits(key[i].value_class, values[i])) return -1;
  }
  const auto n_time = static_cast<std::size_t>(has_time ? time.n_fields() : 0);
  const Side side = has_time ? time.side(values.first(n_time)) : Side::past;
  return combine(side, has_hash ? hash_part(values.subspan(n_time)) : 0);
}

void Rule::raise_wrong_key(std::span<const Value> values) const {
  if (values.size() != key.size()) {
    raise<ArgumentError>({.message = "a key of this split has " + std::to_string(key.size()) +
                                     " value(s), got " + std::to_string(values.size()) + ".",
                          .next_step = "Pass, in this order: " + field_list(key) + "."});
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (class_fits(key[i].value_class, values[i])) continue;
    const std::string wanted(to_string(key[i].value_class));
    raise<SchemaError>(
        {.message = "key " + core::in_quotes(key[i].name) + " is " + wanted + ", got the " +
                    std::string(to_string(values[i].value_class())) + " " +
                    core::display(values[i]) + "; \"17\" is not 17.",
         .column = key[i].name,
         .next_step = "Pass a " + wanted + " for " + core::in_quotes(key[i].name) + "."});
  }
  raise<ArgumentError>({.message = "this key has no part.",
                        .next_step = "Pass, in this order: " + field_list(key) + "."});
}

std::vector<int> order_by_name(std::span<const KeyField> fields) {
  std::vector<int> order(fields.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    return fields[static_cast<std::size_t>(a)].name < fields[static_cast<std::size_t>(b)].name;
  });
  return order;
}

}  // namespace mlrepro::detail::split
