# SPDX-License-Identifier: Apache-2.0
"""The report of a plan, typed, and as text: what is in each part, and what could leak between them."""

from __future__ import annotations

import datetime as dt
import html
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mlrepro._names import options_listed, plural
from mlrepro._saved import open_envelope, write_text

if TYPE_CHECKING:
    from mlrepro._split_plan import Plan

__all__ = ["PlanBalance", "PlanPart", "PlanReport"]

_FORMAT = "mlrepro.plan_report"
_FIELDS = (
    "splitter",
    "level",
    "rows",
    "parts",
    "groups",
    "label",
    "time",
    "quarantine",
    "keys",
    "balance",
    "leaks",
    "allow_leak",
)


@dataclass(frozen=True)
class PlanPart:
    """One part of a plan.

    Attributes
    ----------
    name : str
    rows : int
        Rows of all parts add up to the table's.
    named : bool
        False for the reserved parts missing, new, purged and quarantine, which are in no fold.
    share, asked : float or None
        Share of the rows of named parts, and the fraction that was asked for.
    bound : float or None
        The share of a split by hash stays this near to `asked`, but for one salt in 10**9 (Bernstein).
    groups : int or None
        Distinct keys in the part.
    label_counts : dict of str to int
        Rows by class of the label; empty without a label of at most 20 classes.
    """

    name: str
    rows: int
    named: bool
    share: float | None
    asked: float | None
    bound: float | None
    groups: int | None
    label_counts: Mapping[str, int]


@dataclass(frozen=True)
class PlanBalance:
    """Whether a column's values are spread over the parts as chance would: Pearson's X2, `p` by permuting groups."""

    column: str
    levels: int
    chi_square: float
    p: float


@options_listed()
class PlanReport:
    """What a plan made of its table. Equal for any order of rows, example rows aside, and any number of threads.

    ``print(report)`` and a notebook show it, `to_pandas` gives the parts. `findings` lists what deserves a look.
    """

    # Set by mlrepro's composition: answers "is test like train?" with a fitted probe of a plan.
    _probe_of_plan: Callable[[Plan], tuple[Any, str]] | None = None

    def __init__(self, text: str, plan: Plan | None = None) -> None:
        self._json = text
        self._plan = plan

    @classmethod
    def from_json(cls, text: str) -> PlanReport:
        """Read what `to_json` wrote; FormatError on anything else."""
        open_envelope(text, _FORMAT, _FIELDS)
        return cls(text)

    @cached_property
    def _document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self._json)
        return document

    @property
    def rows(self) -> int:
        """Rows of the table."""
        return int(self._document["rows"])

    @property
    def parts(self) -> tuple[PlanPart, ...]:
        """All parts, reserved ones last."""
        label = self._document["label"]
        out = []
        for i, part in enumerate(self._document["parts"]):
            counts = dict(zip(label["classes"], label["counts"][i], strict=True)) if label else {}
            fields = {
                k: part[k] for k in ("name", "rows", "named", "share", "asked", "bound", "groups")
            }
            out.append(PlanPart(**fields, label_counts=counts))
        return tuple(out)

    @property
    def label(self) -> str | None:
        """The label column, if its classes are counted by part."""
        return self._document["label"]["column"] if self._document["label"] else None

    @property
    def groups(self) -> Mapping[str, Any] | None:
        """Keys of the split: columns, n, effective (as many equal groups vary as much), largest; None in time splits."""
        groups: Mapping[str, Any] | None = self._document["groups"]
        return groups

    @property
    def balance(self) -> tuple[PlanBalance, ...]:
        """Columns of few values, the least evenly spread first; empty for splits by time."""
        tests = (self._document["balance"] or {"columns": []})["columns"]
        return tuple(sorted((PlanBalance(**t) for t in tests), key=lambda t: (t.p, t.column)))

    @property
    def leaks(self) -> Mapping[str, Any]:
        """Counts: "entities" in two parts, "duplicates" of training rows, "time" overlap; None where not declared."""
        leaks: Mapping[str, Any] = self._document["leaks"]
        return leaks

    @property
    def findings(self) -> tuple[str, ...]:
        """Sentences about what deserves a look; empty if nothing does."""
        return tuple(_findings(self))

    @property
    def representativeness(self) -> Any:
        """A fitted probe that asks "is test like train?" on the plan's rows; None if it was not evaluated."""
        return self._probed[0]

    @property
    def representativeness_not_evaluated(self) -> str | None:
        """Why `representativeness` is None; None if it was evaluated."""
        return self._probed[1] or None

    @cached_property
    def _probed(self) -> tuple[Any, str]:
        make = type(self)._probe_of_plan
        if make is None or self._plan is None or not self._plan.has_rows:
            return None, "the report has no rows: it was loaded"
        return make(self._plan)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain dicts and lists, as in its JSON."""
        document: dict[str, Any] = json.loads(self._json)
        return document

    def to_json(self) -> str:
        """Return the report as canonical JSON, format ``mlrepro.plan_report``."""
        return self._json

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write `to_json` to a file; ``mr.load`` reads it. FileError if it cannot be written."""
        write_text(self._json, path)

    def to_pandas(self) -> Any:
        """Return the parts as a pandas.DataFrame, one row a part."""
        import pandas as pd

        rows = []
        for part in self.parts:
            row = {
                k: getattr(part, k) for k in ("name", "rows", "share", "asked", "bound", "groups")
            }
            row.update({f"{self.label}={c}": n for c, n in part.label_counts.items()})
            rows.append(row)
        return pd.DataFrame(rows)

    def to_text(self) -> str:
        """Return the report as text."""
        return "\n".join(_lines(self))

    def __str__(self) -> str:
        return self.to_text()

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.to_text())}</pre>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PlanReport) and self._json == other._json

    def __hash__(self) -> int:
        return hash(self._json)

    def __reduce__(self) -> tuple[Any, ...]:
        return PlanReport, (self._json,)


