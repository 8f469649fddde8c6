// SPDX-License-Identifier: Apache-2.0
// The errors of mlrepro. Each derives from mlrepro::Error alone, and that from std::exception
// alone, so that one catch clause suffices. An error names the column, an example row and the next
// step. Copies never throw. Thread safety: immutable after construction.
#pragma once
#include <exception>
#include <string_view>

#include <mlrepro/core/ref.hpp>
#include <mlrepro/fwd.hpp>

namespace mlrepro {

class MLREPRO_API Error : public std::exception {
 public:
  explicit Error(detail::Ref text) noexcept;
  Error(const Error&) noexcept;
  Error& operator=(const Error&) noexcept;
  ~Error() override;
  const char* what() const noexcept final;      // the whole message, the next step included
  std::string_view name() const noexcept;       // "SchemaError", as in Python
  std::string_view column() const noexcept;     // empty: no single column
  RowIndex example_row() const noexcept;        // -1: none
  std::string_view next_step() const noexcept;  // what to do about it

 private:
  detail::Ref text_;
};

#define MLREPRO_ERROR_CLASS(Name)               \
  class MLREPRO_API Name final : public Error { \
   public:                                      \
    using Error::Error;                         \
    Name(const Name&) noexcept;                 \
    Name& operator=(const Name&) noexcept;      \
    ~Name() override;                           \
  }

MLREPRO_ERROR_CLASS(SchemaError);  // the table's own content contradicts what is declared about it
MLREPRO_ERROR_CLASS(ColumnNotFoundError);  // a name that is not in the table
MLREPRO_ERROR_CLASS(ArgumentError);        // an option or argument outside its domain
MLREPRO_ERROR_CLASS(InputTypeError);       // a type that is refused
MLREPRO_ERROR_CLASS(FileError);            // a file that is missing or unreadable
MLREPRO_ERROR_CLASS(
    FormatError);  // JSON or bytes that are not of the format, or newer than this library
MLREPRO_ERROR_CLASS(JoinContractError);  // a join whose validate= or unmatched= does not hold
MLREPRO_ERROR_CLASS(LeakError);          // a split or a fit that would leak
MLREPRO_ERROR_CLASS(LimitError);         // a limit (memory, time, count) would be passed
MLREPRO_ERROR_CLASS(
    CancelledError);  // a call that its CancelHook stopped; Python: Ctrl-C is KeyboardInterrupt

#undef MLREPRO_ERROR_CLASS

}  // namespace mlrepro
