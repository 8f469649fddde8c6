// SPDX-License-Identifier: Apache-2.0
// Room probe: mlrepro._core.Tree and fit_probe; the facade is python/mlrepro/_probe.py.
#include <mlrepro/binning/binned_dataset.hpp>
#include <mlrepro/probe/probe.hpp>

#include <cstring>
#include <string>

#include "long_call.hpp"
#include "probe_options.hpp"

namespace mlrepro::bindings {

// Keys are the options' names in ProbeOptions; the facade has checked them.
ProbeOptions to_probe_options(const py::dict& given) {
  const auto get = [&](const char* name) { return py::object(given[name]); };
  ProbeOptions o;
  o.max_depth = get("max_depth").cast<int>();
  o.min_samples_leaf = get("min_samples_leaf").cast<RowIndex>();
  o.selection =
      get("selection").cast<std::string>() == "gain" ? Selection::gain : Selection::unbiased;
  o.honest = get("honest").cast<bool>();
  o.features = to_names(get("features"));
  o.exclude = to_names(get("exclude"));
  o.alpha = get("alpha").cast<double>();
  o.seed = get("seed").cast<std::uint64_t>();
  o.threads = get("threads").cast<int>();
  o.time_limit = get("time_limit").cast<double>();
  o.memory_limit = get("memory_limit").cast<std::int64_t>();
  o.meta_features = get("meta_features").cast<bool>();
  return o;
}

namespace {

// binned: None, or what was binned of `rows` before.
py::tuple fit_probe(const Dataset& rows, const py::object& target, const Text& name,
                    const py::dict& options, const BinnedDataset* binned,
                    const std::optional<std::string>& of_class) {
  const DecisionTreeProbe probe(to_probe_options(options));
  const GivenTarget given(target, name, rows);
  py::array_t<bool> judged(static_cast<py::ssize_t>(rows.n_rows()));
  const std::span<std::uint8_t> judged_out(reinterpret_cast<std::uint8_t*>(judged.mutable_data()),
                                           static_cast<std::size_t>(rows.n_rows()));
  std::memset(judged_out.data(), 0, judged_out.size());
  const auto run =
      [&] {  // touches no Python object: the span is memory of an array that nobody else has seen
        const LongCall running;
        return binned == nullptr ? probe.fit(rows, given.target(of_class), judged_out)
                                 : probe.fit(*binned, given.target(of_class), judged_out);
      };
  return py::make_tuple(py::cast(run()), judged);
}

py::list classes_of_target(const Dataset& rows, const py::object& target, const Text& name) {
  const GivenTarget given(target, name, rows);
  const Names names = target_classes(rows, given.target());
  py::list out;
  for (int i = 0; i < names.size(); ++i) out.append(to_str(names[i]));
  return out;
}

py::array_t<std::int32_t> apply(const Tree& tree, const py::object& frame, int threads) {
  static_assert(sizeof(int) == sizeof(std::int32_t));
  const py::object facade = py::module_::import("mlrepro._dataset").attr("as_dataset")(frame);
  const Dataset rows = facade.attr("_data").cast<Dataset>();
  py::array_t<std::int32_t> leaves(static_cast<py::ssize_t>(rows.n_rows()));
  const std::span<int> out(reinterpret_cast<int*>(leaves.mutable_data()),
                           static_cast<std::size_t>(rows.n_rows()));
  {
    const LongCall running;
    tree.apply(rows, out, threads);
  }
  return leaves;
}

void add_classes(const Tree& tree, const Leaf& leaf, py::dict& out) {
  const auto name = [&](int k) { return to_str(tree.class_name(k)); };
  out["most_common"] = name(leaf.most_common);
  out["stands_out"] = leaf.stands_out < 0 ? py::object(py::none()) : name(leaf.stands_out);
  py::dict rows;
  for (int k = 0; k < tree.n_classes(); ++k) rows[name(k)] = tree.class_rows(leaf.leaf, k);
  out["class_rows"] = rows;
}

py::dict leaf(const Tree& tree, int i) {
  const Leaf leaf = tree.leaf(i);
  py::dict out;
  out["leaf"] = leaf.leaf;
  out["rows"] = leaf.rows;
  out["rows_judged"] = leaf.rows_judged;
  out["mean"] = leaf.mean;
  out["low"] = leaf.low;
  out["high"] = leaf.high;
  out["lift"] = leaf.lift;
  out["share"] = leaf.share;
  out["p_value"] = leaf.p_value;
  out["replicated"] = leaf.replicated;
  if (tree.n_classes() > 0) add_classes(tree, leaf, out);
  return out;
}

py::list classes(const Tree& tree) {
  py::list out;
  for (int k = 0; k < tree.n_classes(); ++k) out.append(to_str(tree.class_name(k)));
  return out;
}

py::list columns(const Tree& tree) {
  py::list out;
  for (const Field& field : tree.columns()) {
    const std::string_view value_class = to_string(field.value_class);
    out.append(py::make_tuple(to_str(field.name), to_str(value_class)));
  }
  return out;
}

py::dict to_dict(const Tree& tree) {
  const py::object document = py::module_::import("json").attr("loads")(tree.to_json());
  return py::module_::import("mlrepro._exact").attr("plain")(document);
}

void bind_tree(py::module_& m) {
  py::class_<Tree> c(m, "Tree", "A fitted tree: the answer of a DecisionTreeProbe.");
  c.def_static(
      "from_json", [](const py::str& json) { return Tree::from_json(utf8(json)); }, py::arg("json"),
      "The tree that to_json or saved_json wrote.");
  c.def("to_json", &Tree::to_json, "Canonical JSON, without the types of columns.");
  c.def(
      "saved_json", [](const Tree& t, const Text& settings) { return t.saved_json(settings); },
      py::arg("settings") = "{}",
      "to_json with the types of columns and the settings of the probe.");
  c.def("to_text", &Tree::to_text, "The tree as lines of at most 100 columns.");
  c.def_property_readonly("n_leaves", &Tree::n_leaves, "Number of leaves.");
  c.def_property_readonly("classes", &classes, "Of a target of text: its classes; else empty.");
  c.def_property_readonly("columns", &columns, "Name and class of the columns that splits use.");
  c.def("leaf", &leaf, py::arg("leaf"), "Figures of one leaf.");
  c.def(
      "rule",
      [](const Tree& t, int i, const Text& language, const Text& dialect) {
        return t.rule(i, language, dialect);
      },
      py::arg("leaf"), py::arg("language") = "text", py::arg("dialect") = "duckdb",
      "The condition that selects the rows of a leaf.");
  c.def("cpp_source", &Tree::cpp_source,
        "A C++17 header with struct Row and int leaf(const Row&).");
  c.def("apply", &apply, py::arg("rows"), py::arg("threads") = 0,
        "The leaf of every row of a Dataset or frame.");
  c.def(
      "to_dict", &to_dict,
      "Settings, nodes with figures, tests and runner-ups, blocks and warnings as plain objects.");
  c.def_property_readonly(
      "nodes", [](const Tree& t) { return py::object(to_dict(t)["nodes"]); },
      "Nodes, root first, breadth first.");
  c.def("__repr__", &Tree::to_text);
  c.def("__eq__", [](const Tree& a, const py::object& b) {
    return py::isinstance<Tree>(b) && a == b.cast<const Tree&>();
  });
  c.attr("__hash__") = py::none();
  c.def(py::pickle(
      [](const Tree& t) { return py::make_tuple(t.saved_json()); },
      [](const py::tuple& state) { return Tree::from_json(state[0].cast<std::string>()); }));
}

}  // namespace

void bind_probe(py::module_& m) {
  bind_tree(m);
  m.def("target_classes", &classes_of_target, py::arg("rows"), py::arg("target"), py::arg("name"),
        "The classes of a target of text, in order of bytes.");
  m.def("fit_probe", &fit_probe, py::arg("rows"), py::arg("target"), py::arg("name"),
        py::arg("options"), py::arg("binned") = py::none(), py::arg("of_class") = py::none(),
        "Returns the tree, and for every row whether it is among the judged ones.");
}

}  // namespace mlrepro::bindings
