# SPDX-License-Identifier: Apache-2.0
"""Arrays that users give beside a table, as contiguous NumPy arrays: one place for every library and every refusal."""

from __future__ import annotations

import math
import multiprocessing
import numbers
import operator
import re
from typing import Any

import numpy as np
import numpy.typing as npt

from mlrepro._errors import ArgumentError, InputTypeError

__all__ = ["as_bool", "as_bytes", "as_float64", "as_seed", "as_threads", "require_same_index"]

_UNITS = {unit: 1000**i for i, unit in enumerate(("b", "kb", "mb", "gb", "tb"))}
_UNITS |= {unit: 1024**i for i, unit in enumerate(("kib", "mib", "gib", "tib"), 1)}
_EXACT = 2**53  # integers up to here are float64 exactly


def as_float64(name: str, values: Any, n_rows: int | None = None) -> npt.NDArray[np.float64]:
    """Numbers or booleans of any 1-D array-like as float64; null, NA, NaN and masked cells become NaN.

    Parameters
    ----------
    name : str
        What the user calls it; used in messages.
    values : array-like, shape (n,)
        NumPy array, pandas or polars Series, pyarrow array, column of a Dataset, list or tuple.
    n_rows : int, optional
        The length that it must have.

    Raises
    ------
    InputTypeError
        Text, times, mixed objects, another number of dimensions, or no array at all.
    ArgumentError
        Another length than `n_rows`, or an integer that float64 cannot hold.
    """
    array = _to_numpy(name, values)
    _require_length(name, array, n_rows)
    if array.dtype == object:
        array = _numbers_of_objects(name, array)
    elif array.dtype.kind not in "biuf":
        raise _no_numbers(name, str(array.dtype), array)
    _require_exact(name, array)
    return np.ascontiguousarray(array, dtype=np.float64)


def as_bool(name: str, values: Any, n_rows: int | None = None) -> npt.NDArray[np.bool_]:
    """Booleans of any 1-D array-like; a missing cell is an error, not a False.

    Parameters and errors as for `as_float64`; numbers are refused.
    """
    array = _to_numpy(name, values)
    _require_length(name, array, n_rows)
    if array.dtype == object:
        for row, cell in enumerate(array):
            if _is_missing(cell):
                raise ArgumentError(
                    f"{name} is missing in row {row}.",
                    column=name,
                    example_row=row,
                    next_step="Say what a missing value means first, e.g. mask.fillna(False).",
                )
            if not isinstance(cell, (bool, np.bool_)):
                raise _no_booleans(name, type(cell).__name__)
        array = array.astype(bool)
    if array.dtype != np.bool_:
        raise _no_booleans(name, str(array.dtype))
    return np.ascontiguousarray(array)


def as_seed(seed: Any) -> int:
    """A seed as an integer from 0 to 2**64 - 1; ArgumentError otherwise."""
    try:
        number = operator.index(seed)
    except TypeError:
        number = -1
    if isinstance(seed, (bool, np.bool_)) or not 0 <= number < 2**64:
        raise ArgumentError(
            f"seed is {seed!r}, not an integer from 0 to 2**64 - 1.", next_step="Pass e.g. seed=0."
        )
    return number


def as_threads(threads: Any) -> int:
    """A number of threads for the library: 0 lets it choose, and a worker process of multiprocessing gets 1."""
    if threads is None:
        return 1 if multiprocessing.parent_process() is not None else 0
    try:
        number = operator.index(threads)
    except TypeError:
        number = 0
    if isinstance(threads, (bool, np.bool_)) or not 1 <= number <= 1024:
        raise ArgumentError(
            f"threads is {threads!r}, not a number from 1 to 1,024.",
            next_step="Pass such a number, or leave threads out for all usable CPUs.",
        )
    return number


