// SPDX-License-Identifier: Apache-2.0
// Eigen (3.4 or newer) at the border: vectors go in as columns without a copy, a matrix becomes a
// Dataset, a numeric column comes out as a map of its memory. Nothing is computed here.
// Thread safety: as of the arguments.
#pragma once
#include <vector>

#include <Eigen/Core>

#include <mlrepro/core/column_view.hpp>
#include <mlrepro/core/dataset.hpp>
#include <mlrepro/interop/matrix.hpp>

namespace mlrepro::interop {

// A vector as a column, borrowed: it must outlive the view. NaN is missing, as everywhere.
template <class Vector>
requires(Vector::IsVectorAtCompileTime != 0) ColumnView
    column_view(const Eigen::PlainObjectBase<Vector>& vector)
noexcept {
  using T = typename Vector::Scalar;
  return ColumnView(std::span<const T>(vector.data(), static_cast<std::size_t>(vector.size())));
}
template <class Vector>
requires(Vector::IsVectorAtCompileTime != 0) ColumnView
    column_view(Eigen::PlainObjectBase<Vector>&&)
= delete;  // would dangle

// The matrix as a table: column j is called names[j]. Copied once, row- and column-major alike.
// O(rows * columns). Throws ArgumentError (as many names as columns are needed), SchemaError
// (repeated names), ColumnNotFoundError (a role that names no column).
template <class Matrix>
Dataset to_dataset(const Eigen::MatrixBase<Matrix>& matrix, const Names& names,
                   const Roles& roles = {}) {
  const Eigen::Matrix<typename Matrix::Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor>
      held = matrix;
  return detail::dataset_of_columns(held.data(), held.rows(), held.cols(), names, roles);
}

// The values of a numeric column where they lie: InputTypeError unless T is its type. Borrowed from
// the Dataset; garbage where the column is null (see ColumnView::is_null).
template <class T>
Eigen::Map<const Eigen::Matrix<T, Eigen::Dynamic, 1>> to_map(const ColumnView& column) {
  const std::span<const T> values = column.values<T>();
  return {values.data(), static_cast<Eigen::Index>(values.size())};
}

}  // namespace mlrepro::interop
