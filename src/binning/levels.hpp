// SPDX-License-Identifier: Apache-2.0
// Bins of a category: its levels in order, or the 254 most frequent ones (ties by order) and
// "other".
#pragma once
#include "binning/binned_column.hpp"

namespace mlrepro::detail::binning {

void bin_levels(BinnedColumn& column);  // fills codes, n_bins, n_missing, cuts, has_other of a text
                                        // or dictionary

}  // namespace mlrepro::detail::binning
