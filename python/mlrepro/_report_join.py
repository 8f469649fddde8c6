# SPDX-License-Identifier: Apache-2.0
"""The report of a join as a page: what happened to every row, for whom, what another join would have given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlrepro._exact import real_or_nan
from mlrepro._join_text import of_positive
from mlrepro._report_page import Block, Cell, Column, Note, Page, Section, Table, Text, bar
from mlrepro._report_text import count, figure, interval, joined, percent, plural, times
from mlrepro._report_tree import value_text

__all__ = [
    "disguise_sentence",
    "disguises",
    "join_page",
    "join_sections",
    "key_text",
    "unmatched_levels",
]


def key_text(report: Mapping[str, Any]) -> str:
    """Return the keys of a join: `tailnum`, or `(origin, time_hour)`, with the right names where they differ."""
    left, right = report["left_on"], report["right_on"]
    pairs = [a if a == b else f"{a} = {b}" for a, b in zip(left, right, strict=True)]
    return pairs[0] if len(pairs) == 1 else f"({', '.join(pairs)})"


def outcomes(report: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Return (outcome, left rows) for every outcome that occurred; they add up to the left rows."""
    left = report["left"]
    found = [
        ("matched", left["matched"] - left["multiplied"]),
        ("multiplied", left["multiplied"]),
        ("key not found", left["key_not_found"]),
        ("null key", left["null_key"]),
        ("ambiguous", left["ambiguous"]),
    ]
    return [(name, n) for name, n in found if n]


