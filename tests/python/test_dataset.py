# SPDX-License-Identifier: Apache-2.0
"""The Dataset facade: columns, rows, roles, masks, text, copies."""

from __future__ import annotations

import copy
import datetime as dt
import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import mlrepro as mr


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": [10, 11, 12, 13],
            "x": [0.5, np.nan, np.inf, -0.0],
            "name": ["a", None, "é", "a"],
            "size": pd.Categorical(["small", "big", None, "small"], ["small", "big"], ordered=True),
            "y": [True, False, True, False],
        },
        index=pd.Index([7, 5, 3, 1], name="row"),
    )


@pytest.fixture
def data(frame: pd.DataFrame) -> mr.Dataset:
    return mr.Dataset(frame, key="id", label="y")


def test_what_it_says_of_itself(data: mr.Dataset) -> None:
    assert data.columns == ["id", "x", "name", "size", "y"]
    assert data.shape == (4, 5)
    assert len(data) == 4
    assert list(data) == data.columns
    assert "x" in data
    assert "z" not in data
    assert data.roles == {"key": ["id"], "label": "y"}
    assert data.fold is None
    field = data.schema["x"]
    assert (field.type, field.role, field.n_null, field.n_nan, field.n_inf) == (
        "float64",
        "",
        0,
        1,
        1,
    )
    assert data.schema["size"].ordered is True
    assert data.schema["size"].n_levels == 2
    assert [f.name for f in data.schema] == data.columns
    text = repr(data)
    assert "4 rows, 5 columns" in text
    assert "1 NaN" in text
    assert "key" in text
    assert "<table>" in data._repr_html_()
    assert data.schema.to_pandas().shape[0] == 5


def test_html_escapes_what_users_named() -> None:
    ds = mr.Dataset({"<b>x</b>": ["<script>"]})
    assert "<script>" not in ds._repr_html_()
    assert "&lt;b&gt;" in ds._repr_html_()
    assert "<b>" not in ds.schema._repr_html_()


def test_columns_in_and_out(data: mr.Dataset) -> None:
    assert data.select(["y", "id"]).columns == ["y", "id"]
    assert data[["x"]].columns == ["x"]
    assert data.drop("x").columns == ["id", "name", "size", "y"]
    swapped = data.rename({"id": "x", "x": "id"})
    assert swapped.columns == ["x", "id", "name", "size", "y"]
    assert swapped.roles["key"] == ["x"]
    for wrong in (
        lambda: data["nam"],
        lambda: data.select("nam"),
        lambda: data.rename({"nam": "b"}),
    ):
        with pytest.raises(mr.ColumnNotFoundError, match="name"):
            wrong()
    with pytest.raises(mr.InputTypeError, match=r"filter"):
        data[0]


def test_rows_keep_their_identity_and_index(data: mr.Dataset) -> None:
    ids = data.row_ids("split")
    assert ids.dtype == np.uint64
    assert ids.shape == (4, 2)
    taken = data.drop("id").take([3, 0, 3])
    np.testing.assert_array_equal(taken.row_ids("split"), ids[[3, 0, 3]])
    assert list(taken.to_pandas().index) == [1, 7, 1]
    assert taken.to_pandas().index.name == "row"
    assert list(data.head(2).to_pandas().index) == [7, 5]
    assert len(data.head(99)) == 4
    assert len(data.head(0)) == 0
    with pytest.raises(mr.ArgumentError, match="4 rows"):
        data.take([4])
    with pytest.raises(mr.InputTypeError, match="filter"):
        data.take([True, False])


