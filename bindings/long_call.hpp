// SPDX-License-Identifier: Apache-2.0
// The scope of a call into the core that may take long: no GIL, and Ctrl-C is heard. Arguments must
// be spans, values or immutable objects by then, and their owners alive. Holders of the GIL call
// check_signals_at() in loops over rows instead.
#pragma once
#include <mlrepro/core/cancel.hpp>
#include <mlrepro/core/progress.hpp>

#include <cstdint>
#include <optional>

#include "common.hpp"

namespace mlrepro::bindings {

// In a worker process of multiprocessing (joblib's and Dask's are such), a call takes one thread
// unless told otherwise. Asked before every call: a process knows only after it has unpickled its
// task, which may have imported us.
void note_worker_process();

class LongCall {
 public:
  LongCall() = default;
  LongCall(const LongCall&) = delete;
  LongCall& operator=(const LongCall&) = delete;

 private:
  // Runs the handlers of signals that came in, as Python does: on the main thread only. What a
  // handler raises (KeyboardInterrupt) ends the call.
  static bool run_signal_handlers(void* self);

  struct Noted {
    Noted() { note_worker_process(); }
  };
  // What set_progress installed for this thread, for the time of the call.
  struct Listening {
    py::object callable;
    std::optional<ProgressHook> hook;
    Listening();
  };
  Noted noted_;  // while the GIL is still held
  bool may_be_main_ = true;
  CancelHook hook_{&run_signal_handlers, this};
  Listening listening_;
  py::gil_scoped_release no_gil_;
};

// Inside a LongCall: asks at row 0 and every 65,536 rows.
inline void check_cancelled_at(std::int64_t row) {
  if ((row & 0xffff) == 0) check_cancelled();
}

// With the GIL held: the same at row 0 and every 65,536 rows.
inline void check_signals_at(std::int64_t row) {
  if ((row & 0xffff) == 0 && PyErr_CheckSignals() != 0) throw py::error_already_set();
}

}  // namespace mlrepro::bindings
