# SPDX-License-Identifier: Apache-2.0
"""Files: tables that are read, results that are saved and loaded, and everything that is wrong with them."""

from __future__ import annotations

import csv
import gzip
import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import mlrepro as mr
from mlrepro._saved import write_text


def one_table() -> pa.Table:
    return pa.table({"x": [1, None, 3], "name": ["a", "é", None], "flag": [True, False, None]})


def test_files(tmp_path: Path) -> None:
    table = one_table()
    pq.write_table(table, tmp_path / "a.parquet")
    pq.write_table(table, tmp_path / "b.parquet")
    ds = mr.Dataset(tmp_path / "a.parquet", label="flag")
    assert mr.Dataset(table, label="flag") == ds
    assert isinstance(ds.X, pd.DataFrame)
    assert len(mr.Dataset([tmp_path / "a.parquet", str(tmp_path / "b.parquet")])) == 6
    assert len(mr.Dataset(str(tmp_path / "*.parquet"))) == 6
    with pytest.raises(mr.FileError, match=r"is a directory.*\*\.parquet"):
        mr.Dataset(tmp_path)
    with (
        pa.OSFile(str(tmp_path / "c.arrow"), "wb") as sink,
        pa.ipc.new_file(sink, table.schema) as writer,
    ):
        writer.write_table(table)
    assert mr.Dataset(tmp_path / "c.arrow") == mr.Dataset(table)


