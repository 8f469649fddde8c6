# SPDX-License-Identifier: Apache-2.0
"""The picture of the blocks of columns that are missing together: a line a block, and which block brings which along.

Drawn from counts and names, never from rows. Lines and columns of the matrix are the same blocks in the same order; a
column that is missing with a block but belongs to none has a line of its own below them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from mlrepro._report_text import count, fit_text, joined, percent, plural, text_width

__all__ = ["blocks_caption", "blocks_svg"]

_LINES = 20  # blocks and columns drawn; the table below the picture has more
_NUMBER, _LEFT, _CELL = 24, 212, 20  # widths of the number, of the names above their bar, of a cell
_BAR = 84  # all rows
_ROW, _TOP, _PAD = 40, 26, 8
_MOST_NAMES = 24  # of one letter, that fit beside each other


@dataclass(frozen=True)
class _Line:
    """What is missing together: a block, or one column without a count of its own."""

    columns: Sequence[str]
    also: frozenset[str]
    rows: int | None
    more_than: int = 0  # rows of the largest block that brings the column along

    def brings(self, other: _Line) -> bool:
        return other is self or self.also.issuperset(other.columns)


def blocks_svg(blocks: Sequence[Mapping[str, Any]], n_rows: int) -> str:
    """Draw the blocks of a tree.

    Parameters
    ----------
    blocks : sequence of mapping
        As the tree's JSON has them, best test first.
    n_rows : int
        Rows of the fitted table: the length of all bars.

    Returns
    -------
    str
        One `<svg>` element, empty without blocks; equal blocks give equal text.
    """
    if not blocks:
        return ""
    lines = _lines(blocks)
    shown = lines[:_LINES]
    width = _NUMBER + _LEFT + _CELL * len(shown)
    rest = _rest(lines[_LINES:])
    height = _TOP + _ROW * len(shown) + (20 if rest else 4)
    title = f"Missing together: {plural(len(blocks), 'block')} of columns"
    body = [_head_svg(len(shown))]
    body += [_line_svg(i, shown, n_rows) for i in range(len(shown))]
    if rest:
        body.append(f'<text class="m" x="{_NUMBER}" y="{height - 6}" font-size="11">{rest}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="mlr-tree mlr-blocks" role="img" '
        f'aria-label={quoteattr(title)} viewBox="{-_PAD} 0 {width + 2 * _PAD} {height}" '
        f'width="{width + 2 * _PAD}" height="{height}" font-size="13" font-family="system-ui,sans-serif" '
        f'fill="currentColor"><title>{escape(title)}</title>'
        f"<desc>{escape(_description(shown, n_rows))}</desc>{''.join(body)}</svg>"
    )


def blocks_caption(n_rows: int) -> str:
    """Return what the picture shows, in words."""
    return (
        f"Bars: rows where the columns are missing, of {count(n_rows)}. A filled cell: wherever the line's columns are "
        "missing, those of the cell's number are missing too."
    )


def _lines(blocks: Sequence[Mapping[str, Any]]) -> list[_Line]:
    """Return the blocks, then by name the columns that some of them bring along and that are in no block."""
    lines = [
        _Line(block["columns"], frozenset(block["also_missing"]), block["n_missing"])
        for block in blocks
    ]
    in_blocks = {name for line in lines for name in line.columns}
    alone: dict[str, int] = {}
    for line in lines:
        for name in line.also - in_blocks:
            alone[name] = max(alone.get(name, 0), line.rows or 0)
    return lines + [_Line([name], frozenset(), None, alone[name]) for name in sorted(alone)]


def _rest(lines: Sequence[_Line]) -> str:
    blocks = sum(line.rows is not None for line in lines)
    columns = len(lines) - blocks
    parts = [plural(blocks, "more block")] if blocks else []
    parts += [plural(columns, "more column")] if columns else []
    return f"and {joined(parts)}, not drawn" if parts else ""


def _head_svg(n: int) -> str:
    start = _NUMBER + _LEFT + _CELL / 2
    return "".join(
        f'<text class="m" x="{start + _CELL * i:.1f}" y="{_TOP - 8}" font-size="11" '
        f'text-anchor="middle">{i + 1}</text>'
        for i in range(n)
    )


def _line_svg(at: int, lines: Sequence[_Line], n_rows: int) -> str:
    line, top = lines[at], _TOP + _ROW * at
    name = escape(_names(line.columns, _LEFT - 16))
    return (
        f"<g><title>{escape(_sentence(line, n_rows))}</title>"
        f'<text class="m" x="{_NUMBER - 8}" y="{top + 14}" font-size="11" text-anchor="end">{at + 1}</text>'
        f'<text x="{_NUMBER}" y="{top + 14}" font-weight="600">{name}</text>'
        f"{_bar_svg(line, top + 20, n_rows)}{_cells_svg(line, lines, top)}</g>"
    )


def _bar_svg(line: _Line, top: float, n_rows: int) -> str:
    if line.rows is None:
        said = f"more than {plural(line.more_than, 'row')}"
        return f'<text class="m" x="{_NUMBER}" y="{top + 9}" font-size="11">{said}</text>'
    share = min(1.0, line.rows / n_rows) if n_rows else 0.0
    box = f'x="{_NUMBER}" y="{top}" height="10" rx="2" fill="currentColor"'
    return (
        f'<rect class="t" {box} width="{_BAR}" fill-opacity="0.08"/>'
        f'<rect class="v" {box} width="{max(1.0, _BAR * share):.1f}" fill-opacity="0.45"/>'
        f'<text class="m" x="{_NUMBER + _BAR + 8}" y="{top + 9}" font-size="11">'
        f"{count(line.rows)} · {percent(share, 1)}</text>"
    )


def _cells_svg(line: _Line, lines: Sequence[_Line], top: float) -> str:
    """Draw the line's cells: what is filled as one path, what is not as another."""
    filled, empty, side = "", "", _CELL - 4
    for i, other in enumerate(lines):
        cell = f"M{_NUMBER + _LEFT + _CELL * i + 2} {top + 10}h{side}v{side}h{-side}z"
        if line.brings(other):
            filled += cell
        else:
            empty += cell
    return (
        f'<path class="t" d="{empty}" fill="currentColor" fill-opacity="0.08"/>'
        f'<path class="v" d="{filled}" fill="currentColor" fill-opacity="0.45"/>'
    )


def _names(columns: Sequence[str], width: float) -> str:
    """Return as many names as fit, and how many more there are."""
    if not columns:  # of an edited file
        return ""
    for shown in range(min(len(columns), _MOST_NAMES), 0, -1):
        more = f" and {count(len(columns) - shown)} more" if shown < len(columns) else ""
        text = ", ".join(columns[:shown]) + more
        if text_width(text, 14) <= width:
            return text
    return fit_text(columns[0], width - text_width(more, 14), 14) + more


def _sentence(line: _Line, n_rows: int) -> str:
    names = joined(line.columns)
    if line.rows is None:
        return f"{names}: missing on more than {plural(line.more_than, 'row')}"
    also = f"; missing there too: {joined(sorted(line.also))}" if line.also else ""
    return f"{names}: missing on {count(line.rows)} of {plural(n_rows, 'row')}{also}"


def _description(lines: Sequence[_Line], n_rows: int) -> str:
    said = [_sentence(line, n_rows) for line in lines[:3] if line.rows is not None]
    return f"{'. '.join(said)}."
