# SPDX-License-Identifier: Apache-2.0
"""Finds the rows, the column and the step that broke a model."""

from __future__ import annotations

from mlrepro._core import __version__
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

__all__ = [
    "ArgumentError",
    "ColumnNotFoundError",
    "Error",
    "FileError",
    "FormatError",
    "InputTypeError",
    "JoinContractError",
    "LeakError",
    "LimitError",
    "SchemaError",
    "__version__",
]
