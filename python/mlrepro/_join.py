# SPDX-License-Identifier: Apache-2.0
"""Joins under a contract, and the report of what happened to every row.

The work is done in C++ (``mlrepro::join``); this module checks Python's own mistakes, keeps frames in the library they
came from, and turns the report's JSON into typed results.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mlrepro import _core
from mlrepro._arrays import as_threads
from mlrepro._dataset import Dataset, as_dataset
from mlrepro._errors import ArgumentError, InputTypeError
from mlrepro._join_report import JoinReport
from mlrepro._join_results import (
    JoinClassOnLabel,
    JoinCounterfactual,
    JoinFinding,
    JoinLevel,
    JoinSlice,
)
from mlrepro._load import register
from mlrepro._names import options_listed

__all__ = [
    "JoinClassOnLabel",
    "JoinCounterfactual",
    "JoinFinding",
    "JoinLevel",
    "JoinReport",
    "JoinSlice",
    "join",
]


@options_listed()
def join(
    left: Any,
    right: Any,
    on: str | Sequence[str] | None = None,
    *,
    how: str | None = None,
    validate: str | None = None,
    left_on: str | Sequence[str] | None = None,
    right_on: str | Sequence[str] | None = None,
    suffix: str = "_right",
    indicator: str | None = None,
    on_violation: str = "raise",
    unmatched: str = "report",
    nulls: str = "never_match",
    threads: int | None = None,
) -> Dataset:
    """Join two tables on equal keys, under a stated contract, with a report.

    Keys are equal by value: 17 and 17.0 are one key, -0.0 is 0.0, a category is its value, and integers beyond 2**53
    stay exact. A key with a missing part (null, NaN, NaT) matches nothing, not even its like.

    Parameters
    ----------
    left, right : Dataset or any frame
        What ``mr.Dataset`` takes. Roles, row identity and fold of the result are the left table's.
    on : str or sequence of str, optional
        Key columns that have the same name on both sides.
    how : {"inner", "left", "semi", "anti"}
        Required. ``left`` keeps every left row; ``inner`` those whose key is on the right; ``semi`` and ``anti`` keep
        left rows with and without a match, once, and bring no columns.
    validate : {"1:1", "1:m", "m:1", "m:m"}
        Required; also ``"one_to_one"`` and so on. A side marked 1 may not repeat a key. The whole side is checked,
        matched or not, before any output is made.
    left_on, right_on : str or sequence of str, optional
        Instead of `on`, of one length. A right key column whose name differs from the left one's is kept; one of the
        same name is dropped.
    suffix : str, default "_right"
        Appended to columns of the right whose name the left has too; these are listed in the report.
    indicator : str, optional
        Name of the outcome column; default ``"<first left key>_match"``.
    on_violation : {"raise", "set_aside"}
        ``"set_aside"``: keys that break the contract are not multiplied, their right columns are missing, their
        outcome is "ambiguous", and ``join_report.violations`` holds the right rows concerned. ``inner`` keeps such
        rows, as ``semi`` does.
    unmatched : {"report", "error"}
        ``"error"``: one left row without a match is a JoinContractError.
    nulls : {"never_match"}
        Said aloud; there is no other way.
    threads : int, optional
        Default: as many as this process may use.

    Returns
    -------
    Dataset
        Rows in left order, inside it right order, in the library of `left`. The last column is the outcome of each
        row ("matched", "multiplied", "key not found", "null key", "ambiguous"; only those that this join can give),
        with the role ``join_outcome``. Attribute ``join_report`` is a `JoinReport`. Rows that the join multiplied
        share one identity, so a declared key stays the identity although it is no longer unique.

    Raises
    ------
    ArgumentError
        Options outside their domain, no or several key arguments, names that still clash with `suffix`.
    ColumnNotFoundError
        A key that is no column.
    SchemaError
        Keys of different classes, such as int and text: the message has the cast to make.
    JoinContractError
        `validate` or ``unmatched="error"`` does not hold; the message names the smallest key and its rows.
    LimitError
        The result would have more than 2**32 rows.

    Notes
    -----
    Deterministic: the same bytes for any number of threads; the report is the same for any order of rows.

    Examples
    --------
    >>> import mlrepro as mr
    >>> flights = {"flight": [1, 2, 3], "tailnum": ["N1", "N2", None]}
    >>> planes = {"tailnum": ["N1"], "seats": [180]}
    >>> joined = mr.join(flights, planes, on="tailnum", how="left", validate="m:1")
    >>> joined.join_report.key_not_found, joined.join_report.null_key
    (1, 1)
    """
    left_data = as_dataset(left)
    right_data = as_dataset(right)
    core, report_json, violations = _core.join(
        left_data._data,
        right_data._data,
        on=_names("on", on),
        how=_text("how", how),
        validate=_text("validate", validate),
        left_on=_names("left_on", left_on),
        right_on=_names("right_on", right_on),
        suffix=_text("suffix", suffix),
        indicator=_text("indicator", indicator),
        on_violation=_text("on_violation", on_violation),
        unmatched=_text("unmatched", unmatched),
        nulls=_text("nulls", nulls),
        threads=as_threads(threads),
    )
    joined = Dataset._wrap(core, origin=left_data)
    report = JoinReport(
        report_json,
        violations=Dataset._wrap(violations, origin=right_data),
        joined=Dataset._wrap(core, origin=left_data),  # not `joined`, which holds the report
    )
    return joined._with_report(report)


def _names(argument: str, given: str | Sequence[str] | None) -> list[str]:
    if given is None:
        return []
    if not isinstance(given, Iterable) or isinstance(given, (bytes, Mapping)):
        raise InputTypeError(
            f"{argument}= takes column names, but got {given!r} of type {type(given).__name__}.",
            next_step=f"Pass {argument}='name' or {argument}=['a', 'b'].",
        )
    names = [given] if isinstance(given, str) else list(given)
    for name in names:
        if not isinstance(name, str):
            raise InputTypeError(
                f"{argument}= takes column names, but got {name!r} of type {type(name).__name__}.",
                next_step=f"Pass {argument}='name' or {argument}=['a', 'b'].",
            )
    if not names:
        raise ArgumentError(
            f"{argument}= is an empty list.", next_step="Name at least one key column."
        )
    return names


def _text(argument: str, given: str | None) -> str:
    if given is None:
        return ""
    if not isinstance(given, str):
        raise InputTypeError(
            f"{argument}= takes text, but got {given!r} of type {type(given).__name__}.",
            next_step=f"Pass {argument}='...'; help(mlrepro.join) lists the values.",
        )
    if not given and argument == "indicator":
        raise ArgumentError(
            "indicator= is empty text, and a column needs a name.",
            next_step="Leave indicator out for the default name.",
        )
    return given


register("mlrepro.join_report", JoinReport.from_json)
