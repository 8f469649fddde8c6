# SPDX-License-Identifier: Apache-2.0
"""Roles of columns, as users write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlrepro import _core
from mlrepro._errors import ArgumentError, SchemaError

__all__ = ["ROLES", "check_weight", "clean_roles"]

ROLES = (
    "key",
    "entity",
    "time",
    "known_time",
    "label",
    "label_time",
    "prediction",
    "weight",
    "source_file",
    "join_outcome",
    "duplicate",
)
_LISTS = ("key", "entity", "join_outcome", "duplicate")


def check_weight(data: _core.Dataset) -> None:
    """Raise SchemaError if the column with the role weight holds no numbers."""
    name = data.roles.get("weight")
    kind = "missing" if name is None else data.class_of(data.find(name))
    if kind not in ("number", "bool", "missing"):
        raise SchemaError(
            f"the weight column {name!r} holds {kind}, not numbers.",
            column=str(name),
            next_step="Cast it to a number first, or take the role away.",
        )


def clean_roles(given: Mapping[str, Any]) -> dict[str, Any]:
    """Lay roles out as the core takes them: a list for key, entity, join_outcome and duplicate, a str for the others."""
    roles: dict[str, Any] = {}
    for name, columns in given.items():
        if columns is None:
            continue
        if isinstance(columns, str) and not columns:
            raise ArgumentError(
                f"{name}='' names no column.",
                next_step=f"Pass {name}= the name of a column, or leave it out.",
            )
        if isinstance(columns, str):
            roles[name] = [columns] if name in _LISTS else columns
        elif (
            name in _LISTS
            and isinstance(columns, (list, tuple))
            and all(isinstance(c, str) for c in columns)
        ):
            roles[name] = list(columns)
        else:
            what = "a column name or a list of them" if name in _LISTS else "one column name"
            raise ArgumentError(
                f"{name}={columns!r} is not {what}.", next_step=f"Pass {name}= {what}, as str."
            )
    return roles
