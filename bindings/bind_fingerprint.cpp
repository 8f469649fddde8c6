// SPDX-License-Identifier: Apache-2.0
// Room fingerprint: what the facade (python/mlrepro/_fingerprint.py) wraps. Verdicts cross as
// canonical JSON.
#include <mlrepro/fingerprint/verdict.hpp>

#include <exception>
#include <string>
#include <vector>

#include "long_call.hpp"

namespace mlrepro::bindings {
namespace {

// Hands each leaf to a Python function (column, leaf, bytes). The core calls it on the thread that
// called the core.
class PythonSink {
 public:
  explicit PythonSink(const py::object& function) : function_(function) {}
  LeafSink sink() {
    if (function_.is_none()) return {};
    return {[](void* self, std::string_view column, RowIndex leaf, std::string_view bytes) {
              const py::gil_scoped_acquire gil;
              const py::memoryview view =
                  py::memoryview::from_memory(bytes.data(), static_cast<py::ssize_t>(bytes.size()));
              static_cast<PythonSink*>(self)->function_(py::str(column.data(), column.size()), leaf,
                                                        view);
            },
            this};
  }

 private:
  const py::object& function_;
};

void update(FingerprintState& state, const Dataset& batch, const py::object& on_leaf) {
  PythonSink sink(on_leaf);
  const LeafSink leaves = sink.sink();
  const LongCall running;  // the batch is immutable, and the state belongs to the caller's thread
  state.update(batch, leaves);
}

Fingerprint finalize(const FingerprintState& state, const py::object& on_leaf) {
  PythonSink sink(on_leaf);
  const LeafSink leaves = sink.sink();
  const LongCall running;
  return state.finalize(leaves);
}

std::string judge(const Fingerprint& a, const Fingerprint& b, const Dataset* left,
                  const Dataset* right, int threads) {
  const LongCall running;
  if (left == nullptr || right == nullptr) return verdict(a, b).to_json();
  return verdict(a, b, *left, *right, threads).to_json();
}

FingerprintOptions options_of(const std::string& hash_key, int threads) {
  return {.hash_key = hash_key, .threads = threads};
}

void bind_state(py::module_& m) {
  py::class_<FingerprintState>(m, "FingerprintState", "A fingerprint in the making.")
      .def(py::init([](const Text& hash_key, int threads, RowIndex first_row) {
             return FingerprintState(options_of(hash_key, threads), first_row);
           }),
           py::kw_only(), py::arg("hash_key"), py::arg("threads"), py::arg("first_row"))
      .def_property_readonly("n_rows", &FingerprintState::n_rows)
      .def("update", &update, py::arg("batch"), py::arg("on_leaf") = py::none())
      .def("merge", &FingerprintState::merge, py::arg("other"), py::call_guard<LongCall>())
      .def("finalize", &finalize, py::arg("on_leaf") = py::none())
      .def("to_bytes", [](const FingerprintState& state) { return py::bytes(state.to_bytes()); })
      .def_static(
          "from_bytes",
          [](const py::bytes& bytes, const Text& hash_key, int threads) {
            return FingerprintState::from_bytes(std::string_view(bytes),
                                                options_of(hash_key, threads));
          },
          py::arg("bytes"), py::kw_only(), py::arg("hash_key"), py::arg("threads"));
}

}  // namespace

void bind_fingerprint(py::module_& m) {
  py::class_<Fingerprint>(m, "Fingerprint", "Digests of a table.")
      .def_static(
          "from_json",
          [](const Text& text, const Text& hash_key) {
            return Fingerprint::from_json(text, options_of(hash_key, 1));
          },
          py::arg("text"), py::arg("hash_key"))
      .def("to_json", &Fingerprint::to_json)
      .def("schema_json", &Fingerprint::schema_json)
      .def("with_secure_json", &Fingerprint::with_secure_json, py::arg("text"))
      .def("merge", &Fingerprint::merge, py::arg("other"))
      .def_property_readonly("content_id",
                             [](const Fingerprint& f) { return to_string(f.content_id()); })
      .def_property_readonly("table_id",
                             [](const Fingerprint& f) { return to_string(f.table_id()); })
      .def_property_readonly("is_ordered", &Fingerprint::is_ordered);
  bind_state(m);
  m.def(
      "verdict_kinds",
      [] {
        std::vector<std::string> kinds;
        for (int i = 0; i <= static_cast<int>(VerdictKind::changed); ++i)
          kinds.emplace_back(to_string(static_cast<VerdictKind>(i)));
        return kinds;
      },
      "Every kind of verdict, by name.");
  m.def("verdict", &judge, py::arg("a"), py::arg("b"), py::arg("left") = py::none(),
        py::arg("right") = py::none(), py::arg("threads") = 1,
        "The verdict as canonical JSON; rows are named if both tables are given.");
}

}  // namespace mlrepro::bindings
