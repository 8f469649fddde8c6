# SPDX-License-Identifier: Apache-2.0
"""How far a long call is: shown while it runs, and only where somebody asks."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from mlrepro import _core
from mlrepro._errors import InputTypeError

__all__ = ["progress"]

Told = Callable[[str, int, int], object]


@contextmanager
def progress(show: Told | None = None) -> Iterator[None]:
    """Show the steps of long calls (probes, slices, comparisons, binning) inside a ``with`` block.

    Parameters
    ----------
    show : callable, optional
        Called on the thread of the call as ``show(step, done, total)`` when a step begins (0 of 0), and at most every
        50 ms after that; what it raises ends the call. Default: bars of `rich` on stderr where it is installed, else a
        line a step. Of this thread's calls alone; results do not change.

    Examples
    --------
    >>> import mlrepro as mr
    >>> steps = []
    >>> with mr.progress(lambda step, done, total: steps.append(step)):
    ...     probe = mr.DecisionTreeProbe(max_depth=0).fit({"x": range(9)}, target=[0, 0, 1] * 3)
    >>> steps[0]
    'reading the target'
    """
    if show is not None and not callable(show):
        raise InputTypeError(
            f"show is a {type(show).__name__}, which cannot be called.",
            next_step="Pass a function of step, done and total, or nothing.",
        )
    with ExitStack() as stack:
        listener = _Listener(show if show is not None else _default(stack))
        listener.before = _core.set_progress(listener)
        stack.callback(listener.close)
        yield


class _Listener:
    """One block's; blocks of generators may end in another order than they began."""

    def __init__(self, show: Told) -> None:
        self._show: Told | None = show
        self.before: Any = None

    def __call__(self, step: str, done: int, total: int) -> None:
        if self._show is not None:
            self._show(step, done, total)

    def close(self) -> None:
        self._show = None
        current = _core.set_progress(None)
        while isinstance(current, _Listener) and current._show is None:
            current = current.before
        _core.set_progress(current)


def _default(stack: ExitStack) -> Told:
    return _rich_bars(stack) if importlib.util.find_spec("rich") is not None else _line_a_step


def _line_a_step(step: str, done: int, total: int) -> None:
    if total == 0:
        print(f"mlrepro: {step}", file=sys.stderr)


def _rich_bars(stack: ExitStack) -> Told:
    from rich.console import Console
    from rich.progress import Progress

    bars = stack.enter_context(Progress(console=Console(stderr=True)))
    running: list[Any] = []

    def finish() -> None:
        for bar in running:
            bars.update(bar, total=1, completed=1)
        running.clear()

    def tell(step: str, done: int, total: int) -> None:
        if total == 0:
            finish()
            running.append(bars.add_task(step, total=None))
        elif running:
            bars.update(running[0], total=total, completed=done)

    stack.callback(finish)
    return tell
