# SPDX-License-Identifier: Apache-2.0
"""Slices against figures that other tools publish: pysubgroup on the Titanic, SliceLine on a table of 20 rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mlrepro as mr

TITANIC = Path(__file__).parents[1] / "vectors" / "titanic_counts.csv"  # of pysubgroup's 156 rows
ALL_ROWS = mr.DecisionTreeProbe(honest=False, alpha=1, min_samples_leaf=1)


@pytest.fixture(scope="module")
def titanic() -> tuple[pd.DataFrame, np.ndarray]:
    """One row a passenger, from counts; Parch and SibSp in the classes that pysubgroup searched."""
    counts = pd.read_csv(TITANIC, dtype={"Parch": str})
    counts["SibSp"] = np.where(counts["SibSp"] < 1, "none", "some")
    rows = counts.loc[counts.index.repeat(counts["n"])]
    number = rows.groupby(level=0).cumcount()  # of a passenger among those alike
    return rows[["Sex", "Parch", "SibSp", "Cabin", "Embarked"]], (
        number < rows["survived"]
    ).to_numpy()


@pytest.mark.parametrize(
    ("rule", "wracc"),
    [
        ("Sex = female", 0.132150),
        ("Parch = '0' and Sex = female", 0.101331),
        ("Sex = female and SibSp = none", 0.079142),
        ("Sex = female and Cabin is missing", 0.077663),
        ("Sex = female and Embarked = S", 0.071746),
    ],
)
def test_a_slice_of_the_titanic_has_other_figures_than_pysubgroup_prints(
    titanic: tuple[pd.DataFrame, np.ndarray], rule: str, wracc: float
) -> None:
    rows, survived = titanic
    named = [name for name in rows if name in rule]
    found = mr.find_slices(rows[named], survived, max_conditions=len(named), k=1000, probe=ALL_ROWS)
    parts = {frozenset(one.rule.split(" and ")): one for one in found}
    one = parts[frozenset(rule.split(" and "))]
    share = one.rows_judged / len(rows)
    assert share * (one.mean - survived.mean()) == pytest.approx(wracc, abs=5e-7)


def sliceline(size: int, mean: float, n: int, overall: float, alpha: float = 0.95) -> float:
    return alpha * (mean / overall - 1) - (1 - alpha) * (n / size - 1)


@pytest.mark.parametrize("seed", range(8))
def test_the_slice_that_holds_all_errors_is_not_first(seed: int) -> None:
    """SliceLine's smallest case: 20 rows, half of them in the slice (1, 1), which has all errors: score 0.9."""
    rng = np.random.default_rng(seed)
    inside = rng.permutation(20) < 10
    a = np.where(inside, 1, rng.integers(2, 4, 20))
    b = np.where(inside, 1, rng.integers(1, 4, 20))
    a, b = (a, b) if seed % 2 else (b, a)
    frame = pd.DataFrame({"a": a, "b": b}).astype(str).astype("category")
    found = mr.find_slices(frame, inside, max_conditions=2, probe=ALL_ROWS)
    assert (found.mask(0, frame) == inside).all()
    assert found.exact
    first = found[0]
    assert sliceline(first.rows_judged, first.mean, 20, 0.5) == pytest.approx(0.9, abs=1e-12)
