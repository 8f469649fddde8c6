# SPDX-License-Identifier: Apache-2.0
"""scikit-learn's own checks of an estimator; what fails is listed with its reason, and nothing else may."""

from __future__ import annotations

import pytest
from sklearn.utils.estimator_checks import check_estimator

import mlrepro as mr

# Ours says more, in other words than the patterns that scikit-learn looks for.
OTHER_WORDS = {
    "check_complex_data",
    "check_estimators_empty_data_messages",
    "check_fit2d_1sample",
    "check_fit2d_predict1d",
    "check_n_features_in_after_fitting",
    "check_requires_y_none",
}
EXPECTED = (
    OTHER_WORDS
    | {
        "check_estimators_unfitted",  # an ArgumentError, a ValueError too, without importing scikit-learn's NotFittedError
        "check_fit1d",  # one column is a table
    }
)


@pytest.mark.filterwarnings("ignore")  # what the checks provoke on purpose
def test_a_probe_is_an_estimator() -> None:
    results = check_estimator(mr.DecisionTreeProbe(), on_fail=None, on_skip=None)
    failed = {r["check_name"]: r["exception"] for r in results if r["status"] == "failed"}
    assert set(failed) == EXPECTED
    assert all(isinstance(failed[name], (mr.Error, AssertionError, ValueError)) for name in failed)
    assert len(results) > 30
