// SPDX-License-Identifier: Apache-2.0
// JoinOptions, read and checked: nothing unknown is taken for a default, and keys of different
// classes are refused with the cast to make.
#pragma once
#include <cstdint>
#include <string>

#include <mlrepro/join/join.hpp>

#include "core/table.hpp"

namespace mlrepro::detail::join {

enum class How : std::uint8_t { inner, left, semi, anti };

struct Request {
  How how = How::left;
  std::string how_text;
  std::string validate;  // short form: "m:1"
  bool left_unique = false, right_unique = false;
  bool set_aside = false;
  bool unmatched_is_error = false;
  Names left_on, right_on;  // of one length, at least one
  std::string suffix, indicator;
  int threads = 1;

  bool brings_columns() const noexcept { return how == How::inner || how == How::left; }
  bool same_name(int key) const noexcept { return left_on[key] == right_on[key]; }
};

Request read_request(const core::Table& left, const core::Table& right, const JoinOptions& options);

}  // namespace mlrepro::detail::join
