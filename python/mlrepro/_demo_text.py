# SPDX-License-Identifier: Apache-2.0
"""The demo's sentences and tables, as pure functions of results: nothing here knows what the flights hold."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mlrepro._errors import Error
from mlrepro._report_join import (
    disguise_sentence,
    disguises,
    join_sections,
    key_text,
    outcomes,
    unmatched_levels,
)
from mlrepro._report_page import Block, Cell, Column, Table, Text, bar
from mlrepro._report_probe import RUNNER_UPS, probe_sections, verdict_sentence
from mlrepro._report_text import count, interval, joined, percent, plural
from mlrepro._report_tree import TreeNode, TreePicture, picture_of

if TYPE_CHECKING:
    import numpy as np

    from mlrepro._demo import Culprit, DemoResult

__all__ = [
    "culprit_lines",
    "fix_blocks",
    "fix_lines",
    "join_blocks",
    "join_lines",
    "key_lines",
    "model_lines",
    "probe_blocks",
    "probe_lines",
    "split_lines",
    "tree_lines",
    "weather_lines",
]

Metrics = Mapping[str, tuple[float, float, float]]
_LOOK = "  <- look here"
_TREE_WIDTH = 76
_NAMES = {"average_precision": "average precision", "roc_auc": "ROC AUC"}


def key_lines(
    guess: Sequence[str], refused: Error | None, key: Sequence[str], n: int, n_label: int
) -> list[str]:
    """Say what was refused as a key and what is one."""
    first = f"({', '.join(guess)}) is a key."
    if refused is not None:
        first = f"{refused.name}: {refused}"
    rate = percent(n_label / n) if n else "-"
    return [
        first,
        f"({', '.join(key)}) is a key: {count(n)} flights, {count(n_label)} cancelled ({rate}).",
    ]


def weather_lines(
    local: Sequence[str], refused: Error | None, report: Mapping[str, Any]
) -> list[str]:
    """Say what the wrong hour does, and what the right one gives."""
    first = f"on ({', '.join(local)}): many to one."
    if refused is not None:
        first = f"on ({', '.join(local)}): {refused.name}: {refused}"
    return [first, *join_lines("", report)]


def _outcome_text(report: Mapping[str, Any]) -> str:
    return ", ".join(f"{count(n)} {name}" for name, n in outcomes(report))


def join_lines(name: str, report: Mapping[str, Any]) -> list[str]:
    """Say what a join matched, for whom it did not, and whether that predicts the label."""
    lines = [
        f"{name + ': ' if name else ''}{report['how']} join on {key_text(report)}: {_outcome_text(report)}."
    ]
    who = _who_is_unmatched(report)
    if who:
        lines.append(who)
    label = report["label"]["column"]
    for item in report["label"]["classes"]:
        if item["grade"]:
            mark = _LOOK if item in disguises(report) else ""
            lines.append(f"{disguise_sentence(item, label)}.{mark}")
    return lines


def _who_is_unmatched(report: Mapping[str, Any]) -> str:
    """Name the levels of the most uneven text column where most rows found no key."""
    n_lost = report["left"]["key_not_found"]
    for item in report["slices"]:
        if item["binned"] or not n_lost:
            continue
        levels = list(unmatched_levels(report, item["column"], "key_not_found"))
        most = [
            level for level in levels if level[2] >= 0.5 * level[1] and level[2] >= 0.05 * n_lost
        ]
        if most:
            parts = [f"{level} {percent(lost / rows, 0)}" for level, rows, lost in most]
            covered = percent(sum(level[2] for level in most) / n_lost, 0)
            return f"by {item['column']}: key not found for {joined(parts)}: {covered} of them."
    return ""


def split_lines(test_from: str, zone: str, parts: Mapping[str, int], held_out: int) -> list[str]:
    """Say where the cut is and what lies on either side."""
    rate = percent(held_out / parts["test"]) if parts["test"] else "-"
    return [
        f"train on {count(parts['train'])} flights before {test_from} ({zone}), judge on the {count(parts['test'])} "
        f"from then on: {count(held_out)} cancelled ({rate})."
    ]


def _metric(values: Metrics, name: str) -> str:
    value, low, high = values[name]
    return f"{value:.3f} [{low:.3f}, {high:.3f}]"


def model_lines(features: Sequence[str], values: Metrics, label: np.ndarray[Any, Any]) -> list[str]:
    """Say how good the model looks, and what guessing would give."""
    shown = [f"{_NAMES[name]} {_metric(values, name)}" for name in values]
    value, rate = values["average_precision"][0], float(label.mean())
    looks = (
        "looks wonderful"
        if value > 10 * rate
        else "is better than guessing"
        if value > 2 * rate
        else "is poor"
    )
    return [
        f"HistGradientBoostingClassifier on {len(features)} columns, held out: {joined(shown)}.",
        f"It {looks}: guessing has average precision {rate:.3f}.",
    ]


def tree_lines(picture: TreePicture, width: int = _TREE_WIDTH) -> list[str]:
    """Draw a tree with text: one line a node, its judged rows, mean and interval flush right."""
    rows: list[tuple[str, TreeNode]] = []
    _collect(picture.root, "", "", rows)
    shown = picture.shown()
    numbers = [(count(node.n), *shown(node)) for _, node in rows]
    sizes = [max((len(row[i]) for row in numbers), default=0) for i in range(3)]
    room = width - sum(sizes) - 6
    return [
        f"{_cut(text, room):<{room}}  {n:>{sizes[0]}}  {mean:>{sizes[1]}}  {bounds:<{sizes[2]}}".rstrip()
        for (text, _), (n, mean, bounds) in zip(rows, numbers, strict=True)
    ]


def _collect(node: TreeNode, lead: str, below: str, rows: list[tuple[str, TreeNode]]) -> None:
    question = f"{node.condition}?" if node.children else ""
    said = " ".join(
        part
        for part in (f"{node.branch}:" if node.branch and question else node.branch, question)
        if part
    )
    rows.append((lead + (said or "all rows"), node))
    for i, child in enumerate(node.children):
        last = i == len(node.children) - 1
        _collect(
            child, below + ("└─ " if last else "├─ "), below + ("   " if last else "│  "), rows
        )


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1] + "…"


def probe_lines(trees: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Draw the trees on predictions and errors."""
    lines = []
    for name, tree in trees.items():
        picture = picture_of(tree)
        what = "mean prediction" if name == "prediction" else "log loss"
        head = f"on the {name}s: {what}, {count(picture.n_judged)} judged rows that did not choose a split:"
        lines += [head, *(f"  {line}" for line in tree_lines(picture))]
    return lines


