# SPDX-License-Identifier: Apache-2.0
"""The demo's model: scikit-learn's histogram gradient boosting, all default, on a joined table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from mlrepro._dataset import Dataset
    from mlrepro._split import Plan

__all__ = ["predict_held_out"]


def predict_held_out(joined: Dataset, plan: Plan, features: Sequence[str]) -> np.ndarray[Any, Any]:
    """Fit on the plan's train rows, return the probability of the label on its test rows.

    Parameters
    ----------
    joined : Dataset
        The table that was split, with a binary label.
    plan : Plan
        Its parts train and test.
    features : sequence of str
        Columns that the model sees; text columns are categories.

    Returns
    -------
    numpy.ndarray of float64, shape (test rows,)
        Deterministic: `random_state=0`.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    table = joined.select(list(features)).to_pandas()
    for name in features:
        if table[name].dtype.kind not in "biuf":
            table[name] = table[name].astype("category")
    y = joined.select([joined.roles["label"]]).to_pandas().iloc[:, 0].to_numpy().astype(bool)
    train, test = plan.indices("train"), plan.indices("test")
    model = HistGradientBoostingClassifier(random_state=0, categorical_features="from_dtype")
    model.fit(table.iloc[train], y[train])
    return np.asarray(model.predict_proba(table.iloc[test])[:, 1], dtype=np.float64)
