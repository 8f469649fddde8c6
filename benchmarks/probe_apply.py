# SPDX-License-Identifier: Apache-2.0
"""The leaf of one row in C++: builds apply_one_row against the installed package and runs it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import mlrepro as mr

SOURCES = Path(__file__).parent / "apply_one_row"


def output_of(*command: str | Path) -> str:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def can_build() -> bool:
    return shutil.which("cmake") is not None and shutil.which("c++") is not None


def nanoseconds_a_row(probe: mr.DecisionTreeProbe) -> float:
    config = output_of(sys.executable, "-m", "mlrepro", "config", "--cmake").strip()
    with tempfile.TemporaryDirectory() as name:
        build = Path(name)
        saved = build / "tree.json"
        probe.save(saved)
        output_of("cmake", "-S", SOURCES, "-B", build, f"-Dmlrepro_DIR={config}")
        output_of("cmake", "--build", build)
        return float(output_of(build / "apply_one_row", saved).split()[0])
