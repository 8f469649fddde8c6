// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/core/random.hpp>

#include "core/hash.hpp"

namespace mlrepro {

std::uint64_t stream_key(std::uint64_t seed, std::string_view name) noexcept {
  return detail::core::xxh3_64(name.data(), name.size(),
                               seed ^ detail::core::domain_seed("random"));
}

}  // namespace mlrepro
