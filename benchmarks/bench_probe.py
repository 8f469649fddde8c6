# SPDX-License-Identifier: Apache-2.0
"""How fast a probe gets from matrix to tree and honest leaves, beside its peers and one pass over the values.

python benchmarks/bench_probe.py [--scale 0.1] [--full] [--chart benchmarks/probe.svg]

Prints stages, peers, and the floors and aims of the design with what was measured: float32, depth 6, best of three, on
all threads that this process may use. `--scale` shrinks every number of rows (the floors are meant for 1). scikit-learn's
tree takes a minute at full size: without `--full` it gets a tenth of the rows and a fifth of the columns, and so do we
beside it. `--chart` writes time against rows and columns instead.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import probe_apply
import probe_calls as calls
import probe_chart
import probe_memory
import probe_stream
from probe_goals import Goal, print_table
from probe_inputs import (
    ON_THREADS,
    SHAPES,
    THREADS,
    Table,
    best_of,
    columns_of,
    dense,
    of_shape,
    part_of,
    seconds_of,
)

import mlrepro as mr

COLUMNS = 100
Rows = list[list[str]]


def stage_seconds(table: Table, one_pass: float) -> dict[str, float]:
    """Return what a cold probe is made of, each stage alone."""
    rows = mr.Dataset(columns_of(table), copy=False)

    def fit(binned: mr.BinnedDataset, **settings: object) -> float:
        return seconds_of(lambda: calls.probe(**settings).fit(binned, table.y))

    bins, first = [], []
    for _ in range(3):
        start = time.perf_counter()
        binned = mr.BinnedDataset(rows, threads=THREADS)
        bins.append(time.perf_counter() - start)
        first.append(fit(binned, max_depth=0))

    def best(**settings: object) -> float:
        return min(fit(binned, **settings) for _ in range(3))

    root, tree = best(max_depth=0), calls.probe().fit(binned, table.y)
    used = [name for name, _ in tree.tree.columns]  # a few: nearly all that is left is a row's own
    estimate = best(features=used) - best(features=used, max_depth=0)
    return {
        "read: one pass of NumPy": one_pass,
        "edges and codes": min(bins),
        "row identity, once a table": min(first) - root,
        "target, candidates, warnings": root,
        "grow": best() - root - estimate,
        "estimate": estimate,
        "leaf table": seconds_of(lambda: tree.leaves),
        "render: to_html": best_of(3, tree.to_html),
    }


def stages_and_peers(table: Table, full: bool) -> Rows:
    n_rows, n_columns = table.x.shape
    one_pass = best_of(3, calls.one_pass(table))
    cold, warm = best_of(3, calls.cold(table)), best_of(3, calls.warm(table))

    def line(name: str, seconds: float, n_values: int, *more: str) -> list[str]:
        per_value = f"{seconds / n_values * 1e9:.2f}"
        return [name, f"{seconds:.4f}", per_value, f"{seconds / one_pass:.1f}", *more]

    print(f"{n_rows:,} x {n_columns} float32, depth 6, {ON_THREADS}; passes: of one over it")
    stages = {"cold": cold, "warm": warm, **stage_seconds(table, one_pass)}
    head = ["stage", "seconds", "ns a value", "passes"]
    print_table(head, (line(name, took, table.x.size) for name, took in stages.items()))

    lightgbm, lightgbm_warm = (
        best_of(3, work(table)) for work in (calls.lightgbm_cold, calls.lightgbm_warm)
    )
    boosting = best_of(3, calls.hist_gradient_boosting(table))
    part = table if full else part_of(table, max(n_rows // 10, 1), max(n_columns // 5, 4))
    ours, tree = best_of(3, calls.cold(part)), best_of(1, calls.sklearn_tree(part))
    size = "{:,} x {}".format(*part.x.shape)
    peers = [
        ("LightGBM, Dataset and a tree", lightgbm, table, cold),
        ("LightGBM, one more tree", lightgbm_warm, table, warm),
        ("HistGradientBoosting, max_iter=1", boosting, table, cold),
        (f"DecisionTreeClassifier, {size}", tree, part, ours),
    ]
    print_table(
        ["peer", *head[1:], "times ours"],
        (line(name, took, t.x.size, f"{took / own:.1f}") for name, took, t, own in peers),
    )
    return [
        Goal("cold, against LightGBM", 10, 25, "x", at_least=True).row(lightgbm / cold),
        Goal(f"cold, scikit-learn's tree, {size}", 100, 300, "x", at_least=True).row(tree / ours),
        Goal("warm, against LightGBM", 1, 5, "x", at_least=True).row(lightgbm_warm / warm),
    ]


def wide(n_rows: int, n_columns: int) -> Rows:
    case = f"{n_rows:,} x {n_columns:,}"
    goals = [Goal(f"{case}, cold", 4, 2, " s"), Goal(f"{case}, further probe", 0.6, 0.25, " s")]
    need = 8 * n_rows * n_columns
    if probe_memory.available() < need:
        return [goal.row(None, f"needs {need / 1e9:.0f} GB of memory") for goal in goals]
    table = dense(n_rows, n_columns)
    one_pass = best_of(3, calls.one_pass(table))
    took = [best_of(3, work(table)) for work in (calls.cold, calls.warm)]
    print(f"{case}: one pass {one_pass:.3f} s, cold {took[0]:.3f} s, further probe {took[1]:.3f} s")
    return [goal.row(seconds) for goal, seconds in zip(goals, took, strict=True)]


def streamed_from_parquet(n_rows: int, n_columns: int) -> Rows:
    case = f"{n_rows:,} x {n_columns} from Parquet"
    read, streamed, peak = probe_stream.measured(n_rows, n_columns)
    print(
        f"{case}: reading {read:.2f} s, bins and a probe {streamed:.2f} s, peak {peak / 2**30:.2f} GiB"
    )
    against = Goal(f"{case}, against reading it", 3, 3, "x").row(streamed / read)
    against[1], against[4] = "completes", "met"
    return [Goal(f"{case}, peak", 8, 8, " GiB").row(peak / 2**30), against]


def shapes(usual: Table) -> Iterator[list[str]]:
    """Per value, against the dense table."""

    def per_value(table: Table) -> float:
        return best_of(3, calls.cold(table)) / table.x.size * 1e9

    base = per_value(usual)
    for shape in SHAPES:
        table = of_shape(shape, *usual.x.shape)
        took = per_value(table)
        size = "{:,} x {:,}".format(*table.x.shape)
        print(f"{shape}, {size}: {took:.2f} ns a value; dense {base:.2f}", flush=True)
        yield Goal(f"{shape}, a value", 1.5, 1, "x dense").row(took / base)


def memory(*sizes: tuple[int, int]) -> Rows:
    return [
        Goal(f"binned(), {n_rows:,} x {n_columns}", 1.6, 1.6, " bytes a value").row(
            probe_memory.bytes_a_value(n_rows, n_columns)
        )
        for n_rows, n_columns in sizes
    ]


def one_row(table: Table) -> Rows:
    goal = Goal("one row, depth 6, C++", 200, 50, " ns")
    if not probe_apply.can_build():
        return [goal.row(None, "no cmake and C++ compiler here")]
    probe = calls.probe().fit(columns_of(table), table.y)
    return [goal.row(probe_apply.nanoseconds_a_row(probe))]


def main(scale: float, full: bool) -> None:
    n = int(scale * 500_000)
    table = dense(n, COLUMNS)
    rows = stages_and_peers(table, full)
    rows += one_row(table)
    rows += shapes(table)
    del table
    rows += memory((n, COLUMNS), (2 * n, COLUMNS))
    rows += wide(2 * n, 10 * COLUMNS)
    rows += streamed_from_parquet(int(scale * 10_000_000), COLUMNS)
    print()
    print_table(["case", "floor", "aim", "measured", "floor is", "aim is"], rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--chart", type=Path)
    given = parser.parse_args()
    if given.chart:
        given.chart.write_text(probe_chart.measured_chart(given.scale), encoding="utf-8")
    else:
        main(given.scale, given.full)
