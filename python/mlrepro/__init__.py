# SPDX-License-Identifier: Apache-2.0
"""Finds the rows, the column and the step that broke a model."""

from __future__ import annotations

from mlrepro._column import Column
from mlrepro._core import __version__
from mlrepro._dataset import Dataset, as_dataset
from mlrepro._errors import (
    ArgumentError,
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
from mlrepro._load import load
from mlrepro._schema import Schema

__all__ = [
    "ArgumentError",
    "Column",
    "ColumnNotFoundError",
    "Dataset",
    "Error",
    "FileError",
    "FormatError",
    "InputTypeError",
    "JoinContractError",
    "LeakError",
    "LimitError",
    "Schema",
    "SchemaError",
    "__version__",
    "as_dataset",
    "load",
]
