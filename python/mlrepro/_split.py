# SPDX-License-Identifier: Apache-2.0
"""The splitters: by hash of a key, by time, by balanced groups. The work is done in C++ (``mlrepro::split``)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from mlrepro import _core
from mlrepro._dataset import Dataset
from mlrepro._errors import ArgumentError, InputTypeError
from mlrepro._names import check_flag, options_listed
from mlrepro._split_base import Splitter, names_of, refuse_iterator, salt_text
from mlrepro._split_plan import Plan
from mlrepro._split_report import PlanBalance, PlanPart, PlanReport
from mlrepro._split_values import cut_value, duration_ns, encode_key

__all__ = [
    "GroupKFold",
    "HashSplit",
    "Plan",
    "PlanBalance",
    "PlanPart",
    "PlanReport",
    "Splitter",
    "TimeSplit",
]


@options_listed()
class HashSplit(Splitter):
    """Named parts by a salted hash of a key: old rows never move as data grow, a key is never in two parts.

    Parameters
    ----------
    parts : dict of str to float, or iterable of (str, float)
        Name and fraction of each part, in order. Read as shortest decimals, they must add up to exactly 1.
    by : str or sequence of str, optional
        Columns of the key. Default: the identity of the row (its declared key, else all its values).
    salt : str or int, default ""
        Another salt, another split; 2026 and "2026" are one.
    exact : bool, default False
        True: exact sizes, fitted to the table. Only the saved plan then keeps rows in place as data grow.

    Notes
    -----
    XXH3-128 of the key's value, so 17, 17.0 and an int8 17 are one key, and column types, libraries and row order
    change nothing. A null in a ``by=`` column puts the row into part "missing", counted and in no fold. Growing an
    earlier part only moves keys into it. scikit-learn: yields one pair, "train" against "test".

    Examples
    --------
    >>> import mlrepro as mr
    >>> split = mr.split.HashSplit({"train": 0.8, "test": 0.2}, by="vehicle", salt=2026)
    >>> split.assign("v-17") in ("train", "test")
    True
    """

    def __init__(
        self,
        parts: Mapping[str, float] | Iterable[tuple[str, float]],
        *,
        by: str | Iterable[str] | None = None,
        salt: str | int = "",
        exact: bool = False,
    ) -> None:
        self.parts = parts
        self.by = by
        self.salt = salt
        self.exact = exact

    def _core_splitter(
        self, data: Dataset | None = None, by: list[str] | None = None
    ) -> _core.HashSplit:
        return _core.HashSplit(
            parts=_fractions(self.parts),
            by=names_of(self.by) if by is None else by,
            salt=salt_text(self.salt),
            exact=_flag("exact", self.exact),
        )

    def assign(self, *key: Any) -> str:
        """Return the part of one key, of any class, in the order of ``by``: what every plan of this splitter answers.

        Raises
        ------
        ArgumentError
            Another number of values than ``by=`` has columns; ``exact=True``, where only a plan can answer.
        """
        if _flag("exact", self.exact):
            raise ArgumentError(
                "HashSplit with exact=True knows parts only of a table.",
                next_step="Ask the plan: split.plan(dataset).assign(key).",
            )
        values = key[0] if len(key) == 1 and isinstance(key[0], (tuple, list)) else key
        return str(self._core_splitter().assign([encode_key(value) for value in values]))


@options_listed()
class GroupKFold(Splitter):
    """K folds of whole groups, balanced by rows.

    Parameters
    ----------
    n_splits : int, default 5
        2 to 10,000.
    by : str or sequence of str, optional
        Columns of the group. Default: the dataset's entity, or scikit-learn's ``groups=``.
    salt : str or int, default ""
        Decides between groups of equal size (``exact=True``), or all (``exact=False``).
    exact : bool, default True
        True: groups by falling size, each to the fold with the fewest rows, so that folds differ by at most the
        largest group. False: a stable hash of the group; folds are even only by chance, rows never move as data grow.

    Notes
    -----
    Parts are fold_0, fold_1, ... Not scikit-learn's folds, although its class has this name: ties go by a hash of the
    group, never by row order or CPU. A null group is in part "missing", in no fold.
    """

    def __init__(
        self,
        n_splits: int = 5,
        *,
        by: str | Iterable[str] | None = None,
        salt: str | int = "",
        exact: bool = True,
    ) -> None:
        self.n_splits = n_splits
        self.by = by
        self.salt = salt
        self.exact = exact

    def _core_splitter(
        self, data: Dataset | None = None, by: list[str] | None = None
    ) -> _core.GroupKFold:
        return _core.GroupKFold(
            n_splits=_whole("n_splits", self.n_splits),
            by=names_of(self.by) if by is None else by,
            salt=salt_text(self.salt),
            exact=_flag("exact", self.exact),
        )

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return `n_splits`."""
        return _whole("n_splits", self.n_splits)


