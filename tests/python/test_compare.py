# SPDX-License-Identifier: Apache-2.0
"""compare_predictions: whom a new model helps and whom it costs, with figures that a recount gives again."""

from __future__ import annotations

import html
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import mlrepro as mr

N = 6000


@pytest.fixture(scope="module")
def models() -> dict[str, Any]:
    """The new model is better for UA, and worse for late departures of MQ."""
    rng = np.random.default_rng(11)
    carrier = rng.choice(["AA", "MQ", "UA"], N)
    hour, y = rng.integers(0, 24, N), rng.random(N) < 0.3
    before = y ^ (rng.random(N) < 0.15)
    after = np.where((carrier == "UA") & (rng.random(N) < 0.8), y, before)
    after = np.where((carrier == "MQ") & (hour > 20) & (rng.random(N) < 0.6), ~y, after)
    frame = pd.DataFrame({"id": np.arange(N), "carrier": carrier, "hour": hour})
    return {"frame": frame, "y": y, "before": before, "after": after.astype(bool)}


def compared(models: dict[str, Any], **changes: Any) -> mr.PredictionComparison:
    rows = mr.Dataset(models["frame"], key="id")
    given = {k: models[k] for k in ("before", "after", "y")} | changes
    return mr.compare_predictions(rows, **given)


def test_whom_it_costs_and_whom_it_helps(models: dict[str, Any]) -> None:
    found = compared(models)
    assert found.worse is not None
    assert found.better is not None
    assert found.changed is None
    assert found.worse.rules()[found.worse.leaves[0].leaf] == "hour > 20 and carrier = MQ" or (
        "MQ" in found.worse.leaves[0].rule and "hour > 20" in found.worse.leaves[0].rule
    )
    assert "UA" in found.better.leaves[0].rule
    assert "Where it got worse" in repr(found)
    assert all(len(line) <= 100 for line in repr(found).splitlines())


def test_every_count_is_a_recount(models: dict[str, Any]) -> None:
    found = compared(models)
    y, before, after = (models[k] for k in ("y", "before", "after"))
    worse, better = (before == y) & (after != y), (before != y) & (after == y)
    assert (found.overall.worse, found.overall.better) == (worse.sum(), better.sum())
    rows = mr.Dataset(models["frame"], key="id")
    for name, target in (("worse", worse), ("better", better)):
        probe = mr.DecisionTreeProbe().fit(rows, target=target)
        assert [leaf.rule for leaf in getattr(found, name).leaves] == [
            leaf.rule for leaf in probe.leaves
        ]
        leaf_of_row = probe.apply(rows)
        for effect in found.effects(name):
            inside = probe.judged & (leaf_of_row == effect.leaf)
            assert effect.rows == inside.sum()
            assert effect.worse == (worse & inside).sum()
            assert effect.better == (better & inside).sum()
            assert effect.both_wrong == ((before != y) & (after != y) & inside).sum()
            assert effect.changed == ((before != after) & inside).sum()
            assert effect.net == pytest.approx((effect.better - effect.worse) / effect.rows)
            assert effect.low <= effect.net <= effect.high


def test_the_form_of_labels_changes_no_byte(models: dict[str, Any]) -> None:
    wanted = compared(models).to_json()
    names = np.array(["no", "yes"])
    as_text = {k: pl.Series(names[models[k].astype(int)]) for k in ("before", "after", "y")}
    assert compared(models, **as_text).to_json() == wanted
    as_numbers = {k: models[k].astype(float) for k in ("before", "after")}
    assert compared(models, **as_numbers).to_json() == wanted
    order = np.random.default_rng(1).permutation(N)
    shuffled = {k: models[k].iloc[order] if k == "frame" else models[k][order] for k in models}
    assert compared(shuffled).to_json() == wanted
    rows = mr.Dataset(models["frame"], key="id").binned()
    given = {k: models[k] for k in ("before", "after", "y")}
    assert mr.compare_predictions(rows, **given).to_json() == wanted


