# SPDX-License-Identifier: Apache-2.0
"""Metrics with intervals, and the loss of each row."""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mlrepro import _core
from mlrepro._arrays import as_float64, as_seed, as_threads, require_same_index
from mlrepro._dataset import Dataset, as_dataset
from mlrepro._errors import ArgumentError, InputTypeError
from mlrepro._evaluate_result import Estimate, Evaluation, MetricResult
from mlrepro._load import register
from mlrepro._names import options_listed

__all__ = ["LOSSES", "Estimate", "Evaluation", "MetricResult", "evaluate", "row_loss"]

register("mlrepro.evaluation", Evaluation.from_json)

_METRICS = ("average_precision", "roc_auc", "log_loss", "brier", "accuracy", "mae", "rmse")
LOSSES = ("zero_one", "absolute_error", "squared_error", "log_loss", "over", "under")


@options_listed(
    y='Pass labels and predictions: evaluate(y, prediction, metrics="accuracy").',
    metrics=f'Pass e.g. metrics="roc_auc"; there are {", ".join(_METRICS)}.',
)
def evaluate(
    y: Any,
    prediction: Any = None,
    *,
    metrics: str | Sequence[str],
    compare: Any = None,
    weight: Any = None,
    threshold: float | None = None,
    seed: int = 0,
    n_draws: int = _core.EVALUATE_DRAWS,
    alpha: float = _core.EVALUATE_ALPHA,
    threads: int | None = None,
) -> Evaluation:
    """Judge predictions: each metric with an interval, and two models on the same rows.

    Parameters
    ----------
    y : array-like, shape (n,), or Dataset
        Labels; a missing label leaves its row out, counted in the result. A Dataset brings label, prediction and weight
        by their roles, and its key as the identity of rows.
    prediction : array-like, shape (n,), optional
        What the model said; for a Dataset, in place of the column with the role.
    metrics : str or sequence of str
        Of ``"average_precision"``, ``"roc_auc"``, ``"log_loss"``, ``"brier"`` (labels 0 and 1; the last two take
        probabilities of 1), ``"accuracy"`` (labels of any kind; text if asked for alone), ``"mae"``, ``"rmse"`` (numbers). Definitions and
        values as in scikit-learn; log_loss keeps probabilities at 2**-52 or more.
    compare : array-like, shape (n,), optional
        A second model's predictions of the same rows: adds its metrics and the paired difference,
        ``prediction - compare``.
    weight : array-like, shape (n,), optional
        Non-negative; a whole number w counts a row w times.
    threshold : float, optional
        Lets accuracy judge ``prediction >= threshold`` against labels 0 and 1.
    seed : int, default 0
        Of the bootstrap.
    n_draws : int, default 400
        Draws of the bootstrap; 0 for no intervals.
    alpha : float, default 0.05
        Intervals are of 1 - alpha.
    threads : int, optional
        Changes the time only.

    Returns
    -------
    Evaluation
        ``result["roc_auc"].value``, ``.low``, ``.high``, ``.difference``; prints as a table.

    Raises
    ------
    ArgumentError
        Lengths that differ, no labelled row, one class only, a missing prediction, labels other than 0 and 1 or
        predictions outside [0, 1] where they are asked for, an unknown metric (the valid ones are listed).
    InputTypeError
        Text, times or 2-D arrays.
    SchemaError
        A Dataset without the roles.

    Notes
    -----
    Intervals are percentiles of a Poisson bootstrap (Hanley and MacGibbon 2006). A row's weight in a draw is a function
    of (seed, row identity, draw): order of rows and number of threads change no bit. Without a Dataset, a row is
    known by (y, prediction), and equal rows are numbered, so that they still move apart. Rows of one key in a Dataset
    move together. Sums are exact and rounded once.

    Examples
    --------
    >>> import mlrepro as mr
    >>> mr.evaluate([0, 1, 0, 1], [0.1, 0.9, 0.4, 0.3], metrics="roc_auc", n_draws=0)["roc_auc"].value
    0.75
    """
    names = _metric_names(metrics)
    options: dict[str, Any] = {
        "seed": as_seed(seed),
        "n_draws": _whole("n_draws", n_draws),
        "alpha": _real("alpha", alpha),
        "threshold": None if threshold is None else _real("threshold", threshold),
        "threads": as_threads(threads),
    }
    if names == ["accuracy"] and threshold is None:
        y, prediction, compare = _numbered(y, prediction, compare)
    rows = _core_dataset(y)
    if rows is None:
        return Evaluation.from_json(
            _evaluate_arrays(y, prediction, names, compare, weight, options)
        )
    if weight is not None:
        raise ArgumentError(
            "weight= is given beside a Dataset.",
            next_step='Declare it as a column: with_columns(w=weight).with_roles(weight="w").',
        )
    n_rows = len(y)
    predicted = None if prediction is None else as_float64("prediction", prediction, n_rows)
    compared = None if compare is None else as_float64("compare", compare, n_rows)
    text = _core.evaluate_dataset(
        rows, metrics=names, prediction=predicted, compare=compared, **options
    )
    return Evaluation.from_json(text)


