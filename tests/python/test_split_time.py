# SPDX-License-Identifier: Apache-2.0
"""Cuts in time: zones, ties, purges, unseen entities."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlrepro import split as sp
from mlrepro._dataset import Dataset
from mlrepro._errors import (
    ArgumentError,
    ColumnNotFoundError,
    InputTypeError,
    LeakError,
    SchemaError,
)


@pytest.fixture
def frame(split_frame) -> pd.DataFrame:
    return split_frame


class TestTimeSplit:
    def test_a_date_is_its_midnight_in_the_columns_zone(self, frame):
        plan = sp.TimeSplit(test_from="2013-10-01").plan(Dataset(frame, time="t"))
        cut = pd.Timestamp("2013-10-01", tz="America/New_York")
        assert plan.to_dict()["time"]["cut_ns"] == str(cut.value)
        assert plan.parts["train"] == int((frame["t"] < cut).sum())
        assert plan.assign(cut) == "test"
        assert plan.assign(cut - pd.Timedelta(1, "ns")) == "train"
        same = [
            dt.date(2013, 10, 1),
            dt.datetime(2013, 10, 1),
            np.datetime64("2013-10-01"),
            cut,
            "2013-10-01T04:00Z",
        ]
        for value in same:
            assert sp.TimeSplit(value, time="t").plan(frame) == plan

    @pytest.mark.parametrize(
        ("wall", "instant"),
        [
            ("2013-03-10T02:30", "2013-03-10T07:00Z"),  # skipped: the first instant after the gap
            ("2013-11-03T01:30", "2013-11-03T05:30Z"),  # twice: the earlier
            ("2013-11-03T02:30", "2013-11-03T07:30Z"),
            ("2013-03-10T01:59:59", "2013-03-10T06:59:59Z"),
            ("2013-07-01", "2013-07-01T04:00Z"),
        ],
    )
    def test_wall_times_in_gaps_and_repeats(self, wall, instant, frame):
        plan = sp.TimeSplit(wall, time="t").plan(frame)
        assert plan.to_dict()["time"]["cut_ns"] == str(pd.Timestamp(instant).value)

    def test_zone_overrides_the_columns(self, frame):
        utc = frame.assign(t=frame["t"].dt.tz_convert("UTC"))
        in_zone = sp.TimeSplit("2013-10-01", time="t", zone="America/New_York").plan(utc)
        assert in_zone == sp.TimeSplit("2013-10-01", time="t").plan(frame)
        assert in_zone == sp.TimeSplit("2013-10-01", time="t", zone="-04:00").plan(utc)
        with pytest.raises(ArgumentError, match="not known"):
            sp.TimeSplit("2013-10-01", time="t", zone="America/Newyork").plan(utc)

    def test_naive_columns_take_naive_cuts(self, frame):
        naive = frame.assign(t=frame["t"].dt.tz_localize(None))
        plan = sp.TimeSplit("2013-10-01", time="t").plan(naive)
        assert plan.parts["train"] == int((naive["t"] < "2013-10-01").sum())
        with pytest.raises(ArgumentError, match="wall times"):
            sp.TimeSplit("2013-10-01T00:00Z", time="t").plan(naive)
        with pytest.raises(ArgumentError, match="zone"):
            sp.TimeSplit("2013-10-01", time="t", zone="UTC").plan(naive)

    def test_the_recipe_sets_the_purge_and_a_shorter_one_is_a_leak(self, frame):
        recipe = SimpleNamespace(look_back="30d", horizon=dt.timedelta(days=7))
        table = Dataset(frame, time="t")
        plan = sp.TimeSplit("2013-10-01", recipe=recipe).plan(table)
        cut = pd.Timestamp("2013-10-01", tz="America/New_York")
        wanted = ((frame["t"] < cut) & (frame["t"] + pd.Timedelta(7, "D") >= cut)).sum()
        assert plan.parts["purged"] == int(wanted) > 0
        assert plan.parts == sp.TimeSplit("2013-10-01", purge="7d").plan(table).parts
        with pytest.raises(LeakError, match="allow_leak"):
            sp.TimeSplit("2013-10-01", recipe=recipe, purge="6d").plan(table)
        why = sp.TimeSplit("2013-10-01", recipe=recipe, purge="6d", allow_leak="a test").plan(table)
        assert why.to_dict()["allow_leak"] == "a test"
        assert "a test" in why.report.to_text()
        with pytest.raises(InputTypeError, match="look_back"):
            sp.TimeSplit("2013-10-01", recipe=SimpleNamespace(horizon="1d")).plan(table)
        with pytest.raises(InputTypeError, match="words"):
            sp.TimeSplit("2013-10-01", recipe=recipe, purge="6d", allow_leak=True).plan(table)

    @given(
        st.lists(st.integers(0, 30), min_size=4, max_size=40),
        st.integers(1, 29),
        st.integers(0, 6),
        st.booleans(),
    )
    def test_purging_equals_brute_force(self, days, cut, horizon, shuffle):
        day = np.array(days[::-1] if shuffle else days)
        table = {
            "t": (np.datetime64("2020-01-01") + day).astype("datetime64[s]"),
            "id": np.arange(len(day)),
        }
        sides = np.where(day >= cut, 1, np.where(day + horizon < cut, 0, 2))
        splitter = sp.TimeSplit(np.datetime64("2020-01-01") + cut, time="t", purge=f"{horizon}d")
        if not (sides == 0).any() or not (sides == 1).any():
            with pytest.raises(ArgumentError, match="leaves no row"):
                splitter.plan(table)
            return
        assert splitter.plan(table).part_of_row.tolist() == sides.tolist()

    def test_unseen_entities_in_the_future(self, frame):
        table = Dataset(frame, time="t")
        plan = sp.TimeSplit(
            "2013-10-01", unseen=sp.HashSplit({"train": 0.8, "test": 0.2}, by="who", salt=1)
        ).plan(table)
        train, test = (set(frame["who"].to_numpy()[plan.indices(p)]) for p in ("train", "test"))
        assert not train & test
        document = plan.report.to_dict()
        assert sum(document["quarantine"].values()) == plan.parts["quarantine"]
        assert sum(plan.parts.values()) == len(frame)
        late = pd.Timestamp("2014-01-01", tz="UTC")
        assert {plan.assign(late, who) for who in train} == {"quarantine"}

    def test_cuts_and_durations_that_are_none_are_refused(self, frame):
        table = Dataset(frame, time="t")
        for bad in ("soon", "2013-13-01", 17, np.timedelta64(3, "D"), np.datetime64("NaT")):
            with pytest.raises(ArgumentError, match="no point in time"):
                sp.TimeSplit(bad).plan(table)
        for bad in ("7", "7 months", "-1d", -1, dt.timedelta(days=-1), np.timedelta64(1, "M")):
            with pytest.raises(ArgumentError, match="duration"):
                sp.TimeSplit("2013-10-01", purge=bad).plan(table)
        with pytest.raises(ArgumentError, match="leaves no row to test"):
            sp.TimeSplit("2015-01-01").plan(table)
        with pytest.raises(ArgumentError, match="neither"):
            sp.TimeSplit().plan(table)
        with pytest.raises(SchemaError, match="no time"):
            sp.TimeSplit("2013-10-01", time="who").plan(table)
        with pytest.raises(ColumnNotFoundError):
            sp.TimeSplit("2013-10-01", time="T").plan(table)
