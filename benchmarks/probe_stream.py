# SPDX-License-Identifier: Apache-2.0
"""A probe of a Parquet file that is read in batches: time against reading the file, and the peak of memory."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from probe_inputs import THREADS, seconds_of
from probe_memory import kilobytes

import mlrepro as mr

_BATCH = 250_000


def measured(n_rows: int, n_columns: int) -> tuple[float, float, float]:
    """Seconds of reading, seconds of bins and a probe, bytes at the peak: in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        _write(path, n_rows, n_columns)
        said = subprocess.check_output([sys.executable, __file__, str(path)], text=True)
    read, streamed, peak = map(float, said.split())
    return read, streamed, peak


def _write(path: Path, n_rows: int, n_columns: int) -> None:
    rng = np.random.default_rng(0)
    names = [f"x{i}" for i in range(n_columns)]
    schema = pa.schema([*((name, pa.float32()) for name in names), ("y", pa.int8())])
    with pq.ParquetWriter(path, schema, compression="NONE", use_dictionary=False) as file:
        for begin in range(0, n_rows, _BATCH):
            n = min(_BATCH, n_rows - begin)
            columns = [rng.standard_normal(n, dtype=np.float32) for _ in names]
            y = (columns[0] + columns[1] * columns[2] + rng.random(n) > 1).astype(np.int8)
            file.write_table(pa.table([*columns, y], schema=schema))


def main(path: str) -> None:
    def read() -> None:
        with pq.ParquetFile(path) as file:
            for _ in file.iter_batches(1 << 17):
                pass

    def probe() -> None:
        bins = mr.BinnedDataset.from_stream(path, label="y", threads=THREADS)
        mr.DecisionTreeProbe(max_depth=6, threads=THREADS).fit(bins, target="label")

    seconds = seconds_of(read), seconds_of(probe)
    print(*seconds, 1024 * kilobytes("/proc/self/status", "VmHWM"))


if __name__ == "__main__":
    main(*sys.argv[1:])
