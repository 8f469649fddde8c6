# SPDX-License-Identifier: Apache-2.0
"""A picture of time against rows and against columns, log-log: SVG, light or dark by the reader's setting."""

from __future__ import annotations

import math
import platform
from collections.abc import Callable, Iterator, Sequence
from html import escape
from itertools import pairwise
from typing import NamedTuple

import probe_calls as calls
from probe_inputs import ON_THREADS, Table, best_of, dense, part_of

ROWS = (10_000, 30_000, 100_000, 300_000, 1_000_000)
COLUMNS = (10, 30, 100, 300, 1_000)

LIGHT = "--ink:#1c2430;--muted:#5a6675;--soft:#e3e8ee;--paper:#fff;--ours:#2b6cb0;--a:#b45309;--b:#2f7d57"
DARK = "--ink:#e8ecf1;--muted:#a5b0bd;--soft:#323b46;--paper:#14181d;--ours:#63a4e8;--a:#f0a93b;--b:#68c391"
STYLE = (
    f"svg{{{LIGHT}}}@media(prefers-color-scheme:dark){{svg{{{DARK}}}}}"
    "text{font:13px system-ui,'Segoe UI',Roboto,sans-serif;fill:var(--ink)}"
    ".tick{fill:var(--muted);font-size:12px}.title{font-size:15px;font-weight:600}"
    ".end{text-anchor:end}.mid{text-anchor:middle}.grid{stroke:var(--soft)}"
    "polyline{fill:none;stroke-width:2.2;stroke-linejoin:round}"
)
LEFT, PANEL_WIDTH, LABELS = 72, 320, 168
TOP, BOTTOM, HEIGHT = 56, 400, 460


class Line(NamedTuple):
    """One thing that is timed, and how it is drawn."""

    name: str
    work: Callable[[Table], calls.Work]
    colour: str
    dash: str = ""


LINES = (
    Line("LightGBM, cold", calls.lightgbm_cold, "--a"),
    Line("scikit-learn HGB, cold", calls.hist_gradient_boosting, "--b", "9 4"),
    Line("mlrepro, cold", calls.cold, "--ours"),
    Line("mlrepro, one more", calls.warm, "--ours", "5 4"),
    Line("one pass (NumPy)", calls.one_pass, "--muted", "2 4"),
)


class Panel(NamedTuple):
    """Seconds of each of LINES at each size."""

    title: str
    sizes: Sequence[int]
    seconds: Sequence[Sequence[float]]


def measured(title: str, sizes: Sequence[int], table_of: Callable[[int], Table]) -> Panel:
    by_size = []
    for size in sizes:
        table = table_of(size)
        by_size.append([best_of(3, line.work(table), enough=1) for line in LINES])
        print(f"{title}: {size:,}", *(f"{s:.4f}" for s in by_size[-1]), flush=True)
    return Panel(title, sizes, list(zip(*by_size, strict=True)))


def measured_chart(scale: float) -> str:
    rows = [max(1_000, int(n * scale)) for n in ROWS]
    n, m = rows[2], COLUMNS[2]
    tall, wide = dense(rows[-1], m), dense(n, COLUMNS[-1])
    return chart(
        measured(f"Rows, of {m} columns", rows, lambda size: part_of(tall, size, m)),
        measured(f"Columns, of {n:,} rows", COLUMNS, lambda size: part_of(wide, n, size)),
    )


def position(value: float, low: float, high: float, start: float, end: float) -> float:
    """On a logarithmic scale."""
    return start + (end - start) * math.log(value / low) / math.log(high / low)


def apart(heights: Sequence[float], gap: float = 16) -> list[float]:
    """Move labels down until none overlaps the one above, in their order from the top."""
    moved = list(heights)
    order = sorted(range(len(moved)), key=moved.__getitem__)
    for above, below in pairwise(order):
        moved[below] = max(moved[below], moved[above] + gap)
    return moved


def drawn(panel: Panel, left: float, decades: tuple[int, int]) -> Iterator[str]:
    right = left + PANEL_WIDTH

    def x(size: float) -> float:
        return position(size, panel.sizes[0], panel.sizes[-1], left, right)

    def y(seconds: float) -> float:
        return position(seconds, 10.0 ** decades[0], 10.0 ** decades[1], BOTTOM, TOP)

    yield f'<text class="title" x="{left:.1f}" y="{TOP - 16}">{escape(panel.title)}</text>'
    for decade in range(decades[0], decades[1] + 1):
        at, shown = y(10.0**decade), f"{10.0**decade:g} s"
        yield f'<path class="grid" d="M{left:.1f} {at:.1f}H{right:.1f}"/>'
        yield f'<text class="tick end" x="{left - 8:.1f}" y="{at + 4:.1f}">{shown}</text>'
    for size in panel.sizes:
        yield f'<path class="grid" d="M{x(size):.1f} {TOP}V{BOTTOM}"/>'
        yield f'<text class="tick mid" x="{x(size):.1f}" y="{BOTTOM + 20}">{size:,}</text>'
    labels = apart([y(seconds[-1]) for seconds in panel.seconds])
    for line, seconds, label in zip(LINES, panel.seconds, labels, strict=True):
        at = list(zip(map(x, panel.sizes), map(y, seconds), strict=True))
        ink = f'style="stroke:var({line.colour})" stroke-dasharray="{line.dash or "none"}"'
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in at)
        yield f'<polyline {ink} points="{points}"/>'
        for a, b in at:
            yield f'<circle style="fill:var({line.colour})" cx="{a:.1f}" cy="{b:.1f}" r="3"/>'
        yield f'<text x="{right + 12:.1f}" y="{label + 4:.1f}" style="fill:var({line.colour})">{line.name}</text>'


def chart(*panels: Panel) -> str:
    """Return the picture; equal seconds give equal text."""
    every = [s for panel in panels for seconds in panel.seconds for s in seconds]
    decades = (math.floor(math.log10(min(every))), math.ceil(math.log10(max(every))))
    pitch = LEFT + PANEL_WIDTH + LABELS
    width = pitch * len(panels)
    parts = [
        part for i, panel in enumerate(panels) for part in drawn(panel, i * pitch + LEFT, decades)
    ]
    note = f"float32, depth 6, {ON_THREADS}, {platform.machine()}. Cold: from arrays to the tree. Both scales are logarithmic."
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" role="img">',
            "<title>Seconds of one tree against rows and columns</title>",
            f'<style>{STYLE}</style><rect width="{width}" height="{HEIGHT}" style="fill:var(--paper)"/>',
            *parts,
            f'<text class="tick" x="{LEFT}" y="{HEIGHT - 14}">{note}</text>',
            "</svg>\n",
        ]
    )
