# SPDX-License-Identifier: Apache-2.0
"""Settings and inputs of probes: types and domains, each checked in one place, each error naming the setting."""

from __future__ import annotations

import numbers
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlrepro import _core
from mlrepro._arrays import as_bytes
from mlrepro._dataset import Dataset
from mlrepro._errors import ArgumentError, FormatError
from mlrepro._frames import read_column
from mlrepro._parts import Part
from mlrepro._values import to_numpy

__all__ = [
    "GivenTarget",
    "above_zero",
    "flag",
    "given_target",
    "names",
    "needed",
    "read_options",
    "read_settings",
    "real",
    "saved_settings",
    "settings_of",
    "some_names",
    "whole",
    "whole_bytes",
    "wrapped_warnings",
]


def names(setting: str, given: Any) -> list[str]:
    """Return a column name or several as a list."""
    found = [given] if isinstance(given, str) else None
    if isinstance(given, Iterator):
        raise ArgumentError(
            f"{setting} is a {type(given).__name__}, which can be read only once.",
            next_step=f"Pass {setting}=list(...).",
        )
    if found is None and given is not None and isinstance(given, Iterable):
        found = list(given)
    if found is None or not all(isinstance(name, str) for name in found):
        raise ArgumentError(
            f"{setting} is {given!r}, not a column name or a list of them.",
            next_step=f"Pass e.g. {setting}=['a', 'b'].",
        )
    return [str(name) for name in found]


def some_names(setting: str, given: Any) -> list[str]:
    """Return names, an empty list for None; no name at all is an error."""
    if given is None:
        return []
    found = names(setting, given)
    if not found:
        raise ArgumentError(
            f"{setting} is empty: no column may split.",
            next_step=f"Leave {setting} out to allow all columns.",
        )
    return found


def whole(setting: str, given: Any, below: int = 2**31) -> int:
    """Return a whole number from 0 to below `below`."""
    is_whole = isinstance(given, numbers.Integral) and not isinstance(given, (bool, np.bool_))
    if not is_whole or not 0 <= int(given) < below:
        raise ArgumentError(
            f"{setting} is {given!r}, not a whole number that fits.",
            next_step=f"Pass e.g. {setting}=3.",
        )
    return int(given)


def whole_bytes(setting: str, given: Any) -> int:
    """Return a number of bytes, given as one or as text such as "2GB"."""
    return as_bytes(setting, given) if isinstance(given, str) else whole(setting, given, 2**63)


def real(setting: str, given: Any) -> float:
    """Return a number that is none of NaN, bool and text."""
    if isinstance(given, (bool, np.bool_)) or not isinstance(given, numbers.Real) or given != given:
        raise ArgumentError(
            f"{setting} is {given!r}, not a number.", next_step=f"Pass e.g. {setting}=0.05."
        )
    return float(given)


def flag(setting: str, given: Any) -> bool:
    """Return a bool."""
    if not isinstance(given, (bool, np.bool_)):
        raise ArgumentError(
            f"{setting} is {given!r}, not True or False.",
            next_step=f"Pass {setting}=True or False.",
        )
    return bool(given)


def above_zero(setting: str, given: Any, check: Any) -> Any:
    """Return a limit, 0 for None."""
    if given is None:
        return 0
    value = check(setting, given)
    if value <= 0:
        raise ArgumentError(
            f"{setting} is {given!r}, not above 0.", next_step=f"Leave {setting} out for no limit."
        )
    return value


