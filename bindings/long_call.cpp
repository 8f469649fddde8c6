// SPDX-License-Identifier: Apache-2.0
#include "long_call.hpp"

#include <mlrepro/core/threads.hpp>

namespace mlrepro::bindings {

void note_worker_process() {
  static bool known = false;  // guarded by the GIL
  if (known) return;
  PyObject* loaded = PyImport_GetModuleDict();  // borrowed; nobody is made to import anything
  PyObject* processes = PyDict_GetItemString(loaded, "multiprocessing.process");
  if (processes == nullptr) return;
  const py::object parent = py::handle(processes).attr("parent_process")();
  if (parent.is_none()) return;
  known = true;
  set_worker_process(true);
}

bool LongCall::run_signal_handlers(void* self) {
  auto& call = *static_cast<LongCall*>(self);
  if (!call.may_be_main_) return false;
  const py::gil_scoped_acquire gil;
  const py::object threading = py::module_::import("threading");
  const py::object main_thread = threading.attr("main_thread")().attr("ident");
  call.may_be_main_ = main_thread.equal(threading.attr("get_ident")());
  if (call.may_be_main_ && PyErr_CheckSignals() != 0) throw py::error_already_set();
  return false;
}

namespace {

thread_local PyObject* listener = nullptr;  // owned; None and null: nobody listens

void tell(void* context, std::string_view step, std::int64_t done, std::int64_t total) {
  const py::gil_scoped_acquire gil;
  py::reinterpret_borrow<py::object>(static_cast<PyObject*>(context))(to_str(step), done, total);
}

// Returns the one before.
py::object set_progress(const py::object& callable) {
  const auto before =
      listener == nullptr ? py::none() : py::reinterpret_steal<py::object>(listener);
  listener = callable.is_none() ? nullptr : py::object(callable).release().ptr();
  return before;
}

}  // namespace

LongCall::Listening::Listening() {
  if (listener == nullptr) return;
  callable = py::reinterpret_borrow<py::object>(listener);
  hook.emplace(&tell, listener);
}

void bind_progress(py::module_& m) {
  m.def(
      "set_progress", &set_progress, py::arg("callable"),
      "Who is told step, done and total of the long calls of this thread; returns who was before.");
}

void bind_threads(py::module_& m) {
  m.def(
      "default_threads",
      [] {
        note_worker_process();
        return default_threads();
      },
      "Threads that a call takes which names none.");
}

}  // namespace mlrepro::bindings
