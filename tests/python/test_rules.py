# SPDX-License-Identifier: Apache-2.0
"""A rule selects exactly the rows it was found on, in every language (law 5)."""

from __future__ import annotations

import datetime as dt
import math
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mlrepro as mr

sys.path.insert(0, str(Path(__file__).parent))
from probe_trees import hostile_table, leaves_in_python, random_tree, threshold_trees
from rule_runners import (
    in_cpp,
    in_duckdb,
    in_pandas,
    in_polars,
)
from text_rules import in_text

SEEDS = range(24)


@pytest.fixture(scope="module")
def table() -> pa.Table:
    return hostile_table()


@pytest.fixture(scope="module")
def trees(table: pa.Table) -> list[tuple[Any, np.ndarray]]:
    made = [random_tree(table, seed) for seed in SEEDS] + threshold_trees(table)
    return [(tree, leaves_in_python(table, splits)) for tree, splits in made]


def test_apply_is_what_plain_python_says(table: pa.Table, trees: Any) -> None:
    data = mr.Dataset(table)
    for tree, expected in trees:
        np.testing.assert_array_equal(tree.apply(data, 1), expected)


def test_a_pandas_rule_takes_nan_along(table: pa.Table, trees: Any) -> None:
    df = mr.Dataset(table).to_pandas()
    arrow_backed = table.to_pandas(types_mapper=pd.ArrowDtype)
    nullable = df.convert_dtypes()
    for tree, expected in trees:
        np.testing.assert_array_equal(in_pandas(tree, df), expected)
        np.testing.assert_array_equal(in_pandas(tree, arrow_backed), expected)
        np.testing.assert_array_equal(in_pandas(tree, nullable), expected)


def test_a_polars_rule_takes_nan_along(table: pa.Table, trees: Any) -> None:
    frame = mr.Dataset(table).to_polars()
    for tree, expected in trees:
        np.testing.assert_array_equal(in_polars(tree, frame), expected)


def test_a_sql_rule_is_null_or_sorts_nan_last(table: pa.Table, trees: Any) -> None:
    for tree, expected in trees:
        np.testing.assert_array_equal(in_duckdb(tree, table), expected)


def test_a_rule_for_people_says_other_rows_than_it_selects(table: pa.Table, trees: Any) -> None:
    for tree, expected in trees:
        np.testing.assert_array_equal(in_text(tree, table), expected)


def test_a_tree_without_types_has_other_rules(table: pa.Table) -> None:
    """Numbers and instants of a tree from to_json() are written so that they fit any type of their class."""
    names = ["f64", 'i"64', "it's i8", "^when$", "class", "a.b"]
    rows = table.select(names)
    df, frame = mr.Dataset(rows).to_pandas(), mr.Dataset(rows).to_polars()
    for tree, splits in [*(random_tree(rows, seed) for seed in range(8)), *threshold_trees(rows)]:
        bare = mr.Tree.from_json(tree.to_json())
        expected = leaves_in_python(rows, splits)
        np.testing.assert_array_equal(in_pandas(bare, df), expected)
        np.testing.assert_array_equal(in_duckdb(bare, rows), expected)
        np.testing.assert_array_equal(in_polars(bare, frame), expected)


# ---- C++ -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("flags", [["-O1"], ["-O2", "-ffast-math", "-march=x86-64"]])
def test_compiled_rules_follow_the_flags_of_the_service(
    table: pa.Table, trees: Any, tmp_path: Path, flags: list[str]
) -> None:
    rows = table.slice(0, 120)
    some = [*trees[:12], *trees[len(SEEDS) : len(SEEDS) + 16]]  # thresholds of floats
    pairs = in_cpp([tree for tree, _ in some], rows, tmp_path, flags)
    expected = np.concatenate([leaves[: rows.num_rows] for _, leaves in some])
    np.testing.assert_array_equal(pairs[:, 0], expected)
    np.testing.assert_array_equal(pairs[:, 1], expected)


