# SPDX-License-Identifier: Apache-2.0
"""Hostile tables, trees made by hand over them, and the answer that plain Python gives."""

from __future__ import annotations

import json
import math
import random
import struct
from typing import Any

import numpy as np
import pyarrow as pa

import mlrepro as mr

INF = math.inf
UP = np.nextafter
NASTY = [
    "AA",
    "it's",
    'a "b"',
    "two\nlines",
    "tab\t",
    "back\\slash",
    "café",
    "日本",
    "",
    " ",
    "17",
    "NULL",
    "%s {x}",
]
UNIT = {"s": 0, "ms": 1, "us": 2, "ns": 3}
CLASS = {
    "bool": "bool",
    "utf8": "text",
    "dictionary": "text",
    "date": "date",
    "duration": "duration",
}


def hostile_pools() -> dict[str, tuple[pa.DataType, list[Any]]]:
    """Names that need care, with values one step apart."""
    base = 1_383_458_400_000_000_000
    f32 = np.float32
    return {
        "f64": (
            pa.float64(),
            [math.nan, INF, -INF, -0.0, 0.0, 5e-324, 0.1, UP(0.1, 1), 0.1 + 0.2, 1e300, 1e22],
        ),
        "f 32": (
            pa.float32(),
            [math.nan, INF, f32(0.1), UP(f32(0.1), f32(1)), f32(1e-45), f32(16777216), -0.0],
        ),
        'i"64': (pa.int64(), [2**53 - 1, 2**53, 2**53 + 1, 2**53 + 2, -(2**63), 2**63 - 1, 0, -1]),
        "select": (pa.uint64(), [0, 1, 2**53, 2**53 + 1, 2**63 - 1, 2**63, 2**64 - 2, 2**64 - 1]),
        "it's i8": (pa.int8(), [-128, -1, 0, 1, 127]),
        "^when$": (pa.timestamp("ns", tz="America/New_York"), [base, base + 1, base + 2, -1]),
        "*": (pa.timestamp("us", tz="UTC"), [1_383_458_400_000_001, 1_383_458_400_000_002, 0]),
        "wall ns": (pa.timestamp("ns"), [base, base + 1, 0]),
        "wall s": (pa.timestamp("s"), [0, 1, 1_383_458_400]),
        "dätum": (pa.date32(), [0, -1, 16_012, -25_567]),
        "lasts": (pa.duration("us"), [0, 1, -1, 86_400_000_000]),
        "text\nname": (pa.string(), NASTY),
        "class": (pa.dictionary(pa.int32(), pa.string()), NASTY),
        "a.b": (pa.bool_(), [True, False]),
    }


def hostile_table(n_rows: int = 400, seed: int = 0, null_fraction: float = 0.15) -> pa.Table:
    """Draw rows from the pools; every column has nulls."""
    draw = random.Random(seed)
    columns = {}
    for name, (kind, pool) in hostile_pools().items():
        cells = [
            None if draw.random() < null_fraction else draw.choice(pool) for _ in range(n_rows)
        ]
        if pa.types.is_dictionary(kind):
            columns[name] = pa.array(cells, pa.string()).dictionary_encode()
        elif pa.types.is_floating(kind):
            columns[name] = pa.array(cells, kind, from_pandas=False)
        elif pa.types.is_temporal(kind):
            width = pa.int32() if kind == pa.date32() else pa.int64()
            columns[name] = (
                pa.array(cells, width).cast(kind)
                if kind != pa.date32()
                else pa.array(cells, width).view(kind)
            )
        else:
            columns[name] = pa.array(cells, kind)
    return pa.table(columns)


def raw_cells(column: pa.ChunkedArray) -> list[Any]:
    """Cells as Python numbers, text and booleans; times as ticks; NaN and null as None."""
    kind = column.type
    if pa.types.is_temporal(kind):
        column = column.cast(pa.int32() if kind == pa.date32() else pa.int64())
    return [
        None if c is None or (isinstance(c, float) and math.isnan(c)) else c
        for c in column.to_pylist()
    ]


