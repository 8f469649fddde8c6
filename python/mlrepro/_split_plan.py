# SPDX-License-Identifier: Apache-2.0
"""A split that was made: its parts, its rows, its report, and the part of any key."""

from __future__ import annotations

import html
import json
import os
from functools import cached_property
from typing import Any

import numpy as np

from mlrepro import _core
from mlrepro._arrays import as_threads
from mlrepro._dataset import Dataset, as_dataset
from mlrepro._errors import ArgumentError, InputTypeError, SchemaError
from mlrepro._load import register
from mlrepro._names import options_listed, plural
from mlrepro._saved import as_text, write_text
from mlrepro._split_report import PlanReport
from mlrepro._split_values import encode_key

__all__ = ["Plan"]


@options_listed()
class Plan:
    """A split that was made, by ``splitter.plan(dataset)`` or read by ``mr.load``.

    Every row is in exactly one part. Parts that were named are folds; the reserved ones `missing` (no key or time),
    `new` (a key that a table-fitted plan has not seen), `purged` and `quarantine` are counted and in no fold.

    Attributes
    ----------
    parts : dict of str to int
        Rows of each part, in the order written, reserved ones last.
    key : tuple of (str, str)
        Column and class of value ("text", "number", ...) of what `assign` takes.
    splitter, level : str
        Class that made it; the fold that was split, "" for a whole table.
    has_rows : bool
        False for a plan from a file, until `extend` binds it to a table.

    Notes
    -----
    Saved as canonical JSON: the same bytes for any order of rows and columns, any library that the table came from,
    any number of threads; a C++ service reads the same file. Equal plans have equal JSON.

    Examples
    --------
    >>> import mlrepro as mr
    >>> table = {"who": [f"v{i % 50}" for i in range(500)], "x": list(range(500))}
    >>> plan = mr.split.HashSplit({"train": 0.8, "test": 0.2}, by="who", salt="2026").plan(table)
    >>> plan.parts["train"] + plan.parts["test"]
    500
    >>> plan.assign("v7") == mr.split.Plan.from_json(plan.to_json()).assign("v7")
    True
    """

    def __init__(self, core: _core.Plan, origin: Dataset | None = None) -> None:
        self._core = core
        self._origin = origin

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """Read what `to_json` wrote. It answers keys; `extend` binds it to rows.

        Raises
        ------
        FormatError
            No plan, a damaged one, or one of a newer version.
        """
        return cls(_core.Plan.from_json(as_text(text)))

    @property
    def parts(self) -> dict[str, int]:
        return dict(self._core.parts())

    @property
    def key(self) -> tuple[tuple[str, str], ...]:
        return tuple(self._core.key())

    @property
    def splitter(self) -> str:
        return str(self._core.splitter())

    @property
    def level(self) -> str:
        return str(self._core.level())

    @property
    def has_rows(self) -> bool:
        return bool(self._core.has_rows())

    def __len__(self) -> int:
        return int(self._core.n_rows())

    def indices(self, part: str) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Return the positions of a part's rows, int64, ascending.

        Raises
        ------
        ArgumentError
            No such part (the message lists them), or the plan holds no rows.
        """
        return self._core.indices(_part_name(part))

    @property
    def part_of_row(self) -> np.ndarray[Any, np.dtype[np.int32]]:
        """For each row, by position, the number of its part in the order of `parts`."""
        return self._core.part_of_row()

    def __getitem__(self, part: str) -> Dataset:
        return Dataset._wrap(
            self._core.part(_part_name(part)), origin=self._origin, rows=self.indices(part)
        )

    def __getattr__(self, name: str) -> Dataset:
        if not name.startswith("_") and name in dict(self._core.parts()):
            return self[name]
        parts = (
            "" if name.startswith("_") else f"; its parts are {', '.join(dict(self._core.parts()))}"
        )
        raise AttributeError(f"a Plan has no attribute {name!r}{parts}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(p for p in self.parts if p.isidentifier())]

    def assign(self, *key: Any) -> str:
        """Return the part of one key, as the whole table got it.

        Parameters
        ----------
        *key
            One value a key column, in the order of `key`; a tuple is taken apart.

        Returns
        -------
        str
            "missing" if a value is None or NaN; "new" for a key that a table-fitted plan has not seen.

        Raises
        ------
        SchemaError
            A value of another class: "17" is not 17.
        ArgumentError
            Another number of values.
        """
        flat = _flat(key)
        for (column, kind), value in zip(self.key, flat, strict=False):
            found = _time_class(value)
            if kind in _TIMES and found not in (None, kind):
                raise SchemaError(
                    f"key {column!r} holds {kind.replace('_', ' ')}s, and got {found.replace('_', ' ')}: {_shown(key)}.",
                    column=column,
                    next_step=f"Pass e.g. {_TIMES[kind]}.",
                )
        return str(self._core.assign(flat))

    def try_assign(self, *key: Any) -> int:
        """Return the number of the key's part in the order of `parts`, -1 where `assign` raises."""
        return int(self._core.try_assign(_flat(key)))

    @cached_property
    def report(self) -> PlanReport:
        """Shares and their bounds, groups, label, balance, leak counts; computed on first use."""
        held = Plan(self._core, self._origin)  # not self, which holds the report
        return PlanReport(self._core.report_json(as_threads(None)), held)

    def cv(
        self, train: str | None = None, test: str | None = None
    ) -> list[tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]]:
        """Return index pairs for ``cv=`` of scikit-learn.

        Parameters
        ----------
        train, test : str, optional
            Parts of the one pair; default "train" and "test". Without them a plan of folds gives a pair a fold, each
            fold against the others. Rows of reserved parts are in no pair.
        """
        if self._core.is_folds() and train is None and test is None:
            return self._fold_pairs()
        names = (train or "train", test or "test")
        for name in names:
            if name not in self.parts:
                raise ArgumentError(
                    f"the plan has no part {name!r}; its parts are {', '.join(self.parts)}.",
                    next_step="Say which parts to use, e.g. plan.cv('train', 'valid').",
                )
        if names[0] == names[1]:
            raise ArgumentError(
                f"train and test are both {names[0]!r}.", next_step="Name two different parts."
            )
        return [(self.indices(names[0]), self.indices(names[1]))]

    def _fold_pairs(self) -> list[tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]]:
        part = self.part_of_row
        n_folds = sum(1 for name in self.parts if name.startswith("fold_"))
        in_fold = part < n_folds
        return [
            (np.flatnonzero(in_fold & (part != fold)), np.flatnonzero(part == fold))
            for fold in range(n_folds)
        ]

    def extend(self, dataset: Any, *, threads: int | None = None) -> Plan:
        """Return the plan for another table, such as next month's.

        Parameters
        ----------
        dataset : Dataset or any frame
            Known keys keep their part; new ones go by the rule, in table-fitted plans (``exact=True``) to part "new".
        threads : int, optional
            Default: as many as this process may use.

        Raises
        ------
        SchemaError, ColumnNotFoundError
            The key columns are not there, or of another class.
        """
        data = as_dataset(dataset)
        return Plan(self._core.extend(data._data, as_threads(threads)), data)

    def to_json(self) -> str:
        """Return the plan as canonical JSON, format ``mlrepro.plan``."""
        return str(self._core.to_json())

    def to_dict(self) -> dict[str, Any]:
        """Return the plan's JSON as plain dicts and lists."""
        document: dict[str, Any] = json.loads(self.to_json())
        return document

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write `to_json` to a file; ``mr.load`` and C++'s ``Plan::from_json`` read it. FileError if it cannot be written."""
        write_text(self.to_json(), path)

    def to_pandas(self) -> Any:
        """Return the parts as a pandas.DataFrame with columns name and rows."""
        import pandas as pd

        return pd.DataFrame({"name": list(self.parts), "rows": list(self.parts.values())})

    def to_text(self) -> str:
        """Return one line on the plan and one a part."""
        columns = ", ".join(name for name, _ in self.key)
        if self._core.identity() == "values":
            columns = "all values (a new column would move rows; by= or key= would not)"
        shown = [
            f"{name:<12}{n:>12,}" for name, n in self.parts.items() if n or name not in _RESERVED
        ]
        bound = "" if self.has_rows else " (from a file: extend(dataset) binds it to rows)"
        return "\n  ".join(
            [f"Plan of {self.splitter} by {columns}: {plural(len(self), 'row')}{bound}", *shown]
        )

    def __repr__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.to_text())}</pre>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plan) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash(self.to_json())

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (self.to_json(), self._origin if self.has_rows else None)


