# SPDX-License-Identifier: Apache-2.0
"""What a new model changed, and for whom. The work is in C++ (``mlrepro::compare_predictions``)."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from mlrepro import _core
from mlrepro._binning import core_bins
from mlrepro._dataset import Dataset, as_dataset
from mlrepro._errors import ArgumentError
from mlrepro._exact import plain
from mlrepro._frames import read_column
from mlrepro._load import register
from mlrepro._names import check_option, options_listed
from mlrepro._probe import DecisionTreeProbe, settings_or_default
from mlrepro._saved import SavedResult, as_text
from mlrepro._stats import LOSSES

__all__ = ["Effect", "PredictionComparison", "compare_predictions"]

_CHANGES = ("changed", "worse", "better")


@dataclass(frozen=True)
class Effect:
    """What changed on some rows.

    Attributes
    ----------
    leaf : int
        As ``apply`` of that tree gives it; -1: all rows.
    rows : int
        Judged rows of the leaf; overall: all rows with a label.
    changed, worse, better, both_wrong : int
        Rows whose prediction changed; was right and is wrong; was wrong and is right; is wrong before and now. With a
        `loss`: rows whose loss grew or fell, and `both_wrong` is 0.
    net, low, high : float
        Share of rows better less share worse, with its 95% interval (Agresti and Min 2005); with a `loss` the mean of
        loss before less loss now, with a t interval; of numbers without `y` the mean of after - before. NaN of labels
        without `y`.
    p_value : float
        Sign test of better against worse; over the leaves of a tree after Holm.
    """

    leaf: int
    rows: int
    changed: int
    worse: int
    better: int
    both_wrong: int
    net: float
    low: float
    high: float
    p_value: float

    @classmethod
    def _of(cls, held: dict[str, Any]) -> Effect:
        return cls(**{name: plain(value) for name, value in held.items()})


class PredictionComparison(SavedResult):
    """What a new model changed, and for whom; `repr` is the words.

    Attributes
    ----------
    overall : Effect
        On all rows with a label (without `y`: on all rows).
    worse, better : DecisionTreeProbe or None
        With `y`: the tree of the rows that got worse (better); None where no row did, or all did.
    changed : DecisionTreeProbe or None
        Without `y`: the tree of the rows whose prediction changed.
    """

    if TYPE_CHECKING:  # attached by _compose.py: pages belong to a later room

        def to_html(self, path: str | os.PathLike[str] | None = None) -> str | None: ...

    def __init__(self, core: Any) -> None:
        self._core_comparison = core
        self._json = str(core.to_json())
        self._held: dict[str, Any] = json.loads(core.saved_json())
        self.overall = Effect._of(self._held["overall"])
        self._probes: dict[str, DecisionTreeProbe] = {}

    @classmethod
    def from_json(cls, text: str) -> PredictionComparison:
        """Read what `to_json` wrote; FormatError otherwise."""
        return cls(_core.PredictionComparison.from_json(as_text(text)))

    def _change(self, name: str) -> dict[str, Any] | None:
        found: list[dict[str, Any]] = [c for c in self._held["changes"] if c["change"] == name]
        return found[0] if found else None

    def _probe(self, name: str) -> DecisionTreeProbe | None:
        change = self._change(name)
        if change is None:
            return None
        if name not in self._probes:
            self._probes[name] = DecisionTreeProbe._from_json(json.dumps(change["tree"]))
        return self._probes[name]

    @property
    def changed(self) -> DecisionTreeProbe | None:
        """Where predictions changed (without `y`)."""
        return self._probe("changed")

    @property
    def worse(self) -> DecisionTreeProbe | None:
        """Where it got worse (with `y`)."""
        return self._probe("worse")

    @property
    def better(self) -> DecisionTreeProbe | None:
        """Where it got better (with `y`)."""
        return self._probe("better")

    def effects(self, change: str) -> list[Effect]:
        """Return what happened in each leaf of a tree, by number of the leaf.

        Parameters
        ----------
        change : {"worse", "better", "changed"}
            Which tree; an empty list where there is none.
        """
        check_option("change", change, _CHANGES)
        found = self._change(change)
        return [] if found is None else [Effect._of(leaf) for leaf in found["leaves"]]

    def to_pandas(self) -> Any:
        """Return one row a leaf of each tree: change, rule, the fields of `Effect`, replicated."""
        import pandas as pd

        rows = []
        for name in _CHANGES:
            probe = self._probe(name)
            if probe is not None:
                leaves = {leaf.leaf: leaf for leaf in probe.leaves}
                rows += [
                    {
                        "change": name,
                        "rule": leaves[effect.leaf].rule,
                        **asdict(effect),
                        "replicated": leaves[effect.leaf].replicated,
                    }
                    for effect in self.effects(name)
                ]
        columns = ["change", "rule", *Effect.__dataclass_fields__, "replicated"]
        return pd.DataFrame(rows, columns=columns)

    def to_text(self) -> str:
        """Return what changed in all, and a table of leaves for each kind of change."""
        return str(self._core_comparison.to_text())

    def to_json(self) -> str:
        """Return canonical JSON, format "mlrepro.comparison"; equal comparisons give equal bytes."""
        return self._json

    def _saved_json(self) -> str:
        return str(self._core_comparison.saved_json())


@options_listed(before="Pass before= the old predictions.", after="Pass after= the new ones.")
def compare_predictions(
    rows: Any,
    before: Any,
    after: Any,
    y: Any = None,
    *,
    loss: str | None = None,
    probe: DecisionTreeProbe | None = None,
) -> PredictionComparison:
    """Say what a new model changed, and for whom.

    With `y` the rows that got worse (right before, wrong now) and those that got better are explained apart, and each
    leaf counts both: a gain on average hides whom it cost.

    Parameters
    ----------
    rows : Dataset, BinnedDataset or any frame, n_rows rows
        The columns that may tell the rows apart.
    before, after : str or array-like of shape (n_rows,)
        Predictions of the old and the new model, by position, or columns of `rows` (no candidates then): labels of any
        class, or numbers.
    y : str or array-like of shape (n_rows,), optional
        The labels; rows where it is missing are left out.
    loss : str, optional
        With `y` and predictions that are numbers: the loss that says when a row got worse, as in `row_loss`. Without
        `y`, columns of floats are numbers; all others are labels.
    probe : DecisionTreeProbe, optional
        Its settings are used; it is not fitted.

    Returns
    -------
    PredictionComparison

    Raises
    ------
    ArgumentError
        Other lengths, a missing or infinite prediction, numbers with `y` but without `loss`.
    InputTypeError
        Predictions and labels of different classes.

    Notes
    -----
    O(rows * columns) to bin, once; every figure but `overall` is of rows that chose no split. The same rows in any
    order, with any number of threads, give the same bytes.

    Examples
    --------
    >>> import mlrepro as mr, numpy as np
    >>> x = np.arange(400)
    >>> found = mr.compare_predictions({"x": x}, before=x >= 0, after=x < 300, y=x >= 0)
    >>> found.overall.worse, found.worse.rules()[1]
    (100, 'x > 299')
    """
    data = as_dataset(rows)
    options = settings_or_default(probe)._options()
    if loss is not None:
        check_option("loss", loss, LOSSES)
    given = {"before": before, "after": after} | ({} if y is None else {"y": y})
    columns = {name: _own_column(data, name, value) for name, value in given.items()}
    options["exclude"] = [*options["exclude"], *(c for c in columns.values() if c is not None)]
    cells = {
        name: read_column(name, given[name], len(data), data._origin.index)
        if column is None
        else data.select(column)._data
        for name, column in columns.items()
    }
    return PredictionComparison(
        _core.compare_predictions(
            data._data,
            cells["before"],
            cells["after"],
            options,
            cells.get("y"),
            loss or "",
            core_bins(rows, data),
        )
    )


def _own_column(data: Dataset, name: str, given: Any) -> str | None:
    """Return the column of the table that is named; None: one value a row lies beside it."""
    if not isinstance(given, str):
        return None
    column = given if given in data else data.roles.get(given, given)
    if not isinstance(column, str):
        raise ArgumentError(
            f"{name}={given!r} names several columns.", next_step="Name one column."
        )
    data._data.require(column)
    return column


register("mlrepro.comparison", PredictionComparison.from_json)
