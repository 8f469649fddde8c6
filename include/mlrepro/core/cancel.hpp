// SPDX-License-Identifier: Apache-2.0
// How a long call is stopped. While a CancelHook lives, every call into mlrepro of the thread that
// made it asks the hook whether to go on, on that thread, at most every 50 ms; the call's worker
// threads follow. A stopped call throws and leaves its inputs as they were; memory that it was
// given to write to holds no result.
#pragma once
#include <atomic>

#include <mlrepro/core/ref.hpp>

namespace mlrepro {

// One may live inside another of the same thread; the innermost is asked. Thread safety: none; it
// is made and destroyed on the thread whose calls it stops (like a lock guard).
class CancelHook {
 public:
  // True: stop; the call throws CancelledError. What it throws itself ends the call instead.
  using Asked = bool (*)(void* context);
  MLREPRO_API explicit CancelHook(Asked asked, void* context = nullptr);
  // Stops once `stop` is true; any thread may set it. Borrowed.
  MLREPRO_API explicit CancelHook(const std::atomic<bool>& stop);
  MLREPRO_API ~CancelHook();
  CancelHook(const CancelHook&) = delete;
  CancelHook& operator=(const CancelHook&) = delete;

 private:
  detail::Ref state_;
};

// Asks this thread's hook, if there is one and 50 ms have passed: for loops of one's own between
// calls. Throws CancelledError, or what the hook throws. A few ns.
MLREPRO_API void check_cancelled();

}  // namespace mlrepro