def probe_blocks(
    trees: Mapping[str, Mapping[str, Any]], rules: Mapping[str, Mapping[int, str]]
) -> list[Block]:
    """Return the pictures of the trees with their tables, and the missing blocks, which are the same for all."""
    blocks: list[Block] = []
    for name, tree in trees.items():
        picture = picture_of(tree, rules[name])
        sections = [s for s in probe_sections(picture) if s.title != RUNNER_UPS]
        blocks += [Text(verdict_sentence(picture)), *sections[0].blocks]
        if name == "prediction":
            blocks += [block for section in sections[1:] for block in section.blocks]
    return blocks


def join_blocks(report: Mapping[str, Any], *, label_only: bool = False) -> list[Block]:
    """Return the tables of a join's report, of its slices the most uneven one."""
    sections = join_sections(report)
    if label_only:
        return list(sections[0].blocks)
    return [block for section in sections[:3] for block in section.blocks[:1]]


def culprit_lines(result: DemoResult) -> list[str]:
    """Name the culprits from the join reports, the trees and the missing blocks; or say that there is none."""
    if result.culprits:
        return [line for culprit in result.culprits for line in _accusation(result, culprit)]
    found = [
        (item, report["label"]["column"])
        for report in result.reports.values()
        for item in report["label"]["classes"]
        if item["judged_rows"]
    ]
    lines = ["No join's outcome is the label in disguise."]
    if found:
        item, label = max(found, key=lambda pair: pair[0]["lift"])
        lines.append(f"Nearest to it: {disguise_sentence(item, label)}.")
    return lines


def _accusation(result: DemoResult, culprit: Culprit) -> list[str]:
    report, finding = result.reports[culprit.join], culprit.finding
    left, label = report["left"], report["label"]
    unmatched = left["key_not_found"] + left["null_key"]
    said = (
        f"columns {joined(culprit.columns)} are missing together on {plural(unmatched, 'flight')}"
    )
    parts = [
        f"{count(n)} {name}"
        for name, n in outcomes(report)
        if name in ("key not found", "null key")
    ]
    lines = [f"{said} = {' + '.join(parts)}."]
    lines.append(
        f"With {_article(finding['class'])} for {culprit.key}, {count(finding['positives'])} of {count(finding['rows'])} "
        f"are {label['column']}; judged: {percent(finding['rate'])} {interval(*finding['interval'], rate=True)}, "
        f"against {percent(label['mean'])} of all."
    )
    lines += _seen_by_tree(result, culprit) + _seen_in_blocks(result, culprit)
    lines.append(
        f"The outcome of the join on {culprit.key} is the label in disguise: {finding['class']} stands for "
        f"{label['column']}, and on the day of use it will not be there."
    )
    return lines


def _article(name: str) -> str:
    return f"a {name}" if name == "null key" else f"the {name}"


