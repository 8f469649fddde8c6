# SPDX-License-Identifier: Apache-2.0
"""The comparison of two probes as text: a pure function of the comparison."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from mlrepro._compare_nodes import NodeComparison, NodeRunnerUp, path_words
from mlrepro._names import plural
from mlrepro._schema import text_table

if TYPE_CHECKING:
    from mlrepro._compare_leaves import LeafPair
    from mlrepro._compare_probes import ProbeComparison

__all__ = [
    "agreement_sentence",
    "comparison_text",
    "difference_lines",
    "figures_note",
    "index_text",
    "largest_cells",
    "runner_up_words",
    "setting_lines",
]

_WIDTH = 100
_RULE = 400  # letters of a rule; to_pandas has it whole
_CELLS = 20  # of a cross table too wide for the page
_NAMES = {"n_rows": "fitted rows", "binary": "binary target", "in_sample": "in-sample"}


def comparison_text(found: ProbeComparison) -> str:
    """Return the words of a comparison, in lines of at most 100 columns."""
    lines = _wrapped(agreement_sentence(found))
    lines += [line for said in setting_lines(found) for line in _wrapped(said)]
    lines += [line for said in difference_lines(found) for line in _wrapped(said)]
    lines += ["", *_wrapped(f"Leaves in pairs, first ~ second: {figures_note(found)}.")]
    lines += text_table([_HEAD, *(_cells(pair) for pair in found.pairs)])
    for pair in found.pairs:
        lines += _wrapped(f"{pair.first} ~ {pair.second}: {_rules(pair)}", "    ")
    for side, leaves in zip(("first", "second"), found.unpaired, strict=True):
        if leaves:
            lines += _wrapped(f"without a partner in {side}: {', '.join(map(str, leaves))}")
    return "\n".join([*lines, "", *_cross(found)])


def agreement_sentence(found: ProbeComparison) -> str:
    """Return how far the partitions agree."""
    sizes = " and ".join(f"{n:,}" for n in found.table.shape)
    return (
        f"On {plural(found.n_rows, 'row')}, two probes of {sizes} leaves: {found.rows_paired:,} "
        f"({_percent(found.agreement)}) lie in paired leaves; adjusted Rand index {index_text(found.adjusted_rand)}."
    )


def index_text(index: float) -> str:
    """Return an adjusted Rand index; 1 stands for equal partitions alone."""
    if index == 1.0:
        return "1"
    return ">0.999" if index >= 0.9995 else f"{index:.3f}"


def figures_note(found: ProbeComparison) -> str:
    """Return whose rows the means of leaves are of."""
    sides = (("first", found.first), ("second", found.second))
    own = [name for name, probe in sides if probe.leaves.in_sample]
    note = "means of the rows that each probe judged when it was fitted, with 95% intervals"
    if found.first.tree.classes or found.second.tree.classes:
        note += "; of classes: the share of the leaf's most common one"
    return note + (f"; in-sample in {' and '.join(own)}" if own else "")


def setting_lines(found: ProbeComparison) -> list[str]:
    """Return a line a setting in which the probes differ."""
    return [
        f"{_NAMES.get(name, name)}: {_shown(name, a)} in first, {_shown(name, b)} in second."
        for name, (a, b) in found.differences.items()
    ]


def difference_lines(found: ProbeComparison) -> list[str]:
    """Return where the trees part first, what each asks there, and whether it nearly asked the other's."""
    node = found.first_difference
    if node is None:
        return ["Both trees ask the same at every node."]
    lines = [
        f"They part first {path_words(node.path)}: {node.how}.",
        f"  First: {node.first}.",
        f"  Second: {node.second}.",
    ]
    return lines + [f"  {said}." for said in runner_up_words(node)]


def runner_up_words(node: NodeComparison) -> list[str]:
    """Return, for either tree, where the other one's split stands among its runner-ups."""
    if node.how.startswith("ended") or not node.differs:
        return []
    pairs = (
        ("Second's split", "first", node.second_in_first),
        ("First's split", "second", node.first_in_second),
    )
    return [_runner_up(*pair) for pair in pairs]


def _runner_up(whose: str, where: str, up: NodeRunnerUp | None) -> str:
    if up is None:
        return f"{whose} is no runner-up in {where}"
    told = "is a runner-up" if up.exact else f"is none, but {up.rule} is a runner-up"
    return (
        f"{whose} {told} in {where}: {_percent(up.agreement)} of its choosing rows go the same way, "
        f"for {_percent(up.gain_share)} of the gain"
    )


def largest_cells(found: ProbeComparison) -> list[tuple[int, int, int]]:
    """Return the leaves and rows of the cells that hold rows, largest first, then by leaf."""
    cells = [(i, j, int(found.table[i, j])) for i, j in zip(*found.table.nonzero(), strict=True)]
    return sorted(((int(i), int(j), n) for i, j, n in cells), key=lambda c: (-c[2], c[0], c[1]))


_HEAD = ("leaves", "rows", "of first", "of second", "mean first", "mean second", "")


def _cells(pair: LeafPair) -> tuple[str, ...]:
    words = {True: "overlap", False: "apart", None: "unknown"}
    return (
        f"{pair.first} ~ {pair.second}",
        f"{pair.rows:,}",
        f"{pair.rows_first:,}",
        f"{pair.rows_second:,}",
        _mean(pair.mean_first, pair.low_first, pair.high_first),
        _mean(pair.mean_second, pair.low_second, pair.high_second),
        words[pair.overlap],
    )


def _mean(mean: float, low: float, high: float) -> str:
    if mean != mean:
        return "-"
    return f"{mean:.3g}" if low != low else f"{mean:.3g} [{low:.3g}, {high:.3g}]"


def _rules(pair: LeafPair) -> str:
    rules = [_cut(pair.rule_first), _cut(pair.rule_second)]
    return rules[0] if pair.rule_first == pair.rule_second else " ~ ".join(rules)


def _cut(rule: str) -> str:
    return rule if len(rule) <= _RULE else rule[: _RULE - 1] + "…"


def _cross(found: ProbeComparison) -> list[str]:
    head = (
        "rows",
        *(f"leaf {j} of second" if j == 0 else f"leaf {j}" for j in range(found.table.shape[1])),
    )
    body = [
        (f"leaf {i} of first" if i == 0 else f"leaf {i}", *(f"{n:,}" for n in row))
        for i, row in enumerate(found.table.tolist())
    ]
    lines = text_table([head, *body])
    if max(map(len, lines)) <= _WIDTH and len(lines) <= _CELLS + 1:
        return lines
    cells = largest_cells(found)
    shown = [(f"leaf {i}", f"leaf {j}", f"{n:,}") for i, j, n in cells[:_CELLS]]
    more = [f"and {plural(len(cells) - _CELLS, 'cell')} more"] if len(cells) > _CELLS else []
    return [*text_table([("first", "second", "rows"), *shown]), *more]


def _shown(name: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or ("all" if name == "features" else "none")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _percent(share: float) -> str:
    text = f"{100 * share:.1f}"
    if text in ("0.0", "100.0"):
        return (
            f"{100 * share:.0f}%" if share in (0.0, 1.0) else ("<0.1%" if share < 0.5 else ">99.9%")
        )
    return f"{text}%"


def _wrapped(text: str, indent: str = "") -> list[str]:
    lead = text[: len(text) - len(text.lstrip())]
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=indent and "  ",
        subsequent_indent=indent or lead + "  ",
        break_on_hyphens=False,
    )