@options_listed()
class TimeSplit(Splitter):
    """Train before an instant, test from it on; equal times never part.

    Parameters
    ----------
    test_from : str, date, datetime or numpy.datetime64, optional
        The first test instant. A date is its midnight and a wall time is read in `zone`; the plan stores the instant.
    test_fraction : float, optional
        Instead: this share of the rows, the cut moved to the nearer edge of tied times.
    time : str, optional
        Column. Default: the dataset's role ``time``.
    zone : str, optional
        Zone of a date or wall time in `test_from`. Default: the column's own.
    recipe : object, optional
        Anything with `look_back` and `horizon`, durations or None: labels reach `horizon` past their row. A column
        with the role ``label_time`` says so for each row and comes first.
    purge : timedelta or str such as "7d", optional
        Set by hand instead: rows whose time lies less than this before the cut (or at it) do not train.
    unseen : HashSplit, optional
        Parts train and test by entity: test rows are then future *and* of unseen entities, the rest is `quarantine`.
    allow_leak : str, optional
        Why `purge` may be shorter than the recipe's horizon; stored and printed.

    Notes
    -----
    A row trains if its time and the end of its label (role ``known_time`` included) lie before the cut, tests if its
    time lies at or after it, and is `purged` in between. Embargo has no meaning here: no training row follows a test
    row. In a zone's gap the first instant after it is meant, of a repeated wall time the earlier. Label purging after
    Lopez de Prado, Advances in Financial Machine Learning (2018), chapter 7.

    Examples
    --------
    >>> import mlrepro as mr, numpy as np
    >>> t = np.arange("2013-01-01", "2013-12-31", dtype="datetime64[D]").astype("datetime64[s]")
    >>> plan = mr.split.TimeSplit(test_from="2013-10-01", time="t").plan({"t": t})
    >>> plan.parts["train"], plan.parts["test"]
    (273, 91)
    """

    _takes_groups = False

    def __init__(
        self,
        test_from: Any = None,
        *,
        test_fraction: float | None = None,
        time: str | None = None,
        zone: str | None = None,
        recipe: Any = None,
        purge: Any = None,
        unseen: HashSplit | None = None,
        allow_leak: str | None = None,
    ) -> None:
        self.test_from = test_from
        self.test_fraction = test_fraction
        self.time = time
        self.zone = zone
        self.recipe = recipe
        self.purge = purge
        self.unseen = unseen
        self.allow_leak = allow_leak

    def _core_splitter(self, data: Dataset, by: list[str] | None = None) -> _core.TimeSplit:
        if self.allow_leak is not None and (
            not isinstance(self.allow_leak, str) or not self.allow_leak
        ):
            raise InputTypeError(
                f"allow_leak is {self.allow_leak!r}.",
                next_step="Say in words why the leak is harmless.",
            )
        if self.unseen is not None and not isinstance(self.unseen, HashSplit):
            raise InputTypeError(
                f"unseen is of type {type(self.unseen).__name__}.", next_step="Pass a HashSplit."
            )
        return _core.TimeSplit(
            test_from=None if self.test_from is None else self._cut(data),
            test_fraction=0.0 if self.test_fraction is None else _share(self.test_fraction),
            time=self.time or "",
            horizon_ns=_horizon_ns(self.recipe),
            purge_ns=-1 if self.purge is None else duration_ns("purge", self.purge),
            allow_leak=self.allow_leak or "",
            unseen=None if self.unseen is None else self.unseen._core_splitter(),
        )

    def _cut(self, data: Dataset) -> Any:
        schema = json.loads(data._data.schema_json())["columns"]
        name = self.time or data.roles.get("time")  # a column may be key and time
        column = next((c for c in schema if c["name"] == name), None)
        kind = re.fullmatch(r"timestamp\[\w+, (.+)\]", (column or {}).get("type", ""))
        zone = kind[1] if kind else None  # a missing or wrong column is refused by the core
        return cut_value(self.test_from, zone, self.zone, instants=zone is not None)


def _flag(setting: str, given: Any) -> bool:
    check_flag(setting, given)
    return bool(given)


def _horizon_ns(recipe: Any) -> int:
    if recipe is None:
        return -1
    for name in ("look_back", "horizon"):
        if not hasattr(recipe, name):
            raise InputTypeError(
                f"recipe of type {type(recipe).__name__} has no {name}.",
                next_step="Pass anything with look_back and horizon.",
            )
    return -1 if recipe.horizon is None else duration_ns("the recipe's horizon", recipe.horizon)


def _fractions(parts: Any) -> list[tuple[str, float]]:
    refuse_iterator("parts", parts)
    if isinstance(parts, Mapping):
        pairs = list(parts.items())
    elif isinstance(parts, str) or not isinstance(parts, Iterable):
        pairs = None
    else:
        pairs = list(parts)
    if pairs is None or not all(isinstance(p, (tuple, list)) and len(p) == 2 for p in pairs):
        raise InputTypeError(
            f"parts is {parts!r} of type {type(parts).__name__}.",
            next_step="Pass names and fractions, e.g. {'train': 0.8, 'test': 0.2}.",
        )
    for name, _ in pairs:
        if not isinstance(name, str):
            raise InputTypeError(
                f"the part name {name!r} is no text.", next_step="Name parts by text."
            )
    return [(name, _fraction(f"the fraction of {name!r}", value)) for name, value in pairs]


def _fraction(what: str, value: Any) -> float:
    try:
        if isinstance(value, (bool, str)):
            raise TypeError
        return float(value)
    except (TypeError, ValueError):
        raise InputTypeError(
            f"{what} is {value!r}, no number.", next_step="Pass e.g. 0.2."
        ) from None


def _share(test_fraction: Any) -> float:
    share = _fraction("test_fraction", test_fraction)
    if not 0 < share < 1:
        raise ArgumentError(
            f"test_fraction is {test_fraction!r}, not between 0 and 1.",
            next_step="Pass e.g. test_fraction=0.2, or test_from= an instant.",
        )
    return share


def _whole(what: str, value: Any) -> int:
    try:
        if isinstance(value, bool):
            raise TypeError
        number = int(value.__index__())
    except (TypeError, AttributeError):
        raise InputTypeError(
            f"{what} is {value!r}, no whole number.", next_step="Pass e.g. 5."
        ) from None
    if not 2 <= number <= 10_000:
        raise ArgumentError(f"{what} is {number}, not from 2 to 10,000.", next_step="Use e.g. 5.")
    return number
