# SPDX-License-Identifier: Apache-2.0
"""One column of a Dataset: values out, comparisons that give masks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from mlrepro import _core
from mlrepro._errors import ArgumentError, InputTypeError
from mlrepro._export import column_in_origin, pandas_series
from mlrepro._frames import column_part, state_of
from mlrepro._names import options_listed, plural
from mlrepro._origin import Origin
from mlrepro._parts import Part
from mlrepro._values import python_values, to_numpy

__all__ = ["Column"]

Mask = np.ndarray[Any, np.dtype[np.bool_]]
_PURPOSE = "is-in"


@options_listed()
class Column:
    """A column of a `Dataset`, as `dataset["name"]` gives it.

    ``==``, ``!=``, ``<``, ``<=``, ``>``, ``>=``, `is_in` and `is_null` give a NumPy boolean array, to be combined with
    ``&``, ``|`` and ``~`` and given to `Dataset.filter`. Comparisons are exact (int64 against float64 too), a missing
    cell compares false, and comparing text with numbers is an error. Ordered categories compare by their order.
    """

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, data: _core.Dataset, position: int, origin: Origin) -> None:
        self._data = data
        self._position = position
        self._origin = origin

    @property
    def name(self) -> str:
        """Name of the column."""
        return str(self._data.names[self._position])

    @property
    def type(self) -> str:
        """Type of the column, as the schema names it."""
        from mlrepro._schema import Schema

        return Schema._of(self._single())[0].type

    def __len__(self) -> int:
        return int(self._data.n_rows)

    def to_numpy(self) -> np.ndarray[Any, Any]:
        """Return a NumPy array, shape (n_rows,); zero-copy for numbers and times without missing cells.

        Times are datetime64 (instants in UTC) and NaT; integers with missing cells are float64 with NaN where that is
        exact, else objects; text, categories and booleans with missing cells are objects with None.
        """
        return to_numpy(self._part())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        values = self.to_numpy()
        return values.astype(dtype) if dtype is not None else values.copy() if copy else values

    def to_pandas(self) -> Any:
        """Return a pandas.Series, with the index and dtype that came in."""
        return pandas_series(self._data, self._position, self._origin)

    def to_list(self) -> list[Any]:
        """Return Python values, None where null; NaN stays NaN."""
        return python_values(self._part())

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        return self._single().arrow_stream()

    def _part(self) -> Part:
        return Part(*self._data.column_parts(self._position))

    def _single(self) -> _core.Dataset:
        return self._data.select([self.name])

    def _as_core_column(self) -> _core.Dataset:
        return self._single()

    def _in_origin(self) -> Any:
        return column_in_origin(self._data, self._position, self._origin)

    def is_null(self) -> Mask:
        """Rows that are missing: null or NaN."""
        _, is_missing = self._data.key_ids([self.name], _PURPOSE)
        return np.asarray(is_missing)

    def is_in(self, values: Iterable[Any]) -> Mask:
        """Rows whose value is one of `values`; missing is in nothing.

        Raises
        ------
        InputTypeError
            `values` are of another class than the column: 17 is not "17".
        """
        if isinstance(values, (str, bytes)) or not hasattr(values, "__iter__"):
            raise InputTypeError(
                f"is_in takes a list of values, and got {values!r}.",
                column=self.name,
                next_step=f"Pass [{values!r}].",
            )
        other = _one_column(column_part("values", values))
        if other.n_rows == 0:
            return np.zeros(len(self), dtype=bool)
        self._check_class(other)
        mine, gone = self._data.key_ids([self.name], _PURPOSE)
        theirs, not_there = other.key_ids(other.names, _PURPOSE)
        pair = np.dtype([("low", np.uint64), ("high", np.uint64)])
        wanted = np.ascontiguousarray(theirs[~not_there]).view(pair).ravel()
        found = np.isin(np.ascontiguousarray(mine).view(pair).ravel(), wanted)
        return np.asarray(found & ~gone, dtype=bool)

    def __eq__(self, other: object) -> Mask:  # type: ignore[override]
        return self._compare(other, _core.Comparison.equal, False)

    def __ne__(self, other: object) -> Mask:  # type: ignore[override]
        return self._compare(other, _core.Comparison.not_equal, False)

    def __lt__(self, other: object) -> Mask:
        return self._compare(other, _core.Comparison.less, False)

    def __le__(self, other: object) -> Mask:
        return self._compare(other, _core.Comparison.less_equal, False)

    def __gt__(self, other: object) -> Mask:
        return self._compare(other, _core.Comparison.less, True)

    def __ge__(self, other: object) -> Mask:
        return self._compare(other, _core.Comparison.less_equal, True)

    def _compare(self, other: object, how: _core.Comparison, swapped: bool) -> Mask:
        if other is None:
            raise ArgumentError(
                "A comparison with None is never true.", next_step="Use .is_null()."
            )
        is_order = how in (_core.Comparison.less, _core.Comparison.less_equal)
        data, position = self._data, self._position
        if isinstance(other, Column):
            against, at = other._data, other._position
        else:
            is_array = hasattr(other, "__len__") and not isinstance(other, (str, bytes))
            against, at = _one_column(column_part("value", other if is_array else [other])), 0
        if is_order and self._part().ordered:
            data, against = self._as_positions(), self._positions_of(against, at)
            position = at = 0
        else:
            self._check_class(against, at)
        return np.asarray(data.compare(position, against, at, how, swapped))

    def _as_positions(self) -> _core.Dataset:
        part = self._part()
        return _core.Dataset.from_parts(
            part.n_rows, ["level"], [part._replace(dictionary=None, ordered=False)]
        )

    def _positions_of(self, other: _core.Dataset, at: int) -> _core.Dataset:
        levels = python_values(Part(*self._part().dictionary))
        values = python_values(Part(*other.column_parts(at)))
        unknown = [v for v in values if v is not None and v not in levels]
        if unknown:
            raise ArgumentError(
                f"{unknown[0]!r} is no category of column {self.name!r}.",
                column=self.name,
                next_step=f"Use one of {', '.join(map(repr, levels[:10]))}.",
            )
        codes = [None if v is None else levels.index(v) for v in values]
        return _one_column(column_part("value", codes))

    def _check_class(self, other: _core.Dataset, at: int = 0) -> None:
        mine, theirs = self._data.class_of(self._position), other.class_of(at)
        if "missing" in (mine, theirs) or mine == theirs:
            return
        steps = {
            ("text", "number"): "Write the value as text, or cast the column to a number.",
            ("number", "text"): "Write the value as a number, or cast the column to text.",
            ("timestamp", "local_timestamp"): "Give the value a zone.",
            ("local_timestamp", "timestamp"): "Give the value no zone, or the column one.",
        }
        raise InputTypeError(
            f"column {self.name!r} holds {mine}, and is compared with {theirs}.",
            column=self.name,
            next_step=steps.get((mine, theirs), f"Compare it with {mine}."),
        )

    def __bool__(self) -> bool:
        raise ArgumentError(
            f"column {self.name!r} has {plural(len(self), 'value')} and no one truth.",
            next_step="Compare it, e.g. (ds['x'] > 0).any(), or ask len().",
        )

    def __copy__(self) -> Column:
        return self

    def __deepcopy__(self, memo: object) -> Column:
        return self  # immutable

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (state_of(self._single()), len(self), self._origin)

    def __repr__(self) -> str:
        shown = [repr(v) for v in python_values(self._head_part())]
        more = f", … ({len(self):,} rows)" if len(self) > len(shown) else ""
        return f"Column {self.name!r} ({self.type}): [{', '.join(shown)}{more}]"

    def _head_part(self, n: int = 10) -> Part:
        return Part(*self._single().head(n).column_parts(0))


def _rebuild(state: dict[str, Any], n_rows: int, origin: Origin) -> Column:
    return Column(_core.Dataset.from_parts(n_rows, list(state), list(state.values())), 0, origin)


def _one_column(part: Any) -> _core.Dataset:
    if isinstance(part, _core.Dataset):
        return part
    return _core.Dataset.from_parts(part.n_rows, ["value"], [part])