def test_masks_of_every_library(data: mr.Dataset, frame: pd.DataFrame) -> None:
    keep = [True, False, True, False]
    expected = data.take([0, 2])
    masks = [
        np.array(keep),
        pd.Series(keep, index=frame.index),
        pd.array(keep, dtype="boolean"),
        pl.Series(keep),
        pa.array(keep),
        pa.chunked_array([keep[:1], keep[1:]]),
        keep,
        data["y"],
        data["id"].is_in([10, 12]),
    ]
    for mask in masks:
        assert data.filter(mask) == expected
    with pytest.raises(mr.ArgumentError, match="index differs"):
        data.filter(pd.Series(keep))
    with pytest.raises(mr.ArgumentError, match="4 rows"):
        data.filter(np.array([True]))
    with pytest.raises(mr.InputTypeError, match="not booleans"):
        data.filter(np.array([1, 0, 1, 0]))
    with pytest.raises(mr.ArgumentError, match=r"missing in 1 row, e\.g\. row 1"):
        data.filter(pd.array([True, None, True, False], dtype="boolean"))


def test_comparisons_are_exact_and_missing_is_false(data: mr.Dataset) -> None:
    assert (data["name"] == "a").tolist() == [True, False, False, True]
    assert (data["name"] != "a").tolist() == [False, False, True, False]
    assert (data["x"] <= 0).tolist() == [False, False, False, True]
    assert (data["x"] > 0.25).tolist() == [True, False, True, False]
    assert (data["x"] >= data["id"]).tolist() == [False, False, True, False]
    assert (data["size"] >= "big").tolist() == [False, True, False, False]
    assert (data["size"] < "big").tolist() == [True, False, False, True]
    assert data["x"].is_null().tolist() == [False, True, False, False]
    assert data["name"].is_null().tolist() == [False, True, False, False]
    assert data["name"].is_in(["é", None]).tolist() == [False, False, True, False]
    assert data["name"].is_in([]).tolist() == [False] * 4
    big = mr.Dataset({"i": np.array([2**53, 2**53 + 1, 2**63 - 1])})
    assert (big["i"] == float(2**53)).tolist() == [True, False, False]
    assert (big["i"] < float(2**63)).all()
    assert (big["i"] == 2**53 + 1).tolist() == [False, True, False]
    assert big["i"].is_in([float(2**53)]).tolist() == [True, False, False]
    with pytest.raises(mr.InputTypeError, match=r"holds text, and is compared with number"):
        data["name"] == 17  # noqa: B015
    with pytest.raises(mr.InputTypeError, match="holds number"):
        data["id"].is_in(["10"])
    with pytest.raises(mr.ArgumentError, match="is_null"):
        data["id"] == None  # noqa: B015, E711
    with pytest.raises(mr.ArgumentError, match="no category"):
        data["size"] > "huge"  # noqa: B015


def test_times_compare_as_instants() -> None:
    zoned = pd.to_datetime(["2020-01-01 12:00", "2020-01-01 13:00"]).tz_localize("UTC")
    ds = mr.Dataset(
        {"t": zoned.tz_convert("Asia/Tokyo").to_series(index=[0, 1]), "n": zoned.tz_localize(None)}
    )
    noon = dt.datetime(2020, 1, 1, 7, tzinfo=dt.timezone(dt.timedelta(hours=-5)))
    assert (ds["t"] == noon).tolist() == [True, False]
    assert (ds["t"] > pd.Timestamp(noon)).tolist() == [False, True]
    assert (ds["n"] == np.datetime64("2020-01-01T13")).tolist() == [False, True]
    with pytest.raises(mr.InputTypeError, match="zone"):
        ds["n"] == noon  # noqa: B015


def test_columns_give_values(data: mr.Dataset) -> None:
    assert data["id"].to_numpy().dtype == np.int64
    assert data["name"].to_list() == ["a", None, "é", "a"]
    assert data["size"].to_list() == ["small", "big", None, "small"]
    assert np.asarray(data["y"]).tolist() == [True, False, True, False]
    assert data["x"].to_pandas().index.tolist() == [7, 5, 3, 1]
    assert "Column 'name' (utf8)" in repr(data["name"])
    assert len(data["x"]) == 4
    zoned = mr.Dataset({"t": [dt.datetime(2020, 1, 1, tzinfo=dt.timezone.utc), None]})
    assert zoned["t"].to_list() == [dt.datetime(2020, 1, 1, tzinfo=dt.timezone.utc), None]
    ints = mr.Dataset({"i": [1, None], "j": [2**60, None], "b": [True, None]})
    np.testing.assert_array_equal(ints["i"].to_numpy(), [1.0, np.nan])
    assert ints["j"].to_numpy().tolist() == [2**60, None]
    assert ints["b"].to_numpy().tolist() == [True, None]


