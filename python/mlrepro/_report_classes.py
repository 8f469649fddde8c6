# SPDX-License-Identifier: Apache-2.0
"""Where a tree's target has classes: their shares as stacked bars, the table of leaves, and the sentence on top.

At most five classes have a part of their own, the most frequent ones; the others are drawn together. Parts are in one
order everywhere, wide ones hold their name and each says its share as a title: colour is never the only signal.
"""

from __future__ import annotations

import math
from xml.sax.saxutils import escape

from mlrepro._report_page import Cell, Column, Table, bar
from mlrepro._report_text import (
    count,
    fit_text,
    interval,
    p_value,
    percent,
    plural,
    text_width,
    times,
)
from mlrepro._report_tree import TreeNode, TreePicture

__all__ = ["class_leaves", "class_sentence", "legend_svg", "stacked_svg", "stands_out_words"]

_PARTS = 5
_TINTS = (0.75, 0.5, 0.32, 0.2, 0.12, 0.04)


def _parts(picture: TreePicture) -> list[tuple[str, tuple[int, ...]]]:
    """Return name and classes of each part of a bar, the most frequent class first."""
    rows = picture.root.class_rows
    order = sorted(range(len(picture.classes)), key=lambda k: (-rows[k], k))
    own = order if len(order) <= _PARTS + 1 else order[:_PARTS]
    parts: list[tuple[str, tuple[int, ...]]] = [(picture.classes[k], (k,)) for k in own]
    rest = tuple(order[len(own) :])
    return [*parts, (f"{len(rest)} others", rest)] if rest else parts


def stacked_svg(
    node: TreeNode, picture: TreePicture, x: float, y: float, width: float, height: float
) -> str:
    """Draw the shares of the classes among a node's rows as one bar."""
    if not node.n:
        return ""
    out, at = "", x
    for (name, classes), tint in zip(_parts(picture), _TINTS, strict=False):
        share = sum(node.class_rows[k] for k in classes) / node.n
        wide = width * share
        out += (
            f'<rect class="v" x="{at:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{height}" fill="currentColor" '
            f'style="fill-opacity:{tint}"><title>{escape(name)}: {percent(share)}</title></rect>'
        )
        if height >= 14 and text_width(name, 11) + 6 <= wide:
            out += f'<text x="{at + 3:.1f}" y="{y + height / 2 + 4:.1f}" font-size="11">{escape(name)}</text>'
        at += wide
    box = f'x="{x:.1f}" y="{y:.1f}" width="{width}" height="{height}"'
    return (
        f'<g>{out}<rect class="e" {box} fill="none" stroke="currentColor" stroke-width="0.5"/></g>'
    )


def legend_svg(picture: TreePicture, x: float, y: float, width: float) -> str:
    """Name the parts of the bars, in their order."""
    out, at = "", x
    parts = _parts(picture)
    for (name, _), tint in zip(parts, _TINTS, strict=False):
        shown = fit_text(name, width / len(parts) - 18, 11)
        out += (
            f'<rect class="v" x="{at:.1f}" y="{y - 9:.1f}" width="9" height="9" fill="currentColor" '
            f'style="fill-opacity:{tint}"/>'
            f'<text class="m" x="{at + 12:.1f}" y="{y:.1f}" font-size="11">{escape(shown)}</text>'
        )
        at += 18 + text_width(shown, 11)
    return out


def stands_out_words(node: TreeNode, picture: TreePicture) -> str:
    """Return the class with the most rows more than expected, with its share over that of all rows: `late ×1.9`."""
    if node.stands_out < 0:
        return ""
    name, all_rows = picture.classes[node.stands_out], picture.root
    here, there = node.class_rows[node.stands_out], all_rows.class_rows[node.stands_out]
    if not (node.n and there):
        return name
    return f"{name} {times(here / node.n * all_rows.n / there)}"


def class_leaves(picture: TreePicture) -> Table:
    """Return the table of leaves: the most common class of each with its share, and the one that stands out."""
    leaves = picture.root.highest_first()
    columns = [Column("Rows where"), Column("Leaf", True), Column("Judged", True), Column("Class")]
    columns += [Column(name, True) for name in ("Its share", "95%", "Lift", "p")]
    columns += [Column("Stands out"), Column("")]
    return Table(
        "Leaves, highest share of the most common class first",
        columns,
        [_row(leaf, picture) for leaf in leaves],
    )


def _row(leaf: TreeNode, picture: TreePicture) -> list[Cell | str]:
    said = "replicated" if leaf.replicated else "did not replicate"
    return [
        leaf.rule,
        str(leaf.leaf),
        count(leaf.n),
        picture.classes[leaf.most_common],
        bar(percent(leaf.mean), leaf.mean, leaf.low, leaf.high, top=1.0),
        interval(leaf.low, leaf.high, rate=True),
        times(leaf.lift),
        p_value(leaf.p_value),
        stands_out_words(leaf, picture),
        "in-sample" if picture.in_sample else said,
    ]


def class_sentence(picture: TreePicture) -> str:
    """Return the leaf of the least p in one sentence."""
    leaves = [leaf for leaf in picture.root.leaves() if leaf.n and leaf.stands_out >= 0]
    chosen = [leaf for leaf in leaves if leaf.replicated] or leaves
    if not chosen:
        return "No leaf has judged rows of a class that stands out."
    top = min(chosen, key=lambda leaf: (_least_first(leaf.p_value), -leaf.n, leaf.leaf))
    sure = "" if top.replicated or picture.in_sample else " No leaf replicated on the judged rows."
    k = top.stands_out
    return (
        f"{picture.target} differs most where {top.rule}: {picture.classes[k]} is "
        f"{percent(top.class_rows[k] / top.n)} of {plural(top.n, 'row')}, "
        f"{percent(picture.root.class_rows[k] / picture.root.n)} of all.{sure}"
    )


def _least_first(p: float) -> float:
    return 1.0 if math.isnan(p) else p
