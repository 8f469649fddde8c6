// SPDX-License-Identifier: Apache-2.0
// A leaf as a condition: what its path demands of each column, gathered, then written in a
// language. Value, NULL and NaN are separate, explicit tests in every language, because languages
// differ in where comparisons send them.
#pragma once
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "probe/tree_data.hpp"

namespace mlrepro::detail::probe {

struct Bound {
  bool given = false;
  bool strict = false;  // < or >, not <= or >=
  OwnedValue value{};
};

struct Demand {  // on one column
  int column = -1;
  bool missing = true;  // rows where it is missing are taken
  bool present = true;  // rows where it has a value are taken, if bounds and levels hold
  Bound lower{}, upper{};
  bool listed = false;  // value must be one of `levels`
  std::vector<OwnedValue> levels{};
  std::vector<OwnedValue> not_levels{};
  bool free() const noexcept {  // of a value, when there is one
    return !lower.given && !upper.given && !listed && not_levels.empty();
  }
};

struct CountDemand {  // on how many of some columns are missing
  std::vector<int> columns{};
  int least = 0, most = 0;
  bool has_least() const noexcept { return least > 0; }
  bool has_most() const noexcept { return most < static_cast<int>(columns.size()); }
};

struct Condition {
  std::vector<Demand> demands{};                // in the order of the path
  std::vector<std::vector<int>> any_present{};  // of each list of columns, at least one has a value
  std::vector<CountDemand> counts{};
};

Condition condition_of(const TreeData& tree, int leaf);
// One step of a path: what side `side` of a split demands.
Condition condition_of_step(const Split& split, Side side);

enum class Comparison : std::uint8_t { less, less_equal, greater, greater_equal };

using Terms = std::vector<std::string>;
using Columns = std::vector<const TreeColumn*>;

// One language of rules. Each term stands inside an AND without further brackets.
class Language {
 public:
  virtual ~Language() = default;
  virtual Terms missing(const TreeColumn& column) const = 0;  // one of these holds
  virtual Terms present(const TreeColumn& column) const = 0;  // all of these hold
  virtual bool comparisons_take_missing() const {
    return true;
  }  // then each goes with a test that there is a value
  virtual std::string compare(const TreeColumn& column, Comparison op,
                              const Value& value) const = 0;
  virtual std::string among(const TreeColumn& column, const std::vector<OwnedValue>& levels,
                            bool negated) const = 0;
  virtual Terms count(const Columns& columns, const CountDemand& demand) const = 0;  // all hold
  virtual std::string_view and_word() const = 0;  // " AND ", which binds more tightly than
  virtual std::string_view or_word() const = 0;
  virtual std::string always() const = 0;
  virtual std::string never() const = 0;
};

// For each column that it is missing, between `before` and `after`.
Terms each_missing(const Columns& columns, const Language& language, const std::string& before,
                   const std::string& after);
// The demand on a count that is written as `number`.
Terms count_terms(const std::string& number, const CountDemand& demand);
std::string render(const TreeData& tree, const Condition& condition, const Language& language);

// The languages. `tree` gives names that depend on all its columns (C++ identifiers).
// For people; `most_levels` of a list of levels are named, the others counted.
std::string text_rule(const TreeData& tree, const Condition& condition,
                      std::size_t most_levels = std::numeric_limits<std::size_t>::max());
inline constexpr std::size_t kShownLevels = 20;
std::string short_rule(const Tree& tree, int leaf);
std::string sql_rule(const TreeData& tree, const Condition& condition);
std::string pandas_rule(const TreeData& tree, const Condition& condition);
std::string polars_rule(const TreeData& tree, const Condition& condition);
std::string cpp_rule(const TreeData& tree, const Condition& condition);
std::string cpp_header(const TreeData& tree);

}  // namespace mlrepro::detail::probe
