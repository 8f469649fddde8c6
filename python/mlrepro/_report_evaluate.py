# SPDX-License-Identifier: Apache-2.0
"""The report of an evaluation: metrics with their intervals as bars, and whether a difference is noise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mlrepro._report_page import Block, Cell, Column, Page, Section, Table, Text, bar
from mlrepro._report_text import count, percent, plural

if TYPE_CHECKING:
    from mlrepro._evaluate_result import Estimate, Evaluation, MetricResult

__all__ = ["evaluation_page"]

_FRACTIONS = {"average_precision", "roc_auc", "accuracy", "brier"}
_VERDICTS = {True: "beyond noise", False: "within noise", None: "no interval"}


def evaluation_page(evaluation: Evaluation) -> Page:
    """Return the page of an evaluation, of one model or of two on the same rows."""
    judged = evaluation.rows - evaluation.rows_without_label
    facts = [f"{plural(judged, 'row')} judged"]
    if evaluation.rows_positive is not None:
        facts.append(f"{count(evaluation.rows_positive)} with label 1")
    if evaluation.rows_without_label:
        facts.append(f"{plural(evaluation.rows_without_label, 'row')} without a label left out")
    if evaluation.draws:
        facts.append(
            f"{count(evaluation.draws)} bootstrap draws by row identity, seed {evaluation.seed}"
        )
    verdict: list[Block] = [Text(f"{_sentence(metric)}.") for metric in evaluation]
    caption = f"Metrics with {percent(1 - evaluation.alpha, 0)} intervals"
    return Page("Evaluation", facts, verdict, [Section("Metrics", [_table(evaluation, caption)])])


def _sentence(metric: MetricResult) -> str:
    if metric.compare is None or metric.difference is None:
        return str(metric)
    return f"{metric}, compared {metric.compare}, difference {metric.difference}: {_VERDICTS[metric.beyond_noise]}"


def _table(evaluation: Evaluation, caption: str) -> Table:
    columns = [Column("Metric"), Column("Value", True), Column("Interval", True)]
    if evaluation.compared:
        columns += [Column("Compared", True), Column("Interval", True)]
        columns += [Column("Difference", True), Column("Interval", True), Column("Verdict")]
    rows: list[Sequence[Cell | str]] = []
    for metric in evaluation:
        top = _top(metric)
        row: list[Cell | str] = [metric.metric, *_cells(metric, top)]
        if metric.compare is not None and metric.difference is not None:
            value, bounds = _parts(metric.difference)
            row += [*_cells(metric.compare, top), value, bounds, _VERDICTS[metric.beyond_noise]]
        rows.append(row)
    return Table(caption, columns, rows)


def _top(metric: MetricResult) -> float:
    if metric.metric in _FRACTIONS:
        return 1.0
    ends = [
        metric.value,
        metric.high,
        *((metric.compare.value, metric.compare.high) if metric.compare else ()),
    ]
    return max((end for end in ends if end == end), default=0.0)


def _parts(estimate: Estimate | MetricResult) -> tuple[str, str]:
    value, _, bounds = (
        str(estimate).removeprefix(f"{getattr(estimate, 'metric', '')} ").partition(" ")
    )
    return value, bounds


def _cells(estimate: Estimate | MetricResult, top: float) -> list[Cell | str]:
    value, bounds = _parts(estimate)
    return [bar(value, estimate.value, estimate.low, estimate.high, top=top), bounds]
