# SPDX-License-Identifier: Apache-2.0
"""What lies before any work: importing the package, calling into the core, taking over Arrow memory.

Best of several, in one run. `--full` also streams 2^31 rows of a boolean column.

python benchmarks/bench_import.py [--full]
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa

import mlrepro as mr
from mlrepro import _core


def best(work: Callable[[], object], repeats: int = 7, calls: int = 1) -> float:
    """Seconds a call."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        for _ in range(calls):
            work()
        seconds.append((time.perf_counter() - start) / calls)
    return min(seconds)


def import_times() -> None:
    print("import, best of 7 new processes")
    took = {}
    for code in ("import numpy", "import numpy, mlrepro", "import pandas"):
        timed = f"import time; t = time.perf_counter(); {code}; print(time.perf_counter() - t)"
        runs = [subprocess.check_output([sys.executable, "-c", timed]) for _ in range(7)]
        took[code] = min(map(float, runs))
        print(f"  {code:<28}{took[code] * 1e3:>9.1f} ms")
    beyond = took["import numpy, mlrepro"] - took["import numpy"]
    print(f"  {'mlrepro beyond NumPy':<28}{beyond * 1e3:>9.1f} ms")


def call_overhead() -> None:
    held = mr.Dataset({"x": np.arange(3)})
    calls = {
        "empty Python function": lambda: None,
        "core: n_rows": lambda: held._data.n_rows,
        "core: build_info": _core.build_info,
        "len(dataset)": held.__len__,
    }
    print("one call")
    for name, call in calls.items():
        print(f"  {name:<28}{best(call, calls=20_000) * 1e9:>9.0f} ns")


def per_column(title: str, column: pa.Array, n_columns: int = 1_000) -> None:
    few, many = (
        pa.table({f"x{i}": column for i in range(n)}) for n in (n_columns // 10, n_columns)
    )
    ours = (best(lambda: mr.Dataset(many)) - best(lambda: mr.Dataset(few))) / (0.9 * n_columns)
    export = (best(many.__arrow_c_stream__) - best(few.__arrow_c_stream__)) / (0.9 * n_columns)
    print(f"  {title:<28}{ours * 1e6:>9.2f} us a column, pyarrow's own export {export * 1e6:.2f}")


def validated(title: str, column: pa.Array) -> None:
    table = pa.table({"x": column})
    seconds = best(lambda: mr.Dataset(table))
    print(f"  {title:<28}{table.nbytes / seconds / 1e9:>9.2f} GB/s of {table.nbytes / 1e6:,.1f} MB")


def arrow_import() -> None:
    random = np.random.default_rng(0)
    n = 2_000_000
    text = pa.array([f"N{i:05d}" for i in random.integers(0, 4_000, n)])
    print("Arrow import: fixed-width columns, not copied")
    per_column("float64, 1,000 rows", pa.array(random.normal(size=1_000)))
    per_column("int32, 1,000 rows", pa.array(np.arange(1_000, dtype=np.int32)))
    print(f"Arrow import: one validating pass, {n:,} rows")
    validated("utf8", text)
    validated("large_utf8", text.cast(pa.large_string()))
    validated("utf8_view", pa.array(text.to_pylist(), pa.string_view()))
    validated("dictionary", text.dictionary_encode())
    validated("bool", pa.array(random.random(n) < 0.5))
    validated("timestamp[us]", pa.array(random.integers(0, 10**15, n), pa.timestamp("us")))


def many_rows(n_rows: int = 2**31, batch_rows: int = 2**24) -> None:
    bits = np.random.default_rng(0).integers(0, 256, batch_rows // 8, dtype=np.uint8)
    column = pa.BooleanArray.from_buffers(pa.bool_(), batch_rows, [None, pa.py_buffer(bits)])
    batch = pa.record_batch({"flag": column})

    def batches() -> Iterator[pa.RecordBatch]:
        for _ in range(n_rows // batch_rows):
            yield batch

    for name, read in (("Dataset", mr.Dataset), ("fingerprint", mr.fingerprint)):
        start = time.perf_counter()
        made = read(pa.RecordBatchReader.from_batches(batch.schema, batches()))
        n = len(made) if name == "Dataset" else made.n_rows
        print(f"  {name:<28}{time.perf_counter() - start:>9.1f} s, {n:,} rows of bool by stream")


if __name__ == "__main__":
    import_times()
    call_overhead()
    arrow_import()
    if "--full" in sys.argv:
        many_rows()
