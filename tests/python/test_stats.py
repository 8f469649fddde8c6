# SPDX-License-Identifier: Apache-2.0
"""Tests of `mr.evaluate`, `mr.row_loss`, and the random numbers that both languages share."""

from __future__ import annotations

import json
import multiprocessing
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

import mlrepro as mr
from mlrepro import _core

VECTORS = Path(__file__).resolve().parents[1] / "vectors"
BINARY = ["average_precision", "roc_auc", "log_loss", "brier"]
SKLEARN = {
    "average_precision": sk.average_precision_score,
    "roc_auc": sk.roc_auc_score,
    "log_loss": sk.log_loss,
    "brier": sk.brier_score_loss,
    "mae": sk.mean_absolute_error,
    "rmse": sk.root_mean_squared_error,
}


def rows(n=400, seed=0, ties=True):
    rng = np.random.default_rng(seed)
    p = rng.random(n)
    if ties:
        p = np.round(p, 1)
    y = (rng.random(n) < 0.1 + 0.6 * p).astype(int)
    y[:2] = [0, 1]
    return y, p, np.clip(p + rng.normal(0, 0.2, n), 0, 1), rng.random(n) * 3


# --- values


@settings(max_examples=60, deadline=None)
@given(
    cells=st.lists(
        st.tuples(
            st.integers(0, 1),
            st.sampled_from([0.0, 0.1, 0.25, 0.3, 0.5, 0.999, 1.0]),
            st.floats(0.01, 5),
        ),
        min_size=2,
        max_size=40,
    ),
    weighted=st.booleans(),
)
def test_a_metric_never_differs_from_scikit_learns(cells, weighted):
    y, p, w = (
        np.array(column) for column in zip((0, 0.5, 1.0), (1, 0.5, 2.0), *cells, strict=True)
    )
    y = y.astype(int)
    got = mr.evaluate(y, p, metrics=list(SKLEARN), weight=w if weighted else None, n_draws=0)
    for name, reference in SKLEARN.items():
        expected = reference(y, p, sample_weight=w if weighted else None)
        assert got[name].value == pytest.approx(expected, rel=1e-12, abs=1e-12), name


def test_ties_and_weights_at_size_equal_scikit_learns():
    for seed in range(3):
        y, p, _, w = rows(20_000, seed, ties=seed != 2)
        for weight in (None, w):
            got = mr.evaluate(y, p, metrics=list(SKLEARN), weight=weight, n_draws=0)
            for name, reference in SKLEARN.items():
                assert abs(got[name].value - reference(y, p, sample_weight=weight)) < 1e-12, name


def test_accuracy_of_labels_of_any_kind_and_by_a_threshold():
    y, p, _, w = rows()
    labels = np.round(p * 3)
    got = mr.evaluate(np.round(p * 2), labels, metrics="accuracy", weight=w, n_draws=0)
    assert got["accuracy"].value == pytest.approx(
        sk.accuracy_score(np.round(p * 2), labels, sample_weight=w), rel=1e-12
    )
    cut = mr.evaluate(y, p, metrics="accuracy", threshold=0.5, n_draws=0)
    assert cut["accuracy"].value == pytest.approx(sk.accuracy_score(y, p >= 0.5), rel=1e-12)


# --- the same bytes


def test_row_order_and_threads_change_no_byte():
    y, p, q, w = rows()
    expected = mr.evaluate(y, p, metrics=BINARY, compare=q, weight=w, threads=1).to_json()
    for seed in range(3):
        i = np.random.default_rng(seed).permutation(len(y))
        got = mr.evaluate(
            y[i], p[i], metrics=BINARY, compare=q[i], weight=w[i], threads=1 + 2 * seed
        )
        assert got.to_json() == expected
    assert mr.evaluate(y, p, metrics=BINARY, compare=q, weight=w, seed=1).to_json() != expected


@pytest.mark.parametrize(
    "make", [list, pd.Series, pl.Series, pa.array, lambda a: np.ma.masked_array(a, mask=False)]
)
def test_every_library_gives_the_same_bytes(make):
    y, p, q, _ = rows(100)
    expected = mr.evaluate(y, p, metrics=BINARY, compare=q).to_json()
    assert mr.evaluate(make(y), make(p), metrics=BINARY, compare=make(q)).to_json() == expected
    assert mr.evaluate(make(y == 1), make(p), metrics=BINARY, compare=make(q)).to_json() == expected


