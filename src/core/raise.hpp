// SPDX-License-Identifier: Apache-2.0
// How the library throws: raise<SchemaError>({.message = ..., .column = ..., .example_row = ...,
// .next_step = ...}). what() is the message followed by the next step.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <mlrepro/core/errors.hpp>
#include <mlrepro/core/names.hpp>

namespace mlrepro::detail::core {

struct ErrorText {
  std::string message{};
  std::string column{};
  RowIndex example_row = -1;
  std::string next_step{};
};

template <class E>
constexpr std::string_view
error_name() noexcept;  // specialised for each class in raise.cpp's list below

#define MLREPRO_ERROR_NAME(Name)                           \
  template <>                                              \
  constexpr std::string_view error_name<Name>() noexcept { \
    return #Name;                                          \
  }
MLREPRO_ERROR_NAME(SchemaError)
MLREPRO_ERROR_NAME(ColumnNotFoundError)
MLREPRO_ERROR_NAME(ArgumentError)
MLREPRO_ERROR_NAME(InputTypeError)
MLREPRO_ERROR_NAME(FileError)
MLREPRO_ERROR_NAME(FormatError)
MLREPRO_ERROR_NAME(JoinContractError)
MLREPRO_ERROR_NAME(LeakError)
MLREPRO_ERROR_NAME(LimitError)
MLREPRO_ERROR_NAME(CancelledError)
#undef MLREPRO_ERROR_NAME

Ref error_ref(std::string_view name, ErrorText text);

template <class E>
[[noreturn]] void raise(ErrorText text) {
  throw E(error_ref(error_name<E>(), std::move(text)));
}

std::string with_commas(std::int64_t n);       // 336776 -> "336,776"
std::string in_quotes(std::string_view text);  // 'tailnum'; long text is cut, with an ellipsis
std::string joined(std::span<const std::string_view> names, std::string_view separator = ", ");
std::string listed(std::span<const std::string_view> names);  // 20 at most: "a, b and 980 more"
std::string nearest(std::string_view wrong,
                    std::span<const std::string_view> valid);  // "" or "Did you mean 'x'? "
// "'valdate' is not one of a, b, c. Did you mean 'b'?" as an ArgumentError about `argument`.
[[noreturn]] void raise_unknown_option(std::string_view argument, std::string_view wrong,
                                       std::span<const std::string_view> valid);

}  // namespace mlrepro::detail::core
