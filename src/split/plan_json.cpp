// SPDX-License-Identifier: Apache-2.0
// A plan as JSON ("mlrepro.plan", version 1) and back. Unknown fields are refused at every depth.
#include <charconv>

#include "core/json.hpp"
#include "core/raise.hpp"
#include "split/fractions.hpp"
#include "split/plan_object.hpp"

namespace mlrepro::detail::split {
namespace {

using core::Json;
using core::raise;
constexpr int kVersion = 1;

[[noreturn]] void bad(const std::string& what) {
  raise<FormatError>({.message = "the plan is damaged: " + what + ".",
                      .next_step = "Read the file that save or to_json wrote, unchanged."});
}

void only(const Json& object, std::string_view where,
          std::initializer_list<std::string_view> fields) {
  if (!object.is_object()) bad(std::string(where) + " is no object");
  for (const auto& item : object.items()) {
    if (std::find(fields.begin(), fields.end(), item.key()) == fields.end()) {
      bad("unknown field " + core::in_quotes(item.key()) + " in " + std::string(where));
    }
  }
}
const Json& field(const Json& object, const char* name) {
  const auto at = object.is_object() ? object.find(name) : object.end();
  if (!object.is_object() || at == object.end())
    bad("field " + core::in_quotes(name) + " is not there");
  return *at;
}
std::string text(const Json& object, const char* name) {
  const Json& value = field(object, name);
  if (!value.is_string()) bad("field " + core::in_quotes(name) + " is no text");
  return value.get<std::string>();
}
const Json& array(const Json& object, const char* name) {
  const Json& value = field(object, name);
  if (!value.is_array()) bad("field " + core::in_quotes(name) + " is no array");
  return value;
}
std::int64_t count(const Json& object, const char* name) {
  const Json& value = field(object, name);
  if (!value.is_number_integer()) bad("field " + core::in_quotes(name) + " is no integer");
  const auto n = value.get<std::int64_t>();
  if (n < 0) bad("field " + core::in_quotes(name) + " is negative");
  return n;
}
bool flag(const Json& object, const char* name) {
  const Json& value = field(object, name);
  if (!value.is_boolean()) bad("field " + core::in_quotes(name) + " is neither true nor false");
  return value.get<bool>();
}

std::string hex(std::uint64_t high, std::uint64_t low) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const std::uint64_t half : {high, low}) {
    for (int shift = 60; shift >= 0; shift -= 4) out.push_back(digits[half >> shift & 0xf]);
  }
  return out;
}
Hash128 hash_from_hex(std::string_view digits) {
  Hash128 h;
  for (std::uint64_t* half : {&h.high, &h.low}) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + 16, *half, 16);
    if (error != std::errc{} || end != digits.data() + 16)
      bad("a hash is not of 32 hexadecimal digits");
    digits.remove_prefix(16);
  }
  return h;
}

Int128 int128(const Json& object, const char* name) {
  const std::string digits = text(object, name);
  const bool negative = !digits.empty() && digits[0] == '-';
  if (digits.size() == (negative ? 1U : 0U) || digits.size() > 34)
    bad("field " + core::in_quotes(name) + " is no number");
  Int128 value = 0;
  for (const char c : std::string_view(digits).substr(negative ? 1 : 0)) {
    if (c < '0' || c > '9') bad("field " + core::in_quotes(name) + " is no number");
    value = value * 10 + (c - '0');
  }
  return negative ? -value : value;
}

ValueClass class_from(const std::string& name) {
  for (int i = 0; i <= static_cast<int>(ValueClass::duration); ++i) {
    if (to_string(static_cast<ValueClass>(i)) == name) return static_cast<ValueClass>(i);
  }
  bad("unknown class of value " + core::in_quotes(name));
}

constexpr std::string_view kIdentities[] = {"by", "key", "values"};
constexpr std::string_view kMethods[] = {"fractions", "folds", "closed"};

