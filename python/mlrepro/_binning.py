# SPDX-License-Identifier: Apache-2.0
"""`BinnedDataset`: a table cut into bins once, so that any number of probes can be put to it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from mlrepro import _core
from mlrepro._arrays import as_bytes, as_seed, as_threads
from mlrepro._binning_stream import stream_bins
from mlrepro._dataset import Dataset, as_dataset
from mlrepro._errors import ArgumentError, InputTypeError
from mlrepro._names import check_column_names, options_listed, plural
from mlrepro._roles import clean_roles
from mlrepro._schema import text_table

__all__ = ["Bin", "BinnedDataset", "core_bins"]

_MISSING = 255


@dataclass(frozen=True)
class Bin:
    """One bin of a column.

    Attributes
    ----------
    bin : int
        Its code; 255 is the bin of the missing rows.
    values : str
        What it holds, in words.
    rows : int
    """

    bin: int
    values: str
    rows: int


@options_listed()
class BinnedDataset:
    """A table cut into bins once: one byte a value, whatever is asked of it afterwards.

    `DecisionTreeProbe.fit` takes it in the place of the table, and gives the same bytes. ``dataset.binned()`` makes it
    and keeps it with the Dataset.

    Parameters
    ----------
    frame : Dataset or any frame
        What ``mr.Dataset`` takes.
    threads : int, optional
        Default: as many as this process may use. Changes the time only.

    Attributes
    ----------
    dataset : Dataset
        The rows.
    columns : list of str
        The features and join outcomes, in order of name; other columns are binned when a call first names them.
    shape : tuple of int
        Rows, and columns in `columns`.
    constant_columns : list of str
        One value everywhere, or missing everywhere.
    duplicate_columns : list of str
        Columns that say the same as an earlier one: "a = b", "a ~ b (same order)", "a ~ b (two values swapped)".

    Notes
    -----
    Edges come from all rows, exactly. At most 255 distinct values get a bin each; else the values at the ranks
    ceil(k n / 255) close a bin each, and a value that takes two ranks or more sits alone. Missing (null and NaN) is a
    bin of its own. Categories with more than 255 levels keep the 254 most frequent, and "other". O(rows) a column.

    Examples
    --------
    >>> import mlrepro as mr
    >>> binned = mr.Dataset({"x": [1.0, 2.0, 2.0, None]}).binned()
    >>> [(b.values, b.rows) for b in binned.bins("x")]
    [('x <= 1', 1), ('1 < x', 2), ('missing', 1)]
    """

    _is_streamed = False

    def __init__(self, frame: Any, threads: int | None = None) -> None:
        self.dataset: Dataset = as_dataset(frame)
        self._binned = _core.BinnedDataset(self.dataset._data, as_threads(threads))

    @classmethod
    def from_stream(
        cls,
        source: Any,
        *,
        key: str | list[str] | None = None,
        entity: str | list[str] | None = None,
        time: str | None = None,
        known_time: str | None = None,
        label: str | None = None,
        label_time: str | None = None,
        prediction: str | None = None,
        weight: str | None = None,
        keep: str | list[str] | tuple[str, ...] = (),
        seed: int = 0,
        threads: int | None = None,
        memory_limit: int | str | None = None,
    ) -> BinnedDataset:
        """Bin what does not fit in memory; the bytes are those of the whole table's.

        The source is read once for the identity of its rows (of `key` alone, where it is given) and once more, a block
        of columns at a time. One byte a value stays, 16 bytes a row, and the values of label, prediction, weight and
        `keep`. A probe takes the result like any other; calls that need values of other columns (`find_slices`,
        `compare_predictions`) do not.

        Parameters
        ----------
        source : path, list of paths, or callable
            Parquet and Arrow IPC files, or a function that returns an Arrow stream of the same rows in the same
            order each time (only their number is checked). No column says which file a row is from. A
            function is called once for every block of columns.
        key, entity, time, known_time, label, label_time, prediction, weight : optional
            Roles, as of `Dataset`.
        keep : str or list of str
            Columns that a later target may name.
        seed : int, default 0
            Of the honest probes that will be put to it.
        threads : int, optional
            Default: as many as this process may use. Changes the time only.
        memory_limit : int or str, optional
            Bytes, e.g. ``"8GB"``, that bins and the columns being read may take: smaller blocks; LimitError where one
            column is too large. Default: blocks of a gigabyte.

        Raises
        ------
        InputTypeError, FileError, SchemaError, ColumnNotFoundError, LimitError

        Examples
        --------
        >>> import mlrepro as mr, pyarrow as pa
        >>> rows = lambda: pa.table({"x": [1.0, 2.0, 2.0, None], "y": [0, 1, 1, 0]})
        >>> mr.BinnedDataset.from_stream(rows, label="y").n_rows
        4
        """
        limit = None if memory_limit is None else as_bytes("memory_limit", memory_limit)
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
        if not isinstance(keep, (str, list, tuple)) or not all(isinstance(c, str) for c in keep):
            raise ArgumentError(
                f"keep is {keep!r}, not a name or a list of names.",
                next_step="Pass keep=['column'], or leave it out.",
            )
        kept = [keep] if isinstance(keep, str) else list(keep)
        check_column_names(kept)
        made = cls.__new__(cls)
        made._is_streamed = True
        made._binned = stream_bins(source, roles, kept, as_seed(seed), as_threads(threads), limit)
        made.dataset = Dataset._wrap(made._binned.dataset)
        return made

    @cached_property
    def _document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self._binned.to_json())
        return document

    @property
    def columns(self) -> list[str]:
        """Names of the features and join outcomes, sorted by their bytes."""
        return [str(column["name"]) for column in self._document["columns"]]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, and columns."""
        return (self.n_rows, len(self.columns))

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return int(self._document["n_rows"])

    def __len__(self) -> int:
        """Return the number of rows."""
        return self.n_rows

    @property
    def constant_columns(self) -> list[str]:
        """Columns that hold one value, or none."""
        return list(self._document["constant_columns"])

    @property
    def duplicate_columns(self) -> list[str]:
        """Columns that say the same as an earlier one, and how."""
        return list(self._document["duplicate_columns"])

    def codes(self, column: str) -> np.ndarray[Any, Any]:
        """Return the bin of every row: uint8, shape (n_rows,), read-only, not copied; 255 where the value is missing.

        Raises
        ------
        ColumnNotFoundError
        """
        codes: np.ndarray[Any, Any] = self._binned.codes(column)
        return codes

    def bins(self, column: str) -> list[Bin]:
        """Return the bins of a column in the order of their codes, with their rows; a missing bin comes last.

        Raises
        ------
        ColumnNotFoundError
        """
        rows = np.bincount(self.codes(column), minlength=_MISSING + 1)
        found = [
            Bin(b, self._binned.bin_text(column, b), int(rows[b]))
            for b in range(self._binned.n_bins(column))
        ]
        missing = int(rows[_MISSING])
        return [*found, Bin(_MISSING, "missing", missing)] if missing else found

    def to_json(self) -> str:
        """Return bins and edges as canonical JSON: equal tables have equal text."""
        return str(self._binned.to_json())

    def to_dict(self) -> dict[str, Any]:
        """Return bins and edges as plain Python objects."""
        found: dict[str, Any] = json.loads(self._binned.to_json())
        return found

    def to_text(self) -> str:
        """Return a line a column: bins and missing rows; then constant and repeated columns."""
        head = f"{plural(len(self), 'row')}, {plural(len(self.columns), 'column')} in bins"
        cells = [
            (str(c["name"]), f"{c['n_bins']:,}", f"{c['n_missing']:,}")
            for c in self._document["columns"]
        ]
        lines = [head, *text_table([("column", "bins", "missing"), *cells])] if cells else [head]
        for what, names in (
            ("constant", self.constant_columns),
            ("say the same", self.duplicate_columns),
        ):
            if names:
                lines.append(f"{what}: {', '.join(names)}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.to_text()

    def __copy__(self) -> BinnedDataset:
        return self  # nothing of it changes

    def __deepcopy__(self, memo: object) -> BinnedDataset:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        if self._is_streamed:
            raise InputTypeError(
                "bins of a stream cannot be pickled: the values that they were made of are gone.",
                next_step="Call BinnedDataset.from_stream where they are needed.",
            )
        return BinnedDataset, (self.dataset,)


def core_bins(given: Any, data: Dataset) -> Any:
    """Return the core's bins of `data`, if `given` is a BinnedDataset or `data` has been binned; else None."""
    binned = given if isinstance(given, BinnedDataset) else data._binned
    return None if binned is None else binned._binned
