# SPDX-License-Identifier: Apache-2.0
"""The report of a comparison of predictions: what changed in all, and the tree and leaves of each kind of change."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from mlrepro._report_page import Block, Cell, Column, Figure, Page, Section, Table, Text
from mlrepro._report_svg import strip_words, tree_svg
from mlrepro._report_text import count, number, p_value, percent, plural
from mlrepro._report_tree import picture_of

__all__ = ["comparison_page"]

_TITLES = {
    "worse": "Where it got worse",
    "better": "Where it got better",
    "changed": "Where predictions changed",
}
_CHANGED = ("Changed", "Net")
_JUDGED = ("Worse", "Better", "Both wrong", "Net, 95%", "p")


def comparison_page(
    document: Mapping[str, Any], words: str, rules: Mapping[str, Mapping[int, str]]
) -> Page:
    """Return the page of a comparison.

    Parameters
    ----------
    document : mapping
        Its JSON document, with Python numbers.
    words : str
        What changed in all, in a sentence.
    rules : mapping
        Kind of change to the rules of its leaves.

    Returns
    -------
    Page
    """
    facts = [plural(document["n_rows"], "row")]
    if document["n_without_y"]:
        facts.append(f"{count(document['n_without_y'])} without a label, left out")
    if document["loss"]:
        facts.append(f"loss: {document['loss']}")
    facts.append("figures of leaves are of rows that chose no split")
    sections = [
        _section(document, change, rules[change["change"]]) for change in document["changes"]
    ]
    verdict: list[Block] = [Text(words)]
    if not sections:
        verdict.append(Text("No tree: no row changed so, or all did alike."))
    return Page("What the new predictions changed", facts, verdict, sections)


def _section(
    document: Mapping[str, Any], change: Mapping[str, Any], rules: Mapping[int, str]
) -> Section:
    kind = change["change"]
    picture = picture_of(change["tree"], rules)
    caption = f"Bars: {'share of rows' if picture.rate else 'mean'}, whiskers: 95% interval{strip_words(picture)}."
    return Section(
        _TITLES[kind],
        [Figure(tree_svg(picture, max_depth=4), caption), _leaves(document, change, rules)],
    )


def _leaves(
    document: Mapping[str, Any], change: Mapping[str, Any], rules: Mapping[int, str]
) -> Table:
    judged = document["has_y"]
    names = ("Judged", *(_JUDGED if judged else _CHANGED))
    cells = _judged_cells if judged else _changed_cells
    rows: list[Sequence[Cell | str]] = [
        [rules[leaf["leaf"]], count(leaf["rows"]), *cells(document, leaf)]
        for leaf in change["leaves"]
    ]
    columns = [Column("Rows where"), *(Column(name, True) for name in names)]
    return Table("Leaves: what became of the rows of each" if judged else "Leaves", columns, rows)


def _changed_cells(document: Mapping[str, Any], leaf: Mapping[str, Any]) -> list[str]:
    return [_share(leaf["changed"], leaf), _net(document, leaf)]


def _judged_cells(document: Mapping[str, Any], leaf: Mapping[str, Any]) -> list[str]:
    return [
        _share(leaf["worse"], leaf),
        _share(leaf["better"], leaf),
        "-" if document["numbers"] else _share(leaf["both_wrong"], leaf),
        _net(document, leaf),
        p_value(leaf["p_value"]),
    ]


def _share(n: int, leaf: Mapping[str, Any]) -> str:
    return f"{count(n)} ({percent(n / leaf['rows'], 1)})" if leaf["rows"] else "0"


def _net(document: Mapping[str, Any], leaf: Mapping[str, Any]) -> str:
    if math.isnan(leaf["net"]):
        return "-"
    shown = number if document["numbers"] else percent
    bounds = "" if math.isnan(leaf["low"]) else f" [{shown(leaf['low'])}, {shown(leaf['high'])}]"
    return f"{'+' if leaf['net'] > 0 else ''}{shown(leaf['net'])}{bounds}"
