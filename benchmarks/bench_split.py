# SPDX-License-Identifier: Apache-2.0
"""How fast is a split by key, against scikit-learn? 1M rows, 50,000 string groups; best of three, ns a row and ratios.

python benchmarks/bench_split.py [rows]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
from sklearn.model_selection import GroupKFold, GroupShuffleSplit

import mlrepro as mr

N_GROUPS = 50_000
HALVES = {"train": 0.8, "test": 0.2}


def best_of_three(work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def report(name: str, n_rows: int, ours: float, theirs: float) -> None:
    print(
        f"{name:<46}{ours / n_rows * 1e9:>9.1f}{theirs / n_rows * 1e9:>12.1f}{theirs / ours:>9.1f}x"
    )


def main(n_rows: int) -> None:
    groups = np.random.default_rng(0).integers(0, N_GROUPS, n_rows)
    text = np.array([f"vehicle-{i:06d}" for i in range(N_GROUPS)])[groups]
    x = np.arange(n_rows)
    print(
        f"{'ns a row, ' + format(n_rows, ',') + ' rows':<46}{'mlrepro':>9}{'peer':>12}{'ratio':>10}"
    )

    shuffle = GroupShuffleSplit(n_splits=1, test_size=0.2, random_state=0)
    objects = text.astype(object)  # what pandas hands to scikit-learn
    by_object = best_of_three(lambda: next(shuffle.split(x, groups=objects)))
    by_text = best_of_three(lambda: next(shuffle.split(x, groups=text)))
    by_int = best_of_three(lambda: next(shuffle.split(x, groups=groups)))
    split = mr.split.HashSplit(HALVES, by="g", salt="2026")
    for name, column, theirs in (("text", objects, by_object), ("int", groups, by_int)):
        table = mr.Dataset({"g": column})
        report(
            f"HashSplit.plan, {name} groups",
            n_rows,
            best_of_three(lambda t=table: split.plan(t)),
            theirs,
        )
        plan = split.plan(table)
        report(
            f"  and both index arrays, {name}",
            n_rows,
            best_of_three(lambda t=table: split.plan(t).cv()),
            theirs,
        )
        assert not set(column[plan.indices("train")]) & set(column[plan.indices("test")])
    arrays = best_of_three(lambda: next(split.split(x, groups=objects)))
    report("HashSplit.split, from an array of str objects", n_rows, arrays, by_object)
    arrays = best_of_three(lambda: next(split.split(x, groups=text)))
    report("HashSplit.split, from a NumPy array of dtype U", n_rows, arrays, by_text)

    table = mr.Dataset({"g": groups})
    folds = mr.split.GroupKFold(5, by="g")
    peer = best_of_three(lambda: list(GroupKFold(5).split(x, groups=groups)))
    report(
        "GroupKFold.plan, exact, int groups", n_rows, best_of_three(lambda: folds.plan(table)), peer
    )
    report(
        "  and five pairs of index arrays",
        n_rows,
        best_of_three(lambda: folds.plan(table).cv()),
        peer,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
