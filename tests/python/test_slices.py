# SPDX-License-Identifier: Apache-2.0
"""find_slices: planted slices come first, with figures that a recount gives again."""

from __future__ import annotations

import html
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import mlrepro as mr

N = 12_000


@pytest.fixture(scope="module")
def planted() -> tuple[pd.DataFrame, np.ndarray]:
    """Errors are three times as frequent where x > 0.9 and c = B, and where m is missing; 20 columns are decoys."""
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({f"d{i}": rng.random(N) for i in range(20)})
    frame["x"], frame["c"] = rng.random(N), rng.choice(list("ABCD"), N)
    frame["twin"] = frame["x"] + 0.02 * rng.random(N)
    frame["m"] = np.where(rng.random(N) < 0.05, np.nan, rng.random(N))
    hot = ((frame["x"] > 0.9) & (frame["c"] == "B")) | frame["m"].isna()
    return frame, rng.random(N) < np.where(hot, 0.45, 0.1)


@pytest.fixture(scope="module")
def found(planted: tuple[pd.DataFrame, np.ndarray]) -> mr.Slices:
    frame, wrong = planted
    return mr.find_slices(frame, wrong)


def test_planted_slices_are_found_among_decoys(found: mr.Slices) -> None:
    rules = [s.rule for s in found[:3]]
    assert "m is missing" in rules
    assert any("c = B" in rule and ("x > 0." in rule or "twin > " in rule) for rule in rules)
    assert all(s.replicated for s in found[:2])
    assert not any(f"d{i} " in s.rule for s in found if s.replicated for i in range(20))


def test_a_recount_gives_every_figure(
    found: mr.Slices, planted: tuple[pd.DataFrame, np.ndarray]
) -> None:
    frame, wrong = planted
    judged = mr.DecisionTreeProbe(max_depth=0).fit(frame, target=wrong).judged
    for i, one in enumerate(found):
        inside = found.mask(i, frame)
        expected = frame.index.isin(
            frame[eval(found.rule(i, "pandas"), {"df": frame, "pd": pd, "np": np})].index
        )
        np.testing.assert_array_equal(inside, expected)
        assert one.rows_judged == (inside & judged).sum()
        assert one.rows_growing == (inside & ~judged).sum()
        assert one.mean == pytest.approx(wrong[inside & judged].mean())
        assert one.lift == pytest.approx(one.mean / wrong[judged].mean())
        assert one.share == pytest.approx(wrong[inside & judged].sum() / wrong[judged].sum())
        assert one.low <= one.mean <= one.high
        grown = wrong[~judged]
        score = (one.mean_growing - grown.mean()) / grown.std() * np.sqrt(one.rows_growing)
        assert one.score == pytest.approx(score)


def test_order_library_threads_and_bins_change_no_byte(
    found: mr.Slices, planted: tuple[pd.DataFrame, np.ndarray]
) -> None:
    frame, wrong = planted
    order = np.random.default_rng(3).permutation(N)
    shuffled = frame.iloc[order][frame.columns[::-1]]
    assert mr.find_slices(shuffled, wrong[order]) == found
    assert mr.find_slices(pl.from_pandas(frame), wrong) == found
    assert mr.find_slices(frame, wrong, probe=mr.DecisionTreeProbe(threads=3)) == found
    assert mr.find_slices(mr.Dataset(frame).binned(), wrong) == found


def test_slices_are_put_to_new_rows(
    found: mr.Slices, planted: tuple[pd.DataFrame, np.ndarray]
) -> None:
    frame, wrong = planted
    later = found.evaluate(frame[:5000], wrong[:5000])
    assert len(later) == len(found)
    for i, one in enumerate(later):
        inside = later.mask(i, frame[:5000])
        assert one.rows_judged == inside.sum()
        assert one.mean == pytest.approx(wrong[:5000][inside].mean())
    assert "5,000 new rows" in repr(later)


def test_saved_and_loaded(found: mr.Slices, tmp_path: Path) -> None:
    found.save(tmp_path / "s.json")
    back = mr.load(tmp_path / "s.json")
    assert back == found == pickle.loads(pickle.dumps(found))
    assert repr(back) == repr(found)
    assert list(found.to_pandas()["rule"]) == found.rules()
    assert found.to_dict()["format"] == "mlrepro.slices"
    assert all(len(line) <= 100 for line in repr(found).splitlines())


def test_one_condition_and_k(planted: tuple[pd.DataFrame, np.ndarray]) -> None:
    frame, wrong = planted
    few = mr.find_slices(frame, wrong, max_conditions=1, k=2)
    assert len(few) == 2
    assert few.exact
    assert all(s.n_conditions == 1 for s in few)
    assert "Proven: no slice of up to 1" in repr(few)
    none = mr.find_slices(frame[["d0", "d1"]], np.arange(N) % 7 == 0)
    assert len(none) == 0
    assert "No slice is above it" in repr(none)
    inside = mr.find_slices(frame, wrong, probe=mr.DecisionTreeProbe(honest=False))
    assert "IN-SAMPLE" in repr(inside)


