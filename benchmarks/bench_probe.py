# SPDX-License-Identifier: Apache-2.0
"""How fast is a probe from matrix to tree, against one LightGBM tree and a scikit-learn tree? 500k x 100 float32, depth 6.

python benchmarks/bench_probe.py [rows] [columns] [--full]

Every time includes what it takes to get from the matrix to the tree: binning here, the Dataset construction there, the
sorting in scikit-learn. scikit-learn needs about a minute at full size: without --full it is measured on a tenth of the
rows and a fifth of the columns, beside a probe of that same part. Best of three; scikit-learn once.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

import lightgbm
import numpy as np
from sklearn.tree import DecisionTreeClassifier

import mlrepro as mr

THREADS = len(os.sched_getaffinity(0))


def matrix(n_rows: int, n_columns: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x = np.asfortranarray(rng.standard_normal((n_rows, n_columns), dtype=np.float32))
    signal = x[:, 0] + x[:, 1] * x[:, 2] + 0.5 * x[:, 3]
    return x, (signal + rng.random(n_rows) * 2 > 1.5).astype(np.int32)


def best_of(times: int, work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def probe_seconds(x: np.ndarray, y: np.ndarray, **settings: object) -> float:
    table = mr.Dataset({f"x{i}": x[:, i] for i in range(x.shape[1])})
    options = {"max_depth": 6, "threads": THREADS, **settings}
    return best_of(3, lambda: mr.DecisionTreeProbe(**options).fit(table, target=y))


def lightgbm_seconds(x: np.ndarray, y: np.ndarray) -> float:
    settings = {
        "objective": "binary",
        "num_leaves": 64,
        "max_depth": 6,
        "min_data_in_leaf": 20,
        "num_threads": THREADS,
        "verbose": -1,
    }
    return best_of(3, lambda: lightgbm.train(settings, lightgbm.Dataset(x, y), num_boost_round=1))


def sklearn_seconds(x: np.ndarray, y: np.ndarray) -> float:
    tree = DecisionTreeClassifier(criterion="entropy", max_depth=6, min_samples_leaf=20)
    return best_of(1, lambda: tree.fit(x, y))


def main(n_rows: int, n_columns: int, full: bool) -> None:
    x, y = matrix(n_rows, n_columns)
    print(f"{n_rows:,} x {n_columns} float32, depth 6, {THREADS} threads; seconds, best of three")
    copied = best_of(3, lambda: mr.Dataset({f"x{i}": x[:, i] for i in range(n_columns)}))
    binned = probe_seconds(x, y, max_depth=0, honest=False)
    halved = probe_seconds(x, y, max_depth=0)
    whole = probe_seconds(x, y)
    print(f"  Dataset from NumPy (copied)           {copied:8.3f}")
    print(f"  target, binning, duplicates, warnings {binned:8.3f}")
    print(f"  row identity for the halves           {halved - binned:8.3f}")
    print(f"  grow, estimate, 64 leaves             {whole - halved:8.3f}")
    print(f"  probe.fit in all                      {whole:8.3f}")
    print(f"  the same with selection='gain'        {probe_seconds(x, y, selection='gain'):8.3f}")
    print(f"  the same with honest=False            {probe_seconds(x, y, honest=False):8.3f}")
    theirs = lightgbm_seconds(x, y)
    print(
        f"  LightGBM, Dataset and one tree        {theirs:8.3f}   {theirs / (whole + copied):6.1f}x"
    )
    if full:
        ours, part = whole, "full size"
    else:
        x, y = np.asfortranarray(x[: n_rows // 10, : max(n_columns // 5, 1)]), y[: n_rows // 10]
        ours, part = probe_seconds(x, y), f"{x.shape[0]:,} x {x.shape[1]}"
        print(f"  probe.fit, {part:<26} {ours:8.3f}")
    theirs = sklearn_seconds(x, y)
    print(f"  scikit-learn tree, {part:<18} {theirs:8.3f}   {theirs / ours:6.1f}x")


if __name__ == "__main__":
    numbers = [int(a) for a in sys.argv[1:] if not a.startswith("--")]
    main(*(numbers + [500_000, 100][len(numbers) :]), full="--full" in sys.argv[1:])
