# SPDX-License-Identifier: Apache-2.0
"""The result of a join, typed: what happened to every row, for whom, and what the join does to the label."""

from __future__ import annotations

import html
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mlrepro._errors import SchemaError
from mlrepro._join_results import (
    JoinClassOnLabel,
    JoinCounterfactual,
    JoinFinding,
    JoinLevel,
    JoinSlice,
)
from mlrepro._join_text import report_text, value_of
from mlrepro._names import options_listed
from mlrepro._saved import open_envelope, write_text

if TYPE_CHECKING:
    from mlrepro._dataset import Dataset

__all__ = ["JoinReport"]

_FORMAT = "mlrepro.join_report"
_FIELDS = (
    "how",
    "validate",
    "on_violation",
    "left_on",
    "right_on",
    "left",
    "right",
    "fan_out",
    "counterfactual",
    "set_aside",
    "output",
    "label",
    "slices",
)


@options_listed()
@dataclass(frozen=True, eq=False, repr=False)
class JoinReport:
    """What a join did to every row. Made from counts; the same for any order of rows and any number of threads.

    Equal reports have equal JSON. ``print(report)`` and a notebook show it; `to_pandas` gives the slices.

    Attributes
    ----------
    violations : Dataset or None
        Right rows of the keys that were set aside; None for a report that was loaded from a file.
    """

    _json: str
    violations: Dataset | None = None
    _joined: Dataset | None = field(default=None)

    def __init__(
        self, text: str, *, violations: Dataset | None = None, joined: Dataset | None = None
    ) -> None:
        object.__setattr__(self, "_json", text)
        object.__setattr__(self, "violations", violations)
        object.__setattr__(self, "_joined", joined)  # explain() probes its rows

    @classmethod
    def from_json(cls, text: str) -> JoinReport:
        """Read what `to_json` wrote; FormatError on anything else."""
        open_envelope(text, _FORMAT, _FIELDS)
        return cls(text)

    @cached_property
    def _document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self._json)
        return document

    def __eq__(self, other: object) -> bool:
        return isinstance(other, JoinReport) and self._json == other._json

    def __hash__(self) -> int:
        return hash(self._json)

    def __reduce__(self) -> tuple[Any, ...]:
        return JoinReport, (self._json,)

    @property
    def how(self) -> str:
        """Kind of join: "inner", "left", "semi" or "anti"."""
        return str(self._document["how"])

    @property
    def validate(self) -> str:
        """The contract in its short form, such as "m:1"."""
        return str(self._document["validate"])

    @property
    def left_on(self) -> tuple[str, ...]:
        """Key columns of the left."""
        return tuple(self._document["left_on"])

    @property
    def right_on(self) -> tuple[str, ...]:
        """Key columns of the right."""
        return tuple(self._document["right_on"])

    @property
    def left_rows(self) -> int:
        """Rows of the left = matched + key_not_found + null_key + ambiguous."""
        return int(self._document["left"]["rows"])

    @property
    def matched(self) -> int:
        """Left rows that met at least one right row, multiplied ones included."""
        return int(self._document["left"]["matched"])

    @property
    def multiplied(self) -> int:
        """Those of them that met several right rows."""
        return int(self._document["left"]["multiplied"])

    @property
    def key_not_found(self) -> int:
        """Left rows whose key is complete and not on the right."""
        return int(self._document["left"]["key_not_found"])

    @property
    def null_key(self) -> int:
        """Left rows whose key has a missing part."""
        return int(self._document["left"]["null_key"])

    @property
    def ambiguous(self) -> int:
        """Left rows whose key broke the contract and was set aside."""
        return int(self._document["left"]["ambiguous"])

    @property
    def unmatched(self) -> int:
        """Left rows without a right row: key_not_found + null_key + ambiguous."""
        return self.left_rows - self.matched

    @property
    def distinct_keys_missed(self) -> int:
        """Distinct complete keys of the left that are not on the right."""
        return int(self._document["left"]["distinct_keys_missed"])

    @property
    def null_key_by_column(self) -> dict[str, int]:
        """Left rows in which a key column is missing, by column; a row may count in several."""
        return {k["column"]: k["rows"] for k in self._document["left"]["null_key_by_column"]}

    @property
    def right_rows(self) -> int:
        """Rows of the right = right_used + right_unused + right_null_key + right_ambiguous."""
        return int(self._document["right"]["rows"])

    @property
    def right_used(self) -> int:
        """Right rows that some left row met."""
        return int(self._document["right"]["used"])

    @property
    def right_unused(self) -> int:
        """Right rows with a complete key that no left row has."""
        return int(self._document["right"]["unused"])

    @property
    def right_null_key(self) -> int:
        """Right rows whose key has a missing part."""
        return int(self._document["right"]["null_key"])

    @property
    def right_ambiguous(self) -> int:
        """Right rows that left rows have the key of, but that were set aside."""
        return int(self._document["right"]["ambiguous"])

    @property
    def extra_rows(self) -> int:
        """Rows that multiplication adds in an inner or left join: the sum of (right rows - 1) over matched rows."""
        return int(self._document["fan_out"]["extra_rows"])

    @property
    def largest_multiplicity(self) -> int:
        """Most right rows that one left row met."""
        return int(self._document["fan_out"]["largest_multiplicity"])

    @property
    def largest_key(self) -> tuple[Any, ...] | None:
        """The (smallest) key with that many right rows; None unless a row was multiplied."""
        key = self._document["fan_out"]["largest_key"]
        return None if key is None else tuple(value_of(part) for part in key)

    @property
    def output_rows(self) -> int:
        """Rows of the result."""
        return int(self._document["output"]["rows"])

    @property
    def added(self) -> tuple[str, ...]:
        """Columns that came from the right, as they are named in the result."""
        return tuple(self._document["output"]["added"])

    @property
    def renamed(self) -> dict[str, str]:
        """Columns of the right that got the suffix: old name to new name."""
        return {r["from"]: r["to"] for r in self._document["output"]["renamed"]}

    @property
    def outcome(self) -> str:
        """Name of the outcome column."""
        return str(self._document["output"]["outcome"])

    @property
    def counterfactual(self) -> dict[str, JoinCounterfactual]:
        """What "inner" and "left" give on these tables, from the counts of this join."""
        return {
            how: JoinCounterfactual(
                given["rows"],
                given["label_mean"],
                {m["column"]: m["missing"] for m in given["missing"]},
            )
            for how, given in self._document["counterfactual"].items()
        }

    @property
    def label(self) -> str | None:
        """The label column; None if the left declares none."""
        name = self._document["label"]["column"]
        return None if name is None else str(name)

    @property
    def label_not_evaluated(self) -> str | None:
        """Why `classes_on_label` says nothing; None if it was evaluated."""
        why = self._document["label"]["not_evaluated"]
        return None if why is None else str(why)

    @property
    def classes_on_label(self) -> tuple[JoinClassOnLabel, ...]:
        """How each class of unmatched rows goes with a label of two values, judged on rows that did not choose it."""
        return tuple(
            JoinClassOnLabel(
                row_class=c["class"],
                rows=c["rows"],
                positives=c["positives"],
                chosen=c["chosen"],
                value=value_of(c["value"]),
                judged_rows=c["judged_rows"],
                judged_with_value=c["judged_with_value"],
                rate=float(c["rate"]),
                interval=(float(c["interval"][0]), float(c["interval"][1])),
                lift=float(c["lift"]),
                log_p=float(c["log_p"]),
                grade=c["grade"],
            )
            for c in self._document["label"]["classes"]
        )

    @property
    def slices(self) -> tuple[JoinSlice, ...]:
        """Left columns whose levels fare most unequally, the most unequal first; at most eight."""
        return tuple(
            JoinSlice(
                s["column"],
                s["binned"],
                float(s["chi_square"]),
                s["df"],
                tuple(_level(level) for level in s["levels"]),
            )
            for s in self._document["slices"]
        )

    @property
    def findings(self) -> tuple[JoinFinding, ...]:
        """What deserves a look; empty if nothing does."""
        found = [
            JoinFinding(c.grade, _label_sentence(c, self.label))
            for c in self.classes_on_label
            if c.grade
        ]
        found.sort(key=lambda f: f.kind != "label in disguise")
        if self.extra_rows and self.how in ("inner", "left"):
            found.append(
                JoinFinding(
                    "multiplied",
                    f"{self.multiplied:,} left rows met several right rows, which adds {self.extra_rows:,} rows.",
                )
            )
        if self.ambiguous:
            found.append(
                JoinFinding(
                    "set aside",
                    f"{self.ambiguous:,} left rows have a key that breaks validate='{self.validate}'; "
                    "their right columns are missing.",
                )
            )
        return tuple(found)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain dicts and lists, as in its JSON."""
        document: dict[str, Any] = json.loads(self._json)
        return document

    def to_json(self) -> str:
        """Return the report as canonical JSON, format ``mlrepro.join_report``."""
        return self._json

    def to_text(self) -> str:
        """Return the report as about fifteen lines for a terminal of 100 columns."""
        return report_text(self)

    def to_pandas(self) -> Any:
        """Return the slices as a pandas DataFrame: one row a level of each slice column.

        Returns
        -------
        pandas.DataFrame
            Columns: column, level (text), rows, matched, multiplied, key_not_found, null_key, ambiguous,
            matched_share, matched_low, matched_high (Wilson, 95%).
        """
        import pandas as pd

        from mlrepro._join_text import level_text

        rows = [
            {
                "column": s.column,
                "level": level_text(level),
                "rows": level.rows,
                "matched": level.matched,
                "multiplied": level.multiplied,
                "key_not_found": level.key_not_found,
                "null_key": level.null_key,
                "ambiguous": level.ambiguous,
                "matched_share": level.matched / level.rows,
                "matched_low": level.intervals["matched"][0],
                "matched_high": level.intervals["matched"][1],
            }
            for s in self.slices
            for level in s.levels
        ]
        return pd.DataFrame(rows, columns=_PANDAS_COLUMNS)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the JSON to a file; ``mr.load(path)`` reads it (without `violations`). FileError if it cannot be written."""
        write_text(self._json, path)

    def __repr__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.to_text())}</pre>"


