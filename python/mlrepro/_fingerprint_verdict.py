# SPDX-License-Identifier: Apache-2.0
"""What differs between two tables, in words."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlrepro import _core
from mlrepro._errors import FormatError
from mlrepro._load import register
from mlrepro._saved import open_envelope, write_text

__all__ = ["Verdict"]

_VERDICT_FIELDS = {
    "kind": str,
    "text": str,
    "same": bool,
    "notes": list,
    "columns": dict,
    "rows": dict,
}
_KINDS = frozenset(_core.verdict_kinds())


def _check_verdict(held: Mapping[str, Any]) -> None:
    wrong = next((n for n, t in _VERDICT_FIELDS.items() if not isinstance(held[n], t)), None)
    if wrong is None and held["kind"] not in _KINDS:
        wrong = "kind"
    identical = held["kind"] == "identical"
    if wrong is None and (held["same"] != identical or identical != _says_identical(held["text"])):
        wrong = "same"
    if wrong is not None:
        raise FormatError(
            f"the verdict is damaged: field {wrong!r} is {str(held[wrong])[:40]!r}.",
            next_step="Pass what save or to_json wrote, unchanged.",
        )


def _says_identical(text: str) -> bool:
    return text.partition(";")[0] == "identical"


@dataclass(frozen=True, repr=False)
class Verdict:
    """What differs between two tables; `repr` is the words.

    Attributes
    ----------
    kind : str
        not_comparable, identical, same_values, same_rows, row_order, re_paired, columns, stacked, rows_added,
        rows_removed, appended, truncated or changed.
    text : str
        The words: "only row order", "dtype only: int64 -> float64 (x)", "3 rows changed in dep_time".
    notes : list of dict
        Differences that are not of values: what (dtype, unit, time zone, null form, -0.0, category order, unused
        categories, column order), column, a, b.
    columns : dict
        Names by what became of them: changed, moved (the same values in another order), added, removed, renamed
        (pairs).
    rows : dict
        a and b (counts), ranges [begin, end) that hold every difference; with both tables at hand also paired_by
        (key, position, values) and changed, added, removed: each count and at most 100 examples.
    """

    kind: str
    text: str
    notes: list[dict[str, str]]
    columns: dict[str, list[Any]]
    rows: dict[str, Any]
    _json: str = field(compare=False)

    @classmethod
    def from_json(cls, text: str) -> Verdict:
        """Read what `to_json` wrote; FormatError otherwise."""
        held = open_envelope(text, "mlrepro.verdict", _VERDICT_FIELDS)
        _check_verdict(held)
        return cls(held["kind"], held["text"], held["notes"], held["columns"], held["rows"], text)

    @property
    def same(self) -> bool:
        """True if the tables are identical: values, order of rows and columns, schema."""
        return self.kind == "identical"

    def to_text(self) -> str:
        """Return the words."""
        return self.text

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain Python objects."""
        return dict(json.loads(self._json))

    def to_json(self) -> str:
        """Return canonical JSON, format "mlrepro.verdict"."""
        return self._json

    def to_pandas(self) -> Any:
        """Return the named rows, the first 100 of each kind, as a pandas.DataFrame: what, row_a, row_b, key, columns."""
        import pandas as pd

        found = [
            {"what": what, **example, "columns": ", ".join(example.get("columns", []))}
            for what in ("changed", "added", "removed")
            for example in self.rows.get(what, {}).get("examples", [])
        ]
        frame = pd.DataFrame(found, columns=["what", "row_a", "row_b", "key", "columns"])
        return frame.astype({"row_a": "Int64", "row_b": "Int64"})

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write `to_json` to a file; ``mr.load`` reads it."""
        write_text(self.to_json(), path)

    def __repr__(self) -> str:
        return self.text


register("mlrepro.verdict", Verdict.from_json)
