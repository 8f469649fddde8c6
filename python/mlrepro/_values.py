# SPDX-License-Identifier: Apache-2.0
"""Columns of a Dataset as NumPy arrays and Python values."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from mlrepro import _core
from mlrepro._parts import Part, validity_mask

__all__ = ["exact_floats", "fixed_values", "objects", "python_values", "to_numpy", "zone_of"]

_UNITS = {"s": "s", "m": "ms", "u": "us", "n": "ns"}
_EXACT = 2**53


def fixed_values(part: Part) -> np.ndarray[Any, Any]:
    """Values of a column that is no text and no dictionary, garbage where null; zero-copy but for booleans."""
    if part.format == "n":
        return np.zeros(part.n_rows)
    values: np.ndarray[Any, Any] = part.buffers[1]
    if part.format == "b":
        return np.unpackbits(values, count=part.n_rows, bitorder="little").view(bool)
    if part.format == "tdD":
        return values.astype("M8[D]")
    if part.format.startswith("ts"):
        return values.view(f"M8[{_UNITS[part.format[2]]}]")
    if part.format.startswith("tD"):
        return values.view(f"m8[{_UNITS[part.format[2]]}]")
    return values


def zone_of(part: Part) -> str:
    """Zone of a timestamp column; empty: wall time, or no timestamp."""
    return part.format[4:] if part.format.startswith("ts") else ""


def exact_floats(
    values: np.ndarray[Any, Any], missing: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any] | None:
    """Integers as float64 with NaN where missing; None if float64 cannot hold one of them."""
    present = values[~missing]
    if present.size and (int(present.max()) > _EXACT or int(present.min()) < -_EXACT):
        return None
    out = values.astype(np.float64)
    out[missing] = np.nan
    return out


def to_numpy(part: Part) -> np.ndarray[Any, Any]:
    """Return the column as the NumPy array that loses nothing.

    Times become datetime64 (instants in UTC) with NaT, integers with missing values float64 with NaN if that is exact,
    else objects with None; text, categories and booleans with missing values become objects with None.
    """
    if part.format in ("U", "n") or part.dictionary is not None:
        return objects(part)
    values, missing = fixed_values(part), validity_mask(part)
    if missing is None:
        return values
    kind = values.dtype.kind
    if kind in "Mmf":
        marked: np.ndarray[Any, Any] = values.copy()
        marked[missing] = np.nan if kind == "f" else "NaT"
        return marked
    if kind in "iu":
        floats = exact_floats(values, missing)
        if floats is not None:
            return floats
    return objects(part)


def objects(part: Part, mark: Any = None) -> np.ndarray[Any, Any]:
    """Return the cells as Python objects, `mark` where null."""
    if part.dictionary is not None:
        levels = objects(Part(*part.dictionary))
        missing = validity_mask(part)
        codes = part.buffers[1] if missing is None else np.where(missing, 0, part.buffers[1])
        if len(levels) == 0:
            levels = np.array([mark], dtype=object)
        out = levels[codes]
        if missing is not None:
            out[missing] = mark
        return out
    if part.format == "U":
        validity, offsets, data = part.buffers
        return np.asarray(_core.unpack_text(offsets, data, validity, mark))
    out = np.empty(part.n_rows, dtype=object)
    if part.format != "n":
        out[:] = _cells(part)
    missing = validity_mask(part)
    if missing is not None:
        out[missing] = mark
    return out


def _cells(part: Part) -> list[Any]:
    values = fixed_values(part)
    zone = zone_of(part)
    if part.format.startswith(("tsn", "tDn")):
        return list(values)  # Python's own times end at microseconds
    cells: list[Any] = values.tolist()
    if not zone:
        return cells
    info = _zone_info(zone)
    return [
        t.replace(tzinfo=dt.timezone.utc).astimezone(info) if isinstance(t, dt.datetime) else t
        for t in cells
    ]


def _zone_info(zone: str) -> dt.tzinfo:
    if zone[0] in "+-":
        sign = -1 if zone[0] == "-" else 1
        hours, _, minutes = zone[1:].partition(":")
        return dt.timezone(sign * dt.timedelta(hours=int(hours), minutes=int(minutes or 0)))
    if zone == "UTC":
        return dt.timezone.utc
    from zoneinfo import ZoneInfo

    return ZoneInfo(zone)


def python_values(part: Part) -> list[Any]:
    """Return the cells as Python values, None where null; NaN stays NaN."""
    return list(objects(part).tolist())
