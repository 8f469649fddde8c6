# SPDX-License-Identifier: Apache-2.0
"""`Dataset`: an immutable table whose columns have roles and whose rows have an identity."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mlrepro import _core
from mlrepro._arrays import as_bytes, as_threads
from mlrepro._column import Column
from mlrepro._errors import AbsentError, ColumnNotFoundError, InputTypeError
from mlrepro._export import (
    cast_exactly,
    column_in_origin,
    frame_in_origin,
    numbers_table,
    numpy_columns,
    numpy_table,
    pandas_frame,
    polars_frame,
    pyarrow_table,
)
from mlrepro._frames import read_column, read_frame, refuse_schema, renamed, state_of
from mlrepro._names import (
    as_names,
    check_column_names,
    check_flag,
    check_option,
    options_listed,
    plural,
)
from mlrepro._origin import Origin, library_of
from mlrepro._parts import Part
from mlrepro._refused import TABLES_TAKEN
from mlrepro._roles import ROLES, check_weight, clean_roles
from mlrepro._rows import SHOWN_COLUMNS, first_rows, preview, read_mask, read_positions
from mlrepro._schema import Schema, html_table, text_table

__all__ = ["Dataset", "as_dataset"]


@options_listed()
class Dataset:
    """An immutable, typed, columnar table with roles on its columns and an identity for each row.

    Parameters
    ----------
    frame : object
        pandas (also without pyarrow), polars (a LazyFrame is collected), pyarrow, a DuckDB relation, anything with
        ``__arrow_c_stream__`` or ``__arrow_c_array__``, a function that returns one of these, a dict of 1-D arrays, Series or lists, a NumPy array (2-D and 1-D:
        columns x0, x1, ...; structured: its fields), one or several paths of Parquet, CSV or Arrow files, or a Dataset.
    key : str or list of str, optional
        Columns that are together unique and never missing: the identity of a row. Without a key, identity is a hash of the
        row's values (label, label_time, prediction, weight, source_file and duplicate left out).
    entity : str or list of str, optional
        Whom a row is about.
    time, known_time : str, optional
        When the event happened, and when the row became visible.
    label, label_time : str, optional
        The target, and when it became known.
    prediction, weight : str, optional
        A model's output, and the weight of a row.
    schema : mapping, optional
        CSV only: column to type (a pyarrow type or its name), where the inferred one is not right.
    source_file : str or bool, optional
        Which file each row came from, as a column that is no feature, moves no identity and is in no fingerprint, but that
        a probe may split on. Of a list of paths or a glob it is made (``"source_file"``, paths from their common folder)
        unless False, or the files have such a column; True makes it for one path too, a name names it. Of a frame, or of
        files that have it: the column that says it.
    memory_limit : int or str, optional
        Bytes, or e.g. ``"2GB"``, that an Arrow stream or files may take; LimitError before more is held (of CSV: once a
        file is read). No limit on what is in memory already: pandas, NumPy, a dict.
    copy : bool, optional
        None (default) copies NumPy memory that somebody can write to; False borrows it: do not change it afterwards. True
        copies everything, Arrow buffers too, which are else borrowed as what Arrow says they are: never written to.

    Attributes
    ----------
    columns : list of str
    shape : tuple of int
    schema : Schema
    roles : dict
    fold : str or None

    Raises
    ------
    SchemaError
        Repeated column names, cells of several types, a key that is null or repeats.
    InputTypeError
        A type that is not taken; the message names the column and the next step.
    ColumnNotFoundError
        A role that names no column.
    FileError
        A file that is missing, truncated or no file of its kind.
    LimitError
        More than `memory_limit`.

    Notes
    -----
    Rows keep their order. Null and NaN are both missing, counted apart in `schema`. `select`, `filter`, `take`,
    `with_columns` and joins keep the identity of the rows they keep. A pandas index is no column; `to_pandas` gives it
    back.
    """

    __hash__ = None  # type: ignore[assignment]
    _data: _core.Dataset
    _origin: Origin

    _join_report: Any = None  # JoinReport of the join that made these rows; set by mr.join
    _is_of_join = False
    _binned: Any = None  # BinnedDataset of these rows; kept by binned(), which _compose.py attaches

    if TYPE_CHECKING:

        def binned(self, threads: int | None = None) -> Any: ...

    def __init__(
        self,
        frame: Any,
        key: str | list[str] | None = None,
        entity: str | list[str] | None = None,
        time: str | None = None,
        known_time: str | None = None,
        label: str | None = None,
        label_time: str | None = None,
        prediction: str | None = None,
        weight: str | None = None,
        schema: Mapping[str, Any] | None = None,
        copy: bool | None = None,
        source_file: str | bool | None = None,
        memory_limit: int | str | None = None,
    ) -> None:
        check_flag("copy", copy, or_none=True)
        if not isinstance(source_file, str):
            check_flag("source_file", source_file, or_none=True)
        else:
            clean_roles({"source_file": source_file})
            check_column_names([source_file])
        limit = 0 if memory_limit is None else as_bytes("memory_limit", memory_limit)
        roles = clean_roles(
            {
                "key": key,
                "entity": entity,
                "time": time,
                "known_time": known_time,
                "label": label,
                "label_time": label_time,
                "prediction": prediction,
                "weight": weight,
            }
        )
        if isinstance(frame, Dataset):
            refuse_schema(schema)
            if isinstance(source_file, str):
                roles["source_file"] = source_file
            held = frame.with_roles(**roles) if roles else frame
            self._data, self._origin = held._data, held._origin
            self._join_report, self._is_of_join = held._join_report, held._is_of_join
        else:
            self._data, self._origin = read_frame(frame, roles, copy, schema, source_file, limit)
        check_weight(self._data)

    @classmethod
    def _wrap(
        cls,
        data: _core.Dataset,
        origin: Dataset | None = None,
        rows: np.ndarray[Any, Any] | None = None,
        same_rows: bool = False,
    ) -> Dataset:
        """Give a facade to a core Dataset, with the library of `origin`.

        The pandas index goes along only where rows are known to be those of `origin`: `rows` (positions in it) or
        `same_rows`.
        """
        made = cls.__new__(cls)
        made._data = data
        held = Origin() if origin is None else origin._origin
        made._origin = held if same_rows else held.at_rows(rows)
        if origin is not None:
            made._is_of_join = origin._is_of_join
            made._join_report = origin._join_report if same_rows else None
        return made

    def _with_report(self, report: Any) -> Dataset:
        self._join_report, self._is_of_join = report, True
        return self

    # What it is -----------------------------------------------------------------------------------------------------
    @property
    def columns(self) -> list[str]:
        """Names of the columns, in order."""
        return list(self._data.names)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return (self._data.n_rows, self._data.n_columns)

    @property
    def schema(self) -> Schema:
        """Name, type, role and missing counts of each column."""
        return Schema._of(self._data)

    @property
    def roles(self) -> dict[str, Any]:
        """Declared roles: role to column, or to a list of columns (key, entity, join_outcome, duplicate)."""
        return dict(self._data.roles)

    @property
    def fold(self) -> str | None:
        """The part of a plan that this is; None for a bare table."""
        return self._data.fold or None

    @property
    def join_report(self) -> Any:
        """The `JoinReport` of the join that made these rows."""
        if self._join_report is not None:
            return self._join_report
        if self._is_of_join:
            raise AbsentError(
                "these are some rows of a joined table, and its report is about all of them.",
                next_step="Read join_report at the table that mr.join returned.",
            )
        raise AbsentError(
            "this table was made by no join.",
            next_step="Join tables with mr.join(left, right, ...).",
        )

    def __len__(self) -> int:
        return int(self._data.n_rows)

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in self._data.names

    def __getitem__(self, name: Any) -> Any:
        if isinstance(name, str):
            return Column(self._data, self._data.require(name), self._origin)
        if isinstance(name, (list, tuple)) and all(isinstance(n, str) for n in name):
            return self.select(name)
        raise InputTypeError(
            f"A column is asked for by name, not by {type(name).__name__}.",
            next_step="Use dataset['name'], dataset[['a', 'b']], or .filter(mask) and .take(rows) for rows.",
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Dataset):
            return NotImplemented
        return bool(self._data.equals(other._data))

    # Columns --------------------------------------------------------------------------------------------------------
    def select(self, columns: str | Iterable[str]) -> Dataset:
        """Return some columns, in the given order; rows keep their identity."""
        return self._wrap(self._data.select(as_names(columns)), self, same_rows=True)

    def drop(self, columns: str | Iterable[str]) -> Dataset:
        """Return all columns but some; rows keep their identity."""
        return self._wrap(self._data.drop(as_names(columns)), self, same_rows=True)

    def rename(self, names: Mapping[str, str]) -> Dataset:
        """Return the table with columns renamed ({old: new}); roles follow."""
        made = self._wrap(renamed(self._data, names), self, same_rows=True)
        made._origin = self._origin.renamed(names)
        return made

    def with_columns(self, columns: Mapping[str, Any] | None = None, /, **arrays: Any) -> Dataset:
        """Return the table with columns added or replaced, by position.

        Parameters
        ----------
        columns : mapping, optional
            Name to array, for names that are no Python identifiers.
        **arrays
            Name to array, Series, list or Column, one value a row.

        Raises
        ------
        ArgumentError
            A wrong length, or a pandas Series whose index is not the frame's.
        """
        if not isinstance(columns, (Mapping, type(None))):
            raise InputTypeError(
                f"with_columns takes a dict, and got a {type(columns).__name__}.",
                next_step="Pass {'name': array}, or name=array.",
            )
        given = {**(columns or {}), **arrays}
        as_names(given.keys())
        data = self._data
        origin = self._origin
        for name, values in given.items():
            added = read_column(name, values, len(self), origin.index)
            data = data.with_columns(added)
            if origin.library == "pandas" and library_of(values) == "pandas":
                entry = (Part(*added.column_parts(0)).format, values.dtype)
                origin = origin.updated(dataclasses.replace(Origin(), dtypes={name: entry}))
            elif name in origin.dtypes:
                origin = dataclasses.replace(
                    origin, dtypes={k: v for k, v in origin.dtypes.items() if k != name}
                )
        made = self._wrap(data, self, same_rows=True)
        made._origin = origin
        return made

    def with_duplicates(
        self,
        columns: str | Iterable[str] | None = None,
        name: str = "duplicate",
        *,
        threads: int | None = None,
    ) -> Dataset:
        """Return the table with a column that says whether a row equals another one, a question that probes then ask.

        Parameters
        ----------
        columns : str or list of str, optional
            What is compared; default: the columns without a role.
        name : str, default "duplicate"
            Of the new column of bool. Its role is ``duplicate``: no feature, moves no identity, is in no fingerprint, but a
            candidate of probes. A column of that name and role is replaced.
        threads : int, optional
            Changes no answer.

        Raises
        ------
        ArgumentError
            `name` is a column with another role, or without one.
        ColumnNotFoundError
            `columns` names one that is not there.
        SchemaError
            Every column has a role.

        Notes
        -----
        Every copy is marked, the first one too: the order of rows does not matter. Values are compared, never hashes
        alone: 17 equals 17.0, and missing equals missing, null or NaN. O(cells of the columns).

        Examples
        --------
        >>> import mlrepro as mr
        >>> mr.Dataset({"x": [1, 2, 1], "y": [0, 1, 1]}, label="y").with_duplicates()["duplicate"].to_list()
        [True, False, True]
        """
        check_column_names([name])
        made = self._data.with_duplicates(
            [] if columns is None else as_names(columns), name, as_threads(threads)
        )
        return self._wrap(made, self, same_rows=True)

    def with_roles(self, **roles: str | list[str] | None) -> Dataset:
        """Return the table with some roles declared anew; the others stay, None takes a role away.

        A new key is a new identity; no other role changes the identity of a row.
        """
        for name in roles:
            check_option("role", name, ROLES)
        held = self.roles
        for name, columns in roles.items():
            held.pop(name, None)
            held.update(clean_roles({name: columns}))
        data = self._data.with_roles(held)
        check_weight(data)
        return self._wrap(data, self, same_rows=True)

    def _with_fold(self, fold: str) -> Dataset:
        return self._wrap(self._data.with_fold(fold), self, same_rows=True)

    # Rows -----------------------------------------------------------------------------------------------------------
    def filter(self, mask: Any) -> Dataset:
        """Return the rows where `mask` is true, in order.

        Parameters
        ----------
        mask : array of bool
            NumPy, pandas, polars, pyarrow, a list, or a comparison of a Column; one value a row, none missing.
        """
        return self.take(np.flatnonzero(self._mask(mask)))

    def take(self, rows: Any) -> Dataset:
        """Return rows by position (0 <= row < n_rows), in the given order, repeats allowed."""
        positions = read_positions(rows)
        return self._wrap(self._data.take(positions), self, rows=positions)

    def head(self, n: int = 5) -> Dataset:
        """Return the first `n` rows; of a negative `n` all but the last ``-n``, as in pandas."""
        return self.take(first_rows(n, len(self)))

    def _mask(self, mask: Any) -> np.ndarray[Any, Any]:
        held = self[mask] if isinstance(mask, str) and mask in self else mask
        return read_mask(held, len(self), self._origin.index)

    def _aligned(self, values: Any, name: str) -> Column:
        """Return an array beside the table as a Column: by position, its length and pandas index checked."""
        return Column(read_column(name, values, len(self), self._origin.index), 0, self._origin)

    # Out ------------------------------------------------------------------------------------------------------------
    @property
    def X(self) -> Any:
        """Columns without a role, as a frame of the library that the table came from."""
        features = self._features()
        return frame_in_origin(features._data, features._origin)

    def _features(self) -> Dataset:
        roled = {
            c for held in self.roles.values() for c in ([held] if isinstance(held, str) else held)
        }
        return self.select([c for c in self.columns if c not in roled])

    @property
    def y(self) -> Any:
        """The label, as a column of the library that the table came from."""
        label = self.roles.get("label")
        if label is None:
            raise ColumnNotFoundError(
                "The table has no label.", next_step="Declare one: .with_roles(label='...')."
            )
        return column_in_origin(self._data, self._data.find(label), self._origin)

    def to_pandas(self) -> Any:
        """Return a pandas.DataFrame (no pyarrow needed): index, categories, zones and dtypes as they came in.

        Integers that have missing cells and were no nullable dtype become float64 where that is exact, else Int64.
        """
        return pandas_frame(self._data, self._origin)

    def to_polars(self) -> Any:
        """Return a polars.DataFrame; numbers are shared, not copied."""
        return polars_frame(self._data, self._origin)

    def to_arrow(self) -> Any:
        """Return a pyarrow.Table; buffers are shared, not copied."""
        return pyarrow_table(self._data, self._origin)

    def to_numpy(self) -> np.ndarray[Any, Any]:
        """Return a 2-D array, shape (n_rows, n_columns), of a common dtype; objects unless all are numbers."""
        return numpy_table(self._data)

    def to_dict(self) -> dict[str, np.ndarray[Any, Any]]:
        """Return a dict of 1-D NumPy arrays, as `Column.to_numpy` gives them."""
        return numpy_columns(self._data)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        """Return the features, if all are numbers or booleans; NumPy and scikit-learn ask for it."""
        values = numbers_table(self._features()._data)
        return values if dtype is None else cast_exactly(values, dtype)

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        return self._data.arrow_stream()

    def __arrow_c_schema__(self) -> Any:
        return self._data.arrow_schema()

    def row_ids(self, purpose: str, threads: int | None = None) -> np.ndarray[Any, Any]:
        """Return the identity of each row for a purpose: uint64, shape (n_rows, 2), the low and the high half.

        Equal rows (by key, else by value) have equal ids, in every order, in every library, on every machine.
        """
        if not isinstance(purpose, str):
            raise InputTypeError(
                f"the purpose is a {type(purpose).__name__}, not text.",
                next_step="Pass e.g. 'split'.",
            )
        return np.asarray(self._data.row_ids(purpose, as_threads(threads)))

    # Text, copies ---------------------------------------------------------------------------------------------------
    def _title(self) -> str:
        fold = f", fold {self.fold!r}" if self.fold else ""
        return (
            f"Dataset: {plural(len(self), 'row')}, {plural(self._data.n_columns, 'column')}{fold}"
        )

    def _notes(self) -> list[str]:
        hidden = self._data.n_columns - SHOWN_COLUMNS
        more = [f"and {plural(hidden, 'column')} more"] if hidden > 0 else []
        return [*more, *self._origin.notes]

    def __repr__(self) -> str:
        return "\n".join([self._title(), *text_table(preview(self._data)), *self._notes()])

    def _repr_html_(self) -> str:
        from html import escape

        notes = "".join(f"<p>{escape(note)}</p>" for note in self._notes())
        return html_table(preview(self._data), self._title()) + notes

    def __copy__(self) -> Dataset:
        return self

    def __deepcopy__(self, memo: object) -> Dataset:
        return self  # immutable

    def __reduce__(self) -> tuple[Any, ...]:
        state = {
            "columns": state_of(self._data),
            "identity": state_of(self._data.identity()),
            "by_key": self._data.identity_by_key,
            "n_rows": len(self),
            "roles": self.roles,
            "fold": self._data.fold,
            "origin": self._origin,
            "join": (self._join_report, self._is_of_join),
        }
        return _rebuild, (state,)


def _rebuild(state: dict[str, Any]) -> Dataset:
    def core_of(columns: dict[str, Any]) -> _core.Dataset:
        return _core.Dataset.from_parts(state["n_rows"], list(columns), list(columns.values()))

    data = core_of(state["columns"]).with_fold(state["fold"])
    identity = core_of(state["identity"])
    made = Dataset._wrap(data.with_identity(identity, state["by_key"], state["roles"]))
    made._origin = state["origin"]
    made._join_report, made._is_of_join = state["join"]
    return made


@options_listed(frame=f"Pass {TABLES_TAKEN}.")
def as_dataset(frame: Any, **roles: Any) -> Dataset:
    """Return `frame` as a Dataset; a Dataset without new roles is itself, and so is that of a BinnedDataset."""
    frame = _held(frame)
    if isinstance(frame, Dataset) and not any(v is not None for v in roles.values()):
        return frame
    return Dataset(frame, **roles)


def borrowed(frame: Any) -> Dataset:
    """Return `frame` as a Dataset for the length of one call: memory that others can write to is not copied."""
    frame = _held(frame)
    return frame if isinstance(frame, Dataset) else Dataset(frame, copy=False)


def _held(frame: Any) -> Any:
    held = getattr(frame, "dataset", None)  # a later room's class is not known here
    return held if isinstance(held, Dataset) else frame
