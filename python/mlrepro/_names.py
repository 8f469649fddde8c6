# SPDX-License-Identifier: Apache-2.0
"""Unknown names: what was meant, most likely."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from mlrepro._errors import ArgumentError

__all__ = ["as_names", "check_option", "did_you_mean"]


def did_you_mean(wrong: str, valid: Iterable[str]) -> str:
    """Return "Did you mean 'x'?", or nothing if no name is near."""
    near = difflib.get_close_matches(wrong, list(valid), n=1)
    return f"Did you mean {near[0]!r}?" if near else ""


def check_option(argument: str, given: str, valid: Iterable[str]) -> None:
    """Raise ArgumentError unless `given` is one of the valid names."""
    names = list(valid)
    if given in names:
        return
    raise ArgumentError(
        f"{argument} {given!r} is not one of {', '.join(names)}.",
        next_step=did_you_mean(given, names) or "Use one of these.",
    )


def as_names(columns: str | Iterable[str]) -> list[str]:
    """Return one name, or several, as a list."""
    return [columns] if isinstance(columns, str) else list(columns)