def test_csv_shows_what_it_inferred(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,zip,name,when\n1,01234,,2020-01-01\n2,98765,x,2020-01-02\n")
    with pytest.raises(mr.SchemaError, match="'01234'"):
        mr.Dataset(path)
    ds = mr.Dataset(path, schema={"zip": "int64"})
    assert [f.type for f in ds.schema] == ["int64", "int64", "utf8", "date"]
    assert ds["zip"].to_list() == [1234, 98765]
    assert ds["name"].to_list() == [None, "x"]
    assert "inferred from CSV" in repr(ds)
    ds = mr.Dataset(path, schema={"zip": str, "id": "int8", "when": pa.timestamp("s")})
    assert [f.type for f in ds.schema] == ["int8", "utf8", "utf8", "timestamp[s]"]
    assert ds["zip"].to_list() == ["01234", "98765"]
    with pytest.raises(mr.ColumnNotFoundError, match="Did you mean 'zip'"):
        mr.Dataset(path, schema={"zipp": str})
    with pytest.raises(mr.ArgumentError, match="not known"):
        mr.Dataset(path, schema={"zip": "integer-ish"})
    with pytest.raises(mr.SchemaError, match=r"column 'name'.*not all int64: invalid value") as e:
        mr.Dataset(path, schema={"name": "int64"})
    assert e.value.column == "name"


def test_files_that_are_missing_or_cut(tmp_path: Path) -> None:
    pq.write_table(one_table(), tmp_path / "t.parquet")
    whole = (tmp_path / "t.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "t.xlsx").write_text("")
    (tmp_path / "x.arrow").write_bytes(b"ARROW1")
    for name in ("none.parquet", "cut.parquet", "empty.csv", "x.arrow", "*.nothing"):
        with pytest.raises(mr.FileError) as caught:
            mr.Dataset(tmp_path / name)
        assert isinstance(caught.value, OSError)
        assert caught.value.next_step
    with pytest.raises(mr.InputTypeError, match=r"\.parquet"):
        mr.Dataset(tmp_path / "t.xlsx")
    with pytest.raises(mr.ArgumentError, match="CSV"):
        mr.Dataset(tmp_path / "t.parquet", schema={"x": str})


@pytest.mark.parametrize("ending", [".csv", ".csv.gz"])
def test_long_cells_are_read_and_a_quote_that_swallows_the_rest_is_not(
    tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"t{ending}"

    def write(text: str) -> None:
        path.write_bytes(gzip.compress(text.encode()) if ending.endswith("gz") else text.encode())

    long = "x\n" * 1_500_000
    write(f'a,b\n1,"{long}"\n2,y\n')
    assert mr.Dataset(path)["b"].to_list() == [long, "y"]
    for end in ("", "\n", "\r\n\r\n"):
        write(f'a,b\n1,"say ""hi"""\n2,"two\nlines"{end}')
        assert mr.Dataset(path)["b"].to_list() == ['say "hi"', "two\nlines"]
    open_quotes = ("1,2\n", "1,2\n" * 1_000_000, '1,""\n', '3,z\n4,"v"\n', "1,2\r3,4\r")
    for rest in open_quotes:
        write('a,b\n1,y\n2,"y\n' + rest)
        with pytest.raises(mr.FileError, match="line 3 is not closed"):
            mr.Dataset(path)


def test_na_is_text_in_text_and_missing_among_numbers(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('country,n,quoted,empty\nNA,NA,"",\nDE,1,"null",\n,null,,\n"NA",2,x,\n')
    made = mr.Dataset(path)
    assert made["country"].to_list() == ["NA", "DE", None, "NA"]
    assert made["quoted"].to_list() == ["", "null", None, "x"]
    assert made["n"].to_list() == [None, 1, None, 2]
    assert "are text in country, quoted" in repr(made)
    for kind in ("category", "large_string"):
        assert mr.Dataset(path, schema={"country": kind})["country"].to_list()[0] == "NA"
    path.write_text("x\nNA\n\nb\n")  # of one column: an empty line is a missing cell
    assert mr.Dataset(path)["x"].to_list() == ["NA", None, "b"]
    path.write_text("x,y\nstraddle,1\n")
    with pytest.raises(mr.SchemaError, match="column 'x'"):
        mr.Dataset(path, schema={"x": "int64"})


def test_na_is_text_where_another_file_has_text(tmp_path: Path) -> None:
    for name, text in ("1", "a,b\nNA,1\n,2\n"), ("2", "a,b\nx,1\nNA,2\n"):
        (tmp_path / f"{name}.csv").write_text(text)
    assert mr.Dataset(tmp_path / "*.csv")["a"].to_list() == ["NA", None, "x", "NA"]
    assert mr.Dataset(tmp_path / "1.csv")["a"].to_list() == [None, None]


@pytest.mark.parametrize(
    ("cells", "bad"),
    [
        (["007", "1.5"], "007"),
        (["1.5", "+007"], "+007"),
        (["9007199254740993.0", "1"], "9007199254740993.0"),
        (["0.0", "1e-400"], "1e-400"),
        (["1.5", "1e400"], "1e400"),
        (["NA", "18446744073709551617"], "18446744073709551617"),
    ],
)
def test_cells_that_a_number_would_not_keep_are_refused_in_any_column(
    tmp_path: Path, cells: list[str], bad: str
) -> None:
    (tmp_path / "t.csv").write_text("\n".join(["a,b", *(f"{cell},1" for cell in cells)]))
    with pytest.raises(mr.SchemaError, match=re.escape(bad)) as error:
        mr.Dataset(tmp_path / "t.csv")
    assert (error.value.column, error.value.example_row) == ("a", cells.index(bad))
    fine = ["1.5", "0.5", "-0", "0", "1e5", "+3", "9007199254740992.0", "0.0e0", "NA", "inf"]
    (tmp_path / "t.csv").write_text("\n".join(["a,b", *(f"{cell},1" for cell in fine)]))
    assert mr.Dataset(tmp_path / "t.csv")["a"].to_list()[:3] == [1.5, 0.5, 0]


def test_uint64_is_named_beside_missing_cells(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n18446744073709551615,1\nNA,1\n")
    with pytest.raises(mr.SchemaError, match="'uint64'"):
        mr.Dataset(tmp_path / "t.csv")


def test_odd_files_and_schemas_are_told(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('a,b\n1,"hello"\n2,"wor')
    with pytest.raises(mr.FileError, match="the last row is not closed"):
        mr.Dataset(path)
    path.write_text("\na\n7\n")
    with pytest.raises(mr.FileError, match="begins with an empty line"):
        mr.Dataset(path)
    path.write_text("a,b\n1,2\n")
    with pytest.raises(mr.InputTypeError, match="names 1"):
        mr.Dataset(path, schema={1: "int64"})
    with pytest.raises(mr.ArgumentError, match="for CSV files"):
        mr.fingerprint(mr.Dataset(path), schema={"a": "string"})


@pytest.mark.parametrize("ending", [".csv", ".csv.gz"])
@pytest.mark.parametrize("n", [10, 70_000, 1_200_000])
@pytest.mark.parametrize("behind", ["", "\n", "\r\n" * 50_000])
def test_the_last_row_is_looked_at_whole(tmp_path: Path, ending: str, n: int, behind: str) -> None:
    path = tmp_path / f"t{ending}"
    for closing in '"', "":
        text = ("a,b\n1,x\n2," + f'"{"z" * n}{closing}' + behind).encode()
        path.write_bytes(gzip.compress(text, 1) if ending.endswith("gz") else text)
        if closing:
            assert mr.Dataset(path)["b"].to_list() == ["x", "z" * n]
        else:
            with pytest.raises(mr.FileError, match="is not closed"):
                mr.Dataset(path)


def test_threads_read_long_cells_at_once(tmp_path: Path) -> None:
    for i in range(4):
        (tmp_path / f"{i}.csv").write_text(f'a,b\n1,"x\ny"\n2,"{"z" * 150_000 * (i % 2)}"\n' * 3)
    limit = csv.field_size_limit()
    with ThreadPoolExecutor(4) as pool:
        made = list(
            pool.map(
                lambda i: len(mr.Dataset(tmp_path / f"{i % 4}.csv", schema={"a": str})), range(40)
            )
        )
    assert set(made) == {8}
    assert csv.field_size_limit() == limit


def test_a_path_that_is_too_long_is_a_file_error(tmp_path: Path) -> None:
    with pytest.raises(mr.FileError, match="too long"):
        mr.Dataset(tmp_path / f"{'n' * 300}.csv")
    with pytest.raises(mr.FileError, match="home directory"):
        mr.Dataset("~nosuchuser/x.csv")


def test_load_says_what_it_reads(tmp_path: Path) -> None:
    with pytest.raises(mr.FileError):
        mr.load(tmp_path / "none.json")
    for text in ("{", '{"a": 1}', "[]", '{"format": "mlrepro.plam"}'):
        (tmp_path / "x.json").write_text(text)
        with pytest.raises(mr.FormatError):
            mr.load(tmp_path / "x.json")


def test_a_file_that_is_named_twice_is_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text("x\n1\n")
    a, b = str(tmp_path / "a.csv"), str(tmp_path / "b.csv")
    for twice in (
        [a, a, b],
        [str(tmp_path / "*.csv"), str(tmp_path / "a*")],
        [str(tmp_path / "*.csv"), b],
        [a, str(tmp_path / ".." / tmp_path.name / "a.csv")],
    ):
        with pytest.raises(mr.ArgumentError, match=r"[ab]\.csv' is named twice"):
            mr.Dataset(twice)
    assert len(mr.Dataset([a, b])) == 2


# Saved results --------------------------------------------------------------------------------------------------------
def results() -> dict[str, Any]:
    """One of each class that save() writes."""
    n = np.arange(200)
    rows = pd.DataFrame({"k": n % 50, "x": n * 37 % 101, "y": (n * 37 % 101) > 60})
    plan = mr.split.HashSplit({"train": 0.5, "test": 0.5}, by="k").plan(rows)
    right = pd.DataFrame({"k": range(40), "z": range(40)})
    return {
        "mlrepro.tree": mr.DecisionTreeProbe(max_depth=1).fit(rows, target="y"),
        "mlrepro.plan": plan,
        "mlrepro.plan_report": plan.report,
        "mlrepro.join_report": mr.join(rows, right, "k", how="left", validate="m:1").join_report,
        "mlrepro.evaluation": mr.evaluate(rows["y"], rows["x"], metrics="roc_auc", n_draws=40),
    }


def test_a_result_that_cannot_be_written_is_a_file_error(tmp_path: Path) -> None:
    for result in results().values():
        with pytest.raises(mr.FileError, match=r"x\.json' cannot be written"):
            result.save(tmp_path / "none" / "x.json")
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: Any) -> None:
    write_text("old", tmp_path / "x.json")

    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(mr.FileError, match="No space left"):
        write_text("new", tmp_path / "x.json")
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]
    assert (tmp_path / "x.json").read_text() == "old"


def test_an_envelope_is_checked_field_by_field(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    for format_name, result in results().items():
        result.save(path)
        document = json.loads(path.read_text(encoding="utf-8"))
        assert document["format"] == format_name
        lost = max(set(document) - {"format", "version", "canon", "probe"})
        for change in (
            {"version": 0},
            {"version": 2},
            {"version": "1"},
            {"version": True},
            {"canon": 2},
            {"more": 1},
            {lost: None},
        ):
            damaged = {**document, **change}
            if lost in change:
                del damaged[lost]
            path.write_text(json.dumps(damaged), encoding="utf-8")
            with pytest.raises(mr.FormatError) as caught:
                mr.load(path)
            assert next(iter(change)) in str(caught.value), (format_name, change)
            assert "newer" not in str(caught.value) or 2 in change.values()


def test_json_that_is_nested_too_deep_is_a_format_error(tmp_path: Path) -> None:
    deep = "[" * 200_000 + "]" * 200_000
    (tmp_path / "deep.json").write_text(deep)
    with pytest.raises(mr.FormatError, match=r"deep\.json.*nested too deep"):
        mr.load(tmp_path / "deep.json")
    for read in (mr.JoinReport.from_json, mr.split.PlanReport.from_json, mr.Evaluation.from_json):
        with pytest.raises(mr.FormatError, match="nested too deep"):
            read(deep)


def test_path_likes_are_paths(tmp_path: Path) -> None:
    class Place(os.PathLike[str]):
        def __fspath__(self) -> str:
            return str(tmp_path / "e.json")

    result = results()["mlrepro.evaluation"]
    result.save(Place())
    assert mr.load(Place()) == result
