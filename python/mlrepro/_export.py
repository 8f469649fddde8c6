# SPDX-License-Identifier: Apache-2.0
"""Giving frames back: pandas (without pyarrow too), polars, pyarrow, NumPy, with the dtypes that came in."""

from __future__ import annotations

import contextlib
import importlib.util
from typing import Any

import numpy as np

from mlrepro import _core
from mlrepro._errors import InputTypeError
from mlrepro._origin import Origin
from mlrepro._parts import Part, validity_mask
from mlrepro._values import exact_floats, fixed_values, objects, to_numpy, zone_of

__all__ = [
    "cast_exactly",
    "column_in_origin",
    "frame_in_origin",
    "numbers_table",
    "numpy_columns",
    "numpy_table",
    "pandas_frame",
    "pandas_series",
    "polars_frame",
    "pyarrow_table",
]


def _require(module: str) -> Any:
    try:
        return __import__(module)
    except ImportError as error:
        extra = {"pyarrow": "arrow"}.get(module, module)
        raise InputTypeError(
            f"This needs {module}, which is not installed.",
            next_step=f"pip install 'mlrepro[{extra}]'.",
        ) from error


def pandas_frame(data: _core.Dataset, origin: Origin) -> Any:
    """Return a pandas.DataFrame with index, categories, zones and dtypes back."""
    pd = _require("pandas")
    index = pandas_index(data, origin)
    columns = [
        _series(pd, data, name, Part(*part), origin, index)
        for name, part in zip(data.names, data.parts(), strict=True)
    ]
    if not columns:
        return pd.DataFrame(index=index)
    frame = pd.concat(columns, axis=1)
    frame.columns = [origin.labels.get(name, name) for name in data.names]
    return frame


def pandas_index(data: _core.Dataset, origin: Origin) -> Any:
    """Return the index that came in, or positions."""
    if origin.index is not None and len(origin.index) == data.n_rows:
        return origin.index
    return _require("pandas").RangeIndex(data.n_rows)


def pandas_series(data: _core.Dataset, i: int, origin: Origin) -> Any:
    """Return one column as a pandas.Series."""
    part = Part(*data.column_parts(i))
    return _series(
        _require("pandas"), data, data.names[i], part, origin, pandas_index(data, origin)
    )


def _series(pd: Any, data: _core.Dataset, name: str, part: Part, origin: Origin, index: Any) -> Any:
    read_format, dtype = origin.dtypes.get(name, ("", None))
    if origin.library != "pandas" or read_format != part.format:
        dtype = None
    values = _pandas_values(pd, data, name, part, dtype, origin.missing.get(name))
    return pd.Series(values, index=index, name=origin.labels.get(name, name), copy=False)


def _pandas_values(
    pd: Any, data: _core.Dataset, name: str, part: Part, dtype: Any, mark: Any
) -> Any:
    kind = type(dtype).__name__
    if kind == "ArrowDtype":
        column = pyarrow_table(data.select([name])).column(0)
        return pd.arrays.ArrowExtensionArray(column.cast(dtype.pyarrow_dtype))
    if isinstance(dtype, np.dtype) and dtype.kind == "O":
        return _object_array(pd, objects(part, mark))
    if part.dictionary is not None:
        return _categorical(pd, part, dtype)
    if part.format == "U":
        return _text(pd, data, name, part, dtype if kind == "StringDtype" else _text_dtype(pd))
    if part.format == "n":
        return _object_array(pd, objects(part))
    values, missing = fixed_values(part), validity_mask(part)
    if kind.endswith("Dtype") and hasattr(dtype, "numpy_dtype"):
        return _masked(pd, values, missing, dtype)
    return _plain(pd, part, values, missing, dtype)


def _object_array(pd: Any, cells: np.ndarray[Any, Any]) -> Any:
    return pd.Series(cells, dtype=object).array


def _text_dtype(pd: Any) -> Any:
    return pd.api.types.pandas_dtype("str") if _is_pandas_3(pd) else np.dtype(object)


