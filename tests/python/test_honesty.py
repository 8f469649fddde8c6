# SPDX-License-Identifier: Apache-2.0
"""Figures that hold: intervals cover the truth, planted slices are found among decoys, joins that lose one class are named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from causaldata import nhefs, scorecard

import mlrepro as mr


def leaves_that_cover(honest: bool, n_leaves: int = 2_000) -> float:
    """Share of leaves whose 95% interval holds the true rate, trees forced to split on noise."""
    rng = np.random.default_rng(17)
    covered: list[bool] = []
    while len(covered) < n_leaves:
        rate = rng.uniform(0.05, 0.5)
        table = {f"x{i}": rng.integers(0, 40, 900) for i in range(8)} | {"id": np.arange(900)}
        probe = mr.DecisionTreeProbe(
            max_depth=3, alpha=1, selection="gain", honest=honest, threads=1
        ).fit(mr.Dataset(table, key="id"), target=rng.random(900) < rate)
        covered += [leaf.low <= rate <= leaf.high for leaf in probe.leaves if leaf.rows_judged]
    return float(np.mean(covered[:n_leaves]))


def test_intervals_of_judged_rows_cover_and_those_of_rows_that_chose_do_not() -> None:
    assert leaves_that_cover(honest=True) == pytest.approx(0.95, abs=0.015)
    assert leaves_that_cover(honest=False) < 0.9


def planted(
    size: float, lift: float, seed: int
) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """A slice of two conditions that tell only together, among 50 columns that go with either."""
    rng, n = np.random.default_rng(seed), 60_000
    x, c = rng.random(n), rng.integers(0, 5, n)
    table: dict[str, np.ndarray] = {"x": x, "c": np.array(list("ABCDE"))[c]}
    for i in range(25):
        table[f"near_x{i}"] = x + rng.normal(0, 0.1, n)
        table[f"near_c{i}"] = np.where(rng.random(n) < 0.7, c, rng.integers(0, 5, n))
    hot = (x > 1 - 5 * size) & (c == 1)
    return table, rng.random(n) < np.where(hot, 0.1 * lift, 0.1), hot


def rank_of_planted(size: float, lift: float, seed: int = 0) -> int | None:
    """Rank, from 1, of the first slice most of whose rows are planted ones, and a quarter of those."""
    table, y, hot = planted(size, lift, seed)
    found = mr.find_slices(table, y, max_conditions=2)
    for i in range(len(found)):
        inside = found.mask(i, table)
        shared = (inside & hot).sum()
        if shared > 0.5 * inside.sum() and shared > 0.25 * hot.sum():
            return i + 1
    return None


def test_planted_slices_are_among_the_first_three() -> None:
    ranks = {
        (size, lift): rank_of_planted(size, lift)
        for size in (0.005, 0.01, 0.02, 0.05)
        for lift in (1.5, 2.0, 3.0)
    }
    for size in (0.005, 0.01, 0.02, 0.05):
        shown = "  ".join(f"lift {lift}: rank {ranks[size, lift]}" for lift in (1.5, 2.0, 3.0))
        print(f"{size:.1%} of the rows: {shown}")
    for (size, lift), rank in ranks.items():
        # standard deviations by which the slice stands out on the half that chooses
        signal = (lift - 1) * 0.1 * np.sqrt(30_000 * size) / 0.3
        if signal >= 5:
            assert rank in (1, 2, 3), (size, lift)


def health() -> tuple[pd.DataFrame, str, str, list[str]]:
    """Health interviews (NHEFS), by person; who died by 1992."""
    table = nhefs.load_pandas().data
    kept = ["seqn", "sex", "age", "race", "education", "exercise", "death"]
    measured = ["ht", "wt71", "sbp", "dbp", "cholesterol", "smokeintensity"]
    complete = table[kept + measured].dropna()
    return complete, "seqn", "death", measured


def colleges() -> tuple[pd.DataFrame, str, str, list[str]]:
    """Colleges of one year; whose former students earn more than half of the others'."""
    table = scorecard.load_pandas().data
    year = (
        table[table["year"] == 2014]
        .dropna()
        .assign(high=lambda t: t["earnings_med"] > t["earnings_med"].median())
    )
    measured = ["count_working", "count_not_working"]
    kept = ["unitid", "state_abbr", "pred_degree_awarded_ipeds", "high"]
    return year[kept + measured], "unitid", "high", measured


@pytest.mark.parametrize("real", [health, colleges])
def test_a_join_that_loses_the_rows_of_one_class_is_the_first_question(real: Any) -> None:
    """As in the flights: measurements of most positives never reached the right table."""
    table, key, label, measured = real()
    rng = np.random.default_rng(5)
    positive = table[label].to_numpy(bool)
    arrived = ~positive | (rng.random(len(table)) < 0.2)
    joined = mr.join(
        mr.Dataset(table.drop(columns=measured), key=key, label=label),
        table.loc[arrived, [key, *measured]],
        on=key, how="left", validate="1:1",
    )  # fmt: skip
    probe = mr.DecisionTreeProbe(max_depth=2).fit(joined, target=label)
    first = probe.to_dict()["nodes"][0]["split"]
    named = {
        probe.to_dict()["columns"][c]["name"] for c in first.get("block", [first.get("column")])
    }
    assert named <= {joined.join_report.outcome, *measured}
    assert sorted(probe.missing_blocks[0].columns) == sorted(measured)
    assert probe.leaves[0].replicated