def test_a_dataset_is_judged_by_roles_and_key_in_any_order():
    y, p, q, w = rows(300)
    frame = pd.DataFrame({"id": np.arange(300), "cancelled": y == 1, "p": p, "w": w})
    roles = {"key": ["id"], "label": "cancelled", "prediction": "p", "weight": "w"}
    expected = mr.evaluate(mr.Dataset(frame, **roles), metrics=BINARY, compare=q)
    order = np.random.default_rng(1).permutation(300)
    shuffled = mr.Dataset(pl.from_pandas(frame.iloc[order]), **roles)
    assert mr.evaluate(shuffled, metrics=BINARY, compare=q[order]).to_json() == expected.to_json()
    by_arrays = mr.evaluate(y, p, metrics=BINARY, compare=q, weight=w)
    assert [m.value for m in expected] == [m.value for m in by_arrays]
    del roles["prediction"]
    given = mr.evaluate(mr.Dataset(frame.drop(columns="p"), **roles), p, metrics=BINARY, compare=q)
    assert given.to_json() == expected.to_json()


def _in_child(queue):
    y, p, *_ = rows(200)
    queue.put(mr.evaluate(y, p, metrics="roc_auc").to_json())


def test_a_forked_worker_gets_the_same_bytes_after_a_parallel_call():
    y, p, *_ = rows(200)
    expected = mr.evaluate(y, p, metrics="roc_auc", threads=2).to_json()
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_in_child, args=(queue,))
    child.start()
    assert queue.get(timeout=60) == expected
    child.join(timeout=60)
    assert child.exitcode == 0


def test_random_numbers_are_those_of_the_vectors():
    for known in json.loads((VECTORS / "philox.json").read_text())["streams"]:
        seed, name = known["seed"], known["name"]
        assert _core.stream_key(seed, name) == known["key"]
        assert (
            _core.random_bounded(seed, name, known["bound"], len(known["bounded"]))
            == known["bounded"]
        )
        assert _core.random_permutation(seed, name, 25) == known["permutation"]


# --- intervals


def test_a_difference_is_paired_and_says_whether_it_is_noise():
    y, p, q, _ = rows(3000)
    better = mr.evaluate(y, p, metrics="brier", compare=1 - p)["brier"]
    assert better.beyond_noise
    assert better.difference.value == pytest.approx(better.value - better.compare.value, abs=1e-15)
    assert better.difference.high < 0
    same = mr.evaluate(y, p, metrics="brier", compare=p)["brier"]
    assert same.beyond_noise is False
    assert (same.difference.low, same.difference.high) == (0, 0)
    assert mr.evaluate(y, p, metrics="brier")["brier"].beyond_noise is None
    alone = mr.evaluate(y, p, metrics="brier")["brier"]
    assert (alone.low, alone.high) == (better.low, better.high)
    assert mr.evaluate(y, p, metrics="roc_auc", compare=q)["roc_auc"].difference is not None


def test_no_draws_leave_intervals_unknown():
    y, p, *_ = rows()
    result = mr.evaluate(y, p, metrics="roc_auc", n_draws=0)
    assert np.isnan(result["roc_auc"].low)
    assert "unknown" in result.to_text()


def test_missing_labels_are_left_out_counted_and_said():
    y, p, *_ = rows(100)
    gap = y.astype(float)
    gap[::10] = np.nan
    kept = ~np.isnan(gap)
    result = mr.evaluate(pd.array(gap, dtype="Float64"), p, metrics=BINARY)
    assert (result.rows, result.rows_without_label) == (100, 10)
    assert "10 rows without a label left out" in str(result)
    clean = mr.evaluate(y[kept], p[kept], metrics=BINARY)
    assert [m.low for m in result] == [m.low for m in clean]


# --- the result


def test_a_result_is_a_table_that_survives_saving(tmp_path):
    y, p, q, _ = rows()
    result = mr.evaluate(y, p, metrics=["roc_auc", "brier"], compare=q)
    result.save(tmp_path / "e.json")
    again = mr.load(tmp_path / "e.json")
    assert again == result
    assert pickle.loads(pickle.dumps(result)) == result
    table = result.to_pandas()
    assert list(table["metric"]) == ["roc_auc", "brier"]
    assert table.loc[0, "difference_low"] == result["roc_auc"].difference.low
    assert result.to_dict()["metrics"]["brier"]["value"] == result["brier"].value
    assert "difference" in repr(result)
    assert "<table" in result._repr_html_()
    assert len(result) == 2
    with pytest.raises(mr.ColumnNotFoundError, match="there are roc_auc, brier"):
        result["mae"]
    with pytest.raises(mr.FormatError):
        mr.Evaluation.from_json('{"format": "mlrepro.plan", "version": 1}')


