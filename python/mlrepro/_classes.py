# SPDX-License-Identifier: Apache-2.0
"""One class against the rest: a tree for each class of a target of text, all on one binned table."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mlrepro import _core
from mlrepro._binning import BinnedDataset, core_bins
from mlrepro._dataset import borrowed
from mlrepro._errors import ArgumentError, FormatError
from mlrepro._exact import canonical_text
from mlrepro._load import register
from mlrepro._names import did_you_mean, options_listed
from mlrepro._probe import DecisionTreeProbe, settings_or_default
from mlrepro._probe_settings import given_target
from mlrepro._saved import SavedResult, open_envelope
from mlrepro._schema import text_table
from mlrepro._tree import Leaf

__all__ = ["OneAgainstRest", "one_against_rest"]

_FORMAT = "mlrepro.one_against_rest"


class _NoClassError(ArgumentError, KeyError):
    """Asked for a class that the target does not have."""


class OneAgainstRest(SavedResult, Mapping[str, DecisionTreeProbe]):
    """What `one_against_rest` found: a mapping from each class to its fitted probe; `repr` is the table.

    Attributes
    ----------
    target_name : str
    classes : tuple of str
        In order of their UTF-8 bytes.
    warnings : list of str
        Of all trees, each once.
    """

    if TYPE_CHECKING:  # attached by _compose.py: pages belong to a later room

        def to_html(self, path: str | os.PathLike[str] | None = None) -> str | None: ...

    def __init__(self, target_name: str, probes: Mapping[str, DecisionTreeProbe]) -> None:
        self.target_name = target_name
        self._probes = dict(probes)
        self.classes = tuple(self._probes)
        said = [text for probe in self._probes.values() for text in probe.warnings]
        self.warnings = list(dict.fromkeys(said))

    @classmethod
    def from_json(cls, text: str) -> OneAgainstRest:
        """Read what `to_json` wrote; FormatError otherwise."""
        held = open_envelope(text, _FORMAT, ("target", "trees"))
        target, trees = held["target"], held["trees"]
        if not isinstance(target, str) or not isinstance(trees, dict) or not 2 <= len(trees) <= 32:
            raise FormatError(f"{_FORMAT}: no target with trees.", next_step="Save it again.")
        probes = {name: _saved_probe(target, name, trees[name]) for name in _in_order(trees)}
        counts = {tuple(probe.tree.to_dict()[n] for n in _SAME) for probe in probes.values()}
        if len(counts) > 1:
            raise FormatError(
                f"{_FORMAT}: its trees are of different rows or settings.",
                next_step="Trees cannot be edited in a saved file: fit them again.",
            )
        return cls(target, probes)

    def __getitem__(self, of_class: str) -> DecisionTreeProbe:
        if of_class in self._probes:
            return self._probes[of_class]
        raise _NoClassError(
            f"{of_class!r} is no class of {self.target_name}.",
            next_step=did_you_mean(str(of_class), self.classes)
            or f"There are {', '.join(self.classes)}.",
        )

    def __contains__(self, of_class: object) -> bool:
        return of_class in self._probes

    def __iter__(self) -> Iterator[str]:
        return iter(self._probes)

    def __len__(self) -> int:
        return len(self._probes)

    def _leaves(self, of_class: str) -> list[tuple[Leaf, float, bool]]:
        """Return the leaves of a class, highest mean first, each with its p and verdict over all classes."""
        probe = self._probes[of_class]
        out = []
        for leaf in probe.leaves:
            p = min(1.0, leaf.p_value * len(self)) if leaf.p_value == leaf.p_value else leaf.p_value
            out.append((leaf, p, leaf.replicated and p < probe.alpha))
        return out

    def to_pandas(self) -> Any:
        """Return one row a leaf of each tree: its class, then the columns of `Leaves`.

        `p_value` and `replicated` are adjusted over the classes too: the p of the tree, which is adjusted over its
        leaves (Holm), times the number of classes (Bonferroni). ``result[name].leaves`` has those of one tree alone.
        """
        import pandas as pd

        rows = [
            {"class": name, **leaf._row(), "p_value": p, "replicated": replicated}
            for name in self
            for leaf, p, replicated in self._leaves(name)
        ]
        return pd.DataFrame(rows)

    def _rows(self) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = [
            ("class", "of all", "leaves", "replicated", "highest", "95%", "judged", "where")
        ]
        for name in self:
            leaves = self._leaves(name)
            top = leaves[0][0]
            overall = self._probes[name]._document["judged"]["mean"]
            rows.append(
                (
                    name,
                    f"{100 * overall:.2f}%",
                    str(len(leaves)),
                    str(sum(replicated for _, _, replicated in leaves)),
                    f"{100 * top.mean:.2f}%",
                    f"[{100 * top.low:.2f}, {100 * top.high:.2f}]",
                    f"{top.rows_judged:,}",
                    top.rule,
                )
            )
        return rows

    def to_text(self) -> str:
        """Return a line a class: its share of all judged rows, and the leaf of its tree where it is highest."""
        title = f"{self.target_name}: each of {len(self)} classes against the rest"
        note = "replicated: leaves with p below alpha, adjusted over the leaves of a tree and over the classes"
        return "\n".join([title, *text_table(self._rows()), note])

    def to_json(self) -> str:
        """Return canonical JSON, format "mlrepro.one_against_rest"; equal results give equal bytes."""
        return self._json({name: probe.to_json() for name, probe in self._probes.items()})

    def _json(self, trees: Mapping[str, str]) -> str:
        ordered = sorted(trees, key=lambda name: name.encode("utf-16-be"))  # as RFC 8785 has it
        held = ",".join(f"{canonical_text(name)}:{trees[name]}" for name in ordered)
        target = canonical_text(self.target_name)
        return (
            f'{{"canon":1,"format":"{_FORMAT}","target":{target},"trees":{{{held}}},"version":1}}'
        )

    def _saved_json(self) -> str:
        return self._json({name: probe._saved_json() for name, probe in self._probes.items()})


_SAME = ("n_rows", "n_target_missing", "in_sample", "alpha", "seed", "max_depth")


def _in_order(names: Mapping[str, Any]) -> list[str]:
    return sorted(names, key=lambda name: name.encode("utf-8", "surrogatepass"))


def _saved_probe(target: str, of_class: str, tree: Any) -> DecisionTreeProbe:
    name = f"{target} = {of_class}"
    binary = isinstance(tree, Mapping) and tree.get("binary") is True
    if not binary or tree.get("target") != name:
        raise FormatError(
            f"{_FORMAT}: the tree of class {of_class!r} explains something else.",
            next_step="Trees cannot be edited in a saved file: fit them again.",
        )
    return DecisionTreeProbe._from_json(json.dumps(tree, ensure_ascii=False))


@options_listed(target='Pass target="column", or one class a row.')
def one_against_rest(
    rows: Any, target: Any, *, probe: DecisionTreeProbe | None = None
) -> OneAgainstRest:
    """Fit a tree for each class of a target of text, which says for whom it is this class and not another one.

    ``DecisionTreeProbe.fit`` on the same target finds one tree that separates all classes at once; here each class has
    the splits that are best for it. The table is binned once, and the same rows are judged for each class.

    Parameters
    ----------
    rows : Dataset, BinnedDataset or any frame, n_rows rows
    target : str or array-like of shape (n_rows,)
        A column or role of text or categories of text, or one text a row, by position; 2 to 32 classes.
    probe : DecisionTreeProbe, optional
        The settings of each tree.

    Returns
    -------
    OneAgainstRest
        ``result["late"]`` is the probe of a class.

    Raises
    ------
    InputTypeError
        A target that is no text.
    ArgumentError, ColumnNotFoundError, SchemaError, LimitError
        As ``DecisionTreeProbe.fit``.

    Notes
    -----
    p-values of a tree are adjusted over its leaves (Holm); the table and the page multiply them by the number of
    classes as well (Bonferroni), so that noise claims something for any class with probability alpha at most.

    Examples
    --------
    >>> import mlrepro as mr, numpy as np
    >>> x = np.arange(900)
    >>> found = mr.one_against_rest({"x": x}, np.array(["a", "b", "c"])[x // 300])
    >>> found["b"].leaves[0].rule
    'x > 299 and x <= 599'
    """
    data = borrowed(rows)
    settings = settings_or_default(probe)
    if target is None:
        raise ArgumentError(
            "target is None.", next_step='Pass target="column", or one class a row.'
        )
    given = given_target(data, target)
    classes = _core.target_classes(data._data, given.values, given.name)
    bins = core_bins(rows, data) or core_bins(BinnedDataset(data, threads=settings.threads), data)
    probes = {}
    for name in classes:
        fitted = DecisionTreeProbe(**settings.get_params())
        fitted._fit_given(data, given, bins, fitted._options(), name)
        probes[name] = fitted
    last = probes[classes[-1]].target_name  # with the column's name where a role was asked for
    return OneAgainstRest(last.removesuffix(f" = {classes[-1]}"), probes)


register(_FORMAT, OneAgainstRest.from_json)
