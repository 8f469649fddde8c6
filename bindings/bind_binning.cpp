// SPDX-License-Identifier: Apache-2.0
// Room binning: mlrepro._core.BinnedDataset; the facade is python/mlrepro/_binning.py.
#include <mlrepro/binning/binned_dataset.hpp>
#include <mlrepro/binning/binned_stream.hpp>

#include "long_call.hpp"

namespace mlrepro::bindings {

namespace {

py::array_t<std::uint8_t> codes(const py::object& self, const Text& column) {
  const auto& binned = self.cast<const BinnedDataset&>();
  const std::span<const std::uint8_t> codes = [&] {
    const LongCall running;
    return binned.codes(column);
  }();
  py::array_t<std::uint8_t> out(static_cast<py::ssize_t>(codes.size()), codes.data(), self);
  out.attr("flags").attr("writeable") = false;
  return out;
}

}  // namespace

void bind_binning(py::module_& m) {
  py::class_<BinnedDataset> c(m, "BinnedDataset", "A table cut into bins once.");
  c.def(py::init([](const Dataset& rows, int threads) {
          const LongCall running;
          return BinnedDataset(rows, threads);
        }),
        py::arg("rows"), py::arg("threads") = 0);
  c.def(
      "n_bins", [](const BinnedDataset& b, const Text& column) { return b.n_bins(column); },
      py::arg("column"), "Bins of values.");
  c.def(
      "n_missing", [](const BinnedDataset& b, const Text& column) { return b.n_missing(column); },
      py::arg("column"), "Rows without a value.");
  c.def("codes", &codes, py::arg("column"), "The bin of every row, 255 where it is missing.");
  c.def(
      "bin_text",
      [](const BinnedDataset& b, const Text& column, int bin) { return b.bin_text(column, bin); },
      py::arg("column"), py::arg("bin"), "What a bin holds.");
  c.def_property_readonly(
      "dataset", [](const BinnedDataset& b) { return Dataset(b.dataset().ref()); },
      "The rows; of a stream those of the columns that were kept.");
  c.def("to_json", &BinnedDataset::to_json, "Canonical JSON of the columns' bins.");

  py::class_<BinnedStream> s(m, "BinnedStream", "Bins of a table that passes in batches.");
  s.def(
      py::init([](const py::dict& roles, const py::object& keep, std::uint64_t seed, int threads) {
        return BinnedStream(to_roles(roles), {to_names(keep), seed, threads});
      }),
      py::arg("roles"), py::arg("keep"), py::arg("seed") = 0, py::arg("threads") = 0);
  s.def(
      "add_rows",
      [](BinnedStream& self, const Dataset& batch) {
        const LongCall running;
        self.add_rows(batch);
      },
      py::arg("batch"), "The next rows.");
  s.def(
      "add_columns",
      [](BinnedStream& self, const Dataset& block) {
        const LongCall running;
        self.add_columns(block);
      },
      py::arg("block"), "All rows of some columns.");
  s.def(
      "finish",
      [](BinnedStream& self) {
        const LongCall running;
        return self.finish();
      },
      "The bins.");
}

}  // namespace mlrepro::bindings
