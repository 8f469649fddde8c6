// SPDX-License-Identifier: Apache-2.0
// What an Arrow schema says, as types of ours. A type that has no place in a Dataset is refused
// here, by name, before any data are asked for.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <mlrepro/core/arrow_abi.hpp>

#include "core/column.hpp"

namespace mlrepro::detail::core {

enum class ArrowLayout : std::uint8_t {
  null,
  fixed,
  bits,
  text32,
  text64,
  view,
  date64,
  decimal,
  dictionary
};

struct ArrowField {
  std::string name{};
  ColumnType type{};  // of the column that is made of it
  ArrowLayout layout = ArrowLayout::null;
  int width = 0;                // bytes of a value (fixed, decimal) or of an index (dictionary)
  bool index_is_signed = true;  // of a dictionary
  int scale = 0;                // of a decimal
  std::string arrow_type{};     // as messages name it
  std::shared_ptr<const ArrowField> values{};  // of a dictionary
};

// The fields of a struct schema. InputTypeError: a type that is refused; FormatError: a schema that
// is malformed.
std::vector<ArrowField> read_arrow_schema(const ArrowSchema& schema);

// The format string of a column of ours: "l", "U", "tsn:UTC"; of a dictionary: "i" (the index).
std::string arrow_format(const ColumnType& type);

}  // namespace mlrepro::detail::core