_RESERVED = ("missing", "new", "purged", "quarantine")


def _rebuild(text: str, origin: Dataset | None) -> Plan:
    plan = Plan.from_json(text)
    return plan if origin is None else plan.extend(origin)


register("mlrepro.plan", Plan.from_json)
register("mlrepro.plan_report", PlanReport.from_json)


_TIMES = {
    "date": "datetime.date(2023, 5, 1)",
    "local_timestamp": "datetime.datetime(2023, 5, 1), without a zone",
    "timestamp": "datetime.datetime(2023, 5, 1, tzinfo=datetime.timezone.utc)",
}


def _shown(key: tuple[Any, ...]) -> str:
    return ", ".join(repr(value) for value in key)


def _time_class(value: Any) -> Any:
    """Class of an encoded key that is text or a time, else None."""
    return "text" if isinstance(value, str) else value[0] if isinstance(value, tuple) else None


def _part_name(part: Any) -> str:
    if not isinstance(part, str):
        raise InputTypeError(
            f"a part is asked for by name, and got {part!r} of type {type(part).__name__}.",
            next_step="Pass one of plan.parts, e.g. 'train'.",
        )
    return part


def _flat(key: tuple[Any, ...]) -> list[Any]:
    values = key[0] if len(key) == 1 and isinstance(key[0], (tuple, list)) else key
    return [encode_key(value) for value in values]
