# SPDX-License-Identifier: Apache-2.0
"""Arrow capsules of other libraries' objects, and what goes wrong in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from mlrepro import _core
from mlrepro._errors import Error, InputTypeError, SchemaError
from mlrepro._names import plural
from mlrepro._origin import library_of
from mlrepro._parts import Part, validity_mask

__all__ = ["capsules", "read_stream", "refuse_infinite_times"]


def capsules(frame: Any) -> Any:
    """Ask for the capsules once: a reader or a query result can be read only once."""
    is_stream = hasattr(frame, "__arrow_c_stream__")
    kind = f"{type(frame).__module__}.{type(frame).__name__}"
    try:
        made = frame.__arrow_c_stream__() if is_stream else frame.__arrow_c_array__()
        held = (made,) if is_stream else tuple(made)
    except (Error, MemoryError):
        raise
    except Exception as error:
        raise InputTypeError(
            f"A {kind} could not export itself to Arrow: {error}",
            next_step="Cast the columns that Arrow cannot hold first.",
        ) from error
    if [type(c).__name__ for c in held] != ["PyCapsule"] * (1 if is_stream else 2):
        names = ", ".join(type(c).__name__ for c in held) or "nothing"
        raise InputTypeError(
            f"A {kind} exports {names} to Arrow, not {'a capsule' if is_stream else 'two capsules'}.",
            next_step="Report it to that library, or pass the data another way.",
        )
    return made


def read_stream(frame: Any, roles: dict[str, Any], memory_limit: int = 0) -> _core.Dataset:
    """Read an object's Arrow stream; Ctrl-C and MemoryError in Python code that makes it stay what they are."""
    raised: list[BaseException] = []
    if library_of(frame) == "pyarrow" and hasattr(frame, "read_next_batch"):
        frame = type(frame).from_batches(frame.schema, _recorded(frame, raised))
    try:
        return _core.Dataset.from_stream(capsules(frame), roles, memory_limit)
    except Error:
        for error in raised:
            if isinstance(error, MemoryError) or not isinstance(error, Exception):
                raise error from None
        raise


def _recorded(batches: Any, raised: list[BaseException]) -> Iterator[Any]:
    """Keep what the producer raised: through Arrow's interface comes nothing but its text."""
    try:
        yield from batches
    except BaseException as error:
        raised.append(error)
        raise


def refuse_infinite_times(data: _core.Dataset, first_row: int = 0) -> None:
    """Raise SchemaError for DuckDB's 'infinity' and '-infinity', in Arrow the largest number of the type and its negative.

    `first_row` counts the rows of the batches before.
    """
    for name, held in zip(data.names, data.parts(), strict=True):
        part = Part(*held)
        if part.dictionary is not None or not part.format.startswith(("ts", "td")):
            continue
        ticks = part.buffers[1]
        largest = np.iinfo(ticks.dtype).max
        infinite = (ticks == largest) | (ticks == -largest)
        missing = validity_mask(part)
        rows = np.flatnonzero(infinite if missing is None else infinite & ~missing)
        if rows.size:
            row = first_row + int(rows[0])
            raise SchemaError(
                f"column {name!r} holds {plural(rows.size, 'infinite time')}, first in row {row:,}.",
                column=name,
                example_row=row,
                next_step=f"Leave such rows out, or make them null: CASE WHEN isfinite({name}) THEN {name} END.",
            )
