# SPDX-License-Identifier: Apache-2.0
"""Runs the rules of a tree where users run them: pandas, polars, DuckDB and compiled C++."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from probe_trees import raw_cells, types_of


def rules(tree: Any, language: str) -> list[str]:
    return [tree.rule(i, language) for i in range(tree.n_leaves)]


def by_masks(masks: list[np.ndarray]) -> np.ndarray:
    """Leaf of every row; each row must be selected exactly once."""
    stacked = np.stack(masks)
    assert (stacked.sum(axis=0) == 1).all(), "a row is selected by no rule, or by two"
    return stacked.argmax(axis=0)


def in_pandas(tree: Any, df: pd.DataFrame) -> np.ndarray:
    masks = []
    for rule in rules(tree, "pandas"):
        mask = eval(rule, {"df": df, "pd": pd, "np": np})
        hits = np.zeros(len(df), dtype=bool)
        hits[df.assign(__row=np.arange(len(df)))[mask]["__row"].to_numpy()] = True
        masks.append(hits)
    return by_masks(masks)


def in_polars(tree: Any, frame: pl.DataFrame) -> np.ndarray:
    masks = []
    for rule in rules(tree, "polars"):
        expression = eval(rule, {"pl": pl})
        selected = (
            frame.with_row_index("__row").lazy().filter(expression).collect()["__row"].to_numpy()
        )
        hits = np.zeros(len(frame), dtype=bool)
        hits[selected] = True
        masks.append(hits)
    return by_masks(masks)


def in_duckdb(tree: Any, rows: pa.Table) -> np.ndarray:
    numbered = rows.append_column("__row", pa.array(range(rows.num_rows), pa.int64()))
    con = duckdb.connect()
    con.register("t", numbered)
    masks = []
    for rule in rules(tree, "sql"):
        hits = np.zeros(rows.num_rows, dtype=bool)
        hits[[r for (r,) in con.execute(f'SELECT "__row" FROM t WHERE {rule}').fetchall()]] = True
        masks.append(hits)
        assert con.execute(f"SELECT count(*) FROM t WHERE ({rule}) IS NULL").fetchone() == (0,)
    return by_masks(masks)


def cpp_cell(value: Any, kind: dict[str, Any]) -> str:
    if value is None:
        return "std::nullopt"
    if kind["type"] in ("float32", "float64"):
        form, word = ("f", "f32") if kind["type"] == "float32" else ("d", "f64")
        return f"{word}(0x{struct.pack('>' + form, value).hex()}u)"
    if kind["type"] in ("utf8", "dictionary"):
        raw = value.encode()
        escaped = "".join(f"\\{b:03o}" for b in raw)
        return f'std::string_view("{escaped}", {len(raw)})'
    if kind["type"] == "bool":
        return "true" if value else "false"
    if value == -(2**63):
        return "std::numeric_limits<std::int64_t>::min()"
    return f"{value}u" if kind["type"].startswith("uint") else str(value)


DRIVER = """
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <optional>
#include <string_view>
{trees}
static double f64(std::uint64_t bits) {{ double v; std::memcpy(&v, &bits, 8); return v; }}
static float f32(std::uint32_t bits) {{ float v; std::memcpy(&v, &bits, 4); return v; }}
{runs}
int main() {{ {calls} return f64(0) == 0 && f32(0) == 0 ? 0 : 1; }}
"""


def with_nan(column: pa.ChunkedArray) -> list[Any]:
    """Cells for C++: NaN stays NaN, so that the generated code has to find it."""
    if not pa.types.is_floating(column.type):
        return raw_cells(column)
    return column.to_pylist()


def in_cpp(trees: list[Any], rows: pa.Table, tmp_path: Path, flags: list[str]) -> np.ndarray:
    """Compiles every tree; a line a tree and row: what leaf() says, and which condition holds."""
    compiler = shutil.which("g++") or shutil.which("c++") or shutil.which("clang++")
    assert compiler, "a C++ compiler is needed to test C++ rules"
    types = types_of(rows)
    headers, runs, calls = [], [], []
    for i, tree in enumerate(trees):
        source = tree.cpp_source()
        (tmp_path / f"tree{i}.hpp").write_text(source.replace("#pragma once", ""), encoding="utf-8")
        headers.append(f'namespace t{i} {{\n#include "tree{i}.hpp"\n}}')
        names = [name for name, _ in tree.columns]
        cells = [[cpp_cell(c, types[n]) for c in with_nan(rows[n])] for n in names]
        values = ",\n".join("{" + ", ".join(row) + "}" for row in zip(*cells, strict=True))
        conditions = " else ".join(
            f"if ({rule}) rule = {leaf};" for leaf, rule in enumerate(rules(tree, "cpp"))
        )
        runs.append(
            f"static void run{i}() {{ using namespace t{i}; static const Row rows[] = {{{values}}};\n"
            f'for (const Row& row : rows) {{ int rule = -1; {conditions} std::printf("%d %d ", leaf(row), rule); }} }}'
        )
        calls.append(f"run{i}();")
    main = tmp_path / "main.cpp"
    text = DRIVER.format(trees="\n".join(headers), runs="\n".join(runs), calls=" ".join(calls))
    main.write_text(text, encoding="utf-8")
    warnings = ["-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror", "-Wno-unused-function"]
    program = tmp_path / "main"
    built = subprocess.run(
        [compiler, "-std=c++17", *warnings, *flags, str(main), "-o", str(program)],
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr[:3000]
    output = subprocess.run(
        [str(program)], capture_output=True, text=True, check=True
    ).stdout.split()
    return np.array([int(x) for x in output]).reshape(-1, 2)
