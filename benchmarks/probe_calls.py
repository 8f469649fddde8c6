# SPDX-License-Identifier: Apache-2.0
"""What is timed: our probe from the matrix and again, and what its peers need for the same. Depth 6, at most 64 leaves."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import lightgbm
import numpy as np
from probe_inputs import THREADS, Table, columns_of
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.tree import DecisionTreeClassifier

import mlrepro as mr

Work = Callable[[], object]
LIGHTGBM = {
    "objective": "binary",
    "num_leaves": 64,
    "max_depth": 6,
    "min_data_in_leaf": 20,
    "num_threads": THREADS,
    "verbose": -1,
}


def probe(**settings: object) -> mr.DecisionTreeProbe:
    return mr.DecisionTreeProbe(**{"max_depth": 6, "threads": THREADS, **settings})


def one_pass(table: Table) -> Work:
    """NumPy's maximum of each column, on all threads."""
    columns = list(columns_of(table).values())

    def run() -> None:
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(np.max, columns))

    return run


def cold(table: Table) -> Work:
    """From borrowed arrays to the tree and the table of its leaves."""
    return lambda: probe().fit(columns_of(table), table.y).leaves


def warm(table: Table) -> Work:
    """The same once more, on a table that is binned already and has answered a probe."""
    binned = mr.BinnedDataset(mr.Dataset(columns_of(table), copy=False), threads=THREADS)
    probe().fit(binned, table.y)
    return lambda: probe().fit(binned, table.y).leaves


def lightgbm_cold(table: Table) -> Work:
    return lambda: lightgbm.train(LIGHTGBM, lightgbm.Dataset(*table), num_boost_round=1)


def lightgbm_warm(table: Table) -> Work:
    """One more tree of a booster that has its Dataset."""
    booster = lightgbm.Booster(LIGHTGBM, lightgbm.Dataset(*table))
    booster.update()
    return booster.update


def hist_gradient_boosting(table: Table) -> Work:
    model = HistGradientBoostingClassifier(
        max_iter=1, max_depth=6, max_leaf_nodes=64, early_stopping=False
    )
    return lambda: model.fit(*table)


def sklearn_tree(table: Table) -> Work:
    tree = DecisionTreeClassifier(criterion="entropy", max_depth=6, min_samples_leaf=20)
    return lambda: tree.fit(*table)