@options_listed(
    kind=f'Pass e.g. kind="squared_error"; there are {", ".join(LOSSES)}.',
)
def row_loss(
    y: Any, prediction: Any, kind: str, *, threads: int | None = None
) -> npt.NDArray[np.float64]:
    """Loss of each row: a target for probes that ask whom the model fails.

    Parameters
    ----------
    y : array-like, shape (n,)
        Labels; NaN gives a NaN loss, which a probe counts and leaves out.
    prediction : array-like, shape (n,)
        What the model said.
    kind : str
        ``"zero_one"``: 1 where they differ; labels of any kind, text too. ``"absolute_error"``: |y - p|. ``"squared_error"``: (y - p)².
        ``"log_loss"``: -ln of the probability given to y (labels 0 and 1), not below 2**-52. ``"over"``: max(p - y, 0).
        ``"under"``: max(y - p, 0).
    threads : int, optional
        Changes the time only.

    Returns
    -------
    numpy.ndarray, float64, shape (n,)
        The same bits on every machine: the logarithm is the library's own.

    Raises
    ------
    ArgumentError
        Lengths that differ, a missing prediction, labels or predictions that the kind does not take, an unknown kind.
    """
    if not isinstance(kind, str):
        raise ArgumentError(
            f"kind is {kind!r}, not a name.", next_step='Pass e.g. kind="squared_error".'
        )
    require_same_index("prediction", prediction, "y", y)
    if kind == "zero_one":
        y, prediction, _ = _numbered(y, prediction)
    labels = as_float64("y", y)
    predicted = as_float64("prediction", prediction)
    losses: npt.NDArray[np.float64] = _core.row_loss(labels, predicted, kind, as_threads(threads))
    return losses


def _numbered(y: Any, prediction: Any, compare: Any = None) -> tuple[Any, Any, Any]:
    """Return labels and predictions that are no numbers as numbers, equal where the values are equal.

    Numbers stay as they are. The number of a value depends on the values only, not on the order of rows.
    """
    roles = y.roles if isinstance(y, Dataset) else {}
    label, predicted = roles.get("label"), roles.get("prediction")
    given = {"y": y, "prediction": prediction, "compare": compare}
    if isinstance(y, Dataset):
        if label is None or (prediction is None and predicted is None):
            return y, prediction, compare
        given["y"] = y[label]
        given["prediction"] = y[predicted] if prediction is None else prediction
    if not any(_may_be_text(values) for values in given.values()):
        return y, prediction, compare
    for name in ("prediction", "compare"):
        require_same_index(name, given[name], "y", y)
    columns = {
        name: as_dataset({name: values}) for name, values in given.items() if values is not None
    }
    kinds = {name: column._data.class_of(0) for name, column in columns.items()}
    wrong = next((n for n, kind in kinds.items() if kind not in ("missing", kinds["y"])), None)
    if wrong is not None:
        raise InputTypeError(
            f"y holds {kinds['y']}, and {wrong} holds {kinds[wrong]}.",
            column=wrong,
            next_step="Make both of one type first.",
        )
    if kinds["y"] in ("number", "bool", "missing"):
        return y, prediction, compare
    coded = _codes(columns)
    if not isinstance(y, Dataset):
        return coded["y"], coded["prediction"], coded.get("compare")
    table = y.with_columns({str(label): coded["y"]})
    if prediction is None:
        return table.with_columns({str(predicted): coded["prediction"]}), None, coded.get("compare")
    return table, coded["prediction"], coded.get("compare")


