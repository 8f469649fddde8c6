// SPDX-License-Identifier: Apache-2.0
// Room split: plans and the splitters that make them. The facade (python/mlrepro/_split.py) holds
// the settings, turns Python's times into (class, ticks, unit) and parses the JSON.
#include <mlrepro/split/split.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "array_view.hpp"
#include "long_call.hpp"

namespace mlrepro::bindings {
namespace {

using split::Assigner;
using split::Plan;

Value integer_value(const py::handle& object) {
  int overflow = 0;
  const long long number = PyLong_AsLongLongAndOverflow(object.ptr(), &overflow);
  if (number == -1 && PyErr_Occurred() != nullptr) throw py::error_already_set();
  if (overflow == 0) return static_cast<std::int64_t>(number);
  const unsigned long long large = PyLong_AsUnsignedLongLong(object.ptr());
  if (PyErr_Occurred() != nullptr) {
    PyErr_Clear();
    raise_error("InputTypeError",
                "the key " + py::str(object).cast<std::string>() + " does not fit 64 bits.",
                "Pass it as the text or number that the column holds.");
  }
  return static_cast<std::uint64_t>(large);
}

Value time_value(const py::tuple& encoded) {
  const auto name = encoded[0].cast<std::string>();
  const auto ticks = encoded[1].cast<std::int64_t>();
  const auto unit = static_cast<TimeUnit>(encoded[2].cast<int>());
  if (name == "date") return Value::date(static_cast<std::int32_t>(ticks));
  if (name == "timestamp") return Value::timestamp(ticks, unit);
  if (name == "local_timestamp") return Value::local_timestamp(ticks, unit);
  return Value::duration(ticks, unit);
}

// Text is borrowed from the Python object.
Value to_value(const py::handle& object) {
  if (object.is_none()) return {};
  if (py::isinstance<py::bool_>(object)) return object.ptr() == Py_True;
  if (py::isinstance<py::int_>(object)) return integer_value(object);
  if (py::isinstance<py::float_>(object)) return object.cast<double>();
  if (py::isinstance<py::str>(object)) return utf8(object);
  return time_value(py::reinterpret_borrow<py::tuple>(object));
}

py::str assign(const Assigner& assigner, const py::list& key) {
  std::vector<Value> values;
  for (const py::handle& part : key) values.push_back(to_value(part));
  return to_str(assigner.assign(values));
}

int try_assign(const Assigner& assigner, const py::list& key) {
  std::vector<Value> values;
  for (const py::handle& part : key) values.push_back(to_value(part));
  return assigner.try_assign(values);
}

py::list parts(const Assigner& assigner) {
  py::list out;
  for (const split::Part& part : assigner.parts())
    out.append(py::make_tuple(to_str(part.name), part.n_rows));
  return out;
}

py::list key(const Assigner& assigner) {
  py::list out;
  for (const Field& field : assigner.key()) {
    out.append(py::make_tuple(to_str(field.name), to_str(to_string(field.value_class))));
  }
  return out;
}

py::array_t<RowIndex> indices(const Plan& plan, const Text& part) {
  RowIndex n = 0;
  for (const split::Part& p : plan.parts()) n += p.name == part ? p.n_rows : 0;
  py::array_t<RowIndex> out(n);
  plan.indices(part, {out.mutable_data(), static_cast<std::size_t>(n)});
  return out;
}

py::array_t<std::int32_t> part_of_row(const Plan& plan) {
  py::array_t<std::int32_t> out(plan.n_rows());
  plan.part_of_row({out.mutable_data(), static_cast<std::size_t>(plan.n_rows())});
  return out;
}

using Fractions = std::vector<std::pair<Text, double>>;

split::HashSplit make_hash_split(const Fractions& fractions, const py::list& by, const Text& salt,
                                 bool exact) {
  std::vector<split::Fraction> parts;
  for (const auto& [name, fraction] : fractions) parts.push_back({name, fraction});
  return split::HashSplit(parts, {.by = to_names(by), .salt = salt, .exact = exact});
}

// Datasets and splitters are immutable and held by the caller, so the lock can go.
template <class S>
Plan plan(const S& splitter, const Dataset& dataset, int threads) {
  const LongCall running;
  return splitter.plan(dataset, threads);
}

split::GroupKFold make_group_kfold(int n_splits, const py::list& by, const Text& salt, bool exact) {
  return split::GroupKFold(n_splits, {.by = to_names(by), .salt = salt, .exact = exact});
}

split::TimeSplit make_time_split(const py::object& test_from, double test_fraction,
                                 const Text& time, std::int64_t horizon_ns, std::int64_t purge_ns,
                                 const Text& allow_leak,
                                 const std::optional<split::HashSplit>& unseen) {
  return split::TimeSplit({.test_from = to_value(test_from),
                           .test_fraction = test_fraction,
                           .time = time,
                           .horizon_ns = horizon_ns,
                           .purge_ns = purge_ns,
                           .allow_leak = allow_leak,
                           .unseen = unseen ? &*unseen : nullptr});
}

void bind_plan(py::module_& m) {
  py::class_<Assigner>(m, "Assigner", "Answers in which part a key is.")
      .def("assign", &assign, py::arg("key"), "Name of the part of one key.")
      .def("try_assign", &try_assign, py::arg("key"), "Index into parts(), -1 where assign raises.")
      .def("parts", &parts, "[(name, rows)] in order.")
      .def("key", &key, "[(column, class of value)] in the order that assign takes.");
  py::class_<Plan, Assigner>(m, "Plan", "A split that was made.")
      .def_static(
          "from_json", [](const Text& text) { return Plan::from_json(text); }, py::arg("text"),
          "Read what to_json wrote.")
      .def("to_json", &Plan::to_json, "Canonical JSON.")
      .def("splitter", &Plan::splitter, "Name of the class that made it.")
      .def("level", &Plan::level, "The fold that was split; empty: a whole table.")
      .def("identity", &Plan::identity, "What a key is: by, key or values; empty: by time.")
      .def("is_folds", &Plan::is_folds, "Parts are folds of equal rank.")
      .def("n_rows", &Plan::n_rows, "Rows of the table.")
      .def("has_rows", &Plan::has_rows, "False after from_json, until extend.")
      .def("indices", &indices, py::arg("part"), "Positions of the part's rows, int64, ascending.")
      .def("part_of_row", &part_of_row, "Index into parts(), int32, one a row.")
      .def(
          "part", [](const Plan& p, const Text& name) { return p.part(name); }, py::arg("name"),
          "The part as a Dataset that knows its fold.")
      .def("extend", &Plan::extend, py::arg("dataset"), py::arg("threads") = 0,
           py::call_guard<LongCall>(), "The plan for another table.")
      .def("report_json", &Plan::report_json, py::arg("threads") = 0, py::call_guard<LongCall>(),
           "Canonical JSON of the report.");
}

}  // namespace

void bind_split(py::module_& m) {
  bind_plan(m);
  py::class_<split::HashSplit, Assigner>(m, "HashSplit", "Named parts by a salted hash.")
      .def(py::init(&make_hash_split), py::kw_only(), py::arg("parts"), py::arg("by"),
           py::arg("salt"), py::arg("exact"))
      .def("plan", &plan<split::HashSplit>, py::arg("dataset"), py::arg("threads") = 0,
           "Split a table.");
  py::class_<split::GroupKFold>(m, "GroupKFold", "Folds of whole groups.")
      .def(py::init(&make_group_kfold), py::kw_only(), py::arg("n_splits"), py::arg("by"),
           py::arg("salt"), py::arg("exact"))
      .def("plan", &plan<split::GroupKFold>, py::arg("dataset"), py::arg("threads") = 0,
           "Split a table.");
  py::class_<split::TimeSplit>(m, "TimeSplit", "Train before an instant, test from it on.")
      .def(py::init(&make_time_split), py::kw_only(), py::arg("test_from"),
           py::arg("test_fraction"), py::arg("time"), py::arg("horizon_ns"), py::arg("purge_ns"),
           py::arg("allow_leak"), py::arg("unseen"))
      .def("plan", &plan<split::TimeSplit>, py::arg("dataset"), py::arg("threads") = 0,
           "Split a table.");
}

}  // namespace mlrepro::bindings