def test_limits_are_kept(planted: tuple[pd.DataFrame, np.ndarray]) -> None:
    frame, wrong = planted
    cut = mr.find_slices(frame, wrong, probe=mr.DecisionTreeProbe(time_limit=1e-9))
    assert any("time_limit" in warning for warning in cut.warnings)
    with pytest.raises(mr.LimitError):
        mr.find_slices(frame, wrong, probe=mr.DecisionTreeProbe(memory_limit=1000))


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"target": None}, mr.ArgumentError),
        ({"target": "nothing"}, mr.ColumnNotFoundError),
        ({"target": np.zeros(N)}, mr.SchemaError),
        ({"target": np.zeros(3)}, mr.ArgumentError),
        ({"max_conditions": 9}, mr.ArgumentError),
        ({"max_conditions": 1.5}, mr.ArgumentError),
        ({"k": 0}, mr.ArgumentError),
        ({"k": "many"}, mr.ArgumentError),
        ({"probe": 7}, mr.InputTypeError),
        ({"depth": 7}, mr.ArgumentError),
    ],
)
def test_nonsense_is_refused(
    options: dict[str, Any], error: type, planted: tuple[pd.DataFrame, np.ndarray]
) -> None:
    frame, wrong = planted
    with pytest.raises(error) as caught:
        mr.find_slices(frame, **({"target": wrong} | options))
    assert caught.value.next_step


def test_positions_are_checked(found: mr.Slices, planted: tuple[pd.DataFrame, np.ndarray]) -> None:
    for i in (len(found), 1.5, "0"):
        with pytest.raises(mr.ArgumentError):
            found.rule(i)
    with pytest.raises(mr.ColumnNotFoundError):
        found.mask(0, planted[0][["d0"]])
    with pytest.raises(mr.FormatError):
        mr.Slices.from_json(found.to_json().replace('"alpha"', '"alhpa"'))


def test_a_pair_that_the_beam_cannot_see_is_not_called_impossible() -> None:
    """Two columns that tell only together are behind 200 decoys that tell a little alone."""
    rng = np.random.default_rng(6)
    p, q = rng.integers(0, 2, N), rng.integers(0, 2, N)
    y = (p ^ q).astype(bool)
    frame = pd.DataFrame({f"d{i}": y * 0.2 + rng.random(N) for i in range(200)})
    settings = mr.DecisionTreeProbe(alpha=1, honest=False)
    found = mr.find_slices(frame.assign(p=p, q=q), y, max_conditions=2, k=1, probe=settings)
    inside = (p == 1) & (q == 0)
    missed = (1 - y.mean()) / y.std() * np.sqrt(inside.sum())
    assert missed > found[0].score
    assert not found.exact
    assert "others may score higher" in repr(found)


def test_a_search_that_was_cut_short_proves_nothing(
    planted: tuple[pd.DataFrame, np.ndarray],
) -> None:
    frame, wrong = planted
    cut = mr.find_slices(frame, wrong, probe=mr.DecisionTreeProbe(time_limit=1e-9))
    assert not cut.exact
    assert "No slice could be counted" in repr(cut)


def test_later_rows_may_be_all_right_or_all_wrong(
    found: mr.Slices, planted: tuple[pd.DataFrame, np.ndarray]
) -> None:
    later = found.evaluate(planted[0][:500], np.zeros(500))
    assert {one.mean for one in later} <= {0.0}
    assert not any(one.replicated for one in later)
    assert "Order: that of the search" in repr(later)


def test_parts_of_a_sum_need_values_of_one_sign(
    planted: tuple[pd.DataFrame, np.ndarray],
) -> None:
    frame, wrong = planted
    found = mr.find_slices(frame, wrong - 0.12)
    assert len(found)
    assert all(np.isnan(one.lift) and np.isnan(one.share) for one in found)


def test_loaded_slices_write_the_same_rules(tmp_path: Path) -> None:
    day = pd.Series(pd.date_range("2024-01-01", periods=2000, tz="Europe/Berlin"))
    found = mr.find_slices(pd.DataFrame({"day": day}), np.arange(2000) > 1500)
    found.save(tmp_path / "s.json")
    back = mr.load(tmp_path / "s.json")
    for language in ("pandas", "polars", "sql", "cpp"):
        assert (
            back.rules(language)
            == found.rules(language)
            == pickle.loads(pickle.dumps(found)).rules(language)
        )


def test_the_page_has_every_figure_and_escapes_names(
    found: mr.Slices, planted: tuple[pd.DataFrame, np.ndarray], tmp_path: Path
) -> None:
    page = found.to_html()
    found.to_html(tmp_path / "slices.html")
    assert (tmp_path / "slices.html").read_text(encoding="utf-8") == page
    for one in found:
        assert html.escape(one.rule, quote=False) in page
        assert f"{one.rows_judged:,}" in page
    assert "<script" not in page
    assert "http" not in page.replace("http://www.w3.org", "")
    assert "others may score higher" in page
    assert found[0].rule in html.unescape(found._repr_html_())
    frame, wrong = planted
    named = mr.find_slices({"<b>": frame["x"], "c": frame["c"]}, wrong)
    assert "<b>" not in named.to_html()
    assert "No slice is shown" in mr.find_slices(frame[["d0"]], np.arange(N) % 7 == 0).to_html()
    in_sample = mr.find_slices(frame, wrong, probe=mr.DecisionTreeProbe(honest=False))
    assert "in-sample" in in_sample.to_html()
    assert "new rows" in found.evaluate(frame, wrong).to_html()
