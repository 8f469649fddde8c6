# SPDX-License-Identifier: Apache-2.0
"""Reading frames: every library by its own columns or through the Arrow PyCapsule interface, none imported here."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from mlrepro import _core
from mlrepro._cells import object_part
from mlrepro._errors import ArgumentError, InputTypeError, SchemaError
from mlrepro._names import as_names, check_column_names, plural
from mlrepro._origin import DtypesRead, Origin, library_of
from mlrepro._pandas import read_pandas, series_part
from mlrepro._parts import Part, array_part
from mlrepro._refused import no_table
from mlrepro._streams import capsules, read_stream, refuse_infinite_times

__all__ = ["column_part", "read_column", "read_frame", "refuse_schema", "renamed", "state_of"]

_INDEX_LEVEL = "__index_level_"
Roles = dict[str, Any]


def refuse_schema(schema: Mapping[str, Any] | None) -> None:
    """Refuse types for what is no file."""
    if schema is not None:
        raise ArgumentError(
            "schema= is for CSV files; a frame has its types already.",
            next_step="Cast the columns in the frame.",
        )


def read_frame(
    frame: Any,
    roles: Roles,
    copy: bool | None = None,
    schema: Mapping[str, Any] | None = None,
    source_file: str | bool | None = None,
    memory_limit: int = 0,
) -> tuple[_core.Dataset, Origin]:
    """Make a core Dataset of any frame; see `Dataset` for what is taken."""
    if callable(frame) and not isinstance(frame, type) and library_of(frame) in ("", None):
        frame = frame()  # a function that opens a stream
        if hasattr(frame, "__next__") and not hasattr(frame, "__arrow_c_stream__"):
            raise InputTypeError(
                f"The function returns a {type(frame).__name__}, not a table.",
                next_step="Return a pyarrow.RecordBatchReader (from_batches); mr.fingerprint takes iterators of frames.",
            )
    if _is_path(frame):
        from mlrepro._files import read_files

        table, notes, source = read_files(frame, schema, source_file, memory_limit)
        data, origin = _read_stream(table, roles | ({"source_file": source} if source else {}))
        return data, Origin("file", origin.dtypes, notes=notes + origin.notes)
    refuse_schema(schema)
    if isinstance(source_file, str):
        roles = {**roles, "source_file": source_file}
    elif source_file:
        raise ArgumentError(
            "source_file=True is for paths; this frame was not read from files here.",
            next_step="Name the column that says it: source_file='...'.",
        )
    library = library_of(frame)
    kind = type(frame).__name__
    if library == "pandas" and hasattr(frame, "columns"):
        return read_pandas(frame, roles, copy)
    if library == "polars" and kind == "LazyFrame":
        frame = frame.collect()
    if _is_series(frame, library):
        name = getattr(frame, "name", None)
        frame = {"x0" if name in (None, "") else str(name): frame}
    if hasattr(frame, "__arrow_c_stream__"):
        data, origin = _read_stream(frame, roles, memory_limit)
        return (_copied(data, roles) if copy else data), origin
    if hasattr(frame, "__arrow_c_array__"):
        schema_capsule, array_capsule = capsules(frame)
        return _core.Dataset.from_array(schema_capsule, array_capsule, roles), Origin("arrow")
    if isinstance(frame, Mapping):
        return _read_mapping(frame, roles, copy)
    if isinstance(frame, np.ndarray):
        array = np.asarray(frame) if isinstance(frame, np.matrix) else frame
        return _read_array(array, roles, copy)
    if hasattr(frame, "__array__") and not np.isscalar(frame) and not hasattr(frame, "columns"):
        return _read_array(np.asarray(frame), roles, copy)
    raise no_table(frame)


def _is_series(frame: Any, library: str) -> bool:
    kind = type(frame).__name__
    if library in ("pandas", "polars"):
        return hasattr(frame, "name") and not hasattr(frame, "columns")
    return library == "pyarrow" and kind.endswith("Array")


def _is_path(frame: Any) -> bool:
    if isinstance(frame, (str, os.PathLike)):
        return True
    is_list = isinstance(frame, (list, tuple)) and len(frame) > 0
    return is_list and all(isinstance(p, (str, os.PathLike)) for p in frame)


def _read_stream(frame: Any, roles: Roles, memory_limit: int = 0) -> tuple[_core.Dataset, Origin]:
    library = library_of(frame) or "arrow"
    names, dtypes = _described(frame, library)
    check_column_names(names)  # Arrow's interface cuts them at a NUL
    is_known = bool(names) and not _index_levels(names)
    data = read_stream(frame, roles if is_known else {}, memory_limit)
    if library == "duckdb":
        refuse_infinite_times(data)
    held = data.names
    index_levels = _index_levels(held)
    notes: tuple[str, ...] = ()
    if index_levels:
        data = data.drop(index_levels)
        held = data.names
        notes = (f"left out: {', '.join(index_levels)}, the index of a pandas frame",)
    if index_levels or (
        roles and not is_known
    ):  # anew, so that the roles and what is left decide the identity; no data are copied
        data = _core.Dataset.from_stream(data.arrow_stream(), roles)
    read = DtypesRead(held, data.formats(), dtypes) if names else {}
    return data, Origin(library, read, notes=notes)


def _index_levels(names: list[str]) -> list[str]:
    if _INDEX_LEVEL not in "".join(names):
        return []
    return [name for name in names if name.startswith(_INDEX_LEVEL)]


def _described(frame: Any, library: str) -> tuple[list[str], Callable[[], dict[str, Any]]]:
    """Return names, and what gives their dtypes; no name where the library does not tell."""
    schema = getattr(frame, "schema", None)
    if library == "polars" and schema is not None:
        return list(schema), lambda: dict(schema)
    if library == "pyarrow" and schema is not None:
        names = schema.names
        if len(set(names)) == len(names):
            return names, lambda: dict(zip(names, schema.types, strict=True))
    return [], dict


def _copied(data: _core.Dataset, roles: Roles) -> _core.Dataset:
    parts = [copied_part(Part(*part)) for part in data.parts()]
    return _core.Dataset.from_parts(data.n_rows, data.names, parts, roles)


def copied_part(part: Part) -> Part:
    """Copy the buffers of a part into memory of their own."""
    buffers = tuple(None if b is None else np.array(b) for b in part.buffers)
    dictionary = None if part.dictionary is None else copied_part(Part(*part.dictionary))
    return part._replace(buffers=buffers, dictionary=dictionary)


def state_of(data: _core.Dataset) -> dict[str, Any]:
    """Every column as buffers of its own: what a pickle holds."""
    return {n: copied_part(Part(*p)) for n, p in zip(data.names, data.parts(), strict=True)}


def _length(part: Any) -> int:
    return int(part.n_rows)


def _from_parts(
    names: Sequence[str], parts: Sequence[Any], n_rows: int, roles: Roles, origin: Origin
) -> tuple[_core.Dataset, Origin]:
    check_column_names(names)
    if len(set(names)) != len(names):
        twice = next(n for n in names if list(names).count(n) > 1)
        raise SchemaError(
            f"column name {twice!r} occurs twice.",
            column=twice,
            next_step="Rename one of the two columns.",
        )
    for name, part in zip(names, parts, strict=True):
        if _length(part) != n_rows:
            raise SchemaError(
                f"column {name!r} has {plural(_length(part), 'row')}, and column {names[0]!r} has "
                f"{n_rows:,}.",
                column=name,
                next_step="Give every column the same length.",
            )
    return _core.Dataset.from_parts(n_rows, list(names), list(parts), roles), origin


def _read_mapping(
    columns: Mapping[Any, Any], roles: Roles, copy: bool | None
) -> tuple[_core.Dataset, Origin]:
    for name in columns:
        if not isinstance(name, str):
            raise InputTypeError(
                f"A column name is {name!r}, a {type(name).__name__}.",
                next_step="Name columns by str.",
            )
    _check_one_index(columns)
    parts = [column_part(name, values, copy) for name, values in columns.items()]
    n_rows = _length(parts[0]) if parts else 0
    return _from_parts(list(columns), parts, n_rows, roles, Origin("dict"))


def _check_one_index(columns: Mapping[str, Any]) -> None:
    series = [
        (n, v) for n, v in columns.items() if library_of(v) == "pandas" and hasattr(v, "index")
    ]
    for name, values in series[1:]:
        if len(values) == len(series[0][1]) and not values.index.equals(series[0][1].index):
            raise ArgumentError(
                f"columns {series[0][0]!r} and {name!r} are pandas Series with different indexes.",
                column=name,
                next_step="Align them first, or pass .to_numpy() to join them by position.",
            )


def _read_array(
    array: np.ndarray[Any, Any], roles: Roles, copy: bool | None
) -> tuple[_core.Dataset, Origin]:
    if array.dtype.names is not None and array.ndim == 1:
        columns = {name: array[name] for name in array.dtype.names}
    elif array.ndim == 2:
        columns = {f"x{j}": array[:, j] for j in range(array.shape[1])}
    elif array.ndim == 1:
        columns = {"x0": array}
    else:
        raise InputTypeError(
            f"A NumPy array of {array.ndim} dimensions is no table.",
            next_step="Pass one of 1 or 2 dimensions, or a dict of 1-D arrays.",
        )
    parts = [column_part(name, values, copy) for name, values in columns.items()]
    return _from_parts(list(columns), parts, len(array), roles, Origin("numpy"))


def column_part(name: str, values: Any, copy: bool | None = None) -> Any:
    """Describe anything that is one column: a Part, or a one-column core Dataset."""
    if hasattr(values, "_as_core_column"):  # a Column of ours
        return values._as_core_column()
    library = library_of(values)
    if library == "pandas" and hasattr(values, "dtype"):
        return series_part(name, values, copy)[0]
    if isinstance(values, np.ndarray):
        return _checked_array(name, values, copy)
    if hasattr(values, "__arrow_c_stream__"):
        return _core.Dataset.from_column_stream(name, capsules(values))
    if hasattr(values, "__arrow_c_array__"):
        return _core.Dataset.from_column_array(name, *capsules(values))
    if hasattr(values, "__array__") and not np.isscalar(values):
        return _checked_array(name, np.asarray(values), copy)
    if isinstance(values, range):
        return array_part(name, np.arange(values.start, values.stop, values.step), copy=False)
    if isinstance(values, Iterable) and not isinstance(
        values, (str, bytes, Mapping, set, frozenset)
    ):
        held = list(values)
        cells = np.empty(len(held), dtype=object)
        cells[:] = held
        return object_part(name, cells)
    raise InputTypeError(
        f"column {name!r} is a {type(values).__name__}, not an array.",
        column=name,
        next_step="Give one value a row: an array, a Series or a list.",
    )


def _checked_array(name: str, values: np.ndarray[Any, Any], copy: bool | None) -> Part:
    if values.ndim != 1:
        raise InputTypeError(
            f"column {name!r} is a NumPy array of {values.ndim} dimensions.",
            column=name,
            next_step="Give one value a row, e.g. x[:, 0] or x.ravel().",
        )
    if values.dtype.kind == "O":
        if isinstance(values, np.ma.MaskedArray):
            values = values.filled(None)
        return object_part(name, values)
    return array_part(name, values, copy=copy)


def renamed(data: _core.Dataset, names: Mapping[str, str]) -> _core.Dataset:
    """Return the table with columns renamed ({old: new}), all at once."""
    if not isinstance(names, Mapping):
        raise InputTypeError(
            f"rename takes a dict, and got {names!r}.", next_step="Pass {'old': 'new'}."
        )
    old = as_names(names.keys())
    for name in old:
        data.require(name)
    check_column_names(as_names(names.values()))
    for i, name in enumerate(old):  # in two steps, so that names can be swapped
        data = data.rename(name, f"\0{i}")
    for i, name in enumerate(old):
        data = data.rename(f"\0{i}", names[name])
    return data


def read_column(name: str, values: Any, n_rows: int, index: Any = None) -> _core.Dataset:
    """Make a one-column core Dataset of an array that lies beside a table, by position.

    Raises
    ------
    ArgumentError
        Another length than the table's, or a pandas Series whose index is not its frame's.
    """
    has_index = index is not None and library_of(values) == "pandas" and hasattr(values, "index")
    if has_index and len(values) == len(index) and not values.index.equals(index):
        raise ArgumentError(
            f"{name!r} is a pandas Series whose index differs from its frame's.",
            column=name,
            next_step="Align it (reindex) first, or pass .to_numpy() to mean it by position.",
        )
    check_column_names([name])
    part = column_part(name, values)
    if _length(part) != n_rows:
        raise ArgumentError(
            f"{name!r} has {plural(_length(part), 'value')}, and the table has {plural(n_rows, 'row')}.",
            column=name,
            next_step="Give one value a row.",
        )
    return _core.Dataset.from_parts(n_rows, [name], [part])
