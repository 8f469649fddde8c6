# SPDX-License-Identifier: Apache-2.0
"""Cells that are Python objects: zones and times that a column cannot hold."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import dateutil.tz
import numpy as np
import pandas as pd
import pytest

import mlrepro as mr


class Nameless(dt.tzinfo):
    """A zone whose text is the path of its file, as dateutil's are."""

    def utcoffset(self, moment: dt.datetime | None) -> dt.timedelta | None:
        return None if moment is None else dt.timedelta(hours=2)

    def dst(self, moment: dt.datetime | None) -> dt.timedelta:
        return dt.timedelta(0)

    def __str__(self) -> str:
        return "tzfile('/usr/share/zoneinfo/Europe/Berlin')"


def test_zones_have_names_or_offsets() -> None:
    zones = [
        (zoneinfo.ZoneInfo("Europe/Berlin"), "Europe/Berlin"),
        (dt.timezone.utc, "UTC"),
        (dt.timezone(dt.timedelta(hours=5, minutes=30), "India"), "+05:30"),
        (dt.timezone(-dt.timedelta(minutes=90)), "-01:30"),
        (dateutil.tz.tzutc(), "UTC"),
        (dateutil.tz.tzoffset(None, 3600), "+01:00"),
    ]
    for zone, name in zones:
        moment = dt.datetime(2024, 7, 1, tzinfo=zone)
        for cells in ([moment], pd.Series([moment])):
            assert mr.Dataset({"t": cells}).schema["t"].type.endswith(f", {name}]"), zone
    for zone in (Nameless(), dt.timezone(dt.timedelta(seconds=90))):
        cells = [None, dt.datetime(2024, 7, 1, tzinfo=zone)]
        with pytest.raises(mr.InputTypeError, match=r"'t' has times in a zone.*\(row 1\)"):
            mr.Dataset({"t": cells})
    odd = pd.DatetimeIndex(["2024-07-01"]).tz_localize(dt.timezone(dt.timedelta(seconds=90)))
    with pytest.raises(mr.InputTypeError, match="'t' has times in a zone"):
        mr.Dataset(pd.DataFrame({"t": odd}))


def test_times_that_64_bits_cannot_hold_are_refused() -> None:
    fine = pd.Timestamp("2024-01-01 00:00:00.000000001")
    for cells, row in (
        ([fine, dt.datetime(1600, 1, 1)], 1),
        ([dt.timedelta(0), dt.timedelta.max], 1),
        ([dt.timedelta.min], 0),
    ):
        with pytest.raises(mr.SchemaError, match=rf"'t' holds a time .*\(row {row}: ") as caught:
            mr.Dataset({"t": np.array(cells, dtype=object)})
        assert caught.value.example_row == row
