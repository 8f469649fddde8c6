# SPDX-License-Identifier: Apache-2.0
"""BinnedDataset: what the bins of a table say, and that a probe on them gives the bytes of a probe on the table."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import mlrepro as mr


@pytest.fixture
def table():
    i = np.arange(3000)
    return mr.Dataset(
        {
            "id": i,
            "x": np.where(i % 11 == 0, np.nan, np.sin(i)),
            "level": np.array(["a", "b", "c"])[i % 3],
            "twin": i % 3,
            "fixed": np.zeros(len(i)),
            "y": (np.sin(i) > 0.3) | (i % 11 == 0),
            "t": np.sin(i) + i % 3,
        },
        key="id",
        label="y",
        prediction="t",
    )


def test_bins_count_every_row_and_name_what_they_hold(table):
    binned = table.binned()
    assert binned.shape == (3000, 4)
    assert binned.columns == ["fixed", "level", "twin", "x"]
    bins = binned.bins("x")
    assert sum(b.rows for b in bins) == 3000
    assert bins[-1] == mr.Bin(255, "missing", 273)
    assert [b.values for b in binned.bins("level")] == ["'a'", "'b'", "'c'"]
    assert binned.constant_columns == ["fixed"]
    assert binned.duplicate_columns == []  # a category splits by sets of levels, a number does not
    assert "3,000 rows, 4 columns in bins" in repr(binned)


def test_codes_are_borrowed_read_only_and_outlive_their_owner(table):
    codes = mr.BinnedDataset(table).codes("x")
    assert codes.dtype == np.uint8
    assert not codes.flags.writeable
    values = table["x"].to_numpy()
    assert np.array_equal(codes == 255, np.isnan(values))
    order = np.argsort(values[codes != 255], kind="stable")
    assert np.all(np.diff(codes[codes != 255][order].astype(int)) >= 0)


def test_a_probe_on_bins_gives_the_bytes_of_a_probe_on_the_table(table):
    cold = {t: mr.DecisionTreeProbe().fit(table, target=t) for t in ("label", "prediction", "x")}
    binned = table.binned()
    for target, probe in cold.items():
        for rows in (binned, table, mr.BinnedDataset(table)):
            warm = mr.DecisionTreeProbe().fit(rows, target=target)
            assert warm.to_json() == probe.to_json()
            assert np.array_equal(warm.judged, probe.judged)
    other = mr.DecisionTreeProbe(seed=7)
    never_binned = table.select(table.columns)
    assert other.fit(binned, target="label") == mr.DecisionTreeProbe(seed=7).fit(
        never_binned, target="label"
    )


def test_halves_are_not_mixed_up_where_the_target_is_a_part_of_the_identity():
    i = np.arange(4000)
    frame = {"a": i % 50, "b": np.cos(i), "c": i % 7}
    binned = mr.Dataset(frame).binned()  # no key: identity is a hash of all values
    for target in ("c", "a", "c", i % 2 == 0, "a"):
        warm = mr.DecisionTreeProbe().fit(binned, target=target)
        cold = mr.DecisionTreeProbe().fit(mr.Dataset(frame), target=target)
        assert warm.to_json() == cold.to_json()
        assert np.array_equal(warm.judged, cold.judged)


def test_the_dataset_keeps_its_bins_and_no_other_table_gets_them(table):
    assert table.binned() is table.binned()
    half = table.filter(np.arange(3000) < 1500)
    assert len(half.binned()) == 1500
    assert half.binned() is not table.binned()
    again = pickle.loads(pickle.dumps(table))
    assert again.binned().to_json() == table.binned().to_json()


def test_rows_in_another_order_have_the_same_bins(table):
    shuffled = table.take(np.random.default_rng(0).permutation(3000))
    assert shuffled.binned().to_json() == table.binned(threads=1).to_json()


def test_unknown_columns_are_named(table):
    with pytest.raises(mr.ColumnNotFoundError, match="nothing"):
        table.binned().codes("nothing")
    with pytest.raises(mr.ColumnNotFoundError):
        table.binned().bins("X")


def test_copies_and_pickles_of_bins_are_other_bins(table):
    binned = table.binned()
    assert copy.copy(binned) is copy.deepcopy(binned) is binned
    again = pickle.loads(pickle.dumps(binned))
    assert again.to_json() == binned.to_json()
    assert again.dataset == table
    streamed = mr.BinnedDataset.from_stream(lambda: table.to_arrow())
    assert copy.deepcopy(streamed) is streamed
    with pytest.raises(mr.InputTypeError, match="from_stream"):
        pickle.dumps(streamed)
