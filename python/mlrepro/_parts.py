# SPDX-License-Identifier: Apache-2.0
"""One column as Arrow buffers in NumPy arrays: what crosses between Python and the C++ core without pyarrow."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from mlrepro import _core
from mlrepro._errors import InputTypeError, SchemaError

__all__ = ["Part", "array_part", "bits", "text_part", "validity_mask"]

_FORMATS = {"i1": "c", "u1": "C", "i2": "s", "u2": "S", "i4": "i", "u4": "I", "i8": "l", "u8": "L"}
_TIME_UNITS = {"s": "s", "ms": "m", "us": "u", "ns": "n"}


class Part(NamedTuple):
    """An Arrow array: format string, rows, buffers (validity first), dictionary of a coded one."""

    format: str
    n_rows: int
    buffers: tuple[Any, ...]
    dictionary: Any = None
    ordered: bool = False


def bits(mask: np.ndarray[Any, Any] | None) -> np.ndarray[Any, Any] | None:
    """Pack a mask of *missing* rows into a validity bitmap; None where nothing is missing."""
    if mask is None or not mask.any():
        return None
    return np.packbits(~mask, bitorder="little")


def validity_mask(part: Part) -> np.ndarray[Any, Any] | None:
    """Rows that are null, as booleans; None where none is."""
    if part.format == "n":
        return np.ones(part.n_rows, dtype=bool)
    if part.buffers[0] is None:
        return None
    return ~np.unpackbits(part.buffers[0], count=part.n_rows, bitorder="little").view(bool)


def text_part(name: str, cells: np.ndarray[Any, Any]) -> Part:
    """Text of an object array; whatever is no str is missing."""
    validity, offsets, data = _core.pack_text(cells, name)
    return Part("U", len(cells), (validity, offsets, data))


def array_part(
    name: str,
    values: np.ndarray[Any, Any],
    mask: np.ndarray[Any, Any] | None = None,
    copy: bool | None = None,
) -> Part:
    """Describe a 1-D NumPy array of any dtype but object as a column.

    Parameters
    ----------
    name : str
        The column, for messages.
    values : numpy.ndarray
        One dimension.
    mask : numpy.ndarray of bool, optional
        Rows that are missing.
    copy : bool, optional
        None copies what somebody can write to; False borrows wherever the layout allows.
    """
    if isinstance(values, np.ma.MaskedArray):
        held = np.ma.getmaskarray(values)
        mask = held if mask is None else mask | held
        values = values.data
    kind = values.dtype.kind
    if kind == "b":
        return Part("b", len(values), (bits(mask), np.packbits(values, bitorder="little")))
    if kind in "iu":
        fixed = _FORMATS[kind + str(values.dtype.itemsize)]
        return Part(fixed, len(values), (bits(mask), _owned(values, copy)))
    if kind == "f" and values.dtype.itemsize in (4, 8):
        fixed = "f" if values.dtype.itemsize == 4 else "g"
        return Part(fixed, len(values), (bits(mask), _owned(values, copy)))
    if kind in "Mm":
        return _time_part(name, values, mask, copy)
    if kind in "UT":
        cells = values.astype(object)
        if mask is not None:
            cells[mask] = None
        return text_part(name, cells)
    return _refuse(name, values.dtype)


def _refuse(name: str, dtype: Any) -> Part:
    steps = {
        "f": "Cast it to float64 first.",
        "c": "Split it into real and imaginary parts first.",
        "S": "Decode it to text first, e.g. numpy.char.decode(x, 'utf-8').",
        "V": "Turn its fields into columns of their own first.",
    }
    raise InputTypeError(
        f"column {name!r} has the NumPy dtype {dtype}, which a Dataset does not hold.",
        column=name,
        next_step=steps.get(dtype.kind, "Cast it to a type that a Dataset holds first."),
    )


def _owned(values: np.ndarray[Any, Any], copy: bool | None) -> np.ndarray[Any, Any]:
    native = values.dtype.newbyteorder("=")
    usable = values.flags.c_contiguous and values.flags.aligned and values.dtype.isnative
    if usable and (copy is False or (copy is None and _is_immutable(values))):
        return values
    return np.array(values, dtype=native, order="C", copy=True)


def _is_immutable(values: np.ndarray[Any, Any]) -> bool:
    """Whether nobody can write to this memory: a read-only view of writable memory can change."""
    owner: Any = values
    while isinstance(owner, np.ndarray):
        if owner.flags.writeable:
            return False
        owner = owner.base
    if owner is None or isinstance(owner, bytes):
        return True
    return type(owner).__module__.partition(".")[0] in ("pyarrow", "polars")


def _time_part(
    name: str, values: np.ndarray[Any, Any], mask: np.ndarray[Any, Any] | None, copy: bool | None
) -> Part:
    unit, step = np.datetime_data(values.dtype)
    kind = values.dtype.kind
    target = unit if step == 1 and (unit in _TIME_UNITS or (kind == "M" and unit == "D")) else None
    if target is None:
        target = _coarser_unit(name, values.dtype, unit, step)
        values = _recast(name, values, np.dtype(f"{kind}8[{target}]"))
        copy = False
    missing = np.isnat(values)
    mask = missing if mask is None else mask | missing
    ticks = values.view(values.dtype.byteorder + "i8")
    if target == "D":
        days = ticks.astype(np.int32)
        outside = (days != ticks) & ~mask
        if outside.any():
            row = int(np.argmax(outside))
            raise SchemaError(
                f"column {name!r} holds a date beyond the calendar (row {row}).",
                column=name,
                example_row=row,
                next_step="Set it to missing, or correct it.",
            )
        return Part("tdD", len(values), (bits(mask), days))
    letter = _TIME_UNITS[target]
    fixed = f"ts{letter}:" if kind == "M" else f"tD{letter}"
    return Part(fixed, len(values), (bits(mask), _owned(ticks, copy)))


def _coarser_unit(name: str, dtype: Any, unit: str, step: int) -> str:
    if unit in _TIME_UNITS:
        return unit  # datetime64[10ms]
    if dtype.kind == "M" and unit in ("Y", "M", "W", "D"):
        return "D"
    if unit in ("W", "D", "h", "m"):
        return "s"
    raise InputTypeError(
        f"column {name!r} has the NumPy dtype {dtype}, which a Dataset does not hold.",
        column=name,
        next_step=f"Cast it first, e.g. .astype('{dtype.kind}8[ns]').",
    )


def _recast(name: str, values: np.ndarray[Any, Any], dtype: Any) -> np.ndarray[Any, Any]:
    cast = values.astype(dtype)
    changed = (cast.astype(values.dtype) != values) & ~np.isnat(values)
    if changed.any():
        row = int(np.argmax(changed))
        raise SchemaError(
            f"column {name!r} ({values.dtype}) holds a time that {dtype} cannot (row {row}).",
            column=name,
            example_row=row,
            next_step="Set it to missing, or correct it.",
        )
    return cast
