# SPDX-License-Identifier: Apache-2.0
"""Mistakes that other tools made on tables like these, each once reported to one of them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mlrepro as mr

sys.path.insert(0, str(Path(__file__).parent))
from codebase import ROOT


def with_60_rare(x: np.ndarray, special: float) -> tuple[mr.Dataset, np.ndarray]:
    """Of a million rows 60 hold a special value, and all errors."""
    rng = np.random.default_rng(2)
    rare = rng.choice(len(x), 60, replace=False)
    x[rare] = special
    wrong = np.zeros(len(x), dtype=bool)
    wrong[rare] = True
    table = {"x": x, "noise": rng.random(len(x)), "id": np.arange(len(x))}
    return mr.Dataset(table, key="id"), wrong


@pytest.mark.parametrize(
    ("special", "rule"),
    [(np.nan, "x is missing"), (-999, "x <= -999")],
    ids=["missing", "sentinel"],
)
def test_60_rows_of_a_million_are_not_in_the_sample(special: float, rule: str) -> None:
    x = np.random.default_rng(1).integers(0, 200, 1_000_000).astype(float)
    data, wrong = with_60_rare(x, special)
    first = mr.DecisionTreeProbe(max_depth=1).fit(data, target=wrong).leaves[0]
    assert first.rule == rule
    assert first.rows == 60
    assert first.mean == 1
    assert first.replicated


def test_60_sentinels_among_a_million_values_are_lost() -> None:
    """They share the first of 255 bins with 0.4% of the rows: the leaf has all errors, if not only them."""
    data, wrong = with_60_rare(np.random.default_rng(1).random(1_000_000), -999)
    first = mr.DecisionTreeProbe(max_depth=1).fit(data, target=wrong).leaves[0]
    assert first.rule.startswith("x <= 0.0")
    assert first.share == 1
    assert first.rows <= 1_000_000 / 254
    assert first.replicated


@pytest.mark.parametrize(("n_rows", "n_columns"), [(50_000, 200), (50_000, 1), (300, 2_000)])
def test_a_shape_crashes_or_is_answered_from_a_sample(n_rows: int, n_columns: int) -> None:
    rng = np.random.default_rng(3)
    x = rng.integers(0, 100, (n_columns, n_rows), dtype=np.int16)
    table = {f"x{i}": x[i] for i in range(n_columns)}
    wrong = x[0] < 20
    wrong[:3] = ~wrong[:3]
    probe = mr.DecisionTreeProbe(max_depth=2).fit(table, target=wrong)
    assert probe.rules()[0] == "x0 <= 19"
    assert sum(leaf.rows for leaf in probe.leaves) == n_rows


def test_a_target_with_two_columns_is_flattened() -> None:
    table = {"x": np.arange(100)}
    for pair in (np.zeros((100, 2)), pd.DataFrame({"a": [0, 1] * 50, "b": [1, 0] * 50})):
        with pytest.raises(mr.Error, match="target"):
            mr.DecisionTreeProbe().fit(table, target=pair)


def test_text_and_missing_values_stop_the_search_for_flips() -> None:
    rng = np.random.default_rng(5)
    n = 4_000
    carrier = rng.choice(np.array(["AA", "é", None], dtype=object), n)
    seats = np.where(rng.random(n) < 0.3, np.nan, rng.integers(1, 300, n))
    y, before = rng.integers(0, 2, n), rng.integers(0, 2, n)
    after = np.where(np.isnan(seats) & (carrier == "é"), 1 - y, before)
    before = np.where(np.isnan(seats) & (carrier == "é"), y, before)
    found = mr.compare_predictions({"carrier": carrier, "seats": seats}, before, after, y=y)
    assert "seats is missing and carrier != AA" in found.worse.rules().values()


def test_one_slice_is_listed_twice() -> None:
    """Equal columns, and a condition that takes nothing away, make no second slice."""
    rng = np.random.default_rng(7)
    c, x = rng.integers(0, 5, 8_000), rng.random(8_000)
    table = pd.DataFrame({"c": c, "again": c, "x": x, "twice x": 2 * x, "wider": c == 1})
    wrong = rng.random(8_000) < np.where((c == 1) & (x > 0.5), 0.6, 0.05)
    found = mr.find_slices(table, wrong, k=50)
    masks = [found.mask(i, table) for i in range(len(found))]
    assert len(found) >= 1
    for i, one in enumerate(masks):
        for other in masks[:i]:
            assert (one & other).sum() < 0.8 * (one | other).sum()
    nothing = mr.find_slices(table, rng.random(8_000) < 0.1)
    assert len(nothing) == 0
    assert len(nothing.to_pandas()) == 0
    assert "rule" in nothing.to_pandas()


MEMORY = """
import pathlib, re
import numpy as np
import pyarrow as pa
import mlrepro as mr
rng = np.random.default_rng(8)
n, columns = 5_000, 2_000
levels = pa.array([f"level {i}" for i in range(1_000)])
coded = lambda: pa.DictionaryArray.from_arrays(rng.integers(0, 1_000, n), levels)
data = mr.Dataset(pa.table({f"c{i}": coded() for i in range(columns)}))
y = rng.random(n) < 0.2
settings = {"max_depth": 8, "alpha": 1, "threads": 1}
mr.DecisionTreeProbe(features=["c0"]).fit(data, target=y)
try:
    mr.DecisionTreeProbe(memory_limit=1_000, **settings).fit(data, target=y)
