# SPDX-License-Identifier: Apache-2.0
"""Splits: same parts whatever the library, order or threads; nothing vanishes; scikit-learn's protocol; bad input."""

from __future__ import annotations

import datetime as dt
import json
import struct
import subprocess
import sys

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
    SchemaError,
)

HALVES = {"train": 0.5, "test": 0.5}
THIRDS = {"train": 0.8, "valid": 0.1, "test": 0.1}


@pytest.fixture
def frame(split_frame) -> pd.DataFrame:
    return split_frame


def as_value(vector: object) -> object:
    """A key of the vectors as a Python object."""
    if not isinstance(vector, dict):
        return vector
    kinds = {k: v for k, v in vector.items() if k != "v"}
    ((kind, payload),) = kinds.items()
    if kind == "int":
        return int(payload)
    if kind == "bits":
        return struct.unpack(">d", bytes.fromhex(payload))[0]
    if kind == "date":
        return dt.date(1970, 1, 1) + dt.timedelta(days=payload)
    ticks = payload.rstrip("nmus")
    unit = payload[len(ticks) :]
    if kind == "instant":
        return pd.Timestamp(int(ticks), unit=unit, tz="UTC")
    return (np.datetime64 if kind == "local" else np.timedelta64)(int(ticks), unit)


class TestVectors:
    def test_keys_of_every_class_have_the_parts_of_the_other_implementation(self, vectors):
        checked = 0
        for case in vectors("split")["cases"]:
            parts = {f"p{i}": f for i, f in enumerate(case["fractions"])}
            wanted = [*parts, "missing"][case["part"]]
            key = [as_value(v) for v in case["key"]]
            if not case["level"]:
                splitter = sp.HashSplit(parts, by=case["names"], salt=case["salt"])
                assert splitter.assign(*key) == wanted, case
                checked += 1
            table = _table_with(case["names"], key, case["level"])
            plan = sp.HashSplit({"a": 1.0}, by=case["names"], salt=case["salt"]).plan(table)
            document = plan.to_dict()
            document["hash"]["parts"] = [{"name": k, "fraction": v} for k, v in parts.items()]
            document["parts"] = [
                {"name": k, "rows": 0, "digest": "0" * 32} for k in [*parts, "missing"]
            ]
            document["rows"] = 0
            rule = sp.Plan.from_json(json.dumps(document))
            assert rule.level == case["level"]
            assert rule.assign(*key) == wanted, case
            assert rule.extend(table).parts[wanted] == 1, case
        assert checked > 30


def _table_with(names: list[str], key: list[object], level: str) -> Dataset:
    """One row with the key; a missing one needs a second row, so that a named part is not empty."""
    if key == [None]:
        return _level(Dataset({"k": ["", None]}), level)
    columns = {}
    for name, value in zip(names, key, strict=True):
        if isinstance(value, np.generic):
            columns[name] = np.array([value], dtype=value.dtype)
        elif isinstance(value, pd.Timestamp):
            columns[name] = pd.Series([value])
        elif isinstance(value, int) and not isinstance(value, bool) and value >= 2**63:
            columns[name] = np.array([value], dtype=np.uint64)
        else:
            columns[name] = [value]
    return _level(Dataset(columns), level)


def _level(data: Dataset, level: str) -> Dataset:
    return Dataset._wrap(data._data.with_fold(level), origin=data) if level else data