def types_of(table: pa.Table) -> dict[str, dict[str, Any]]:
    """Type of each column as the library names it."""
    schema = json.loads(mr.Dataset(table)._data.schema_json())
    out = {}
    for column in schema["columns"]:
        kind, _, inside = column["type"].rstrip("]").partition("[")  # timestamp[ns, UTC]
        unit, _, zone = inside.partition(", ")
        timed = kind in ("timestamp", "duration")
        out[column["name"]] = {
            "type": kind,
            "unit": unit if timed else "s",
            "zone": zone if timed else "",
            "ordered": False,
        }
    return out


def class_of(kind: dict[str, Any]) -> str:
    if kind["type"] == "timestamp":
        return "timestamp" if kind["zone"] else "local_timestamp"
    return CLASS.get(kind["type"], "number")


def value_json(value: Any, kind: dict[str, Any]) -> Any:
    """Write a cell as a value of the tree format."""
    of = class_of(kind)
    if of in ("bool", "text"):
        return value
    if of == "date":
        return {"date": value}
    if of in ("timestamp", "local_timestamp", "duration"):
        return {
            {"timestamp": "instant", "local_timestamp": "local"}.get(
                of, of
            ): f"{value}{kind['unit']}"
        }
    if isinstance(value, int):
        return {"int": str(value)}
    return _number(value)


def _number(value: float) -> dict[str, Any]:
    return {
        "v": None if not math.isfinite(value) else value,
        "bits": struct.pack(">d", value).hex(),
    }


def _figures() -> dict[str, Any]:
    return {"n": 0, "positives": 0, "sum": _number(0.0), "mean": _number(0.0), "sd": _number(0.0)}


def random_split(draw: random.Random, table: pa.Table, types: dict[str, Any]) -> dict[str, Any]:
    """Draw a split whose values occur in the table."""
    name = draw.choice(table.column_names)
    cells = [c for c in raw_cells(table[name]) if c is not None]
    kind = draw.random()
    if kind < 0.12 or not cells:
        return {"kind": "is_missing", "column": name}
    if kind < 0.2:
        return {
            "kind": "block",
            "block": sorted(draw.sample(table.column_names, draw.choice([1, 2]))),
        }
    if kind < 0.3:
        some = draw.sample(table.column_names, draw.choice([1, 3, len(table.column_names)]))
        return {"kind": "n_missing", "columns": sorted(some), "least": draw.randint(1, len(some))}
    split: dict[str, Any] = {
        "column": name,
        "missing": draw.choice(["left", "right", "alone"]),
        "missing_seen": True,
    }
    if class_of(types[name]) == "text":
        levels = sorted(set(draw.sample(cells, min(len(cells), draw.choice([1, 1, 3])))))
        return {**split, "kind": "levels", "levels": levels}
    threshold = draw.choice(cells)
    strict = draw.random() < 0.3 and class_of(types[name]) != "bool"
    return {**split, "kind": "threshold", "threshold": threshold, "strict": strict}


def random_tree(
    table: pa.Table, seed: int, depth: int = 3
) -> tuple[Any, dict[str, dict[str, Any]]]:
    """Return a tree over the table, and its splits by path."""
    draw = random.Random(seed)
    types = types_of(table)
    splits: dict[str, dict[str, Any]] = {}
    paths = [""]
    for path in paths:
        if len(path) < depth and (path == "" or draw.random() < 0.75):
            splits[path] = random_split(draw, table, types)
            paths.extend(path + step for step in _steps(splits[path]))
    return mr.Tree.from_json(json.dumps(document(table, types, splits, paths))), splits


def threshold_trees(table: pa.Table) -> list[tuple[Any, dict[str, dict[str, Any]]]]:
    """Return a tree of one split for every value of every column but text: what random draws may miss."""
    types = types_of(table)
    made = []
    for name in table.column_names:
        cells = [] if class_of(types[name]) == "text" else raw_cells(table[name])
        for threshold in sorted({c for c in cells if c is not None}):
            split = {
                "kind": "threshold",
                "column": name,
                "threshold": threshold,
                "strict": False,
                "missing": "right",
                "missing_seen": True,
            }
            tree = document(table, types, {"": split}, ["", "L", "R"])
            made.append((mr.Tree.from_json(json.dumps(tree)), {"": split}))
    return made


def _read_by(split: dict[str, Any]) -> list[str]:
    return split.get("block") or split.get("columns") or [split["column"]]


