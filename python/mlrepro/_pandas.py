# SPDX-License-Identifier: Apache-2.0
"""Reading pandas column by column: its own export needs pyarrow, copies, and turns NaN into null."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlrepro import _core
from mlrepro._cells import object_part, zone_name
from mlrepro._errors import InputTypeError, SchemaError
from mlrepro._names import check_column_names
from mlrepro._origin import Origin
from mlrepro._parts import Part, array_part, bits, text_part

__all__ = ["read_pandas", "series_part"]


def read_pandas(
    frame: Any, roles: dict[str, Any], copy: bool | None
) -> tuple[_core.Dataset, Origin]:
    """Read a pandas.DataFrame; its index is no column, and is remembered."""
    if frame.columns.nlevels > 1:
        raise InputTypeError(
            f"The frame's columns have {frame.columns.nlevels} levels.",
            next_step="Flatten them first, e.g. df.columns = ['_'.join(c) for c in df.columns].",
        )
    names = _names_of(frame.columns)
    parts, dtypes, missing = [], {}, {}
    for i, name in enumerate(names):
        series = frame.iloc[:, i]
        part, mark = series_part(name, series, copy)
        parts.append(part)
        dtypes[name] = (_format(part), series.dtype)
        if mark is not None:
            missing[name] = mark[0]
    data = _core.Dataset.from_parts(len(frame), names, parts, roles)
    labels = {n: c for n, c in zip(names, frame.columns, strict=True) if not isinstance(c, str)}
    return data, Origin("pandas", dtypes, labels, missing, frame.index)


def _names_of(labels: Any) -> list[str]:
    """Return the labels of columns as text; SchemaError for those that are no names, or one name."""
    names: list[str] = []
    place: dict[str, int] = {}
    for i, label in enumerate(labels):
        if label is None or type(label).__name__ in ("NAType", "NaTType") or label != label:
            raise SchemaError(
                f"column {i} has no name: it is {label!r}.",
                next_step="Name it first, e.g. df.columns = [...].",
            )
        name = str(label)
        at = place.setdefault(name, i)
        if at != i:
            same = labels[at] == label
            said = (
                f"column name {name!r} occurs twice (columns {at} and {i})."
                if same
                else f"columns {at} and {i} have the names {labels[at]!r} and {label!r}, "
                f"which are one name, {name!r}, as text."
            )
            raise SchemaError(said, column=name, next_step="Rename one of the two columns.")
        names.append(name)
    check_column_names(names)
    return names


def _format(part: Any) -> str:
    return str(part.column_parts(0)[0] if isinstance(part, _core.Dataset) else part.format)


def series_part(name: str, series: Any, copy: bool | None) -> tuple[Any, tuple[Any] | None]:
    """Describe a Series or Index as a column; beside it, in a tuple, the missing mark of object cells."""
    dtype = series.dtype
    if isinstance(dtype, np.dtype):
        values = series.to_numpy()
        if dtype.kind != "O":
            return array_part(name, values, copy=copy), None
        return object_part(name, values), _missing_mark(values)
    kind = type(dtype).__name__
    if kind == "CategoricalDtype":
        return _categories(name, series), None
    if kind == "DatetimeTZDtype":
        return _zoned(name, series, dtype), None
    if kind in ("ArrowDtype", "StringDtype") and getattr(dtype, "storage", "pyarrow").startswith(
        "pyarrow"
    ):
        chunked = getattr(series, "array", series).__arrow_array__()
        if hasattr(chunked, "__arrow_c_stream__"):
            return _core.Dataset.from_column_stream(name, chunked.__arrow_c_stream__()), None
        return _core.Dataset.from_column_array(name, *chunked.__arrow_c_array__()), None
    if kind == "StringDtype":
        return text_part(name, np.asarray(series.to_numpy(dtype=object))), None
    numpy_dtype = getattr(dtype, "numpy_dtype", None)
    if isinstance(numpy_dtype, np.dtype) and numpy_dtype.kind in "biuf":  # Int64, boolean, Float64
        held = getattr(series, "array", series)
        values = held.to_numpy(dtype=numpy_dtype, na_value=numpy_dtype.type(0))
        return array_part(name, values, np.asarray(held.isna()), copy), None
    steps = {
        "SparseDtype": "Make it dense first: .sparse.to_dense().",
        "PeriodDtype": "Cast it first: .dt.to_timestamp().",
        "IntervalDtype": "Cast it to text first: .astype(str).",
    }
    raise InputTypeError(
        f"column {name!r} has the pandas dtype {dtype}, which a Dataset does not hold.",
        column=name,
        next_step=steps.get(kind, "Cast it to a number, text, category or time first."),
    )


def _missing_mark(cells: np.ndarray[Any, Any]) -> tuple[Any]:
    marks = [c for c in cells if c is None or type(c).__name__ == "NAType" or c != c]
    first = marks[0] if marks else None
    return (first,) if all(m is first or type(m) is type(first) for m in marks) else (None,)


def _categories(name: str, series: Any) -> Part:
    held = getattr(series, "array", series)
    codes = np.asarray(held.codes).astype(np.int32)
    levels = held.categories
    kind = type(levels.dtype).__name__
    if kind == "IntervalDtype":
        raise InputTypeError(
            f"column {name!r} has categories that are intervals.",
            column=name,
            next_step=f"Rename them first: df[{name!r}].cat.rename_categories(str).",
        )
    dictionary, _ = series_part(name, levels, None)
    if isinstance(dictionary, _core.Dataset):
        dictionary = Part(*dictionary.column_parts(0))
    if dictionary.format == "n":
        dictionary = text_part(name, np.empty(0, dtype=object))
    missing = codes < 0
    validity = bits(missing)
    if validity is not None:
        codes[missing] = 0
    return Part("i", len(codes), (validity, codes), dictionary, bool(held.ordered))


def _zoned(name: str, series: Any, dtype: Any) -> Part:
    times = series.dt if hasattr(series, "dt") else series
    part = array_part(name, times.tz_convert(None).to_numpy(), copy=None)
    return part._replace(format=part.format + zone_name(name, dtype.tz))
