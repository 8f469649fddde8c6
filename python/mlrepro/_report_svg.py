# SPDX-License-Identifier: Apache-2.0
"""The picture of a tree: layered from left to right, leaves as bars on one axis with their intervals.

Drawn from counts, so its size depends on the leaves and never on the rows. Without any style sheet it shows in the
colour of the text around it; classes only add tints. Every branch is labelled in words, a leaf that did not replicate
is hollow and says so: colour is never the only signal.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape, quoteattr

from mlrepro._report_classes import legend_svg, stacked_svg
from mlrepro._report_text import count, figure, fit_text, percent, plural, text_width
from mlrepro._report_tree import TreeNode, TreePicture

__all__ = [
    "DARK",
    "LIGHT",
    "TREE_STYLE",
    "bar_svg",
    "folded",
    "strip_words",
    "tree_svg",
]

_NODE = 186  # width of an inner node
_GAP = 98  # between two columns: holds the branch's word
_BOX = 52  # height of an inner node, without
_STRIP = 22  # the strip that shows the target's values
_ROW = 50  # height of a leaf
_LABEL, _BAR, _VALUE = 186, 180, 112  # the leaf's three parts
_TOP = 34  # axis above the leaves
_PAD = 8

LIGHT = "--ink:#1c2430;--muted:#5a6675;--line:#9aa5b1;--soft:#f3f5f8;--track:#e3e8ee;--bar:#2b6cb0;--paper:#ffffff"
DARK = "--ink:#e8ecf1;--muted:#a5b0bd;--line:#66717e;--soft:#20262e;--track:#323b46;--bar:#63a4e8;--paper:#14181d"
TREE_STYLE = (
    "svg.mlr-tree{color:var(--ink);font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}"
    "svg.mlr-tree .m{fill:var(--muted)}svg.mlr-tree .e{stroke:var(--line)}"
    "svg.mlr-tree .b{fill:var(--soft);fill-opacity:1;stroke:var(--line)}"
    "svg.mlr-tree .t{fill:var(--track);fill-opacity:1}"
    "svg.mlr-tree .v{fill:var(--bar);fill-opacity:1}svg.mlr-tree .h{stroke:var(--bar)}"
)


@dataclass(frozen=True)
class _Placed:
    node: TreeNode
    depth: int
    y: float
    children: tuple[_Placed, ...] = ()

    def all(self) -> Iterator[_Placed]:
        yield self
        for child in self.children:
            yield from child.all()


def folded(root: TreeNode, depth: int) -> TreeNode:
    """Return the tree cut below `depth`: what is deeper becomes one leaf that keeps its node's figures."""
    if not root.children:
        return root
    if depth == 0:
        below = sum(1 for _ in root.leaves())
        return replace(root, children=(), ended=f"folded {below}", condition="")
    return replace(root, children=tuple(folded(child, depth - 1) for child in root.children))


