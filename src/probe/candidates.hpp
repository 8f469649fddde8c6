// SPDX-License-Identifier: Apache-2.0
// What a node may be split by: binned columns, blocks of columns that are missing on exactly the
// same rows, and how many columns a row misses. Constant, duplicate and complementary columns are
// taken out (binning/redundant.hpp).
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
  bool is_row_metadata = false;  // join outcomes too
  bool dropped = false;          // constant, or says the same as an earlier column
  int plane = -1;                // index into planes: which rows are missing; -1: none
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
  bool is_count = false;  // of a row's missing columns: a summary, which comes after all others
};

struct SearchSet {
  std::vector<SearchColumn> columns{};  // in order of name bytes; last, if any, the count's own
  std::vector<MissingPlane> planes{};   // in order of their first column
  std::vector<Candidate>
      candidates{};  // in order of name bytes; a block right after its first column; the count last
  std::vector<int> counted{};  // columns whose missing values the count counts, in order of name
  std::vector<std::string> constant_columns{}, duplicate_columns{}, not_searched{};
};

// Numbers of the table's columns, in order of name. ColumnNotFoundError: features or exclude name
// no column. ArgumentError: features name one that may never be used.
std::vector<int> candidate_columns(const Dataset& rows, const Names& features, const Names& exclude,
                                   bool meta_features, const core::Column* target);

SearchSet make_search_set(const binning::BinnedTable& binned, const std::vector<int>& columns,
                          int threads, const Deadline& deadline);

// Adds how many columns a row misses, row metadata left out, as a candidate without a name and
// without missing values: binned as any other number, dropped from what looks at single columns.
// Nothing to add where fewer than two sets of rows are missing, or the count is constant.
// O(rows * sets of missing rows).
void add_missing_count(SearchSet& set, int threads);

}  // namespace mlrepro::detail::probe
