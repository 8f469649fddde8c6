# SPDX-License-Identifier: Apache-2.0
"""build_info, and MLREPRO_SIMD: every level that this CPU has gives the same bytes, nonsense is an error with the choices."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import mlrepro as mr

WORK = """
import json
import numpy as np
import mlrepro as mr
i = np.arange(70_000)
frame = {"x": np.sin(i), "k": i % 91, "s": np.array(["a" * (n % 300) for n in range(97)])[i % 97], "y": i % 7 == 0}
data = mr.Dataset(frame)
plan = mr.split.HashSplit({"train": 0.8, "test": 0.2}, salt="s").plan(data)
probe = mr.DecisionTreeProbe().fit(data, target="y")
print(json.dumps([mr.build_info()["simd"]["in_use"], mr.fingerprint(data).to_json(), plan.parts, probe.to_json()]))
"""


def run(level: str | None, source: str = WORK) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "MLREPRO_SIMD"}
    environment["PYTHONPATH"] = str(
        Path(mr.__file__).parents[1]
    )  # not resolved: a build tree links here
    if level is not None:
        environment["MLREPRO_SIMD"] = level
    return subprocess.run(
        [sys.executable, "-c", source], env=environment, capture_output=True, text=True
    )


def test_what_build_info_says():
    info = mr.build_info()
    assert info["version"] == mr.__version__
    assert info["simd"]["in_use"] in info["simd"]["supported"]
    assert set(info["simd"]["supported"]) <= set(info["simd"]["compiled"])
    assert info["threads"] >= 1
    assert Path(info["library"]).exists()
    json.dumps(info)


def test_each_level_gives_the_same_bytes():
    supported = mr.build_info()["simd"]["supported"]
    results = {level: run(level) for level in supported}
    for level, done in results.items():
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)[0] == level
    assert len({json.dumps(json.loads(done.stdout)[1:]) for done in results.values()}) == 1
    best = run(None)
    assert json.loads(best.stdout)[0] == supported[-1]


@pytest.mark.parametrize("level", ["avx1024", "AVX2", "none"])
def test_a_level_that_is_none_lists_those_that_can_be(level):
    done = run(level, "import mlrepro as mr\nmr.fingerprint({'a': [1]})")
    assert done.returncode == 1
    assert "ArgumentError" in done.stderr
    assert f"MLREPRO_SIMD is '{level}'" in done.stderr
    assert "baseline" in done.stderr
    quiet = run(level, "import mlrepro as mr\nprint(mr.build_info()['simd']['in_use'])")
    assert quiet.stdout.strip() == "baseline"
