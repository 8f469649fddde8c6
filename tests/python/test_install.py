# SPDX-License-Identifier: Apache-2.0
"""The package beside others in one process: OpenMP runtimes, forked workers, import time."""

from __future__ import annotations

import subprocess
import sys

import pytest

WORK = """
table = mlrepro.Dataset({"k": [f"k{i % 977}" for i in range(200_000)]})
split = mlrepro.split.HashSplit({"train": 0.8, "test": 0.2}, by="k", salt="s")
plan = split.plan(table)
print(len(plan.train), len(plan.test))
"""


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "order", ["import sklearn.ensemble, mlrepro", "import mlrepro, sklearn.ensemble"]
)
def test_scikit_learn_and_mlrepro_share_a_process_in_either_order_of_import(order):
    fit = (
        "import numpy\n"
        "x = numpy.arange(4000.0).reshape(-1, 2)\n"
        "sklearn.ensemble.HistGradientBoostingRegressor(max_iter=2).fit(x, x[:, 0])\n"
    )
    both = run(f"{order}\n{fit}{WORK}")
    assert both == run(f"import mlrepro\n{WORK}")


def test_a_worker_forked_after_a_parallel_call_does_not_hang():
    code = f"""
import multiprocessing, mlrepro
def work():
    {WORK.strip().replace(chr(10), chr(10) + "    ")}
work()
child = multiprocessing.get_context("fork").Process(target=work)
child.start()
child.join(60)
print(child.exitcode)
"""
    lines = run(code).splitlines()
    assert lines == [lines[0], lines[0], "0"]
