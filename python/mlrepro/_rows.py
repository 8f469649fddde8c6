# SPDX-License-Identifier: Apache-2.0
"""Which rows are asked for, and what the first ones look like."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from mlrepro import _core
from mlrepro._errors import ArgumentError, InputTypeError
from mlrepro._frames import read_column
from mlrepro._names import plural
from mlrepro._origin import library_of
from mlrepro._parts import Part
from mlrepro._schema import Schema
from mlrepro._values import python_values, to_numpy

__all__ = ["SHOWN_COLUMNS", "first_rows", "preview", "read_mask", "read_positions"]

SHOWN_COLUMNS = 40
_SHOWN_ROWS = 3


def read_mask(mask: Any, n_rows: int, index: Any = None) -> np.ndarray[Any, Any]:
    """Return a mask of any library as a NumPy array, shape (n_rows,); none of it may be missing."""
    is_array = isinstance(mask, np.ndarray) and mask.dtype == bool and mask.ndim == 1
    if is_array and len(mask) == n_rows:
        return np.ascontiguousarray(mask)
    column = read_column("mask", mask, n_rows, index)
    part = Part(*column.column_parts(0))
    if part.format != "b" and n_rows > 0:
        raise InputTypeError(
            f"The mask holds {Schema._of(column)[0].type}, not booleans.",
            next_step="Pass a comparison, e.g. ds['x'] > 0; positions go to .take().",
        )
    if part.buffers and part.buffers[0] is not None:
        _, gone = column.key_ids(["mask"], "mask")
        fill = "fill_null" if library_of(mask) in ("polars", "pyarrow") else "fillna"
        raise ArgumentError(
            f"The mask is missing in {plural(int(gone.sum()), 'row')}, e.g. row {int(np.argmax(gone))}.",
            example_row=int(np.argmax(gone)),
            next_step=f"Decide about them first, e.g. mask.{fill}(False).",
        )
    return to_numpy(part).astype(bool)


def read_positions(rows: Any) -> np.ndarray[Any, Any]:
    """Return row positions as a contiguous int64 array."""
    given = np.asarray(rows)
    if given.size == 0:
        given = given.astype(np.int64).reshape(-1)
    if given.dtype.kind not in "iu" or given.ndim != 1:
        raise InputTypeError(
            f"Rows are an array of {given.dtype} in {given.ndim} dimensions.",
            next_step="Pass positions as a 1-D integer array; a boolean mask goes to .filter().",
        )
    if given.dtype == np.uint64 and given.max(initial=0) > np.iinfo(np.int64).max:
        at = int(np.argmax(given))
        raise ArgumentError(
            f"row {given[at]} (position {at}) is beyond any table.", next_step="Count rows from 0."
        )
    return np.ascontiguousarray(given, dtype=np.int64)


def first_rows(n: Any, n_rows: int) -> np.ndarray[Any, Any]:
    """Return the positions of the first `n` rows; of a negative `n` all but the last ``-n``."""
    if isinstance(n, (bool, np.bool_)) or not isinstance(n, numbers.Integral):
        raise InputTypeError(
            f"head takes a whole number of rows, and got {n!r}.", next_step="Pass e.g. head(5)."
        )
    return np.arange(n_rows)[: int(n)]


def preview(data: _core.Dataset) -> list[tuple[str, ...]]:
    """Return the schema's rows, header first, with the first values of each column."""
    shown = data.select(data.names[:SHOWN_COLUMNS])
    head = shown.head(_SHOWN_ROWS).parts()
    rows = [(*line, "") for line in Schema._of(data).rows()[: SHOWN_COLUMNS + 1]]
    rows[0] = (*rows[0][:-1], "first values")
    for i, part in enumerate(head):
        cells = ", ".join(_short(value) for value in python_values(Part(*part)))
        rows[i + 1] = (*rows[i + 1][:-1], cells)
    return rows


def _short(value: Any) -> str:
    text = "missing" if value is None else str(value)
    return text if len(text) <= 20 else text[:19] + "…"
