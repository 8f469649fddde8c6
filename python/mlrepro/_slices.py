# SPDX-License-Identifier: Apache-2.0
"""Slices: overlapping conjunctions under which a target is high. The search is in C++ (``mlrepro::find_slices``)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from mlrepro import _core
from mlrepro._arrays import as_threads
from mlrepro._binning import core_bins
from mlrepro._dataset import Dataset, as_dataset, borrowed
from mlrepro._errors import ArgumentError
from mlrepro._exact import plain
from mlrepro._load import register
from mlrepro._names import options_listed
from mlrepro._probe import DecisionTreeProbe, settings_or_default
from mlrepro._probe_settings import GivenTarget, given_target, needed, whole
from mlrepro._saved import SavedResult, as_text

__all__ = ["Slice", "Slices", "find_slices"]


@dataclass(frozen=True)
class Slice:
    """One slice; figures are of the judged rows unless the search was in-sample.

    Attributes
    ----------
    rule : str
        The conditions, for people.
    n_conditions : int
    score : float
        On the rows that chose: sqrt(n) (mean - overall) / sd.
    rows_growing, mean_growing : int, float
        Of the rows that chose.
    rows_judged : int
    mean, low, high : float
        Of the target, with its 95% interval.
    lift : float
        Mean over the mean of all judged rows; NaN where a target is negative.
    share : float
        Of the judged sum of the target; NaN as `lift`.
    p_value : float
        Against all other judged rows, after Holm over the slices.
    replicated : bool
        p_value < alpha, and above the overall mean in both halves.
    also : tuple of str
        Rules of slices with nearly the same rows.
    """

    rule: str
    n_conditions: int
    score: float
    rows_growing: int
    mean_growing: float
    rows_judged: int
    mean: float
    low: float
    high: float
    lift: float
    share: float
    p_value: float
    replicated: bool
    also: tuple[str, ...]

    @classmethod
    def _of(cls, held: dict[str, Any]) -> Slice:
        values = {name: plain(held[name]) for name in cls.__dataclass_fields__ if name != "also"}
        return cls(**values, also=tuple(held["also"]))


class Slices(SavedResult, Sequence[Slice]):
    """What `find_slices` found, best first; a sequence of `Slice`, and `repr` is the table.

    Attributes
    ----------
    target_name : str
    exact : bool
        Proven: no slice of up to `max_conditions` conditions, each of which adds more than chance, scores higher than
        the first one here.
    warnings : list of str
    """

    if TYPE_CHECKING:  # attached by _compose.py: pages belong to a later room

        def to_html(self, path: str | os.PathLike[str] | None = None) -> str | None: ...

    def __init__(self, core: Any) -> None:
        self._core_slices = core
        self._json = str(core.to_json())
        self._held: dict[str, Any] = json.loads(self._json)
        self._slices = [Slice._of(held) for held in self._held["slices"]]
        self.target_name = str(self._held["target"])
        self.exact = bool(self._held["exact"])
        self.warnings = list(self._held["warnings"])

    @classmethod
    def from_json(cls, text: str) -> Slices:
        """Read what `to_json` wrote; FormatError otherwise."""
        return cls(_core.Slices.from_json(as_text(text)))

    def __len__(self) -> int:
        return len(self._slices)

    @overload
    def __getitem__(self, i: int) -> Slice: ...
    @overload
    def __getitem__(self, i: slice) -> list[Slice]: ...
    def __getitem__(self, i: int | slice) -> Slice | list[Slice]:
        return self._slices[i]

    def __iter__(self) -> Iterator[Slice]:
        return iter(self._slices)

    def rule(self, i: int, language: str = "text", *, dialect: str = "duckdb") -> str:
        """Return the condition of a slice in a language of ``DecisionTreeProbe.rule``.

        Parameters
        ----------
        i : int
            Position of the slice.
        language : {"text", "sql", "pandas", "polars", "cpp"}
        dialect : {"duckdb"}
            Of SQL.
        """
        return str(self._core_slices.rule(self._position(i), str(language), str(dialect)))

    def rules(self, language: str = "text", *, dialect: str = "duckdb") -> list[str]:
        """Return the condition of each slice, best first."""
        return [self.rule(i, language, dialect=dialect) for i in range(len(self))]

    def mask(self, i: int, X: Any, threads: int | None = None) -> np.ndarray[Any, Any]:
        """Return which rows a slice holds: bool, shape (n_rows,), by position.

        Parameters
        ----------
        i : int
            Position of the slice.
        X : Dataset or any frame
            Needs only the columns of the conditions.
        threads : int, optional
            Changes no answer.
        """
        at = self._position(i)
        tree = self._held["slices"][at]["tree"]
        data = borrowed(needed(X, [column["name"] for column in tree["columns"]]))
        inside: np.ndarray[Any, Any] = self._core_slices.apply(at, data._data, as_threads(threads))
        return inside

    def _position(self, i: int) -> int:
        at = whole("i", i) if not (isinstance(i, int) and -len(self) <= i < 0) else i + len(self)
        if at < len(self):
            return at
        raise ArgumentError(f"there is no slice {i} of {len(self):,}.", next_step="Count from 0.")

    def evaluate(self, rows: Any, target: Any, *, threads: int | None = None) -> Slices:
        """Return the same slices with the figures of new rows, all of which are judged.

        Parameters
        ----------
        rows : Dataset or any frame
        target : str or array-like of shape (n_rows,)
            As in `find_slices`; it may be constant here.
        threads : int, optional
            Changes no answer.
        """
        data = as_dataset(rows)
        given = _target(data, target)
        return Slices(
            self._core_slices.evaluate(data._data, given.values, given.name, as_threads(threads))
        )

    def to_text(self) -> str:
        """Return the table, a line a slice and its rule below."""
        return str(self._core_slices.to_text())

    def to_pandas(self) -> Any:
        """Return one row a slice: the fields of `Slice`."""
        import pandas as pd

        return pd.DataFrame([asdict(s) for s in self], columns=list(Slice.__dataclass_fields__))

    def to_json(self) -> str:
        """Return canonical JSON, format "mlrepro.slices"; equal slices give equal bytes."""
        return self._json

    def _saved_json(self) -> str:
        return str(self._core_slices.saved_json())


def _target(data: Dataset, target: Any) -> GivenTarget:
    if target is None:
        raise ArgumentError(
            "target is None.", next_step='Pass target="column", or one value a row.'
        )
    return given_target(data, target)


@options_listed(target='Pass target="column", or one value a row.')
def find_slices(
    rows: Any,
    target: Any,
    max_conditions: int = 3,
    k: int = 10,
    *,
    probe: DecisionTreeProbe | None = None,
) -> Slices:
    """Find the slices of a table where a target is high: errors, losses, a label.

    Unlike the leaves of a tree, slices may overlap: each is the best answer for itself. Half of the rows choose, the
    other half is judged.

    Parameters
    ----------
    rows : Dataset, BinnedDataset or any frame, n_rows rows
    target : str or array-like of shape (n_rows,)
        A column, a role, or one number or boolean a row, by position, e.g. ``mr.row_loss(y, p, "log_loss")``.
    max_conditions : int, default 3
        1 to 6.
    k : int, default 10
        Slices at most, 1 to 1,000.
    probe : DecisionTreeProbe, optional
        Its min_samples_leaf, honest, features, exclude, meta_features, alpha, seed, threads and limits are used. The
        number of missing columns is no condition of slices.

    Returns
    -------
    Slices
        Best score first: sqrt(n) (mean - overall) / sd on the rows that chose.

    Raises
    ------
    ArgumentError, ColumnNotFoundError, SchemaError, InputTypeError, LimitError
        As ``DecisionTreeProbe.fit``.

    Notes
    -----
    Beam search, 128 wide (after SliceLine, Sagadeeva and Boehm 2021); where bounds prove that nothing was missed,
    `exact` is true. A slice whose last condition adds no more than chance is left out; those with nearly the rows of a
    better one (Jaccard 0.8) are named under it. O(128 rows columns max_conditions). The same rows in any order, with
    any number of threads, give the same bytes.

    Examples
    --------
    >>> import mlrepro as mr, numpy as np
    >>> x, c = np.arange(2000) % 40, np.arange(2000) // 40 % 3
    >>> found = mr.find_slices({"x": x, "c": c}, target=(x > 29) & (c == 1))
    >>> found[0].rule
    'x > 29 and c > 0 and c <= 1'
    """
    data = as_dataset(rows)
    options = settings_or_default(probe)._options()
    given = _target(data, target)
    options["exclude"] = [*options["exclude"], *given.exclude]
    return Slices(
        _core.find_slices(
            data._data,
            given.values,
            given.name,
            options,
            whole("max_conditions", max_conditions),
            whole("k", k),
            core_bins(rows, data),
        )
    )


register("mlrepro.slices", Slices.from_json)
