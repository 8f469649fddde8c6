# SPDX-License-Identifier: Apache-2.0
"""The report of a plan as a page: what is in each part, what could leak, how even the parts are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlrepro._report_page import Block, Cell, Column, Note, Page, Section, Table, Text, bar
from mlrepro._report_probe import probe_sections, verdict_sentence
from mlrepro._report_text import count, number, p_value, percent, plural
from mlrepro._report_tree import picture_of

__all__ = ["plan_page"]

_BOUND = "±: the share is this near to what was asked for all but 1 of 10^9 salts."


def plan_page(
    report: Mapping[str, Any],
    findings: Sequence[str] = (),
    representativeness: Mapping[str, Any] | None = None,
    rules: Mapping[int, str] | None = None,
    not_evaluated: str | None = None,
) -> Page:
    """Return the page of a plan.

    Parameters
    ----------
    report : mapping
        The parsed document `mlrepro.plan_report`.
    findings : sequence of str, default ()
        What deserves a look, in sentences.
    representativeness : mapping, optional
        The tree's JSON of a probe with "is this row in test?" as its target.
    rules : mapping of int to str, optional
        The conditions of its leaves as text.
    not_evaluated : str, optional
        Why there is no such probe.

    Returns
    -------
    Page
    """
    title = f"{report['splitter']} of {report['level'] or 'a whole table'}"
    parts = [
        f"{part['name']} {count(part['rows'])}"
        for part in report["parts"]
        if part["rows"] or part["named"]
    ]
    facts = [plural(report["rows"], "row"), *parts]
    verdict: list[Block] = [Note(finding) for finding in findings]
    if report["allow_leak"]:
        verdict.append(Note(report["allow_leak"], "A leak is allowed"))
    if not verdict:
        verdict.append(Text("Nothing crosses the parts, as far as it could be checked."))
    sections = [
        Section("Parts", _parts_blocks(report)),
        Section("What was checked", [_checks(report)]),
    ]
    if representativeness is not None:
        picture = picture_of(representativeness, rules)
        shown = probe_sections(picture, compact=True)[0].blocks if picture.root.children else []
        sections.append(Section("Is test like train?", [Text(verdict_sentence(picture)), *shown]))
    elif not_evaluated:
        sections.append(Section("Is test like train?", [Text(f"not evaluated: {not_evaluated}.")]))
    if report["balance"]:
        sections.append(Section("Balance", [_balance(report["balance"])]))
    return Page(title, facts, verdict, sections)


def _parts_blocks(report: Mapping[str, Any]) -> list[Block]:
    label = report["label"]
    classes = label["classes"] if label else []
    columns = [Column("Part"), Column("Rows", True), Column("Share", True), Column("Asked", True)]
    columns += [
        Column("Groups", True),
        *(Column(f"{label['column']} = {name}", True) for name in classes),
    ]
    rows: list[Sequence[Cell | str]] = []
    for i, part in enumerate(report["parts"]):
        share = part["share"]
        shown: list[Cell | str] = [part["name"], count(part["rows"])]
        shown.append(
            "" if share is None else bar(percent(share), share, float("nan"), float("nan"), top=1.0)
        )
        shown.append("" if part["asked"] is None else _asked(part))
        shown.append("" if part["groups"] is None else count(part["groups"]))
        total = sum(label["counts"][i]) if label else 0
        shown += [_of(n, total) for n in (label["counts"][i] if label else [])]
        rows.append(shown)
    said: list[Block] = [Table("Every row is in one part", columns, rows)]
    if any(part["bound"] for part in report["parts"]):
        said.append(Text(_BOUND))
    return said


def _asked(part: Mapping[str, Any]) -> str:
    text = percent(part["asked"])
    return text if part["bound"] is None else f"{text} ± {percent(part['bound'])}"


def _of(n: int, total: int) -> str:
    return f"{count(n)} ({percent(n / total)})" if total else count(n)


def _checks(report: Mapping[str, Any]) -> Table:
    leaks = report["leaks"]
    entities, duplicates, time = leaks["entities"], leaks["duplicates"], leaks["time"]
    rows = [
        [
            "entities in two parts",
            _found(entities, "in_two_parts", "no column has the role entity"),
        ],
        ["equal rows across parts", _found(duplicates, "rows", "too few columns")],
        [
            "train rows at or after the first test row",
            _found(time, "train_at_or_after_first_test", "no time"),
        ],
        [
            "train labels known after the first test row",
            _found(time, "train_labels_at_or_after_first_test", "no time"),
        ],
    ]
    groups = report["groups"]
    if groups:
        rows.append(
            [
                "groups",
                f"{count(groups['n'])}, as good as {number(round(groups['effective'], 1))} equal ones",
            ]
        )
        if groups["larger_than_part"]:
            rows.append(
                [
                    "a group larger than its part",
                    f"{groups['largest']} ({plural(groups['largest_rows'], 'row')})",
                ]
            )
    for name, n in (report["quarantine"] or {}).items():
        rows.append([name.replace("_", " "), f"{count(n)} set aside"])
    for name, n in (report["keys"] or {}).items():
        rows.append([f"{name} keys", count(n)])
    return Table("Counts of what crosses the parts", [Column("What"), Column("Found")], rows)


def _found(section: Mapping[str, Any] | None, field: str, why_not: str) -> str:
    if not section:
        return f"not evaluated: {why_not}"
    value = section[field]
    return "not evaluated: no label time" if value is None else count(value)


def _balance(balance: Mapping[str, Any]) -> Table:
    tests = sorted(balance["columns"], key=lambda test: (test["p"], test["column"]))
    rows = [
        [test["column"], count(test["levels"]), number(test["chi_square"]), p_value(test["p"])]
        for test in tests
    ]
    columns = [
        Column("Column"),
        Column("Levels", True),
        Column("Chi-square", True),
        Column("p", True),
    ]
    caption = f"Is each column spread as chance would? p from {count(balance['draws'])} permutations of whole groups"
    return Table(caption, columns, rows)