def require_same_index(name: str, values: Any, other_name: str, other: Any) -> None:
    """Refuse two pandas objects whose indexes differ: by position they would pair other rows than pandas would."""
    if not (_is_from(values, "pandas") and _is_from(other, "pandas")):
        return
    index, other_index = getattr(values, "index", None), getattr(other, "index", None)
    if index is None or other_index is None or len(index) != len(other_index):
        return
    if not index.equals(other_index):
        row = next(
            i
            for i, (a, b) in enumerate(zip(index, other_index, strict=True))
            if a is not b and a != b
        )
        raise ArgumentError(
            f"the index of {name} differs from that of {other_name}, first in row {row}: "
            f"{index[row]!r} against {other_index[row]!r}.",
            column=name,
            example_row=row,
            next_step=f"Align them ({name}.reindex({other_name}.index)), or pass {name}.to_numpy() to pair by position.",
        )


def _is_from(values: Any, library: str) -> bool:
    return type(values).__module__.split(".")[0] == library


def _to_numpy(name: str, values: Any) -> npt.NDArray[Any]:
    array: npt.NDArray[Any]
    if isinstance(values, np.ma.MaskedArray):
        mask, values = np.ma.getmaskarray(values), np.asarray(values.data)
        array = values.astype(object)
        array[mask] = None
    elif isinstance(values, np.ndarray):
        array = values
    elif _is_from(values, "pandas"):
        array = _pandas_to_numpy(values)
    elif _is_from(values, "polars") and hasattr(values, "dtype"):
        array = _polars_to_numpy(values)
    elif _is_from(values, "pyarrow"):
        array = _arrow_to_numpy(values)
    elif isinstance(values, (list, tuple, range)):
        array = _list_to_numpy(name, values)
    elif hasattr(values, "to_numpy") or hasattr(values, "__array__"):
        array = np.asarray(values.to_numpy() if hasattr(values, "to_numpy") else values)
    else:
        raise InputTypeError(
            f"{name} is a {type(values).__name__}, not an array.",
            column=name,
            next_step="Pass a NumPy array, a Series, a pyarrow array or a list with one value a row.",
        )
    if array.ndim != 1:
        wide = array.ndim == 2 and array.shape[1] > 1
        hint = f"{name}[:, 1] for the probability of class 1" if wide else f"{name}.ravel()"
        raise InputTypeError(
            f"{name} has {array.ndim} dimensions, shape {array.shape}; it needs one value a row.",
            column=name,
            next_step=f"Pass e.g. {hint}.",
        )
    return array


def _pandas_to_numpy(values: Any) -> npt.NDArray[Any]:
    if getattr(values, "ndim", 1) != 1:
        return np.asarray(values)  # refused by its dimensions
    dtype: Any = getattr(values, "dtype", None)
    if str(dtype) == "category":
        return np.asarray(values, dtype=object)
    kind = getattr(dtype, "kind", "O")
    if isinstance(dtype, np.dtype) or kind not in "biuf":
        return np.asarray(values.to_numpy())
    if bool(values.isna().any()):  # an extension type: NA needs a name
        return np.asarray(values.to_numpy(dtype=object, na_value=None))
    return np.asarray(
        values.to_numpy(dtype=np.dtype(bool if kind == "b" else f"{kind}{dtype.itemsize}"))
    )


def _polars_to_numpy(values: Any) -> npt.NDArray[Any]:
    if values.null_count() == 0:
        return np.asarray(values.to_numpy())
    if values.dtype.is_float():
        return np.asarray(values.to_numpy())
    return np.array(values.to_list(), dtype=object)


def _arrow_to_numpy(values: Any) -> npt.NDArray[Any]:
    if values.null_count == 0 and "dictionary" not in str(values.type):
        return np.asarray(
            values.to_numpy(zero_copy_only=False)
            if hasattr(values, "buffers")
            else values.to_numpy()
        )
    return np.array(values.to_pylist(), dtype=object)


def _list_to_numpy(name: str, values: Any) -> npt.NDArray[Any]:
    cells = list(values)
    array = np.empty(len(cells), dtype=object)
    array[:] = cells if not any(isinstance(c, (list, tuple, np.ndarray)) for c in cells) else None
    if any(isinstance(c, (list, tuple, np.ndarray)) for c in cells):
        raise InputTypeError(
            f"{name} is a list of lists; it needs one value a row.",
            column=name,
            next_step=f"Pass one column of it, e.g. numpy.asarray({name})[:, 1].",
        )
    return array


