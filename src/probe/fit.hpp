// SPDX-License-Identifier: Apache-2.0
// One fit on what is binned already: what DecisionTreeProbe::fit does, for whoever fits several.
#pragma once
#include <span>

#include <mlrepro/probe/probe.hpp>

#include "binning/binned_table.hpp"

namespace mlrepro::detail::probe {

Tree fit_binned(const binning::BinnedTable& binned, const ProbeOptions& options,
                const Target& target, std::span<std::uint8_t> judged);

}  // namespace mlrepro::detail::probe
