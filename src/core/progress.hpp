// SPDX-License-Identifier: Apache-2.0
// Steps of long calls, for whoever listens (include/mlrepro/core/progress.hpp); a null pointer's
// test where nobody does. Worker threads have no listener.
#pragma once
#include <cstdint>
#include <string_view>

#include <mlrepro/core/progress.hpp>

namespace mlrepro::detail::core {

enum class Parts : std::uint8_t { own, chunks };  // chunks: those of its parallel region
void begin_step(std::string_view name, Parts parts = Parts::own);
// Of the step that has begun; told at most every 50 ms.
void tell_progress(std::int64_t done, std::int64_t total);
// The chunks of a region; those of regions inside it are not told.
class ChunkTeller {
 public:
  ChunkTeller() noexcept;
  ~ChunkTeller();
  ChunkTeller(const ChunkTeller&) = delete;
  ChunkTeller& operator=(const ChunkTeller&) = delete;
  void tell(std::int64_t done, std::int64_t total);
};

}  // namespace mlrepro::detail::core