def saved_settings(params: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """Return settings as a file holds them: what made the tree, whatever is set afterwards; threads made nothing."""
    same = (
        *("max_depth", "min_samples_leaf", "selection", "honest"),
        *("alpha", "exclude", "meta_features"),
    )
    return {
        **{name: options[name] for name in same},
        "seed": str(options["seed"]),
        "features": None if params["features"] is None else options["features"],
        **{
            name: None if params[name] is None else options[name]
            for name in ("time_limit", "memory_limit")
        },
    }


def read_settings(saved: Any) -> dict[str, Any]:
    """Return the settings of a saved tree's file with the types that a probe takes; FormatError that names a damaged one."""
    if not isinstance(saved, dict):
        raise _damaged(f"settings of its probe are {saved!r}.")
    settings = dict(saved)
    for name in ("exclude", "warnings"):
        settings[name] = tuple(_texts(name, saved.get(name, [])))
    if saved.get("features") is not None:
        settings["features"] = _texts("features", saved["features"])
    seed = str(saved.get("seed", 0))
    if not (seed.isascii() and seed.isdigit()):
        raise _damaged(f"seed of its probe is {saved['seed']!r}.")
    settings["seed"] = int(seed)
    return settings


def _texts(name: str, found: Any) -> list[str]:
    if isinstance(found, list) and all(isinstance(text, str) for text in found):
        return found
    raise _damaged(f"{name} of its probe is {found!r}.")


def read_options(check: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return the options of a probe that was read from a file; FormatError for what `check` refuses."""
    try:
        return check()
    except ArgumentError as error:
        said = error.message.removesuffix(error.next_step).strip()
        raise _damaged(f"of its probe, {said}") from error


def _damaged(how: str) -> FormatError:
    return FormatError(
        f"the tree's file is damaged: {how}", next_step="Pass what .save() wrote, or save it again."
    )


def settings_of(tree: dict[str, Any]) -> dict[str, Any]:
    """Return the settings that a tree's JSON itself holds."""
    kept = {
        name: tree[name]
        for name in ("max_depth", "min_samples_leaf", "selection", "alpha", "seed", "exclude")
    }
    return {
        **kept,
        "honest": not tree["in_sample"],
        "features": tree["features"] or None,
        "meta_features": tree.get("meta_features", True),
    }


def _array_name(values: Any) -> str:
    """Name of a Series or column; "target" for arrays without one."""
    name = getattr(values, "name", None)
    return name if isinstance(name, str) and name else "target"


@dataclass(frozen=True)
class GivenTarget:
    """A target as the core takes it: a column's name, or one-column data beside the table."""

    values: Any
    name: str
    exclude: tuple[str, ...] = ()  # columns that are no candidates on its account
    warnings: tuple[str, ...] = ()


def given_target(data: Dataset, target: Any) -> GivenTarget:
    """Find out what a target is: a column's name, a role, or one value a row.

    A copy of a column explains itself, and so does its missingness (``df["x"].isna()``): that column is then no
    candidate. Other values under a column's name are called "target": the column of that name may explain them.
    """
    if isinstance(target, str):
        return GivenTarget(target, target)
    name = _array_name(target)
    column = read_column(name, target, len(data), data._origin.index)
    if name not in data:
        return GivenTarget(column, name)
    missing = _missing(data._data, name)
    state = _missingness(column, missing)
    if state:
        said = f"the target says where column {name!r} is {state}, which is therefore no candidate."
        return GivenTarget(column, f"{name} is {state}", (name,), (said,))
    if not _same_cells(data, column, name, missing):
        return GivenTarget(column, "target")
    said = f"the target is column {name!r} of the table, which is therefore no candidate."
    if data.roles.get(name, name) == name:
        return GivenTarget(name, name, warnings=(said,))
    return GivenTarget(column, name, (name,), (said,))  # the name is also a role, of another column


def _missing(core: Any, name: str) -> Any:
    return core.key_ids([name], "same-cells")[1]


def _missingness(column: Any, missing: Any) -> str:
    """Return "missing" or "present" where that is what a target says of a column, else nothing."""
    values = to_numpy(Part(*column.column_parts(0)))
    if values.dtype.kind not in "bui":
        return ""
    if not missing.any() or missing.all():
        return ""
    states = {"missing": missing, "present": ~missing}
    return next((state for state, rows in states.items() if np.array_equal(values, rows)), "")


def _same_cells(data: Dataset, column: Any, name: str, missing: Any) -> bool:
    at = data._data.find(name)
    if data._data.class_of(at) != column.class_of(0):
        return False
    equal = data._data.compare(at, column, 0, _core.Comparison.equal, False)
    return bool(np.array_equal(missing, _missing(column, name)) and np.all(equal | missing))


def wrapped_warnings(said: Iterable[str]) -> list[str]:
    """Return warnings as lines of at most 100 columns, as the tree's text has them."""
    return [
        line
        for text in said
        for line in textwrap.wrap(f"warning: {text}", 100, subsequent_indent="  ")
    ]


def array_width(frame: Any) -> tuple[int, int] | None:
    """Return dimensions and columns of an array whose columns have no names; None for tables."""
    if not isinstance(frame, np.ndarray) or frame.dtype.names is not None:
        return None
    return (frame.ndim, frame.shape[1] if frame.ndim == 2 else 1)


def needed(frame: Any, wanted: list[str]) -> Any:
    """Keep of a frame what a tree needs, so that columns it never looks at cost nothing and cannot be refused."""
    if isinstance(frame, Dataset) or not wanted:
        return frame
    if isinstance(frame, dict):
        return {k: frame[k] for k in wanted} if all(k in frame for k in wanted) else frame
    columns = getattr(frame, "columns", None)
    if columns is None or isinstance(frame, np.ndarray) or not hasattr(frame, "__getitem__"):
        return frame
    if type(frame).__module__.split(".")[0] not in ("pandas", "polars") or not hasattr(
        frame, "dtypes"
    ):
        return frame
    held = [c for c in columns if c in wanted]
    return frame[wanted] if len(held) == len(wanted) else frame
