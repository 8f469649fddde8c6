# SPDX-License-Identifier: Apache-2.0
"""Targets with classes: against scikit-learn, against recounts, as tables and pages; one class against the rest."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.tree import DecisionTreeClassifier

import mlrepro as mr

EXACT = {"honest": False, "selection": "gain", "alpha": 1}
CLASSES = np.array(["ok", "late", "diverted", "é"], dtype=object)


def table(seed: int, n: int = 3000) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "x": rng.integers(0, 100, n),
            "group": rng.choice(list("abcde"), n),
            "z": np.where(rng.random(n) < 0.15, np.nan, rng.integers(0, 9, n)),
            "id": np.arange(n),
        }
    )
    odds = np.tile([0.6, 0.25, 0.1, 0.05], (n, 1))
    odds[frame["x"] > 70] = [0.2, 0.6, 0.1, 0.1]
    odds[frame["z"].isna()] = [0.1, 0.1, 0.1, 0.7]
    drawn = (rng.random((n, 1)) > odds.cumsum(axis=1)).sum(axis=1)
    frame["status"] = CLASSES[np.minimum(drawn, 3)]
    return frame


@pytest.fixture(scope="module")
def probe() -> Any:
    return mr.DecisionTreeProbe().fit(mr.Dataset(table(1), key="id"), target="status")


@pytest.fixture(scope="module")
def each() -> Any:
    return mr.one_against_rest(mr.Dataset(table(1), key="id"), "status")


@pytest.mark.parametrize("seed", range(6))
def test_the_tree_of_classes_is_not_the_one_of_scikit_learn(seed: int) -> None:
    """At most 255 integer values, no missing ones: CART by entropy and the probe must part the rows alike."""
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 200, size=(1500, 5))
    odds = rng.random((1500, 4)) * [4, 2, 1, 1]
    odds[:, 1] += (x[:, 0] > 120) * 2
    odds[:, 2] += (x[:, 1] < 40) * (x[:, 2] > 90) * 3
    y = CLASSES[odds.argmax(axis=1)]
    peer = DecisionTreeClassifier(
        criterion="entropy", max_depth=4, min_samples_leaf=20, random_state=0
    ).fit(x, y.astype(str))
    frame = pd.DataFrame(x, columns=list("abcde"))
    fitted = mr.DecisionTreeProbe(max_depth=4, min_samples_leaf=20, **EXACT).fit(frame, target=y)
    mine, theirs = (
        {tuple(np.flatnonzero(leaf == i)) for i in np.unique(leaf)}
        for leaf in (fitted.apply(frame), peer.apply(x))
    )
    assert mine == theirs
    assert (fitted.predict(frame) == peer.predict(x)).mean() > 0.999  # equal shares: by name


@given(st.integers(0, 2**32 - 1), st.sampled_from(["unbiased", "gain"]))
def test_figures_of_classes_are_no_recount(seed: int, selection: str) -> None:
    frame = table(seed, 300)
    data = mr.Dataset(frame, key="id")
    if frame["status"].nunique() < 3:
        return
    fitted = mr.DecisionTreeProbe(min_samples_leaf=5, selection=selection, alpha=1)
    fitted.fit(data, target="status")
    judged, leaf = np.asarray(fitted.judged), fitted.apply(data)
    rows = fitted.leaves.to_pandas().set_index("leaf")
    for number, row in rows.iterrows():
        here = frame["status"][(leaf == number) & judged]
        grown = frame["status"][(leaf == number) & ~judged]
        for name in frame["status"].unique():
            assert row[f"n_{name}"] == (here == name).sum()
        assert (grown == row["most_common"]).sum() == grown.value_counts().max()
        if len(here):
            assert row["mean"] == pytest.approx((here == row["most_common"]).mean())
    assert fitted.predict(data).tolist() == rows["most_common"][leaf].tolist()


def test_libraries_and_categories_are_other_targets() -> None:
    frame = table(2)
    trees = {
        mr.DecisionTreeProbe().fit(frame.drop(columns="status"), target=target).to_json()
        for target in (
            frame["status"].to_numpy(),
            frame["status"].tolist(),
            frame["status"].astype("category").array,
            pd.Categorical(frame["status"], categories=["é", "x", "late", "ok", "diverted"]),
        )
    }
    assert len(trees) == 1


def test_a_weighted_row_of_a_class_counts_once() -> None:
    frame = table(4, 800)
    times = 1 + np.arange(800) % 3
    weighted = mr.Dataset(frame.assign(w=times), key="id", weight="w")
    repeated = frame.loc[frame.index.repeat(times)]
    settings = {"honest": False, "alpha": 1.0}
    one = mr.DecisionTreeProbe(**settings, exclude="id").fit(weighted, target="status")
    many = mr.DecisionTreeProbe(**settings, exclude="id").fit(repeated, target="status")
    assert one.rules() == many.rules()
    assert one.leaves == many.leaves


def test_a_table_of_leaves_forgets_the_classes(probe: Any) -> None:
    columns = list(probe.leaves.to_pandas().columns)
    plain = mr.DecisionTreeProbe().fit(table(1), target=table(1)["status"] == "ok")
    names = [f"n_{name}" for name in probe.tree.classes]
    assert columns == [*plain.leaves.to_pandas().columns, "most_common", "stands_out", *names]
    assert sorted(probe.tree.classes, key=str.encode) == probe.tree.classes
    assert probe.leaves.to_polars().columns == columns
    assert json.loads(probe.leaves.to_json())[0]["most_common"] == probe.leaves[0].most_common
    assert "most_common" not in plain.leaves.to_json()
    assert "most_common" in probe.leaves.to_text()
    hash(probe.leaves[0])


def test_text_and_page_do_not_say_what_the_figures_are(probe: Any) -> None:
    text = probe.to_text()
    assert all(len(line) <= 100 for line in text.splitlines())
    assert text.startswith("status: ok ")
    assert "stands out: the class with the most rows more than expected" in " ".join(text.split())
    page = probe.to_html()
    for words in ("Stands out", "status differs most where", "shares of the classes"):
        assert words in page
    svg = probe.to_svg()
    assert "<title>late: " in svg
    assert "nan" not in svg


def test_a_saved_tree_of_classes_comes_back_as_another(probe: Any, tmp_path: Path) -> None:
    probe.save(tmp_path / "tree.json")
    loaded = mr.load(tmp_path / "tree.json")
    assert loaded == probe
    assert loaded.leaves == probe.leaves
    assert loaded.to_html() == probe.to_html()
    assert (loaded.predict(table(3)) == probe.predict(table(3))).all()
    assert pickle.loads(pickle.dumps(probe)).to_text() == probe.to_text()


def test_many_rare_or_odd_classes_break_the_page() -> None:
    rng = np.random.default_rng(0)
    names = [f"class <{i}> with a very long name & quotes '\"" for i in range(31)] + [""]
    y = np.array(names, dtype=object)[np.minimum(rng.geometric(0.15, 4000) - 1, 31)]
    x = rng.integers(0, 50, 4000)
    y[x > 40] = names[5]
    y[:3] = names[31]
    fitted = mr.DecisionTreeProbe().fit({"x": x}, target=y)
    assert fitted.rules()[1] == "x > 40"
    assert all(len(line) <= 100 for line in fitted.to_text().splitlines())
    assert " others" in fitted.to_svg()
    assert "<5>" not in fitted.to_html()


def test_comparing_trees_of_classes_compares_shares_of_two_classes() -> None:
    first = mr.DecisionTreeProbe(max_depth=1).fit(table(1), target="status")
    second = mr.DecisionTreeProbe(max_depth=1, seed=1).fit(
        table(1).replace({"status": {"é": "a"}}), target="status"
    )
    found = mr.compare_probes(first, second, table(1))
    assert found.differences["classes"][1][0] == "a"
    by_class = {
        a.most_common == b.most_common for a, b in zip(first.leaves, second.leaves, strict=True)
    }
    assert (None in {pair.overlap for pair in found.pairs}) == (False in by_class)
    assert mr.ProbeComparison.from_json(found.to_json()) == found


@pytest.mark.parametrize("call", [mr.find_slices, mr.compare_predictions])
def test_slices_take_classes_for_numbers(call: Any) -> None:
    frame = table(1)
    if call is mr.find_slices:
        with pytest.raises(mr.InputTypeError, match="compare it with a value"):
            call(frame, "status")
    else:  # labels of any class are compared, not explained
        found = call(frame, before=frame["status"], after=np.roll(frame["status"], 1))
        assert found.overall.rows == len(frame)


# One against the rest -------------------------------------------------------------------------------------------------
def test_one_against_rest_is_not_the_probe_of_each_class(each: Any, probe: Any) -> None:
    frame = table(1)
    assert list(each) == probe.tree.classes == list(each.classes)
    for name, one in each.items():
        assert (one.judged == probe.judged).all()
        alone = mr.DecisionTreeProbe().fit(
            mr.Dataset(frame.assign(status=frame["status"] == name), key="id"), target="status"
        )
        assert one.rules() == alone.rules()
        assert one.leaves == alone.leaves
        assert one.target_name == f"status = {name}"


def test_the_number_of_classes_costs_no_significance(each: Any) -> None:
    rows = each.to_pandas()
    assert list(rows["class"].unique()) == list(each)
    for name, of_class in rows.groupby("class"):
        own = {leaf.leaf: leaf for leaf in each[name].leaves}
        for row in of_class.itertuples():
            assert row.p_value == min(1, 4 * own[row.leaf].p_value)
            assert row.replicated == (own[row.leaf].replicated and row.p_value < 0.05)


def test_one_against_rest_does_not_travel(each: Any, tmp_path: Path) -> None:
    assert mr.OneAgainstRest.from_json(each.to_json()) == each
    each.save(tmp_path / "each.json")
    loaded = mr.load(tmp_path / "each.json")
    assert loaded == each
    assert loaded["ok"].rules("pandas") == each["ok"].rules("pandas")
    assert hash(pickle.loads(pickle.dumps(each))) == hash(each)
    assert each.to_dict()["target"] == "status"
    assert repr(each) == each.to_text()
    assert each.get("lost") is None
    with pytest.raises(mr.ArgumentError, match="Did you mean 'late'"):
        each["lat"]
    for page in (each.to_html(), each._repr_html_()):
        assert "each class of status" in page.lower() or "Classes" in page


def test_a_damaged_file_of_trees_is_believed(each: Any) -> None:
    held = json.loads(each.to_json())
    swapped = {**held, "trees": {**held["trees"], "ok": held["trees"]["late"]}}
    other = {**held["trees"]["ok"], "n_rows": 7}
    for bad in (
        swapped,
        {**held, "trees": {"ok": held["trees"]["ok"]}},
        {**held, "trees": {**held["trees"], "ok": other}},
        {**held, "target": "x"},
        {**held, "trees": {**held["trees"], "ok": 7}},
        {**held, "trees": []},
    ):
        with pytest.raises(mr.FormatError):
            mr.OneAgainstRest.from_json(json.dumps(bad))


def test_a_target_without_classes_is_explained_by_class() -> None:
    frame = table(1)
    with pytest.raises(mr.InputTypeError, match="has no classes"):
        mr.one_against_rest(frame, frame["x"])
    with pytest.raises(mr.ArgumentError, match="target is None"):
        mr.one_against_rest(frame, None)
    with pytest.raises(mr.SchemaError, match="has 3,000 classes; a tree explains 2 to 32"):
        mr.one_against_rest(frame, frame["id"].astype(str))
    data = mr.Dataset(frame, label="status")
    assert mr.one_against_rest(data.binned(), "label") == mr.one_against_rest(data, "status")
