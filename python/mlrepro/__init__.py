# SPDX-License-Identifier: Apache-2.0
"""Finds the rows, the column and the step that broke a model."""

from __future__ import annotations

from mlrepro import split
from mlrepro._binning import Bin, BinnedDataset
from mlrepro._build_info import build_info
from mlrepro._classes import OneAgainstRest, one_against_rest
from mlrepro._column import Column
from mlrepro._compare import Effect, PredictionComparison, compare_predictions
from mlrepro._compare_leaves import LeafPair
from mlrepro._compare_nodes import NodeComparison, NodeRunnerUp
from mlrepro._compare_probes import ProbeComparison, compare_probes
from mlrepro._compose import attach as _attach
from mlrepro._core import Tree, __version__
from mlrepro._dataset import Dataset, as_dataset
from mlrepro._errors import (
    ArgumentError,
    CancelledError,
    ColumnNotFoundError,
    Error,
    FileError,
    FormatError,
    InputTypeError,
    JoinContractError,
    LeakError,
    LimitError,
    SchemaError,
)
from mlrepro._fingerprint import Fingerprint, FingerprintState, fingerprint
from mlrepro._fingerprint_verdict import Verdict
from mlrepro._join import JoinReport, join
from mlrepro._load import load
from mlrepro._probe import DecisionTreeProbe
from mlrepro._schema import Schema
from mlrepro._slices import Slice, Slices, find_slices
from mlrepro._stats import Estimate, Evaluation, MetricResult, evaluate, row_loss
from mlrepro._steps import progress
from mlrepro._tree import ClassLeaf, Leaf, Leaves, MissingBlock

__all__ = [
    "ArgumentError",
    "Bin",
    "BinnedDataset",
    "CancelledError",
    "ClassLeaf",
    "Column",
    "ColumnNotFoundError",
    "Dataset",
    "DecisionTreeProbe",
    "Effect",
    "Error",
    "Estimate",
    "Evaluation",
    "FileError",
    "Fingerprint",
    "FingerprintState",
    "FormatError",
    "InputTypeError",
    "JoinContractError",
    "JoinReport",
    "Leaf",
    "LeafPair",
    "LeakError",
    "Leaves",
    "LimitError",
    "MetricResult",
    "MissingBlock",
    "NodeComparison",
    "NodeRunnerUp",
    "OneAgainstRest",
    "PredictionComparison",
    "ProbeComparison",
    "Schema",
    "SchemaError",
    "Slice",
    "Slices",
    "Tree",
    "Verdict",
    "__version__",
    "as_dataset",
    "build_info",
    "compare_predictions",
    "compare_probes",
    "evaluate",
    "find_slices",
    "fingerprint",
    "join",
    "load",
    "one_against_rest",
    "progress",
    "row_loss",
    "split",
]

_attach()