def _percent(share: float) -> str:
    return f"{share * 100:.2f}%"


def _lines(report: PlanReport) -> Iterable[str]:
    document = report._document
    of = f"part {document['level']!r}" if document["level"] else "the table"
    yield f"{document['splitter']} of {of}: {plural(report.rows, 'row')}{_cut_text(document['time'])}"
    for part in report.parts:
        if part.named or part.rows:
            yield _part_line(part, report.label)
    if any(part.bound for part in report.parts):
        yield "  (\u00b1: the share is this near to what was asked for all but 1 of 10^9 salts)"
    if document["quarantine"]:
        future, past = (
            document["quarantine"][k] for k in ("seen_entity_future", "unseen_entity_past")
        )
        yield f"quarantine: {future:,} rows after the cut of entities of train, {past:,} before it of entities of test"
    if document["keys"] and (document["keys"]["new"] or document["keys"]["vanished"]):
        k = document["keys"]
        yield f"keys of the plan: {k['known']:,} known, {k['new']:,} new, {k['vanished']:,} no longer there"
    if report.groups:
        g = report.groups
        largest = (
            f", the largest {g['largest']} with {plural(g['largest_rows'], 'row')}"
            if g["largest"]
            else ""
        )
        of_columns = f" of {', '.join(g['columns'])}" if g["largest"] else ""
        yield f"groups{of_columns}: {g['n']:,}, as good as {g['effective']:,.1f} equal ones{largest}"
    yield from _balance_lines(report)
    yield from _checked_lines(report.leaks)
    yield from (f"! {finding}" for finding in report.findings)
    if document["allow_leak"]:
        yield f"! a leak is allowed: {document['allow_leak']}"


