# SPDX-License-Identifier: Apache-2.0
"""What a picture of a tree needs, read from the tree's JSON. The JSON is the truth; nothing is computed anew here."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mlrepro._exact import plain, real_or_nan
from mlrepro._join_text import value_of
from mlrepro._report_text import interval, percent

__all__ = ["RunnerUp", "TreeNode", "TreePicture", "condition_text", "picture_of"]

_MAX_LEVELS = 12
_MAX_COUNTED = 4


@dataclass(frozen=True)
class RunnerUp:
    """A split that would have separated a node's rows nearly as well."""

    rule: str
    gain: float
    agreement: float
    tied: bool


@dataclass(frozen=True)
class TreeNode:
    """A node with its judged figures; `branch` is the answer that leads here: yes, no or missing.

    `histogram` counts the values of a numeric target from low to high, in bins that all nodes share. Of a target with
    classes `class_rows` counts them, and `mean` is the share of the `most_common` one.
    """

    branch: str
    condition: str
    leaf: int
    n: int
    mean: float
    low: float
    high: float
    lift: float
    share: float
    p_value: float
    replicated: bool
    ended: str
    rule: str
    gain: float = math.nan
    runner_ups: tuple[RunnerUp, ...] = ()
    histogram: tuple[int, ...] = ()
    class_rows: tuple[int, ...] = ()
    most_common: int = -1
    stands_out: int = -1
    children: tuple[TreeNode, ...] = ()

    def leaves(self) -> Iterator[TreeNode]:
        """Yield the leaves below, in the order of their numbers."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()

    def highest_first(self) -> list[TreeNode]:
        """Return the leaves by mean, those without a mean last, then by number."""
        return sorted(
            self.leaves(),
            key=lambda leaf: (math.inf if math.isnan(leaf.mean) else -leaf.mean, leaf.leaf),
        )

    def inner(self) -> Iterator[TreeNode]:
        """Yield the inner nodes, root first, depth first."""
        if self.children:
            yield self
            for child in self.children:
                yield from child.inner()


@dataclass(frozen=True)
class TreePicture:
    """A tree with what holds for all of it."""

    target: str
    rate: bool
    in_sample: bool
    interval: str
    n_rows: int
    n_judged: int
    mean: float
    root: TreeNode
    visible_effect: float = math.nan
    blocks: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    warnings: Sequence[str] = ()
    constant: Sequence[str] = ()
    duplicates: Sequence[str] = ()
    classes: Sequence[str] = ()

    def shown(self) -> Callable[[TreeNode], tuple[str, str]]:
        """Return how to print a node's mean and interval: rates in percent, other means with equal decimals."""
        if self.classes:
            return lambda node: (
                f"{self.classes[node.most_common]} {percent(node.mean)}",
                interval(node.low, node.high, rate=True),
            )
        if self.rate:
            return lambda node: (percent(node.mean), interval(node.low, node.high, rate=True))
        nodes = [*self.root.inner(), *self.root.leaves()]
        largest = max((abs(node.mean) for node in nodes if math.isfinite(node.mean)), default=0.0)
        decimals = min(9, max(0, 2 - math.floor(math.log10(largest)))) if largest > 0 else 3

        def text(node: TreeNode) -> tuple[str, str]:
            if math.isnan(node.mean):
                return "-", ""
            bounds = f"[{node.low:,.{decimals}f}, {node.high:,.{decimals}f}]"
            return f"{node.mean:,.{decimals}f}", "" if math.isnan(node.low) else bounds

        return text

    @property
    def population(self) -> str:
        """What the counts count: judged rows, or all rows of an in-sample tree."""
        return "rows (in-sample)" if self.in_sample else "judged"


