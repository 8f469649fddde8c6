# SPDX-License-Identifier: Apache-2.0
"""Reads the rules for people as strictly as a program: what they select is what their words say."""

from __future__ import annotations

import ast
import datetime as dt
import operator
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from probe_trees import class_of, raw_cells, types_of

TOKEN = re.compile(r"'(?:[^'\\]|\\.)*'|[(){}]|[^\s(){},]+", re.DOTALL)
NS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
Row = dict[str, Any]
Test = Callable[[Row], bool]


def plain(token: str) -> str:
    return ast.literal_eval(token) if token.startswith("'") else token


def ticks_of(text: str, unit: str) -> int:
    """Ticks since 1970 of 2013-11-03T06:00:00.000000001Z."""
    whole, _, fraction = text.removesuffix("Z").partition(".")
    moment = dt.datetime.fromisoformat(whole).replace(tzinfo=dt.timezone.utc)
    seconds = (moment - dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)) // dt.timedelta(seconds=1)
    return (seconds * 10**9 + int(fraction.ljust(9, "0") or 0)) // NS[unit]


def value_of(token: str, kind: dict[str, Any]) -> Any:
    """A value as `raw_cells` has it."""
    of = class_of(kind)
    if of == "text":
        return plain(token)
    if of == "bool":
        return {"true": True, "false": False}[token]
    if of == "date":
        return (dt.date.fromisoformat(token) - dt.date(1970, 1, 1)).days
    if of == "duration":
        number, unit = re.fullmatch(r"(-?\d+)([mun]?s)", token).groups()  # type: ignore[union-attr]
        return int(number) * NS[unit] // NS[kind["unit"]]
    if of in ("timestamp", "local_timestamp"):
        return ticks_of(token, kind["unit"])
    return int(token) if re.fullmatch(r"-?\d+", token) else float(token)


class TextRule:
    """A rule as a test of one row; each of its words is used, or it is an error."""

    def __init__(self, text: str, types: dict[str, dict[str, Any]]) -> None:
        self._tokens, self._types = TOKEN.findall(text), types
        self.holds = self._joined("and", all)
        assert not self._tokens, f"{text}: {self._tokens} is left over"

    def _take(self, *expected: str) -> str:
        token = self._tokens.pop(0)
        assert not expected or token in expected, f"{token} where {expected} should be"
        return token

    def _joined(self, word: str, of: Callable[[Any], bool]) -> Test:
        parts = [self._part(word)]
        while self._tokens and self._tokens[0] == word:
            self._take(word)
            parts.append(self._part(word))
        return lambda row: of(part(row) for part in parts)

    def _part(self, word: str) -> Test:
        if self._tokens[0] != "(":
            return self._comparison()
        self._take("(")
        inner = self._joined("or", any) if word == "and" else self._joined("and", all)
        self._take(")")
        return inner

    def _comparison(self) -> Test:
        if self._tokens[:2] in (["all", "rows"], ["no", "row"]):
            always = self._take() == "all"
            self._take("rows", "row")
            return lambda row: always
        if "columns" in self._tokens[2:7] and "of" in self._tokens[1:5]:
            return self._count()
        name = plain(self._take())
        kind = self._types[name]
        sign = self._take("is", "in", "not", "=", "!=", *COMPARE)
        if sign == "is":
            missing = self._take("missing", "present") == "missing"
            return lambda row: (row[name] is None) == missing
        if sign in COMPARE:
            value = value_of(self._take(), kind)
            return lambda row: row[name] is not None and COMPARE[sign](row[name], value)
        if sign == "not":
            self._take("in")
        levels = self._levels(kind) if sign in ("in", "not") else {value_of(self._take(), kind)}
        inside = sign in ("in", "=")
        return lambda row: row[name] is not None and (row[name] in levels) == inside

    def _count(self) -> Test:
        """At least 2 of 3 columns are missing (a, b, c)."""
        words = self._tokens[: self._tokens.index("of")]
        del self._tokens[: len(words)]
        self._take("of")
        n = int(self._take())
        self._take("columns")
        self._take("is", "are")
        self._take("missing")
        self._take("(")
        names = [plain(self._take()) for _ in range(n)]
        self._take(")")
        said = [int(word) for word in words if word.isdigit()]
        least, most = {
            "none": lambda: (0, 0),
            "all": lambda: (n, n),
            "fewer": lambda: (0, said[0] - 1),
            "at": lambda: (said[0], n),
            "exactly": lambda: (said[0], said[0]),
        }.get(words[0], lambda: (said[0], said[1]))()
        return lambda row: least <= sum(row[name] is None for name in names) <= most

    def _levels(self, kind: dict[str, Any]) -> set[Any]:
        self._take("{")
        levels = set()
        while self._tokens[0] != "}":
            levels.add(value_of(self._take(), kind))
        self._take("}")
        return levels


def in_text(tree: Any, rows: pa.Table) -> np.ndarray:
    """Leaf of every row by the words of the rules; each row must be selected exactly once."""
    types = types_of(rows)
    cells = {name: raw_cells(rows[name]) for name in rows.column_names}
    rules = [TextRule(tree.rule(i, "text"), types) for i in range(tree.n_leaves)]
    out = np.empty(rows.num_rows, dtype=np.int32)
    for row in range(rows.num_rows):
        values = {name: column[row] for name, column in cells.items()}
        (out[row],) = [i for i, rule in enumerate(rules) if rule.holds(values)]
    return out
