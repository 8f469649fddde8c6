# SPDX-License-Identifier: Apache-2.0
"""Frames in and out: one table through every library, round trips, files, memory, golden identities."""

from __future__ import annotations

import datetime as dt
import gc
import inspect
import struct
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
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
from mlrepro import _core
from mlrepro._parts import Part, bits

DAY = dt.date(2013, 11, 3)
STAMP = dt.datetime(2013, 11, 3, 17, tzinfo=dt.timezone.utc)


def one_table() -> pa.Table:
    """A table of types that every library holds."""
    return pa.table(
        {
            "flag": pa.array([True, None, False]),
            "small": pa.array([1, -2, 3], pa.int8()),
            "big": pa.array([2**53 + 1, None, -(2**63)], pa.int64()),
            "unsigned": pa.array([0, 1, 2**64 - 1], pa.uint64()),
            "real": pa.array([0.5, -0.0, float("inf")], pa.float64()),
            "single": pa.array([0.25, 1.0, 3.0], pa.float32()),
            "text": pa.array(["a", None, "日本 \U0001f600"]),
            "at": pa.array([STAMP, None, STAMP], pa.timestamp("us", "America/New_York")),
            "wall": pa.array([STAMP.replace(tzinfo=None), None, None], pa.timestamp("us")),
            "took": pa.array([dt.timedelta(seconds=1), None, dt.timedelta(0)], pa.duration("us")),
            "kind": pa.array(["u", None, "v"]).dictionary_encode(),
        }
    )


class OnlyStream:
    """Nothing but the dunder, and it can be asked once."""

    def __init__(self, table: pa.Table) -> None:
        self._table: pa.Table | None = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        table, self._table = self._table, None
        assert table is not None, "asked twice"
        return table.__arrow_c_stream__(requested_schema)


class OnlyArray:
    def __init__(self, batch: pa.RecordBatch) -> None:
        self._batch = batch

    def __arrow_c_array__(self, requested_schema: object = None) -> Any:
        return self._batch.__arrow_c_array__(requested_schema)


def as_numpy_pandas(table: pa.Table) -> pd.DataFrame:
    """Pandas without Arrow memory: NumPy, masked, object and category columns."""
    frame = table.to_pandas()
    frame["flag"] = pd.array([True, None, False], dtype="boolean")
    frame["big"] = pd.array([2**53 + 1, None, -(2**63)], dtype="Int64")
    frame["text"] = pd.Series(table["text"].to_pylist(), dtype=object)
    frame["kind"] = pd.Categorical(table["kind"].to_pylist(), ["u", "v"])
    return frame


def in_duckdb(table: pa.Table) -> Any:
    con = duckdb.connect()
    con.register("t", table)
    return con.sql("select * from t")


# Text with NaN where it is missing: pandas 2.3 and later.
NAN_TEXT = (
    pd.StringDtype("python", na_value=np.nan)
    if "na_value" in inspect.signature(pd.StringDtype).parameters
    else pd.StringDtype("python")
)
FORMS: dict[str, Callable[[pa.Table], Any]] = {
    "pyarrow": lambda t: t,
    "batches": lambda t: pa.concat_tables([t.slice(0, 1), t.slice(1, 0), t.slice(1)]),
    "record batch": lambda t: t.combine_chunks().to_batches()[0],
    "reader": lambda t: t.to_reader(),
    "large and view": lambda t: t.set_column(6, "text", t["text"].cast(pa.large_string())),
    "view": lambda t: t.set_column(6, "text", pa.array(t["text"].to_pylist(), pa.string_view())),
    "slice": lambda t: pa.concat_tables([t, t, t]).slice(3, 3),
    "dunder stream": OnlyStream,
    "dunder array": lambda t: OnlyArray(t.combine_chunks().to_batches()[0]),
    "polars": pl.from_arrow,
    "polars lazy": lambda t: pl.from_arrow(t).lazy(),
    "pandas arrow": lambda t: t.to_pandas(types_mapper=pd.ArrowDtype),
    "pandas numpy": as_numpy_pandas,
    "duckdb": in_duckdb,
    "dict of columns": lambda t: dict(zip(t.column_names, t.columns, strict=True)),
    "dict of polars": lambda t: pl.from_arrow(t).to_dict(as_series=True),
    "dict of lists": lambda t: {n: t[n].to_pylist() for n in t.column_names},
    "dataset": mr.Dataset,
}


