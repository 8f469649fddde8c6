# SPDX-License-Identifier: Apache-2.0
"""Inputs that would lose something in silence, or end in another library's error: refused by name."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import scipy.sparse

import mlrepro as mr


def csv_file(folder: Path, content: bytes | str, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# CSV ----------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("rows", "fits"),
    [
        ("12345678901234567890\n2\n", "uint64"),
        ("12345678901234567890\n\n2\n", "uint64"),
        ("9007199254740993\n0.5\n", "string"),
        ("98765432109876543210\n2\n", "string"),
    ],
)
def test_integers_of_csv_are_not_rounded(tmp_path: Path, rows: str, fits: str) -> None:
    path = csv_file(tmp_path, "id\n" + rows)
    with pytest.raises(mr.SchemaError, match=rows.split("\n", 1)[0]) as caught:
        mr.Dataset(path)
    assert (caught.value.column, caught.value.example_row) == ("id", 0)
    assert f"schema={{'id': '{fits}'}}" in caught.value.next_step
    exact = mr.Dataset(path, schema={"id": fits})["id"].to_list()
    assert str(exact[0]) == rows.split("\n", 1)[0]
    assert mr.Dataset(path, schema={"id": "float64"})["id"].to_list()[0] == float(exact[0])


@pytest.mark.parametrize("n_digits", [24, 400, 5000])
def test_integers_of_any_length_are_refused_by_name(tmp_path: Path, n_digits: int) -> None:
    with pytest.raises(mr.SchemaError, match="would not keep") as caught:
        mr.Dataset(csv_file(tmp_path, f"x\n0.5\n{'9' * n_digits}\n"))
    assert caught.value.example_row == 1
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("body", "row"),
    [
        ("x,y\n1,5\n01234,5\n", 1),
        ("x,y\n0x10,5\n", 0),
        ("x,y\n 007,5\n", 0),
        ("x,y\n0.5,5\n1e400,5\n", 1),
        ("x,y\n-1e999,5\n", 0),
    ],
)
def test_text_that_a_number_would_not_keep_is_refused(tmp_path: Path, body: str, row: int) -> None:
    path = csv_file(tmp_path, body)
    with pytest.raises(mr.SchemaError, match=r"'x'.*would not keep") as caught:
        mr.Dataset(path)
    assert (caught.value.column, caught.value.example_row) == ("x", row)
    assert mr.Dataset(path, schema={"x": "string"}).columns == ["x", "y"]


def test_all_codes_of_a_file_are_named_at_once(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "zip,n,tel\n01234,10,0049\n")
    with pytest.raises(mr.SchemaError, match="tel") as caught:
        mr.Dataset(path)
    assert "{'zip': 'string', 'tel': 'string'}" in (caught.value.next_step or "")


def test_numbers_as_they_are_written_stay_numbers(tmp_path: Path) -> None:
    read = mr.Dataset(csv_file(tmp_path, "x,y,z\n0,-0.5,inf\n-10,00.5,-inf\n"))
    assert read["x"].to_list() == [0, -10]
    assert read["y"].to_list() == [-0.5, 0.5]
    assert read["z"].to_list() == [float("inf"), -float("inf")]


def test_large_floats_of_csv_are_floats(tmp_path: Path) -> None:
    cells = mr.Dataset(csv_file(tmp_path, "x\n1e300\n9007199254740992\n0.5\n"))["x"].to_list()
    assert cells == [1e300, 2.0**53, 0.5]


def test_an_empty_line_is_a_missing_cell_of_one_column_and_no_row_of_several(
    tmp_path: Path,
) -> None:
    assert mr.Dataset(csv_file(tmp_path, "x\n1\n\n2\n"))["x"].to_list() == [1, None, 2]
    assert len(mr.Dataset(csv_file(tmp_path, "x,y\n1,2\n\n3,4\n"))) == 2


@pytest.mark.parametrize("text", ["a,b\n\xe9,1\n", "\xe9,b\nx,1\n"])
def test_csv_that_is_not_utf8_is_named_so(tmp_path: Path, text: str) -> None:
    path = csv_file(tmp_path, text.encode("latin-1"))
    for read in (mr.Dataset, mr.fingerprint):
        with pytest.raises(mr.FileError, match="is not UTF-8") as caught:
            read(path)
        assert "iconv" in caught.value.next_step


def test_compressed_csv_is_csv(tmp_path: Path) -> None:
    path = csv_file(tmp_path, gzip.compress(b"x\n1\n"), "t.csv.gz")
    assert mr.Dataset(path)["x"].to_list() == [1]


# Several files ------------------------------------------------------------------------------------------------------
def parquet_files(folder: Path, *tables: pa.Table) -> list[Path]:
    paths = [folder / f"{i}.parquet" for i in range(len(tables))]
    for path, table in zip(paths, tables, strict=True):
        pq.write_table(table, path)
    return paths


def test_files_of_two_types_are_named(tmp_path: Path) -> None:
    paths = parquet_files(tmp_path, pa.table({"x": [1]}), pa.table({"x": ["a"]}))
    for read in (mr.Dataset, mr.fingerprint):
        with pytest.raises(
            mr.FileError, match=r"column 'x' is int64 in .* and string in"
        ) as caught:
            read(paths)
        assert caught.value.column == "x"
    exact = parquet_files(tmp_path, pa.table({"x": [2**53 + 1]}), pa.table({"x": [0.5]}))
    with pytest.raises(mr.FileError, match="9007199254740993"):
        mr.Dataset(exact)


def test_files_with_other_columns_are_named(tmp_path: Path) -> None:
    paths = parquet_files(tmp_path, pa.table({"x": [1]}), pa.table({"y": [1]}))
    with pytest.raises(mr.FileError, match="one of them has 'x', 'y'"):
        mr.Dataset(paths)


def test_files_whose_columns_or_dictionaries_differ_in_layout_only_are_one_table(
    tmp_path: Path,
) -> None:
    a = pa.table({"x": pa.array(["u"]).dictionary_encode(), "y": [1]})
    b = pa.table({"y": [2], "x": ["v"]})
    table = mr.Dataset(parquet_files(tmp_path, a, b), source_file=False)
    assert {n: table[n].to_list() for n in table} == {"x": ["u", "v"], "y": [1, 2]}


def test_a_file_name_that_is_not_utf8_is_read(tmp_path: Path) -> None:
    made = tmp_path / "t.parquet"
    pq.write_table(pa.table({"x": [1]}), made)
    path = tmp_path / os.fsdecode(b"\xff.parquet")
    made.rename(path)
    assert mr.Dataset([path]).to_dict()["source_file"].tolist() == ["\\xff.parquet"]
    assert mr.fingerprint(path) == mr.fingerprint({"x": np.array([1])})


def test_a_column_source_file_of_the_files_is_taken_only_by_name(tmp_path: Path) -> None:
    paths = parquet_files(tmp_path, pa.table({"source_file": ["a"], "x": [1]}))
    assert mr.Dataset(paths).roles == {}
    with pytest.raises(mr.ArgumentError, match="of their own"):
        mr.Dataset(paths, source_file=True)
    assert mr.Dataset(paths, source_file="source_file").roles == {"source_file": "source_file"}


# Streams ------------------------------------------------------------------------------------------------------------
def reader_that_raises(error: BaseException) -> pa.RecordBatchReader:
    def batches() -> Iterator[pa.RecordBatch]:
        yield pa.record_batch({"x": [1]})
        raise error

    return pa.RecordBatchReader.from_batches(pa.schema([("x", pa.int64())]), batches())


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3), MemoryError("full")])
def test_an_interrupt_in_a_producer_stays_one(error: BaseException) -> None:
    for read in (mr.Dataset, mr.fingerprint):
        with pytest.raises(type(error)):
            read(reader_that_raises(error))


def test_a_producers_error_is_told_in_one_line() -> None:
    with pytest.raises(mr.FormatError, match=r"batch 1 .*broke\. The reason") as caught:
        mr.Dataset(reader_that_raises(ValueError("broke\nin three\nlines")))
    assert "\n" not in str(caught.value)


class Exports:
    def __init__(self, made: object) -> None:
        self.made = made

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.made


def test_named_columns_are_never_read_as_a_bare_array() -> None:
    class Named:
        columns = ("a", "b")

        def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray[Any, Any]:
            return np.zeros((2, 2))

    with pytest.raises(mr.InputTypeError, match="named columns"):
        mr.Dataset(Named())


@pytest.mark.parametrize("made", [None, 5, ()])
def test_an_export_that_is_no_capsule_is_refused(made: object) -> None:
    with pytest.raises(mr.InputTypeError, match="not a capsule"):
        mr.Dataset(Exports(made))


@pytest.mark.parametrize(
    "kind", ["timestamp", "timestamptz", "timestamp_ns", "timestamp_ms", "timestamp_s", "date"]
)
@pytest.mark.parametrize("sign", ["", "-"])
def test_infinite_times_of_duckdb_are_refused(kind: str, sign: str) -> None:
    relation = duckdb.sql(
        f"select '2020-01-01'::{kind} t union all select '{sign}infinity'::{kind}"
    )
    for read in (mr.Dataset, mr.fingerprint):
        with pytest.raises(mr.SchemaError, match="infinite time") as caught:
            read(relation)
        assert caught.value.column == "t"
        assert "isfinite(t)" in caught.value.next_step


def test_the_row_of_an_infinite_time_is_that_of_the_result() -> None:
    relation = duckdb.sql(
        "select case when i = 150000 then 'infinity'::timestamp else '2020-01-01'::timestamp end t "
        "from range(200000) r(i)"
    )
    for read in (mr.Dataset, mr.fingerprint):
        with pytest.raises(mr.SchemaError, match="row 150,000") as caught:
            read(relation)
        assert caught.value.example_row == 150_000


@pytest.mark.parametrize("sign", ["", "-"])
def test_the_largest_number_of_another_width_is_a_finite_time(sign: str) -> None:
    ticks = pa.array([int(f"{sign}{2**31 - 1}")], type=pa.int64())
    for unit in ("s", "ms", "us", "ns"):
        with duckdb.connect() as connection:
            connection.register("given", pa.table({"t": ticks.cast(pa.timestamp(unit))}))
            assert len(mr.Dataset(connection.sql("select t from given"))) == 1


# Arguments ----------------------------------------------------------------------------------------------------------
TABLE = {"x": [1, 2], "y": [1.0, np.nan]}


@pytest.mark.parametrize("role", ["key", "label", "time", "weight", "prediction", "source_file"])
def test_an_empty_name_is_no_role(role: str) -> None:
    with pytest.raises(mr.ArgumentError, match=f"{role}='' names no column"):
        mr.Dataset(TABLE, **{role: ""})


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: mr.fingerprint(TABLE, hash_key=5), mr.ArgumentError),
        (lambda: mr.fingerprint(TABLE, hash_key="\ud800"), mr.InputTypeError),
        (lambda: mr.fingerprint(TABLE, threads=0), mr.ArgumentError),
        (lambda: mr.fingerprint(TABLE, threads=10**30), mr.ArgumentError),
        (lambda: mr.fingerprint(TABLE, secure="no"), mr.ArgumentError),
        (lambda: mr.FingerprintState(first_row=-1), mr.ArgumentError),
        (lambda: mr.FingerprintState(first_row="2"), mr.ArgumentError),
        (lambda: mr.Dataset(TABLE).row_ids(5), mr.InputTypeError),
        (lambda: mr.Dataset(TABLE).with_columns({1: [1, 2]}), mr.InputTypeError),
        (lambda: mr.Dataset(TABLE).with_columns(5), mr.InputTypeError),
        (lambda: mr.Dataset(TABLE).take(np.array([2**63], np.uint64)), mr.ArgumentError),
        (lambda: mr.Dataset({"\ud800": [1]}), mr.InputTypeError),
        (lambda: mr.Dataset(lambda: iter([TABLE])), mr.InputTypeError),
        (lambda: mr.Dataset("t.csv", schema=5), (mr.InputTypeError, mr.FileError)),
        (lambda: mr.Dataset(""), mr.FileError),
        (lambda: mr.Dataset("a\0b.csv"), mr.FileError),
        (lambda: mr.load(None), mr.FileError),
        (lambda: mr.load("a\0b"), mr.FileError),
        (lambda: mr.fingerprint(TABLE).save(5), mr.FileError),
    ],
)
def test_nonsense_is_a_typed_error(call: Callable[[], Any], error: Any) -> None:
    with pytest.raises(error) as caught:
        call()
    assert caught.value.next_step


def test_a_missing_cell_is_no_integer() -> None:
    features = mr.Dataset(TABLE)
    with pytest.raises(mr.InputTypeError, match="row 1, feature 1 is nan"):
        np.asarray(features, dtype="i4")
    assert np.asarray(features, dtype="f4").dtype == np.float32
    assert np.asarray(features.select("x"), dtype="i4").tolist() == [[1], [2]]


# Messages -----------------------------------------------------------------------------------------------------------
class LazyFrame:
    columns = ("x",)

    def compute(self) -> None: ...


@pytest.mark.parametrize(
    ("frame", "step"),
    [
        ([{"x": 1}, {"x": 2}], "pd.DataFrame(rows)"),
        ([pd.DataFrame({"x": [1]})] * 2, "pd.concat(frames)"),
        ((f for f in [pd.DataFrame({"x": [1]})]), "a function that opens a stream"),
        (scipy.sparse.eye(3).tocsr(), "x.toarray()"),
        (LazyFrame(), "frame.compute()"),
        (5, "paths of Parquet"),
    ],
)
def test_what_is_no_table_is_told_how_to_become_one(frame: object, step: str) -> None:
    with pytest.raises(mr.InputTypeError) as caught:
        mr.Dataset(frame)
    assert step in caught.value.next_step
    assert "builtins" not in str(caught.value)


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_a_matrix_is_an_array_and_a_masked_array_keeps_its_mask() -> None:
    assert mr.Dataset(np.matrix([[1, 2]])).shape == (1, 2)
    masked = np.ma.masked_array([[1, 2], [3, 4]], mask=[[False, True], [False, False]])
    assert mr.Dataset(masked)["x1"].to_list() == [None, 4]


def test_a_stream_that_was_read_before_has_no_columns() -> None:
    with pytest.raises(mr.InputTypeError, match="yielded no batch"):
        mr.fingerprint(batch for batch in ())


def test_names_of_many_columns_are_not_all_listed() -> None:
    wide = {f"column{i}": [1] for i in range(1000)}
    for call in (
        lambda: mr.Dataset(wide, key="zzz"),
        lambda: mr.Dataset(wide)["zzz"],
        lambda: mr.Dataset(wide).schema["zzz"],
        lambda: mr.DecisionTreeProbe().fit(wide, target="zzz"),
    ):
        with pytest.raises(mr.ColumnNotFoundError, match="and 980 more") as caught:
            call()
        assert len(str(caught.value)) < 300


@pytest.mark.parametrize(("separator", "shown"), [(";", ";"), ("|", "|"), ("\t", "\\t")])
def test_one_column_that_looks_like_several_is_said(
    tmp_path: Path, separator: str, shown: str
) -> None:
    data = mr.Dataset(csv_file(tmp_path, f"a{separator}b\n1{separator}2\n"))
    assert f"sep='{shown}'" in repr(data)


def test_files_that_cannot_be_read_end_in_sentences(tmp_path: Path) -> None:
    for content, said in (("", "Empty CSV file."), ("a,b\n1,2\n3\n", "got 1: 3.")):
        with pytest.raises(mr.FileError) as caught:
            mr.Dataset(csv_file(tmp_path, content))
        assert said in str(caught.value)
    with pytest.raises(mr.FileError, match="No file matches"):
        mr.Dataset(tmp_path / "*.parquet")


def test_sql_cannot_name_a_column_without_a_name() -> None:
    x = np.arange(100)
    probe = mr.DecisionTreeProbe(max_depth=1, honest=False).fit({"": x}, x > 50)
    with pytest.raises(mr.ArgumentError, match="no name"):
        probe.rules("sql")


def test_short_names_are_not_guessed() -> None:
    for wrong in ("q", "zz"):
        with pytest.raises(mr.ColumnNotFoundError) as caught:
            mr.Dataset({"x": [1], "id": [2]}).select([wrong])
        assert "Did you mean" not in str(caught.value)


@pytest.mark.parametrize("scale", [1e-165, 1e-300, 5e-324])
def test_a_target_whose_squares_vanish_has_no_interval_and_is_refused(scale: float) -> None:
    rng = np.random.default_rng(0)
    x = np.arange(400.0)
    y = np.where(x > 200, 1, 0) + rng.integers(1, 9, 400)
    with pytest.raises(mr.SchemaError, match="1e-150"):
        mr.DecisionTreeProbe().fit({"x": x}, target=y * scale)
    with pytest.raises(mr.SchemaError, match="1e-150"):
        mr.find_slices({"x": x}, target=y * scale)
    assert mr.DecisionTreeProbe().fit({"x": x}, target=y * 1e-140).leaves[0].low > 0
