// SPDX-License-Identifier: Apache-2.0
// What stands behind Slices.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include <mlrepro/probe/slices.hpp>

#include "probe/tree_data.hpp"

namespace mlrepro::detail::probe {

struct SliceData {
  Tree tree;     // a chain: one step a condition
  int leaf = 0;  // that holds the slice
  Slice figures{};
  std::vector<std::string> also{};  // rules of slices with nearly the same rows
};

struct SlicesData final : Ref::Object {
  std::string target{};
  bool binary = true, in_sample = false;
  bool on_new_rows = false;  // made by evaluate()
  RowIndex n_rows = 0, n_target_missing = 0;
  double alpha = 0.05;
  int max_conditions = 3, k = 10;
  Figures judged{};  // of all judged rows
  std::int64_t n_tried = 0;
  double hidden_score = 0;  // of slices that were dropped, and their parts, at most
  bool cut_short = false;   // by time_limit
  std::vector<SliceData> slices{};
  std::vector<std::string> warnings{};

  bool is_exact() const noexcept {
    return !cut_short && hidden_score <= (slices.empty() ? 0 : slices.front().figures.score);
  }
};

core::Json slices_json(const SlicesData& data, bool with_types);
std::unique_ptr<SlicesData> read_slices(std::string_view text);  // FormatError
std::string slices_text(const SlicesData& data);

}  // namespace mlrepro::detail::probe