def _is_pandas_3(pd: Any) -> bool:
    return int(pd.__version__.partition(".")[0]) >= 3


def _text(pd: Any, data: _core.Dataset, name: str, part: Part, dtype: Any) -> Any:
    if getattr(dtype, "storage", "").startswith("pyarrow"):  # no object a cell on the way
        return dtype.__from_arrow__(pyarrow_table(data.select([name])).column(0))
    return pd.array(objects(part), dtype=dtype)


def _categorical(pd: Any, part: Part, dtype: Any) -> Any:
    missing = validity_mask(part)
    codes = part.buffers[1] if missing is None else np.where(missing, -1, part.buffers[1])
    held = Part(*part.dictionary)
    if held.format == "U":
        levels = pd.Index(objects(held), dtype=_text_dtype(pd) if len(objects(held)) else object)
    else:
        levels = pd.Index(_plain(pd, held, fixed_values(held), None, None))
    old = getattr(dtype, "categories", None)
    if old is not None and len(old) == len(levels) and list(old) == list(levels):
        levels = old  # the dtype of the categories as it came in
    return pd.Categorical.from_codes(codes, categories=levels, ordered=part.ordered)


def _masked(
    pd: Any, values: np.ndarray[Any, Any], missing: np.ndarray[Any, Any] | None, dtype: Any
) -> Any:
    mask = np.zeros(len(values), dtype=bool) if missing is None else missing
    kinds = {"b": "BooleanArray", "f": "FloatingArray"}
    made = getattr(pd.arrays, kinds.get(values.dtype.kind, "IntegerArray"))
    return made(values.copy(), mask)


def _plain(
    pd: Any,
    part: Part,
    values: np.ndarray[Any, Any],
    missing: np.ndarray[Any, Any] | None,
    dtype: Any,
) -> Any:
    kind = values.dtype.kind
    if kind == "M" and values.dtype == np.dtype("M8[D]"):
        values = values.astype("M8[s]")
    if missing is not None:
        if kind in "Mm":
            values = values.copy()
            values[missing] = "NaT"
        elif kind == "f":
            values = np.where(missing, values.dtype.type(np.nan), values)
        elif kind in "iu":
            floats = exact_floats(values, missing)
            if floats is None:
                return _masked(pd, values, missing, None)
            return floats
        else:
            return _masked(pd, values, missing, None)
    zone = zone_of(part)
    if not zone:
        return values.copy()
    tz = getattr(dtype, "tz", None) or ("UTC" + zone if zone[0] in "+-" else zone)
    return pd.Series(values.copy()).dt.tz_localize("UTC").dt.tz_convert(tz).array


def _dtypes_back(data: _core.Dataset, origin: Origin) -> dict[str, Any]:
    """Columns that are still of the type they were read as, and the library's dtype of each."""
    if not origin.dtypes:
        return {}
    formats = zip(data.names, data.formats(), strict=True)
    held = {name: (form, *origin.dtypes.get(name, ("", None))) for name, form in formats}
    return {name: dtype for name, (now, then, dtype) in held.items() if now == then}


def polars_frame(data: _core.Dataset, origin: Origin) -> Any:
    """Return a polars.DataFrame."""
    pl = _require("polars")
    frame = pl.DataFrame(_Stream(data))
    if origin.library != "polars":
        return frame
    schema = dict(frame.schema)
    casts = {n: d for n, d in _dtypes_back(data, origin).items() if schema[n] != d}
    return frame.cast(casts) if casts else frame


def pyarrow_table(data: _core.Dataset, origin: Origin | None = None) -> Any:
    """Return a pyarrow.Table."""
    pa = _require("pyarrow")
    table = pa.table(_Stream(data))
    if origin is None or origin.library not in ("pyarrow", "file"):
        return table
    columns = dict(zip(table.column_names, table.columns, strict=True))
    for name, dtype in _dtypes_back(data, origin).items():
        if columns[name].type != dtype:
            # Where Arrow has no such cast, the wide form that holds the same values stays.
            with contextlib.suppress(pa.ArrowNotImplementedError, pa.ArrowInvalid):
                columns[name] = columns[name].cast(dtype)
    return pa.table(columns) if columns else table


