# SPDX-License-Identifier: Apache-2.0
"""Fixtures shared by all tests, and the profile of property tests."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

# Derandomised: a red test is red again on the next run. No deadline: this machine's speed is no property of the code.
hypothesis.settings.register_profile(
    "mlrepro", derandomize=True, deadline=None, print_blob=True, max_examples=50, database=None
)
hypothesis.settings.load_profile("mlrepro")

TESTS = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """Top folder of the repository."""
    return TESTS.parent


@pytest.fixture(scope="session")
def vectors() -> Callable[[str], Any]:
    """Reads tests/vectors/<name>.json, the same file that the C++ tests read."""

    def read(name: str) -> Any:
        return json.loads((TESTS / "vectors" / f"{name}.json").read_text(encoding="utf-8"))

    return read


@pytest.fixture
def split_frame() -> Any:
    """600 trips of 90 vehicles in a year of New York's time, for the tests of splits."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(7)
    n = 600
    return pd.DataFrame(
        {
            "who": [f"véhicule {i % 90}" for i in range(n)],
            "n": rng.integers(-5, 5, n),
            "x": rng.normal(size=n),
            "y": rng.integers(0, 2, n).astype(bool),
            "t": pd.Timestamp("2013-01-01", tz="America/New_York")
            + pd.to_timedelta(rng.integers(0, 365 * 24, n), unit="h"),
        }
    )


@pytest.fixture
def sigint_is_heard() -> Iterator[None]:
    """A run in the background of a shell (`make test &`) ignores SIGINT, and so do its children; here they do not."""
    held = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, held)