except mr.LimitError as error:
    need = int(re.search(r"about ([\\d,]+) bytes", str(error))[1].replace(",", ""))
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1]) * 1024
before = peak()
mr.DecisionTreeProbe(memory_limit=need, **settings).fit(data, target=y)
print(need, peak() - before)
"""


def test_many_levels_take_more_memory_than_the_limit() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True
    )
    limit, grown = (int(word) for word in done.stdout.split())
    assert 0 < grown <= limit


def test_the_root_has_another_depth_than_0() -> None:
    rng = np.random.default_rng(9)
    x = rng.random(2_000)
    probe = mr.DecisionTreeProbe(max_depth=2, alpha=1, min_samples_leaf=50)
    nodes = probe.fit({"x": x, "z": rng.random(2_000)}, target=x > 0.3).tree.nodes
    assert nodes[0]["depth"] == 0
    assert max(node["depth"] for node in nodes) <= 2
    assert min(node["growing"]["n"] for node in nodes) >= 50


def test_half_floats_are_searched_slowly_instead_of_refused() -> None:
    with pytest.raises(mr.InputTypeError, match="float16"):
        mr.DecisionTreeProbe().fit({"x": np.zeros(10, np.float16)}, target=np.arange(10) % 2)


WRITES = """
import os, sys
def no_writing(event, arguments):
    if event == "open" and isinstance(arguments[2], int):
        assert not arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT), arguments
    assert event not in ("os.mkdir", "os.rename"), arguments
import numpy as np, pandas as pd
sys.dont_write_bytecode = True
sys.addaudithook(no_writing)
import mlrepro as mr
x = np.arange(500)
probe = mr.DecisionTreeProbe().fit(pd.DataFrame({"x": x}), target=x > 200)
probe.apply({"x": x}), probe.to_html(), mr.find_slices({"x": x}, x > 200).to_html()
"""


def test_a_probe_writes_beside_its_own_code() -> None:
    subprocess.run([sys.executable, "-c", WRITES], check=True)


def test_an_upper_pin_keeps_a_newer_library_out() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    run_time = re.search(r"^dependencies = .*", project, re.MULTILINE)
    extras = re.search(r"\[project.optional-dependencies\].*?(?=\n\[)", project, re.DOTALL)
    assert run_time is not None
    assert extras is not None
    assert not re.findall(r'"[^"]*(?:<|==|~=)[^"]*"', run_time[0] + extras[0])