def _seen_by_tree(result: DemoResult, culprit: Culprit) -> list[str]:
    lines = []
    for name, tree in result.trees.items():
        root = picture_of(tree).root
        names = [column["name"] for column in tree["columns"]]
        split = tree["nodes"][0].get("split")
        if not split or split.get("column") is None or names[split["column"]] != culprit.outcome:
            continue
        yes, no = root.children[0], root.children[1]
        lines.append(
            f"The tree on the {name}s asks for it first: {root.condition}? yes: mean {yes.mean:.3f} "
            f"[{yes.low:.3f}, {yes.high:.3f}] on {plural(yes.n, 'row')}; no: {no.mean:.3f}."
        )
    return lines


def _seen_in_blocks(result: DemoResult, culprit: Culprit) -> list[str]:
    for block in result.trees.get("prediction", {}).get("blocks", ()):
        if set(block["columns"]) <= set(culprit.columns):
            also = [column for column in block["also_missing"] if column in culprit.columns]
            more = f", and {joined(also)} there and elsewhere" if also else ""
            who = f"; for whom: {block['who']}" if block["who"] else ""
            return [
                f"Among the held-out rows {joined(block['columns'])} are missing on exactly the same "
                f"{plural(block['n_missing'], 'row')}{more}{who}."
            ]
    return []


def fix_lines(
    result: DemoResult, tables: Sequence[str], dropped: Sequence[str], key: str, n_known: int
) -> list[str]:
    """Say what is left of the metric without the columns, and what an inner join would have cost."""
    before, after = result.metrics["before"], result.metrics["after"]
    known = result.metrics["known_before"], result.metrics["known_after"]
    ap = "average_precision"
    lines = [
        f"without {joined(dropped)}: average precision {_metric(before, ap)} → {_metric(after, ap)} on the same "
        f"{count(result.parts['test'])} flights; paired difference {_metric(result.metrics['difference'], ap)}.",
        f"on the {count(n_known)} of them with a known {key}: {_metric(known[0], ap)} before, "
        f"{_metric(known[1], ap)} after.",
    ]
    if _overlap(before[ap], after[ap]):
        lines.append("The intervals overlap: these columns made little difference.")
    elif result.culprits:
        gone = 1 - after[ap][0] / before[ap][0]
        lines.append(
            f"{percent(gone, 0)} of the average precision was the label in disguise. The honest figure is the lower one."
        )
    return lines + [_inner_line(result.reports[table]) for table in tables]


def _overlap(a: tuple[float, float, float], b: tuple[float, float, float]) -> bool:
    return a[1] <= b[2] and b[1] <= a[2]


def _inner_line(report: Mapping[str, Any]) -> str:
    inner, n = report["counterfactual"]["inner"], report["left"]["rows"]
    label = report["label"]
    line = (
        f"An inner join on {key_text(report)} is no cure: it keeps {count(inner['rows'])} of {count(n)} flights"
        if inner["rows"] < n
        else f"An inner join on {key_text(report)} would keep all {count(n)} flights"
    )
    if inner["label_mean"] is not None and label["mean"] is not None:
        line += f", {percent(inner['label_mean'])} {label['column']} instead of {percent(label['mean'])}"
    lost = _mostly_lost(report)
    return f"{line}; {lost}." if lost else f"{line}."


def _mostly_lost(report: Mapping[str, Any]) -> str:
    for item in report["slices"]:
        if item["binned"]:
            continue
        levels = list(unmatched_levels(report, item["column"], "matched"))
        lost = [
            level
            for level in levels
            if level[2] < 0.5 * level[1] and level[1] >= 0.05 * report["left"]["rows"]
        ]
        if lost:
            parts = [f"{level} {count(rows)} → {count(kept)}" for level, rows, kept in lost]
            return f"{item['column']} {joined(parts)}"
    return ""


def fix_blocks(result: DemoResult, key: str) -> list[Block]:
    """Return the metrics before and after as one table with bars."""
    named = {
        "before": "before",
        "after": "after",
        "known_before": f"before, {key} known",
        "known_after": f"after, {key} known",
    }
    rows: list[list[Cell | str]] = []
    for metric in result.metrics["before"]:
        for part, name in named.items():
            value, low, high = result.metrics[part][metric]
            cell = bar(f"{value:.3f}", value, low, high, top=1.0)
            rows.append([f"{_NAMES[metric]}, {name}", cell, f"[{low:.3f}, {high:.3f}]"])
    columns = [Column("Held out"), Column("Value", True), Column("95%", True)]
    return [Table("Both models on the same held-out flights", columns, rows)]


def plain(text: str) -> str:
    """Return a printed line without the mark that only makes sense in a terminal."""
    return re.sub(r"\s*<- look here$", "", text)
