# SPDX-License-Identifier: Apache-2.0
"""The schema of a Dataset as a small readable table."""

from __future__ import annotations

import dataclasses
import html
import json
from collections.abc import Iterator
from typing import Any

from mlrepro import _core
from mlrepro._errors import ColumnNotFoundError
from mlrepro._names import did_you_mean, listed

__all__ = ["Field", "Schema", "html_table", "text_table"]


@dataclasses.dataclass(frozen=True)
class Field:
    """One column: its name, type, role ("" for a feature) and what is missing in it."""

    name: str
    type: str
    role: str = ""
    n_null: int = 0
    n_nan: int = 0
    n_inf: int = 0
    n_levels: int | None = None
    ordered: bool | None = None


class Schema:
    """Columns of a Dataset in order: a sequence of `Field`, also indexed by name."""

    def __init__(self, fields: tuple[Field, ...], n_rows: int) -> None:
        self.fields = fields
        self.n_rows = n_rows

    @classmethod
    def _of(cls, data: _core.Dataset) -> Schema:
        held = json.loads(data.schema_json())
        return cls(tuple(Field(**column) for column in held["columns"]), held["n_rows"])

    def __len__(self) -> int:
        return len(self.fields)

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields)

    def __getitem__(self, key: str | int) -> Field:
        if isinstance(key, int):
            return self.fields[key]
        for field in self.fields:
            if field.name == key:
                return field
        names = [f.name for f in self.fields]
        raise ColumnNotFoundError(
            f"there is no column {key!r}; the columns are {listed(names)}.",
            column=key,
            next_step=did_you_mean(key, names) or "Name one of these.",
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Schema):
            return NotImplemented
        return (self.fields, self.n_rows) == (other.fields, other.n_rows)

    __hash__ = None  # type: ignore[assignment]

    def rows(self) -> list[tuple[str, ...]]:
        """Return the table's cells as text, the header first."""
        header = ("column", "type", "role", "missing")
        return [header, *((f.name, _type_text(f), f.role, _missing_text(f)) for f in self.fields)]

    def to_text(self) -> str:
        """Return the schema as a text table."""
        return "\n".join(text_table(self.rows()))

    def to_dict(self) -> dict[str, Any]:
        """Return the schema as plain Python values."""
        return {"n_rows": self.n_rows, "columns": [dataclasses.asdict(f) for f in self.fields]}

    def to_pandas(self) -> Any:
        """Return one row a column, as a pandas.DataFrame."""
        import pandas as pd

        return pd.DataFrame([dataclasses.asdict(f) for f in self.fields])

    __repr__ = to_text

    def _repr_html_(self) -> str:
        return html_table(self.rows())


def _type_text(field: Field) -> str:
    if field.n_levels is None:
        return field.type
    return f"{field.type} ({field.n_levels:,} levels{', ordered' if field.ordered else ''})"


def _missing_text(field: Field) -> str:
    counts = [(field.n_null, "null"), (field.n_nan, "NaN"), (field.n_inf, "inf")]
    return ", ".join(f"{n:,} {what}" for n, what in counts if n)


def text_table(rows: list[tuple[str, ...]], limit: int = 40) -> list[str]:
    """Lay cells out in columns; text longer than `limit` is cut."""
    cut = [[c if len(c) <= limit else c[: limit - 1] + "…" for c in row] for row in rows]
    widths = [max(len(row[j]) for row in cut) for j in range(len(cut[0]))]
    return ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cut]


def html_table(rows: list[tuple[str, ...]], caption: str = "") -> str:
    """Lay cells out as an HTML table, escaped; the first row is the header."""

    def line(row: tuple[str, ...], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{html.escape(c)}</{tag}>" for c in row) + "</tr>"

    head, *body = rows
    title = f"<caption>{html.escape(caption)}</caption>" if caption else ""
    lines = "".join(line(row, "td") for row in body)
    return f"<table>{title}<thead>{line(head, 'th')}</thead><tbody>{lines}</tbody></table>"
