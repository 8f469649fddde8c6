# SPDX-License-Identifier: Apache-2.0
"""Errors of mlrepro: each is an `Error` and the built-in exception that fits.

An error names the column, counts and an example row, and ends with the next step. The fields are kept apart, so that
code can read them; errors pickle, because one that cannot be unpickled kills a worker pool.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "ArgumentError",
    "CancelledError",
    "ColumnNotFoundError",
    "Error",
    "FileError",
    "FormatError",
    "InputTypeError",
    "JoinContractError",
    "LeakError",
    "LimitError",
    "SchemaError",
]


class Error(Exception):
    """Base of every error that mlrepro raises.

    Parameters
    ----------
    message : str
        What is wrong, with names and counts.
    column : str, default ""
        The column concerned; empty if there is no single one.
    example_row : int, optional
        Position of a row that shows the problem.
    next_step : str, default ""
        What to do about it. Appended to the message unless the message ends with it.

    Attributes
    ----------
    name : str
        The class name, as in C++.
    column, example_row, next_step
        As given.
    """

    def __init__(
        self,
        message: str,
        *,
        column: str = "",
        example_row: int | None = None,
        next_step: str = "",
    ) -> None:
        if not message.endswith(next_step):
            message = f"{message} {next_step}"
        super().__init__(message)
        self.message = message
        self.column = column
        self.example_row = example_row
        self.next_step = next_step

    @property
    def name(self) -> str:
        return type(self).__name__

    def __str__(self) -> str:
        return self.message  # KeyError would print the repr

    def __reduce__(self) -> tuple[Any, ...]:
        fields = (type(self), self.message, self.column, self.example_row, self.next_step)
        return _rebuild, fields


def _rebuild(
    error_class: type[Error], message: str, column: str, example_row: int | None, next_step: str
) -> Error:
    return error_class(message, column=column, example_row=example_row, next_step=next_step)


class SchemaError(Error, ValueError):
    """The table's own content contradicts what is declared about it."""


class ColumnNotFoundError(Error, KeyError):
    """A name that is not a column of the table."""


class ArgumentError(Error, ValueError):
    """An option or argument outside its domain; the message lists the valid ones."""


class AbsentError(ArgumentError, AttributeError):
    """A result that an object does not have, though others of its class do; hasattr() answers False."""

    @property
    def name(self) -> str:
        """The public class, as in C++."""
        return "ArgumentError"

    @name.setter
    def name(self, attribute: str) -> None:
        """Python writes the attribute that was asked for; the message says more."""


class InputTypeError(Error, TypeError):
    """An input of a type that is refused."""


class FileError(Error, OSError):
    """A file that is missing or cannot be read."""


class FormatError(Error, ValueError):
    """JSON or bytes that are not of the expected format, or newer than this library."""


class JoinContractError(Error, ValueError):
    """A join whose `validate=` or `unmatched=` does not hold."""


class LeakError(Error, ValueError):
    """A split or a fit that would leak."""


class LimitError(Error, ValueError):
    """A limit (memory, time or a count) would be passed."""


class CancelledError(Error, RuntimeError):
    """A call that its `CancelHook` stopped: C++ only, where the hook is. In Python, Ctrl-C is `KeyboardInterrupt`."""