def _steps(split: dict[str, Any]) -> str:
    return "LRM" if split.get("missing") == "alone" else "LR"


def _leaf_order(splits: dict[str, Any], path: str = "") -> list[str]:
    if path not in splits:
        return [path]
    return [leaf for step in _steps(splits[path]) for leaf in _leaf_order(splits, path + step)]


def document(
    table: pa.Table, types: dict[str, Any], splits: dict[str, Any], paths: list[str]
) -> dict[str, Any]:
    """Write the tree format, column types included."""
    used = sorted(
        {c for s in splits.values() for c in _read_by(s)},
        key=lambda n: n.encode(),
    )
    leaves = _leaf_order(splits)
    nodes = []
    for path in paths:
        split = splits.get(path)
        node: dict[str, Any] = {
            "path": path,
            "parent": paths.index(path[:-1]) if path else -1,
            "depth": len(path),
            "leaf": leaves.index(path) if split is None else -1,
            "growing": _figures(),
            "judged": _figures(),
            "replicated": False,
            "runner_ups": [],
        }
        for side, step in (("left", "L"), ("right", "R"), ("alone", "M")):
            node[side] = (
                paths.index(path + step) if split is not None and step in _steps(split) else -1
            )
        node.update({k: _number(0.0) for k in ("low", "high", "lift", "share", "p_value")})
        node.update(
            {"ended": "max_depth"} if split is None else {"split": _split_json(split, used, types)}
        )
        nodes.append(node)
    return {
        "format": "mlrepro.tree",
        "version": 1,
        "canon": 1,
        "target": "y",
        "binary": True,
        "in_sample": False,
        "interval": "Wilson",
        "features": [],
        "exclude": [],
        "max_depth": 3,
        "min_samples_leaf": 1,
        "selection": "gain",
        "alpha": _number(1.0),
        "seed": 0,
        "n_rows": table.num_rows,
        "n_target_missing": 0,
        "growing": _figures(),
        "judged": _figures(),
        "columns": [{"name": n, "class": class_of(types[n]), "join_outcome": False} for n in used],
        "nodes": nodes,
        "blocks": [],
        "warnings": [],
        "constant_columns": [],
        "duplicate_columns": [],
        "visible_effect": _number(0.0),
        "probe": {"types": [types[n] for n in used], "settings": {}},
    }


def _split_json(split: dict[str, Any], used: list[str], types: dict[str, Any]) -> dict[str, Any]:
    out = {
        **split,
        "n_tested": 1,
        **{k: _number(0.0) for k in ("gain", "log_p_choice", "log_p_cut")},
    }
    for several in ("block", "columns"):
        if several in split:
            out[several] = sorted(used.index(c) for c in split[several])
            return out
    kind = types[split["column"]]
    out["column"] = used.index(split["column"])
    if "threshold" in split:
        out["threshold"] = value_json(split["threshold"], kind)
    if "levels" in split:
        out["levels"] = [value_json(level, kind) for level in split["levels"]]
    return out


def leaves_in_python(table: pa.Table, splits: dict[str, dict[str, Any]]) -> np.ndarray:
    """Walk every row by hand: Python compares integers and floats exactly."""
    cells = {name: raw_cells(table[name]) for name in table.column_names}
    leaves = _leaf_order(splits)
    out = np.empty(table.num_rows, dtype=np.int32)
    for row in range(table.num_rows):
        path = ""
        while path in splits:
            path += _step(splits[path], {name: column[row] for name, column in cells.items()})
        out[row] = leaves.index(path)
    return out


def _step(split: dict[str, Any], row: dict[str, Any]) -> str:
    if split["kind"] == "block":
        return "L" if all(row[c] is None for c in split["block"]) else "R"
    if split["kind"] == "n_missing":
        return "L" if sum(row[c] is None for c in split["columns"]) >= split["least"] else "R"
    value = row[split["column"]]
    if split["kind"] == "is_missing":
        return "L" if value is None else "R"
    if value is None:
        return {"left": "L", "right": "R", "alone": "M"}[split["missing"]]
    if split["kind"] == "levels":
        return "L" if value in split["levels"] else "R"
    left = value < split["threshold"] if split["strict"] else value <= split["threshold"]
    return "L" if left else "R"
