# SPDX-License-Identifier: Apache-2.0
"""Writes docs/errors.md: every error class, when it comes, and what it says. The examples are run.

python tools/errors_page.py            a test compares the committed page with what this makes
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "errors.md"

# Class, and examples that raise it. CancelledError is raised in C++ only: Python says KeyboardInterrupt.
EXAMPLES: dict[str, tuple[str, ...]] = {
    "SchemaError": (
        'mr.Dataset({"id": [1, 2, 2], "x": [0.1, 0.2, 0.3]}, key="id")',
        'mr.Dataset({"dest_id": [12, "JFK"]})',
    ),
    "ColumnNotFoundError": ('mr.Dataset({"dep_time": [517]})["dep_tme"]',),
    "ArgumentError": (
        'mr.split.HashSplit({"train": 0.8, "test": 0.3}).plan(mr.Dataset({"x": range(9)}))',
        'mr.DecisionTreeProbe(selection="best").fit({"x": [1, 2]}, [0, 1])',
        "mr.DecisionTreeProbe(depth=3)",
    ),
    "InputTypeError": (
        'import numpy as np\n\nmr.Dataset({"x": np.array([1, 2], dtype=np.float16)})',
        'mr.Dataset({"tags": [["a"], ["b", "c"]]})',
    ),
    "FileError": ('mr.Dataset("flights-2012.parquet")',),
    "FormatError": (
        'from mlrepro import Tree\n\nTree.from_json("{}")',
        'from mlrepro import Tree\n\nTree.from_json(\'{"format": "mlrepro.tree", "version": 99, "canon": 1}\')',
    ),
    "JoinContractError": (
        'flights = {"tailnum": ["N1", "N2"]}\nplanes = {"tailnum": ["N1", "N1"], "seats": [50, 55]}\n'
        'mr.join(flights, planes, on="tailnum", how="left", validate="m:1")',
    ),
    "LeakError": (
        "from types import SimpleNamespace\n\nimport numpy as np\n\n"
        'times = np.array(["2013-01-01", "2013-02-01"], dtype="datetime64[s]")\n'
        'trips = {"t": times, "late": [True, False]}\n'
        'recipe = SimpleNamespace(look_back=None, horizon="7d")\n'
        'splitter = mr.split.TimeSplit(test_from="2013-01-15", recipe=recipe, purge="1d")\n'
        'splitter.plan(mr.Dataset(trips, time="t"))',
    ),
    "LimitError": (
        'mr.DecisionTreeProbe(memory_limit=1000).fit({"x": range(500)}, [i % 2 for i in range(500)])',
    ),
    "CancelledError": (),
}
HEAD = """# Errors

Written by `tools/errors_page.py`, which runs the examples.

Every error derives from `mlrepro.Error` and from the built-in exception that fits; in C++ from `mlrepro::Error` alone, and that
from `std::exception`. It names the column, counts and an example row, and ends with the next step. The parts can be read:

| Python | C++ | |
| --- | --- | --- |
| `str(error)` | `what()` | the whole message |
| `error.name` | `name()` | the class, the same in both languages |
| `error.column` | `column()` | the column concerned; empty if there is no single one |
| `error.example_row` | `example_row()` | position of a row that shows the problem; `None`, in C++ -1, if there is none |
| `error.next_step` | `next_step()` | what to do about it; the message ends with it |

Errors pickle, so they come out of worker processes as they are. What the process's memory does not hold is `MemoryError`
(`std::bad_alloc`); on the command line an error is exit code 2, with `--json` one JSON document.
"""


def message_of(example: str, wanted: str) -> str:
    import numpy as np

    import mlrepro as mr

    try:
        exec(example, {"mr": mr, "np": np})
    except mr.Error as error:
        if error.name != wanted:
            raise AssertionError(f"{example}: {error.name}, not {wanted}: {error}") from error
        return str(error)
    raise AssertionError(f"{example}: no error")


def section(name: str, examples: tuple[str, ...]) -> str:
    import mlrepro as mr

    error_class = getattr(mr, name)
    builtin = next(b.__name__ for b in error_class.__bases__ if b is not mr.Error)
    parts = [f"## {name}\n", f"{inspect.getdoc(error_class)} In Python also `{builtin}`.\n"]
    for example in examples:
        parts.append(
            f"```python\n{example}\n```\n```text\n{name}: {message_of(example, name)}\n```\n"
        )
    return "\n".join(parts)


def page() -> str:
    """Return the page's text; AssertionError where an example raises another error or none."""
    return "\n".join([HEAD, *(section(name, examples) for name, examples in EXAMPLES.items())])


def main() -> int:
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