def value_text(value: Any) -> str:
    """Return a canonical JSON value as rules print it."""
    value = value_of(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return str(value)


def plain_text(text: str) -> str:
    """Return text as rules print it: quoted where it would not read as one word."""
    word = re.fullmatch(r"[\w.\-/+]+", text) is not None and text not in (
        "missing",
        "true",
        "false",
    )
    return text if word and not _reads_as_number(text) else "'" + text.replace("'", "\\'") + "'"


def _reads_as_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def condition_text(split: Mapping[str, Any], names: Sequence[str]) -> str:
    """Return the condition of a split's left branch as the library prints it, e.g. `carrier in {AA, MQ}`.

    Where missing values go left too, it says so.
    """
    kind = split["kind"]
    if kind == "block":
        block = [plain_text(names[i]) for i in split["block"]]
        return f"{', '.join(block)} {'missing together' if len(block) > 1 else 'is missing'}"
    if kind == "n_missing":
        return _count_text([plain_text(names[i]) for i in split["columns"]], split["least"])
    name = plain_text(names[split["column"]])
    if kind == "is_missing":
        return f"{name} is missing"
    said = _bound_text(name, split) if kind == "threshold" else _levels_text(name, split)
    return f"{said} or missing" if split["missing"] == "left" and split["missing_seen"] else said


def _count_text(names: Sequence[str], least: int) -> str:
    how_many = "all" if least == len(names) else f"at least {least}"
    hidden = len(names) - (_MAX_COUNTED - 1) if len(names) > _MAX_COUNTED else 0
    listed = ", ".join(names[: len(names) - hidden]) + (f" and {hidden} more" if hidden else "")
    verb = "is" if least == 1 and len(names) > 1 else "are"
    return f"{how_many} of {len(names)} columns {verb} missing ({listed})"


def _bound_text(name: str, split: Mapping[str, Any]) -> str:
    if isinstance(split["threshold"], bool):
        return f"{name} = false"
    return f"{name} {'<' if split['strict'] else '<='} {value_text(split['threshold'])}"


def _levels_text(name: str, split: Mapping[str, Any]) -> str:
    levels = [plain_text(v) if isinstance(v, str) else value_text(v) for v in split["levels"]]
    if len(levels) == 1:
        return f"{name} = {levels[0]}"
    shown = levels[:_MAX_LEVELS]
    if len(levels) > len(shown):
        shown.append(f"{len(levels) - len(shown)} more")
    return f"{name} in {{{', '.join(shown)}}}"


def picture_of(tree: Mapping[str, Any], rules: Mapping[int, str] | None = None) -> TreePicture:
    """Read a tree's JSON (the document that `Tree.to_json` writes).

    Parameters
    ----------
    tree : mapping
        The parsed document.
    rules : mapping of int to str, optional
        The condition of each leaf as text. Without them a leaf says the steps of its path.

    Returns
    -------
    TreePicture
    """
    names = [column["name"] for column in tree["columns"]]
    judged = plain(tree["judged"])
    return TreePicture(
        target=tree["target"],
        rate=bool(tree["binary"] or tree.get("classes")),
        in_sample=bool(tree["in_sample"]),
        interval=tree["interval"],
        n_rows=tree["n_rows"],
        n_judged=judged["n"],
        mean=real_or_nan(judged.get("mean")),
        root=_node(_Source(tree["nodes"], names, rules or {}), 0, "", ()),
        visible_effect=real_or_nan(tree.get("visible_effect")),
        blocks=tuple(plain(block) for block in tree["blocks"]),
        warnings=tuple(tree["warnings"]),
        constant=tuple(tree["constant_columns"]),
        duplicates=tuple(tree["duplicate_columns"]),
        classes=tuple(tree.get("classes", ())),
    )


def _branches(node: Mapping[str, Any]) -> list[tuple[str, int]]:
    ends = (("yes", node["left"]), ("no", node["right"]), ("missing", node["alone"]))
    return [(branch, index) for branch, index in ends if index >= 0]


@dataclass(frozen=True)
class _Source:
    nodes: Sequence[Mapping[str, Any]]
    names: Sequence[str]
    rules: Mapping[int, str]


def _node(source: _Source, index: int, branch: str, path: tuple[str, ...]) -> TreeNode:
    node = source.nodes[index]
    branches = _branches(node)
    split = node["split"] if branches else {}
    condition = condition_text(split, source.names) if branches else ""
    return TreeNode(
        branch=branch,
        condition=condition,
        leaf=node["leaf"],
        n=plain(node["judged"])["n"],
        mean=real_or_nan(node["judged"]["mean"]),
        low=real_or_nan(node["low"]),
        high=real_or_nan(node["high"]),
        lift=real_or_nan(node["lift"]),
        share=real_or_nan(node["share"]),
        p_value=real_or_nan(node["p_value"]),
        replicated=bool(node["replicated"]),
        ended=node.get("ended", ""),
        rule=source.rules.get(node["leaf"], "") or " and ".join(path) or "all rows",
        gain=real_or_nan(split.get("gain")),
        runner_ups=tuple(_runner_up(up) for up in node["runner_ups"]),
        histogram=tuple(node.get("histogram", ())),
        class_rows=tuple(node["judged"].get("classes", ())),
        most_common=node.get("most_common", -1),
        stands_out=node.get("stands_out", -1),
        children=tuple(
            _node(source, child, answer, (*path, _step(condition, answer)))
            for answer, child in branches
        ),
    )


def _runner_up(up: Mapping[str, Any]) -> RunnerUp:
    return RunnerUp(
        up["rule"], real_or_nan(up["gain"]), real_or_nan(up["agreement"]), bool(up["tied"])
    )


def _step(condition: str, branch: str) -> str:
    if branch == "yes":
        return condition
    return (
        f"{condition.split(' ', 1)[0]} is missing" if branch == "missing" else f"not ({condition})"
    )
