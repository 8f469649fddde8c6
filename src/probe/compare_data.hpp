// SPDX-License-Identifier: Apache-2.0
// What stands behind a PredictionComparison: facts first, the words are made of them at the end.
#pragma once
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <mlrepro/probe/compare.hpp>

#include "core/json.hpp"
#include "core/ref_object.hpp"

namespace mlrepro::detail::probe {

inline constexpr std::array<Change, 3> kChanges{Change::changed, Change::worse, Change::better};

struct ChangeTree {  // for whom a change is more frequent
  Change change = Change::changed;
  Tree tree;
  Effect judged{};               // all its judged rows
  std::vector<Effect> leaves{};  // by number of the leaf
};

struct ComparisonData final : Ref::Object {
  bool has_y = false;
  bool numbers = false;  // with labels: under a loss
  std::string loss{};    // empty: labels are equal or not
  RowIndex n_rows = 0, n_without_y = 0;
  Effect overall{};
  std::vector<ChangeTree> trees{};  // those that exist, in the order of kChanges

  const ChangeTree* find(Change change) const noexcept {
    for (const ChangeTree& t : trees) {
      if (t.change == change) return &t;
    }
    return nullptr;
  }
};

core::Json comparison_json(const ComparisonData& data, bool with_types);
std::unique_ptr<ComparisonData> read_comparison(std::string_view text);  // FormatError
std::string comparison_text(const ComparisonData& data);

}  // namespace mlrepro::detail::probe
