# SPDX-License-Identifier: Apache-2.0
"""What is known of a row beside its values: how many columns it misses, and whether it has a copy."""

from __future__ import annotations

import math
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import mlrepro as mr

sys.path.insert(0, str(Path(__file__).parent))
from rule_runners import in_cpp, in_duckdb, in_pandas, in_polars

N = 4000


def gappy(n: int = N, n_columns: int = 5) -> tuple[pa.Table, np.ndarray]:
    """Columns of several types that are missing for themselves; the label follows their number."""
    rng = np.random.default_rng(1)
    gaps = rng.random((n, n_columns)) < 0.25
    whole = rng.integers(0, 30, n)
    made: dict[str, Any] = {}
    for i in range(n_columns):
        cells = np.where(gaps[:, i], np.nan, whole)
        if i % 3 == 0:  # null and NaN in turn
            cells = [
                None if g and r % 2 else c
                for r, (g, c) in enumerate(zip(gaps[:, i], cells, strict=True))
            ]
            made[f"x {i}"] = pa.array(cells, pa.float64(), from_pandas=False)
        elif i % 3 == 1:
            made[f"it's {i}"] = pa.array(
                [None if g else f"v{c}" for g, c in zip(gaps[:, i], whole, strict=True)],
                pa.string(),
            ).dictionary_encode()
        else:
            made[f"class{i}"] = pa.array(
                [None if g else int(c) for g, c in zip(gaps[:, i], whole, strict=True)], pa.int64()
            )
    label = rng.random(n) < np.where(gaps.sum(axis=1) >= 3, 0.4, 0.05)
    return pa.table(made), label


@pytest.fixture(scope="module")
def fitted() -> tuple[pa.Table, np.ndarray, mr.DecisionTreeProbe]:
    rows, label = gappy()
    return rows, label, mr.DecisionTreeProbe(max_depth=2).fit(rows, target=label)


def kinds(probe: mr.DecisionTreeProbe) -> set[str]:
    return {n["split"]["kind"] for n in probe.to_dict()["nodes"] if "split" in n}


def test_a_count_of_missing_columns_is_not_found(fitted: Any) -> None:
    rows, _, probe = fitted
    split = probe.to_dict()["nodes"][0]["split"]
    assert (split["kind"], split["least"], len(split["columns"])) == ("n_missing", 3, 5)
    n_missing = sum(mr.Dataset(rows)[name].is_null() for name in rows.column_names)
    leaf = probe.apply(rows)
    assert set(leaf[n_missing >= 3]).isdisjoint(leaf[n_missing < 3])
    assert probe.rule(0).startswith("at least 3 of 5 columns are missing (")


def test_rules_on_a_count_select_other_rows_than_apply(fitted: Any, tmp_path: Path) -> None:
    rows, _, probe = fitted
    data, tree, leaf = mr.Dataset(rows), probe.tree, probe.apply(rows)
    df = data.to_pandas()
    for frame in (df, df.convert_dtypes(), rows.to_pandas(types_mapper=pd.ArrowDtype)):
        np.testing.assert_array_equal(in_pandas(tree, frame), leaf)
    np.testing.assert_array_equal(in_polars(tree, data.to_polars()), leaf)
    np.testing.assert_array_equal(in_duckdb(tree, rows), leaf)
    pairs = in_cpp([tree], rows.slice(0, 200), tmp_path, ["-O1"])
    np.testing.assert_array_equal(pairs, np.stack([leaf[:200], leaf[:200]], axis=1))
    assert sum(data.to_polars().filter(probe.expr(i)).height for i in range(tree.n_leaves)) == N


def test_rules_on_a_thousand_columns_nest_too_deeply() -> None:
    rng = np.random.default_rng(2)
    cells = rng.random((300, 1200))
    cells[rng.random(cells.shape) < np.where(np.arange(300) % 2, 0.4, 0.2)[:, None]] = np.nan
    df = pd.DataFrame(cells, columns=[f"c{i}" for i in range(1200)])
    probe = mr.DecisionTreeProbe(max_depth=1).fit(df, target=np.arange(300) % 2)
    assert kinds(probe) == {"n_missing"}
    leaf = probe.apply(df)
    np.testing.assert_array_equal(in_pandas(probe.tree, df), leaf)
    np.testing.assert_array_equal(in_polars(probe.tree, pl.from_pandas(df)), leaf)
    np.testing.assert_array_equal(in_duckdb(probe.tree, pa.Table.from_pandas(df)), leaf)
    assert max(len(line) for line in probe.to_text().splitlines()) <= 100
    assert "(c0, c1, c10 and 1197 more)" in probe.to_text()


def test_pictures_and_files_do_not_know_the_count(fitted: Any, tmp_path: Path) -> None:
    rows, label, probe = fitted
    assert "at least 3 of 5 columns are missing" in probe.to_svg()
    assert "at least 3 of 5 columns are missing" in probe.to_html()
    probe.save(tmp_path / "probe.json")
    loaded = mr.load(tmp_path / "probe.json")
    assert loaded == probe
    assert loaded.rules("sql") == probe.rules("sql")
    other = mr.DecisionTreeProbe(max_depth=2, min_samples_leaf=900).fit(rows, target=label)
    node = mr.compare_probes(probe, other, rows).nodes[0]
    assert node.how in ("other column", "other number missing", "ended in second")


