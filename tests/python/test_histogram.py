# SPDX-License-Identifier: Apache-2.0
"""Histograms of a numeric target at the nodes of a tree, against NumPy's counts."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

import mlrepro as mr


def test_histograms_count_the_judged_rows_of_each_node() -> None:
    rng = np.random.default_rng(5)
    frame = {"x": rng.normal(size=3000), "z": rng.integers(0, 3, 3000)}
    y = np.exp(rng.normal(size=3000)) + 4 * (frame["x"] > 0.3) + np.where(frame["z"] == 1, 2.0, 0)
    probe = mr.DecisionTreeProbe(max_depth=2).fit(frame, target=y)
    tree = probe.to_dict()
    edges = np.array(tree["histogram_edges"])
    assert (edges[0], edges[-1]) == (np.sort(y)[15], np.sort(y)[-16])  # 0.5% aside
    assert np.allclose(np.diff(edges), (edges[-1] - edges[0]) / 10)
    leaf, judged = np.asarray(probe.apply(frame)), np.asarray(probe.judged, bool)
    assert sum(node["leaf"] >= 0 for node in tree["nodes"]) >= 3
    for node in tree["nodes"]:
        assert sum(node["histogram"]) == node["judged"]["n"]
        if node["leaf"] >= 0:
            values = y[judged & (leaf == node["leaf"])]
            bins = np.searchsorted(edges, values, side="right") - (values == edges[-1])
            expected = np.bincount(bins, minlength=12)
            assert node["histogram"] == expected.tolist()
        else:
            parts = [tree["nodes"][node[side]]["histogram"] for side in ("left", "right")]
            assert node["histogram"] == np.sum(parts, axis=0).tolist()
    order = rng.permutation(3000)
    shuffled = {name: column[order] for name, column in frame.items()}
    assert (
        mr.DecisionTreeProbe(max_depth=2).fit(shuffled, target=y[order]).to_json()
        == probe.to_json()
    )
    text = probe.to_json()
    for damaged in (
        text.replace('"histogram":[', '"histogram":[1,', 1),
        re.sub(r'"histogram":\[(\d+)', lambda m: f'"histogram":[{int(m[1]) + 1}', text, count=1),
        re.sub(r'"histogram_edges":\[({[^}]*}),', r'"histogram_edges":[\1,\1,', text, count=1),
    ):
        assert damaged != text
        with pytest.raises(mr.FormatError):
            mr.Tree.from_json(damaged)
    held = json.loads(text)
    binary = mr.DecisionTreeProbe().fit(frame, target=y > 3).to_json()
    edges_json = json.dumps(held["histogram_edges"])
    del held["histogram_edges"]
    for damaged in (
        json.dumps(held),
        json.dumps({**held, "histogram_edges": []}),
        binary.replace('"in_sample"', f'"histogram_edges":{edges_json},"in_sample"', 1),
    ):
        with pytest.raises(mr.FormatError):
            mr.Tree.from_json(damaged)
    svg = probe.to_svg()
    assert len(re.findall(r'<path class="v" d="M', svg)) == sum(
        n["leaf"] < 0 for n in tree["nodes"]
    )


@pytest.mark.parametrize(
    ("y", "n_edges"),
    [
        (np.arange(400) % 2, 0),  # its rate says it all
        (np.where(np.arange(400) < 1, 5.0, np.arange(400) % 2 * 1e-9), 11),
        (1e15 + np.arange(400) % 2 / 8 + (np.arange(400) == 7) * 1e15, 11),
        (np.where(np.arange(400) < 1, 5.0, 0.0), 11),  # quantiles alike: between the extremes
        (1e15 + np.arange(400) % 2 / 8, 0),  # doubles cannot part so many bins
    ],
)
def test_histograms_of_odd_targets(y: np.ndarray, n_edges: int) -> None:
    x = np.arange(400.0)
    tree = mr.DecisionTreeProbe(honest=False).fit({"x": x, "odd": x % 2}, target=y).to_dict()
    assert len(tree.get("histogram_edges", [])) == n_edges
    assert all(("histogram" in node) == (n_edges > 0) for node in tree["nodes"])