def tree_svg(picture: TreePicture, *, max_depth: int = 4, standalone: bool = False) -> str:
    """Draw a tree.

    Parameters
    ----------
    picture : TreePicture
        The tree.
    max_depth : int, default 4
        Deeper levels are folded into one bar each, and say how many leaves they hold.
    standalone : bool, default False
        Bring a style sheet along (light, and dark by `prefers-color-scheme`), for a file of its own. Without it, the
        page around the picture has `TREE_STYLE` and the colours.

    Returns
    -------
    str
        One `<svg>` element; equal trees give equal text.
    """
    rows = iter(range(10**6))
    root = _place(folded(picture.root, max_depth), 0, rows)
    leaves = [placed for placed in root.all() if not placed.children]
    columns = max((placed.depth for placed in root.all() if placed.children), default=-1) + 1
    leaf_x = columns * (_NODE + _GAP)
    width = leaf_x + _LABEL + _BAR + _VALUE
    height = _TOP + _ROW * len(leaves) + 8
    low, high = _axis(picture, leaves)
    body = [_axis_svg(picture, leaf_x + _LABEL, low, high, height)]
    for placed in root.all():
        body.append(_inner_svg(placed, picture, leaf_x) if placed.children else "")
        if not placed.children:
            body.append(_leaf_svg(placed, picture, leaf_x, low, high))
    title = f"Tree for {picture.target}: {plural(sum(1 for _ in picture.root.leaves()), 'leaf', 'leaves')}"
    paper = (
        f'<rect x="{-_PAD}" width="{width + 2 * _PAD}" height="{height}" rx="6" fill="var(--paper)"/>'
        if standalone
        else ""
    )
    style = f"<style>svg{{{LIGHT}}}@media(prefers-color-scheme:dark){{svg{{{DARK}}}}}{TREE_STYLE}</style>"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="mlr-tree" role="img" aria-label={quoteattr(title)} '
        f'viewBox="{-_PAD} 0 {width + 2 * _PAD} {height}" width="{width + 2 * _PAD}" height="{height}" font-size="13" '
        f'font-family="system-ui,sans-serif" fill="currentColor">'
        f"<title>{escape(title)}</title><desc>{escape(_description(picture))}</desc>"
        f"{style if standalone else ''}{paper}{''.join(body)}</svg>"
    )


def _place(node: TreeNode, depth: int, rows: Iterator[int]) -> _Placed:
    if not node.children:
        return _Placed(node, depth, _TOP + _ROW * (next(rows) + 0.5))
    children = tuple(_place(child, depth + 1, rows) for child in node.children)
    return _Placed(node, depth, (children[0].y + children[-1].y) / 2, children)


def _axis(picture: TreePicture, leaves: list[_Placed]) -> tuple[float, float]:
    ends = [
        picture.mean,
        *(v for leaf in leaves for v in (leaf.node.mean, leaf.node.low, leaf.node.high)),
    ]
    finite = [v for v in ends if math.isfinite(v)] or [0.0]
    low = 0.0 if picture.rate else min(0.0, *finite)
    high = max(*finite, low)
    if picture.rate:
        high = min(1.0, high)
    return (low, high) if high > low else (low, low + 1.0)


def _axis_svg(picture: TreePicture, x: float, low: float, high: float, height: float) -> str:
    if picture.classes:
        return legend_svg(picture, x, _TOP - 14, _BAR + _VALUE)
    if not math.isfinite(picture.mean):
        return ""
    at = x + _BAR * (picture.mean - low) / (high - low)
    label = f"all {figure(picture.mean, rate=picture.rate)}"
    anchor = "start" if at < x + _BAR / 2 else "end"
    return (
        f'<line class="e" x1="{at:.1f}" y1="{_TOP - 6}" x2="{at:.1f}" y2="{height - 4}" stroke="currentColor" '
        f'stroke-dasharray="3 3"/><text class="m" x="{at:.1f}" y="{_TOP - 14}" font-size="12" '
        f'text-anchor="{anchor}">{escape(label)}</text>'
    )


def _inner_svg(placed: _Placed, picture: TreePicture, leaf_x: float) -> str:
    node, x = placed.node, placed.depth * (_NODE + _GAP)
    lines = _wrapped(node.condition, _NODE - 16, 2)
    figures = f"{count(node.n)} {picture.population} · {picture.shown()(node)[0]}"
    drawn = _strip_svg(node, picture, x + 9, placed.y + _BOX / 2 - 1)
    height = _BOX + (_STRIP if drawn else 0)
    top = placed.y - height / 2
    middle = top + _BOX / 2
    out = [_edge(x + _NODE, placed.y, child, leaf_x) for child in placed.children]
    out.append(
        f'<g><title>{escape(node.condition)}</title><rect class="b" x="{x + 0.5:.1f}" y="{top + 0.5:.1f}" '
        f'width="{_NODE - 1}" height="{height - 1}" rx="6" fill="none" stroke="currentColor"/>'
    )
    first = middle - 5 if len(lines) == 1 else middle - 11
    for i, line in enumerate(lines):
        out.append(
            f'<text x="{x + 9}" y="{first + 15 * i:.1f}" font-weight="600">{escape(line)}</text>'
        )
    small = fit_text(figures, _NODE - 16, 11)
    out.append(
        f'<text class="m" x="{x + 9}" y="{middle + 19:.1f}" font-size="11">{escape(small)}</text>{drawn}</g>'
    )
    return "".join(out)


