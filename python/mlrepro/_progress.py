# SPDX-License-Identifier: Apache-2.0
"""Progress of long work on stderr: silent for two seconds, then one line that is redrawn, or a line a phase in a log."""

from __future__ import annotations

import sys
import threading
import time
from typing import TextIO

__all__ = ["Progress"]


class Progress:
    """A callback `(done, total, phase)` and a context manager that draws while it is open.

    The clock runs beside the work: a phase that takes long is seen while it runs, and its line is wiped at the end.

    Parameters
    ----------
    stream : file, optional
        Where to write; stderr if not given.
    silent : float, default 2.0
        Seconds before anything is shown.
    redraw : float, default 0.5
        Seconds between two looks at the clock.
    """

    def __init__(
        self, stream: TextIO | None = None, *, silent: float = 2.0, redraw: float = 0.5
    ) -> None:
        self._silent = silent
        self._redraw = redraw
        self._stream = sys.stderr if stream is None else stream
        self._start = time.monotonic()
        self._phase = ""
        self._logged = ""
        self._drawn = 0
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._clock = threading.Thread(target=self._run, name="mlrepro-progress", daemon=True)

    def __call__(self, done: int, total: int, phase: str) -> None:
        with self._lock:
            self._phase = f"[{done}/{total}] {phase}"

    def clear(self) -> None:
        """Wipe the line, so that a result can be printed in its place."""
        with self._lock:
            self._wipe()

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._start

    def _run(self) -> None:
        while not self._done.wait(self._redraw):
            with self._lock:
                if self.seconds >= self._silent and self._phase:
                    self._draw()

    def _draw(self) -> None:
        if self._stream.isatty():
            self._wipe()
            line = f"{self._phase} ({self.seconds:.0f} s)"
            self._stream.write(line)
            self._drawn = len(line)
        elif self._phase != self._logged:
            self._logged = self._phase
            self._stream.write(f"{self._phase} ({self.seconds:.0f} s)\n")
        self._stream.flush()

    def _wipe(self) -> None:
        if self._drawn:
            self._stream.write("\r" + " " * self._drawn + "\r")
            self._stream.flush()
            self._drawn = 0

    def __enter__(self) -> Progress:
        self._clock.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._done.set()
        self._clock.join()
        self.clear()
