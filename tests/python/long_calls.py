# SPDX-License-Identifier: Apache-2.0
"""Calls that take long, by name, and how long signals wait in them: for the tests and the benchmark of Ctrl-C."""

from __future__ import annotations

import itertools
import pickle
import signal
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import mlrepro as mr


def _columns(n_rows: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(7)
    columns = {f"x{i}": random.normal(size=n_rows) for i in range(8)}
    columns["group"] = random.integers(0, max(n_rows // 20, 1), n_rows)
    columns["id"] = random.permutation(n_rows)
    columns["text"] = np.char.add("N", random.integers(0, 10**9, n_rows).astype(str))
    columns["y"] = (columns["x0"] + random.normal(size=n_rows) > 1).astype(np.int64)
    return columns


def _frame(n_rows: int, numeric: bool = False) -> Any:
    import pyarrow as pa

    columns = _columns(n_rows)
    if numeric:
        del columns["text"]
    return pa.table(columns)


def _dataset(n_rows: int) -> Callable[[], object]:
    half = _frame(n_rows // 2)
    import pyarrow as pa

    table = pa.concat_tables([half, half])
    return lambda: mr.Dataset(table)


def _objects(n_rows: int) -> Callable[[], object]:
    texts = np.array([f"N{i}" for i in range(n_rows)], object)
    return lambda: mr.Dataset({"text": texts})


def _dictionaries(n_rows: int) -> Callable[[], object]:
    import pyarrow as pa

    text = _columns(n_rows // 2)["text"]
    halves = [pa.table({"text": pa.array(t).dictionary_encode()}) for t in (text, text[::-1])]
    table = pa.concat_tables(halves)
    return lambda: mr.Dataset(table)


def _key(n_rows: int) -> Callable[[], object]:
    frame = _frame(n_rows)
    return lambda: mr.Dataset(frame, key=["id", "text"])


def _join(n_rows: int) -> Callable[[], object]:
    frame = _columns(n_rows)
    left = mr.Dataset(frame)
    right = mr.Dataset({"id": frame["id"][::2].copy(), "size": frame["x3"][::2].copy()})
    return lambda: mr.join(left, right, on="id", how="left", validate="1:1")


def _hash_split(n_rows: int) -> Callable[[], object]:
    data = mr.Dataset(_frame(n_rows))
    splitter = mr.split.HashSplit({"train": 0.8, "test": 0.2}, by="text", salt="s", exact=True)
    return lambda: splitter.plan(data)


def _group_kfold(n_rows: int) -> Callable[[], object]:
    data = mr.Dataset(_frame(n_rows))
    return lambda: mr.split.GroupKFold(5, by="text").plan(data)


def _plan_report(n_rows: int) -> Callable[[], object]:
    data = mr.Dataset(_frame(n_rows), label="y")
    plan = mr.split.HashSplit({"train": 0.8, "test": 0.2}, by="group", salt="s").plan(data)
    return lambda: plan.extend(data).report


def _probe(n_rows: int) -> Callable[[], object]:
    data = mr.Dataset(_frame(n_rows), label="y")
    return lambda: mr.DecisionTreeProbe(max_depth=6).fit(data, target="label")


def _numeric_probe(n_rows: int) -> Callable[[], object]:
    data = mr.Dataset(_frame(n_rows, numeric=True))
    heavy = np.exp(3 * np.random.default_rng(1).normal(size=n_rows))
    return lambda: mr.DecisionTreeProbe(max_depth=6).fit(data, target=heavy)


def _apply(n_rows: int) -> Callable[[], object]:
    few = mr.Dataset(_frame(20_000), label="y")
    probe = mr.DecisionTreeProbe(max_depth=6).fit(few, target="label")
    data = mr.Dataset(_frame(n_rows))
    return lambda: probe.apply(data)


def _fingerprint(n_rows: int) -> Callable[[], object]:
    data = mr.Dataset(_frame(n_rows))
    return lambda: mr.fingerprint(data)


def _fingerprint_stream(n_rows: int) -> Callable[[], object]:
    frame = _frame(n_rows)
    return lambda: mr.fingerprint(frame.to_reader(max_chunksize=100_000))


def _verdict(n_rows: int) -> Callable[[], object]:
    columns = _columns(n_rows)
    a = mr.fingerprint(mr.Dataset(columns))
    columns["x0"] = columns["x0"][::-1].copy()
    b = mr.fingerprint(mr.Dataset(columns))
    return lambda: a.verdict(b)


def _evaluate(n_rows: int) -> Callable[[], object]:
    columns = _columns(n_rows)
    p = 1 / (1 + np.exp(-columns["x0"]))
    return lambda: mr.evaluate(
        columns["y"], p, metrics=["roc_auc", "average_precision", "log_loss"]
    )


def _take(n_rows: int) -> Callable[[], object]:
    data = mr.Dataset(_frame(n_rows))
    mask = np.random.default_rng(0).random(n_rows) < 0.9
    return lambda: data.filter(mask)


def _export(n_rows: int) -> Callable[[], object]:
    data = mr.Dataset(_frame(n_rows))
    return lambda: data.to_pandas()


def _parquet(n_rows: int) -> Callable[[], object]:
    import pyarrow.parquet as pq

    file = tempfile.NamedTemporaryFile(suffix=".parquet")  # noqa: SIM115 (lives as long as the call)
    pq.write_table(_frame(n_rows), file.name, row_group_size=max(n_rows // 16, 1))
    return lambda: mr.Dataset(file.name)


def _slices(n_rows: int) -> Callable[[], object]:
    data = mr.Dataset(_frame(n_rows, numeric=True).drop(["id", "group"]), label="y")
    return lambda: mr.find_slices(data, target="label")


def _comparison(n_rows: int) -> Callable[[], object]:
    columns = _columns(n_rows)
    y = columns.pop("y")
    before = 1 / (1 + np.exp(-columns["x0"]))
    after = np.where(columns["x1"] > 1, 1 - before, before)
    data = mr.Dataset({name: columns[name] for name in ("x1", "x2", "x3", "x4")})
    return lambda: mr.compare_predictions(data, before, after, y, loss="log_loss")


CALLS: dict[str, Callable[[int], Callable[[], object]]] = {
    "dataset": _dataset,
    "dataset_objects": _objects,
    "dataset_dictionaries": _dictionaries,
    "dataset_key": _key,
    "take": _take,
    "to_pandas": _export,
    "join": _join,
    "hash_split": _hash_split,
    "group_kfold": _group_kfold,
    "plan_report": _plan_report,
    "probe": _probe,
    "numeric_probe": _numeric_probe,
    "apply": _apply,
    "fingerprint": _fingerprint,
    "fingerprint_stream": _fingerprint_stream,
    "verdict": _verdict,
    "evaluate": _evaluate,
    "parquet": _parquet,
    "slices": _slices,
    "comparison": _comparison,
}


@dataclass
class Waits:
    """How often signal handlers ran during a call, and the longest that one had to wait."""

    seconds: float
    n_handled: int
    longest: float


def waits_of(call: Callable[[], object]) -> Waits:
    """Run `call` under a timer whose signal is due all the time: gaps between its handlers are what Ctrl-C waits."""
    handled: list[float] = []
    old = signal.signal(signal.SIGALRM, lambda *_: handled.append(time.perf_counter()))
    begin = time.perf_counter()
    signal.setitimer(signal.ITIMER_REAL, 0.005, 0.005)
    try:
        call()
    finally:
        end = time.perf_counter()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
    inside = [begin, *(t for t in handled if t < end), end]
    gaps = [b - a for a, b in itertools.pairwise(inside)]
    return Waits(end - begin, len(inside) - 2, max(gaps))


def interrupt(call: Callable[[], object], at: int) -> bool:
    """Run `call`, raise KeyboardInterrupt in the signal handler number `at`; whether it came out."""
    n = 0

    def handler(*_: object) -> None:
        nonlocal n
        n += 1
        if n == at:
            raise KeyboardInterrupt

    old = signal.signal(signal.SIGALRM, handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.005, 0.005)
        call()
    except KeyboardInterrupt:
        return True
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
    return False


def digest(result: Any) -> object:
    """What a result holds, for comparison."""
    if isinstance(result, mr.Dataset):
        return mr.fingerprint(result).table_id
    if isinstance(result, np.ndarray):
        return result.tobytes()
    return result.to_json() if hasattr(result, "to_json") else pickle.dumps(result)
