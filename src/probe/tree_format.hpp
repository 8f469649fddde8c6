// SPDX-License-Identifier: Apache-2.0
// Words of the format mlrepro.tree that its writer and its reader share.
#pragma once
#include <array>
#include <string_view>

namespace mlrepro::detail::probe {

inline constexpr int kVersion = 1;
inline constexpr std::array<std::string_view, 5> kKinds{"threshold", "levels", "is_missing",
                                                        "block", "n_missing"};
inline constexpr std::array<std::string_view, 3> kSides{"left", "right", "alone"};

}  // namespace mlrepro::detail::probe
