# SPDX-License-Identifier: Apache-2.0
"""Whole weights: the answers are those of a table in which each row stands as often as it weighs."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlrepro as mr


def weighted(n: int = 3_000) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    frame = pd.DataFrame(
        {
            "id": np.arange(n) * 1.0,
            "place": rng.choice(["A", "B", "C", None], n),
            "size": np.where(rng.random(n) < 0.1, np.nan, rng.integers(0, 200, n)),
            "w": rng.integers(0, 4, n),
        }
    )
    hit = (frame["place"] == "B") & (frame["size"] > 120)
    frame["wrong"] = (rng.random(n) < np.where(hit, 0.6, 0.1)).astype(int)
    frame["loss"] = np.round(rng.gamma(2, 1, n), 3) + 3 * hit
    frame["before"] = (rng.random(n) < 0.5).astype(int)
    frame["after"] = np.where(hit, 1, frame["before"])
    frame.loc[rng.random(n) < 0.02, "loss"] = np.nan
    return frame


FEATURES = ["place", "size"]


def both(frame: pd.DataFrame) -> tuple[mr.Dataset, mr.Dataset]:
    """The weighted rows, and the repeated ones; the identity of a row is its id, which may repeat."""
    repeated = frame.loc[frame.index.repeat(frame["w"])].reset_index(drop=True)
    held = [*FEATURES, "id", "wrong", "loss", "before", "after"]
    roles = {"label": "wrong", "prediction": "loss"}
    return mr.Dataset(frame, weight="w", **roles), mr.Dataset(repeated[held], **roles)


def figures(result: Any) -> dict[str, Any]:
    """Everything but what speaks of the rows of the table."""
    held = json.loads(result.to_json())

    def plain(node: Any) -> Any:
        if isinstance(node, dict):
            return {
                k: plain(v)
                for k, v in node.items()
                if k not in ("warnings", "n_rows", "n_target_missing", "n_missing", "n_without_y")
            }
        return [plain(v) for v in node] if isinstance(node, list) else node

    return plain(held)  # type: ignore[no-any-return]


@pytest.mark.parametrize("target", ["wrong", "loss"])
@pytest.mark.parametrize("selection", ["unbiased", "gain"])
@pytest.mark.parametrize("honest", [True, False])
def test_a_weight_is_not_so_many_rows(target: str, selection: str, honest: bool) -> None:
    probes = [
        mr.DecisionTreeProbe(features=FEATURES, selection=selection, honest=honest).fit(
            d, target=target
        )
        for d in both(weighted())
    ]
    assert figures(probes[0]) == figures(probes[1])
    assert len(probes[0].leaves) > 1


def test_slices_and_comparisons_count_rows_without_their_weight() -> None:
    frame = weighted()
    sets = both(frame)
    asked = mr.DecisionTreeProbe(features=FEATURES)
    slices = [mr.find_slices(d, target="wrong", probe=asked, k=3) for d in sets]
    assert figures(slices[0]) == figures(slices[1])
    assert len(slices[0]) > 0
    assert figures(slices[0].evaluate(sets[0], target="wrong")) == figures(
        slices[1].evaluate(sets[1], target="wrong")
    )
    compared = [
        mr.compare_predictions(
            d,
            np.asarray(d["before"]),
            np.asarray(d["after"]),
            y=np.asarray(d["wrong"]),
            probe=asked,
        )
        for d in sets
    ]
    assert figures(compared[0]) == figures(compared[1])
    assert compared[0].overall.rows == frame["w"].sum()


def test_rows_of_weight_0_have_a_part_in_the_figures() -> None:
    frame = weighted()
    probe = mr.DecisionTreeProbe(max_depth=0, honest=False).fit(
        mr.Dataset(frame, weight="w"), target="wrong"
    )
    assert probe.leaves[0].rows == frame["w"].sum()
    assert probe.leaves[0].mean == np.average(frame["wrong"], weights=frame["w"])
    assert not probe.judged[frame["w"] == 0].any()
    zero = int((frame["w"] == 0).sum())
    assert probe.warnings == [
        f"rows count as often as weight 'w' says: 3,000 as {frame['w'].sum():,}, {zero:,} of weight 0 not at all."
    ]


@pytest.mark.parametrize("bad", [0.5, -1.0, np.nan, np.inf, 2.0**31])
def test_a_weight_that_is_no_count_is_rounded(bad: float) -> None:
    frame = weighted().astype({"w": float})
    frame.loc[17, "w"] = bad
    asked = mr.DecisionTreeProbe(features=FEATURES, honest=False)
    without = asked.fit(frame, target="wrong").leaves.to_pandas()
    said = asked.fit(mr.Dataset(frame, weight="w"), target="wrong")
    assert said.leaves.to_pandas().equals(without)
    assert any("weight 'w' is not used" in w and "in 1 of 3,000 rows" in w for w in said.warnings)


def test_weights_beyond_all_rows_overflow() -> None:
    frame = weighted(10).assign(w=2**30)
    with pytest.raises(mr.LimitError, match=r"'w' add up to 10,737,418,240.*Divide"):
        mr.DecisionTreeProbe().fit(mr.Dataset(frame, weight="w"), target="wrong")


def test_no_row_counts_at_all() -> None:
    with pytest.raises(mr.SchemaError, match="all weights in 'w' are 0"):
        mr.DecisionTreeProbe().fit(mr.Dataset(weighted().assign(w=0), weight="w"), target="wrong")


def test_a_row_of_weight_0_says_what_kind_of_target_it_is() -> None:
    frame = weighted()
    odd = frame.assign(wrong=frame["wrong"].astype(float))
    odd.loc[frame["w"] == 0, "wrong"] = -7.5
    probes = [
        mr.DecisionTreeProbe(features=FEATURES, honest=False).fit(
            mr.Dataset(f, weight="w"), target="wrong"
        )
        for f in (frame, odd)
    ]
    assert probes[0].leaves.to_pandas().equals(probes[1].leaves.to_pandas())


def test_memory_of_weighted_rows_is_not_foreseen() -> None:
    frame = weighted(1_000).assign(w=1_000_000)
    with pytest.raises(mr.LimitError, match="the probe needs about"):
        mr.DecisionTreeProbe(memory_limit="1GB").fit(mr.Dataset(frame, weight="w"), target="wrong")
