// SPDX-License-Identifier: Apache-2.0
// Cancelling inside the library. Loops call check_cancelled() (include/mlrepro/core/cancel.hpp)
// every few thousand rows; parallel_for_chunks does it at each chunk. The hook is asked on the
// thread that owns it; the threads of its regions read one atomic flag.
#pragma once
#include <mlrepro/core/cancel.hpp>

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace mlrepro::detail::core {

class CancelState;

// Inside loops over rows: asks at row 0 and every 65,536 rows.
inline void check_cancelled_at(std::int64_t row) {
  if ((row & 0xffff) == 0) check_cancelled();
}

CancelState* current_cancel() noexcept;  // of this thread's calls; null: none
bool is_cancelled(const CancelState* state) noexcept;
void rethrow_cancelled(const CancelState* state);  // if it is: what the hook ended the call with

// The threads of one region. The calling thread, when it runs out of chunks before the others,
// goes on asking the hook while it waits for them.
class Crew {
 public:
  explicit Crew(CancelState* cancel) noexcept : cancel_(cancel) {}
  CancelState* cancel() const noexcept { return cancel_; }
  void enter() noexcept;
  void leave() noexcept;

 private:
  CancelState* cancel_;
  std::mutex mutex_;
  std::condition_variable left_;
  int inside_ = 0;
};

// One thread's time in a region: its calls of check_cancelled() follow the region's state.
class CrewMember {
 public:
  explicit CrewMember(Crew& crew) noexcept;
  ~CrewMember();
  CrewMember(const CrewMember&) = delete;
  CrewMember& operator=(const CrewMember&) = delete;

 private:
  Crew& crew_;
  CancelState* before_;
};

}  // namespace mlrepro::detail::core
