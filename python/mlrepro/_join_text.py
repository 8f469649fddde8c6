# SPDX-License-Identifier: Apache-2.0
"""The join report as text: a pure function of the report."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from mlrepro._exact import plain
from mlrepro._names import plural

if TYPE_CHECKING:
    from mlrepro._join_report import JoinReport
    from mlrepro._join_results import JoinLevel, JoinSlice

__all__ = ["label_value_text", "level_text", "of_positive", "percent", "report_text", "value_of"]

_WIDTH = 100
_EPOCH = datetime.datetime(1970, 1, 1)
_TICKS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def value_of(value: Any) -> Any:
    """Return a canonical JSON value as a Python one; times as text, because Python has no nanoseconds."""
    value = plain(value)
    if not isinstance(value, Mapping):
        return value
    if "date" in value:
        return str(_EPOCH.date() + datetime.timedelta(days=value["date"]))
    if "instant" in value:
        return _time_text(value["instant"]) + "Z"
    if "local" in value:
        return _time_text(value["local"])
    return str(value["duration"])


def _time_text(ticks: str) -> str:
    digits = ticks.rstrip("nmus")
    per_second = _TICKS[ticks[len(digits) :]]
    seconds, rest = divmod(int(digits), per_second)
    try:
        text = (_EPOCH + datetime.timedelta(seconds=seconds)).isoformat(
            timespec="minutes" if seconds % 60 == 0 else "seconds"
        )
    except OverflowError:
        return ticks
    if not rest:
        return text
    fraction = str(per_second + rest)[1:].rstrip("0")
    return f"{text if seconds % 60 else text + ':00'}.{fraction}"


def percent(share: float) -> str:
    """Return 0.0245 as "2.45%"."""
    return f"{share * 100:.2f}%"


def label_value_text(label: str, value: Any) -> str:
    """Return `cancelled` for a true label, `label = value` for any other."""
    return label if value is True else f"{label} = {'false' if value is False else value}"


def level_text(level: JoinLevel) -> str:
    """Return a level as "MQ", "missing" or "100 to 250"."""
    if level.value is None:
        return "missing"
    return str(level.value) if level.to == level.value else f"{level.value} to {level.to}"


def report_text(report: JoinReport) -> str:
    """Return the whole report."""
    lines = [_headline(report), *_row_lines(report), *_right_line(report)]
    lines += _slice_lines(report)
    lines += _counterfactual_lines(report)
    lines += _label_lines(report)
    lines += [f"! {f.text}" for f in report.findings if f.kind in ("multiplied", "set aside")]
    lines.append(f"outcome of each row in column {report.outcome}")
    if report.renamed:
        lines.append("renamed: " + ", ".join(f"{a} -> {b}" for a, b in report.renamed.items()))
    return "\n".join(lines)


def _headline(report: JoinReport) -> str:
    pairs = zip(report.left_on, report.right_on, strict=True)
    keys = ", ".join(a if a == b else f"{a} = {b}" for a, b in pairs)
    keys = f"({keys})" if len(report.left_on) > 1 else keys
    rows = f"{plural(report.left_rows, 'left row')} -> {plural(report.output_rows, 'row')}"
    return f"{report.how} join on {keys}, validate {report.validate}: {rows}"


def _row_lines(report: JoinReport) -> Iterable[str]:
    notes = {
        "multiplied": f"of these; at most {report.largest_multiplicity:,} right rows, +{report.extra_rows:,} rows",
        "key not found": f"{plural(report.distinct_keys_missed, 'distinct key')}",
        "null key": ", ".join(f"{name} {n:,}" for name, n in report.null_key_by_column.items()),
    }
    counts = {
        "matched": report.matched,
        "multiplied": report.multiplied,
        "key not found": report.key_not_found,
        "null key": report.null_key,
        "ambiguous": report.ambiguous,
    }
    for name, n in counts.items():
        if name in ("multiplied", "ambiguous") and n == 0:
            continue
        share = percent(n / report.left_rows) if report.left_rows else ""
        note = notes.get(name, "") if n else ""
        yield f"  {name:<14}{n:>12,}{share:>9}  {note}".rstrip()


def _right_line(report: JoinReport) -> Iterable[str]:
    parts = {
        "used": report.right_used,
        "unused": report.right_unused,
        "null key": report.right_null_key,
        "ambiguous": report.right_ambiguous,
    }
    said = [f"{n:,} {name}" for name, n in parts.items() if n or name == "used"]
    yield f"  {'right rows':<14}{report.right_rows:>12,}{'':>9}  {', '.join(said)}"


def _slice_lines(report: JoinReport) -> Iterable[str]:
    if not report.slices:
        return
    yield "who is unmatched, most unequal columns first"
    for one in report.slices[:3]:
        yield _fitted(f"  by {one.column}: ", _worst_levels(one))


def _fitted(start: str, parts: list[str]) -> str:
    """Return as many parts as fit a line, at least one."""
    while len(parts) > 1 and len(start + "; ".join(parts)) > _WIDTH:
        parts = parts[:-1]
    return start + "; ".join(parts)


def _worst_levels(one: JoinSlice) -> list[str]:
    worst = sorted(
        one.levels,
        key=lambda level: (-level.unmatched / level.rows, -level.rows, level_text(level)),
    )
    said: list[str] = []
    for level in worst[:3]:
        if level.unmatched == 0 and said:
            break
        said.append(
            f"{level_text(level)} {percent(level.unmatched / level.rows)} of {level.rows:,}"
        )
    return said


def _counterfactual_lines(report: JoinReport) -> Iterable[str]:
    inner, left = report.counterfactual["inner"], report.counterfactual["left"]
    if inner.rows == left.rows:
        return
    text = f"an inner join has {inner.rows:,} rows, a left join {left.rows:,}"
    if report.label is not None and inner.label_mean is not None and left.label_mean is not None:
        binary = report.to_dict()["label"]["positive"] is not None
        shown = [percent(m) if binary else f"{m:.6g}" for m in (inner.label_mean, left.label_mean)]
        text += f"; mean of {report.label} {shown[0]} and {shown[1]}"
    yield text
    missing = [
        f"{name} {percent(n / inner.rows if inner.rows else 0.0)} -> {percent(left.missing[name] / left.rows)}"
        for name, n in inner.missing.items()
    ]
    if missing:
        yield _fitted("  missing cells, inner -> left: ", missing)


def of_positive(
    rate: float, interval: tuple[float, float], lift: float, is_positive: bool
) -> tuple[float, float, float, float | None]:
    """Return rate, low, high and lift of the positive value of two, given those of one; lift None if unknown."""
    low, high = interval
    if is_positive:
        return rate, low, high, lift
    everywhere = 1 - rate / lift if lift else 0.0  # rate of the positive value among all rows
    return 1 - rate, 1 - high, 1 - low, (1 - rate) / everywhere if everywhere > 1e-12 else None


def _lift_text(lift: float | None) -> str:
    return "unknown" if lift is None else f"{lift:.2g}" if lift < 1 else f"{lift:.1f}"


def _label_lines(report: JoinReport) -> Iterable[str]:
    if report.label is not None and report.label_not_evaluated and report.unmatched:
        yield f"does being unmatched predict {report.label}? not evaluated: {report.label_not_evaluated}"
    classes = report.classes_on_label
    if not classes:
        return
    yield f"does being unmatched predict {report.label}? (rates from rows that did not choose)"
    positive = value_of(report.to_dict()["label"]["positive"])
    for c in classes:
        rate, low, high, lift = of_positive(c.rate, c.interval, c.lift, c.value == positive)
        label = label_value_text(str(report.label), positive)
        grade = {"label in disguise": "  <- LABEL IN DISGUISE", "note": "  note"}.get(c.grade, "")
        yield (
            f"  {c.row_class:<14}{label} {percent(rate)} [{percent(low)}, {percent(high)}] of "
            f"{plural(c.judged_rows, 'row')}, lift {_lift_text(lift)}{grade}"
        )
    if any(c.grade == "note" for c in classes):
        yield "  note: these rows differ from the others (p <= 0.01) on both halves of the rows"