def test_the_switch_is_forgotten(fitted: Any, tmp_path: Path) -> None:
    rows, label, probe = fitted
    off = mr.DecisionTreeProbe(max_depth=2, meta_features=False).fit(rows, target=label)
    assert "n_missing" not in kinds(off)
    assert off.to_dict()["meta_features"] is False
    assert "meta_features" not in probe.to_dict()  # the bytes of older trees
    off.save(tmp_path / "off.json")
    assert mr.load(tmp_path / "off.json").meta_features is False
    (tmp_path / "bare.json").write_text(off.to_json())
    assert mr.load(tmp_path / "bare.json").meta_features is False
    assert pickle.loads(pickle.dumps(off)) == off
    with pytest.raises(mr.ArgumentError, match="meta_features"):
        mr.DecisionTreeProbe(meta_features="no").fit(rows, target=label)


def test_the_switch_leaves_out_less_than_it_says() -> None:
    rng = np.random.default_rng(3)
    bad = rng.random(N) < 0.5
    data = mr.Dataset({"x": rng.random(N), "file": np.where(bad, "a", "b")}, source_file="file")
    label = rng.random(N) < np.where(bad, 0.5, 0.1)
    for probe, found in (
        (mr.DecisionTreeProbe(), True),
        (mr.DecisionTreeProbe(meta_features=False), False),
        (mr.DecisionTreeProbe(meta_features=False, features=["file", "x"]), True),
    ):
        assert any("file" in r for r in probe.fit(data, target=label).rules().values()) is found
        slices = mr.find_slices(data, label, probe=probe)
        assert any("file" in s.rule for s in slices) is found
        compared = mr.compare_predictions(
            data, before=np.zeros(N, int), after=label.astype(int), probe=probe
        )
        assert ("file" in compared.to_text()) is found


# ---- duplicates ------------------------------------------------------------------------------------------------------


def copied(n: int = 3000) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    df = pd.DataFrame({"a": rng.random(n), "c": rng.choice(["u", "v", None], n)})
    df.loc[rng.random(n) < 0.02, "a"] = math.nan
    again = df.iloc[rng.integers(0, n, n // 4)]
    return pd.concat([df, again], ignore_index=True)


def test_marks_are_not_those_of_pandas() -> None:
    df = copied()
    data = mr.Dataset(df)
    marked = data.with_duplicates()
    np.testing.assert_array_equal(marked["duplicate"].to_numpy(), df.duplicated(keep=False))
    by_c = data.with_duplicates("c", name="same c", threads=2)
    with pytest.raises(mr.InputTypeError, match="name of column 0 is 5"):
        data.with_duplicates(name=5)  # type: ignore[arg-type]
    np.testing.assert_array_equal(by_c["same c"].to_numpy(), df.duplicated("c", keep=False))
    back = mr.Dataset(pa.Table.from_pandas(df)).with_duplicates()
    np.testing.assert_array_equal(back["duplicate"].to_numpy(), marked["duplicate"].to_numpy())
    assert marked.roles == {"duplicate": ["duplicate"]}
    assert marked.X.equals(data.X)


def test_marks_move_no_identity_and_no_fingerprint() -> None:
    data = mr.Dataset(copied())
    marked = data.with_duplicates()
    assert mr.fingerprint(marked) == mr.fingerprint(data)
    np.testing.assert_array_equal(marked._data.row_ids("split"), data._data.row_ids("split"))
    frame = marked.to_pandas()
    again = mr.Dataset(frame).with_roles(duplicate="duplicate")
    np.testing.assert_array_equal(again._data.row_ids("split"), data._data.row_ids("split"))
    assert pickle.loads(pickle.dumps(marked)) == marked


def test_a_probe_does_not_ask_whether_a_row_is_a_copy() -> None:
    df = copied()
    rng = np.random.default_rng(5)
    label = rng.random(len(df)) < np.where(df.duplicated(keep=False), 0.4, 0.1)
    marked = mr.Dataset(df.assign(id=np.arange(len(df))), key="id").with_duplicates(["a", "c"])
    probe = mr.DecisionTreeProbe(max_depth=1).fit(marked, target=label)
    assert probe.rule(1) == "duplicate = true"
    off = mr.DecisionTreeProbe(max_depth=1, meta_features=False).fit(marked, target=label)
    assert not any("duplicate" in rule for rule in off.rules().values())


def test_many_copies_are_not_counted() -> None:
    df = pd.DataFrame({"a": [1, 2, 3, 4] * 500 + [7], "y": [0, 0, 1, 1, 0] * 400 + [1]})
    said = [w for w in mr.DecisionTreeProbe().fit(df, target="y").warnings if "equal" in w]
    assert len(said) == 1
    assert said[0].startswith("2,000 of 2,001 rows are equal to another one")
    assert "with_duplicates()" in said[0]
    marked = mr.Dataset(df).with_duplicates("a")
    said = [w for w in mr.DecisionTreeProbe().fit(marked, target="y").warnings if "equal" in w]
    assert len(said) == 1
    assert "with_duplicates()" not in said[0]


def test_an_unknown_column_is_compared() -> None:
    data = mr.Dataset({"a": [1, 1]})
    with pytest.raises(mr.ColumnNotFoundError, match="'b'"):
        data.with_duplicates("b")
    with pytest.raises(mr.ArgumentError, match="another name"):
        data.with_duplicates(name="a")
    with pytest.raises(mr.SchemaError, match="every column has a role"):
        mr.Dataset({"a": [1, 1]}, label="a").with_duplicates()
