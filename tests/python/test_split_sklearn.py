# SPDX-License-Identifier: Apache-2.0
"""Splitters as scikit-learn's CV objects."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from mlrepro import split as sp
from mlrepro._errors import ArgumentError, InputTypeError, SchemaError


@pytest.fixture
def frame(split_frame) -> pd.DataFrame:
    return split_frame


def _environment(seed: str) -> dict[str, str]:
    return {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}


class TestScikitLearn:
    SPLITTERS = (
        sp.HashSplit({"train": 0.8, "test": 0.2}, by="who", salt=3),
        sp.GroupKFold(4, by=["who"]),
        sp.TimeSplit(
            "2013-10-01", time="t", unseen=sp.HashSplit({"train": 0.8, "test": 0.2}, by="who")
        ),
    )

    @pytest.mark.parametrize("splitter", SPLITTERS, ids=repr)
    def test_settings_survive_clone_pickle_copy_and_repr(self, splitter):
        from sklearn.base import clone

        twins = [clone(splitter), pickle.loads(pickle.dumps(splitter)), copy.deepcopy(splitter)]
        twins.append(eval(repr(splitter), vars(sp)))
        for twin in twins:
            assert twin == splitter
            assert twin is not splitter
            assert twin.get_params() == splitter.get_params()

    def test_a_splitter_that_can_change_has_no_hash(self):
        assert sp.HashSplit({"a": 1}) == sp.HashSplit({"a": 1.0})
        assert sp.HashSplit([("a", 1.0)], by="k") != sp.HashSplit([("a", 1.0)], by="j")
        for splitter in self.SPLITTERS:
            with pytest.raises(TypeError, match="unhashable"):
                hash(splitter)

    def test_settings_that_can_be_read_only_once_are_refused(self, frame):
        for splitter in (
            sp.HashSplit(zip(["train", "test"], [0.5, 0.5], strict=True), by="who"),
            sp.HashSplit({"train": 0.5, "test": 0.5}, by=(name for name in ["who"])),
            sp.GroupKFold(3, by=iter(["who"])),
        ):
            for _ in range(2):
                with pytest.raises(InputTypeError, match="only once"):
                    splitter.plan(frame)

    def test_settings_are_checked_by_name(self):
        splitter = copy.deepcopy(self.SPLITTERS[2])
        assert splitter.get_params()["unseen__by"] == "who"
        assert splitter.set_params(unseen__salt=9, purge="1d").unseen.salt == 9
        assert splitter != self.SPLITTERS[2]
        with pytest.raises(ArgumentError, match="test_fraction"):
            splitter.set_params(horizon=3)
        assert sp.HashSplit({"a": 0.5, "b": 0.5}) != sp.HashSplit({"b": 0.5, "a": 0.5})

    def test_the_number_of_splits_needs_no_data(self):
        assert [s.get_n_splits() for s in self.SPLITTERS] == [1, 4, 1]

    def test_split_is_an_iterator_over_the_plans_rows(self, frame):
        for splitter in self.SPLITTERS:
            plan = splitter.plan(frame)
            first = next(splitter.split(frame))
            for mine, theirs in zip(first, plan.cv()[0], strict=True):
                assert np.array_equal(mine, theirs)
                assert mine.dtype == np.int64

    def test_groups_win_over_by_and_equal_it(self, frame):
        x = frame[["n", "x"]].to_numpy()
        for given_groups in (frame["who"], frame["who"].to_numpy(), frame["who"].tolist()):
            by_groups = list(sp.GroupKFold(4, by="nothing").split(x, groups=given_groups))
            for a, b in zip(by_groups, sp.GroupKFold(4, by="who").plan(frame).cv(), strict=True):
                assert np.array_equal(a[1], b[1])
        with pytest.raises(ArgumentError, match="600 rows"):
            next(sp.GroupKFold(4).split(x, groups=frame["who"][:9]))
        with pytest.raises(SchemaError, match="index"):
            next(sp.GroupKFold(4).split(frame, groups=frame["who"].iloc[::-1]))
        with pytest.raises(ArgumentError, match="groups"):
            next(sp.TimeSplit("2013-10-01", time="t").split(frame, groups=frame["who"]))

    def test_stand_ins_without_an_identity_are_refused(self):
        with pytest.raises(SchemaError, match="by="):
            next(sp.HashSplit({"train": 0.8, "test": 0.2}).split(np.zeros((100, 1))))

    def test_cross_val_score_and_grid_search(self, frame):
        from sklearn.model_selection import GridSearchCV, cross_val_score
        from sklearn.tree import DecisionTreeClassifier

        x, y = frame[["n", "x"]].to_numpy(), frame["y"].to_numpy()
        model = DecisionTreeClassifier(max_depth=2, random_state=0)
        scores = cross_val_score(model, x, y, cv=sp.GroupKFold(5), groups=frame["who"])
        assert scores.shape == (5,)
        plan = sp.GroupKFold(3, by="who").plan(frame)
        for cv in (sp.GroupKFold(3), plan.cv()):
            search = GridSearchCV(model, {"max_depth": [1, 2]}, cv=cv, n_jobs=2)
            search.fit(x, y, groups=frame["who"].to_numpy())
            assert search.n_splits_ == 3
        one = GridSearchCV(
            model, {"max_depth": [1, 2]}, cv=sp.HashSplit({"train": 0.8, "test": 0.2})
        )
        assert one.fit(x, y).n_splits_ == 1

    def test_metadata_routing_hands_groups_over(self, frame):
        import sklearn
        from sklearn.model_selection import cross_validate
        from sklearn.tree import DecisionTreeClassifier

        x, y = frame[["n", "x"]].to_numpy(), frame["y"].to_numpy()
        model = DecisionTreeClassifier(max_depth=1, random_state=0)
        off = cross_validate(model, x, y, cv=sp.GroupKFold(4), groups=frame["who"])
        with sklearn.config_context(enable_metadata_routing=True):
            on = cross_validate(model, x, y, cv=sp.GroupKFold(4), params={"groups": frame["who"]})
            named = sp.GroupKFold(4).set_split_request(groups="vehicle")
            aliased = cross_validate(model, x, y, cv=named, params={"vehicle": frame["who"]})
            assert sp.TimeSplit("2013").get_metadata_routing() is not None
        assert np.array_equal(off["test_score"], on["test_score"])
        assert np.array_equal(off["test_score"], aliased["test_score"])
        with pytest.raises(InputTypeError, match="True, False"):
            sp.GroupKFold(4).set_split_request(groups=3)

    def test_importing_and_splitting_does_not_import_scikit_learn(self):
        code = (
            "import sys; from mlrepro import split as s;"
            "next(s.GroupKFold(2).split([[1], [2], [3]], groups=['a', 'b', 'c']));"
            "print('sklearn' in sys.modules, 'pandas' in sys.modules)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            env=_environment("0"),
            check=True,
        )
        assert done.stdout.split() == ["False", "False"]