def _strip_svg(node: TreeNode, picture: TreePicture, x: float, bottom: float) -> str:
    if picture.classes:
        return stacked_svg(node, picture, x, bottom - 9, _NODE - 18, 8)
    return (_rate_svg if picture.rate else _histogram_svg)(node, x, bottom)


def _histogram_svg(node: TreeNode, x: float, bottom: float) -> str:
    """Draw how many rows have which value of the target: from low to high, the tallest bar for the fullest bin."""
    if not any(node.histogram):
        return ""
    width, most = (_NODE - 18) / len(node.histogram), max(node.histogram)
    bars = "".join(
        f"M{x + width * i + 0.5:.1f} {bottom:.1f}v{-max(0.5, (_STRIP - 8) * n / most):.1f}h{width - 1:.1f}V{bottom:.1f}z"
        for i, n in enumerate(node.histogram)
        if n
    )
    return (
        f'<path class="e" d="M{x:.1f} {bottom + 0.5:.1f}h{_NODE - 18}" stroke="currentColor" fill="none"/>'
        f'<path class="v" d="{bars}" fill="currentColor" fill-opacity="0.45"/>'
    )


def _rate_svg(node: TreeNode, x: float, bottom: float) -> str:
    """Draw the share of rows with label 1."""
    if not math.isfinite(node.mean):
        return ""
    box = f'x="{x:.1f}" y="{bottom - 7:.1f}" height="6" rx="1" fill="currentColor"'
    return (
        f'<rect class="t" {box} width="{_NODE - 18}" fill-opacity="0.08"/>'
        f'<rect class="v" {box} width="{(_NODE - 18) * node.mean:.1f}" fill-opacity="0.45"/>'
    )


def strip_words(picture: TreePicture) -> str:
    """Return what the strip in each split shows, for a caption; empty where there is none."""
    if not picture.root.children or not (picture.rate or picture.root.histogram):
        return ""
    shows = "share with label 1" if picture.rate else "how the values lie, from low to high"
    if picture.classes:
        shows = "the shares of the classes"
    return f"; in each split: {shows}"


def _edge(x: float, y: float, child: _Placed, leaf_x: float) -> str:
    end, middle = x + _GAP, x + _GAP * 0.3
    line = f"M{x:.0f} {y:.1f}C{middle:.0f} {y:.1f} {middle:.0f} {child.y:.1f} {x + _GAP * 0.4:.0f} {child.y:.1f}"
    line += f"H{end if child.children else leaf_x - 8:.0f}"
    dash = ' stroke-dasharray="2 4"' if child.node.branch == "missing" else ""
    return (
        f'<path class="e" d="{line}" fill="none" stroke="currentColor" stroke-width="1.4"{dash}/>'
        f'<text class="m" x="{end - 12:.0f}" y="{child.y - 6:.1f}" font-size="11" text-anchor="end">'
        f"{escape(child.node.branch)}</text>"
    )


