# SPDX-License-Identifier: Apache-2.0
"""Columns of Python objects: one type of cell and missing ones become a typed column, anything else is refused."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np

from mlrepro._errors import InputTypeError, SchemaError
from mlrepro._parts import Part, array_part, bits, text_part

__all__ = ["object_part"]

_EPOCH_DAY = dt.date(1970, 1, 1).toordinal()
_EXACT = 2**53


def object_part(name: str, cells: np.ndarray[Any, Any]) -> Part:
    """Describe a 1-D object array as a column.

    None, NaN, NaT and pandas.NA are missing; in a column of floats, NaN stays NaN.

    Raises
    ------
    SchemaError
        The cells are of several types; the message shows two rows.
    InputTypeError
        The cells are of a type that a Dataset does not hold.
    """
    classes = {kind: _class_of(kind) for kind in set(map(type, cells))}
    found = {c for c in classes.values() if c != "missing"}
    if "float" in found and (len(found) > 1 or "missing" in classes.values()):
        real = [c for c in cells if classes[type(c)] == "float" and c == c]
        if not real and len(found) > 1:
            found.discard("float")  # NaN as pandas' mark of a missing text, number, ...
    if found == {"int", "float"}:
        return _numbers(name, cells, classes)
    if len(found) > 1:
        _refuse_mixture(name, cells, classes)
    if not found:
        return Part("n", len(cells), ())
    (only,) = found
    if only not in _READERS:
        row = next(i for i, c in enumerate(cells) if classes[type(c)] == only)
        raise InputTypeError(
            f"column {name!r} holds {only} (row {row}: {_short(cells[row])}), which a Dataset "
            "does not hold.",
            column=name,
            example_row=row,
            next_step="Turn it into flat columns of numbers, text or times first.",
        )
    missing = np.fromiter((classes[type(c)] != only for c in cells), dtype=bool, count=len(cells))
    return _READERS[only](name, cells, missing)


def _class_of(kind: type) -> str:
    if kind is type(None) or kind.__name__ in ("NAType", "NaTType"):
        return "missing"
    for base, label in _BASES:
        if issubclass(kind, base):
            return label
    return kind.__name__


_BASES: tuple[tuple[Any, str], ...] = (
    (str, "str"),
    ((bool, np.bool_), "bool"),
    (np.datetime64, "datetime64"),
    (np.timedelta64, "timedelta64"),
    ((int, np.integer), "int"),
    ((float, np.floating), "float"),
    (Decimal, "Decimal"),
    (dt.datetime, "datetime"),
    (dt.date, "date"),
    (dt.timedelta, "timedelta"),
)


def _short(cell: object) -> str:
    text = repr(cell)
    return text if len(text) <= 40 else text[:37] + "..."


def _refuse_mixture(name: str, cells: np.ndarray[Any, Any], classes: dict[type, str]) -> None:
    first: dict[str, int] = {}
    for row, cell in enumerate(cells):
        label = classes[type(cell)]
        if label == "missing" or (label == "float" and cell != cell):
            continue
        first.setdefault(label, row)
        if len(first) == 2:
            break
    (a, i), (b, j) = first.items()
    raise SchemaError(
        f"column {name!r} mixes {a} and {b} (row {i}: {_short(cells[i])}, row {j}: "
        f"{_short(cells[j])}).",
        column=name,
        example_row=j,
        next_step=f"Cast it first, e.g. df[{name!r}].astype(str).",
    )


def _numbers(name: str, cells: np.ndarray[Any, Any], classes: dict[type, str]) -> Part:
    for row, cell in enumerate(cells):
        if classes[type(cell)] == "int" and abs(int(cell)) > _EXACT:
            raise SchemaError(
                f"column {name!r} mixes float with an int that float64 cannot hold (row {row}: "
                f"{cell}).",
                column=name,
                example_row=row,
                next_step=f"Cast it first, e.g. df[{name!r}].astype('Int64').",
            )
    missing = np.fromiter((classes[type(c)] == "missing" for c in cells), bool, len(cells))
    return _floats(name, cells, missing)


def _texts(name: str, cells: np.ndarray[Any, Any], missing: np.ndarray[Any, Any]) -> Part:
    return text_part(name, cells)


def _bools(name: str, cells: np.ndarray[Any, Any], missing: np.ndarray[Any, Any]) -> Part:
    return array_part(name, np.where(missing, False, cells).astype(bool), missing)


def _ints(name: str, cells: np.ndarray[Any, Any], missing: np.ndarray[Any, Any]) -> Part:
    whole = [0 if gone else int(c) for c, gone in zip(cells, missing, strict=True)]
    low, high = min(whole, default=0), max(whole, default=0)
    if low < -(2**63) or high >= 2**64 or (low < 0 and high >= 2**63):
        row = next(i for i, v in enumerate(whole) if v < -(2**63) or v >= 2**63)
        raise InputTypeError(
            f"column {name!r} holds an int beyond 64 bits (row {row}: {whole[row]}).",
            column=name,
            example_row=row,
            next_step="Cast it to text or float64 first.",
        )
    kind = np.int64 if high < 2**63 else np.uint64
    return array_part(name, np.array(whole, dtype=kind), missing, copy=False)


def _floats(name: str, cells: np.ndarray[Any, Any], missing: np.ndarray[Any, Any]) -> Part:
    filled = np.where(missing, 0.0, cells).astype(np.float64)
    return array_part(name, filled, missing, copy=False)


def _decimals(name: str, cells: np.ndarray[Any, Any], missing: np.ndarray[Any, Any]) -> Part:
    missing = missing | np.fromiter(
        (not m and c.is_nan() for c, m in zip(cells, missing, strict=True)), bool, len(cells)
    )
    whole = np.zeros(len(cells), dtype=object)
    for row in np.flatnonzero(~missing):
        cell = cells[row]
        if not cell.is_finite() or cell != cell.to_integral_value() or not -(2**63) <= cell < 2**63:
            raise InputTypeError(
                f"column {name!r} holds Decimal that is no whole number within int64 (row {row}: "
                f"{cell}).",
                column=name,
                example_row=int(row),
                next_step=f"Cast it first, e.g. df[{name!r}].astype(float).",
            )
        whole[row] = int(cell)
    return _ints(name, whole, missing)


def _dates(name: str, cells: np.ndarray[Any, Any], missing: np.ndarray[Any, Any]) -> Part:
    days = [
        0 if gone else c.toordinal() - _EPOCH_DAY for c, gone in zip(cells, missing, strict=True)
    ]
    return Part("tdD", len(cells), (bits(missing), np.array(days, dtype=np.int32)))


def _ticks(delta: Any, in_ns: bool) -> int:
    micro = (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds
    return int(micro * 1000 + getattr(delta, "nanoseconds", 0)) if in_ns else int(micro)


def _as_int64(
    name: str, cells: np.ndarray[Any, Any], ticks: list[int], in_ns: bool
) -> np.ndarray[Any, np.dtype[np.int64]]:
    for row, tick in enumerate(ticks):
        if not -(2**63) < tick < 2**63:  # the least int64 is NaT
            unit = "nanoseconds" if in_ns else "microseconds"
            raise SchemaError(
                f"column {name!r} holds a time that 64 bits of {unit} cannot (row {row}: "
                f"{_short(cells[row])}).",
                column=name,
                example_row=row,
                next_step="Set it to missing, or round all times to microseconds."
                if in_ns
                else "Set it to missing, or correct it.",
            )
    return np.array(ticks, dtype=np.int64)


def _datetimes(name: str, cells: np.ndarray[Any, Any], missing: np.ndarray[Any, Any]) -> Part:
    zones: dict[str | None, int] = {}
    for row in np.flatnonzero(~missing):
        zone = cells[row].tzinfo
        zones.setdefault(None if zone is None else zone_name(name, zone, int(row)), int(row))
    if None in zones and len(zones) > 1:
        i = zones.pop(None)
        j = next(iter(zones.values()))
        raise SchemaError(
            f"column {name!r} mixes times without and with a zone (row {i}: {cells[i]}, row {j}: "
            f"{cells[j]}).",
            column=name,
            example_row=max(i, j),
            next_step="Give every time a zone first.",
        )
    aware = None not in zones
    zone = (next(iter(zones)) if len(zones) == 1 else "UTC") if aware else ""
    epoch = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc if aware else None)
    in_ns = any(getattr(c, "nanosecond", 0) for c in cells[~missing])
    ticks = [
        0 if gone else _ticks(c - epoch, in_ns) for c, gone in zip(cells, missing, strict=True)
    ]
    values = _as_int64(name, cells, ticks, in_ns)
    return Part(f"ts{'n' if in_ns else 'u'}:{zone}", len(cells), (bits(missing), values))


def _timedeltas(name: str, cells: np.ndarray[Any, Any], missing: np.ndarray[Any, Any]) -> Part:
    in_ns = any(getattr(c, "nanoseconds", 0) for c in cells[~missing])
    ticks = [0 if gone else _ticks(c, in_ns) for c, gone in zip(cells, missing, strict=True)]
    values = _as_int64(name, cells, ticks, in_ns)
    return Part(f"tD{'n' if in_ns else 'u'}", len(cells), (bits(missing), values))


def _numpy_times(name: str, cells: np.ndarray[Any, Any], missing: np.ndarray[Any, Any]) -> Part:
    not_a_time = type(cells[~missing][0])("NaT")
    held = [not_a_time if gone else c for c, gone in zip(cells, missing, strict=True)]
    return array_part(name, np.array(held), copy=False)


def zone_name(name: str, zone: dt.tzinfo, row: int | None = None) -> str:
    """Name of a zone as Arrow writes it: an IANA name or +05:30.

    Raises
    ------
    InputTypeError
        The zone object does not know its name (dateutil's files), and has no fixed offset in whole minutes.
    """
    for attribute in ("key", "zone"):  # zoneinfo, pytz
        known = getattr(zone, attribute, None)
        if isinstance(known, str) and known:
            return known
    offset = zone.utcoffset(None)  # None where it depends on the time
    if offset is not None and offset % dt.timedelta(minutes=1) == dt.timedelta(0):
        if not offset:
            return "UTC"
        sign, size = ("-", -offset) if offset < dt.timedelta(0) else ("+", offset)
        minutes = size // dt.timedelta(minutes=1)
        return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"
    where = "" if row is None else f" (row {row})"
    raise InputTypeError(
        f"column {name!r} has times in a zone without an IANA name or a fixed offset{where}: "
        f"{_short(zone)}.",
        column=name,
        example_row=row,
        next_step="Use zoneinfo.ZoneInfo('Area/City'), e.g. time.astimezone(zone) or .dt.tz_convert('Area/City').",
    )


_READERS = {
    "str": _texts,
    "bool": _bools,
    "int": _ints,
    "float": _floats,
    "Decimal": _decimals,
    "date": _dates,
    "datetime": _datetimes,
    "timedelta": _timedeltas,
    "datetime64": _numpy_times,
    "timedelta64": _numpy_times,
}
