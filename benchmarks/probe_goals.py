# SPDX-License-Identifier: Apache-2.0
"""Floors and aims, and whether what was measured meets them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Goal(NamedTuple):
    """A floor and an aim for one case; `unit` follows each number."""

    case: str
    floor: float
    aim: float
    unit: str
    at_least: bool = False  # else at most

    def row(self, measured: float | None, why_not: str = "") -> list[str]:
        """The case, floor, aim and what was measured in words, then met or not met for both."""
        shown = [f"{goal:g}{self.unit}" for goal in (self.floor, self.aim)]
        if measured is None:
            return [self.case, *shown, f"not measured: {why_not}", "", ""]
        verdicts = [
            "met" if (measured >= goal if self.at_least else measured <= goal) else "not met"
            for goal in (self.floor, self.aim)
        ]
        return [self.case, *shown, f"{measured:.3g}{self.unit}", *verdicts]


def print_table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """Print Markdown, aligned for the terminal too."""
    lines = [list(head), *map(list, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, ["-" * width for width in widths])
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print(f"| {' | '.join(cells)} |")
    print(flush=True)
