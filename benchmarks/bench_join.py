# SPDX-License-Identifier: Apache-2.0
"""What the contract and the report of a left join on text keys cost.

Run: python benchmarks/bench_join.py [--rows 1000000] [--keys 20000] [--repeats 5]. Each line is the best of the repeats,
all in one run on one machine: read the ratios, not the seconds.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

import mlrepro as mr


def tables(rows: int, keys: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(0)
    names = np.array([f"key-{i:07d}" for i in rng.permutation(2 * keys)])
    left = pd.DataFrame(
        {
            "key": names[rng.integers(0, keys + keys // 20, rows)],
            "x": rng.normal(size=rows),
            "group": rng.integers(0, 12, rows),
            "carrier": np.array(["AA", "B6", "MQ", "UA"])[rng.integers(0, 4, rows)],
        }
    )
    right = pd.DataFrame(
        {"key": names[:keys], "y": rng.normal(size=keys), "z": rng.integers(0, 100, keys)}
    )
    return left, right


def best(call: Callable[[], Any], repeats: int) -> float:
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def ours(left: Any, right: Any, threads: int | None = None) -> Callable[[], mr.Dataset]:
    return lambda: mr.join(left, right, on="key", how="left", validate="m:1", threads=threads)


def calls(left: pd.DataFrame, right: pd.DataFrame) -> dict[str, Callable[[], Any]]:
    a, b = pl.from_pandas(left), pl.from_pandas(right)
    left_set, right_set = mr.Dataset(left), mr.Dataset(right)
    coded = mr.Dataset(left.astype({"key": "category"}))
    return {
        "pandas merge, validate='m:1'": lambda: left.merge(
            right, on="key", how="left", validate="m:1"
        ),
        "polars join, validate='m:1'": lambda: a.join(b, on="key", how="left", validate="m:1"),
        "mr.join of pandas frames, with report": ours(left, right),
        "mr.join of Datasets, with report": ours(left_set, right_set),
        "mr.join of Datasets, one thread": ours(left_set, right_set, 1),
        "mr.join of categories, one thread": ours(coded, right_set, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--keys", type=int, default=20_000)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    left, right = tables(options.rows, options.keys)
    print(
        f"left join, {options.rows:,} rows x {options.keys:,} text keys (pyarrow {pa.__version__})"
    )
    base = 0.0
    for name, call in calls(left, right).items():
        seconds = best(call, options.repeats)
        base = base or seconds
        per_row = seconds * 1e9 / options.rows
        print(f"  {name:<40}{per_row:>8.1f} ns a row{base / seconds:>8.2f} x pandas")


if __name__ == "__main__":
    main()
