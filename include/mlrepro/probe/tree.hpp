// SPDX-License-Identifier: Apache-2.0
// The answer of a DecisionTreeProbe: a shallow tree with the counts, intervals and tests of every
// node. It applies to one row without allocation, lock or floating-point instruction, prints itself
// and its rules, and travels as JSON. Thread safety: immutable, may be shared between threads.
#pragma once
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include <mlrepro/core/dataset.hpp>

namespace mlrepro {

struct Leaf {  // one leaf, numbered as apply() gives; figures of the judged rows unless the tree is
               // in-sample
  int leaf = -1;
  RowIndex rows = 0;         // rows in the leaf that have a target: the growing and the judged ones
  RowIndex rows_judged = 0;  // rows that did not choose the splits (all rows if in-sample)
  double mean = 0, low = 0,
         high = 0;     // of the target, with its 95% interval; NaN where no row was judged
  double lift = 0;     // mean over the mean of all judged rows
  double share = 0;    // share of the judged sum of the target that falls here
  double p_value = 1;  // against all other judged rows, adjusted over the leaves (Holm)
  bool replicated =
      false;  // p_value < alpha, and on the same side of the overall mean in both halves
  // Where the target has classes, the rows that chose the splits choose two of them. The most
  // common one of the leaf: mean, low and high are its share of the judged rows, lift is that over
  // its share of all of them, share how much of all its rows falls here. And the one that stands
  // out (the most rows more than expected; -1: none): replicated says that the judged rows have
  // more of it too. p_value compares all shares.
  int most_common = -1, stands_out = -1;
};

class Tree {
 public:
  MLREPRO_API static Tree from_json(
      std::string_view json);  // what to_json or saved_json wrote; FormatError
  // Canonical and complete, but without the columns' types: int64 with nulls and the float64 that
  // pandas makes of it give the same bytes.
  MLREPRO_API std::string to_json() const;
  // What probe.save() writes: to_json, and beside it ("probe") the columns' types, so that rules
  // keep their literals after loading, and the settings (a JSON object) of the Python probe.
  MLREPRO_API std::string saved_json(std::string_view settings = "{}") const;
  MLREPRO_API std::string to_text() const;  // the tree as lines of at most 100 columns

  MLREPRO_API int n_leaves() const noexcept;
  MLREPRO_API Leaf leaf(int leaf) const;                  // ArgumentError outside [0, n_leaves())
  MLREPRO_API int n_classes() const noexcept;             // of a target of text, else 0
  MLREPRO_API std::string_view class_name(int k) const&;  // in order of bytes; ArgumentError
  std::string_view class_name(int k) const&& = delete;
  MLREPRO_API RowIndex class_rows(int leaf, int k) const;  // judged ones; ArgumentError
  // The condition that selects the leaf's rows, with literals in the columns' own types (of the
  // fitted table; a tree from to_json() knows classes only: its numbers are integers or doubles).
  // language:
  //   "text"    for people; "sql" a predicate that is never NULL, dialect "duckdb" (the default);
  //   "pandas"  an expression over `df`, `pd`, `np`: df[eval(rule)]; "polars" an expression over
  //   `pl`; "cpp"     a condition over `row`, the Row of cpp_source(), with the functions defined
  //   there.
  // ArgumentError for others, and where SQL has no type that holds a literal (durations finer than
  // a microsecond).
  MLREPRO_API std::string rule(int leaf, std::string_view language,
                               std::string_view dialect = "duckdb") const;
  // A whole C++17 header without dependencies: struct Row of std::optional fields, int leaf(const
  // Row&) noexcept.
  MLREPRO_API std::string cpp_source() const;

  // The columns that the splits use, in the order in which apply() takes their values.
  MLREPRO_API std::span<const Field> columns() const& noexcept;
  std::span<const Field> columns() const&& = delete;
  // The leaf of one row: O(depth). -1: wrong number of values, or a value of another class than its
  // column's (missing is always taken); check_row throws the reason.
  MLREPRO_API int apply(std::span<const Value> row) const noexcept;
  int apply(std::initializer_list<Value> row) const noexcept {
    return apply(std::span(row.begin(), row.size()));
  }
  MLREPRO_API void check_row(std::span<const Value> row) const;
  // The leaf of every row: leaf_of_row has one element a row. SchemaError, ColumnNotFoundError
  // where columns do not fit.
  MLREPRO_API void apply(const Dataset& rows, std::span<int> leaf_of_row, int threads = 0) const;

  MLREPRO_API bool operator==(const Tree& other) const;  // same canonical bytes

  explicit Tree(detail::Ref ref) noexcept : ref_(static_cast<detail::Ref&&>(ref)) {}
  const detail::Ref& ref() const noexcept { return ref_; }

 private:
  detail::Ref ref_;
};

}  // namespace mlrepro