_PANDAS_COLUMNS = [
    "column",
    "level",
    "rows",
    "matched",
    "multiplied",
    "key_not_found",
    "null_key",
    "ambiguous",
    "matched_share",
    "matched_low",
    "matched_high",
]


def _level(level: Mapping[str, Any]) -> JoinLevel:
    intervals = {
        name.removesuffix("_interval"): (float(pair[0]), float(pair[1]))
        for name, pair in level.items()
        if name.endswith("_interval")
    }
    value = value_of(level["value"])
    return JoinLevel(
        value,
        value_of(level["to"]) if "to" in level else value,
        level["rows"],
        level["matched"],
        level["multiplied"],
        level["key_not_found"],
        level["null_key"],
        level["ambiguous"],
        intervals,
    )


def _label_sentence(c: JoinClassOnLabel, label: str | None) -> str:
    from mlrepro._join_text import label_value_text, percent

    if label is None:
        raise SchemaError("a class on the label without a label.", next_step="Load another report.")
    low, high = c.interval
    return (
        f"{c.row_class} rows ({c.rows:,}): {label_value_text(label, c.value)} {percent(c.rate)} "
        f"[{percent(low)}, {percent(high)}] of {c.judged_rows:,} judged rows, {c.lift:.1f} times all rows."
    )
