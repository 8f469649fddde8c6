# SPDX-License-Identifier: Apache-2.0
"""Real flights: nothing is lost down the tree, rules select their rows, every way in gives the same bytes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import mlrepro as mr
from mlrepro._demo_data import load_tables

sys.path.insert(0, str(Path(__file__).parent))
from rule_runners import in_cpp, in_duckdb, in_pandas, in_polars

KEY = ["time_hour", "carrier", "flight"]
OUTCOMES = ["dep_time", "dep_delay", "arr_time", "arr_delay", "air_time"]


@pytest.fixture(scope="module")
def flights() -> pd.DataFrame:
    frame = load_tables()[0].copy()
    frame["cancelled"] = frame["dep_time"].isna()
    return frame


@pytest.fixture(scope="module")
def joined(flights: pd.DataFrame) -> mr.Dataset:
    data = mr.Dataset(flights, key=KEY, label="cancelled", time="time_hour")
    return mr.join(data, load_tables()[1], on="tailnum", how="left", validate="m:1")


def fitted(data: Any, target: str = "cancelled", **settings: Any) -> Any:
    exclude = [name for name in OUTCOMES if name in data.columns]
    return mr.DecisionTreeProbe(max_depth=4, exclude=exclude, **settings).fit(data, target=target)


@pytest.mark.parametrize(
    ("target", "selection"),
    [("cancelled", "unbiased"), ("cancelled", "gain"), ("distance", "gain")],
)
def test_rules_of_flights_select_other_rows_than_apply(
    joined: mr.Dataset, tmp_path: Path, target: str, selection: str
) -> None:
    probe = fitted(joined, target, selection=selection)
    nodes = probe.to_dict()["nodes"]
    for node in nodes:
        children = [nodes[i] for i in (node["left"], node["right"], node["alone"]) if i >= 0]
        for half in ("growing", "judged"):
            if children:
                assert node[half]["n"] == sum(child[half]["n"] for child in children)
                assert node[half]["sum"] == sum(c[half]["sum"] for c in children)
    leaves = probe.apply(joined)
    assert len(set(leaves)) == len(probe.leaves) > 5
    rows = pa.table(joined)
    np.testing.assert_array_equal(in_pandas(probe.tree, joined.to_pandas()), leaves)
    np.testing.assert_array_equal(in_polars(probe.tree, joined.to_polars()), leaves)
    np.testing.assert_array_equal(in_duckdb(probe.tree, rows), leaves)
    some = np.random.default_rng(0).choice(len(leaves), 1500, replace=False)
    pairs = in_cpp([probe.tree], rows.take(pa.array(some)), tmp_path, ["-O1"])
    np.testing.assert_array_equal(pairs[:, 0], leaves[some])
    np.testing.assert_array_equal(pairs[:, 1], leaves[some])


def test_a_library_an_order_or_threads_change_the_bytes(flights: pd.DataFrame) -> None:
    columns = [
        *KEY,
        "cancelled",
        "tailnum",
        "origin",
        "dest",
        "distance",
        "month",
        "sched_dep_time",
    ]
    frame = flights[columns]
    shuffled = frame.sample(frac=1, random_state=1)[columns[::-1]]
    duck = duckdb.connect()
    duck.execute("SET TimeZone = 'America/New_York'")
    duck.register("arrow", pa.Table.from_pandas(frame, preserve_index=False))
    tables = {
        "pandas": frame,
        "polars": pl.from_pandas(frame),
        "pyarrow": pa.Table.from_pandas(frame, preserve_index=False),
        "duckdb": duck.sql("SELECT * FROM arrow"),
        "shuffled": shuffled,
    }
    splitters = [
        mr.split.HashSplit({"train": 0.8, "test": 0.2}, by="tailnum", salt="2026"),
        mr.split.TimeSplit(test_from="2013-10-01", zone="America/New_York"),
        mr.split.GroupKFold(5, by="tailnum"),
    ]
    seen: dict[str, set[str]] = {"tree": set(), **{repr(s): set() for s in splitters}}
    for name, table in tables.items():
        data = mr.Dataset(table, key=KEY, label="cancelled", time="time_hour")
        for threads in (1, 2, 8) if name in ("pandas", "shuffled") else (2,):
            seen["tree"].add(fitted(data, threads=threads).to_json())
            for splitter in splitters:
                seen[repr(splitter)].add(splitter.plan(data, threads=threads).to_json())
    assert {name: len(texts) for name, texts in seen.items()} == dict.fromkeys(seen, 1)
