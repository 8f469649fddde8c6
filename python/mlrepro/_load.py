# SPDX-License-Identifier: Apache-2.0
"""One `load` for everything that mlrepro saves: each kind of file says what it is."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from mlrepro._errors import FileError, FormatError
from mlrepro._names import did_you_mean, options_listed
from mlrepro._saved import as_path, parse_json

__all__ = ["load", "register"]

_READERS: dict[str, Callable[[str], Any]] = {}


def register(format_name: str, read: Callable[[str], Any]) -> None:
    """Say how text whose envelope has this "format" becomes an object."""
    _READERS[format_name] = read


@options_listed()
def load(path: str | os.PathLike[str]) -> Any:
    """Load what an object's `save` wrote: a plan, a tree, a report, ...

    Parameters
    ----------
    path : str or os.PathLike
        A file written by `save`.

    Returns
    -------
    object
        Of the class that was saved.

    Raises
    ------
    FileError
        The file is missing or cannot be read.
    FormatError
        The file is not one of ours, or is newer than this library.
    """
    file = as_path(path)
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{os.fspath(path)} is no text, so .save() did not write it.",
            next_step="Pass a file that .save() wrote; tables are read by mr.Dataset(path).",
        ) from error
    except OSError as error:
        raise FileError(
            f"{os.fspath(path)} cannot be read: {error}",
            next_step="Pass the path of a file that .save() wrote.",
        ) from error
    envelope = parse_json(text, os.fspath(path))
    found = envelope.get("format") if isinstance(envelope, dict) else None
    read = _READERS.get(found) if isinstance(found, str) else None
    if read is None:
        known = ", ".join(sorted(_READERS))
        raise FormatError(
            f"{os.fspath(path)} has the format {found!r}; this library reads {known}.",
            next_step=did_you_mean(str(found), _READERS)
            or "Pass a file that .save() wrote, or update mlrepro.",
        )
    return read(text)