def test_the_text_of_a_result_is_the_golden_one():
    result = mr.evaluate(
        [0, 0, 1, 1, np.nan], [0.1, 0.4, 0.35, 0.8, 0.5], metrics=["roc_auc", "mae"], n_draws=0
    )
    assert result.to_text().splitlines() == [
        "metric   value   95% interval",
        "roc_auc  0.7500  unknown",
        "mae      0.3375  unknown",
        "4 rows judged, 2 with label 1; 1 row without a label left out.",
    ]


# --- row_loss


@pytest.mark.parametrize(
    ("kind", "formula"),
    [
        ("zero_one", lambda y, p: (y != p).astype(float)),
        ("absolute_error", lambda y, p: np.abs(y - p)),
        ("squared_error", lambda y, p: (y - p) ** 2),
        ("over", lambda y, p: np.maximum(p - y, 0)),
        ("under", lambda y, p: np.maximum(y - p, 0)),
    ],
)
def test_a_row_loss_is_its_formula(kind, formula):
    rng = np.random.default_rng(0)
    y, p = rng.integers(0, 5, 1000) * 1.0, rng.integers(0, 5, 1000) * 1.0
    got = mr.row_loss(y, p, kind)
    assert got.dtype == np.float64
    np.testing.assert_array_equal(got, formula(y, p))


def test_the_log_loss_of_rows_averages_to_the_metric():
    y, p, *_ = rows(2000, ties=False)
    p[:3] = [0, 1, 0.5]
    loss = mr.row_loss(y, p, "log_loss", threads=2)
    clipped = np.clip(np.where(y == 1, p, 1 - p), 2.0**-52, 1)
    np.testing.assert_allclose(loss, -np.log(clipped), rtol=1e-13, atol=1e-15)
    assert mr.evaluate(y, p, metrics="log_loss", n_draws=0)["log_loss"].value == pytest.approx(
        loss.mean(), rel=1e-13
    )
    assert np.isnan(mr.row_loss([np.nan, 1], [0.5, 0.5], "log_loss")).tolist() == [True, False]


# --- bad input


@pytest.mark.parametrize(
    ("error", "match", "call"),
    [
        (
            mr.ArgumentError,
            "prediction has 2 rows, y has 3",
            lambda: mr.evaluate([0, 1, 0], [0.1, 0.2], metrics="mae"),
        ),
        (
            mr.ArgumentError,
            "needs both classes; all 2 labels are 0",
            lambda: mr.evaluate([0, 0], [0.1, 0.2], metrics="roc_auc"),
        ),
        (mr.ArgumentError, "row 1: 2", lambda: mr.evaluate([0, 2], [0.1, 0.2], metrics="roc_auc")),
        (mr.ArgumentError, "y has no rows", lambda: mr.evaluate([], [], metrics="mae")),
        (
            mr.ArgumentError,
            "none of the 2 rows",
            lambda: mr.evaluate([None, None], [1, 2], metrics="mae"),
        ),
        (
            mr.ArgumentError,
            "missing on 1 of 2 rows",
            lambda: mr.evaluate([0, 1], [0.1, np.nan], metrics="mae"),
        ),
        (
            mr.ArgumentError,
            "is not one of average_precision, roc_auc",
            lambda: mr.evaluate([0, 1], [0, 1], metrics="auc"),
        ),
        (
            mr.ArgumentError,
            "asked for twice",
            lambda: mr.evaluate([0, 1], [0, 1], metrics=["mae", "mae"]),
        ),
        (mr.ArgumentError, "no metric", lambda: mr.evaluate([0, 1], [0, 1], metrics=[])),
        (mr.ArgumentError, "not a name", lambda: mr.evaluate([0, 1], [0, 1], metrics=[3])),
        (mr.ArgumentError, "outside", lambda: mr.evaluate([0, 1], [0, 1.5], metrics="brier")),
        (
            mr.ArgumentError,
            "compares labels",
            lambda: mr.evaluate([0, 1], [0.2, 0.7], metrics="accuracy"),
        ),
        (
            mr.ArgumentError,
            "weight is negative",
            lambda: mr.evaluate([0, 1], [0, 1], metrics="mae", weight=[1, -1]),
        ),
        (
            mr.ArgumentError,
            "weight has no rows",
            lambda: mr.evaluate([0, 1], [0, 1], metrics="mae", weight=[]),
        ),
        (
            mr.ArgumentError,
            "39 or more",
            lambda: mr.evaluate([0, 1], [0, 1], metrics="mae", n_draws=5),
        ),
        (
            mr.ArgumentError,
            "seed is -1",
            lambda: mr.evaluate([0, 1], [0, 1], metrics="mae", seed=-1),
        ),
        (
            mr.ArgumentError,
            "threads is 0",
            lambda: mr.evaluate([0, 1], [0, 1], metrics="mae", threads=0),
        ),
        (mr.InputTypeError, "y holds str", lambda: mr.evaluate(["a", "b"], [0, 1], metrics="mae")),
        (
            mr.InputTypeError,
            "mixes int and str",
            lambda: mr.evaluate([0, "b"], [0, 1], metrics="mae"),
        ),
        (
            mr.InputTypeError,
            "2 dimensions",
            lambda: mr.evaluate([0, 1], np.ones((2, 2)), metrics="mae"),
        ),
        (mr.InputTypeError, "without predictions", lambda: mr.evaluate([0, 1], metrics="mae")),
        (
            mr.InputTypeError,
            "mr.Dataset",
            lambda: mr.evaluate(pd.DataFrame({"y": [1]}), metrics="mae"),
        ),
        (mr.ArgumentError, "is not one of zero_one", lambda: mr.row_loss([0], [0], "square")),
        (mr.ArgumentError, "compares labels", lambda: mr.row_loss([0, 1], [0.2, 0.9], "zero_one")),
        (mr.ArgumentError, "labels 0 and 1", lambda: mr.row_loss([0, 3], [0.2, 0.9], "log_loss")),
    ],
)
def test_what_cannot_be_judged_is_an_error_with_the_next_step(error, match, call):
    with pytest.raises(error, match=match) as raised:
        call()
    assert raised.value.next_step
    assert str(raised.value).endswith(raised.value.next_step)


