# SPDX-License-Identifier: Apache-2.0
"""Leaves of two probes in pairs, with the figures that each probe holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mlrepro._compare_pairs import best_pairs
from mlrepro._probe import DecisionTreeProbe
from mlrepro._tree import Leaf

__all__ = ["LeafPair", "leaf_pairs"]


@dataclass(frozen=True)
class LeafPair:
    """A leaf of the first probe, and the one of the second that it is paired with.

    Attributes
    ----------
    first, second : int
        Numbers of the leaves, as `apply` gives them.
    rows, rows_first, rows_second : int
        Compared rows in both leaves, and in each.
    rule_first, rule_second : str
    mean_first, low_first, high_first : float
        The target's mean in the first leaf when that probe was fitted, over its judged rows, with the 95% interval;
        of a target with classes the share of the leaf's most common one.
    mean_second, low_second, high_second : float
    overlap : bool or None
        Whether the two intervals have a value in common; None where one is unknown, or they are shares of two classes. No test: intervals of different
        means may overlap.
    """

    first: int
    second: int
    rows: int
    rows_first: int
    rows_second: int
    rule_first: str
    mean_first: float
    low_first: float
    high_first: float
    rule_second: str
    mean_second: float
    low_second: float
    high_second: float
    overlap: bool | None


def leaf_pairs(
    first: DecisionTreeProbe, second: DecisionTreeProbe, table: np.ndarray[Any, Any]
) -> list[LeafPair]:
    """Return the best one-to-one pairing of two probes' leaves on the rows of a cross table."""
    mine, theirs = ({leaf.leaf: leaf for leaf in probe.leaves} for probe in (first, second))
    return [
        LeafPair(
            first=i,
            second=j,
            rows=int(table[i, j]),
            rows_first=int(table[i].sum()),
            rows_second=int(table[:, j].sum()),
            overlap=_overlap(mine[i], theirs[j]),
            **{
                f"{name}_{side}": getattr(leaf, name)
                for side, leaf in (("first", mine[i]), ("second", theirs[j]))
                for name in ("rule", "mean", "low", "high")
            },
        )
        for i, j in best_pairs(table)
    ]


def _overlap(a: Leaf, b: Leaf) -> bool | None:
    if getattr(a, "most_common", None) != getattr(b, "most_common", None):
        return None
    if any(x != x for x in (a.low, a.high, b.low, b.high)):
        return None
    return a.low <= b.high and b.low <= a.high