class TestSameBytes:
    def test_libraries_orders_and_threads_give_one_plan(self, frame):
        duckdb = pytest.importorskip("duckdb")
        pl = pytest.importorskip("polars")
        pa = pytest.importorskip("pyarrow")
        splitters = [
            sp.HashSplit(THIRDS, by="who", salt=2026),
            sp.HashSplit(HALVES, by=["n", "who"]),
            sp.HashSplit(THIRDS),
            sp.HashSplit(THIRDS, exact=True, by="n"),
            sp.GroupKFold(4, by="who"),
            sp.TimeSplit(
                "2013-10-01", time="t", purge="3d", zone="America/New_York"
            ),  # DuckDB exports its own zone
            sp.TimeSplit(test_fraction=0.2, time="t"),
        ]
        shuffled = frame.sample(frac=1, random_state=1)
        frames = {
            "polars": pl.from_pandas(frame),
            "pyarrow": pa.Table.from_pandas(frame, preserve_index=False),
            "rows": shuffled,
            "columns": frame[["t", "y", "x", "who", "n"]],
            "categories": frame.assign(
                who=frame["who"].astype("category"), n=frame["n"].astype("int8")
            ),
        }
        for splitter in splitters:
            plan = splitter.plan(frame)
            wanted = plan.to_json()
            assert sum(plan.parts.values()) == len(frame)
            for name, other in frames.items():
                assert splitter.plan(other).to_json() == wanted, (splitter, name)
            for threads in (1, 2, 8):
                assert splitter.plan(frame, threads=threads).to_json() == wanted
            relation = duckdb.from_arrow(frames["pyarrow"])
            assert splitter.plan(relation).to_json() == wanted, splitter
            by_key = splitter.plan(shuffled)
            for part, n in plan.parts.items():
                if n:
                    same = set(shuffled.index[by_key.indices(part)])
                    assert same == set(plan.indices(part)), (splitter, part)

    def test_int_keys_that_pandas_made_float_are_the_same_keys(self):
        ints = sp.HashSplit(HALVES, by="k").plan({"k": np.arange(50)})
        floats = sp.HashSplit(HALVES, by="k").plan(pd.DataFrame({"k": np.arange(50.0)}))
        assert ints.to_json() == floats.to_json()
        with_null = pd.DataFrame({"k": [*range(50), None]})
        assert sp.HashSplit(HALVES, by="k").plan(with_null).parts["missing"] == 1

    def test_a_salt_is_text_and_an_int_its_decimal(self, frame):
        one, two = (sp.HashSplit(HALVES, by="who", salt=s).plan(frame) for s in (2026, "2026"))
        assert one == two
        assert one != sp.HashSplit(HALVES, by="who", salt=2027).plan(frame)

    def test_the_hash_seed_of_python_changes_nothing(self):
        code = (
            "from mlrepro import split as s; import hashlib;"
            "p = s.HashSplit({'train': .8, 'test': .2}, by='k').plan({'k': [f'k{i}' for i in range(99)]});"
            "print(hashlib.sha256(p.to_json().encode()).hexdigest())"
        )
        answers = set()
        for seed in ("0", "1", "2"):
            done = subprocess.run(
                [sys.executable, "-c", code],
                capture_output=True,
                text=True,
                env=_environment(seed),
                check=True,
            )
            answers.add(done.stdout)
        assert len(answers) == 1


def _environment(seed: str) -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}


