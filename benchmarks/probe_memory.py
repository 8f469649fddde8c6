# SPDX-License-Identifier: Apache-2.0
"""Memory beyond the values while a table is cut into bins. Run as a program it measures itself: its peak starts low."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from probe_inputs import THREADS, columns_of, dense

import mlrepro as mr


def bytes_a_value(n_rows: int, n_columns: int) -> float:
    """Extra bytes a value at the peak of ``binned()``, in a process of its own."""
    command = [sys.executable, __file__, str(n_rows), str(n_columns)]
    return float(subprocess.check_output(command, text=True))


def kilobytes(file: str, field: str) -> int:
    """One line of /proc: of its own memory only, where ru_maxrss starts from the parent's."""
    lines = Path(file).read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:"))


def available() -> int:
    return 1024 * kilobytes("/proc/meminfo", "MemAvailable")


def main(n_rows: int, n_columns: int) -> None:
    mr.Dataset({"x": [1.0, 2.0]}).binned(threads=THREADS)  # libraries and threads are there
    table = dense(n_rows, n_columns)
    rows = mr.Dataset(columns_of(table), copy=False)
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    before = kilobytes("/proc/self/status", "VmHWM")
    rows.binned(threads=THREADS)
    extra = kilobytes("/proc/self/status", "VmHWM") - before
    print(1024 * extra / table.x.size)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
