// SPDX-License-Identifier: Apache-2.0
// One fit on what is binned already: what DecisionTreeProbe::fit does, for whoever fits several.
#pragma once
#include <span>

#include <mlrepro/probe/probe.hpp>

#include "binning/binned_table.hpp"
#include "probe/honest.hpp"
#include "probe/tree_data.hpp"

namespace mlrepro::detail::probe {

// ArgumentError: an option outside its domain. LimitError: the need is above memory_limit.
void check_options(const ProbeOptions& options);
// n_counted: rows, each as often as it counts.
void check_memory(const ProbeOptions& options, RowIndex n_rows, RowIndex n_counted,
                  std::size_t n_columns, int threads, int n_planes = 1);
// Settings and target, as a tree records them.
void describe_request(const ProbeOptions& options, const TargetValues& target, RowIndex n_rows,
                      TreeData& tree);

// What was left out of the halves, or is not used.
std::vector<std::string> row_warnings(const TargetValues& target, const Halves& halves);

Tree fit_binned(const binning::BinnedTable& binned, const ProbeOptions& options,
                const Target& target, std::span<std::uint8_t> judged);

}  // namespace mlrepro::detail::probe