class _Stream:
    """The dunder alone, so that no library takes another way in."""

    def __init__(self, data: _core.Dataset) -> None:
        self._data = data

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        return self._data.arrow_stream()


def numpy_columns(data: _core.Dataset) -> dict[str, np.ndarray[Any, Any]]:
    """Return a dict of 1-D arrays."""
    return {n: to_numpy(Part(*p)) for n, p in zip(data.names, data.parts(), strict=True)}


def numpy_table(data: _core.Dataset) -> np.ndarray[Any, Any]:
    """Return a 2-D array of a common dtype; objects unless all columns are numbers or booleans."""
    columns = [to_numpy(Part(*part)) for part in data.parts()]
    if not columns:
        return np.empty((data.n_rows, 0))
    is_number = all(c.dtype.kind in "biuf" for c in columns)
    dtype = np.result_type(*columns) if is_number else np.dtype(object)
    out = np.empty((data.n_rows, len(columns)), dtype=dtype)
    for j, column in enumerate(columns):
        out[:, j] = column
    return out


def numbers_table(data: _core.Dataset) -> np.ndarray[Any, Any]:
    """Return features as a 2-D array of numbers; InputTypeError if one is neither number nor boolean."""
    for i, name in enumerate(data.names):
        kind = data.class_of(i)
        if kind not in ("number", "bool", "missing"):
            raise InputTypeError(
                f"column {name!r} holds {kind}, so the table is no array of numbers.",
                column=name,
                next_step="Pass ds.X, a frame of the features, or ds.to_numpy(), objects.",
            )
    if not data.names:
        raise InputTypeError(
            "the table has no feature to make an array of.",
            next_step="Take roles away with .with_roles(), or pass ds.to_numpy().",
        )
    return numpy_table(data)


def cast_exactly(values: np.ndarray[Any, Any], dtype: Any) -> np.ndarray[Any, Any]:
    """Cast the numbers of a table; InputTypeError where an integer type would make something else of a cell."""
    with np.errstate(invalid="ignore"):
        cast = values.astype(dtype)
    if cast.dtype.kind not in "iub" or values.dtype.kind == "O":
        return cast
    changed = np.argwhere(cast != values)
    if len(changed):
        row, column = (int(i) for i in changed[0])
        raise InputTypeError(
            f"{len(changed):,} cells are no {cast.dtype}: row {row}, feature {column} is {values[row, column]}.",
            example_row=row,
            next_step="Ask for a float type, or fill missing cells first.",
        )
    return cast


def _home(origin: Origin) -> str:
    """Library that frames of this origin are given back in: files and relations have none of their own."""
    if origin.library in ("pandas", "polars", "pyarrow", "numpy", "dict"):
        return origin.library
    for module in ("pandas", "polars", "pyarrow"):
        if importlib.util.find_spec(module) is not None:
            return module
    return "dict"


def frame_in_origin(data: _core.Dataset, origin: Origin) -> Any:
    """Return the table in the library that it came from."""
    home = _home(origin)
    if home == "pandas":
        return pandas_frame(data, origin)
    if home == "polars":
        return polars_frame(data, origin)
    if home == "pyarrow":
        return pyarrow_table(data, origin)
    if home == "numpy":
        return numpy_table(data)
    return numpy_columns(data)


def column_in_origin(data: _core.Dataset, i: int, origin: Origin) -> Any:
    """Return one column in the library that its table came from."""
    home = _home(origin)
    if home == "pandas":
        return pandas_series(data, i, origin)
    one = data.select([data.names[i]])
    if home == "polars":
        return polars_frame(one, origin).to_series(0)
    if home == "pyarrow":
        return pyarrow_table(one, origin).column(0)
    return to_numpy(Part(*data.column_parts(i)))