template <class Enum, std::size_t N>
Enum choice(const Json& object, const char* name, const std::string_view (&names)[N]) {
  const std::string found = text(object, name);
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == found) return static_cast<Enum>(i);
  }
  bad("field " + core::in_quotes(name) + " is " + core::in_quotes(found));
}

Json hash_to_json(const Rule& rule) {
  const KeyRule& hash = rule.hash;
  Json out{{"method", kMethods[static_cast<std::size_t>(hash.method)]},
           {"identity", kIdentities[static_cast<std::size_t>(hash.identity)]},
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
      keys[hash.closed_parts[i]] += hex(hash.closed_keys[i].high, hash.closed_keys[i].low);
    }
    out["closed"] = keys;
  }
  return out;
}

void closed_from_json(const Json& json, std::size_t n_parts, KeyRule& hash) {
  const Json& lists = array(json, "closed");
  if (lists.size() != n_parts) bad("there is not one list of keys for each part");
  std::vector<std::pair<Hash128, std::uint16_t>> keys;
  for (std::size_t part = 0; part < n_parts; ++part) {
    if (!lists[part].is_string()) bad("a list of keys is no text");
    const std::string digits = lists[part].get<std::string>();
    if (digits.size() % 32 != 0) bad("a list of keys is cut short");
    for (std::size_t at = 0; at < digits.size(); at += 32) {
      keys.emplace_back(hash_from_hex(std::string_view(digits).substr(at, 32)),
                        static_cast<std::uint16_t>(part));
    }
  }
  std::sort(keys.begin(), keys.end());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i > 0 && keys[i].first == keys[i - 1].first) bad("a key is in two parts");
    hash.closed_keys.push_back(keys[i].first);
    hash.closed_parts.push_back(keys[i].second);
  }
}