def _may_be_text(values: Any) -> bool:
    dtype = values if values is None else getattr(values, "dtype", None)
    kind = getattr(dtype, "kind", "O") if isinstance(dtype, np.dtype) else "O"
    return values is not None and kind not in "biuf" and not _is_frame(values)


def _is_frame(values: Any) -> bool:
    return hasattr(values, "columns") or np.ndim(values) != 1


def _codes(columns: dict[str, Dataset]) -> dict[str, npt.NDArray[np.float64]]:
    """Number the values of one-column tables, in the order of their hashes; NaN where missing."""
    pair = np.dtype([("low", np.uint64), ("high", np.uint64)])
    ids, gone = {}, {}
    for name, column in columns.items():
        held, missing = column._data.key_ids([name], "labels")
        ids[name], gone[name] = np.ascontiguousarray(held).view(pair).ravel(), np.asarray(missing)
    known = np.unique(np.concatenate(list(ids.values())))
    coded = {}
    for name, held in ids.items():
        coded[name] = np.searchsorted(known, held).astype(np.float64)
        coded[name][gone[name]] = np.nan
    return coded


def _evaluate_arrays(
    y: Any, prediction: Any, names: list[str], compare: Any, weight: Any, options: dict[str, Any]
) -> str:
    if prediction is None:
        frame = hasattr(y, "columns")
        raise InputTypeError(
            f"evaluate got {'a frame' if frame else 'labels'} without predictions.",
            next_step='Pass (y, prediction), or mr.Dataset(df, label="...", prediction="...").',
        )
    for name, values in (("prediction", prediction), ("compare", compare), ("weight", weight)):
        require_same_index(name, values, "y", y)
    text: str = _core.evaluate_arrays(
        as_float64("y", y),
        as_float64("prediction", prediction),
        metrics=names,
        compare=None if compare is None else _not_empty("compare", as_float64("compare", compare)),
        weight=None if weight is None else _not_empty("weight", as_float64("weight", weight)),
        **options,
    )
    return text


def _not_empty(name: str, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    if values.size == 0:
        raise ArgumentError(
            f"{name} has no rows.",
            column=name,
            next_step="Pass one value for each row, or leave it out.",
        )
    return values


def _core_dataset(rows: Any) -> Any:
    """The C++ Dataset inside a facade, or None for anything else."""
    return rows._data if isinstance(rows, Dataset) else None


def _metric_names(metrics: Any) -> list[str]:
    names = (
        [metrics]
        if isinstance(metrics, str)
        else list(metrics)
        if isinstance(metrics, Sequence)
        else None
    )
    if names is None or not all(isinstance(name, str) for name in names):
        raise ArgumentError(
            f"metrics is {metrics!r}, not a name or a list of names.",
            next_step='Pass e.g. metrics=["average_precision", "roc_auc"].',
        )
    return names


def _whole(name: str, value: Any) -> int:
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not whole or not 0 <= int(value) <= 1_000_000:
        raise ArgumentError(
            f"{name} is {value!r}, not a whole number from 0 to 1,000,000.",
            next_step=f"Pass e.g. {name}=400.",
        )
    return int(value)


def _real(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or value != value:
        raise ArgumentError(
            f"{name} is {value!r}, not a number.", next_step=f"Pass e.g. {name}=0.05."
        )
    return float(value)