@pytest.mark.parametrize("form", FORMS)
def test_one_table_through_every_library(form: str) -> None:
    table = one_table()
    if form == "duckdb":
        table = table.drop_columns("took")  # an interval of months, days and nanoseconds there
    expected = mr.Dataset(table)
    made = mr.Dataset(FORMS[form](table))
    assert made.columns == expected.columns
    np.testing.assert_array_equal(made.row_ids("split"), expected.row_ids("split"))
    for name in made.columns:
        assert made[name].to_list() == expected[name].to_list(), name
        mine, theirs = made.schema[name], expected.schema[name]
        assert (mine.n_null, mine.n_nan, mine.n_inf) == (theirs.n_null, theirs.n_nan, theirs.n_inf)
    shuffled = mr.Dataset(table.select(sorted(table.column_names, reverse=True)).take([2, 0, 1]))
    np.testing.assert_array_equal(shuffled.row_ids("split"), expected.row_ids("split")[[2, 0, 1]])


def pandas_frames() -> dict[str, pd.DataFrame]:
    numpy = pd.DataFrame(
        {
            "i": np.array([1, 2, 3], "i2"),
            "u": np.array([1, 2, 2**64 - 1], "u8"),
            "f": [0.5, np.nan, -0.0],
            "g": np.array([1, np.inf, np.nan], "f4"),
            "b": [True, False, True],
            "s": pd.Series(["a", None, "é"], dtype="str"),
            "t": pd.to_datetime(["2020-01-01", None, "2021-01-01"]).as_unit("s"),
            "ns": pd.to_datetime(
                ["2020-01-01 00:00:00.000000001", None, "2021"], format="ISO8601"
            ).as_unit("ns"),
            "z": pd.to_datetime(["2020-01-01", None, "2021-07-01"])
            .tz_localize("Europe/Rome")
            .as_unit("ms"),
            "fixed": pd.to_datetime(["2020-01-01", None, "2021-07-01"]).tz_localize("+05:30"),
            "d": pd.to_timedelta([1, None, 3], unit="h"),
        }
    )
    extension = pd.DataFrame(
        {
            "i": pd.array([1, None, 2**60], dtype="Int64"),
            "u": pd.array([1, None, 3], dtype="UInt8"),
            "f": pd.array([0.5, None, 1.0], dtype="Float32"),
            "b": pd.array([True, None, False], dtype="boolean"),
            "s": pd.array(["a", None, "b"], dtype="string"),
            "p": pd.array(["a", None, "b"], dtype=pd.StringDtype("python")),
            "q": pd.array(["a", None, "b"], dtype=NAN_TEXT),
        },
        index=pd.MultiIndex.from_tuples([(1, "x"), (1, "y"), (2, "x")], names=["a", "b"]),
    )
    objects = pd.DataFrame(
        {
            "none": np.array(["a", None, "b"], dtype=object),
            "nan": np.array(["a", np.nan, "b"], dtype=object),
            "bool": np.array([True, None, False], dtype=object),
            "int": np.array([1, None, 2], dtype=object),
            "date": np.array([DAY, None, DAY], dtype=object),
            "gone": np.array([None, None, None], dtype=object),
        },
        index=pd.date_range("2020", periods=3, freq="D"),
    )
    categories = pd.DataFrame(
        {
            "text": pd.Categorical(["b", None, "a"], ["b", "a", "never"], ordered=True),
            "int": pd.Categorical([3, 1, None], [3, 1]),
            "time": pd.Categorical(pd.to_datetime(["2020", "2021", None])),
            "object": pd.Series(["x", "y", None], dtype=object).astype("category"),
        }
    )
    arrow = one_table().to_pandas(types_mapper=pd.ArrowDtype)
    labels = pd.DataFrame([[1, 2.5]], columns=[0, "b"])
    return {
        "numpy": numpy,
        "extension": extension,
        "objects": objects,
        "categories": categories,
        "arrow": arrow,
        "labels": labels,
    }