def test_series_with_another_index_are_not_paired_by_position():
    y = pd.Series([0, 1, 1], index=[5, 6, 7])
    with pytest.raises(
        mr.ArgumentError, match="index of prediction differs from that of y, first in row 1"
    ):
        mr.evaluate(y, pd.Series([0.1, 0.2, 0.3], index=[5, 7, 6]), metrics="mae")
    assert len(mr.evaluate(y, np.array([0.1, 0.2, 0.3]), metrics="mae")) == 1


def test_a_dataset_without_roles_or_with_text_labels_is_refused():
    table = mr.Dataset({"y": np.array([0, 1]), "t": np.array(["a", "b"])}, label="y")
    with pytest.raises(mr.SchemaError, match="no prediction"):
        mr.evaluate(table, metrics="mae")
    with pytest.raises(mr.InputTypeError, match="'t'"):
        mr.evaluate(table.with_roles(label="t"), [0.1, 0.2], metrics="mae")
    with pytest.raises(mr.ArgumentError, match="weight="):
        mr.evaluate(table, [0.1, 0.2], metrics="mae", weight=[1, 1])
    with pytest.raises(mr.ArgumentError, match="3 rows"):
        mr.evaluate(table, [0.1, 0.2, 0.3], metrics="mae")


@pytest.mark.parametrize(
    ("scale", "metric", "says"),
    [
        (1e-200, "rmse", "vanish"),
        (1e160, "rmse", "overflows"),
        (1.5e308, "mae", "overflows"),
    ],
)
def test_errors_that_a_float64_does_not_hold_are_refused(
    scale: float, metric: str, says: str
) -> None:
    y, p = np.array([0.0, -1.0, np.nan]) * scale, np.array([0.0, 1.0, 1.0]) * scale
    right = np.nan_to_num(y)
    for name, predictions in ("prediction", [p]), ("compare", [right, p]):
        passed = dict(zip(("prediction", "compare"), predictions, strict=False))
        said = rf"{metric} of {name}.*{says}.* 1 of 3 rows"
        with pytest.raises(mr.ArgumentError, match=said) as error:
            mr.evaluate(y, metrics=metric, n_draws=0, **passed)
        assert (error.value.column, error.value.example_row) == (name, 1)


@pytest.mark.parametrize("y", [[0.0, 1.0], [0.0, 0.0]])
def test_errors_that_are_tiny_beside_the_labels_are_no_reason_to_refuse(y: list[float]) -> None:
    made = mr.evaluate(np.array(y), np.array(y) + np.array([1e-200, 0]), metrics="rmse", n_draws=0)
    assert made["rmse"].value == 0


@pytest.mark.parametrize("metric", ["log_loss", "brier", "roc_auc"])
def test_infinite_values_are_named(metric: str) -> None:
    for y, p in ([1, 0], [np.inf, 0.5]), ([1, np.inf], [0.1, 0.5]):
        if metric == "roc_auc" and np.isinf(p[0]):
            continue  # a rank like any other
        with pytest.raises(mr.ArgumentError, match="inf"):
            mr.evaluate(np.array(y), np.array(p), metrics=metric, n_draws=0)
