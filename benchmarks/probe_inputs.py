# SPDX-License-Identifier: Apache-2.0
"""Tables for the benchmarks of the probe, and how they are timed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

THREADS = len(os.sched_getaffinity(0))
ON_THREADS = f"{THREADS} thread{'s' * (THREADS > 1)}"
SHAPES = ("90% one value", "80% missing", "one-hot families", "5,000 columns")


class Table(NamedTuple):
    """float32, each column contiguous; a binary target that depends on the first four columns."""

    x: np.ndarray
    y: np.ndarray


def columns_of(table: Table) -> dict[str, np.ndarray]:
    return {f"x{i}": table.x[:, i] for i in range(table.x.shape[1])}


def part_of(table: Table, n_rows: int, n_columns: int) -> Table:
    return Table(np.asfortranarray(table.x[:n_rows, :n_columns]), table.y[:n_rows])


def with_target(x: np.ndarray, rng: np.random.Generator) -> Table:
    a, b, c, d = np.nan_to_num(x[:, :4].T)
    noise = 2 * rng.random(len(x), dtype=np.float32)
    return Table(x, (a + b * c + d / 2 + noise > 1.5).astype(np.int32))


def normal_columns(n_rows: int, n_columns: int, rng: np.random.Generator) -> np.ndarray:
    columns = np.empty((n_columns, n_rows), dtype=np.float32)
    for column in columns:
        rng.standard_normal(out=column, dtype=np.float32)
    return columns


def dense(n_rows: int, n_columns: int) -> Table:
    rng = np.random.default_rng(0)
    return with_target(normal_columns(n_rows, n_columns, rng).T, rng)


def of_shape(shape: str, n_rows: int, n_columns: int) -> Table:
    """One of SHAPES, for a table of this size: the wide ones have a fifth of its rows."""
    rng = np.random.default_rng(1)
    few = max(n_rows // 5, 1)
    if shape == "5,000 columns":
        return with_target(normal_columns(few, 50 * n_columns, rng).T, rng)
    if shape == "one-hot families":  # 50 of 40 levels beside 100 columns
        level = rng.integers(0, 40, (n_columns // 2, few, 1), dtype=np.int8)
        families = (level == np.arange(40, dtype=np.int8)).transpose(0, 2, 1)
        return with_target(families.reshape(-1, few).astype(np.float32).T, rng)
    columns = normal_columns(n_rows, n_columns, rng)
    share, value = (0.8, np.nan) if shape == "80% missing" else (0.9, 0)
    for column in columns:
        column[rng.random(n_rows, dtype=np.float32) < share] = value
    return with_target(columns.T, rng)


def seconds_of(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def best_of(times: int, work: Callable[[], object], enough: float = 60) -> float:
    """The shortest of several runs in seconds; no further run once they took `enough` together."""
    took = [seconds_of(work)]
    while len(took) < times and sum(took) < enough:
        took.append(seconds_of(work))
    return min(took)
