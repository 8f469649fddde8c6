# SPDX-License-Identifier: Apache-2.0
"""Plans: saved, loaded, extended, reported."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pandas as pd
import pytest

from mlrepro import split as sp
from mlrepro._dataset import Dataset
from mlrepro._errors import ArgumentError, FormatError
from mlrepro._load import load

HALVES = {"train": 0.5, "test": 0.5}
THIRDS = {"train": 0.8, "valid": 0.1, "test": 0.1}


@pytest.fixture
def frame(split_frame) -> pd.DataFrame:
    return split_frame


class TestPlan:
    def test_saved_loaded_and_extended_plans_keep_known_keys(self, frame, tmp_path):
        for splitter in (
            sp.HashSplit(THIRDS, by="who"),
            sp.GroupKFold(3, by="who"),
            sp.TimeSplit("2013-10-01", time="t"),
        ):
            plan = splitter.plan(frame)
            plan.save(tmp_path / "plan.json")
            back = load(tmp_path / "plan.json")
            assert back == plan
            assert not back.has_rows
            assert list(back.parts.items()) == list(plan.parts.items())
            again = back.extend(frame)
            assert np.array_equal(again.part_of_row, plan.part_of_row)
            with pytest.raises(ArgumentError, match="extend"):
                back.indices("train")
        more = pd.concat([frame, frame.assign(who="a new one")], ignore_index=True)
        closed = sp.GroupKFold(3, by="who").plan(frame)
        grown = sp.Plan.from_json(closed.to_json()).extend(more)
        assert np.array_equal(grown.part_of_row[: len(frame)], closed.part_of_row)
        assert grown.parts["new"] == len(frame)
        assert grown.report.to_dict()["keys"] == {"known": 90, "new": 1, "vanished": 0}

    def test_pickle_and_deepcopy_keep_rows(self, frame):
        plan = sp.HashSplit(THIRDS, by="who").plan(frame)
        for twin in (pickle.loads(pickle.dumps(plan)), copy.deepcopy(plan)):
            assert twin == plan
            assert np.array_equal(twin.indices("test"), plan.indices("test"))

    def test_damaged_text_is_refused(self, frame):
        text = sp.HashSplit(HALVES, by="who").plan(frame).to_json()
        for bad in (
            "",
            "{}",
            text[:-1],
            text.replace("plan", "tree"),
            text.replace('"version":1', '"version":2'),
        ):
            with pytest.raises(FormatError):
                sp.Plan.from_json(bad)

    def test_named_pairs_for_cv(self, frame):
        plan = sp.HashSplit(THIRDS, by="who").plan(frame)
        ((train, valid),) = plan.cv("train", "valid")
        assert np.array_equal(train, plan.indices("train"))
        assert np.array_equal(valid, plan.indices("valid"))
        assert len(plan.cv()) == 1
        with pytest.raises(ArgumentError, match="train, valid, test"):
            plan.cv("train", "nope")
        with pytest.raises(ArgumentError, match="both"):
            plan.cv("test", "test")
        with pytest.raises(ArgumentError, match="no part 'train'"):
            sp.HashSplit({"a": 0.5, "b": 0.5}, by="who").plan(frame).cv()

    def test_the_report_counts_by_brute_force(self, frame):
        table = frame.assign(x=np.round(frame["x"] * 2), t=frame["t"].dt.floor("30D"))
        plan = sp.HashSplit(HALVES, by="who").plan(Dataset(table, label="y"))
        report = plan.report
        rows = list(zip(table["who"], table["n"], table["x"], table["t"], strict=True))
        train = {rows[i] for i in plan.indices("train")}
        assert report.leaks["duplicates"]["rows"] == sum(
            rows[i] in train for i in plan.indices("test")
        )
        for part in report.parts[:2]:
            y = table["y"].to_numpy()[plan.indices(part.name)]
            assert part.label_counts == {"false": int((~y).sum()), "true": int(y.sum())}
        assert report.to_pandas()["rows"].sum() == len(frame)
        assert sp.PlanReport.from_json(report.to_json()) == report
        for text in (
            report.to_text(),
            repr(report),
            report._repr_html_(),
            repr(plan),
            plan._repr_html_(),
        ):
            assert "train" in text

    def test_the_balance_names_a_planted_column(self, frame):
        splitter = sp.HashSplit(HALVES, by="who")
        table = frame.assign(planted=[splitter.assign(w) == "train" for w in frame["who"]])
        report = splitter.plan(table).report
        assert report.balance[0].column == "planted"
        assert any("planted" in finding for finding in report.findings)