def test_numbers_leave_without_a_copy_and_cannot_be_written() -> None:
    ds = mr.Dataset({"x": np.arange(5.0)})
    a, b = ds["x"].to_numpy(), ds["x"].to_numpy()
    assert a.ctypes.data == b.ctypes.data
    assert not a.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        a[0] = 1
    del ds
    assert a.sum() == 10


def test_with_columns_is_by_position(data: mr.Dataset, frame: pd.DataFrame) -> None:
    ids = data.row_ids("split")
    more = data.with_columns(p=np.arange(4) / 4, x=["w", "x", "y", "z"]).with_columns(
        {"a b": data["id"]}
    )
    assert more.columns == ["id", "x", "name", "size", "y", "p", "a b"]
    assert more["x"].to_list() == ["w", "x", "y", "z"]
    assert more.to_pandas()["x"].tolist() == ["w", "x", "y", "z"]
    np.testing.assert_array_equal(more.row_ids("split"), ids)
    assert data.columns == ["id", "x", "name", "size", "y"]
    series = pd.Series([1, 2, 3, 4], index=frame.index, dtype="Int8")
    assert data.with_columns(s=series).to_pandas()["s"].dtype == "Int8"
    with pytest.raises(mr.ArgumentError, match="index differs"):
        data.with_columns(s=series.reset_index(drop=True))
    with pytest.raises(mr.ArgumentError, match="3 values, and the table has 4 rows"):
        data.with_columns(s=[1, 2, 3])
    with pytest.raises(mr.InputTypeError, match="not an array"):
        data.with_columns(s="constant")


def test_roles(data: mr.Dataset) -> None:
    more = data.with_roles(weight="x", entity="name")
    assert more.roles == {"key": ["id"], "entity": ["name"], "label": "y", "weight": "x"}
    assert more.with_roles(label=None).roles == {"key": ["id"], "entity": ["name"], "weight": "x"}
    assert more.X.columns.tolist() == ["size"]
    assert more.y.tolist() == [True, False, True, False]
    assert more.y.name == "y"
    np.testing.assert_array_equal(more.row_ids("split"), data.row_ids("split"))
    with pytest.raises(mr.ArgumentError, match="Did you mean 'label'"):
        data.with_roles(lable="y")
    with pytest.raises(mr.ColumnNotFoundError, match="Did you mean 'name'"):
        data.with_roles(entity="nam")
    with pytest.raises(mr.ArgumentError, match="one column name"):
        data.with_roles(label=["y"])
    with pytest.raises(mr.ColumnNotFoundError, match="with_roles"):
        mr.Dataset({"x": [1]}).y  # noqa: B018
    with pytest.raises(mr.ArgumentError, match="Did you mean 'label'"):
        mr.Dataset({"x": [1]}, lable="x")  # type: ignore[call-arg]


def test_keys_that_repeat_or_are_null() -> None:
    with pytest.raises(mr.SchemaError, match="row"):
        mr.Dataset({"k": [1, 2, 1]}, key="k")
    with pytest.raises(mr.SchemaError, match="missing"):
        mr.Dataset({"k": ["a", None]}, key="k")
    assert len(mr.Dataset({"k": ["a", None], "j": [1, 2]}, key="j")) == 2


def test_a_dataset_of_a_dataset(data: mr.Dataset) -> None:
    assert mr.Dataset(data) == data
    assert mr.as_dataset(data) is data
    assert mr.as_dataset(data, weight="x").roles["weight"] == "x"
    assert mr.as_dataset({"x": [1]}, label="x").roles == {"label": "x"}


