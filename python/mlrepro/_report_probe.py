# SPDX-License-Identifier: Apache-2.0
"""The report of a probe: its tree as a picture with the table behind it, the missing blocks, the runner-ups."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from mlrepro._report_blocks import blocks_caption, blocks_svg
from mlrepro._report_classes import class_leaves, class_sentence
from mlrepro._report_page import Block, Cell, Column, Figure, Note, Page, Section, Table, Text, bar
from mlrepro._report_svg import strip_words, tree_svg
from mlrepro._report_text import count, figure, interval, joined, p_value, percent, plural, times
from mlrepro._report_tree import TreeNode, TreePicture, picture_of

RUNNER_UPS = "What else would have split"
_SHOWN = 3  # runner-ups of a node; the JSON has all

__all__ = ["RUNNER_UPS", "probe_page", "probe_sections", "verdict_sentence"]


def probe_page(
    tree: Mapping[str, Any], rules: Mapping[int, str] | None = None, *, compact: bool = False
) -> Page:
    """Return the page of a probe.

    Parameters
    ----------
    tree : mapping
        The tree's JSON document.
    rules : mapping of int to str, optional
        The condition of each leaf as text.
    compact : bool, default False
        For a notebook cell: the tree folded at three levels, without the runner-ups and settings.

    Returns
    -------
    Page
    """
    picture = picture_of(tree, rules)
    facts = [
        plural(picture.n_rows, "row"),
        _population(picture),
        f"{picture.interval} intervals, 95%",
    ]
    if tree["n_target_missing"]:
        facts.insert(1, f"{count(tree['n_target_missing'])} without a target, left out")
    verdict: list[Block] = [Text(verdict_sentence(picture))]
    verdict += [Note(warning, "Warning") for warning in picture.warnings]
    sections = probe_sections(picture, compact=compact)
    if not compact:
        sections.append(Section("How it was found", [_settings(tree, picture)]))
    return Page(f"Where {picture.target} differs", facts, verdict, sections)


def _population(picture: TreePicture) -> str:
    if picture.in_sample:
        return "in-sample: the same rows chose the splits"
    return f"{count(picture.n_judged)} judged rows, which did not choose the splits"


def verdict_sentence(picture: TreePicture) -> str:
    """Return the leaf with the highest mean in one sentence, or what could have been seen if there is no split."""
    if not picture.root.children:
        seen = picture.visible_effect
        least = (
            f" A difference of {figure(seen, rate=picture.rate)} would have been seen."
            if seen > 0
            else ""
        )
        return f"No split separates the rows by {picture.target}.{least}"
    if picture.classes:
        return class_sentence(picture)
    leaves = [leaf for leaf in picture.root.leaves() if leaf.n and not math.isnan(leaf.mean)]
    chosen = [leaf for leaf in leaves if leaf.replicated] or leaves
    if not chosen:
        return "No leaf has judged rows."
    top = max(chosen, key=lambda leaf: (leaf.mean, -leaf.leaf))
    sure = "" if top.replicated or picture.in_sample else " No leaf replicated on the judged rows."
    mean, bounds = picture.shown()(top)
    return (
        f"Highest {picture.target} where {top.rule}: {mean} {bounds} on {plural(top.n, 'row')}, "
        f"{times(top.lift)} the {figure(picture.mean, rate=picture.rate)} of all.{sure}"
    )


def probe_sections(picture: TreePicture, *, compact: bool = False) -> list[Section]:
    """Return the sections of a probe: tree, leaves, missing blocks, runner-ups; empty ones are left out."""
    bars = f"mean of {picture.population} rows, whiskers: 95% interval"
    if picture.classes:
        bars = f"shares of the classes among {picture.population} rows, beside them the most common"
    caption = f"Tree for {picture.target}. Bars: {bars}{strip_words(picture)}."
    sections = [
        Section(
            "Tree",
            [Figure(tree_svg(picture, max_depth=3 if compact else 4), caption), _leaves(picture)],
        )
    ]
    if picture.blocks:
        drawn = blocks_svg(picture.blocks, picture.n_rows)
        shown = Figure(drawn, blocks_caption(picture.n_rows))
        sections.append(Section("Missing together", [shown, _blocks(picture)]))
    ups = [(node, up) for node in picture.root.inner() for up in node.runner_ups[:_SHOWN]]
    if ups and not compact:
        rows = [
            [
                node.rule,
                node.condition,
                up.rule,
                _gain_share(up.gain, node.gain),
                percent(up.agreement, 0),
            ]
            + (["tied"] if up.tied else [""])
            for node, up in ups
        ]
        columns = [
            Column("At"),
            Column("Chosen"),
            Column("Runner-up"),
            Column("Gain of chosen", True),
        ]
        columns += [Column("Same way", True), Column("")]
        sections.append(Section(RUNNER_UPS, [Table("Runner-ups by node", columns, rows)]))
    return sections


def _gain_share(gain: float, winner: float) -> str:
    return percent(gain / winner, 0) if winner > 0 else "-"


def _leaves(picture: TreePicture) -> Table:
    if picture.classes:
        return class_leaves(picture)
    leaves = picture.root.highest_first()
    top = max(
        (v for leaf in leaves for v in (leaf.mean, leaf.high) if math.isfinite(v)), default=0.0
    )
    columns = [Column("Rows where"), Column("Leaf", True), Column("Judged", True)]
    columns += [Column("Rate" if picture.rate else "Mean", True)]
    columns += [
        Column("95%", True),
        Column("Lift", True),
        Column("Share", True),
        Column("p", True),
        Column(""),
    ]
    rows = [_leaf_row(leaf, picture, top) for leaf in leaves]
    return Table("Leaves, highest mean first", columns, rows)


def _leaf_row(leaf: TreeNode, picture: TreePicture, top: float) -> list[Cell | str]:
    mean, bounds = picture.shown()(leaf)
    said = (
        "in-sample"
        if picture.in_sample
        else ("replicated" if leaf.replicated else "did not replicate")
    )
    return [
        leaf.rule,
        str(leaf.leaf),
        count(leaf.n),
        bar(mean, leaf.mean, leaf.low, leaf.high, top=top) if leaf.mean >= 0 else mean,
        bounds,
        times(leaf.lift),
        percent(leaf.share, 1),
        p_value(leaf.p_value),
        said,
    ]


def _blocks(picture: TreePicture) -> Table:
    columns = [
        Column("Columns"),
        Column("Rows", True),
        Column("Mean there", True),
        Column("95%", True),
    ]
    columns += [Column("Mean elsewhere", True), Column("For whom"), Column("Also missing there")]
    rows = [
        [
            joined(block["columns"]),
            count(block["n_missing"]),
            _class_of(block, picture) + figure(_number(block["inside"]["mean"]), rate=picture.rate),
            interval(_number(block["low"]), _number(block["high"]), rate=picture.rate),
            figure(_number(block["outside"]["mean"]), rate=picture.rate),
            block["who"],
            joined(block["also_missing"]),
        ]
        for block in picture.blocks
    ]
    return Table("Columns that are missing on exactly the same rows", columns, rows)


def _class_of(block: Mapping[str, Any], picture: TreePicture) -> str:
    return f"{picture.classes[block['stands_out']]} " if picture.classes else ""


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _settings(tree: Mapping[str, Any], picture: TreePicture) -> Table:
    chosen = {
        "target": picture.target,
        "max_depth": tree["max_depth"],
        "min_samples_leaf": tree["min_samples_leaf"],
        "selection": tree["selection"],
        "honest": not picture.in_sample,
        "alpha": tree["alpha"],
        "seed": tree["seed"],
        "features": joined(tree["features"]) or "all that can be one",
        "exclude": joined(tree["exclude"]) or "none",
        "constant columns": joined(picture.constant) or "none",
        "duplicate columns": joined(picture.duplicates) or "none",
    }
    rows = [[name, _plain(value)] for name, value in chosen.items()]
    return Table("Settings", [Column("Setting"), Column("Value")], rows)


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get("v")
    return str(value)
