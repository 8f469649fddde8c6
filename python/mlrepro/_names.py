# SPDX-License-Identifier: Apache-2.0
"""Unknown and missing names: what there is, and what was meant, most likely."""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from mlrepro._errors import ArgumentError, InputTypeError, SchemaError

__all__ = [
    "as_names",
    "check_column_names",
    "check_flag",
    "check_option",
    "did_you_mean",
    "nearest",
    "options_listed",
    "plural",
]

_Callable = TypeVar("_Callable", bound=Callable[..., Any])
_LISTED = 20
_SHORT = 3  # names up to here have a neighbour everywhere, unless one edit apart


def nearest(wrong: str, valid: Iterable[str]) -> str | None:
    """Return the valid name that was meant, or None if none is near."""
    by_case = {name.casefold(): name for name in valid}
    given = wrong.casefold()
    for name in difflib.get_close_matches(given, list(by_case), n=1):
        if min(len(given), len(name)) > _SHORT:
            return by_case[name]
    near = (n for n in by_case if min(len(given), len(n)) > 1 and _one_edit(given, n))
    return by_case.get(next(near, given))


def _one_edit(a: str, b: str) -> bool:
    """Whether one letter was added, dropped or changed, or two neighbours were swapped."""
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), None)
    if start is None:
        return abs(len(a) - len(b)) <= 1
    x, y = a[start:], b[start:]
    return x[1:] == y[1:] or x[1:] == y or x == y[1:] or (x[1::-1] + x[2:]) == y


def did_you_mean(wrong: str, valid: Iterable[str]) -> str:
    """Return "Did you mean 'x'?", or nothing if no name is near."""
    near = nearest(wrong, valid)
    return "" if near is None else f"Did you mean {near!r}?"


def check_option(argument: str, given: str, valid: Iterable[str]) -> None:
    """Raise ArgumentError unless `given` is one of the valid names."""
    names = list(valid)
    if given in names:
        return
    raise ArgumentError(
        f"{argument} {given!r} is not one of {', '.join(names)}.",
        next_step=did_you_mean(str(given), names) or "Use one of these.",
    )


def check_flag(argument: str, given: Any, or_none: bool = False) -> None:
    """Raise ArgumentError unless `given` is a bool (or None): texts such as 'no' are true."""
    is_bool = type(given).__name__ in ("bool", "bool_")  # NumPy's too
    if not is_bool and not (or_none and given is None):
        valid = "None, True or False" if or_none else "True or False"
        raise ArgumentError(
            f"{argument} is {given!r}, not {valid}.", next_step="Pass one of these."
        )


def as_names(columns: str | Iterable[str]) -> list[str]:
    """Return one name, or several, as a list; InputTypeError for what are no names."""
    if isinstance(columns, str):
        return [columns]
    is_list = isinstance(columns, Iterable) and not isinstance(columns, (bytes, Mapping))
    names: list[Any] = list(columns) if is_list else [columns]
    for name in names:
        if not isinstance(name, str):
            raise InputTypeError(
                f"a column is named by text, not by {name!r} of type {type(name).__name__}.",
                next_step="Pass 'name' or ['a', 'b'].",
            )
    return names


def check_column_names(names: Iterable[str]) -> None:
    """Raise SchemaError for a NUL, where Arrow's interface and C would cut the name, InputTypeError for no UTF-8 text."""
    names = list(names)
    for i, name in enumerate(names):
        if not isinstance(name, str):
            raise InputTypeError(
                f"the name of column {i} is {name!r} of type {type(name).__name__}, not text.",
                next_step="Pass a str.",
            )
    together = "".join(names)
    if "\0" not in together and _is_utf8(together):
        return
    for i, name in enumerate(names):
        if not _is_utf8(name):
            raise InputTypeError(
                f"the name of column {i}, {name!r}, has no UTF-8 form (a lone surrogate).",
                next_step="Rename the column.",
            )
        if "\0" in name:
            raise SchemaError(
                f"the name of column {i}, {name!r}, holds a NUL character.",
                column=name,
                next_step="Rename the column.",
            )


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def plural(n: int, noun: str) -> str:
    """Return "1 row" or "1,234 rows"."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def listed(names: Iterable[str]) -> str:
    """Return names for a message, 20 at most: "a, b and 980 more"."""
    held = list(names)
    more = f" and {len(held) - _LISTED:,} more" if len(held) > _LISTED else ""
    return ", ".join(held[:_LISTED]) + more


def options_listed(**examples: str) -> Callable[[_Callable], _Callable]:
    """Let a call with unknown, missing or surplus arguments raise ArgumentError that lists the valid ones.

    Parameters
    ----------
    **examples
        For a required argument: the next step, where it is missing.

    Returns
    -------
    callable
        A decorator of functions, constructors and classes (all their public methods); signatures stay.
    """

    def decorate(thing: Any) -> Any:
        if not isinstance(thing, type):
            return _listed(thing, examples)
        for name, member in list(vars(thing).items()):
            if inspect.isfunction(member) and (name == "__init__" or not name.startswith("_")):
                setattr(thing, name, _listed(member, examples))
        return thing

    return decorate


def _listed(function: Callable[..., Any], examples: dict[str, str]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except TypeError as error:
            trace = error.__traceback__
            if trace is None or trace.tb_next is not None:  # raised inside: not by this call
                raise
            wrong = _wrong_call(function, args, kwargs, examples)
        raise wrong

    return call


def _wrong_call(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    examples: dict[str, str],
) -> ArgumentError:
    what = function.__qualname__.removesuffix(".__init__")
    taken = [p for p in inspect.signature(function).parameters.values() if p.name != "self"]
    given = args[1:] if len(taken) < len(inspect.signature(function).parameters) else args
    fixed = [p for p in taken if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    by_place = [p.name for p in fixed if p.kind is not p.KEYWORD_ONLY]
    names = [p.name for p in fixed if p.kind is not p.POSITIONAL_ONLY]
    options = f"its options are {', '.join(names)}" if names else "it takes none"
    unknown = next((name for name in kwargs if name not in names), None)
    if unknown is not None and not any(p.kind is p.VAR_KEYWORD for p in taken):
        return ArgumentError(
            f"{what} has no option {unknown!r}; {options}.",
            next_step=did_you_mean(unknown, names) or "Use one of these.",
        )
    held = {*by_place[: len(given)], *kwargs}
    absent = [p.name for p in fixed if p.default is p.empty and p.name not in held]
    if absent:
        return ArgumentError(
            f"{what} is missing {' and '.join(absent)}; {options}.",
            next_step=examples.get(absent[0], f"Pass {absent[0]}=."),
        )
    twice = [name for name in by_place[: len(given)] if name in kwargs]
    if twice:
        return ArgumentError(
            f"{what} got {twice[0]!r} by position and by name.", next_step="Pass it once."
        )
    return ArgumentError(
        f"{what} takes {len(by_place)} by position, and got {len(given)}; {options}.",
        next_step="Pass options by name, as option=value.",
    )
