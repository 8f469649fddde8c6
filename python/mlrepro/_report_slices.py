# SPDX-License-Identifier: Apache-2.0
"""The report of slices: one table, their means as bars with intervals, and what the search could prove."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from mlrepro._report_page import Block, Cell, Column, Note, Page, Section, Table, Text, bar
from mlrepro._report_text import count, figure, interval, p_value, percent, plural, times

__all__ = ["slices_page"]


def slices_page(document: Mapping[str, Any]) -> Page:
    """Return the page of slices.

    Parameters
    ----------
    document : mapping
        The JSON document of the slices, its numbers as Python numbers.

    Returns
    -------
    Page
    """
    facts = [plural(document["n_rows"], "row"), _population(document)]
    if document["n_target_missing"]:
        facts.insert(1, f"{count(document['n_target_missing'])} without a target, left out")
    verdict: list[Block] = [Text(_sentence(document))]
    verdict += [Note(warning, "Warning") for warning in document["warnings"]]
    sections = [Section("Slices", [_table(document)])] if document["slices"] else []
    return Page(
        f"Where {document['target']} is high", facts, verdict, [*sections, _search(document)]
    )


def _population(document: Mapping[str, Any]) -> str:
    n = count(document["judged"]["n"])
    if document["in_sample"]:
        return "in-sample: the same rows chose the slices"
    if document["on_new_rows"]:
        return f"{n} new rows, which chose nothing"
    return f"{n} judged rows, which did not choose the slices"


def _sentence(document: Mapping[str, Any]) -> str:
    rate, target, mean = document["binary"], document["target"], document["judged"]["mean"]
    if not document["slices"]:
        return f"No slice is shown: {target} is {figure(mean, rate=rate)} of all."
    sure = [one for one in document["slices"] if one["replicated"]]
    if not sure:
        return f"{plural(len(document['slices']), 'slice')}, none of which replicated."
    top = sure[0]
    lift = "" if math.isnan(top["lift"]) else f", {times(top['lift'])} that of all"
    return (
        f"{target} is {figure(top['mean'], rate=rate)} where {top['rule']}{lift}, on "
        f"{plural(top['rows_judged'], 'row')}. {plural(len(sure), 'slice')} of "
        f"{len(document['slices'])} replicated."
    )


def _table(document: Mapping[str, Any]) -> Table:
    rate = document["binary"]
    tops = [v for one in document["slices"] for v in (one["mean"], one["high"]) if math.isfinite(v)]
    top = max(tops, default=0.0)
    columns = [
        Column("Rows where"),
        Column("Judged", True),
        Column("Rate" if rate else "Mean", True),
    ]
    columns += [Column(name, True) for name in ("95%", "Lift", "Share", "p")]
    columns += [Column(""), Column("Nearly the same rows")]
    rows = [_row(document, one, top) for one in document["slices"]]
    return Table("Best first, in the order of the rows that chose", columns, rows)


def _row(document: Mapping[str, Any], one: Mapping[str, Any], top: float) -> Sequence[Cell | str]:
    rate, mean = document["binary"], one["mean"]
    shown = figure(mean, rate=rate)
    said = "replicated" if one["replicated"] else "did not replicate"
    return [
        one["rule"],
        count(one["rows_judged"]),
        bar(shown, mean, one["low"], one["high"], top=top) if mean >= 0 else shown,
        interval(one["low"], one["high"], rate=rate),
        times(one["lift"]),
        percent(one["share"], 1),
        p_value(one["p_value"]),
        "in-sample" if document["in_sample"] else said,
        "; ".join(one["also"]),
    ]


def _search(document: Mapping[str, Any]) -> Section:
    proven = (
        "no slice, each of whose conditions adds more than chance, scores higher than the first"
        if document["exact"]
        else "not that the first slice is the best: others may score higher"
    )
    rows = [
        ["conditions, at most", str(document["max_conditions"])],
        ["slices, at most", str(document["k"])],
        ["alpha", str(document["alpha"])],
        ["slices counted", count(document["n_tried"])],
        ["proven", proven],
    ]
    return Section(
        "How they were found", [Table("The search", [Column("Setting"), Column("Value")], rows)]
    )
