// SPDX-License-Identifier: Apache-2.0
// Arrow C++ at the border, through its C interface: no Arrow symbol is needed by the library
// itself. Link arrow::arrow (or arrow_shared) yourself. Thread safety: as of the arguments.
#pragma once
#include <memory>

#include <arrow/api.h>
#include <arrow/c/bridge.h>

#include <mlrepro/core/arrow_abi.hpp>
#include <mlrepro/core/dataset.hpp>

namespace mlrepro::interop {

// Reads the reader to its end. Several batches are joined, a single one is zero-copy where the
// layout allows. Throws what Dataset::from_arrow throws; an error of the reader is an
// InputTypeError with its text.
inline Dataset from_arrow(std::shared_ptr<arrow::RecordBatchReader> reader,
                          const Roles& roles = {}) {
  ArrowArrayStream stream{};
  // Export of a reader cannot fail: it fills callbacks. Its status is kept for what may come.
  if (!arrow::ExportRecordBatchReader(std::move(reader), &stream).ok()) stream.release = nullptr;
  return Dataset::from_arrow(&stream, roles);
}

inline Dataset from_arrow(const std::shared_ptr<arrow::Table>& table, const Roles& roles = {}) {
  return from_arrow(std::make_shared<arrow::TableBatchReader>(table), roles);
}

// One batch, zero-copy: it keeps the Dataset's memory alive.
inline arrow::Result<std::shared_ptr<arrow::RecordBatchReader>> to_arrow(const Dataset& rows) {
  ArrowArrayStream stream{};
  rows.to_arrow(&stream);
  return arrow::ImportRecordBatchReader(&stream);
}

}  // namespace mlrepro::interop
