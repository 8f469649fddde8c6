# SPDX-License-Identifier: Apache-2.0
"""The report of two probes compared: how far they agree, where they part, leaves in pairs, and both trees."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mlrepro._compare_nodes import NodeComparison, path_words
from mlrepro._compare_probes_text import (
    agreement_sentence,
    difference_lines,
    figures_note,
    index_text,
    largest_cells,
    runner_up_words,
    setting_lines,
)
from mlrepro._report_page import Block, Cell, Column, Figure, Note, Page, Section, Table, Text
from mlrepro._report_svg import strip_words, tree_svg
from mlrepro._report_text import count, figure, interval, percent, plural
from mlrepro._report_tree import picture_of

if TYPE_CHECKING:
    from mlrepro._compare_leaves import LeafPair
    from mlrepro._compare_probes import ProbeComparison
    from mlrepro._probe import DecisionTreeProbe

__all__ = ["probes_page"]

_WIDEST = 12  # leaves of the second probe, beside each other in the cross table
_OVERLAP = {True: "overlap", False: "apart", None: "unknown"}


def probes_page(found: ProbeComparison, *, compact: bool = False) -> Page:
    """Return the page of a comparison of probes.

    Parameters
    ----------
    found : ProbeComparison
        The comparison.
    compact : bool, default False
        For a notebook cell: the trees folded at three levels.

    Returns
    -------
    Page
    """
    facts = [
        plural(found.n_rows, "compared row"),
        f"{percent(found.agreement, 1)} in paired leaves",
        f"adjusted Rand index {index_text(found.adjusted_rand)}",
    ]
    verdict: list[Block] = [Text(agreement_sentence(found))]
    verdict.append(Text(" ".join(line.strip() for line in difference_lines(found)[:3])))
    if found.differences:
        verdict.append(Note(" ".join(setting_lines(found)), "Different"))
    sections = [Section("Leaves in pairs", [_pairs(found), *_unpaired(found)])]
    if found.first_difference is not None:
        sections.append(Section("Where they part", [_nodes(found)]))
    sections.append(Section("All rows by both leaves", [_cross(found)]))
    depth = 3 if compact else 4
    for name, probe in (("First", found.first), ("Second", found.second)):
        sections.append(Section(f"{name} probe", [_tree(probe, depth)]))
    return Page("Do two probes say the same?", facts, verdict, sections)


def _tree(probe: DecisionTreeProbe, max_depth: int) -> Figure:
    picture = picture_of(json.loads(probe.to_json()), probe.rules("text"))
    shown = "share of rows" if picture.rate else "mean"
    caption = (
        f"Tree for {picture.target}. Bars: {shown}, whiskers: 95% interval{strip_words(picture)}."
    )
    return Figure(tree_svg(picture, max_depth=max_depth), caption)


def _pairs(found: ProbeComparison) -> Table:
    columns = [Column("First rule"), Column("Second rule"), Column("Leaves", True), Column("Rows")]
    columns += [Column(name, True) for name in ("First", "95%", "Second", "95%")]
    rates = [bool(probe._document["binary"]) for probe in (found.first, found.second)]
    rows = [_pair(pair, rates) for pair in found.pairs]
    caption = f"Paired so that the most rows agree; {figures_note(found)}"
    return Table(caption, [*columns, Column("Intervals")], rows)


def _pair(pair: LeafPair, rates: Sequence[bool]) -> list[Cell | str]:
    return [
        pair.rule_first,
        pair.rule_second,
        f"{pair.first} ~ {pair.second}",
        f"{count(pair.rows)} of {count(pair.rows_first)} and {count(pair.rows_second)}",
        figure(pair.mean_first, rate=rates[0]),
        interval(pair.low_first, pair.high_first, rate=rates[0]),
        figure(pair.mean_second, rate=rates[1]),
        interval(pair.low_second, pair.high_second, rate=rates[1]),
        _OVERLAP[pair.overlap],
    ]


def _unpaired(found: ProbeComparison) -> list[Text]:
    return [
        Text(f"Without a partner in {side}: {', '.join(f'leaf {i}' for i in leaves)}.")
        for side, leaves in zip(("first", "second"), found.unpaired, strict=True)
        if leaves
    ]


def _nodes(found: ProbeComparison) -> Table:
    columns = [Column(name) for name in ("Where", "How", "First", "Second", "Runner-ups")]
    rows = [_node(node) for node in found.nodes if node.differs]
    return Table("Nodes that both trees reach by the same answers", columns, rows)


def _node(node: NodeComparison) -> list[Cell | str]:
    words = ". ".join(runner_up_words(node))
    return [path_words(node.path), node.how, node.first, node.second, words]


def _cross(found: ProbeComparison) -> Table:
    if found.table.shape[1] > _WIDEST:
        columns = [Column("Leaf of first"), Column("Leaf of second"), Column("Rows", True)]
        rows = [[str(i), str(j), count(n)] for i, j, n in largest_cells(found)]
        return Table("Rows by leaf, most first", columns, rows)
    columns = [Column("Leaf of first")]
    columns += [Column(f"leaf {j} of second", True) for j in range(found.table.shape[1])]
    rows = [[f"leaf {i}", *map(count, row)] for i, row in enumerate(found.table.tolist())]
    return Table("Rows by leaf", columns, rows)
