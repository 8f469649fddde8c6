# SPDX-License-Identifier: Apache-2.0
"""Exact numbers in JSON: {"v": 0.1, "bits": "3fb999999999999a"} is a double, {"int": "9007199254740993"} an integer."""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np

from mlrepro._errors import FormatError

__all__ = ["canonical_text", "exact_double", "plain", "real_or_nan"]

_SAFE = 2**53 - 1  # above it, readers whose numbers are doubles round
_BITS = re.compile("[0-9a-f]{16}")


def plain(value: Any) -> Any:
    """Return parsed JSON with its exact numbers as Python numbers."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    if set(value) == {"v", "bits"}:
        return exact_double(value)
    if set(value) == {"int"}:
        return int(value["int"])
    return {key: plain(item) for key, item in value.items()}


def real_or_nan(value: Any) -> float:
    """Return parsed JSON of one number; NaN where there is none."""
    return math.nan if value is None else float(plain(value))


def exact_double(cell: Any) -> float:
    """Return the double of `{"v": .., "bits": ..}`; v is for readers, null where JSON has no such number.

    Raises
    ------
    FormatError
        Not of this form, or v is another number than that of the bits.
    """
    bits = cell["bits"] if isinstance(cell, Mapping) and set(cell) == {"v", "bits"} else None
    if not isinstance(bits, str) or not _BITS.fullmatch(bits):
        raise FormatError(f"{cell!r} is no number with its bits.", next_step="Save it again.")
    number = float(struct.unpack(">d", bytes.fromhex(bits))[0])
    said = cell["v"]
    if not (said is None and not math.isfinite(number)) and not _is(said, number):
        raise FormatError(
            f"a number says {said!r}, and its bits say {number!r}.",
            next_step="Numbers cannot be edited in a saved file: save it again.",
        )
    return number


def _is(said: Any, number: float) -> bool:
    """Canonical JSON writes 2.0**60 without a point: Python reads an integer, of the shortest digits."""
    try:
        return type(said) in (int, float) and float(said) == number
    except OverflowError:
        return False


def canonical_text(value: Any) -> str:
    """Return canonical JSON (RFC 8785) of plain values: a float with its bits, a large integer as text."""
    if isinstance(value, float):
        bits = struct.pack(">d", value).hex()
        return f'{{"bits":"{bits}","v":{_shortest(value)}}}'
    if isinstance(value, int) and abs(value) > _SAFE:
        return f'{{"int":"{value}"}}'
    if isinstance(value, Mapping):
        items = (
            f"{canonical_text(str(key))}:{canonical_text(value[key])}" for key in sorted(value)
        )
        return "{" + ",".join(items) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(canonical_text, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _shortest(value: float) -> str:
    if not math.isfinite(value):
        return "null"
    if value == int(value) and abs(value) < 1e21:
        return str(int(value))
    if 1e-6 <= abs(value) < 1e21:
        return str(np.format_float_positional(value, unique=True, trim="-"))
    return repr(value).replace("e-0", "e-")
