# SPDX-License-Identifier: Apache-2.0
"""Arrays beside a table, seeds and threads: every library in, every refusal by name."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import mlrepro as mr
from mlrepro._arrays import as_bool, as_float64, as_seed, as_threads


@pytest.mark.parametrize(
    "values",
    [
        [1, None, 2.5],
        (1, float("nan"), 2.5),
        np.array([1, None, 2.5], dtype=object),
        np.array([1, np.nan, 2.5], dtype=np.float32),
        np.ma.masked_array([1, 7, 2.5], mask=[False, True, False]),
        pd.Series([1, None, 2.5]),
        pd.Series([1, None, 2.5], dtype="Float64"),
        pd.Series([1, None, 2.5], dtype="double[pyarrow]"),
        pd.Series([1, None, 2.5], dtype=object),
        pl.Series([1.0, None, 2.5]),
        pa.array([1.0, None, 2.5]),
        pa.chunked_array([[1.0], [None, 2.5]]),
    ],
)
def test_missing_cells_of_every_library_become_nan(values):
    np.testing.assert_array_equal(as_float64("x", values, 3), [1, np.nan, 2.5])


@pytest.mark.parametrize("make", [pd.Series, pl.Series, pa.array, list])
def test_booleans_and_integers_with_gaps_keep_their_values(make):
    np.testing.assert_array_equal(as_float64("x", make([True, None, False])), [1, np.nan, 0])
    np.testing.assert_array_equal(as_float64("x", make([2**53, None, -3])), [2.0**53, np.nan, -3])


def test_columns_of_a_dataset_and_strided_arrays_are_arrays():
    table = mr.Dataset({"x": np.array([3, 1, 2])})
    np.testing.assert_array_equal(as_float64("x", table["x"]), [3, 1, 2])
    strided = as_float64("x", np.arange(10.0)[::3])
    np.testing.assert_array_equal(strided, [0, 3, 6, 9])
    assert strided.flags.c_contiguous
    given = np.arange(4.0)
    assert as_float64("x", given) is given or as_float64("x", given).base is given


@pytest.mark.parametrize(
    ("values", "match"),
    [
        (np.array(["2020-01-01"], dtype="datetime64[D]"), "datetime64"),
        (pd.Series(["a"], dtype="category"), "str"),
        (pl.Series(["a"]), "str"),
        (np.array([1 + 2j]), "complex"),
        ("text", "is a str, not an array"),
        (3, "is a int, not an array"),
        ([[1, 2]], "list of lists"),
    ],
)
def test_what_is_no_number_is_refused_by_name(values, match):
    with pytest.raises(mr.InputTypeError, match=match):
        as_float64("x", values)


def test_an_integer_that_float64_would_round_is_refused():
    for values in (np.array([1, 2**53 + 1]), [1, 2**53 + 1], pl.Series([1, 2**53 + 1])):
        with pytest.raises(mr.ArgumentError, match="9007199254740993"):
            as_float64("x", values)
    np.testing.assert_array_equal(as_float64("x", np.array([2**60])), [2.0**60])


def test_a_mask_is_booleans_without_gaps():
    for make in (list, np.array, pd.Series, pl.Series, pa.array):
        assert as_bool("mask", make([True, False]), 2).tolist() == [True, False]
    with pytest.raises(mr.ArgumentError, match="missing in row 1"):
        as_bool("mask", pl.Series([True, None]))
    with pytest.raises(mr.InputTypeError, match="not booleans"):
        as_bool("mask", [0, 1])
    with pytest.raises(mr.ArgumentError, match="2 rows, the table has 3"):
        as_bool("mask", [True, False], 3)


def test_seeds_and_threads_are_whole_numbers_in_range():
    assert as_seed(np.int64(7)) == 7
    assert as_seed(2**64 - 1) == 2**64 - 1
    for wrong in (-1, 2**64, 1.5, True, "1", None):
        with pytest.raises(mr.ArgumentError, match="seed"):
            as_seed(wrong)
    assert as_threads(None) == 0
    assert as_threads(3) == 3
    for wrong in (0, -1, 1.5, True, 5000, "2"):
        with pytest.raises(mr.ArgumentError, match="threads"):
            as_threads(wrong)