def _require_length(name: str, array: npt.NDArray[Any], n_rows: int | None) -> None:
    if n_rows is not None and array.shape[0] != n_rows:
        raise ArgumentError(
            f"{name} has {array.shape[0]:,} rows, the table has {n_rows:,}.",
            column=name,
            next_step="Pass one value for each row, in the same order.",
        )


def _is_missing(cell: Any) -> bool:
    if cell is None or type(cell).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(cell, (float, np.floating)) and math.isnan(cell)


def _numbers_of_objects(name: str, cells: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    out = np.full(len(cells), np.nan)
    first_number: tuple[int, Any] | None = None
    for row, cell in enumerate(cells):
        if _is_missing(cell):
            continue
        if not isinstance(cell, (bool, int, float, np.bool_, np.integer, np.floating)):
            seen = type(cell).__name__
            if first_number is None:
                raise _no_numbers(name, seen, cells, row)
            raise InputTypeError(
                f"{name} mixes {type(first_number[1]).__name__} and {seen} "
                f"(row {first_number[0]}: {first_number[1]!r}, row {row}: {cell!r}).",
                column=name,
                example_row=row,
                next_step="Make all of them numbers first.",
            )
        first_number = first_number or (row, cell)
        out[row] = float(cell)
        if isinstance(cell, (int, np.integer)) and int(out[row]) != int(cell):
            raise _not_exact(name, row, cell)
    return out


def _require_exact(name: str, array: npt.NDArray[Any]) -> None:
    if array.dtype.kind not in "iu" or array.dtype.itemsize < 8 or array.size == 0:
        return
    for row in np.flatnonzero(
        (array > _EXACT) | (array < -_EXACT if array.dtype.kind == "i" else False)
    ):
        if int(float(array[row])) != int(array[row]):
            raise _not_exact(name, int(row), array[row])


def _not_exact(name: str, row: int, cell: Any) -> ArgumentError:
    return ArgumentError(
        f"{name} holds an integer that float64 would round (row {row}: {int(cell)}).",
        column=name,
        example_row=row,
        next_step="Is it an identifier? Pass numbers to compute with; round them yourself if they are.",
    )


def _no_numbers(name: str, seen: str, cells: npt.NDArray[Any], row: int = 0) -> InputTypeError:
    example = (
        repr(cells[row].item() if hasattr(cells[row], "item") else cells[row])
        if len(cells)
        else "no rows"
    )
    return InputTypeError(
        f"{name} holds {seen}, not numbers (row {row}: {example}).",
        column=name,
        example_row=row,
        next_step=f"Make it a number or a boolean first, e.g. {name} == {example}.",
    )


def _no_booleans(name: str, seen: str) -> InputTypeError:
    return InputTypeError(
        f"{name} holds {seen}, not booleans.",
        column=name,
        next_step=f"Pass a comparison, e.g. {name} == 1.",
    )


def as_bytes(name: str, given: Any) -> int:
    """Return a number of bytes: a whole number, or text such as "2GB" (10**9) or "512 MiB" (2**20).

    Raises
    ------
    ArgumentError
        Anything else, zero, or more than an int64 holds.
    """
    size: float | int | None = None
    if isinstance(given, numbers.Integral) and not isinstance(given, (bool, np.bool_)):
        size = int(given)
    elif isinstance(given, str):
        found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?i?b)\s*", given, re.IGNORECASE)
        if found and found[2].lower() in _UNITS:
            size = int(float(found[1]) * _UNITS[found[2].lower()])
    if size is None or not 0 < size < 2**63:
        raise ArgumentError(
            f"{name} is {given!r}, not a number of bytes above 0.",
            next_step=f"Pass e.g. {name}=2_000_000_000 or {name}='2GB'; leave it out for no limit.",
        )
    return int(size)