class TestHashSplit:
    def test_parts_are_datasets_that_know_their_fold(self, frame):
        plan = sp.HashSplit(THIRDS, by="who").plan(Dataset(frame, label="y", entity="who"))
        assert plan.train.fold == "train"
        assert plan["valid"].fold == "valid"
        assert isinstance(plan.test.to_pandas(), pd.DataFrame)
        assert (
            plan.test.to_pandas()["x"].tolist()
            == frame["x"].to_numpy()[plan.indices("test")].tolist()
        )
        assert list(plan.parts)[:3] == ["train", "valid", "test"]
        with pytest.raises(AttributeError, match="its parts are train, valid, test"):
            plan.vaild  # noqa: B018
        with pytest.raises(ArgumentError, match="valid"):
            plan["vaild"]

    def test_a_part_split_again_under_the_same_salt_is_no_copy_of_the_outer_split(self, frame):
        splitter = sp.HashSplit(HALVES, by="who", salt="s")
        inner = splitter.plan(splitter.plan(frame).train)
        assert inner.level == "train"
        assert min(inner.parts["train"], inner.parts["test"]) > 0
        assert inner.test.fold == "train/test"

    def test_a_declared_key_is_the_identity(self, frame):
        table = frame.assign(id=np.arange(len(frame)))
        plan = sp.HashSplit(HALVES).plan(Dataset(table, key="id"))
        changed = table.assign(x=0.0)
        assert plan.key == (("id", "number"),)
        assert sp.HashSplit(HALVES).plan(Dataset(changed, key="id")) == plan

    def test_a_corrected_label_moves_no_row(self, frame):
        flipped = frame.assign(y=~frame["y"])
        one, two = (sp.HashSplit(HALVES).plan(Dataset(f, label="y")) for f in (frame, flipped))
        assert np.array_equal(one.part_of_row, two.part_of_row)

    def test_a_constant_stand_in_is_refused_and_asked_for_by(self):
        for table in (np.zeros((50, 2)), {"x": ["a"] * 50}):
            with pytest.raises(SchemaError, match="by="):
                sp.HashSplit(THIRDS).plan(table)

    def test_exact_sizes(self, frame):
        plan = sp.HashSplit(THIRDS, exact=True).plan(frame)
        assert [plan.parts[p] for p in THIRDS] == [480, 60, 60]
        with pytest.raises(ArgumentError, match="plan"):
            sp.HashSplit(THIRDS, exact=True).assign("a")

    @given(
        keys=st.lists(st.integers(-(2**63), 2**63 - 1), min_size=30, max_size=80, unique=True),
        cut=st.integers(15, 29),
        seed=st.randoms(use_true_random=False),
        salt=st.text(max_size=4),
    )
    def test_folds_are_disjoint_and_cover_and_growth_moves_nothing(self, keys, cut, seed, salt):
        splitter = sp.HashSplit({"a": 0.5, "b": 0.5}, by="k", salt=salt)
        shuffled = list(keys)
        seed.shuffle(shuffled)
        plan = splitter.plan({"k": np.array(keys)})  # a part without a key: once in 2**28
        rows = np.concatenate([plan.indices(part) for part in plan.parts])
        assert sorted(rows) == list(range(len(keys)))
        for part in ("a", "b"):
            assert all(splitter.assign(keys[i]) == part for i in plan.indices(part))
        early = plan.extend({"k": np.array(keys[:cut])})
        late = plan.extend({"k": np.array(shuffled)})
        where = dict(zip(shuffled, late.part_of_row.tolist(), strict=True))
        assert early.part_of_row.tolist() == [where[k] for k in keys[:cut]]

    @pytest.mark.parametrize(
        ("parts", "error"),
        [
            ({"train": 0.8}, ArgumentError),
            ({"train": 0.8, "test": 0.3}, ArgumentError),
            ({"train": 1.2, "test": -0.2}, ArgumentError),
            ({"train": float("nan"), "test": 0.5}, ArgumentError),
            ({"train": 0.5, "missing": 0.5}, ArgumentError),
            ({"train": 0.5, "a/b": 0.5}, ArgumentError),
            ([("train", 0.5), ("train", 0.5)], ArgumentError),
            ({}, ArgumentError),
            ("train=.8", InputTypeError),
            (0.8, InputTypeError),
            ({"train": "0.8", "test": 0.2}, InputTypeError),
            ({1: 0.5, 2: 0.5}, InputTypeError),
        ],
    )
    def test_parts_that_are_no_fractions_of_one_are_refused(self, parts, error, frame):
        with pytest.raises(error):
            sp.HashSplit(parts, by="who").plan(frame)

    def test_wrong_columns_salts_and_tables_are_refused(self, frame):
        with pytest.raises(ColumnNotFoundError, match="who"):
            sp.HashSplit(HALVES, by="Who").plan(frame)
        with pytest.raises(ArgumentError, match="twice"):
            sp.HashSplit(HALVES, by=["who", "who"]).plan(frame)
        with pytest.raises(InputTypeError, match="column names"):
            sp.HashSplit(HALVES, by=[1]).plan(frame)
        for salt in (1.5, None, True):
            with pytest.raises(InputTypeError, match="salt"):
                sp.HashSplit(HALVES, by="who", salt=salt).plan(frame)
        with pytest.raises(ArgumentError, match="none of the 0 rows"):
            sp.HashSplit(HALVES, by="who").plan(frame.iloc[:0])


class TestAssign:
    def test_another_class_or_length_is_an_error_missing_and_new_are_parts(self, frame):
        plan = sp.HashSplit(HALVES, by="n", exact=True).plan(frame)
        assert plan.assign(3) == plan.assign(3.0) == plan.assign(np.int8(3)) in ("train", "test")
        assert plan.assign(None) == plan.assign(float("nan")) == plan.assign(pd.NA) == "missing"
        assert plan.assign(999) == "new"
        with pytest.raises(SchemaError, match='"17" is not 17'):
            plan.assign("3")
        with pytest.raises(SchemaError):
            plan.assign(True)
        with pytest.raises(ArgumentError, match="1 value"):
            plan.assign(3, 4)
        with pytest.raises(InputTypeError, match="no key"):
            plan.assign(object())
        with pytest.raises(InputTypeError, match="64 bits"):
            plan.assign(2**64)
        assert plan.try_assign("3") == plan.try_assign(3, 4) == -1
        assert list(plan.parts)[plan.try_assign(999)] == "new"

    def test_a_compound_key_is_in_the_order_of_by(self, frame):
        plan = sp.HashSplit(HALVES, by=["who", "n"]).plan(frame)
        turned = sp.HashSplit(HALVES, by=["n", "who"]).plan(frame)
        for row in range(20):
            who, n = frame["who"][row], int(frame["n"][row])
            assert plan.assign(who, n) == plan.assign((who, n)) == turned.assign(n, who)
            assert list(plan.parts)[plan.part_of_row[row]] == plan.assign(who, n)

    def test_all_forms_of_a_time_are_one_key(self):
        splitter = sp.HashSplit({"a": 0.5, "b": 0.5}, salt=3)
        stamp = pd.Timestamp("2013-11-03 05:30:00.123456", tz="UTC")
        zoned = stamp.tz_convert("America/New_York")
        assert (
            splitter.assign(stamp)
            == splitter.assign(zoned)
            == splitter.assign(stamp.to_pydatetime())
        )
        table = pd.DataFrame({"t": pd.date_range("2013-01-01", periods=60, tz="Asia/Tokyo")})
        plan = sp.HashSplit(HALVES, by="t").plan(table)
        assert [plan.assign(t) for t in table["t"]] == [
            list(plan.parts)[p] for p in plan.part_of_row
        ]
        with pytest.raises(SchemaError, match="timestamp"):
            plan.assign(np.datetime64("2013-01-01T00", "s"))


