# SPDX-License-Identifier: Apache-2.0
"""Progress is told where somebody asks, and nowhere else."""

from __future__ import annotations

import sys
import threading
from typing import Any

import numpy as np
import pytest

import mlrepro as mr


def table(n: int = 2_000) -> tuple[dict[str, Any], np.ndarray]:
    rng = np.random.default_rng(1)
    columns = {f"x{i}": rng.random(n) for i in range(4)}
    return columns, columns["x0"] > 0.5


def fit(**settings: Any) -> mr.DecisionTreeProbe:
    columns, y = table()
    return mr.DecisionTreeProbe(max_depth=2, **settings).fit(columns, target=y)


def test_steps_are_told_in_their_order_and_change_no_byte() -> None:
    said: list[tuple[str, int, int]] = []
    with mr.progress(lambda *told: said.append(told)):
        told = fit()
    assert told.to_json() == fit().to_json()
    assert [step for step, _, total in said if total == 0] == [
        "reading the target",
        "binning columns",
        "halving rows",
        "growing, level 1 of up to 2",
        "growing, level 2 of up to 2",
        "judging",
    ]
    assert all(0 <= done <= total for _, done, total in said)


def test_a_long_step_tells_how_far_it_is() -> None:
    rng = np.random.default_rng(2)
    columns = {f"x{i}": rng.random(400_000) for i in range(64)}
    said: list[tuple[str, int, int]] = []
    with mr.progress(lambda *told: said.append(told)):
        mr.BinnedDataset(columns, threads=1)
    parts = [done for step, done, total in said if step == "binning columns" and total]
    assert parts
    assert parts == sorted(parts)


def test_nothing_is_told_without_it_and_of_other_threads(capfd: pytest.CaptureFixture[str]) -> None:
    fit()
    said: list[Any] = []
    with mr.progress(lambda *told: said.append(told)):
        other = threading.Thread(target=fit)
        other.start()
        other.join()
        with mr.progress(lambda *told: None):
            fit()
    fit()
    assert said == []
    assert capfd.readouterr() == ("", "")


def test_an_error_of_the_listener_ends_the_call_and_the_next_one_works() -> None:
    def fails(step: str, done: int, total: int) -> None:
        raise ZeroDivisionError(step)

    with pytest.raises(ZeroDivisionError, match="reading the target"), mr.progress(fails):
        fit()
    assert len(fit().leaves) > 1
    with pytest.raises(mr.InputTypeError, match="show is a int"), mr.progress(3):  # type: ignore[arg-type]
        fit()


def test_a_line_a_step_without_rich(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with mr.progress():
        fit()
    out, err = capfd.readouterr()
    assert out == ""
    assert err.splitlines()[0] == "mlrepro: reading the target"
    assert err.splitlines()[-1] == "mlrepro: judging"


def test_bars_with_rich(capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("rich")
    with mr.progress():
        fit()
    sys.stderr.flush()
    out, err = capfd.readouterr()
    assert out == ""
    assert "growing, level 2" in err
    assert "100%" in err


def test_blocks_that_end_in_another_order_than_they_began() -> None:
    said: list[str] = []

    def block(name: str) -> Any:
        with mr.progress(lambda step, done, total: said.append(name)):
            yield

    first, second = block("first"), block("second")
    next(first)
    next(second)
    first.close()
    fit()
    assert set(said) == {"second"}
    second.close()
    said.clear()
    fit()
    assert said == []
