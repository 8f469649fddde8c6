# SPDX-License-Identifier: Apache-2.0
"""Python's scalars, durations and zones as the core takes them: keys, cuts and horizons of splits."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import numpy as np

from mlrepro._errors import ArgumentError, InputTypeError

__all__ = ["cut_value", "duration_ns", "encode_key"]

_UNITS = ("s", "ms", "us", "ns")
_EPOCH = dt.datetime(1970, 1, 1)
_EPOCH_UTC = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
_SECOND = 1_000_000_000
_DURATIONS = {
    "ns": 1,
    "us": 1_000,
    "ms": 1_000_000,
    "s": _SECOND,
    "min": 60 * _SECOND,
    "h": 3_600 * _SECOND,
    "d": 86_400 * _SECOND,
    "w": 7 * 86_400 * _SECOND,
}


def encode_key(value: Any) -> Any:
    """Return a key as None, bool, int, float, str or ``(class, ticks, unit)``.

    Raises
    ------
    InputTypeError
        A type that no column holds.
    """
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (np.datetime64, np.timedelta64)):
        return _numpy_time(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dt.datetime):
        return _datetime(value)
    if isinstance(value, dt.date):
        return ("date", (value - _EPOCH.date()).days, 0)
    if isinstance(value, dt.timedelta):
        return _ticks("duration", value, getattr(value, "nanoseconds", 0))
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    raise InputTypeError(
        f"{value!r} of type {type(value).__name__} is no key.",
        next_step="Pass the value as its column holds it: a number, text, bool, date or time.",
    )


def _ticks(kind: str, delta: dt.timedelta, nanoseconds: int) -> tuple[str, int, int]:
    micro = (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds
    if nanoseconds:
        return (kind, micro * 1_000 + nanoseconds, 3)
    return (kind, micro, 2)


def _datetime(value: dt.datetime) -> tuple[str, int, int]:
    extra = int(getattr(value, "nanosecond", 0))  # pandas
    plain = dt.datetime.combine(value.date(), value.time(), value.tzinfo).replace(fold=value.fold)
    if plain.utcoffset() is None:
        return _ticks("local_timestamp", plain - _EPOCH, extra)
    return _ticks("timestamp", plain - _EPOCH_UTC, extra)


def _numpy_time(value: Any) -> Any:
    if np.isnat(value):
        return None
    unit, step = np.datetime_data(value.dtype)
    is_date = isinstance(value, np.datetime64)
    if is_date and unit in ("Y", "M", "W", "D"):
        return ("date", int(value.astype("datetime64[D]").astype(np.int64)), 0)
    if unit not in _UNITS or step != 1:
        value = value.astype(
            f"{'datetime64' if is_date else 'timedelta64'}[{'s' if unit in 'Dhm' else 'ns'}]"
        )
        unit = np.datetime_data(value.dtype)[0]
    return (
        "local_timestamp" if is_date else "duration",
        int(value.astype(np.int64)),
        _UNITS.index(unit),
    )


def duration_ns(argument: str, value: Any) -> int:
    """Return a duration ("7d", timedelta, numpy.timedelta64) in nanoseconds.

    Raises
    ------
    ArgumentError
        Negative, calendar units (months have no one length), beyond 292 years, or no duration.
    """
    ns: int | None = None
    if isinstance(value, str):
        match = re.fullmatch(r"\s*(\d+)\s*([a-z]+)\s*", value)
        if match and match[2] in _DURATIONS:
            ns = int(match[1]) * _DURATIONS[match[2]]
    elif isinstance(value, dt.timedelta):
        micro = (value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds
        ns = micro * 1_000 + int(getattr(value, "nanoseconds", 0))
    elif isinstance(value, np.timedelta64) and not np.isnat(value):
        unit, _ = np.datetime_data(value.dtype)
        if unit not in ("Y", "M", "generic"):
            ns = int(value.astype("timedelta64[ns]").astype(np.int64))
    if ns is None or not 0 <= ns < 2**63:
        raise ArgumentError(
            f"{argument} is {value!r}, no duration of at least 0.",
            next_step=f"Pass a timedelta or a number with one of {', '.join(_DURATIONS)}, e.g. '7d'.",
        )
    return ns


def cut_value(given: Any, column_zone: str | None, zone: str | None, *, instants: bool) -> Any:
    """Return the first test instant as the core takes it.

    Parameters
    ----------
    given : str, date, datetime or numpy.datetime64
        A date is its midnight. Text is ISO 8601.
    column_zone, zone : str or None
        Zone of the column, and the one that the user names instead.
    instants : bool
        The column has a zone: dates and wall times are taken in `zone`. Else they stay wall times.

    Raises
    ------
    ArgumentError
        No point in time; a zone for a column without one; an unknown zone.
    """
    moment = _parse(given) if isinstance(given, str) else given
    encoded = encode_key(moment)
    if not isinstance(encoded, tuple) or encoded[0] == "duration":
        raise ArgumentError(
            f"test_from is {given!r}, no point in time.",
            next_step="Pass e.g. '2013-10-01', '2013-10-01T06:00', a date or a datetime.",
        )
    if not instants:
        if zone is not None:
            raise ArgumentError(
                f"zone is {zone!r}, but the time column has no zone.",
                next_step="Leave zone= out, or give the column a zone first.",
            )
        return encoded
    if encoded[0] == "timestamp":
        return encoded
    seconds, rest_ns = _wall_seconds(encoded)
    instant = _instant(seconds, _zone(zone or column_zone or "UTC"))
    return ("timestamp", instant * _SECOND + rest_ns, 3)


def _parse(text: str) -> Any:
    stripped = text.strip()
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", stripped):
            return dt.date.fromisoformat(stripped)
        return dt.datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", stripped))
    except ValueError:
        return None


def _wall_seconds(encoded: tuple[str, int, int]) -> tuple[int, int]:
    kind, ticks, unit = encoded
    if kind == "date":
        return ticks * 86_400, 0
    per_second = 1_000**unit
    seconds, rest = divmod(ticks, per_second)
    return seconds, rest * (_SECOND // per_second)


def _zone(name: str) -> dt.tzinfo:
    match = re.fullmatch(r"(?:UTC)?([+-])(\d{2}):?(\d{2})", name)
    if match:
        minutes = int(match[2]) * 60 + int(match[3])
        return dt.timezone(dt.timedelta(minutes=minutes if match[1] == "+" else -minutes))
    if name in ("UTC", "Z"):
        return dt.timezone.utc
    import zoneinfo

    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ArgumentError(
            f"zone {name!r} is not known on this machine.",
            next_step="Use an IANA name such as 'America/New_York'; pip install tzdata brings them all.",
        ) from None


def _instant(wall_seconds: int, zone: dt.tzinfo) -> int:
    """Return the instant of a wall time: in a gap the first one after it, of two the earlier."""
    try:
        wall = _EPOCH + dt.timedelta(seconds=wall_seconds)
    except OverflowError:
        raise ArgumentError(
            "test_from lies outside the years 1 to 9999.", next_step="Pass a time within them."
        ) from None

    def offset_at(instant: int) -> int:
        at = (_EPOCH_UTC + dt.timedelta(seconds=instant)).astimezone(zone).utcoffset()
        return 0 if at is None else int(at.total_seconds())

    both = [
        _EPOCH_UTC + dt.timedelta(seconds=wall_seconds) - _offset(wall, zone, fold)
        for fold in (0, 1)
    ]
    first, second = (int((moment - _EPOCH_UTC).total_seconds()) for moment in both)
    if first + offset_at(first) == wall_seconds or first <= second:
        return first
    low, high = second, first  # the wall time is skipped: the clocks change between these two
    before = offset_at(low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if offset_at(middle) == before else (low, middle)
    return high


def _offset(wall: dt.datetime, zone: dt.tzinfo, fold: int) -> dt.timedelta:
    return wall.replace(tzinfo=zone, fold=fold).utcoffset() or dt.timedelta(0)
