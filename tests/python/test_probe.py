# SPDX-License-Identifier: Apache-2.0
"""DecisionTreeProbe as its users see it."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mlrepro as mr

N = 3000


def make_frame(n: int = N, seed: int = 0) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    x = draw.normal(size=n)
    carrier = draw.choice(["AA", "MQ", "it's"], n)
    gone = draw.random(n) < 0.1
    return pd.DataFrame(
        {
            "id": np.arange(n),
            "x": np.where(draw.random(n) < 0.3, np.nan, x),
            "carrier": pd.Series(carrier, dtype="category"),
            "seats": np.where(gone, np.nan, draw.integers(1, 9, n)),
            "engines": np.where(gone, np.nan, draw.integers(1, 3, n)),
            "y": ((x > 0.5) & (carrier == "AA")) | (gone & (draw.random(n) < 0.5)),
        }
    )


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return make_frame()


@pytest.fixture(scope="module")
def probe(frame: pd.DataFrame) -> mr.DecisionTreeProbe:
    return mr.DecisionTreeProbe().fit(mr.Dataset(frame, key="id"), target="y")


def features(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(columns=["y"])


# ---- figures ---------------------------------------------------------------------------------------------------------


def test_leaf_figures_come_from_other_rows_than_they_say(probe: Any, frame: pd.DataFrame) -> None:
    df = frame.assign(leaf=probe.apply(frame))
    judged = df[probe.judged].groupby("leaf")["y"].agg(["mean", "size"])
    table = probe.leaves.to_pandas().set_index("leaf").sort_index()
    assert list(table["mean"]) == list(judged["mean"])
    assert list(table["rows_judged"]) == list(judged["size"])
    assert list(table["rows"]) == list(df.groupby("leaf").size())
    assert table["rows"].sum() == len(frame)
    assert table["share"].sum() == pytest.approx(1)
    np.testing.assert_array_equal(probe.predict(frame), table["mean"].to_numpy()[df["leaf"]])
    assert 0.4 < probe.judged.mean() < 0.6


def test_leaves_are_not_sorted_by_mean(probe: Any) -> None:
    means = [leaf.mean for leaf in probe.leaves]
    assert means == sorted(means, reverse=True)
    assert probe.leaves[0].rule == probe.rule(probe.leaves[0].leaf)
    assert len(probe.leaves) > 3
    assert list(probe.leaves.to_pandas()) == [
        *(
            "leaf",
            "rule",
            "rows",
            "rows_judged",
            "mean",
            "low",
            "high",
            "lift",
            "share",
            "p_value",
            "replicated",
        )
    ]
    assert pl.DataFrame(probe.leaves).shape == (len(probe.leaves), 11)
    assert pa.table(probe.leaves).num_rows == len(probe.leaves)
    assert json.loads(probe.leaves.to_json())[0]["leaf"] == probe.leaves[0].leaf
    assert "<table>" in probe.leaves._repr_html_()


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.integers(0, 10_000),
    st.sampled_from([0, 40, 300]),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["unbiased", "gain"]),
)
def test_children_lose_rows_of_their_parent(
    seed: int, n: int, honest: bool, numeric: bool, selection: str
) -> None:
    frame = make_frame(n + 30, seed)
    target = frame["y"] * np.arange(len(frame)) * 0.1 if numeric else frame["y"].astype(float)
    target.iloc[:2] = [0.0, 1.0]
    probe = mr.DecisionTreeProbe(min_samples_leaf=2, alpha=1, honest=honest, selection=selection)
    probe.fit(features(frame), target=target)
    tree = probe.to_dict()
    for node in tree["nodes"]:
        children = [
            tree["nodes"][i] for i in (node["left"], node["right"], node["alone"]) if i >= 0
        ]
        assert bool(children) == (node["leaf"] < 0)
        for half in ("growing", "judged"):
            if children:
                assert node[half]["n"] == sum(child[half]["n"] for child in children)
                assert node[half]["sum"] == pytest.approx(
                    sum(child[half]["sum"] for child in children)
                )
    n_rows = tree["nodes"][0]["growing"]["n"] + (tree["nodes"][0]["judged"]["n"] if honest else 0)
    assert n_rows == len(frame) - tree["n_target_missing"]
    assert np.bincount(probe.apply(features(frame)), minlength=len(probe.leaves)).sum() == len(
        frame
    )


def test_the_tree_hides_what_it_knows(probe: Any, frame: pd.DataFrame) -> None:
    root = probe.tree.nodes[0]
    assert root["split"]["kind"] in ("levels", "threshold", "is_missing", "block")
    assert root["growing"]["n"] + root["judged"]["n"] == N
    assert {"column", "rule", "gain", "agreement", "tied"} <= set(root["runner_ups"][0])
    np.testing.assert_array_equal(probe.tree.apply(frame), probe.apply(frame))
    assert probe.tree.to_dict() == probe.to_dict()
    assert "int leaf(const Row& row) noexcept" in probe.tree.cpp_source()


def test_missing_together_is_not_named(probe: Any) -> None:
    (block, *_) = probe.missing_blocks
    assert set(block.columns) == {"engines", "seats"}
    assert block.low < block.mean < block.high
    assert "engines, seats missing together on" in repr(block)


def test_in_sample_figures_look_honest(frame: pd.DataFrame) -> None:
    probe = mr.DecisionTreeProbe(honest=False).fit(features(frame), frame["y"])
    assert probe.judged.all()
    assert "in-sample" in probe.to_text()
    assert "in-sample" in repr(probe.leaves)
    assert all(leaf.rows == leaf.rows_judged for leaf in probe.leaves)


# ---- the same bytes --------------------------------------------------------------------------------------------------


def test_library_order_or_threads_change_the_tree(probe: Any, frame: pd.DataFrame) -> None:
    shuffled = frame.sample(frac=1, random_state=1)[list(reversed(frame.columns))]
    tables = [
        frame,
        shuffled,
        pl.from_pandas(frame),
        pa.Table.from_pandas(frame, preserve_index=False),
        frame.convert_dtypes(),
        frame.assign(seats=frame["seats"].astype("Int64")),
        frame.assign(carrier=frame["carrier"].astype(str)),
    ]
    for table in tables:
        for threads in (1, 3):
            again = mr.DecisionTreeProbe(threads=threads).fit(
                mr.Dataset(table, key="id"), target="y"
            )
            assert again.to_json() == probe.to_json()
            assert again.tree == probe.tree


def test_a_saved_probe_is_another(probe: Any, frame: pd.DataFrame, tmp_path: Path) -> None:
    probe.save(tmp_path / "probe.json")
    loaded = mr.load(tmp_path / "probe.json")
    assert loaded == probe
    assert loaded.get_params() == probe.get_params()
    assert loaded.to_text() == probe.to_text()
    for language in ("text", "sql", "pandas", "polars", "cpp"):
        assert loaded.rules(language) == probe.rules(language)
    np.testing.assert_array_equal(loaded.apply(frame), probe.apply(frame))
    assert loaded.missing_blocks == probe.missing_blocks
    with pytest.raises(mr.ArgumentError, match="judged is known to the probe that was fitted"):
        _ = loaded.judged
    (tmp_path / "tree.json").write_text(probe.to_json(), encoding="utf-8")
    assert mr.load(tmp_path / "tree.json").tree == probe.tree
    with pytest.raises(mr.FileError):
        probe.save(tmp_path / "no" / "probe.json")
    (tmp_path / "cut.json").write_text(probe.to_json()[:-20], encoding="utf-8")
    with pytest.raises(mr.FormatError):
        mr.load(tmp_path / "cut.json")


def test_copies_differ(probe: Any, frame: pd.DataFrame) -> None:
    for twin in (pickle.loads(pickle.dumps(probe)), copy.deepcopy(probe)):
        assert twin == probe
        assert twin.rules("sql") == probe.rules("sql")
        np.testing.assert_array_equal(twin.judged, probe.judged)
    assert mr.DecisionTreeProbe(max_depth=2) != probe
    assert mr.DecisionTreeProbe() != probe
    assert mr.DecisionTreeProbe(exclude="a") == mr.DecisionTreeProbe(exclude=["a"])


# ---- targets ---------------------------------------------------------------------------------------------------------


def test_a_target_is_paired_with_other_rows(frame: pd.DataFrame) -> None:
    x = mr.Dataset(features(frame), key="id")
    named = mr.DecisionTreeProbe().fit(mr.Dataset(frame, key="id"), target="y")
    role = mr.DecisionTreeProbe().fit(mr.Dataset(frame, key="id", label="y"), target="label")
    assert role.target_name == named.target_name == "y"
    assert role.leaves == named.leaves
    assert named.leaves == mr.DecisionTreeProbe().fit(x, frame["y"]).leaves
    for values in (
        frame["y"].to_numpy(),
        frame["y"].astype(float).to_numpy(),
        list(frame["y"]),
        pl.Series("y", frame["y"].to_numpy()),
        pa.array(frame["y"]),
        frame["y"].astype("boolean"),
        mr.Dataset(frame)["y"],
    ):
        assert mr.DecisionTreeProbe().fit(x, target=values).leaves == named.leaves
    assert mr.DecisionTreeProbe().fit(x, list(frame["y"])).target_name == "target"
    with pytest.raises(mr.ArgumentError, match="index"):
        mr.DecisionTreeProbe().fit(x, frame["y"].sample(frac=1, random_state=0))
    with pytest.raises(mr.ArgumentError, match="2,999"):
        mr.DecisionTreeProbe().fit(x, frame["y"].to_numpy()[1:])
    with pytest.raises(mr.InputTypeError, match="2 dimensions"):
        mr.DecisionTreeProbe().fit(x, np.zeros((N, 2)))
    with pytest.raises(mr.InputTypeError):
        mr.DecisionTreeProbe().fit(x, np.full(N, "2013-01-01", dtype="datetime64[D]"))
    with pytest.raises(mr.ColumnNotFoundError):
        mr.DecisionTreeProbe().fit(frame, target="yy")
    with pytest.raises(mr.ArgumentError, match="no target"):
        mr.DecisionTreeProbe().fit(frame)
    with pytest.raises(mr.ArgumentError, match="y and target"):
        mr.DecisionTreeProbe().fit(frame, frame["y"], target="y")
    with pytest.raises(mr.SchemaError):
        mr.DecisionTreeProbe().fit(x, np.ones(N))
    with pytest.raises(mr.SchemaError):
        mr.DecisionTreeProbe().fit(frame.head(0), np.ones(0))


def test_a_missing_target_is_a_zero(frame: pd.DataFrame) -> None:
    target = frame["y"].astype(float)
    target[::7] = np.nan
    probe = mr.DecisionTreeProbe().fit(features(frame), target=target)
    missing = int(target.isna().sum())
    assert sum(leaf.rows for leaf in probe.leaves) == N - missing
    assert not probe.judged[::7].any()
    assert any(f"{missing}" in warning.replace(",", "") for warning in probe.warnings)


def test_apply_wants_columns_that_the_tree_never_looks_at(probe: Any, frame: pd.DataFrame) -> None:
    names = [name for name, _ in probe.tree.columns]
    expected = probe.apply(frame)
    mixed = frame.assign(odd=pd.Series([1, "a"] * (N // 2), dtype=object))
    np.testing.assert_array_equal(probe.apply(mixed), expected)
    np.testing.assert_array_equal(probe.apply(pl.from_pandas(frame).select(names)), expected)
    np.testing.assert_array_equal(probe.apply({n: frame[n].to_numpy() for n in names}), expected)
    with pytest.raises(mr.ColumnNotFoundError, match=names[0]):
        probe.apply(frame.drop(columns=names[0]))
    with pytest.raises(mr.SchemaError, match=names[0]):
        probe.apply(frame.assign(**{names[0]: pd.Timestamp("2020-01-01")}))


# ---- settings --------------------------------------------------------------------------------------------------------


def test_a_misspelt_setting_is_taken_for_a_default(frame: pd.DataFrame) -> None:
    with pytest.raises(mr.ArgumentError, match="Did you mean 'max_depth'"):
        mr.DecisionTreeProbe(max_dept=3)  # type: ignore[call-arg]
    with pytest.raises(mr.ArgumentError, match="Did you mean 'alpha'"):
        mr.DecisionTreeProbe().set_params(alfa=1)
    with pytest.raises(mr.ArgumentError, match="unbiased, gain"):
        mr.DecisionTreeProbe(selection="gini").fit(frame, target="y")
    for bad in (
        {"max_depth": 99},
        {"max_depth": True},
        {"max_depth": 2.5},
        {"min_samples_leaf": 0},
        {"alpha": -1},
        {"alpha": "a"},
        {"honest": 1},
        {"features": []},
        {"exclude": 3},
        {"seed": -1},
        {"threads": 0},
        {"time_limit": 0},
        {"memory_limit": -5},
    ):
        with pytest.raises(mr.ArgumentError, match=next(iter(bad))):
            mr.DecisionTreeProbe(**bad).fit(frame, target="y")
    with pytest.raises(mr.ColumnNotFoundError, match="carier"):
        mr.DecisionTreeProbe(features=["carier"]).fit(frame, target="y")


def test_a_rule_in_an_unknown_language_is_text(probe: Any) -> None:
    with pytest.raises(mr.ArgumentError, match="Did you mean"):
        probe.rules("sqll")
    with pytest.raises(mr.ArgumentError, match="duckdb"):
        probe.rule(0, "sql", dialect="oracle")
    with pytest.raises(mr.ArgumentError, match="leaf 99"):
        probe.rule(99)
    with pytest.raises(mr.ArgumentError):
        probe.rule("0")


def test_results_without_a_fit_are_empty() -> None:
    probe = mr.DecisionTreeProbe(max_depth=2)
    for name in ("leaves", "judged", "tree", "warnings", "missing_blocks", "target_name"):
        with pytest.raises(mr.ArgumentError, match="not fitted"):
            getattr(probe, name)
        assert not hasattr(probe, name)
    with pytest.raises(mr.ArgumentError, match="not fitted"):
        probe.rules()
    assert repr(probe) == "DecisionTreeProbe(max_depth=2)"


def test_a_second_fit_keeps_results_of_the_first(frame: pd.DataFrame) -> None:
    probe = mr.DecisionTreeProbe(max_depth=1).fit(frame, target="y")
    first = (probe.leaves, probe.target_name)
    probe.set_params(max_depth=2).fit(features(frame), target=frame["x"].fillna(0) > 0)
    assert (probe.leaves, probe.target_name) != first


def test_scikit_learn_cannot_use_the_probe(frame: pd.DataFrame) -> None:
    import sklearn.utils
    from sklearn.base import clone
    from sklearn.pipeline import make_pipeline
    from sklearn.utils.validation import check_is_fitted

    probe = mr.DecisionTreeProbe(max_depth=2, exclude=("id",))
    twin = clone(probe)
    assert twin == probe
    assert twin is not probe
    get_tags = getattr(sklearn.utils, "get_tags", None)  # from 1.6 on
    assert get_tags is None or get_tags(probe).target_tags.required
    fitted = make_pipeline(probe).fit(features(frame), frame["y"])
    check_is_fitted(fitted[-1])
    assert fitted.predict(features(frame)).shape == (N,)
    assert clone(fitted[-1]).get_params() == probe.get_params()
    assert not clone(fitted[-1]).__sklearn_is_fitted__()


def test_text_is_wider_than_a_page(probe: Any) -> None:
    text = probe.to_text()
    assert text == repr(probe)
    assert all(len(line) <= 100 for line in text.splitlines())
    assert text.startswith("y: rate ")
    assert "judged rows" in text.splitlines()[0]


def test_a_file_holds_the_settings_that_made_the_tree(frame: pd.DataFrame, tmp_path: Path) -> None:
    probe = mr.DecisionTreeProbe(max_depth=1, alpha=0.5, exclude="n", threads=np.int64(1))
    probe.fit(frame.assign(n=range(len(frame))), target="y")
    made = {**probe.get_params(), "exclude": ("n",), "threads": None}  # threads made nothing
    probe.set_params(max_depth=7, alpha=0.01, exclude=(), seed=9, features=["gone"])
    probe.save(tmp_path / "p.json")
    loaded = mr.load(tmp_path / "p.json")
    assert loaded.get_params() == made
    loaded.set_params(max_depth=2).save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "p.json").read_bytes()


def test_names_that_can_be_read_only_once_are_refused(frame: pd.DataFrame) -> None:
    for setting in ("features", "exclude"):
        with pytest.raises(mr.ArgumentError, match=f"{setting} is a generator.*only once"):
            mr.DecisionTreeProbe(**{setting: (n for n in ["x"])}).fit(frame, target="y")


@pytest.mark.parametrize("offset", [2.0**50, -(2.0**50)])
def test_a_common_offset_of_the_target_hides_no_split(offset):
    rng = np.random.default_rng(3)
    x, z = rng.integers(0, 10, 3000), rng.random(3000)
    target = (x > 5) * 2.0 + rng.integers(0, 3, 3000)
    bare, moved = (
        mr.DecisionTreeProbe(max_depth=2).fit({"x": x, "z": z}, target=t)
        for t in (target, target + offset)
    )
    assert "x" in bare.rules()[0]
    assert moved.rules() == bare.rules()


@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame])
def test_where_a_column_is_missing_is_not_explained_by_itself(library: Any) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.random(2000), rng.random(2000)
    table = library({"x": np.where(y > 0.8, np.nan, x), "y": y})
    if isinstance(table, pl.DataFrame):
        table = table.with_columns(pl.col("x").fill_nan(None))
    null, there = (
        (table["x"].isna(), table["x"].notna())
        if library is pd.DataFrame
        else (table["x"].is_null(), table["x"].is_not_null())
    )
    for target, name in ((null, "x is missing"), (there, "x is present")):
        probe = mr.DecisionTreeProbe(max_depth=1).fit(table, target=target)
        assert probe.target_name == name
        assert all(rule.startswith("y ") or "y <=" in rule for rule in probe.rules().values())
        assert any("no candidate" in said for said in probe.warnings)
        assert mr.find_slices(table, target=target).target_name == name
    above = mr.DecisionTreeProbe(max_depth=1).fit(table, target=table["x"] > 0.5)
    assert above.target_name == "target"


def test_a_long_list_of_levels_is_counted_in_the_picture_and_whole_in_the_rule() -> None:
    rng = np.random.default_rng(0)
    name = rng.integers(0, 200, 8000)
    table = {"name": [f"level {i}" for i in name]}
    probe = mr.DecisionTreeProbe(max_depth=1).fit(table, target=name % 2 == 0)
    assert " more}" in repr(probe)
    assert len(repr(probe)) < 2000
    assert all("more}" not in rule for rule in probe.rules().values())
    assert max(len(rule) for rule in probe.rules().values()) > 500
    assert " more}" in repr(mr.compare_predictions(table, name * 0, name % 2 == 0))