def test_columns_are_named_and_are_no_candidates(models: dict[str, Any]) -> None:
    frame = models["frame"].assign(old=models["before"], new=models["after"], late=models["y"])
    rows = mr.Dataset(frame, key="id", prediction="old", label="late")
    found = mr.compare_predictions(rows, before="prediction", after="new", y="label")
    assert found.overall == compared(models).overall
    assert all("new" not in rule for rule in found.worse.rules().values())
    with pytest.raises(mr.ColumnNotFoundError, match="nwe"):
        mr.compare_predictions(rows, before="old", after="nwe")


def test_without_labels_what_changed(models: dict[str, Any]) -> None:
    found = compared(models, y=None)
    assert found.worse is None
    assert found.better is None
    assert found.overall.changed == (models["before"] != models["after"]).sum()
    assert np.isnan(found.overall.net)
    assert {"UA"} <= {w for leaf in found.changed.leaves for w in ("UA",) if w in leaf.rule} or (
        "AA" in found.changed.leaves[-1].rule
    )


def test_numbers_need_a_loss(models: dict[str, Any]) -> None:
    rng = np.random.default_rng(2)
    p = rng.uniform(0.2, 0.8, N)
    q = np.where(models["frame"]["carrier"] == "UA", 0.5 * (p + models["y"]), p)
    with pytest.raises(mr.ArgumentError, match="no loss says"):
        compared(models, before=p, after=q)
    found = compared(models, before=p, after=q, loss="log_loss")
    gain = mr.row_loss(models["y"], p, "log_loss") - mr.row_loss(models["y"], q, "log_loss")
    assert found.overall.net == pytest.approx(gain.mean())
    assert found.overall.better == (gain > 0).sum()
    assert found.worse is None
    assert "UA" in found.better.leaves[0].rule
    assert "of log_loss" in repr(found)


def test_what_cannot_be_compared(models: dict[str, Any]) -> None:
    for changes, error in (
        ({"before": np.array(["a"] * N)}, mr.InputTypeError),
        ({"before": models["before"][:-1]}, mr.ArgumentError),
        ({"before": np.where(np.arange(N) == 9, None, models["before"])}, mr.ArgumentError),
        ({"loss": "zero"}, mr.ArgumentError),
        ({"probe": 5}, mr.InputTypeError),
        ({"y": None, "loss": "over"}, mr.ArgumentError),
        ({"nonsense": 1}, mr.ArgumentError),
    ):
        with pytest.raises(error) as caught:
            compared(models, **changes)
        assert caught.value.next_step


def test_nothing_changed(models: dict[str, Any]) -> None:
    found = compared(models, after=models["before"])
    assert found.worse is None
    assert found.effects("worse") == []
    assert found.overall.p_value == 1
    assert len(found.to_pandas()) == 0
    assert mr.compare_predictions({"x": [1]}, [1], [0], [1]).overall.worse == 1


def test_rows_without_a_label_are_left_out(models: dict[str, Any]) -> None:
    y = pd.array(models["y"], dtype="boolean")
    y[:100] = pd.NA
    found = compared(models, y=y)
    assert found.overall.rows == N - 100
    assert "100 rows without a label are left out" in repr(found)


def test_saved_and_loaded(models: dict[str, Any], tmp_path: Path) -> None:
    found = compared(models, probe=mr.DecisionTreeProbe(max_depth=2, threads=1))
    found.save(tmp_path / "c.json")
    back = mr.load(tmp_path / "c.json")
    assert back == found == pickle.loads(pickle.dumps(found))
    assert repr(back) == repr(found)
    assert back.to_dict()["format"] == "mlrepro.comparison"
    frame = back.to_pandas()
    assert list(frame["change"].unique()) == ["worse", "better"]
    assert frame["rule"].iloc[0]
    with pytest.raises(mr.FormatError):
        mr.PredictionComparison.from_json(found.to_json().replace('"changes"', '"chances"'))


def test_integers_are_not_rounded_and_a_constant_shift_has_no_tree() -> None:
    x, big = np.arange(40), 2**53 + np.arange(40) % 2
    with pytest.raises(mr.ArgumentError, match="float64 would round") as caught:
        mr.compare_predictions({"x": x}, big, big[::-1], big, loss="zero_one")
    assert caught.value.example_row == 1
    assert mr.compare_predictions({"x": x}, big, big[::-1], big).overall.worse == 40
    moved = mr.compare_predictions({"x": x}, np.zeros(40), np.full(40, 0.5))
    assert moved.overall.changed == 40
    assert moved.changed is None