void hash_from_json(const Json& json, Rule& rule) {
  only(json, "hash", {"method", "identity", "salt", "n_folds", "parts", "closed"});
  KeyRule& hash = rule.hash;
  rule.has_hash = true;
  hash.method = choice<KeyRule::Method>(json, "method", kMethods);
  hash.identity = choice<KeyRule::Identity>(json, "identity", kIdentities);
  hash.salt = text(json, "salt");
  if (json.contains("n_folds")) {
    hash.n_folds = static_cast<std::uint64_t>(count(json, "n_folds"));
    if (hash.n_folds < 2 || hash.n_folds > 10'000 || json.contains("parts"))
      bad("n_folds is out of range");
  } else {
    for (const Json& part : array(json, "parts")) {
      only(part, "a part", {"name", "fraction"});
      const Json& fraction = field(part, "fraction");
      if (!fraction.is_number()) bad("a fraction is no number");
      hash.parts.push_back({text(part, "name"), fraction.get<double>()});
    }
    try {
      hash.cuts = thresholds(check_fractions(hash.parts));
    } catch (const ArgumentError& error) {
      bad(error.what());
    }
  }
  if ((hash.method == KeyRule::Method::folds) && hash.n_folds == 0) bad("folds without n_folds");
  if (hash.method == KeyRule::Method::fractions && hash.n_folds != 0) bad("fractions with n_folds");
  if (hash.method != KeyRule::Method::closed) {
    if (json.contains("closed")) bad("keys in a plan that is not closed");
    return;
  }
  hash.cuts.clear();
  closed_from_json(json, hash.n_folds > 0 ? hash.n_folds : hash.parts.size(), hash);
}

void time_from_json(const Json& json, Rule& rule) {
  only(json, "time", {"cut_ns", "reach_ns", "label_time", "known_time"});
  rule.has_time = true;
  rule.time.cut = int128(json, "cut_ns");
  rule.time.reach = int128(json, "reach_ns");
  if (rule.time.reach < 0) bad("reach_ns is negative");
  rule.time.has_label_time = flag(json, "label_time");
  rule.time.has_known_time = flag(json, "known_time");
}

bool is_time(ValueClass value_class) {
  return value_class == ValueClass::date || value_class == ValueClass::timestamp ||
         value_class == ValueClass::local_timestamp;
}

void key_from_json(const Json& document, Rule& rule) {
  for (const Json& item : array(document, "key")) {
    only(item, "key", {"name", "class"});
    rule.key.push_back({text(item, "name"), class_from(text(item, "class"))});
  }
  const auto n_time = static_cast<std::size_t>(rule.has_time ? rule.time.n_fields() : 0);
  const std::size_t n_hash = rule.key.size() < n_time ? 0 : rule.key.size() - n_time;
  if (rule.key.size() < n_time || (n_hash > 0) != rule.has_hash)
    bad("its key has " + std::to_string(rule.key.size()) + " columns");
  if (n_hash > kMostKeyColumns && rule.hash.identity != KeyRule::Identity::values)
    bad("its key has more than 16 columns");
  for (std::size_t i = 0; i < n_time; ++i) {
    if (!is_time(rule.key[i].value_class))
      bad("column " + core::in_quotes(rule.key[i].name) + " of its key is no time");
  }
  rule.hash.name_order = order_by_name(std::span(rule.key).subspan(n_time));
}

void set_train_of_unseen(Rule& rule) {
  const auto& parts = rule.hash.parts;
  if (parts.size() != 2 || rule.hash.method == KeyRule::Method::folds)
    bad("unseen has other parts than train and test");
  rule.hash_train = parts[0].name == "train" ? 0 : 1;
  if (parts[static_cast<std::size_t>(rule.hash_train)].name != "train" ||
      parts[static_cast<std::size_t>(1 - rule.hash_train)].name != "test") {
    bad("unseen has other parts than train and test");
  }
}

void sizes_from_json(const Json& document, PlanObject& plan) {
  const Json& parts = array(document, "parts");
  if (parts.size() != plan.parts.size()) bad("its parts do not fit its rule");
  RowIndex sum = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    only(parts[i], "a part", {"name", "rows", "digest"});
    if (text(parts[i], "name") != plan.parts[i].name) bad("its parts do not fit its rule");
    const RowIndex n = count(parts[i], "rows");
    const std::string digest = text(parts[i], "digest");
    if (digest.size() != 32) bad("a digest is not of 32 digits");
    const Hash128 h = hash_from_hex(digest);
    plan.parts[i].n_rows = n;
    plan.known_digests.push_back({n, static_cast<core::UInt128>(h.high) << 64 | h.low});
    if (n > INT64_MAX - sum) bad("its parts have too many rows");
    sum += n;
  }
  plan.n_rows = count(document, "rows");
  if (sum != plan.n_rows) bad("its parts do not add up to its rows");
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
    out["parts"].push_back(
        {{"name", plan.parts[i].name},
         {"rows", plan.parts[i].n_rows},
         {"digest", hex(static_cast<std::uint64_t>(sum >> 64), static_cast<std::uint64_t>(sum))}});
  }
  out["allow_leak"] = plan.allow_leak;
  return core::canonical_json(out);
}

Ref plan_from_json(std::string_view source) {
  const Json document = core::open_envelope(
      source, "plan", kVersion,
      {"splitter", "level", "rows", "key", "hash", "time", "parts", "allow_leak"});
  Rule rule;
  rule.splitter = text(document, "splitter");
  rule.level = text(document, "level");
  if (!document["time"].is_null()) time_from_json(document["time"], rule);
  if (!document["hash"].is_null()) hash_from_json(document["hash"], rule);
  if (!rule.has_time && !rule.has_hash) bad("it has no rule");
  key_from_json(document, rule);
  if (rule.has_time && rule.has_hash) set_train_of_unseen(rule);
  rule.hash.set_seed(rule.level);
  rule.set_parts();
  auto plan = std::make_unique<PlanObject>(std::move(rule));
  sizes_from_json(document, *plan);
  plan->allow_leak = text(document, "allow_leak");
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