@pytest.mark.parametrize(
    "which", ["numpy", "extension", "objects", "categories", "arrow", "labels"]
)
def test_pandas_comes_back_as_it_was(which: str) -> None:
    frame = pandas_frames()[which]
    kept = frame.copy(deep=True)
    back = mr.Dataset(frame).to_pandas()
    pd.testing.assert_frame_equal(back, frame, check_freq=False)
    pd.testing.assert_frame_equal(frame, kept)
    for name in frame.columns:
        assert back[name].dtype == frame[name].dtype
    doubled = mr.Dataset(frame).take(np.repeat(np.arange(len(frame)), 2)).to_pandas()
    pd.testing.assert_frame_equal(
        doubled, frame.take(np.repeat(np.arange(len(frame)), 2)), check_freq=False
    )


def test_none_and_nan_in_pandas_text_are_both_null() -> None:
    forms = [
        pd.Series(["a", None, np.nan], dtype=object),
        pd.Series(["a", pd.NA, None], dtype="string"),
        pd.Series(["a", pd.NaT, pd.NA], dtype=object),
        pd.Series(["a", None, np.nan], dtype="str"),
    ]
    ids = [mr.Dataset({"x": s}).row_ids("split").tolist() for s in forms]
    assert all(i == ids[0] for i in ids)
    for series in forms:
        field = mr.Dataset(pd.DataFrame({"x": series})).schema["x"]
        assert (field.type, field.n_null, field.n_nan) == ("utf8", 2, 0)
    floats = mr.Dataset({"x": np.array([1.0, None, np.nan], dtype=object)}).schema["x"]
    assert (floats.type, floats.n_null, floats.n_nan) == ("float64", 1, 1)


def test_polars_and_pyarrow_come_back_as_they_were() -> None:
    frame = pl.DataFrame(
        {
            "i": pl.Series([1, None], dtype=pl.Int16),
            "f": [float("nan"), None],
            "s": ["a", None],
            "c": pl.Series(["x", "y"], dtype=pl.Categorical),
            "e": pl.Series(["lo", "hi"], dtype=pl.Enum(["hi", "lo"])),
            "t": pl.Series([STAMP, None], dtype=pl.Datetime("ms", "Europe/Rome")),
            "d": [DAY, None],
            "m": pl.Series([Decimal(3), None], dtype=pl.Decimal(10, 0)),
        }
    )
    ds = mr.Dataset(frame)
    assert ds.to_polars().equals(frame)
    assert ds.to_polars().schema == frame.schema
    assert isinstance(ds.X, pl.DataFrame)
    assert ds.filter(ds["s"] == "a").to_polars().equals(frame[:1])
    table = one_table().append_column("date64", pa.array([0, None, 86_400_000], pa.date64()))
    back = mr.Dataset(table).to_arrow()
    assert back.schema.types == table.schema.types
    assert back.equals(table.combine_chunks()) or back.to_pydict() == table.to_pydict()


def test_what_has_no_pandas_dtype_loses_nothing() -> None:
    ds = mr.Dataset(
        pl.DataFrame({"i": [1, None], "big": [2**60, None], "b": [True, None], "d": [DAY, None]})
    )
    frame = ds.to_pandas()
    assert frame["i"].dtype == np.float64
    assert frame["big"].dtype == "Int64"
    assert frame["big"][0] == 2**60
    assert frame["b"].dtype == "boolean"
    assert frame["d"].dtype == "datetime64[s]"