def test_numbers_without_labels_say_how_far_they_moved() -> None:
    x = np.arange(2000)
    after = np.where(x < 500, x + 3.0, x + 0.5 * (x % 2))
    found = mr.compare_predictions({"x": x}, x.astype(float), after)
    assert found.overall.net == pytest.approx((after - x).mean())
    assert found.effects("changed")[0].net == pytest.approx(3, abs=0.05)
    assert "mean |change|" in repr(found)
    assert "mean of after - before" in repr(found)
    labels = mr.compare_predictions({"x": x}, x, after.astype(int))
    assert np.isnan(labels.overall.net)


def test_the_type_decides_what_is_a_number_and_no_value_does() -> None:
    x = np.arange(1000)
    whole = mr.compare_predictions({"x": x}, x * 1.0, x + 2.0 * (x > 500))
    assert whole.overall.net == pytest.approx(2 * (x > 500).mean())
    with pytest.raises(mr.ArgumentError, match=r"after holds numbers \(row 7: 0\.5") as caught:
        mr.compare_predictions({"x": x}, x * 0.0, np.where(x == 7, 0.5, 0), x % 2)
    assert caught.value.example_row == 7


@pytest.mark.parametrize("y", [None, np.arange(40.0)])
def test_infinite_predictions_and_losses_are_refused(y: Any) -> None:
    x = np.arange(40.0)
    loss = None if y is None else "squared_error"
    with pytest.raises(mr.ArgumentError, match="infinite in row 9"):
        mr.compare_predictions({"x": x}, np.where(x == 9, np.inf, x), x, y, loss=loss)
    with pytest.raises(mr.ArgumentError, match="overflows"):
        mr.compare_predictions(
            {"x": x}, np.where(x == 9, -1.7e308, x), np.where(x == 9, 1.7e308, x), y, loss=loss
        )


def test_squares_that_vanish_are_refused_and_not_called_equal() -> None:
    x = np.arange(40.0)
    with pytest.raises(
        mr.ArgumentError, match=r"squared_error of before: squares.*vanish.*39 of 40"
    ):
        mr.compare_predictions({"x": x}, x * 1e-200, x * 2e-200, x * 3e-200, loss="squared_error")
    with pytest.raises(mr.ArgumentError, match=r"over of after overflows"):
        mr.compare_predictions({"x": x}, x, x + 1.5e308, x - 1.5e308, loss="over")
    fine = mr.compare_predictions({"x": x}, x, x - 1.5e308, x + 1.5e308, loss="over")
    assert fine.overall.net == 0


def test_a_damaged_comparison_is_refused_when_it_is_read(models: dict[str, Any]) -> None:
    text = compared(models).to_json()
    for damaged in (text.replace('"worse":', '"worse":-', 1), text.replace('"leaf":0', '"leaf":7')):
        with pytest.raises(mr.FormatError):
            mr.PredictionComparison.from_json(damaged)


def test_the_page_has_the_trees_and_every_leaf(models: dict[str, Any], tmp_path: Path) -> None:
    found = compared(models)
    page = found.to_html()
    for title in ("Where it got worse", "Where it got better"):
        assert title in page
    assert page.count("<svg") >= 2
    assert "<script" not in page
    text = html.unescape(page)
    for name in ("worse", "better"):
        for effect in found.effects(name):
            assert f"{effect.rows:,}" in text
            assert getattr(found, name).rules()[effect.leaf] in text
    assert "got better and" in text
    found.to_html(tmp_path / "c.html")
    assert (tmp_path / "c.html").read_text(encoding="utf-8") == page
    assert "No tree" in compared(models, after=models["before"]).to_html()
    moved = compared(models, y=None, before=np.zeros(N), after=models["frame"]["hour"] * 0.5)
    assert "on average by" in moved.to_html()
    assert "Where predictions changed" in moved._repr_html_()
