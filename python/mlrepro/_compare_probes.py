# SPDX-License-Identifier: Apache-2.0
"""Do two fitted probes say the same? Their partitions of the same rows, their leaves in pairs, their nodes one by one."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from mlrepro._compare_leaves import LeafPair, leaf_pairs
from mlrepro._compare_nodes import NodeComparison, compared_nodes
from mlrepro._compare_pairs import adjusted_rand, cross_table
from mlrepro._compare_probes_text import comparison_text
from mlrepro._dataset import as_dataset
from mlrepro._errors import ArgumentError, FormatError, InputTypeError, SchemaError
from mlrepro._exact import canonical_text, plain
from mlrepro._load import register
from mlrepro._names import options_listed
from mlrepro._probe import DecisionTreeProbe
from mlrepro._probe_settings import needed
from mlrepro._saved import SavedResult, open_envelope

__all__ = ["ProbeComparison", "compare_probes"]

_FORMAT = "mlrepro.probe_comparison"
_SETTINGS = (
    "target",
    "binary",
    "in_sample",
    "n_rows",
    "max_depth",
    "min_samples_leaf",
    "selection",
    "alpha",
    "seed",
    "features",
    "exclude",
)
_FIELDS = (
    "adjusted_rand",
    "agreement",
    "differences",
    "first",
    "n_rows",
    "nodes",
    "pairs",
    "rows_paired",
    "second",
    "table",
)


class ProbeComparison(SavedResult):
    """What `compare_probes` found; `repr` is the words.

    Attributes
    ----------
    first, second : DecisionTreeProbe
        As they were when they were compared.
    n_rows, rows_paired : int
        Compared rows, and those of them whose two leaves are a pair.
    agreement : float
        ``rows_paired / n_rows``, of the one-to-one pairing of leaves that makes it largest.
    adjusted_rand : float
        Of the two partitions (Hubert and Arabie 1985): 1 if they are equal, about 0 if one says nothing of the other.
    table : array of int64, shape (leaves of first, leaves of second)
        Compared rows by leaf of each.
    pairs : tuple of LeafPair
        By leaf of the first probe.
    unpaired : tuple of (tuple of int, tuple of int)
        Leaves of the first and of the second probe without a partner.
    nodes : tuple of NodeComparison
        Nodes that both trees have, breadth first, down to where they part.
    first_difference : NodeComparison or None
        The first of them where the trees part; None: the trees ask the same.
    differences : dict of str to (object, object)
        Settings, target and fitted rows in which the probes differ, of the first and of the second.
    """

    if TYPE_CHECKING:  # attached by _compose.py: pages belong to a later room

        def to_html(self, path: str | os.PathLike[str] | None = None) -> str | None: ...

    def __init__(self, first: DecisionTreeProbe, second: DecisionTreeProbe, table: Any) -> None:
        self.first, self.second = copy.copy(first), copy.copy(second)
        self.table: np.ndarray[Any, Any] = table
        table.flags.writeable = False
        self.n_rows = int(table.sum())
        self.adjusted_rand = adjusted_rand(table.tolist())
        self.pairs = tuple(leaf_pairs(first, second, table))
        self.rows_paired = sum(pair.rows for pair in self.pairs)
        self.agreement = self.rows_paired / self.n_rows
        trees = [json.loads(probe.to_json()) for probe in (first, second)]
        self.nodes = tuple(compared_nodes(trees[0], trees[1]))
        said = [
            {**{name: plain(tree[name]) for name in _SETTINGS}, "classes": tree.get("classes", [])}
            for tree in trees
        ]
        self.differences = {
            name: (value, said[1][name])
            for name, value in said[0].items()
            if value != said[1][name]
        }

    @classmethod
    def from_json(cls, text: str) -> ProbeComparison:
        """Read what `to_json` wrote; FormatError otherwise."""
        held = open_envelope(text, _FORMAT, _FIELDS)
        first, second = _saved_probe(held["first"]), _saved_probe(held["second"])
        shape = (first.tree.n_leaves, second.tree.n_leaves)
        made = cls(first, second, _saved_table(held["table"], *shape))
        for name, value in json.loads(made.to_json()).items():
            if name not in ("first", "second") and held[name] != value:
                raise FormatError(
                    f"{_FORMAT}: {name} contradicts the table and the trees.",
                    next_step="Comparisons cannot be edited in a saved file: compare the probes again.",
                )
        return made

    @property
    def unpaired(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Leaves without a partner, of the first and of the second probe."""
        first, second = {p.first for p in self.pairs}, {p.second for p in self.pairs}
        return (
            tuple(i for i in range(self.table.shape[0]) if i not in first),
            tuple(j for j in range(self.table.shape[1]) if j not in second),
        )

    @property
    def first_difference(self) -> NodeComparison | None:
        """The first node, breadth first, where the trees part."""
        return next((node for node in self.nodes if node.differs), None)

    def to_pandas(self) -> Any:
        """Return one row a pair of leaves: the fields of `LeafPair`."""
        import pandas as pd

        rows = [asdict(pair) for pair in self.pairs]
        return pd.DataFrame(rows, columns=list(LeafPair.__dataclass_fields__))

    def to_text(self) -> str:
        """Return what agrees, where the trees part, the pairs of leaves and the cross table."""
        return comparison_text(self)

    def to_json(self) -> str:
        """Return canonical JSON, format "mlrepro.probe_comparison"; equal comparisons give equal bytes."""
        return self._json(*(probe.to_json() for probe in (self.first, self.second)))

    def _json(self, first: str, second: str) -> str:
        fields = {
            "adjusted_rand": self.adjusted_rand,
            "agreement": self.agreement,
            "canon": 1,
            "differences": self.differences,
            "first": None,
            "format": _FORMAT,
            "n_rows": self.n_rows,
            "nodes": [asdict(node) for node in self.nodes],
            "pairs": [asdict(pair) for pair in self.pairs],
            "rows_paired": self.rows_paired,
            "second": None,
            "table": self.table.tolist(),
            "version": 1,
        }
        texts = {name: canonical_text(value) for name, value in fields.items()}
        texts |= {"first": first, "second": second}
        return "{" + ",".join(f'"{name}":{text}' for name, text in texts.items()) + "}"

    def _saved_json(self) -> str:
        return self._json(*(probe._saved_json() for probe in (self.first, self.second)))


