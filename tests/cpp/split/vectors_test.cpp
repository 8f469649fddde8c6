// SPDX-License-Identifier: Apache-2.0
// Keys of every class against an oracle apart from the library (tests/vectors/make_split.py).
#include <fstream>

#include <nlohmann/json.hpp>

#include "catch_compat.hpp"
#include "core/json.hpp"
#include "split/fractions.hpp"
#include "split/rule.hpp"

namespace ms = mlrepro::detail::split;
using mlrepro::detail::core::OwnedValue;
using nlohmann::json;

namespace {
json vectors() {
  std::ifstream file(MLREPRO_TESTS_DIR "/vectors/split.json");
  return json::parse(file);
}
std::uint64_t hex64(const std::string& digits) {
  return std::stoull(digits, nullptr, 16);
}
std::vector<ms::Fraction> fractions_of(const json& list) {
  std::vector<ms::Fraction> parts;
  for (const json& f : list) parts.push_back({"p" + std::to_string(parts.size()), f.get<double>()});
  return parts;
}
}  // namespace

TEST_CASE("hashes and parts of keys are the frozen ones", "[split][vectors]") {
  const json document = vectors();
  for (const json& c : document["cases"]) {
    CAPTURE(c.dump());
    std::vector<OwnedValue> owned;
    for (const json& v : c["key"])
      owned.push_back(mlrepro::detail::core::value_from_json(v, "vector"));
    std::vector<mlrepro::Value> key;
    for (const OwnedValue& v : owned) key.push_back(v.get());
    ms::Rule rule;
    rule.has_hash = true;
    for (const json& name : c["names"]) rule.key.push_back({name.get<std::string>()});
    rule.hash.parts = fractions_of(c["fractions"]);
    rule.hash.cuts = ms::thresholds(ms::check_fractions(rule.hash.parts));
    rule.hash.salt = c["salt"].get<std::string>();
    rule.hash.name_order = ms::order_by_name(rule.key);
    rule.hash.set_seed(c["level"].get<std::string>());
    rule.set_parts();
    const auto h = rule.hash.hash(key);
    const auto digits = c["hash"].get<std::string>();
    CHECK(h.high == hex64(digits.substr(0, 16)));
    CHECK(h.low == hex64(digits.substr(16)));
    CHECK(rule.decide(key) == c["part"].get<int>());
  }
  for (const json& c : document["thresholds"]) {
    std::vector<std::uint64_t> wanted;
    for (const json& t : c["thresholds"]) wanted.push_back(hex64(t.get<std::string>()));
    CHECK(ms::thresholds(ms::check_fractions(fractions_of(c["fractions"]))) == wanted);
  }
}
