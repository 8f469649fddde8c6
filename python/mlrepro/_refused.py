# SPDX-License-Identifier: Apache-2.0
"""What is no table, and how to make one of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlrepro._errors import InputTypeError

__all__ = ["TABLES_TAKEN", "no_table"]

TABLES_TAKEN = (
    "pandas, polars (LazyFrame too), pyarrow, a DuckDB relation, anything with __arrow_c_stream__, "
    "a dict of arrays, a NumPy array, or paths of Parquet, CSV or Arrow files"
)


def no_table(frame: Any) -> InputTypeError:
    """Return the error for an object that no reader takes."""
    kind, module = type(frame).__name__, type(frame).__module__
    shown = kind if module == "builtins" else f"{module}.{kind}"
    what = "is no table that mlrepro reads"
    if hasattr(frame, "columns"):
        what = "has named columns, and no __arrow_c_stream__ that gives them"
    return InputTypeError(
        f"This {shown} {what}.", next_step=_step(frame) or f"Pass {TABLES_TAKEN}."
    )


def _step(frame: Any) -> str:
    if callable(getattr(frame, "compute", None)):  # dask
        return "Pass frame.compute(), or the paths of its files."
    if hasattr(frame, "columns"):
        return "Update that library (polars: 1.12 or later), or pass a dict of its columns."
    if callable(getattr(frame, "toarray", None)):  # scipy.sparse
        return "Pass x.toarray(), or a dict of the columns that are needed."
    if isinstance(frame, Iterator):
        return (
            "Pass one table, e.g. pd.concat(frames), or a function that opens a stream; "
            "mr.fingerprint takes iterators of frames."
        )
    first = frame[0] if isinstance(frame, (list, tuple)) and frame else None
    if isinstance(first, Mapping):
        return "Pass pd.DataFrame(rows), or a dict of columns."
    if hasattr(first, "columns") or hasattr(first, "__arrow_c_stream__"):
        return "Pass one table, e.g. pd.concat(frames)."
    return ""
