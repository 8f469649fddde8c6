// SPDX-License-Identifier: Apache-2.0
// xtensor (0.24 to 0.27, whose headers moved in 0.26) at the border: one-dimensional containers go
// in as columns without a copy, two-dimensional ones become a Dataset, a numeric column comes out
// as an expression over its memory. Nothing is computed here. Thread safety: as of the arguments.
#pragma once
#include <array>
#include <type_traits>

#if __has_include(<xtensor/containers/xtensor.hpp>)
#include <xtensor/containers/xadapt.hpp>
#include <xtensor/containers/xtensor.hpp>
#else
#include <xtensor/xadapt.hpp>
#include <xtensor/xtensor.hpp>
#endif

#include <mlrepro/core/column_view.hpp>
#include <mlrepro/core/dataset.hpp>
#include <mlrepro/interop/matrix.hpp>

namespace mlrepro::interop {

// A vector as a column, borrowed: it must outlive the view. NaN is missing, as everywhere.
template <class T, xt::layout_type L>
ColumnView column_view(const xt::xtensor<T, 1, L>& vector) noexcept {
  return ColumnView(std::span<const T>(vector.data(), vector.size()), nullptr);
}
template <class T, xt::layout_type L>
ColumnView column_view(xt::xtensor<T, 1, L>&&) = delete;  // would dangle

// Rows and columns as a table: column j is called names[j]. Any expression of two dimensions,
// row- or column-major, copied once. O(rows * columns). Throws ArgumentError (as many names as
// columns are needed), SchemaError (repeated names), ColumnNotFoundError (a role that names no
// column).
template <class E>
Dataset to_dataset(const xt::xexpression<E>& matrix, const Names& names, const Roles& roles = {}) {
  const xt::xtensor<typename E::value_type, 2, xt::layout_type::column_major> held(
      matrix.derived_cast());
  return detail::dataset_of_columns(held.data(), static_cast<std::int64_t>(held.shape(0)),
                                    static_cast<std::int64_t>(held.shape(1)), names, roles);
}

// The values of a numeric column where they lie: InputTypeError unless T is its type. Borrowed from
// the Dataset; garbage where the column is null (see ColumnView::is_null).
template <class T>
auto to_xtensor(const ColumnView& column) {
  const std::span<const T> values = column.values<T>();
  return xt::adapt(values.data(), values.size(), xt::no_ownership(),
                   std::array<std::size_t, 1>{values.size()});
}

}  // namespace mlrepro::interop