def _leaf_svg(placed: _Placed, picture: TreePicture, x: float, low: float, high: float) -> str:
    node, y = placed.node, placed.y
    fold = node.ended.startswith("folded")
    name = f"{node.ended.removeprefix('folded ')} leaves folded" if fold else f"leaf {node.leaf}"
    hollow = not (fold or node.replicated or picture.in_sample) and bool(picture.root.children)
    small = f"{count(node.n)} {'in-sample' if picture.in_sample else 'judged'}"
    if hollow:
        small += " · not replicated"
    mean, bounds = picture.shown()(node)
    if picture.classes:
        bar = stacked_svg(node, picture, x + _LABEL, y - 9, _BAR, 18)
        mean, bounds = _class_words(node, picture)
    else:
        bar = bar_svg(node, low, high, x + _LABEL, y - 9, _BAR, 18, hollow=hollow)
    return (
        f"<g><title>{escape(node.rule)}</title>"
        f'<text x="{x}" y="{y - 3:.1f}" font-weight="600">{escape(name)}</text>'
        f'<text class="m" x="{x}" y="{y + 12:.1f}" font-size="11">{escape(small)}</text>{bar}'
        f'<text x="{x + _LABEL + _BAR + 10}" y="{y - 1:.1f}" font-weight="600">'
        f"{escape(mean)}</text>"
        f'<text class="m" x="{x + _LABEL + _BAR + 10}" y="{y + 13:.1f}" font-size="11">'
        f"{escape(bounds)}</text></g>"
    )


def _class_words(node: TreeNode, picture: TreePicture) -> tuple[str, str]:
    name = fit_text(picture.classes[node.most_common], _VALUE - 10, 14)
    bounds = "" if math.isnan(node.low) else f" [{100 * node.low:.0f}, {100 * node.high:.0f}]"
    return name, percent(node.mean, 1) + bounds


def bar_svg(
    node: TreeNode,
    low: float,
    high: float,
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    hollow: bool,
) -> str:
    """Draw a bar from the axis' zero to the mean, with whiskers for the interval."""

    def at(value: float) -> float:
        return x + width * (min(max(value, low), high) - low) / (high - low)

    track = (
        f'<rect class="t" x="{x:.1f}" y="{y:.1f}" width="{width}" height="{height}" rx="2" fill="currentColor" '
        f'fill-opacity="0.08"/>'
    )
    if not math.isfinite(node.mean):
        return track
    zero, end, middle = at(0.0), at(node.mean), y + height / 2
    paint = (
        'class="h" fill="none" stroke="currentColor"' if hollow else 'class="v" fill="currentColor"'
    )
    opacity = "" if hollow else ' fill-opacity="0.45"'
    bar = (
        f'<rect {paint}{opacity} x="{min(zero, end):.1f}" y="{y + 2:.1f}" width="{max(1.0, abs(end - zero)):.1f}" '
        f'height="{height - 4}" rx="1"/>'
    )
    if not (math.isfinite(node.low) and math.isfinite(node.high)):
        return track + bar
    a, b = at(node.low), at(node.high)
    whisker = (
        f'<path d="M{a:.1f} {middle:.1f}H{b:.1f}M{a:.1f} {middle - 5:.1f}v10M{b:.1f} {middle - 5:.1f}v10" '
        f'fill="none" stroke="currentColor" stroke-width="1.5"/>'
    )
    return track + bar + whisker


def _description(picture: TreePicture) -> str:
    leaves = picture.root.highest_first()
    parts = [
        f"{leaf.rule}: {_said(leaf, picture)} of {count(leaf.n)}" for leaf in leaves[:3] if leaf.n
    ]
    rest = len(leaves) - len(parts)
    more = f"; {plural(rest, 'more leaf', 'more leaves')} in the table" if rest > 0 else ""
    return f"Highest first. {'; '.join(parts)}{more}."


def _said(leaf: TreeNode, picture: TreePicture) -> str:
    return picture.shown()(leaf)[0] if picture.classes else figure(leaf.mean, rate=picture.rate)


def _wrapped(text: str, width: float, lines: int) -> list[str]:
    out: list[str] = []
    rest = text.split(" ")
    while rest:
        taken = 1
        while taken < len(rest) and text_width(" ".join(rest[: taken + 1]), 14) <= width:
            taken += 1
        if len(out) == lines - 1:
            return [*out, fit_text(" ".join(rest), width, 14)]
        out.append(fit_text(" ".join(rest[:taken]), width, 14))
        rest = rest[taken:]
    return out
