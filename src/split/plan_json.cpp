// SPDX-License-Identifier: Apache-2.0
// A plan as JSON ("mlrepro.plan", version 1) and back. Unknown fields are refused at every depth.
#include <algorithm>

#include "core/json_reader.hpp"
#include "core/raise.hpp"
#include "split/fractions.hpp"
#include "split/plan_object.hpp"

namespace mlrepro::detail::split {
namespace {

using core::Json;
constexpr int kVersion = 1;
constexpr core::JsonReader kRead("the plan");

Int128 int128(const Json& object, const char* name) {
  const std::string digits = kRead.text(object, name);
  const bool negative = !digits.empty() && digits[0] == '-';
  if (digits.size() == (negative ? 1U : 0U) || digits.size() > 34)
    kRead.damaged("field " + core::in_quotes(name) + " is no number");
  Int128 value = 0;
  for (const char c : std::string_view(digits).substr(negative ? 1 : 0)) {
    if (c < '0' || c > '9') kRead.damaged("field " + core::in_quotes(name) + " is no number");
    value = value * 10 + (c - '0');
  }
  return negative ? -value : value;
}

constexpr std::string_view kMethods[] = {"fractions", "folds", "closed"};

Json hash_to_json(const Rule& rule) {
  const KeyRule& hash = rule.hash;
  Json out{{"method", kMethods[static_cast<std::size_t>(hash.method)]},
           {"identity", to_string(hash.identity)},
           {"salt", hash.salt}};
  if (hash.n_folds > 0) {
    out["n_folds"] = hash.n_folds;
  } else {
    out["parts"] = Json::array();
    for (const auto& part : hash.parts)
      out["parts"].push_back({{"name", part.name}, {"fraction", part.fraction}});
  }
  if (hash.method == KeyRule::Method::closed) {
    std::vector<std::string> keys(static_cast<std::size_t>(rule.n_named));
    for (std::size_t i = 0; i < hash.closed_keys.size(); ++i) {
      keys[hash.closed_parts[i]] += core::hex(hash.closed_keys[i]);
    }
    out["closed"] = keys;
  }
  return out;
}

void closed_from_json(const Json& json, std::size_t n_parts, KeyRule& hash) {
  const std::vector<std::string> lists = kRead.texts(json, "closed");
  if (lists.size() != n_parts) kRead.damaged("there is not one list of keys for each part");
  std::vector<std::pair<Hash128, std::uint16_t>> keys;
  for (std::size_t part = 0; part < n_parts; ++part) {
    const std::string_view digits = lists[part];
    if (digits.size() % 32 != 0) kRead.damaged("a list of keys is cut short");
    for (std::size_t at = 0; at < digits.size(); at += 32) {
      keys.emplace_back(kRead.hash_from(digits.substr(at, 32), "closed"),
                        static_cast<std::uint16_t>(part));
    }
  }
  std::sort(keys.begin(), keys.end());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i > 0 && keys[i].first == keys[i - 1].first) kRead.damaged("a key is in two parts");
    hash.closed_keys.push_back(keys[i].first);
    hash.closed_parts.push_back(keys[i].second);
  }
}