def test_duckdb_sums_are_integers() -> None:
    con = duckdb.connect()
    ds = mr.Dataset(con.sql("select sum(i) as total, count(*) as n from range(5) t(i)"))
    assert ds["total"].to_list() == [10]
    assert ds.schema["total"].type == "int64"
    with pytest.raises(mr.InputTypeError, match=r"'x' is decimal.*holds a fraction"):
        mr.Dataset(con.sql("select 1.25::decimal(9, 2) as x"))
    with pytest.raises(mr.InputTypeError, match="beyond the range"):
        mr.Dataset(con.sql("select sum(i::hugeint * 9000000000000000000) as x from range(5) t(i)"))
    with pytest.raises(mr.InputTypeError, match="'x' has the Arrow type interval"):
        mr.Dataset(con.sql("select interval 1 month as x"))


def test_numpy_in_and_out() -> None:
    grid = np.arange(6, dtype=np.float32).reshape(3, 2)
    ds = mr.Dataset(grid)
    assert ds.columns == ["x0", "x1"]
    np.testing.assert_array_equal(ds.to_numpy(), grid)
    assert ds.to_numpy().dtype == np.float32
    assert isinstance(ds.X, np.ndarray)
    assert mr.Dataset(np.arange(3)).columns == ["x0"]
    records = np.array([(1, "a", 2.5)], dtype=[("i", "i4"), ("s", "U3"), ("f", ">f8")])
    ds = mr.Dataset(records)
    assert ds.columns == ["i", "s", "f"]
    assert [ds[c].to_list() for c in ds.columns] == [[1], ["a"], [2.5]]
    masked = mr.Dataset({"m": np.ma.MaskedArray([1, 2], [False, True])})
    assert masked["m"].to_list() == [1, None]
    times = mr.Dataset(
        {
            "D": np.array(["2020-01-01", "NaT"], "M8[D]"),
            "M": np.array(["2020-01", "NaT"], "M8[M]"),
            "h": np.array(["2020-01-01T05", "NaT"], "M8[h]"),
            "ns": np.array([1, "NaT"], "m8[ns]"),
        }
    )
    assert [f.type for f in times.schema] == ["date", "date", "timestamp[s]", "duration[ns]"]
    assert all(f.n_null == 1 for f in times.schema)
    with pytest.raises(mr.SchemaError, match="row 1"):
        mr.Dataset({"x": np.array([0, 2**62], "M8[h]")})


def test_python_cells() -> None:
    zone = dt.timezone(dt.timedelta(hours=2))
    ds = mr.Dataset(
        {
            "dec": [Decimal(3), None, Decimal("NaN")],
            "date": [DAY, None, DAY],
            "at": [STAMP.astimezone(zone), None, STAMP.astimezone(zone)],
            "took": [dt.timedelta(days=1), None, dt.timedelta(0)],
            "mix": [1, 2.5, None],
            "np": [np.int8(1), np.int64(2), None],
            "r": range(3),
        }
    )
    assert [f.type for f in ds.schema] == [
        "int64",
        "date",
        "timestamp[us, +02:00]",
        "duration[us]",
        "float64",
        "int64",
        "int64",
    ]
    assert ds["dec"].to_list() == [3, None, None]
    assert ds["at"].to_list() == [STAMP, None, STAMP]
    for bad, message in [
        ([1.0, Decimal(1)], "float and Decimal"),
        ([True, 1], "bool and int"),
        ([DAY, STAMP], "date and datetime"),
        ([STAMP, STAMP.replace(tzinfo=None)], "without and with a zone"),
        ([2**60, 0.5], "float64 cannot hold"),
        ([Decimal("1.5")], "no whole number"),
    ]:
        with pytest.raises(mr.Error, match=message):
            mr.Dataset({"x": bad})


