# SPDX-License-Identifier: Apache-2.0
"""What is remembered of the frame that a Dataset was made of, so that it can be given back."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np

__all__ = ["DtypesRead", "Origin", "library_of"]

_LIBRARIES = ("pandas", "polars", "pyarrow", "duckdb", "numpy")


def library_of(value: object) -> str:
    """Name the library whose class `value` has or inherits from; empty if it is none that we know."""
    for base in type(value).__mro__:
        root = base.__module__.partition(".")[0].lstrip("_")
        if root in _LIBRARIES:
            return root
    return ""


class DtypesRead(Mapping[str, tuple[str, Any]]):
    """What `Origin.dtypes` holds, found out when it is first asked: most tables are never given back."""

    def __init__(
        self, names: list[str], formats: list[str], dtypes: Callable[[], Mapping[str, Any]]
    ) -> None:
        self._names, self._formats, self._dtypes = names, formats, dtypes

    @cached_property
    def _held(self) -> dict[str, tuple[str, Any]]:
        dtypes = self._dtypes()
        formats = zip(self._names, self._formats, strict=True)
        return {name: (read, dtypes[name]) for name, read in formats if name in dtypes}

    def __getitem__(self, name: str) -> tuple[str, Any]:
        return self._held[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (self._held,)


@dataclasses.dataclass(frozen=True)
class Origin:
    """Library of origin, and what a Dataset itself does not hold.

    Attributes
    ----------
    library : str
        "pandas", "polars", "pyarrow", "numpy", "dict", "file" or "arrow" (any other producer).
    dtypes : mapping
        Column to (Arrow format when read, dtype of the library); used only where the format is still that one.
    labels : mapping
        Column to its label in pandas where that was no str.
    missing : mapping
        Column of objects to what marked missing cells in it.
    index : object, optional
        The pandas index, one entry a row.
    notes : tuple of str
        What was left out or inferred, for the repr.
    """

    library: str = "arrow"
    dtypes: Mapping[str, tuple[str, Any]] = dataclasses.field(default_factory=dict)
    labels: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    missing: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    index: Any = None
    notes: tuple[str, ...] = ()

    def at_rows(self, rows: np.ndarray[Any, Any] | None) -> Origin:
        """Return the origin of some of the rows; None: of rows whose index is not known."""
        if self.index is None:
            return self
        index = None if rows is None else self.index.take(rows)
        return dataclasses.replace(self, index=index)

    def renamed(self, names: Mapping[str, str]) -> Origin:
        """Return the origin under new names of columns."""
        moved = {old: new for old, new in names.items() if old != new}
        return dataclasses.replace(
            self,
            dtypes={moved.get(k, k): v for k, v in self.dtypes.items()},
            missing={moved.get(k, k): v for k, v in self.missing.items()},
            labels={k: v for k, v in self.labels.items() if k not in moved},
        )

    def updated(self, other: Origin) -> Origin:
        """Return this origin with the columns of another replacing its own."""
        return dataclasses.replace(
            self,
            dtypes={**self.dtypes, **other.dtypes},
            missing={**self.missing, **other.missing},
        )
