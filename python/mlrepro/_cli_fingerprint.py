# SPDX-License-Identifier: Apache-2.0
"""`mlrepro fingerprint a.parquet [b.parquet]`: one table's digests, or the verdict between two."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["add_fingerprint", "run_fingerprint"]

_SAME, _DIFFERENT = 0, 1
_SHOWN_ROWS = 5
_NAMED_KINDS = ("changed", "re_paired", "appended", "truncated")


def add_fingerprint(commands: Any, names: Callable[[str], list[str]]) -> Any:
    """Add the sub-command to the grammar; `names` reads a list of names like a,b."""
    parser = commands.add_parser(
        "fingerprint",
        help="print a table's digests, or say in words what differs between two",
        description="One file: its digests. Two: the verdict, in words. Files are read batch by batch.\n"
        "A saved fingerprint (.json) stands for the table it was made of.",
        epilog="exit codes: 0 same (or one file), 1 different, 2 usage or unreadable input\n\n"
        "examples:\n"
        "  mlrepro fingerprint flights.parquet -o flights.json\n"
        "  mlrepro fingerprint flights.json flights-today.parquet\n"
        "  mlrepro fingerprint old.parquet new.parquet --key id --rows",
    )
    parser.add_argument("table", help="Parquet, CSV or Arrow IPC file, or a saved fingerprint")
    parser.add_argument(
        "other", nargs="*", default=[], help="the later one: print what differs in it"
    )
    parser.add_argument(
        "--rows", action="store_true", help="read both tables into memory and name the rows"
    )
    parser.add_argument(
        "--key",
        type=names,
        default=[],
        metavar="A,B",
        help="pair rows by these columns; with --rows",
    )
    parser.add_argument("--secure", action="store_true", help="also hash the leaves with SHA-256")
    parser.add_argument("--threads", type=int, metavar="N", help="changes no answer")
    parser.add_argument(
        "-o", "--output", metavar="PATH", help="save it: mr.load and C++'s from_json read it"
    )
    return parser


def run_fingerprint(options: Namespace) -> int:
    """Run the sub-command; return the exit code."""
    _check(options)
    a = _fingerprint(options.table, options)
    if not options.other:
        _show(a, options)
        return _SAME
    b = _fingerprint(options.other[0], options)
    tables = _tables(options)
    result = a.verdict(b, **tables, threads=options.threads)
    _show(result, options)
    if tables and not options.json:
        print("".join(f"{line}\n" for line in _row_lines(result, **tables)), end="")
    if result.same:
        return _SAME
    if result.kind in _NAMED_KINDS and not options.rows and not options.json:
        print("add --rows (and --key COLUMN) to name the rows", file=sys.stderr)
    return _DIFFERENT


def _check(options: Namespace) -> None:
    from mlrepro._errors import ArgumentError

    if len(options.other) > 1:
        raise ArgumentError(
            f"{len(options.other) + 1} files are given, and two are compared.",
            next_step="Quote a pattern, so that its files are one table: 'data/*.parquet'.",
        )
    if options.key and not (options.rows and options.other):
        raise ArgumentError(
            "--key pairs the rows of two tables, which --rows reads.", next_step="Add --rows."
        )


def _show(result: Any, options: Namespace) -> None:
    if options.output:
        result.save(options.output)
    print(result.to_json() if options.json else result.to_text())


def _fingerprint(path: str, options: Namespace) -> Any:
    import mlrepro as mr

    if not path.lower().endswith(".json"):
        return mr.fingerprint(
            path, schema=_schema(path, options), secure=options.secure, threads=options.threads
        )
    made = mr.load(path)
    if not isinstance(made, mr.Fingerprint):
        raise mr.FormatError(
            f"{path} holds a {type(made).__name__}, no fingerprint.",
            next_step="Pass a table, or what mlrepro fingerprint -o wrote.",
        )
    return made


def _schema(path: str, options: Namespace) -> dict[str, str] | None:
    """Return the part of --schema for one of two tables: a column may be in the other only."""
    given: dict[str, str] | None = options.schema
    if given is None:
        return None
    named = {table: _csv_names(table) for table in (options.table, *options.other)}
    own = named.pop(path)
    elsewhere = {name for names in named.values() for name in names} - set(own)
    return {name: kind for name, kind in given.items() if name not in elsewhere} or None


def _csv_names(table: str) -> list[str]:
    import pyarrow as pa

    from mlrepro._csv_parse import bare_suffix, column_names

    file = Path(table)
    is_csv = bare_suffix(file) in (".csv", ".tsv") and file.is_file()
    try:
        return column_names(file) if is_csv else []
    except (OSError, pa.ArrowException):
        return []  # reading it says why


def _tables(options: Namespace) -> dict[str, Any]:
    import mlrepro as mr

    if not options.rows:
        return {}
    paths = (options.table, options.other[0])
    for path in paths:
        if path.lower().endswith(".json"):
            raise mr.ArgumentError(
                f"--rows needs both tables, and {path} is a fingerprint.",
                next_step="Pass the two tables, or leave --rows out.",
            )
    left, right = (
        mr.Dataset(path, key=options.key or None, schema=_schema(path, options)) for path in paths
    )
    return {"left": left, "right": right}


def _row_lines(verdict: Any, left: Any, right: Any) -> list[str]:
    """Say of the first rows of each kind which they are, and of changed ones what their cells were and are."""
    lines = []
    for what in ("changed", "added", "removed"):
        found = verdict.rows.get(what, {"count": 0, "examples": []})
        shown = found["examples"][:_SHOWN_ROWS]
        lines += [f"  {what}: {_row_text(example, left, right)}" for example in shown]
        hidden = found["count"] - len(shown)
        if hidden:
            lines.append(f"  and {hidden:,} more {what}")
    return lines


def _row_text(example: dict[str, Any], left: Any, right: Any) -> str:
    at = {side: example.get(f"row_{side}") for side in "ab"}
    where = " -> ".join(dict.fromkeys(f"row {row:,}" for row in at.values() if row is not None))
    name = f"key {example['key']} ({where})" if "key" in example else where
    columns = example.get("columns", [])[:_SHOWN_ROWS]
    if not columns:
        return name
    old, new = (
        table.select(columns).take([at[side]]) for table, side in ((left, "a"), (right, "b"))
    )
    cells = [f"{c}: {old[c].to_list()[0]!r} -> {new[c].to_list()[0]!r}" for c in columns]
    return "  ".join([name, *cells])
