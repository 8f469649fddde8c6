# SPDX-License-Identifier: Apache-2.0
"""What a fitted probe says, typed: the table of its leaves and the blocks of columns that are missing together."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, overload

import numpy as np

from mlrepro._dataset import Dataset
from mlrepro._schema import html_table, text_table

__all__ = ["ClassLeaf", "Leaf", "Leaves", "MissingBlock", "missing_blocks"]

_COLUMNS = (
    "leaf",
    "rule",
    "rows",
    "rows_judged",
    "mean",
    "low",
    "high",
    "lift",
    "share",
    "p_value",
    "replicated",
)
_TEXTS = ("rule", "most_common", "stands_out")


@dataclass(frozen=True)
class Leaf:
    """One leaf: the rows that its rule selects.

    Attributes
    ----------
    leaf : int
        Its number, as `DecisionTreeProbe.apply` gives it.
    rule : str
        The condition that selects its rows, for people.
    rows, rows_judged : int
        Fitted rows with a target, and those of them that did not choose the splits.
    mean, low, high : float
        Of the target over the judged rows, with its 95% interval; NaN without judged rows.
    lift : float
        `mean` over the mean of all judged rows.
    share : float
        Share of the judged sum of the target.
    p_value : float
        Against all other judged rows, adjusted over the leaves (Holm).
    replicated : bool
        ``p_value < alpha``, and on the same side of the overall mean as in the rows that chose.
    """

    leaf: int
    rule: str
    rows: int
    rows_judged: int
    mean: float
    low: float
    high: float
    lift: float
    share: float
    p_value: float
    replicated: bool

    def _row(self) -> dict[str, Any]:
        """Return a row of the table of leaves."""
        return {name: getattr(self, name) for name in _COLUMNS}


@dataclass(frozen=True)
class ClassLeaf(Leaf):
    """A leaf where the target has classes. The rows that chose the splits also choose two classes of each leaf.

    `mean`, `low` and `high` are the share of `most_common` among the judged rows of the leaf, `lift` is that over its
    share of all judged rows, and `share` how much of its judged rows falls here. `p_value` compares the shares of all
    classes (X^2), and `replicated` asks that the judged rows have more of `stands_out` than expected too.

    Attributes
    ----------
    most_common : str
        The most common class of the leaf.
    stands_out : str or None
        The class with the most rows more than expected; None where no row chose.
    class_rows : dict of str to int
        Judged rows of each class.
    """

    most_common: str
    stands_out: str | None
    class_rows: Mapping[str, int] = field(hash=False)

    def _row(self) -> dict[str, Any]:
        counts = {f"n_{name}": rows for name, rows in self.class_rows.items()}
        both = {"most_common": self.most_common, "stands_out": self.stands_out}
        return {**super()._row(), **both, **counts}


class Leaves(Sequence[Leaf]):
    """Leaves of a probe, highest mean first; leaves without judged rows come last.

    A sequence of `Leaf`; as a table it goes to pandas, polars (``pl.DataFrame(leaves)``), pyarrow and DuckDB. Of a target
    with classes the table has `most_common`, `stands_out` and the judged rows of each class, ``n_<class>``, as well.
    """

    def __init__(self, leaves: Sequence[Leaf], *, in_sample: bool) -> None:
        self._leaves = tuple(
            sorted(
                leaves,
                key=lambda x: (math.isnan(x.mean), -x.mean if x.mean == x.mean else 0.0, x.leaf),
            )
        )
        self._in_sample = in_sample

    @property
    def in_sample(self) -> bool:
        """Whether the figures are of the rows that chose the splits."""
        return self._in_sample

    @overload
    def __getitem__(self, index: int) -> Leaf: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Leaf, ...]: ...
    def __getitem__(self, index: int | slice) -> Leaf | tuple[Leaf, ...]:
        return self._leaves[index]

    def __len__(self) -> int:
        return len(self._leaves)

    def __iter__(self) -> Iterator[Leaf]:
        return iter(self._leaves)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Leaves):
            return NotImplemented
        return repr(self._leaves) == repr(other._leaves) and self._in_sample == other._in_sample

    __hash__ = None  # type: ignore[assignment]

    def to_dict(self) -> dict[str, list[Any]]:
        """Return the columns by name."""
        rows = [leaf._row() for leaf in self._leaves]
        return {name: [row[name] for row in rows] for name in rows[0]}

    def to_json(self) -> str:
        """Return the leaves as a JSON array; NaN becomes null."""
        rows = [
            {
                k: None if isinstance(v, float) and not math.isfinite(v) else v
                for k, v in leaf._row().items()
            }
            for leaf in self._leaves
        ]
        return json.dumps(rows, ensure_ascii=False)

    def _dataset(self) -> Dataset:
        return Dataset({name: _as_array(name, values) for name, values in self.to_dict().items()})

    def to_pandas(self) -> Any:
        """Return a pandas.DataFrame, one row a leaf."""
        import pandas as pd

        return pd.DataFrame(self.to_dict())

    def to_polars(self) -> Any:
        """Return a polars.DataFrame, one row a leaf."""
        return self._dataset().to_polars()

    def to_arrow(self) -> Any:
        """Return a pyarrow.Table, one row a leaf."""
        return self._dataset().to_arrow()

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        return self._dataset().__arrow_c_stream__(requested_schema)

    def _title(self) -> str:
        whose = (
            "in-sample: these rows chose the splits"
            if self._in_sample
            else "figures of the judged rows"
        )
        return f"{len(self):,} {'leaf' if len(self) == 1 else 'leaves'}, {whose}"

    def _rows(self) -> list[tuple[str, ...]]:
        columns = self.to_dict()
        shown: list[tuple[str, ...]] = [tuple(columns)]
        shown += [tuple(map(_cell, row)) for row in zip(*columns.values(), strict=True)]
        return shown

    def to_text(self) -> str:
        """Return the table as text; long rules are cut, `to_pandas` has them whole."""
        return "\n".join([self._title(), *text_table(self._rows())])

    __repr__ = to_text

    def _repr_html_(self) -> str:
        return html_table(self._rows(), self._title())


def _as_array(name: str, values: list[Any]) -> np.ndarray[Any, Any]:
    if name not in _TEXTS:
        return np.array(values)
    texts = np.empty(len(values), dtype=object)
    texts[:] = values
    return texts


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


@dataclass(frozen=True, repr=False)
class MissingBlock:
    """Columns that are missing on exactly the same rows, and what the target is there.

    Attributes
    ----------
    columns : tuple of str
    rows : int
        Rows of the fitted table where they are missing.
    rows_judged, mean, low, high : int, float, float, float
        Judged rows where they are missing, the target's mean over them and its 95% interval.
    rows_elsewhere, mean_elsewhere : int, float
        The same of the judged rows where they are present.
    log_p : float
        Natural log of the p-value of missing against present.
    also_missing : tuple of str
        Columns that are missing wherever these are, and on other rows too.
    who : str
        The population for which they are missing, as a rule; empty where none was found.
    stands_out : str or None
        Of a target with classes: the one whose shares `mean` and `mean_elsewhere` are; the rows that chose the splits
        chose it.
    """

    columns: tuple[str, ...]
    rows: int
    rows_judged: int
    mean: float
    low: float
    high: float
    rows_elsewhere: int
    mean_elsewhere: float
    log_p: float
    also_missing: tuple[str, ...]
    who: str
    stands_out: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields by name."""
        return asdict(self)

    def __repr__(self) -> str:
        names = ", ".join(self.columns)
        together = " missing together" if len(self.columns) > 1 else " missing"
        text = (
            f"{names}{together} on {self.rows:,} rows: {self.stands_out or 'mean'} {self.mean:.4g} [{self.low:.4g}, {self.high:.4g}] on "
            f"{self.rows_judged:,} judged rows, {self.mean_elsewhere:.4g} on {self.rows_elsewhere:,} others"
        )
        if self.who:
            text += f"; where {self.who}"
        if self.also_missing:
            text += f"; also missing there: {', '.join(self.also_missing)}"
        return text


def missing_blocks(tree: Mapping[str, Any]) -> tuple[MissingBlock, ...]:
    """Read the blocks of a tree's JSON (numbers made plain), best test first."""
    return tuple(
        MissingBlock(
            columns=tuple(block["columns"]),
            rows=block["n_missing"],
            rows_judged=block["inside"]["n"],
            mean=block["inside"]["mean"],
            low=block["low"],
            high=block["high"],
            rows_elsewhere=block["outside"]["n"],
            mean_elsewhere=block["outside"]["mean"],
            log_p=block["log_p"],
            also_missing=tuple(block["also_missing"]),
            who=block["who"],
            stands_out=tree["classes"][block["stands_out"]] if "stands_out" in block else None,
        )
        for block in tree["blocks"]
    )
