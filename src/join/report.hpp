// SPDX-License-Identifier: Apache-2.0
// The join report as canonical JSON, format "mlrepro.join_report", version 1. Made from counts
// only: no row positions, so that the order of rows changes no byte. Its sums are checked: a row
// that is nowhere is a bug, not a report.
#pragma once
#include <string>

#include "join/contract.hpp"
#include "join/label.hpp"
#include "join/output.hpp"
#include "join/slices.hpp"

namespace mlrepro::detail::join {

struct ReportInput {
  const core::Table& left;
  const core::Table& right;
  const Dataset& left_dataset;
  const Keys& keys;
  const Request& request;
  const Matches& matches;
  const ContractCheck& check;
  const Layout& layout;
  RowIndex n_output_rows;
};

std::string report_json(const ReportInput& in);

}  // namespace mlrepro::detail::join