class TestGroupKFold:
    def test_groups_stay_together_and_folds_differ_by_at_most_the_largest_group(self, frame):
        plan = sp.GroupKFold(4, by="who").plan(frame)
        sizes = [plan.parts[f"fold_{i}"] for i in range(4)]
        assert sum(sizes) == len(frame)
        assert max(sizes) - min(sizes) <= frame["who"].value_counts().max()
        folds = pd.Series(plan.part_of_row).groupby(frame["who"].to_numpy()).nunique()
        assert folds.max() == 1

    def test_the_entity_is_the_default_group(self, frame):
        by_role = sp.GroupKFold(3).plan(Dataset(frame, entity="who"))
        assert by_role == sp.GroupKFold(3, by="who").plan(frame)
        with pytest.raises(ArgumentError, match="by="):
            sp.GroupKFold(3).plan(frame)

    def test_cv_pairs_leave_reserved_parts_out(self):
        table = {"g": ["a", "b", None, "c", "a", "d"], "x": range(6)}
        plan = sp.GroupKFold(2, by="g").plan({k: list(v) for k, v in table.items()})
        pairs = plan.cv()
        assert len(pairs) == 2
        for train, test in pairs:
            assert sorted([*train, *test]) == [0, 1, 3, 4, 5]

    @given(st.lists(st.integers(0, 12), min_size=20, max_size=60))
    def test_sizes_are_balanced_for_any_groups(self, groups):
        counts = np.bincount(groups)
        if (counts > 0).sum() < 3:
            with pytest.raises(ArgumentError):
                sp.GroupKFold(3, by="g").plan({"g": np.array(groups)})
            return
        plan = sp.GroupKFold(3, by="g").plan({"g": np.array(groups)})
        sizes = [plan.parts[f"fold_{i}"] for i in range(3)]
        assert max(sizes) - min(sizes) <= counts.max()

    def test_odd_fold_counts_are_refused(self, frame):
        for n, error in (
            (1, ArgumentError),
            (0, ArgumentError),
            (2.5, InputTypeError),
            (True, InputTypeError),
        ):
            with pytest.raises(error):
                sp.GroupKFold(n, by="who").plan(frame)
        with pytest.raises(ArgumentError, match="cannot fill"):
            sp.GroupKFold(500, by="who").plan(frame)


GOLDEN_SPLITTERS = {
    "hash": sp.HashSplit(THIRDS, by=["who", "n"], salt=2026),
    "values": sp.HashSplit(HALVES),
    "exact": sp.HashSplit(THIRDS, by="n", exact=True),
    "groups": sp.GroupKFold(3, by="who"),
    "time": sp.TimeSplit(
        "2013-03-10T02:30",
        time="t",
        purge="36h",
        unseen=sp.HashSplit({"test": 0.3, "train": 0.7}, by="who"),
    ),
}


class TestGolden:
    """Plans written by the first release: they load for ever, and the same table still gives the same bytes."""

    @pytest.mark.parametrize("name", GOLDEN_SPLITTERS)
    def test_a_plan_of_version_1_loads_and_is_made_again(self, name, root):
        text = (root / "tests" / "golden" / "plan" / f"{name}.json").read_text(encoding="utf-8")
        assert sp.Plan.from_json(text).to_json() == text
        assert GOLDEN_SPLITTERS[name].plan(golden_table()).to_json() == text


def golden_table() -> pd.DataFrame:
    n = np.arange(120)
    start = pd.Timestamp("2013-03-01", tz="America/New_York")
    return pd.DataFrame(
        {
            "who": [None if i % 17 == 0 else f"véhicule {i * 7 % 23}" for i in n],
            "n": n * n % 31 - 9,
            "x": np.where(n % 9 == 0, np.nan, n / 8),
            "t": start + pd.to_timedelta(n * 5, unit="h"),
        }
    )


def test_numbers_of_missing_keys_on_flights_like_data():
    tail = [f"N{i % 37}" if i % 10 else None for i in range(400)]
    plan = sp.HashSplit(THIRDS, by="tail").plan({"tail": tail, "i": np.arange(400)})
    assert plan.parts["missing"] == 40
    assert sum(plan.parts.values()) == 400
    assert sp.GroupKFold(3, by="tail").plan({"tail": tail}).parts["missing"] == 40
