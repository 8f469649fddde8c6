# SPDX-License-Identifier: Apache-2.0
"""The result of `mr.evaluate`: metrics with intervals, and the difference of two models."""

from __future__ import annotations

import html
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mlrepro._errors import ColumnNotFoundError
from mlrepro._exact import exact_double
from mlrepro._names import plural
from mlrepro._saved import open_envelope, write_text

__all__ = ["Estimate", "Evaluation", "MetricResult"]

_FORMAT = "mlrepro.evaluation"
_FIELDS = (
    "metrics",
    "rows",
    "rows_without_label",
    "rows_positive",
    "draws",
    "seed",
    "alpha",
)


@dataclass(frozen=True)
class Estimate:
    """A value with its interval; NaN where it is unknown.

    Attributes
    ----------
    value, low, high : float
        In the unit of the metric.
    """

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{_number(self.value)} [{_number(self.low)}, {_number(self.high)}]"


@dataclass(frozen=True)
class MetricResult:
    """One metric of one model, or of two on the same rows.

    Attributes
    ----------
    metric : str
        Its name.
    value, low, high : float
        Of the prediction.
    compare : Estimate or None
        Of the model given as ``compare=``.
    difference : Estimate or None
        Prediction minus compare, from the same draws: what both models share cancels.
    draws : int
        Draws of the bootstrap in which the metric is defined.
    """

    metric: str
    value: float
    low: float
    high: float
    compare: Estimate | None
    difference: Estimate | None
    draws: int

    @property
    def beyond_noise(self) -> bool | None:
        """Whether the interval of the difference leaves 0 out; None without ``compare=`` or without an interval."""
        if self.difference is None or self.difference.low != self.difference.low:
            return None
        return self.difference.low > 0 or self.difference.high < 0

    def __str__(self) -> str:
        return f"{self.metric} {Estimate(self.value, self.low, self.high)}"


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Metrics with intervals: a table with one row a metric.

    ``evaluation["roc_auc"].value`` picks one; iterating gives all, in the order asked for.

    Attributes
    ----------
    metrics : tuple of MetricResult
    rows, rows_without_label : int
        Rows given, and those left out because they have no label.
    rows_positive : int or None
        Rows with label 1, where a metric asked for two classes.
    draws, seed, alpha
        Of the bootstrap; intervals are of 1 - alpha.
    """

    metrics: tuple[MetricResult, ...]
    rows: int
    rows_without_label: int
    rows_positive: int | None
    draws: int
    seed: int
    alpha: float
    _json: str

    @classmethod
    def from_json(cls, text: str) -> Evaluation:
        """Read what `to_json` wrote; FormatError on anything else."""
        document = open_envelope(text, _FORMAT, _FIELDS)
        return cls(
            metrics=tuple(_metric(m) for m in document["metrics"]),
            rows=document["rows"],
            rows_without_label=document["rows_without_label"],
            rows_positive=document["rows_positive"],
            draws=document["draws"],
            seed=int(document["seed"]),
            alpha=exact_double(document["alpha"]),
            _json=text,
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Evaluation):
            return NotImplemented
        return self._json == other._json  # an unknown bound is NaN, which equals no other

    def __hash__(self) -> int:
        return hash(self._json)

    def __getitem__(self, metric: str) -> MetricResult:
        for result in self.metrics:
            if result.metric == metric:
                return result
        names = ", ".join(m.metric for m in self.metrics)
        raise ColumnNotFoundError(
            f"{metric!r} was not evaluated; there are {names}.",
            next_step="Ask for it in metrics=.",
        )

    def __iter__(self) -> Iterator[MetricResult]:
        return iter(self.metrics)

    def __len__(self) -> int:
        return len(self.metrics)

    def __repr__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        head, *body = self._cells()
        top = "".join(f"<th>{html.escape(c)}</th>" for c in head)
        rows = "".join(
            "<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in row) + "</tr>" for row in body
        )
        notes = "".join(f"<p>{html.escape(note)}</p>" for note in self._notes())
        return f"<table><thead><tr>{top}</tr></thead><tbody>{rows}</tbody></table>{notes}"

    def to_text(self) -> str:
        """The table and its footnotes as plain text."""
        cells = self._cells()
        widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
        lines = [
            "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip()
            for row in cells
        ]
        return "\n".join([*lines, *self._notes()])

    def to_json(self) -> str:
        """Canonical JSON; floats keep their bits, so that equal results have equal bytes."""
        return self._json

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers: ``{"rows": ..., "metrics": {"roc_auc": {"value": ..., "low": ..., ...}}}``."""
        return {
            "rows": self.rows,
            "rows_without_label": self.rows_without_label,
            "rows_positive": self.rows_positive,
            "draws": self.draws,
            "seed": self.seed,
            "alpha": self.alpha,
            "metrics": {
                m.metric: {k: v for k, v in self._row(m).items() if k != "metric"}
                for m in self.metrics
            },
        }

    def to_pandas(self) -> Any:
        """One row a metric: metric, value, low, high, with ``compare=`` also its own and the difference's, draws."""
        import pandas as pd

        return pd.DataFrame([self._row(m) for m in self.metrics])

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write `to_json` to a file; ``mr.load(path)`` reads it; FileError if it cannot be written."""
        write_text(self._json, path)

    @property
    def compared(self) -> bool:
        """Whether two models were judged."""
        return any(m.compare is not None for m in self.metrics)

    def _row(self, result: MetricResult) -> dict[str, Any]:
        row: dict[str, Any] = {
            "metric": result.metric,
            "value": result.value,
            "low": result.low,
            "high": result.high,
        }
        for name, estimate in (("compare", result.compare), ("difference", result.difference)):
            if estimate is not None:
                row |= {
                    name: estimate.value,
                    f"{name}_low": estimate.low,
                    f"{name}_high": estimate.high,
                }
        return row | {"draws": result.draws}

    def _cells(self) -> list[list[str]]:
        interval = f"{_percent(1 - self.alpha)} interval"
        head = ["metric", "value", interval]
        if self.compared:
            head += ["compare", interval, "difference", interval, ""]
        rows = [head]
        for m in self.metrics:
            row = [m.metric, _number(m.value), _interval(m.low, m.high)]
            for estimate in (m.compare, m.difference):
                if estimate is not None:
                    row += [_number(estimate.value), _interval(estimate.low, estimate.high)]
            if self.compared:
                row.append({True: "beyond noise", False: "within noise", None: ""}[m.beyond_noise])
            rows.append(row)
        return rows

    def _notes(self) -> list[str]:
        judged = self.rows - self.rows_without_label
        note = f"{plural(judged, 'row')} judged"
        if self.rows_positive is not None:
            note += f", {self.rows_positive:,} with label 1"
        if self.rows_without_label:
            note += f"; {plural(self.rows_without_label, 'row')} without a label left out"
        notes = [note + "."]
        if self.draws:
            notes.append(
                f"Intervals: {self.draws:,} draws of a bootstrap by row identity, seed {self.seed}."
            )
        undefined = [m for m in self.metrics if 0 < m.draws < self.draws]
        notes += [f"{m.metric}: {self.draws - m.draws:,} draws lacked a class." for m in undefined]
        return notes


def _estimate(cell: dict[str, Any] | None) -> Estimate | None:
    return (
        None
        if cell is None
        else Estimate(*(exact_double(cell[k]) for k in ("value", "low", "high")))
    )


def _metric(cell: dict[str, Any]) -> MetricResult:
    own = cell["prediction"]
    return MetricResult(
        metric=cell["metric"],
        value=exact_double(own["value"]),
        low=exact_double(own["low"]),
        high=exact_double(own["high"]),
        compare=_estimate(cell["compare"]),
        difference=_estimate(cell["difference"]),
        draws=cell["draws"],
    )


def _number(x: float) -> str:
    if x != x:
        return "unknown"
    if x != 0 and (abs(x) < 0.001 or abs(x) >= 1e6):
        return f"{x:.4g}"
    return f"{x:,.4f}"


def _interval(low: float, high: float) -> str:
    return "unknown" if low != low else f"{_number(low)} to {_number(high)}"


def _percent(share: float) -> str:
    return f"{round(100 * share, 6):g}%"
