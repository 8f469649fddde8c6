// SPDX-License-Identifier: Apache-2.0
// What a node may be split by: binned columns, and blocks of columns that are missing on exactly
// the same rows. Constant, duplicate and complementary columns are taken out
// (binning/redundant.hpp).
#pragma once
#include <string>
#include <vector>

#include <mlrepro/probe/probe.hpp>

#include "binning/binned_table.hpp"

namespace mlrepro::detail::probe {

using binning::BinnedColumn;
using binning::kMissingCode;

class Deadline;

struct SearchColumn {
  std::string name{};
  binning::BinnedPtr bins{};
  bool is_join_outcome = false;
  bool dropped = false;  // constant, or says the same as an earlier column
  int plane = -1;        // index into planes: which rows are missing; -1: none
};

struct MissingPlane {          // a set of rows, as the missing rows of its columns
  std::vector<int> columns{};  // in order of name; those that were dropped as duplicates too
  RowIndex n_missing = 0;
};

struct Candidate {
  bool block = false;  // is-missing of a whole plane
  int column = -1;     // into columns; block: a column that is not dropped and has this plane
  int plane =
      -1;  // block: the plane. Column: the plane that is its own, -1 if it has none or shares it
  RowIndex n_missing = 0;
};

struct SearchSet {
  std::vector<SearchColumn> columns{};  // in order of name bytes
  std::vector<MissingPlane> planes{};   // in order of their first column
  std::vector<Candidate>
      candidates{};  // in order of name bytes; a block right after its first column
  std::vector<std::string> constant_columns{}, duplicate_columns{}, not_searched{};
};

// Numbers of the table's columns, in order of name. ColumnNotFoundError: features or exclude name
// no column. ArgumentError: features name one that may never be used.
std::vector<int> candidate_columns(const Dataset& rows, const Names& features, const Names& exclude,
                                   const core::Column* target);

SearchSet make_search_set(const binning::BinnedTable& binned, const std::vector<int>& columns,
                          int threads, const Deadline& deadline);

}  // namespace mlrepro::detail::probe