def test_equality_pickle_and_copy(data: mr.Dataset, frame: pd.DataFrame) -> None:
    assert data == mr.Dataset(frame.copy(), key="id", label="y")
    assert data != mr.Dataset(frame, key="id")
    assert data != data.drop("x")
    assert data != data.take([0, 1, 2, 2])
    assert mr.Dataset({"x": [0.0]}) != mr.Dataset({"x": [-0.0]})
    assert mr.Dataset({"x": [np.nan]}) == mr.Dataset({"x": [np.nan]})
    assert copy.deepcopy(data) == data
    dropped = data.drop("id").take([2, 1])._with_fold("train")
    back = pickle.loads(pickle.dumps(dropped))
    assert back == dropped
    assert back.fold == "train"
    np.testing.assert_array_equal(back.row_ids("split"), dropped.row_ids("split"))
    pd.testing.assert_frame_equal(back.to_pandas(), dropped.to_pandas())
    with pytest.raises(TypeError):
        hash(data)


def test_bad_inputs_name_the_next_step() -> None:
    cases = [
        (lambda: mr.Dataset(5), "Pass pandas"),
        (lambda: mr.Dataset(None), "Pass pandas"),
        (lambda: mr.Dataset({1: [1]}), "Name columns by str"),
        (lambda: mr.Dataset({"x": 1}), "a list"),
        (lambda: mr.Dataset({"x": [1, 2], "y": [1]}), "same length"),
        (lambda: mr.Dataset({"x": np.zeros((2, 2))}), "2 dimensions"),
        (lambda: mr.Dataset(np.zeros((2, 2, 2))), "3 dimensions"),
        (lambda: mr.Dataset({"x": np.zeros(2, "f2")}), "float64"),
        (lambda: mr.Dataset({"x": np.zeros(2, "c8")}), "real and imaginary"),
        (lambda: mr.Dataset({"x": np.array([b"a"])}), "Decode"),
        (lambda: mr.Dataset({"x": [[1], [2]]}), "flat columns"),
        (lambda: mr.Dataset({"x": [{"a": 1}]}), "flat columns"),
        (lambda: mr.Dataset({"x": ["\ud800"]}), "surrogate"),
        (lambda: mr.Dataset({"x": [2**70]}), "64 bits"),
        (lambda: mr.Dataset(pl.DataFrame({"x": [[1]]})), "'x' has the Arrow type .*list"),
        (lambda: mr.Dataset(pl.DataFrame({"x": [dt.time(1)]})), "time of day"),
        (
            lambda: mr.Dataset(pa.table([pa.array([1]), pa.array([2])], ["a", "a"])),
            "'a' occurs twice",
        ),
        (lambda: mr.Dataset(pd.DataFrame([[1, 2]], columns=["a", "a"])), "columns 0 and 1"),
        (
            lambda: mr.Dataset(pd.DataFrame({"x": pd.period_range("2020", periods=2, freq="D")})),
            "to_timestamp",
        ),
        (lambda: mr.Dataset(pd.DataFrame({"x": pd.arrays.SparseArray([0, 1])})), "to_dense"),
        (lambda: mr.Dataset(pd.DataFrame({"x": pd.cut([1, 2], 2)})), "cat.rename_categories"),
        (lambda: mr.Dataset({"x": [1]}, key=3), "key="),
        (lambda: mr.Dataset({"x": [1]}, schema={"x": "int8"}), "CSV"),
    ]
    for make, message in cases:
        with pytest.raises(mr.Error, match=message) as caught:
            make()
        assert caught.value.next_step


def test_mixed_objects_show_two_rows() -> None:
    cells = pd.Series([None, np.nan, 12, "JFK"], dtype=object)
    with pytest.raises(mr.SchemaError) as caught:
        mr.Dataset(pd.DataFrame({"dest_id": cells}))
    assert str(caught.value) == (
        "column 'dest_id' mixes int and str (row 2: 12, row 3: 'JFK'). "
        "Cast it first, e.g. df['dest_id'].astype(str)."
    )
    assert caught.value.column == "dest_id"
    assert caught.value.example_row == 3


