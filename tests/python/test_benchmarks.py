# SPDX-License-Identifier: Apache-2.0
"""The benchmark of the probe still runs, and judges what it measures; no time is tested."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))
from probe_goals import Goal

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
probe_chart = pytest.importorskip("probe_chart", exc_type=ImportError)  # it imports the peers


def test_every_case_of_the_table_is_measured_and_judged():
    command = [sys.executable, BENCHMARKS / "bench_probe.py", "--scale", "0.002"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    lines = done.stdout[done.stdout.index("| case") :].splitlines()[2:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line]
    assert len(rows) == 14
    for case, _, _, measured, *verdicts in rows:
        if measured.startswith("not measured: "):
            continue
        assert re.match(r"[\d.e+]+( |x)", measured), case
        assert set(verdicts) <= {"met", "not met"}, case


@pytest.mark.parametrize(
    ("measured", "verdicts"), [(9.9, ["not met"] * 2), (10, ["met", "not met"]), (25, ["met"] * 2)]
)
def test_a_ratio_meets_what_it_reaches_and_seconds_what_they_do_not_exceed(measured, verdicts):
    assert Goal("case", 10, 25, "x", at_least=True).row(measured)[-2:] == verdicts
    assert Goal("case", 1 / 10, 1 / 25, " s").row(1 / measured)[-2:] == verdicts


def test_the_chart_is_one_line_a_peer_and_its_labels_do_not_overlap():
    seconds = [[size * 1e-6 * k for size in (10, 100, 1000)] for k in (9, 9, 3, 2, 1)]
    panel = probe_chart.Panel("Rows & columns", (10, 100, 1000), seconds)
    svg = probe_chart.chart(panel, panel)
    assert svg == probe_chart.chart(panel, panel)
    tree = ElementTree.fromstring(svg)
    ns = "{http://www.w3.org/2000/svg}"
    assert len(tree.findall(f"{ns}polyline")) == 2 * len(probe_chart.LINES)
    names = {line.name for line in probe_chart.LINES}
    heights = sorted(float(t.get("y")) for t in tree.findall(f"{ns}text") if t.text in names)
    one_panel = heights[::2]
    assert min(b - a for a, b in pairwise(one_panel)) >= 15