def test_float64_of_pyarrow_is_not_copied() -> None:
    values = pa.array([1.5, 2.5, None])
    address = values.buffers()[1].address
    ds = mr.Dataset(pa.table({"x": values}))
    part = Part(*ds._data.column_parts(0))
    assert part.buffers[1].ctypes.data == address
    out = ds.to_arrow()["x"].chunk(0)
    assert out.buffers()[1].address == address
    del values, ds
    gc.collect()
    assert part.buffers[1][:2].tolist() == [1.5, 2.5]
    assert out.to_pylist() == [1.5, 2.5, None]


def test_writable_memory_is_copied_unless_told_otherwise() -> None:
    array = np.arange(3.0)
    frozen = np.arange(3.0)
    frozen.flags.writeable = False
    hidden = array.view()
    hidden.flags.writeable = False  # read-only, and yet it changes with its base
    frame = pd.DataFrame({"x": np.arange(3.0)})
    held = mr.Dataset({"a": array, "f": frozen, "h": hidden})
    from_pandas = mr.Dataset(frame)
    borrowed = mr.Dataset({"a": array}, copy=False)
    array[0] = 99
    frame.iloc[0, 0] = 99
    assert held["a"].to_list() == [0, 1, 2]
    assert held["h"].to_list() == [0, 1, 2]
    assert from_pandas["x"].to_list() == [0, 1, 2]
    assert borrowed["a"].to_list() == [99, 1, 2]
    assert held["f"].to_numpy().ctypes.data == frozen.ctypes.data
    arrow = pa.table({"x": pa.array([1.0])})
    copied = mr.Dataset(arrow, copy=True)
    assert (
        Part(*copied._data.column_parts(0)).buffers[1].ctypes.data
        != arrow["x"].chunk(0).buffers()[1].address
    )


def test_memory_outlives_the_frame_it_came_from() -> None:
    array = np.arange(1000.0)
    array.flags.writeable = False
    ds = mr.Dataset({"x": array})
    column = ds["x"].to_numpy()
    del array, ds
    gc.collect()
    assert column.sum() == 499500


WITHOUT_PYARROW = """
import sys
sys.modules["pyarrow"] = None
import numpy as np, pandas as pd
import mlrepro as mr
frame = pd.DataFrame({
    "i": [1, 2, 3], "f": [0.5, np.nan, 1.0], "s": ["a", None, "b"], "o": np.array([True, None, False], dtype=object),
    "c": pd.Categorical(["u", None, "v"], ordered=True), "n": pd.array([1, None, 2**60], dtype="Int64"),
    "z": pd.to_datetime(["2020-01-01", None, "2021-01-01"]).tz_localize("UTC"),
    "d": pd.to_timedelta([1, None, 2], unit="s"), "t": pd.array(["x", None, "y"], dtype="string"),
}, index=["p", "q", "r"])
ds = mr.Dataset(frame, label="i")
pd.testing.assert_frame_equal(ds.to_pandas(), frame)
assert ds.X.shape == (3, 8) and ds.y.tolist() == [1, 2, 3]
try:
    ds.to_arrow()
except mr.InputTypeError as error:
    assert "mlrepro[arrow]" in str(error), error
try:
    mr.Dataset("x.parquet")
except mr.FileError as error:
    assert "mlrepro[arrow]" in str(error), error
assert "pyarrow" not in [m for m in sys.modules if sys.modules[m] is not None]
print(ds.row_ids("split").tolist())
"""


def test_pandas_without_pyarrow_gives_the_same_rows() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_PYARROW], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    frame = pd.DataFrame(
        {
            "f": [0.5, np.nan, 1.0],
            "s": ["a", None, "b"],
            "o": pd.array([True, None, False], dtype="boolean"),
            "c": pd.array(["u", None, "v"], dtype="str"),
            "n": pd.array([1, None, 2**60], dtype="int64[pyarrow]"),
            "z": pd.to_datetime(["2020-01-01", None, "2021-01-01"]).tz_localize("UTC"),
            "d": pd.to_timedelta([1, None, 2], unit="s"),
            "t": pd.array(["x", None, "y"], dtype="string[pyarrow]"),
        }
    )
    assert done.stdout.strip() == str(mr.Dataset(frame).row_ids("split").tolist())