def disguises(report: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the classes of rows that are the label in disguise, as the report grades them."""
    return [item for item in report["label"]["classes"] if item["grade"] == "label in disguise"]


def disguise_sentence(item: Mapping[str, Any], label: str) -> str:
    """Say how a class of rows predicts the label, with the judged figures."""
    found = f"{percent(item['rate'])} {interval(*item['interval'], rate=True)}"
    return (
        f"{item['class']} ({plural(item['rows'], 'row')}): {found} of "
        f"{plural(item['judged_rows'], 'judged row')} {label_text(item['value'], label)}, "
        f"{times(item['lift'])} the average"
    )


def label_text(value: Any, label: str) -> str:
    """Return `are cancelled` for a true label, `have label = value` for any other."""
    return f"are {label}" if value is True else f"have {label} = {value_text(value)}"


def unmatched_levels(
    report: Mapping[str, Any], column: str, field: str
) -> Iterator[tuple[str, int, int]]:
    """Yield (level, rows, rows of the class) of a slice column, most rows of the class first."""
    for item in report["slices"]:
        if item["column"] == column:
            levels = [(_level_text(level), level["rows"], level[field]) for level in item["levels"]]
            yield from sorted(levels, key=lambda entry: (-entry[2], entry[0]))


def _level_text(level: Mapping[str, Any]) -> str:
    if level["value"] is None:
        return "missing"
    low = value_text(level["value"])
    if "to" not in level or level["to"] == level["value"]:
        return low
    return f"{low} to {value_text(level['to'])}"


def join_page(report: Mapping[str, Any]) -> Page:
    """Return the page of a join report.

    Parameters
    ----------
    report : mapping
        The parsed document `mlrepro.join_report`.

    Returns
    -------
    Page
    """
    left, right = report["left"], report["right"]
    title = f"{report['how'].capitalize()} join on {key_text(report)}"
    facts = [
        f"validate {report['validate']}",
        f"{count(left['rows'])} left rows",
        f"{count(right['rows'])} right rows",
    ]
    facts.append(f"{count(report['output']['rows'])} rows out")
    parts = [f"{count(n)} {name} ({percent(n / left['rows'], 1)})" for name, n in outcomes(report)]
    verdict: list[Block] = [Text(f"{joined(parts)}." if parts else "The left table has no rows.")]
    verdict += _label_notes(report)
    return Page(title, facts, verdict, join_sections(report))


def _label_notes(report: Mapping[str, Any]) -> list[Block]:
    label = report["label"]
    notes: list[Block] = []
    for item in sorted(label["classes"], key=lambda item: item["grade"] != "label in disguise"):
        sentence = disguise_sentence(item, label["column"])
        if item["grade"] == "label in disguise":
            notes.append(
                Note(
                    f"{sentence}. The outcome of this join is the label in disguise.",
                    "Label in disguise",
                )
            )
        elif item["grade"]:
            notes.append(Note(f"{sentence}.", "Unmatched rows predict the label"))
    return notes


def join_sections(report: Mapping[str, Any]) -> list[Section]:
    """Return the sections: label by outcome, the counterfactual, for whom, both sides."""
    sections = []
    if report["label"]["classes"]:
        sections.append(
            Section("Does being unmatched predict the label?", [_label_table(report["label"])])
        )
    sections.append(Section("Had it been another join", [_counterfactual(report)]))
    slices = [_slice_table(item) for item in report["slices"][:4]]
    if slices:
        sections.append(Section("For whom", slices))
    return [*sections, Section("Both sides", [_sides(report)])]


def _label_table(label: Mapping[str, Any]) -> Table:
    columns = [
        Column("Outcome"),
        Column("Rows", True),
        Column("Judged", True),
        Column("Value"),
        Column("Rate", True),
    ]
    columns += [Column("95%", True), Column("Lift", True), Column("Verdict")]
    name = f"{label['column']} = {value_text(label['positive'])}"
    rows: list[Sequence[Cell | str]] = []
    for item in label["classes"]:
        rate, low, high, lift = of_positive(
            item["rate"], item["interval"], item["lift"], item["value"] == label["positive"]
        )
        rows.append(
            [
                item["class"],
                count(item["rows"]),
                count(item["judged_rows"]),
                name,
                bar(percent(rate), rate, low, high, top=1.0),
                interval(low, high, rate=True),
                "unknown" if lift is None else times(lift),
                item["grade"] or "says nothing",
            ]
        )
    return Table("On rows that did not choose the class", columns, rows)


def _counterfactual(report: Mapping[str, Any]) -> Table:
    label, sides = report["label"], [report["counterfactual"][how] for how in ("inner", "left")]
    columns = [Column(""), Column("inner join", True), Column("left join", True)]
    rows: list[list[Cell | str]] = [["rows", *(count(side["rows"]) for side in sides)]]
    if label["column"]:
        rate = label["positive"] is not None
        means = [figure(real_or_nan(side["label_mean"]), rate=rate) for side in sides]
        rows.append([f"{label['column']} {'rate' if rate else 'mean'}", *means])
    for found in zip(*(side["missing"] for side in sides), strict=True):
        shares = [
            _share(item["missing"], side["rows"]) for item, side in zip(found, sides, strict=True)
        ]
        rows.append([f"{found[0]['column']} missing", *shares])
    return Table("From the counts of this join", columns, rows)


def _share(n: int, rows: int) -> str:
    return percent(n / rows, 1) if rows else "-"


def _slice_table(item: Mapping[str, Any]) -> Table:
    columns = [Column(item["column"]), Column("Rows", True), Column("Matched", True)]
    columns += [Column("Key not found", True), Column("Null key", True)]
    levels = sorted(item["levels"], key=lambda level: (-_unmatched(level), -level["rows"]))
    rows: list[Sequence[Cell | str]] = [
        [
            _level_text(level),
            count(level["rows"]),
            bar(
                percent(level["matched"] / level["rows"], 1),
                level["matched"] / level["rows"],
                *level["matched_interval"],
                top=1.0,
            ),
            count(level["key_not_found"]),
            count(level["null_key"]),
        ]
        for level in levels
        if level["rows"]
    ]
    return Table(f"By {item['column']}, most unmatched rows first", columns, rows)


def _unmatched(level: Mapping[str, Any]) -> int:
    return int(level["key_not_found"] + level["null_key"] + level["ambiguous"])


def _sides(report: Mapping[str, Any]) -> Table:
    left, right, fan = report["left"], report["right"], report["fan_out"]
    rows = [
        ["left rows", count(left["rows"])],
        *([f"left rows, {name}", count(n)] for name, n in outcomes(report)),
        ["distinct keys not found", count(left["distinct_keys_missed"])],
        ["right rows", count(right["rows"])],
        ["right rows used", count(right["used"])],
        ["right rows not used", count(right["unused"])],
        ["right rows with a null key", count(right["null_key"])],
        ["rows that the join added", count(fan["extra_rows"])],
        ["rows out", count(report["output"]["rows"])],
        ["columns added", joined(report["output"]["added"]) or "none"],
        [
            "columns renamed",
            joined(f"{r['from']} to {r['to']}" for r in report["output"]["renamed"]) or "none",
        ],
    ]
    return Table("Every row is accounted for", [Column("What"), Column("How many")], rows)
