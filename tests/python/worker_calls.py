# SPDX-License-Identifier: Apache-2.0
"""What the tests of threads and forks run in worker processes: a module, because spawn imports it there."""

from __future__ import annotations

import functools
import hashlib
import os

import numpy as np

import mlrepro as mr
from mlrepro import _core


@functools.cache
def table() -> mr.Dataset:
    random = np.random.default_rng(3)
    n = 60_000
    columns = {f"x{i}": random.normal(size=n) for i in range(6)}
    columns["group"] = random.integers(0, 500, n)
    columns["y"] = (columns["x1"] > 1).astype(np.int64)
    return mr.Dataset(columns, label="y")


def work(threads: int | None = None) -> str:
    """One parallel call of several rooms; the digest of what they gave."""
    data = table()
    probe = mr.DecisionTreeProbe(max_depth=4, threads=threads).fit(data, target="label")
    plan = mr.split.GroupKFold(4, by="group").plan(data)
    parts = [
        probe.tree.to_json(),
        mr.fingerprint(data).to_json(),
        plan.indices(next(iter(plan.parts))).tobytes().hex(),
        probe.apply(data).tobytes().hex(),
    ]
    return hashlib.sha256("".join(parts).encode()).hexdigest()


def threads_here(_: object = None) -> int:
    return _core.default_threads()


def unset_thread_variables() -> None:
    for name in ("MLREPRO_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.pop(name, None)