def test_the_index_of_pandas_is_no_column(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": [1, 2]}, index=pd.Index(["a", "b"]))
    frame.to_parquet(tmp_path / "t.parquet")
    for form in (frame, pa.Table.from_pandas(frame), tmp_path / "t.parquet"):
        ds = mr.Dataset(form)
        assert ds.columns == ["x"]
        np.testing.assert_array_equal(ds.row_ids("split"), mr.Dataset(frame).row_ids("split"))
    assert "left out: __index_level_0__" in repr(ds)


def test_streams_are_asked_once_and_errors_are_typed() -> None:
    reader = one_table().to_reader()
    assert len(mr.Dataset(reader)) == 3

    def batches() -> Any:
        yield pa.record_batch({"x": pa.array([1])})
        raise ValueError("the producer broke")

    broken = pa.RecordBatchReader.from_batches(pa.schema([("x", pa.int64())]), batches())
    with pytest.raises(mr.FormatError, match="the producer broke"):
        mr.Dataset(broken)
    with pytest.raises(mr.InputTypeError, match=r"extension<arrow\.uuid>"):
        mr.Dataset(pa.table({"x": pa.array([b"0" * 16], pa.uuid())}))


def test_a_capsule_is_used_once() -> None:
    capsule = mr.Dataset({"x": [1]}).__arrow_c_stream__()
    _core.Dataset.from_stream(capsule)
    with pytest.raises(mr.ArgumentError, match="used before"):
        _core.Dataset.from_stream(capsule)
    with pytest.raises(mr.InputTypeError, match="not named"):
        _core.Dataset.from_stream(mr.Dataset({"x": [1]}).__arrow_c_schema__())
    assert pa.schema(mr.Dataset({"x": [1]})).names == ["x"]


def golden_part(column: dict[str, Any]) -> Part:
    """A column of the golden vectors as Arrow buffers, made here by hand."""
    cells, kind = column["cells"], column["type"]
    missing = np.array([c is None for c in cells])
    n = len(cells)
    if kind in ("utf8", "dictionary"):
        levels = (
            list(dict.fromkeys(c or "" for c in cells))
            if kind == "dictionary"
            else [c or "" for c in cells]
        )
        raw = [t.encode() for t in levels]
        offsets = np.cumsum([0, *map(len, raw)], dtype=np.int64)
        validity = None if kind == "dictionary" else bits(missing)
        text = Part(
            "U", len(raw), (validity, offsets, np.frombuffer(b"".join(raw) or b"\0", np.uint8))
        )
        if kind == "utf8":
            return text
        codes = np.array([levels.index(c or "") for c in cells], np.int32)
        return Part("i", n, (bits(missing), codes), text)
    if kind == "bool":
        packed = np.packbits([bool(c) for c in cells], bitorder="little")
        return Part("b", n, (bits(missing), packed))
    if kind.startswith("float"):
        form = ">d" if kind == "float64" else ">f"
        values = np.array(
            [0.0 if c is None else struct.unpack(form, bytes.fromhex(c))[0] for c in cells], form[1]
        )
        return Part("g" if kind == "float64" else "f", n, (bits(missing), values))
    ints = [0 if c is None else int(c) for c in cells]
    if kind == "date":
        return Part("tdD", n, (bits(missing), np.array(ints, np.int32)))
    if kind in ("timestamp", "duration"):
        unit = {"s": "s", "ms": "m", "us": "u", "ns": "n"}[column["unit"]]
        form = f"ts{unit}:{column['zone']}" if kind == "timestamp" else f"tD{unit}"
        return Part(form, n, (bits(missing), np.array(ints, np.int64)))
    dtype = np.dtype(kind)
    form = {"int8": "c", "int16": "s", "int32": "i", "int64": "l"}.get(kind) or {
        "uint8": "C",
        "uint16": "S",
        "uint32": "I",
        "uint64": "L",
    }[kind]
    return Part(form, n, (bits(missing), np.array(ints, dtype)))


def test_row_identities_are_the_frozen_ones(vectors: Callable[[str], Any]) -> None:
    golden = vectors("row_identity")
    assert golden["canon"] == 1
    for table in golden["tables"]:
        columns = table["columns"]
        names = [c["name"] for c in columns]
        parts = [golden_part(c) for c in columns]
        data = _core.Dataset.from_parts(parts[0].n_rows, names, parts)
        for purpose, expected in table["ids"].items():
            ids = [[f"{low:016x}", f"{high:016x}"] for low, high in data.row_ids(purpose).tolist()]
            assert ids == expected, (names, columns[0]["type"])


ARROW_COLUMNS: dict[str, tuple[Any, Any]] = {
    "bool": (pa.bool_(), st.booleans()),
    "int8": (pa.int8(), st.integers(-128, 127)),
    "int64": (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    "uint64": (pa.uint64(), st.integers(0, 2**64 - 1)),
    "float32": (pa.float32(), st.floats(width=32)),
    "float64": (pa.float64(), st.floats() | st.just(-0.0)),
    "utf8": (pa.string(), st.text(max_size=20)),
    "timestamp": (pa.timestamp("ns", "Asia/Kolkata"), st.integers(-(2**62), 2**62)),
    "date": (pa.date32(), st.integers(-100_000, 100_000)),
    "duration": (pa.duration("ms"), st.integers(-(2**40), 2**40)),
}


@st.composite
def tables(draw: Any) -> pa.Table:
    n_rows = draw(st.integers(0, 12))
    columns = {}
    for i, kind in enumerate(draw(st.lists(st.sampled_from(sorted(ARROW_COLUMNS)), max_size=5))):
        arrow_type, cells = ARROW_COLUMNS[kind]
        values = draw(st.lists(st.none() | cells, min_size=n_rows, max_size=n_rows))
        columns[f"{kind}{i}"] = pa.array(values, arrow_type)
    table = pa.table(columns)
    if n_rows and draw(st.booleans()):
        cut = draw(st.integers(0, n_rows))
        table = pa.concat_tables([table.slice(0, cut), table.slice(cut)])
    return table


def buffers_of(data: mr.Dataset) -> list[Any]:
    """Cells as bits, so that NaN equals NaN and -0.0 is not 0.0."""
    out = []
    for i in range(data.shape[1]):
        part = Part(*data._data.column_parts(i))
        missing = data._data.key_ids([data.columns[i]], "x")[1].tolist()
        out.append((part.format, missing, [repr(v) for v in data[data.columns[i]].to_list()]))
    return out


@given(tables())
def test_random_tables_pass_through_every_library(table: pa.Table) -> None:
    ds = mr.Dataset(table)
    assert ds.shape == (table.num_rows, table.num_columns)
    back = mr.Dataset(ds.to_arrow())
    assert back == ds
    through_polars = mr.Dataset(ds.to_polars())
    assert through_polars == ds
    assert (
        mr.Dataset(
            ds.to_dict()
            if not ds.columns
            else dict(zip(ds.columns, map(ds.__getitem__, ds.columns), strict=True))
        )
        == ds
    )
    arrow_pandas = table.to_pandas(types_mapper=pd.ArrowDtype)
    if table.num_columns:
        assert buffers_of(mr.Dataset(arrow_pandas)) == buffers_of(ds)
        np.testing.assert_array_equal(
            mr.Dataset(ds.to_pandas()).row_ids("split"), ds.row_ids("split")
        )
    rows = np.arange(len(ds))[::-1].copy()
    assert mr.Dataset(table.take(rows)) == mr.Dataset(table).take(rows)
