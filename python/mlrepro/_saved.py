# SPDX-License-Identifier: Apache-2.0
"""Files that objects save: how they are written, and the envelope that says what they hold."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlrepro._errors import FileError, FormatError, InputTypeError

__all__ = ["SavedResult", "as_path", "as_text", "open_envelope", "parse_json", "write_text"]

_CANON = 1  # version of the canonical form, as in C++


def as_path(path: Any) -> Path:
    """Return the path of one file; FileError for what is none."""
    if isinstance(path, (str, os.PathLike)):
        text = os.fspath(path)
        if isinstance(text, str) and text and "\0" not in text and _can_be_encoded(text):
            return Path(text)
    raise FileError(f"{path!r} is no path of a file.", next_step="Pass a str or a pathlib.Path.")


def _can_be_encoded(path: str) -> bool:
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        return False
    return True


def write_text(text: str, path: str | os.PathLike[str]) -> None:
    """Write a UTF-8 file whole or not at all: a killed process leaves no half of it.

    Raises
    ------
    FileError
        If the folder is missing or cannot be written.
    """
    target = as_path(path)
    if not target.name:
        raise FileError(
            f"{str(target)!r} is a folder, no file.", next_step="Pass the path of a file in it."
        )
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        try:
            partial.write_text(text, encoding="utf-8", newline="\n")
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise FileError(
            f"{str(target)!r} cannot be written: {error.strerror or error}.",
            next_step="Pass a path in a folder that exists and can be written.",
        ) from error


def as_text(text: Any) -> str:
    """Return JSON that a user hands over; InputTypeError for what is no text."""
    if isinstance(text, str):
        return text
    raise InputTypeError(
        f"JSON is read from text, and got {type(text).__name__}.",
        next_step="Pass what .to_json() returned; mr.load(path) reads files.",
    )


def parse_json(text: str, what: str) -> Any:
    """Parse JSON; FormatError that names `what` and the position, InputTypeError if it is no text."""
    try:
        return json.loads(as_text(text))
    except json.JSONDecodeError as error:
        raise FormatError(
            f"{what} is no JSON (line {error.lineno}, column {error.colno}: {error.msg}).",
            next_step="Is it complete? Pass what .save() or .to_json() wrote.",
        ) from error
    except ValueError:  # a number of more digits than Python reads
        raise FormatError(
            f"{what} holds a number of thousands of digits.",
            next_step="Pass what .save() or .to_json() wrote.",
        ) from None
    except RecursionError:
        raise FormatError(
            f"{what} is JSON nested too deep to be ours.",
            next_step="Pass what .save() or .to_json() wrote.",
        ) from None


def open_envelope(text: str, format_name: str, fields: Iterable[str]) -> dict[str, Any]:
    """Return the document of a format in version 1, with exactly its top-level fields.

    Raises
    ------
    FormatError
        No JSON, another format or version, a field that is missing or not known.
    """
    document = parse_json(text, f"the {format_name}")
    if not isinstance(document, dict) or document.get("format") != format_name:
        raise FormatError(
            f"this is not a {format_name} document.",
            next_step="Load it with mr.load(), which looks at its format.",
        )
    for name, known in (("version", 1), ("canon", _CANON)):
        found = document.get(name)
        if type(found) is not int or found < 1:
            raise FormatError(
                f"{format_name}: {name} is {found!r}, not a whole number from 1.",
                next_step="The file is damaged: save it again.",
            )
        if found > known:
            raise FormatError(
                f"{format_name}: {name} {found} is newer than this library, which reads up to {known}.",
                next_step="Update mlrepro.",
            )
    wanted = {"format", "version", "canon", *fields}
    for problem, names in (
        ("is missing", wanted - set(document)),
        ("is not known", set(document) - wanted),
    ):
        if names:
            raise FormatError(
                f"{format_name}: field {min(names)!r} {problem}.",
                next_step="Save it again with this version, or update mlrepro.",
            )
    return document


class SavedResult:
    """What results share that are their JSON: equal bytes are equal results, and a pickle holds what a file would."""

    if TYPE_CHECKING:

        @classmethod
        def from_json(cls, text: str) -> Any: ...
        def to_text(self) -> str: ...
        def to_json(self) -> str: ...
        def _saved_json(self) -> str: ...

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain Python objects."""
        return dict(json.loads(self.to_json()))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a file that ``mr.load`` reads, and C++ by ``from_json`` of the same name where it has one."""
        write_text(self._saved_json(), path)

    def __repr__(self) -> str:
        return self.to_text()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash(self.to_json())

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).from_json, (self._saved_json(),)
