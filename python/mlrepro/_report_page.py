# SPDX-License-Identifier: Apache-2.0
"""A report as data: sections of sentences, tables and figures. One template draws them all, as a page or a fragment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = ["Cell", "Column", "Figure", "Note", "Page", "Section", "Table", "Text", "bar"]

MAX_ROWS = 60  # of a table; the rest is folded, in sight


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str
    kind: str = "text"


@dataclass(frozen=True)
class Note:
    """Something to look at, led by a word: colour is not the only signal."""

    text: str
    word: str = "Look here"
    kind: str = "note"


@dataclass(frozen=True)
class Listing:
    """Text as it was printed, in a fixed-width face."""

    text: str
    kind: str = "listing"


@dataclass(frozen=True)
class Figure:
    """An SVG made by us (never escaped), with its caption."""

    svg: str
    caption: str
    kind: str = "figure"


@dataclass(frozen=True)
class Column:
    """A column of a table; `numeric` ones are set flush right."""

    name: str
    numeric: bool = False


@dataclass(frozen=True)
class Cell:
    """A cell: its text, and a bar from 0 to `bar` (fractions of the column's axis) with whiskers, if any."""

    text: str
    bar: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Table:
    """A table with its caption; rows beyond `MAX_ROWS` are counted, not shown."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell | str]]
    kind: str = "table"

    @property
    def shown(self) -> list[list[Cell]]:
        """The rows to draw."""
        return [
            [cell if isinstance(cell, Cell) else Cell(cell) for cell in row]
            for row in self.rows[:MAX_ROWS]
        ]

    @property
    def n_folded(self) -> int:
        """Number of rows that are not shown."""
        return max(0, len(self.rows) - MAX_ROWS)


Block = Text | Note | Listing | Figure | Table


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Page:
    """A whole report: a title, the facts beside it, its verdict in a sentence or two, and the sections."""

    title: str
    facts: Sequence[str]
    verdict: Sequence[Block]
    sections: Sequence[Section] = field(default_factory=tuple)


def bar(text: str, value: float, low: float, high: float, *, top: float) -> Cell:
    """Return a cell with a bar on an axis from 0 to `top`; without one where `value` is not a number."""
    if value != value or top <= 0:
        return Cell(text)
    ends = (
        (None, None) if low != low or high != high else (_fraction(low, top), _fraction(high, top))
    )
    return Cell(text, _fraction(value, top), *ends)


def _fraction(value: float, top: float) -> float:
    return round(min(max(value / top, 0.0), 1.0), 4)
