# SPDX-License-Identifier: Apache-2.0
"""Splits that cannot leak: ``mr.split.HashSplit``, ``GroupKFold``, ``TimeSplit``; each also a scikit-learn CV object."""

from __future__ import annotations

from mlrepro._split import (
    GroupKFold,
    HashSplit,
    Plan,
    PlanBalance,
    PlanPart,
    PlanReport,
    Splitter,
    TimeSplit,
)

__all__ = [
    "GroupKFold",
    "HashSplit",
    "Plan",
    "PlanBalance",
    "PlanPart",
    "PlanReport",
    "Splitter",
    "TimeSplit",
]