def _part_line(part: PlanPart, label: str | None) -> str:
    line = f"  {part.name:<12}{part.rows:>12,}"
    line += f"{_percent(part.share):>9}" if part.share is not None else f"{'':>9}"
    if part.asked is not None:
        line += f"  asked {_percent(part.asked)}" + (
            f" ± {_percent(part.bound)}" if part.bound else ""
        )
    if part.groups is not None:
        line += f"  {plural(part.groups, 'group')}"
    total = sum(part.label_counts.values())
    if total and len(part.label_counts) <= 3:
        shown = list(part.label_counts.items())[1 if len(part.label_counts) == 2 else 0 :]
        line += "".join(f"  {label} = {c} {_percent(n / total)}" for c, n in shown)
    return line if part.named else line.rstrip() + "  in no fold"


def _cut_text(time: Mapping[str, Any] | None) -> str:
    if not time:
        return ""
    reach = int(time["reach_ns"])
    text = f", {time['column']} cut at {_moment(int(time['cut_ns']), time['class'])}"
    return text + (f", purged {reach / 86_400e9:.6g} days before" if reach else "")


def _moment(ns: int, value_class: str) -> str:
    seconds, rest = divmod(ns, 1_000_000_000)
    try:
        text = (dt.datetime(1970, 1, 1) + dt.timedelta(seconds=seconds)).isoformat()
    except OverflowError:
        return f"{ns} ns"
    text = text.removesuffix("T00:00:00") if value_class == "date" else text
    text += f".{rest:09d}".rstrip("0") if rest else ""
    return text + ("Z" if value_class == "timestamp" else "")


def _balance_lines(report: PlanReport) -> Iterable[str]:
    if not report.balance:
        return
    worst, document = report.balance[0], report._document["balance"]
    yield (
        f"balance: {plural(len(report.balance), 'column')} of few values, least p {worst.p:.3g} ({worst.column}), "
        f"from {document['draws']:,} draws of whole groups"
    )
    if document["not_tested"]:
        yield f"  {plural(document['not_tested'], 'more column')} not tested"


def _checked_lines(leaks: Mapping[str, Any]) -> Iterable[str]:
    entities, duplicates, time = leaks["entities"], leaks["duplicates"], leaks["time"]
    if entities:
        yield f"entities in two parts: {entities['in_two_parts']:,} of {entities['entities']:,}"
    if duplicates:
        differs = duplicates["label_differs"]
        other = f", {differs:,} with another label" if differs else ""
        yield f"rows equal to a row across the split: {duplicates['rows']:,}{other}"
    if time:
        n = time["train_at_or_after_first_test"]
        yield f"training rows at or after the first test time: {n:,} of {time['train_rows']:,}"


def _findings(report: PlanReport) -> Iterable[str]:
    leaks, by_time = report.leaks, report._document["time"] is not None
    entities, duplicates, time = leaks["entities"], leaks["duplicates"], leaks["time"]
    if report.groups and report.groups["larger_than_part"]:
        g = report.groups
        yield (
            f"group {g['largest']} has {g['largest_rows']:,} rows, more than part "
            f"{g['larger_than_part']!r} is expected to have."
        )
    for part in report.parts:
        if part.share is None or part.asked is None or part.bound is None:
            continue
        if abs(part.share - part.asked) > part.bound:
            yield f"part {part.name!r} has {_percent(part.share)} of the rows, {_percent(part.asked)} were asked for."
    n_tests = max(len(report.balance), 1)
    for test in report.balance:
        if test.p * n_tests <= 0.05:
            yield f"column {test.column} is spread unevenly over the parts (p {test.p:.3g} in {n_tests} columns)."
    if entities and entities["in_two_parts"]:
        yield (
            f"{entities['in_two_parts']:,} of {entities['entities']:,} entities lie in two parts, e.g. "
            f"{entities['example']}"
            + (": unseen= would keep them apart." if by_time else ": by= would keep them together.")
        )
    if duplicates and duplicates["rows"]:
        n, example = duplicates["rows"], duplicates["example_row"]
        verb = "equals" if n == 1 else "equal"
        yield f"{plural(n, 'row')} {verb} a row on the other side of the split, e.g. row {example:,}."
    if time and time["train_at_or_after_first_test"]:
        yield (
            f"{time['train_at_or_after_first_test']:,} training rows are not earlier than the first test row: "
            "this split does not test the future."
        )
