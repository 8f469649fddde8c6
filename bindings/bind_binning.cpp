// SPDX-License-Identifier: Apache-2.0
// Room binning: mlrepro._core.BinnedDataset; the facade is python/mlrepro/_binning.py.
#include <mlrepro/binning/binned_dataset.hpp>

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
  c.def("to_json", &BinnedDataset::to_json, "Canonical JSON of the columns' bins.");
}

}  // namespace mlrepro::bindings
