// SPDX-License-Identifier: Apache-2.0
// Room core: mlrepro._core.Dataset, which the facade (python/mlrepro/_dataset.py) wraps.
#include <mlrepro/core/dataset.hpp>
#include <mlrepro/core/order_key.hpp>

#include <cstring>
#include <string>
#include <vector>

#include "array_view.hpp"
#include "arrow_capsule.hpp"
#include "long_call.hpp"

namespace mlrepro::bindings {

py::tuple pack_text(const py::array& objects, const Text& column);
py::array unpack_text(const py::array& offsets, const py::object& bytes, const py::object& validity,
                      const py::object& missing_object);

namespace {

py::list from_names(const Names& names) {
  py::list out;
  for (int i = 0; i < names.size(); ++i) out.append(to_str(names[i]));
  return out;
}

struct SingleRole {
  const char* role;
  std::string Roles::*column;
};
constexpr SingleRole kSingle[] = {{"time", &Roles::time},
                                  {"known_time", &Roles::known_time},
                                  {"label", &Roles::label},
                                  {"label_time", &Roles::label_time},
                                  {"prediction", &Roles::prediction},
                                  {"weight", &Roles::weight},
                                  {"source_file", &Roles::source_file}};
struct ListRole {
  const char* role;
  Names Roles::*columns;
};
constexpr ListRole kList[] = {{"key", &Roles::key},
                              {"entity", &Roles::entity},
                              {"join_outcome", &Roles::join_outcome},
                              {"duplicate", &Roles::duplicate}};

}  // namespace

Roles to_roles(const py::dict& given) {
  Roles roles;
  for (const ListRole& r : kList) {
    if (given.contains(r.role)) roles.*r.columns = to_names(given[r.role]);
  }
  for (const SingleRole& r : kSingle) {
    if (given.contains(r.role) && !py::object(given[r.role]).is_none())
      roles.*r.column = std::string(utf8(given[r.role]));
  }
  return roles;
}

namespace {

py::dict from_roles(const Roles& roles) {
  py::dict out;
  for (const ListRole& r : kList) {
    if (!(roles.*r.columns).empty()) out[r.role] = from_names(roles.*r.columns);
  }
  for (const SingleRole& r : kSingle) {
    if (!(roles.*r.column).empty()) out[r.role] = py::str(roles.*r.column);
  }
  return out;
}

Dataset take_stream(StreamHolder& stream, const Roles& roles, std::int64_t memory_limit = 0) {
  const LongCall running;
  return Dataset::from_arrow(stream.get(), roles, memory_limit);
}

Dataset from_stream(const py::capsule& capsule, const py::dict& roles, std::int64_t memory_limit) {
  StreamHolder stream;
  const Roles declared = to_roles(roles);
  stream_from_capsule(capsule, stream);
  return take_stream(stream, declared, memory_limit);
}

Dataset from_column_stream(const Text& name, const py::capsule& capsule) {
  StreamHolder stream;
  stream_from_column_capsule(capsule, name, stream);
  return take_stream(stream, {});
}

Dataset from_array(const py::capsule& schema, const py::capsule& array, const py::dict& roles) {
  StreamHolder stream;
  const Roles declared = to_roles(roles);
  stream_from_array_capsules(schema, array, stream);
  return take_stream(stream, declared);
}

Dataset from_column_array(const Text& name, const py::capsule& schema, const py::capsule& array) {
  StreamHolder stream;
  stream_from_column_array_capsules(schema, array, name, stream);
  return take_stream(stream, {});
}

Dataset from_parts(py::ssize_t n_rows, const py::list& names, const py::list& parts,
                   const py::dict& roles) {
  StreamHolder stream;
  const Roles declared = to_roles(roles);
  stream_from_parts(n_rows, names, parts, stream);
  return take_stream(stream, declared);
}

py::list column_names(const Dataset& dataset) {
  py::list names;
  for (int i = 0; i < dataset.n_columns(); ++i) {
    names.append(to_str(dataset.column_name(i)));
  }
  return names;
}

py::array_t<std::uint64_t> ids_array(RowIndex n) {
  return py::array_t<std::uint64_t>({static_cast<py::ssize_t>(n), py::ssize_t{2}});
}
std::span<RowId> ids_in(py::array_t<std::uint64_t>& ids, RowIndex n) {
  static_assert(sizeof(RowId) == 16 && std::is_standard_layout_v<RowId>);
  return {reinterpret_cast<RowId*>(ids.mutable_data()), static_cast<std::size_t>(n)};
}

py::array_t<std::uint64_t> row_ids(const Dataset& dataset, const Text& purpose, int threads) {
  auto ids = ids_array(dataset.n_rows());
  const std::span<RowId> out = ids_in(ids, dataset.n_rows());
  const LongCall running;
  dataset.row_ids(purpose, out, threads);
  return ids;
}

py::tuple key_ids(const Dataset& dataset, const py::object& columns, const Text& purpose,
                  int threads) {
  auto ids = ids_array(dataset.n_rows());
  py::array_t<bool> is_missing(static_cast<py::ssize_t>(dataset.n_rows()));
  const Names names = to_names(columns);
  const std::span<RowId> out = ids_in(ids, dataset.n_rows());
  const std::span<std::uint8_t> missing_out(
      reinterpret_cast<std::uint8_t*>(is_missing.mutable_data()), out.size());
  {
    const LongCall running;
    dataset.key_ids(names, purpose, out, missing_out, threads);
  }
  return py::make_tuple(ids, is_missing);
}

bool same_cell(const Value& a, const Value& b) noexcept {
  if (a.value_class() != b.value_class()) return false;
  if (a.value_class() == ValueClass::text) return a.text() == b.text();
  return a.bits() == b.bits() || (a.is_nan() && b.is_nan());
}

// Same columns in the same order, types, roles, fold and cells; null is not NaN, -0.0 is not 0.0.
bool equals(const Dataset& a, const Dataset& b) {
  const LongCall running;
  if (a.n_rows() != b.n_rows() || a.schema_json() != b.schema_json()) return false;
  for (int i = 0; i < a.n_columns(); ++i) {
    const ColumnView x = a.column(i), y = b.column(i);
    for (RowIndex row = 0; row < a.n_rows(); ++row) {
      check_cancelled_at(row);
      if (!same_cell(x[row], y[row])) return false;
    }
  }
  return true;
}

enum class Comparison { equal, not_equal, less, less_equal };

int order_of(const Value& a, const Value& b) noexcept {
  if (a.value_class() == ValueClass::text) return a.text().compare(b.text());
  const auto x = detail::core::order_key(a), y = detail::core::order_key(b);
  return x < y ? -1 : y < x ? 1 : 0;
}

// Exact (int64 against float64 too); a missing cell compares false, "not equal" included. b: one
// row, or one a row.
py::array_t<bool> compare(const Dataset& a, int i, const Dataset& b, int j, Comparison how,
                          bool swapped) {
  const ColumnView x = a.column(i), y = b.column(j);
  if (y.n_rows() != 1 && y.n_rows() != x.n_rows()) {
    raise_error("ArgumentError",
                "The columns compared have " + std::to_string(x.n_rows()) + " and " +
                    std::to_string(y.n_rows()) + " rows.",
                "Compare columns of one length.");
  }
  py::array_t<bool> out(static_cast<py::ssize_t>(x.n_rows()));
  bool* mask = out.mutable_data();
  const LongCall running;
  for (RowIndex row = 0; row < x.n_rows(); ++row) {
    check_cancelled_at(row);
    const Value u = x[row], v = y[y.n_rows() == 1 ? 0 : row];
    mask[row] = false;
    if (u.is_missing() || v.is_missing() || u.value_class() != v.value_class()) continue;
    const int order = swapped ? order_of(v, u) : order_of(u, v);
    mask[row] = how == Comparison::equal       ? order == 0
                : how == Comparison::not_equal ? order != 0
                : how == Comparison::less      ? order < 0
                                               : order <= 0;
  }
  return out;
}

// Class of the cells ("number", "text", "timestamp", ...); "missing" where all are.
std::string class_of(const Dataset& dataset, int i) {
  const ColumnView column = dataset.column(i);
  for (RowIndex row = 0; row < column.n_rows(); ++row) {
    const Value v = column[row];
    if (v.value_class() != ValueClass::missing) return std::string(to_string(v.value_class()));
  }
  return "missing";
}

Dataset take(const Dataset& dataset, const py::object& rows) {
  const auto view = array_view<RowIndex>(rows, "rows");
  const LongCall running;
  return dataset.take(view);
}

Dataset filter(const Dataset& dataset, const py::object& keep) {
  const auto view = array_view<bool>(keep, "the mask");
  const std::span<const std::uint8_t> bytes(reinterpret_cast<const std::uint8_t*>(view.data()),
                                            view.size());
  const LongCall running;
  return dataset.filter(bytes);
}

Dataset with_duplicates(const Dataset& dataset, const py::object& columns, const Text& name,
                        int threads) {
  const Names names = to_names(columns);
  const LongCall running;
  return dataset.with_duplicates(names, name, threads);
}

void bind_makers(py::class_<Dataset>& c) {
  c.def_static("from_stream", &from_stream, py::arg("capsule"), py::arg("roles") = py::dict(),
               py::arg("memory_limit") = 0, "Reads an arrow_array_stream capsule of a table.");
  c.def_static("from_column_stream", &from_column_stream, py::arg("name"), py::arg("capsule"),
               "Reads an arrow_array_stream capsule of one column.");
  c.def_static("from_array", &from_array, py::arg("schema"), py::arg("array"),
               py::arg("roles") = py::dict(),
               "Reads an arrow_schema and an arrow_array capsule of one batch.");
  c.def_static("from_column_array", &from_column_array, py::arg("name"), py::arg("schema"),
               py::arg("array"), "Reads an arrow_schema and an arrow_array capsule of one column.");
  c.def_static("from_parts", &from_parts, py::arg("n_rows"), py::arg("names"), py::arg("parts"),
               py::arg("roles") = py::dict(),
               "Makes columns of NumPy buffers and one-column Datasets; borrows them.");
}

void bind_readers(py::class_<Dataset>& c) {
  c.def_property_readonly("n_rows", &Dataset::n_rows, "Number of rows.");
  c.def_property_readonly("n_columns", &Dataset::n_columns, "Number of columns.");
  c.def_property_readonly("names", &column_names, "Names of the columns, in order.");
  c.def_property_readonly(
      "roles", [](const Dataset& d) { return from_roles(d.roles()); }, "Declared roles.");
  c.def_property_readonly(
      "fold", [](const Dataset& d) { return to_str(d.fold()); }, "The part of a plan this is.");
  c.def_property_readonly("identity_by_key", &Dataset::identity_by_key,
                          "False: identity is a hash of the row.");
  c.def(
      "role_of", [](const Dataset& d, const Text& name) { return to_str(d.role_of(name)); },
      py::arg("name"), "Role of a column; empty: a feature.");
  c.def(
      "find", [](const Dataset& d, const Text& name) { return d.find(name); }, py::arg("name"),
      "Position of a column, -1: none.");
  c.def(
      "require",
      [](const Dataset& d, const Text& name) {
        static_cast<void>(d[name]);
        return d.find(name);
      },
      py::arg("name"), "Position of a column; ColumnNotFoundError.");
  c.def("schema_json", &Dataset::schema_json, py::call_guard<LongCall>(),
        "The schema as canonical JSON.");
  c.def("row_ids", &row_ids, py::arg("purpose"), py::arg("threads") = 0,
        "Row identities, (n, 2): low and high.");
  c.def("key_ids", &key_ids, py::arg("columns"), py::arg("purpose"), py::arg("threads") = 0,
        "Identities by columns, and which rows have a missing part.");
  c.def("class_of", &class_of, py::arg("column"),
        "Class of a column's cells: number, text, timestamp, ...");
  c.def("compare", &compare, py::arg("column"), py::arg("other"), py::arg("other_column"),
        py::arg("how"), py::arg("swapped") = false, "A mask; missing compares false.");
  c.def("equals", &equals, py::arg("other"), "Same schema, roles, fold and cells.");
  c.def("column_parts", &parts_of_column, py::arg("column"),
        "A column as NumPy buffers: zero-copy, read-only.");
  c.def("parts", &parts_of, "All columns as NumPy buffers.");
  c.def("formats", &formats_of, "Arrow formats of all columns.");
  c.def("arrow_stream", &export_stream, "An arrow_array_stream capsule; one batch, zero-copy.");
  c.def("arrow_schema", &export_schema, "An arrow_schema capsule.");
}

void bind_derivers(py::class_<Dataset>& c) {
  c.def(
      "select", [](const Dataset& d, const py::object& n) { return d.select(to_names(n)); },
      py::arg("columns"), "Some columns, in the given order.");
  c.def(
      "drop", [](const Dataset& d, const py::object& n) { return d.drop(to_names(n)); },
      py::arg("columns"), "All but some columns.");
  c.def("take", &take, py::arg("rows"), "Rows by position, an int64 array.");
  c.def("filter", &filter, py::arg("keep"), "Rows where a boolean array is true.");
  c.def("head", &Dataset::head, py::arg("n"), "The first rows.");
  c.def(
      "with_columns", [](const Dataset& d, const Dataset& other) { return d.with_columns(other); },
      py::arg("other"), "Adds or replaces columns by position.");
  c.def("with_duplicates", &with_duplicates, py::arg("columns"), py::arg("name"),
        py::arg("threads") = 0, "Adds which rows have a copy, with the role duplicate.");
  c.def(
      "rename", [](const Dataset& d, const Text& a, const Text& b) { return d.rename(a, b); },
      py::arg("old"), py::arg("new"), "Renames one column.");
  c.def(
      "with_roles",
      [](const Dataset& d, const py::dict& roles) { return d.with_roles(to_roles(roles)); },
      py::arg("roles"), "All roles anew.");
  c.def(
      "with_fold", [](const Dataset& d, const Text& fold) { return d.with_fold(fold); },
      py::arg("fold"), "The same rows as a part of a plan.");
  c.def("identity", &Dataset::identity, "The columns that identify rows, as a table.");
  c.def(
      "with_identity",
      [](const Dataset& d, const Dataset& identity, bool by_key, const py::dict& roles) {
        return d.with_identity(identity, by_key, to_roles(roles));
      },
      py::arg("identity"), py::arg("by_key"), py::arg("roles"),
      "The same table with the identity columns of another, and roles whose key may repeat.");
}

}  // namespace

void bind_core(py::module_& m) {
  py::native_enum<Comparison>(m, "Comparison", "enum.Enum", "How cells are compared.")
      .value("equal", Comparison::equal)
      .value("not_equal", Comparison::not_equal)
      .value("less", Comparison::less)
      .value("less_equal", Comparison::less_equal)
      .finalize();
  py::class_<Dataset> dataset(m, "Dataset",
                              "An immutable columnar table; the facade is mlrepro.Dataset.");
  bind_makers(dataset);
  bind_readers(dataset);
  bind_derivers(dataset);
  m.def("pack_text", &pack_text, py::arg("objects"), py::arg("column"),
        "Offsets, bytes and validity (or None) of an object array; what is no str is missing.");
  m.def("unpack_text", &unpack_text, py::arg("offsets"), py::arg("bytes"), py::arg("validity"),
        py::arg("missing"), "The object array of str behind text buffers.");
}

}  // namespace mlrepro::bindings
