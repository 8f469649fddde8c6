# SPDX-License-Identifier: Apache-2.0
"""Bins of a stream are those of the whole table, and so are the probes that are put to them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import mlrepro as mr


def hostile(n: int = 4_000) -> pa.Table:
    rng = np.random.default_rng(3)
    x = rng.standard_normal(n)
    place = rng.choice(np.array(["A", "é", "", None], dtype=object), n)
    whole = np.arange(n) % 700
    y = ((place == "A") & (x > 0) | (rng.random(n) < 0.1)).astype(int)
    return pa.table(
        {
            "x": np.where(rng.random(n) < 0.2, np.nan, x),
            "id": np.arange(n),
            "f32": x.astype(np.float32),
            "big": rng.integers(2**53, 2**53 + 400, n),
            "whole": whole,
            "whole_too": whole.astype(float),
            "zrank": whole * 2 + 1,
            "place": pa.array(place),
            "many": pa.array([f"level {i * 7 % 400}" for i in range(n)]),
            "kind": pa.array(place).dictionary_encode(),
            "flag": pa.array(rng.random(n) < 0.5),
            "at": pa.array(rng.integers(0, 10**15, n), pa.timestamp("us", "UTC")),
            "none": pa.nulls(n),
            "w": rng.integers(0, 3, n),
            "p": rng.random(n),
            "y": y,
        }
    )


def reader(table: pa.Table, rows: int) -> Callable[[], Any]:
    return lambda: pa.RecordBatchReader.from_batches(table.schema, table.to_batches(rows))


ROLES = {"label": "y", "prediction": "p", "weight": "w"}


@pytest.mark.parametrize("key", [None, "id"])
@pytest.mark.parametrize("rows", [4_000, 301])
@pytest.mark.parametrize("limit", [None, 600_000])
def test_a_stream_has_other_bins_than_the_table(
    key: str | None, rows: int, limit: int | None
) -> None:
    table = hostile()
    whole = mr.Dataset(table, key=key, **ROLES)
    bins = mr.BinnedDataset.from_stream(
        reader(table, rows), key=key, keep="zrank", memory_limit=limit, **ROLES
    )
    assert bins.to_json() == whole.binned().to_json()
    assert "whole = whole_too" in bins.duplicate_columns
    assert bins.n_rows == len(bins) == 4_000
    assert bins.dataset.columns == ["zrank", "w", "p", "y"]
    for column in bins.columns:
        assert np.array_equal(bins.codes(column), whole.binned().codes(column))
        assert bins.bins(column) == whole.binned().bins(column)
    residual = np.random.default_rng(4).random(4_000)
    for target in ("label", "prediction", "zrank", residual):
        probes = [mr.DecisionTreeProbe().fit(held, target=target) for held in (bins, whole)]
        assert probes[0].to_json() == probes[1].to_json()
        assert probes[0].rules("sql") == probes[1].rules("sql")
        assert np.array_equal(probes[0].judged, probes[1].judged)


def test_files_are_other_rows_than_their_table(tmp_path: Path) -> None:
    table = hostile()
    half = table.num_rows // 2
    pq.write_table(table.slice(0, half), tmp_path / "a.parquet", row_group_size=500)
    pq.write_table(table.slice(half), tmp_path / "b.parquet")
    with pa.ipc.new_file(tmp_path / "c.arrow", table.schema) as out:
        out.write_table(table, max_chunksize=900)
    expected = mr.Dataset(table, **ROLES).binned().to_json()
    for source in (str(tmp_path / "*.parquet"), [tmp_path / "a.parquet", tmp_path / "b.parquet"]):
        assert mr.BinnedDataset.from_stream(source, **ROLES).to_json() == expected
    assert mr.BinnedDataset.from_stream(tmp_path / "c.arrow", **ROLES).to_json() == expected


def test_few_distinct_rows_are_halved_by_copy_in_a_stream_too() -> None:
    rng = np.random.default_rng(5)
    table = pa.table({"a": rng.integers(0, 4, 900), "y": rng.integers(0, 2, 900)})
    whole, bins = (
        mr.DecisionTreeProbe().fit(held, target="label")
        for held in (
            mr.Dataset(table, label="y"),
            mr.BinnedDataset.from_stream(reader(table, 100), label="y"),
        )
    )
    assert whole.to_json() == bins.to_json()
    assert any("each copy" in said for said in bins.warnings)


def test_seeds_are_mixed_up() -> None:
    table = hostile()
    bins = mr.BinnedDataset.from_stream(reader(table, 999), seed=7, **ROLES)
    probe = mr.DecisionTreeProbe(seed=7)
    assert (
        probe.fit(bins, target="label").to_json()
        == probe.fit(mr.Dataset(table, **ROLES), target="label").to_json()
    )
    with pytest.raises(mr.ArgumentError, match="another seed"):
        mr.DecisionTreeProbe().fit(bins, target="label")
    in_sample = mr.DecisionTreeProbe(honest=False).fit(bins, target="label")
    assert in_sample.leaves[0].rows > 0


def test_values_that_are_gone_are_read() -> None:
    bins = mr.BinnedDataset.from_stream(reader(hostile(), 999), **ROLES)
    with pytest.raises(mr.ArgumentError, match=r"column 'x' was streamed.*keep=\['x'\]"):
        mr.DecisionTreeProbe().fit(bins, target="x")
    with pytest.raises(mr.ArgumentError, match="find_slices needs the values"):
        mr.find_slices(bins, target="label")
    with pytest.raises(mr.ArgumentError, match="compare_predictions needs the values"):
        mr.compare_predictions(bins, np.zeros(4_000, int), np.ones(4_000, int))
    with pytest.raises(mr.ColumnNotFoundError, match="'x'"):
        mr.DecisionTreeProbe(features="x").fit(hostile(), target="y").apply(bins)


@pytest.mark.parametrize(
    ("source", "options", "error", "said"),
    [
        (hostile().to_batches, {}, mr.InputTypeError, "returned a list"),
        (3, {}, mr.InputTypeError, "a int cannot be opened again"),
        (reader(hostile(), 99), {"label": "yy"}, mr.ColumnNotFoundError, "no column 'yy'"),
        (reader(hostile(), 99), {"keep": ["zz"]}, mr.ColumnNotFoundError, "no column 'zz'"),
        (reader(hostile(), 99), {"key": "whole"}, mr.SchemaError, "the key repeats"),
        (reader(hostile().slice(0, 0), 99), {}, mr.SchemaError, "no rows"),
        (reader(hostile(), 99), {"memory_limit": 1000}, mr.LimitError, "Raise memory_limit"),
        ("nowhere.parquet", {}, mr.FileError, "no file"),
    ],
)
def test_nonsense_is_streamed(source: Any, options: Any, error: type, said: str) -> None:
    with pytest.raises(error, match=said):
        mr.BinnedDataset.from_stream(source, **options)


def test_a_source_that_changes_between_two_readings_is_believed() -> None:
    tables = iter([hostile(100)] * 2 + [hostile(99)] * 9)
    with pytest.raises(mr.SchemaError, match="has 99 rows; batches had 100"):
        mr.BinnedDataset.from_stream(lambda: next(tables))


def test_a_column_without_a_name_or_with_another_type_later_ends_the_process() -> None:
    table = pa.table({"k": range(200), "": np.arange(200.0)})
    bins = mr.BinnedDataset.from_stream(reader(table, 50), key="k")
    assert bins.to_json() == mr.Dataset(table, key="k").binned().to_json()
    other = table.set_column(1, "", pa.array(["a"] * 200))
    tables = iter([table] * 2 + [other] * 9)
    with pytest.raises(mr.SchemaError, match="is string in a later reading"):
        mr.BinnedDataset.from_stream(lambda: next(tables))
    with pytest.raises(mr.ArgumentError, match="keep is 5"):
        mr.BinnedDataset.from_stream(reader(table, 50), keep=5)  # type: ignore[arg-type]
    with pytest.raises(mr.ArgumentError, match="list of files is empty"):
        mr.BinnedDataset.from_stream([])


def test_the_kept_rows_of_a_stream_are_all_one() -> None:
    bins = mr.BinnedDataset.from_stream(reader(hostile(), 999), key="id", keep="zrank", **ROLES)
    assert len(np.unique(bins.dataset.row_ids("x"), axis=0)) > 600
    probe = mr.DecisionTreeProbe().fit(bins.dataset, target="label")
    assert 500 < probe.judged.sum() < 3_500


def test_csv_is_streamed_by_guesses(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\n1\n")
    with pytest.raises(mr.InputTypeError, match="CSV"):
        mr.BinnedDataset.from_stream(tmp_path / "a.csv")
