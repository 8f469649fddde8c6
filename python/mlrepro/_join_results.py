# SPDX-License-Identifier: Apache-2.0
"""What a join's report is made of: levels, slices, classes on the label, counterfactuals, findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["JoinClassOnLabel", "JoinCounterfactual", "JoinFinding", "JoinLevel", "JoinSlice"]


@dataclass(frozen=True)
class JoinLevel:
    """Left rows with one value of a column, or in one bin, by class.

    Attributes
    ----------
    value, to : object
        The value; of a bin its least and greatest value. None: the cell is missing.
    rows, matched, multiplied, key_not_found, null_key, ambiguous : int
        rows = matched + key_not_found + null_key + ambiguous; multiplied rows are matched ones.
    intervals : dict of str to (float, float)
        Wilson 95% interval of the share of each class that occurs, all rows counted.
    """

    value: Any
    to: Any
    rows: int
    matched: int
    multiplied: int
    key_not_found: int
    null_key: int
    ambiguous: int
    intervals: Mapping[str, tuple[float, float]]

    @property
    def unmatched(self) -> int:
        """Rows that the join gave no right row."""
        return self.rows - self.matched


@dataclass(frozen=True)
class JoinSlice:
    """A left column whose levels fare unequally in the join; `chi_square` has `df` degrees of freedom."""

    column: str
    binned: bool
    chi_square: float
    df: int
    levels: tuple[JoinLevel, ...]


@dataclass(frozen=True)
class JoinCounterfactual:
    """What a kind of join gives on these tables: rows, mean of the label over them, missing cells by right column."""

    rows: int
    label_mean: float | None
    missing: Mapping[str, int]


@dataclass(frozen=True)
class JoinClassOnLabel:
    """How a class of unmatched rows goes with the label.

    Attributes
    ----------
    row_class : str
        "key not found", "null key" or "ambiguous".
    rows, positives : int
        All left rows of the class with a label, and those with its positive value.
    chosen : bool
        On the choosing half of the rows the class differs from the rest (p <= 0.01).
    value : object
        The label value that is more frequent in the class on the choosing half.
    judged_rows, judged_with_value : int
        Rows of the class on the other half, and those with that value.
    rate, interval, lift : float, (float, float), float
        Share of that value there, its Wilson 95% interval, and its ratio to the share over all rows of that half.
    log_p : float
        Natural log of the p-value of class against rest on the judging half.
    grade : str
        "label in disguise" (chosen, interval from 0.5 up, lift at least 10), "note" (chosen, p <= 0.01 again) or "".
    """

    row_class: str
    rows: int
    positives: int
    chosen: bool
    value: Any
    judged_rows: int
    judged_with_value: int
    rate: float
    interval: tuple[float, float]
    lift: float
    log_p: float
    grade: str


@dataclass(frozen=True)
class JoinFinding:
    """Something to look at: its kind ("label in disguise", "note", "multiplied", "set aside") and a sentence."""

    kind: str
    text: str