def test_columns_named_like_macros_compile(tmp_path: Path) -> None:
    names = [
        "unix",
        "linux",
        "i386",
        "EOF",
        "INFINITY",
        "NAN",
        "NULL",
        "errno",
        "row",
        "x__y",
        "int",
    ]
    compiler = shutil.which("g++") or shutil.which("c++") or shutil.which("clang++")
    assert compiler, "a C++ compiler is needed to test C++ rules"
    x = np.arange(400)
    sources = []
    for i, name in enumerate(names):
        probe = mr.DecisionTreeProbe(max_depth=1).fit({name: x}, target=x >= 200)
        source = probe.tree.cpp_source().replace("#pragma once", "")
        (tmp_path / f"t{i}.hpp").write_text(source, encoding="utf-8")
        sources.append(f'namespace t{i} {{\n#include "t{i}.hpp"\n}}')
    headers = [
        "cerrno",
        "cmath",
        "cstdint",
        "cstdio",
        "cstring",
        "limits",
        "optional",
        "string_view",
    ]
    text = "\n".join([*(f"#include <{header}>" for header in headers), *sources])
    (tmp_path / "main.cpp").write_text(text, encoding="utf-8")
    built = subprocess.run(
        [compiler, "-std=gnu++17", "-fsyntax-only", str(tmp_path / "main.cpp")],
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr[:3000]


# ---- fitted trees ----------------------------------------------------------------------------------------------------

CELLS = st.one_of(
    st.none(),
    st.sampled_from(
        [math.nan, math.inf, -math.inf, -0.0, 0.0, 5e-324, 0.1, np.nextafter(0.1, 1), 2.0**53]
    ),
    st.floats(width=64),
)
WORDS = st.one_of(
    st.none(), st.sampled_from(["a", "'", '"', "\n", "é", ""]), st.text("ab'\"\\ é\n", max_size=3)
)
TIMES = st.one_of(st.none(), st.integers(1_383_458_400_000_000_000, 1_383_458_400_000_000_003))
LONGS = st.one_of(
    st.none(), st.integers(2**53 - 2, 2**53 + 2), st.sampled_from([-(2**63), 2**63 - 1])
)


@st.composite
def random_tables(draw: Any) -> tuple[pa.Table, np.ndarray]:
    n = draw(st.integers(12, 40))
    column = lambda cells: draw(st.lists(cells, min_size=n, max_size=n))  # noqa: E731
    zone = draw(st.sampled_from([None, "UTC", "Europe/Berlin"]))
    rows = pa.table(
        {
            "x": pa.array(column(CELLS), pa.float64(), from_pandas=False),
            "f": pa.array(
                [
                    None if c is None else np.float32(c)
                    for c in column(st.one_of(st.none(), st.floats(width=32)))
                ],
                pa.float32(),
            ),
            "big": pa.array(column(LONGS), pa.int64()),
            "t": pa.array(column(TIMES), pa.int64()).cast(pa.timestamp("ns", tz=zone)),
            "c": pa.array(column(WORDS), pa.string()),
            "k": pa.array(column(WORDS), pa.string()).dictionary_encode(),
            "b": pa.array(column(st.one_of(st.none(), st.booleans())), pa.bool_()),
        }
    )
    target = np.array(draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)), dtype=bool)
    target[:2] = [True, False]
    return rows, target


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(random_tables(), st.sampled_from(["unbiased", "gain"]))
def test_fitted_rules_select_other_rows_than_apply(
    drawn: tuple[pa.Table, np.ndarray], selection: str
) -> None:
    rows, target = drawn
    data = mr.Dataset(rows)
    probe = mr.DecisionTreeProbe(
        min_samples_leaf=1, alpha=1, honest=False, selection=selection
    ).fit(data, target=target)
    leaf = probe.apply(data)
    assert [int((leaf == x.leaf).sum()) for x in sorted(probe.leaves, key=lambda x: x.leaf)] == [
        x.rows for x in sorted(probe.leaves, key=lambda x: x.leaf)
    ]
    np.testing.assert_array_equal(in_text(probe.tree, rows), leaf)
    np.testing.assert_array_equal(in_pandas(probe.tree, data.to_pandas()), leaf)
    np.testing.assert_array_equal(in_polars(probe.tree, data.to_polars()), leaf)
    np.testing.assert_array_equal(in_duckdb(probe.tree, rows), leaf)


def test_dates_of_pandas_objects_compare() -> None:
    days = [dt.date(2013, 11, 2), dt.date(2013, 11, 3), None, dt.date(1900, 1, 1)] * 20
    df = pd.DataFrame({"d": pd.Series(days, dtype=object), "y": [0, 1, 0, 0] * 20})
    probe = mr.DecisionTreeProbe(max_depth=2, min_samples_leaf=1, honest=False, alpha=1).fit(
        df, target="y"
    )
    np.testing.assert_array_equal(in_pandas(probe.tree, df), probe.apply(df))


def test_an_expression_filters_a_lazy_frame() -> None:
    frame = pl.DataFrame({"x": [1.0, 2.0, None, math.nan] * 30, "y": [0, 1, 1, 1] * 30})
    probe = mr.DecisionTreeProbe(min_samples_leaf=1, honest=False).fit(frame, target="y")
    leaf = probe.apply(frame)
    for i in probe.rules("polars"):
        assert frame.lazy().filter(probe.expr(i)).collect().height == int((leaf == i).sum())
