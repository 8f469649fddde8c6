# SPDX-License-Identifier: Apache-2.0
"""The same rows by every way in: files with their names, streams within a limit, and peers that must agree."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings

import mlrepro as mr


def bad_file_and_good(folder: Path) -> list[Path]:
    """Two files of 400 rows; in b.parquet two rows of three are late, in a.parquet one of ten."""
    rng = np.random.default_rng(5)
    paths = []
    for name, rate in (("a", 0.1), ("b", 0.66)):
        path = folder / f"{name}.parquet"
        pq.write_table(pa.table({"x": rng.normal(size=400), "late": rng.random(400) < rate}), path)
        paths.append(path)
    return paths


def test_a_probe_splits_on_the_file_that_rows_came_from(tmp_path: Path) -> None:
    rows = mr.Dataset(bad_file_and_good(tmp_path), label="late")
    assert rows.columns == ["x", "late", "source_file"]
    assert rows.roles["source_file"] == "source_file"
    assert list(rows.X.columns) == ["x"]
    probe = mr.DecisionTreeProbe(max_depth=1).fit(rows, target="label")
    assert "source_file" in probe.rules()[probe.leaves[0].leaf]
    assert np.array_equal(probe.apply(rows) == probe.leaves[0].leaf, np.arange(800) >= 400)
    alone = mr.DecisionTreeProbe(max_depth=1, exclude="source_file").fit(rows, target="label")
    assert all("source_file" not in rule for rule in alone.rules().values())


def test_the_file_is_meta_data(tmp_path: Path) -> None:
    paths = bad_file_and_good(tmp_path)
    rows = mr.Dataset(str(tmp_path / "*.parquet"))
    bare = mr.Dataset(paths, source_file=False)
    assert rows["source_file"].to_list() == ["a.parquet"] * 400 + ["b.parquet"] * 400
    assert np.array_equal(rows.row_ids("split"), bare.row_ids("split"))
    assert mr.fingerprint(rows) == mr.fingerprint(bare) == mr.fingerprint(paths)
    moved = mr.fingerprint(rows).verdict(mr.fingerprint(bare))
    assert str(moved) == "identical"
    assert "source_file" not in mr.Dataset(paths[0]).columns
    assert mr.Dataset(paths[0], source_file=True)["source_file"].to_list()[0] == "a.parquet"
    assert mr.Dataset(paths, source_file="origin").roles == {"source_file": "origin"}


def test_names_of_files_start_at_their_common_folder(tmp_path: Path) -> None:
    for year in ("2012", "2013"):
        (tmp_path / year).mkdir()
        pq.write_table(pa.table({"x": [1]}), tmp_path / year / "é.parquet")
    rows = mr.Dataset(str(tmp_path / "*" / "*.parquet"))
    assert rows["source_file"].to_list() == ["2012/é.parquet", "2013/é.parquet"]


def test_files_that_have_such_a_column_keep_it(tmp_path: Path) -> None:
    for name in "ab":
        pq.write_table(pa.table({"source_file": ["mine"]}), tmp_path / f"{name}.parquet")
    files = str(tmp_path / "*.parquet")
    rows = mr.Dataset(files)
    assert rows["source_file"].to_list() == ["mine", "mine"]
    assert rows.roles == {}
    assert "a column source_file of their own" in repr(rows)
    assert mr.Dataset(files, source_file="source_file").roles == {"source_file": "source_file"}


def test_source_file_of_a_frame_is_a_role() -> None:
    rows = mr.Dataset({"x": [1, 2], "part": ["p", "q"]}, source_file="part")
    assert rows.roles == {"source_file": "part"}
    assert mr.Dataset(mr.Dataset({"x": [1], "part": ["p"]}), source_file="part").roles
    with pytest.raises(mr.ArgumentError, match="source_file=True is for paths"):
        mr.Dataset({"x": [1]}, source_file=True)
    with pytest.raises(mr.ColumnNotFoundError, match="source_file='prt'"):
        mr.Dataset({"part": ["p"]}, source_file="prt")


# Memory -----------------------------------------------------------------------------------------------------------------


class Batches:
    """A single-use stream that counts what was asked of it."""

    def __init__(self, n: int = 100, rows: int = 1000) -> None:
        self.given = 0
        self.n, self.rows = n, rows

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        schema = pa.schema([("x", pa.float64()), ("name", pa.string())])
        return pa.RecordBatchReader.from_batches(schema, self._made(schema)).__arrow_c_stream__()

    def _made(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        for _ in range(self.n):
            self.given += 1
            names = pa.array(["abc"] * self.rows)
            yield pa.record_batch([pa.array(np.zeros(self.rows)), names], schema=schema)


def test_a_stream_is_read_within_its_limit() -> None:
    stream = Batches()
    with pytest.raises(
        mr.LimitError, match=r"needs .* bytes for its first .* rows; memory_limit is"
    ) as caught:
        mr.Dataset(stream, memory_limit="100 kB")
    assert "raise memory_limit" in caught.value.next_step
    assert 2 <= stream.given <= 6, "15 bytes a value, twice: 100 kB are spent after four batches"
    assert len(mr.Dataset(Batches(), memory_limit="5MB")) == 100_000


@pytest.mark.parametrize("kind", ["string", "large_string", "string_view", "dictionary", "bool_"])
def test_the_limit_counts_every_layout(kind: str) -> None:
    plain = pa.array([i % 7 == 0 for i in range(9000)])
    words = [f"a word of more than twelve letters {i % 500}" for i in range(9000)]
    made = (
        plain
        if kind == "bool_"
        else pa.array(words).dictionary_encode()
        if kind == "dictionary"
        else pa.array(words, getattr(pa, kind)())
    )
    need = {"bool_": 1125, "dictionary": 9000 * 4 + 500 * 40}.get(kind, 9000 * 40)
    table = pa.table({"x": made})
    assert len(mr.Dataset(table, memory_limit=2 * need)) == 9000
    with pytest.raises(mr.LimitError):
        mr.Dataset(table, memory_limit=need // 2)


def test_files_are_read_within_the_limit(tmp_path: Path) -> None:
    paths = bad_file_and_good(tmp_path)
    with pytest.raises(mr.LimitError, match=r"up to a\.parquet need"):
        mr.Dataset(paths, memory_limit=1000)
    with pytest.raises(mr.LimitError, match=r"up to b\.parquet need"):
        mr.Dataset(paths, memory_limit=5000)
    assert len(mr.Dataset(paths, memory_limit=20_000)) == 800


@pytest.mark.parametrize("limit", [0, -1, True, 1.5, "2 apples", "GB", "-1GB", float("nan"), 2**63])
def test_nonsense_is_no_limit(limit: Any) -> None:
    with pytest.raises(mr.ArgumentError, match="not a number of bytes"):
        mr.Dataset({"x": [1]}, memory_limit=limit)


@pytest.mark.parametrize(("text", "size"), [("2GB", 2 * 10**9), ("1.5 kib", 1536), ("7b", 7)])
def test_sizes_in_words(text: str, size: int) -> None:
    from mlrepro._arrays import as_bytes

    assert as_bytes("memory_limit", text) == size


# Sources that can be opened again ----------------------------------------------------------------------------------------


def test_functions_lazy_queries_and_relations_are_sources() -> None:
    import duckdb

    table = pa.table({"x": list(range(300_000)), "name": [str(i % 9) for i in range(300_000)]})
    wanted = mr.fingerprint(table)
    frame = pl.from_arrow(table)
    sources = {
        "a function": lambda: pa.RecordBatchReader.from_batches(
            table.schema, table.to_batches(1000)
        ),
        "a function of batches": lambda: iter(table.to_batches(70_000)),
        "a function of a lazy query": frame.lazy,
        "a lazy query": frame.lazy(),
        "a relation": duckdb.sql("select * from frame"),
    }
    for name, source in sources.items():
        assert mr.fingerprint(source) == wanted, name
    assert mr.Dataset(sources["a function"]) == mr.Dataset(table)
    with pytest.raises(mr.InputTypeError, match="int is no table"):
        mr.Dataset(lambda: 3)


# Peers -------------------------------------------------------------------------------------------------------------------

_CELLS = {
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.uint8(): st.integers(0, 255),
    pa.float64(): st.floats(allow_nan=False),
    pa.float32(): st.floats(width=32, allow_nan=False),
    pa.bool_(): st.booleans(),
    pa.string(): st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20
    ),
    pa.date32(): st.dates(dt.date(1900, 1, 1), dt.date(2200, 1, 1)),
    pa.timestamp("us"): st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2200, 1, 1)),
}


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    n = draw(st.integers(1, 30))
    types = draw(st.lists(st.sampled_from(list(_CELLS)), min_size=1, max_size=6))
    columns = {
        f"c{i}": pa.array(draw(st.lists(st.none() | _CELLS[t], min_size=n, max_size=n)), type=t)
        for i, t in enumerate(types)
    }
    return pa.table(columns)


@st.composite
def chunked(draw: st.DrawFn) -> tuple[pa.Table, pa.Table]:
    """A table, and the same rows cut into chunks whose arrays are slices of longer ones."""
    table = draw(tables())
    cuts = sorted(draw(st.sets(st.integers(0, table.num_rows), max_size=4)) | {0, table.num_rows})
    long = pa.concat_tables([table, table]).combine_chunks()
    pieces = [
        long.slice(table.num_rows + a if draw(st.booleans()) else a, b - a)
        for a, b in itertools.pairwise(cuts)
    ]
    return table, pa.concat_tables(pieces)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(chunked())
def test_every_way_in_gives_the_same_fingerprint(made: tuple[pa.Table, pa.Table]) -> None:
    import duckdb

    table, cut = made
    wanted = mr.fingerprint(table)
    assert mr.fingerprint(cut) == wanted
    assert mr.fingerprint(mr.Dataset(cut)) == wanted
    assert mr.fingerprint(iter(cut.to_batches() or table.to_batches())) == wanted
    assert mr.Dataset(cut) == mr.Dataset(table)
    assert mr.fingerprint(pl.from_arrow(cut)) == wanted
    assert mr.fingerprint(duckdb.from_arrow(cut)) == wanted
    assert mr.fingerprint(cut.to_pandas(types_mapper=pd.ArrowDtype)) == wanted


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(chunked())
def test_every_way_out_gives_the_same_values(made: tuple[pa.Table, pa.Table]) -> None:
    table, cut = made
    rows = mr.Dataset(cut)
    assert rows.to_arrow().to_pylist() == table.to_pylist()
    assert rows.to_polars().rows() == pl.from_arrow(table).rows()
    back = mr.Dataset(rows.to_pandas())
    assert back.shape == rows.shape
    assert [rows[c].to_list() for c in rows.columns] == [table[c].to_pylist() for c in rows.columns]


# Arrays without names ----------------------------------------------------------------------------------------------------


def test_a_probe_of_an_array_takes_arrays_of_its_width() -> None:
    x = np.random.default_rng(0).normal(size=(300, 4))
    probe = mr.DecisionTreeProbe(max_depth=1).fit(x, x[:, 0] > 0)
    assert probe.n_features_in_ == 4
    assert probe.predict(x[:7]).shape == (7,)
    assert probe.predict(x[[0]]).shape == (1,)
    for wrong in (x[0], x[:, :3], np.hstack([x, x])):
        with pytest.raises(mr.ArgumentError, match=r"the probe was fitted on \(n_rows, 4\)"):
            probe.predict(wrong)
    assert probe.predict({"x0": x[:, 0]}).shape == (300,)
    one = mr.DecisionTreeProbe(max_depth=1).fit(x[:, 0], x[:, 0] > 0)
    assert one.predict(x[:5, 0]).shape == (5,)
    with pytest.raises(mr.ArgumentError, match=r"shape \(n_rows, 4\).*fitted on \(n_rows,\)"):
        one.predict(x)
    assert not hasattr(mr.DecisionTreeProbe(), "n_features_in_")
    assert not hasattr(probe, "feature_names_in_")
    named = mr.DecisionTreeProbe(max_depth=1).fit({"b": x[:, 0], "a": x[:, 1]}, x[:, 0] > 0)
    assert list(named.feature_names_in_) == ["b", "a"]


def test_a_loaded_probe_refuses_one_row_without_a_table(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(300, 4))
    mr.DecisionTreeProbe(max_depth=1).fit(x, x[:, 2] > 0).save(tmp_path / "p.json")
    probe = mr.load(tmp_path / "p.json")
    assert probe.predict(x).shape == (300,)
    with pytest.raises(mr.ArgumentError, match="one row is"):
        probe.predict(x[0])
