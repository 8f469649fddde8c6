# SPDX-License-Identifier: Apache-2.0
"""Two trees node by node: where they ask the same, where they part, and whether one nearly asked what the other does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlrepro import _core
from mlrepro._exact import plain

__all__ = ["NodeComparison", "NodeRunnerUp", "compared_nodes", "path_words"]

_BRANCHES = (("L", "left"), ("R", "right"), ("M", "alone"))
_WORDS = {"L": "yes", "R": "no", "M": "missing"}
_WHOLE = 20  # levels that the rule of a runner-up names; of more it says how many there are
_Tree = Mapping[str, Any]
_Node = Mapping[str, Any]


@dataclass(frozen=True)
class NodeRunnerUp:
    """The split of one tree, found among the runner-ups of the other one.

    Attributes
    ----------
    agreement : float
        Share of the node's choosing rows that go the same way by the runner-up and by the split that was chosen.
    exact : bool
        The runner-up cuts at the same place. False: the same column, cut elsewhere, or at levels too many to tell.
    rule : str
        The runner-up.
    gain_share : float
        Its gain divided by that of the split that was chosen: far below 1, it hardly says anything.
    """

    agreement: float
    exact: bool
    rule: str
    gain_share: float


@dataclass(frozen=True)
class NodeComparison:
    """A node that both trees have: the same questions lead to it.

    Attributes
    ----------
    path : str
        The answers from the root: "L" yes, "R" no, "M" missing; empty for the root.
    how : str
        "same", "both end", "ended in first", "ended in second", "other column", "other threshold", "other levels",
        "other kind of split" (of one column), "other number missing", "other side for missing values".
    first, second : str
        The condition of each, or why the tree ended there.
    second_in_first, first_in_second : NodeRunnerUp or None
        The split of the other tree among this one's runner-ups; None where it is none of them, or nothing differs.
    """

    path: str
    how: str
    first: str
    second: str
    second_in_first: NodeRunnerUp | None
    first_in_second: NodeRunnerUp | None

    @property
    def differs(self) -> bool:
        """Whether the trees part here."""
        return self.how not in ("same", "both end")


def path_words(path: str) -> str:
    """Return a path for people: "at the root", "after yes > no"."""
    return f"after {' > '.join(_WORDS[step] for step in path)}" if path else "at the root"


def compared_nodes(first: _Tree, second: _Tree) -> list[NodeComparison]:
    """Return the nodes that both trees have, breadth first, from the root down to where they part.

    Parameters
    ----------
    first, second : mapping
        The JSON documents of two trees.

    Returns
    -------
    list of NodeComparison
        Children of a node are in it only where both trees ask the same there.
    """
    return list(_walk(first, second))


def _walk(first: _Tree, second: _Tree) -> Iterator[NodeComparison]:
    waiting = [(first["nodes"][0], second["nodes"][0], "")]
    while waiting:
        a, b, path = waiting.pop(0)
        made = _compared(first, second, a, b, path)
        yield made
        if made.how == "same":
            waiting += [
                (first["nodes"][a[side]], second["nodes"][b[side]], path + step)
                for step, side in _BRANCHES
                if a[side] >= 0 and b[side] >= 0
            ]


def _compared(first: _Tree, second: _Tree, a: _Node, b: _Node, path: str) -> NodeComparison:
    how = _how(first, second, a, b)
    said = [_said(tree, node) for tree, node in ((first, a), (second, b))]
    met = how not in ("same", "both end", "ended in first", "ended in second")
    return NodeComparison(
        path=path,
        how=how,
        first=said[0],
        second=said[1],
        second_in_first=_among(a, second, b) if met else None,
        first_in_second=_among(b, first, a) if met else None,
    )


def _how(first: _Tree, second: _Tree, a: _Node, b: _Node) -> str:
    if a["leaf"] >= 0 or b["leaf"] >= 0:
        both = a["leaf"] >= 0 and b["leaf"] >= 0
        return "both end" if both else f"ended in {'first' if a['leaf'] >= 0 else 'second'}"
    x, y = a["split"], b["split"]
    if _columns(first, a) != _columns(second, b):
        return "other column"
    if x["kind"] != y["kind"]:
        return "other kind of split"
    for fields, how in (
        (("threshold", "strict"), "other threshold"),
        (("levels",), "other levels"),
        (("least",), "other number missing"),
        (("missing",), "other side for missing values"),
    ):
        if any(plain(x.get(field)) != plain(y.get(field)) for field in fields):
            return how
    return "same"


def _columns(tree: _Tree, node: _Node) -> list[str]:
    split = node["split"]
    several = {"block": "block", "n_missing": "columns"}.get(split["kind"])
    numbers: Sequence[int] = split[several] if several else [split["column"]]
    return [tree["columns"][i]["name"] for i in numbers]


def _said(tree: _Tree, node: _Node) -> str:
    if node["leaf"] >= 0:
        return f"ended: {node['ended'].replace('_', ' ')}" if node["ended"] else "ended"
    split = node["split"]
    if split["kind"] == "block":
        return f"{_condition(tree, node)}, together"
    side = split.get("missing") if split.get("missing_seen") else None
    aside = {"left": " or missing", "alone": "; missing apart"}
    return _condition(tree, node) + aside.get(str(side), "")


def _condition(tree: _Tree, node: _Node) -> str:
    """Return what leads left, without missing values, as the library says it: the rule of a tree of this split alone."""
    split = dict(node["split"])
    if "missing" in split:
        split["missing"] = "right"
    hidden = len(split.get("levels", ())) - _WHOLE
    if hidden > 0:
        split["levels"] = split["levels"][:_WHOLE]
        return f"{_left_rule(tree, node, split)[:-1]} and {hidden:,} more}}"
    return _left_rule(tree, node, split)


def _no_rows(figures: Mapping[str, Any]) -> dict[str, Any]:
    counts = {name: 0 for name in ("n", "positives") if name in figures}
    classes = {"classes": [0] * len(figures["classes"])} if "classes" in figures else {}
    return {**figures, **counts, **classes}


def _left_rule(tree: _Tree, node: _Node, split: Mapping[str, Any]) -> str:
    own: dict[str, Any] = {"runner_ups": [], "histogram": None}
    root = {**node, **own, "path": "", "parent": -1, "depth": 0, "left": 1, "right": 2, "alone": -1}
    root["split"] = split
    ends = [
        {**node, **own, "path": "LR"[i], "parent": 0, "depth": 1, "leaf": i, "ended": "max_depth"}
        | {"left": -1, "right": -1, "alone": -1}
        for i in (0, 1)
    ]
    halves = {half: node[half] for half in ("growing", "judged")}
    ends[1] |= {half: _no_rows(figures) for half, figures in halves.items()}
    nodes = [{k: v for k, v in n.items() if v is not None} for n in (root, *ends)]
    for end in nodes[1:]:
        end.pop("split")
    rest = {k: v for k, v in tree.items() if k not in ("histogram_edges", "probe", "types")}
    text = json.dumps({**rest, **halves, "nodes": nodes, "blocks": [], "warnings": []})
    return str(_core.Tree.from_json(text).rule(0, "text"))


def _among(node: _Node, other: _Tree, theirs: _Node) -> NodeRunnerUp | None:
    """Find the other tree's split among the runner-ups of a node: at the same cut, else on the same column."""
    column, split = ", ".join(_columns(other, theirs)), theirs["split"]
    ups = [up for up in node["runner_ups"] if up["column"] == column]
    if not ups:
        return None
    if split["kind"] == "block":
        exact = [up for up in ups if up["rule"].endswith(" missing together")]
    elif split["kind"] == "n_missing":  # a runner-up names some of the columns, which are the same
        said = _condition(other, theirs).partition(" (")[0]
        exact = [up for up in ups if up["rule"].partition(" (")[0] == said]
    else:
        told = len(split.get("levels", ())) <= _WHOLE
        exact = [up for up in ups if told and up["rule"] == _condition(other, theirs)]
    found = (exact or ups)[0]
    share = plain(found["gain"]) / plain(node["split"]["gain"])
    return NodeRunnerUp(plain(found["agreement"]), bool(exact), found["rule"], share)