def _saved_probe(tree: Any) -> DecisionTreeProbe:
    if not isinstance(tree, Mapping):
        raise FormatError(f"{_FORMAT}: a tree is {tree!r}.", next_step="Save it again.")
    return DecisionTreeProbe._from_json(json.dumps(tree, ensure_ascii=False))


def _saved_table(rows: Any, n_first: int, n_second: int) -> np.ndarray[Any, Any]:
    good = isinstance(rows, list) and len(rows) == n_first
    good = good and all(isinstance(row, list) and len(row) == n_second for row in rows)
    good = good and all(type(n) is int and 0 <= n < 2**40 for row in rows for n in row)
    if not good or not any(map(any, rows)):
        raise FormatError(
            f"{_FORMAT}: table does not hold the rows of {n_first} by {n_second} leaves.",
            next_step="Save it again.",
        )
    return np.array(rows, dtype=np.int64)


@options_listed(
    second="Pass second= the other fitted probe.",
    rows="Pass rows= a table that both probes can be applied to.",
)
def compare_probes(
    first: DecisionTreeProbe, second: DecisionTreeProbe, rows: Any
) -> ProbeComparison:
    """Say whether two fitted probes say the same: last month's and this month's, two seeds, the errors of two models.

    Both are applied to the same rows. Leaves are paired one to one so that the most rows lie in pairs; the figures of
    each pair are those that the probes hold, of the rows that they were fitted on.

    Parameters
    ----------
    first, second : DecisionTreeProbe
        Fitted, or loaded.
    rows : Dataset or any frame, n_rows rows
        Needs the columns that the splits of either use.

    Returns
    -------
    ProbeComparison

    Raises
    ------
    InputTypeError, ArgumentError
        Not a `DecisionTreeProbe`, or not fitted.
    ColumnNotFoundError, SchemaError
        A column that a split uses is gone, or of another class of values; no rows.

    Notes
    -----
    O(n_rows * depth + leaves^3). Counts are integers, the index is rounded once, and ties are settled by the number of
    the leaf: the same rows in any order, with any number of threads, give the same bytes.

    Examples
    --------
    >>> import mlrepro as mr, numpy as np
    >>> x = np.arange(400)
    >>> june, july = (mr.DecisionTreeProbe(max_depth=1).fit({"x": x}, x >= n) for n in (200, 220))
    >>> found = mr.compare_probes(june, july, {"x": x})
    >>> found.agreement, found.first_difference.how
    (0.95, 'other threshold')
    """
    probes = {"first": first, "second": second}
    for name, probe in probes.items():
        _check_fitted(name, probe)
        probe._check_width(rows)
    columns = {name for probe in probes.values() for name, _ in probe.tree.columns}
    data = as_dataset(needed(rows, sorted(columns)))
    if len(data) == 0:
        raise SchemaError(
            "rows holds no row to compare the probes on.",
            next_step="Pass rows that both probes can be applied to, e.g. those of the later fit.",
        )
    leaves = [probe.apply(data) for probe in probes.values()]
    n_leaves = [probe.tree.n_leaves for probe in probes.values()]
    return ProbeComparison(first, second, cross_table(leaves[0], leaves[1], *n_leaves))


def _check_fitted(name: str, probe: Any) -> None:
    if not isinstance(probe, DecisionTreeProbe):
        raise InputTypeError(
            f"{name} is a {type(probe).__name__}, not a fitted DecisionTreeProbe.",
            next_step="Pass mr.DecisionTreeProbe().fit(...), or one that mr.load read.",
        )
    if not probe.__sklearn_is_fitted__():
        raise ArgumentError(
            f"{name} is a DecisionTreeProbe that is not fitted.",
            next_step='Call .fit(rows, target="...") first.',
        )


register(_FORMAT, ProbeComparison.from_json)