void hash_from_json(const Json& json, Rule& rule) {
  kRead.only(json, "hash", {"method", "identity", "salt", "n_folds", "parts", "closed"});
  KeyRule& hash = rule.hash;
  rule.has_hash = true;
  hash.method = static_cast<KeyRule::Method>(kRead.choice(json, "method", kMethods));
  hash.identity = static_cast<KeyRule::Identity>(kRead.choice(json, "identity", kIdentities));
  hash.salt = kRead.text(json, "salt");
  if (json.contains("n_folds")) {
    hash.n_folds = static_cast<std::uint64_t>(kRead.count(json, "n_folds"));
    if (hash.n_folds < 2 || hash.n_folds > 10'000 || json.contains("parts"))
      kRead.damaged("n_folds is out of range");
  } else {
    for (const Json& part : kRead.list(json, "parts")) {
      kRead.only(part, "a part", {"name", "fraction"});
      const Json& fraction = kRead.field(part, "fraction");
      if (!fraction.is_number()) kRead.damaged("a fraction is no number");
      hash.parts.push_back({kRead.text(part, "name"), fraction.get<double>()});
    }
    try {
      hash.cuts = thresholds(check_fractions(hash.parts));
    } catch (const ArgumentError& error) {
      kRead.damaged(error.what());
    }
  }
  if ((hash.method == KeyRule::Method::folds) && hash.n_folds == 0)
    kRead.damaged("folds without n_folds");
  if (hash.method == KeyRule::Method::fractions && hash.n_folds != 0)
    kRead.damaged("fractions with n_folds");
  if (hash.method != KeyRule::Method::closed) {
    if (json.contains("closed")) kRead.damaged("keys in a plan that is not closed");
    return;
  }
  hash.cuts.clear();
  closed_from_json(json, hash.n_folds > 0 ? hash.n_folds : hash.parts.size(), hash);
}

void time_from_json(const Json& json, Rule& rule) {
  kRead.only(json, "time", {"cut_ns", "reach_ns", "label_time", "known_time"});
  rule.has_time = true;
  rule.time.cut = int128(json, "cut_ns");
  rule.time.reach = int128(json, "reach_ns");
  if (rule.time.reach < 0) kRead.damaged("reach_ns is negative");
  rule.time.has_label_time = kRead.flag(json, "label_time");
  rule.time.has_known_time = kRead.flag(json, "known_time");
}

bool is_time(ValueClass value_class) {
  return value_class == ValueClass::date || value_class == ValueClass::timestamp ||
         value_class == ValueClass::local_timestamp;
}

void key_from_json(const Json& document, Rule& rule) {
  for (const Json& item : kRead.list(document, "key")) {
    kRead.only(item, "key", {"name", "class"});
    rule.key.push_back(
        {kRead.text(item, "name"), kRead.named(item, "class", ValueClass::duration)});
  }
  const auto n_time = static_cast<std::size_t>(rule.has_time ? rule.time.n_fields() : 0);
  const std::size_t n_hash = rule.key.size() < n_time ? 0 : rule.key.size() - n_time;
  if (rule.key.size() < n_time || (n_hash > 0) != rule.has_hash)
    kRead.damaged("its key has " + std::to_string(rule.key.size()) + " columns");
  if (n_hash > kMostKeyColumns && rule.hash.identity != KeyRule::Identity::values)
    kRead.damaged("its key has more than 16 columns");
  for (std::size_t i = 0; i < n_time; ++i) {
    if (!is_time(rule.key[i].value_class))
      kRead.damaged("column " + core::in_quotes(rule.key[i].name) + " of its key is no time");
  }
  rule.hash.name_order = order_by_name(std::span(rule.key).subspan(n_time));
}

void set_train_of_unseen(Rule& rule) {
  const auto& parts = rule.hash.parts;
  if (parts.size() != 2 || rule.hash.method == KeyRule::Method::folds)
    kRead.damaged("unseen has other parts than train and test");
  rule.hash_train = parts[0].name == "train" ? 0 : 1;
  if (parts[static_cast<std::size_t>(rule.hash_train)].name != "train" ||
      parts[static_cast<std::size_t>(1 - rule.hash_train)].name != "test") {
    kRead.damaged("unseen has other parts than train and test");
  }
}

void sizes_from_json(const Json& document, PlanObject& plan) {
  const Json& parts = kRead.list(document, "parts");
  if (parts.size() != plan.parts.size()) kRead.damaged("its parts do not fit its rule");
  RowIndex sum = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    kRead.only(parts[i], "a part", {"name", "rows", "digest"});
    if (kRead.text(parts[i], "name") != plan.parts[i].name)
      kRead.damaged("its parts do not fit its rule");
    const RowIndex n = kRead.count(parts[i], "rows");
    const Hash128 h = kRead.hash(parts[i], "digest");
    plan.parts[i].n_rows = n;
    plan.known_digests.push_back({n, static_cast<core::UInt128>(h.high) << 64 | h.low});
    if (n > INT64_MAX - sum) kRead.damaged("its parts have too many rows");
    sum += n;
  }
  plan.n_rows = kRead.count(document, "rows");
  if (sum != plan.n_rows) kRead.damaged("its parts do not add up to its rows");
}

}  // namespace

std::string plan_to_json(const PlanObject& plan) {
  const Rule& rule = plan.rule;
  Json out = core::envelope("plan", kVersion);
  out["splitter"] = rule.splitter;
  out["level"] = rule.level;
  out["rows"] = plan.n_rows;
  out["key"] = Json::array();
  for (const KeyField& key : rule.key)
    out["key"].push_back({{"name", key.name}, {"class", to_string(key.value_class)}});
  out["hash"] = rule.has_hash ? hash_to_json(rule) : Json(nullptr);
  out["time"] = nullptr;
  if (rule.has_time) {
    out["time"] = {{"cut_ns", core::int128_text(rule.time.cut)},
                   {"reach_ns", core::int128_text(rule.time.reach)},
                   {"label_time", rule.time.has_label_time},
                   {"known_time", rule.time.has_known_time}};
  }
  out["parts"] = Json::array();
  for (std::size_t i = 0; i < plan.parts.size(); ++i) {
    const core::UInt128 sum = plan.digests()[i].sum;
    out["parts"].push_back({{"name", plan.parts[i].name},
                            {"rows", plan.parts[i].n_rows},
                            {"digest", core::hex({static_cast<std::uint64_t>(sum),
                                                  static_cast<std::uint64_t>(sum >> 64)})}});
  }
  out["allow_leak"] = plan.allow_leak;
  return core::canonical_json(out);
}

Ref plan_from_json(std::string_view source) {
  const Json document = core::open_envelope(
      source, "plan", kVersion,
      {"splitter", "level", "rows", "key", "hash", "time", "parts", "allow_leak"});
  Rule rule;
  rule.splitter = kRead.text(document, "splitter");
  rule.level = kRead.text(document, "level");
  if (!document["time"].is_null()) time_from_json(document["time"], rule);
  if (!document["hash"].is_null()) hash_from_json(document["hash"], rule);
  if (!rule.has_time && !rule.has_hash) kRead.damaged("it has no rule");
  key_from_json(document, rule);
  if (rule.has_time && rule.has_hash) set_train_of_unseen(rule);
  rule.hash.set_seed(rule.level);
  rule.set_parts();
  auto plan = std::make_unique<PlanObject>(std::move(rule));
  sizes_from_json(document, *plan);
  plan->allow_leak = kRead.text(document, "allow_leak");
  return Ref(plan.release());
}

}  // namespace mlrepro::detail::split

namespace mlrepro::split {

std::string Plan::to_json() const {
  return mlrepro::detail::split::plan_to_json(
      mlrepro::detail::object_of<mlrepro::detail::split::PlanObject>(ref_));
}
Plan Plan::from_json(std::string_view text) {
  return Plan(mlrepro::detail::split::plan_from_json(text));
}

}  // namespace mlrepro::split