def test_small_tables_are_tables() -> None:
    for nothing in ({}, pd.DataFrame(), pl.DataFrame(), pa.table({}), np.empty((0, 0))):
        ds = mr.Dataset(nothing)
        assert ds.shape == (0, 0)
        assert ds.to_pandas().shape == (0, 0)
        assert ds.row_ids("split").shape == (0, 2)
        assert "0 rows" in repr(ds)
    assert mr.Dataset(pd.DataFrame(index=range(3))).shape == (3, 0)
    empty = mr.Dataset(
        {"x": np.empty(0), "s": [], "t": np.empty(0, "M8[ns]"), "u": np.empty(0, "U3")}
    )
    assert empty.shape == (0, 4)
    assert empty.filter(np.empty(0, bool)) == empty
    assert empty.filter([]) == empty
    assert empty.to_pandas().shape == (0, 4)
    gone = mr.Dataset(
        {"n": [None, None], "f": [np.nan, np.nan], "i": pd.array([None, None], dtype="Int64")}
    )
    assert [f.n_null + f.n_nan for f in gone.schema] == [2, 2, 2]
    assert gone["n"].to_list() == [None, None]
    assert (gone["n"] == 1).tolist() == [False, False]


def test_import_is_light() -> None:
    code = (
        "import sys, mlrepro;"
        "print([m for m in ('pandas', 'pyarrow', 'polars', 'sklearn', 'matplotlib', 'duckdb') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_key_that_repeats_survives_a_pickle() -> None:
    keyed = mr.Dataset({"id": [1, 2, 3], "x": [5, 6, 7]}, key="id", label="x")
    other = mr.Dataset({"id": [1, 1, 3], "z": [7, 8, 9]})
    for repeated in (
        keyed.take([0, 0, 1]),
        mr.join(keyed, other, "id", how="left", validate="m:m"),
    ):
        back = pickle.loads(pickle.dumps(repeated))
        assert back == repeated
        assert back.roles == repeated.roles
        np.testing.assert_array_equal(back.row_ids("split"), repeated.row_ids("split"))


def test_a_lone_surrogate_is_refused_wherever_text_goes(data: mr.Dataset) -> None:
    bad = "a\ud800"
    plan = mr.split.GroupKFold(2, by="name").plan(data)
    for call in (
        lambda: data[bad],
        lambda: data[[bad]],
        lambda: data.rename({"x": bad}),
        lambda: data.with_columns({bad: [1, 2, 3, 4]}),
        lambda: data.row_ids(bad),
        lambda: mr.Dataset({bad: [1]}),
        lambda: mr.Dataset({"x": [1]}, time=bad),
        lambda: mr.Dataset({"x": [1]}, key=bad),
        lambda: mr.join(data, data, bad, how="left", validate="m:m"),
        lambda: plan.assign(bad),
        lambda: plan.try_assign(bad),
        lambda: plan[bad],
        lambda: mr.split.HashSplit({bad: 1.0}).plan(data),
        lambda: mr.split.HashSplit({"a": 1.0}, salt=bad).plan(data),
        lambda: mr.DecisionTreeProbe(exclude=[bad]).fit(data, target="y"),
        lambda: mr.DecisionTreeProbe().fit(data, target=bad),
    ):
        with pytest.raises(mr.InputTypeError, match=r"a\\ud800.*no UTF-8 form") as caught:
            call()
        assert caught.value.next_step
    assert bad not in data


@pytest.mark.parametrize("threads", [0, -1, 2.5, "2", True, 1025])
def test_threads_are_checked_in_one_way(data: mr.Dataset, threads: Any) -> None:
    splitter = mr.split.HashSplit({"train": 0.5, "test": 0.5}, by="id")
    plan = splitter.plan(data)
    for call in (
        lambda: data.row_ids("split", threads=threads),
        lambda: mr.join(data, data, "id", how="left", validate="1:1", threads=threads),
        lambda: splitter.plan(data, threads=threads),
        lambda: plan.extend(data, threads=threads),
        lambda: mr.DecisionTreeProbe(threads=threads).fit(data, target="y"),
        lambda: mr.row_loss([0], [0.5], "log_loss", threads=threads),
    ):
        with pytest.raises(mr.ArgumentError, match="threads is"):
            call()
