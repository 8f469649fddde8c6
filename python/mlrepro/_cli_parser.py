# SPDX-License-Identifier: Apache-2.0
"""The command line's grammar: options, help texts, and an error that suggests the nearest option."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, NoReturn

from mlrepro._cli_config import add_config
from mlrepro._cli_fingerprint import add_fingerprint
from mlrepro._core import __version__
from mlrepro._names import nearest

__all__ = ["UsageError", "make_parser", "parse"]


class UsageError(Exception):
    """A command line that cannot be understood; its text ends with what to type."""

    def __init__(self, message: str, next_step: str) -> None:
        super().__init__(f"{message} {next_step}")
        self.next_step = next_step


class _Parser(argparse.ArgumentParser):
    def __init__(self, **kwargs: Any) -> None:
        self.options: list[str] = []
        self.commands: dict[str, _Parser] = {}
        kwargs.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(allow_abbrev=False, **kwargs)

    def add_argument(self, *names: Any, **kwargs: Any) -> argparse.Action:
        self.options += [name for name in names if name.startswith("--")]
        return super().add_argument(*names, **kwargs)

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{self.prog}: {message}.", f"See {self.prog} --help.")


def make_parser() -> _Parser:
    """Return the parser of `mlrepro` with its sub-commands."""
    parser = _Parser(
        prog="mlrepro",
        description="Finds the rows, the column and the step that broke a model.",
        epilog="Exit codes: 0 ran, 1 a difference, 2 usage or unreadable input, 70 a fault of mlrepro, 130 interrupted.\n"
        "Results go to stdout, progress and messages to stderr.",
    )
    parser.add_argument("--version", action="version", version=f"mlrepro {__version__}")
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", required=True, parser_class=_Parser
    )
    _add_demo(commands)
    fingerprint = add_fingerprint(commands, _names)
    _add_schema(fingerprint)
    _add_common(fingerprint)
    _add_probe(commands)
    _add_split(commands)
    _add_common(add_config(commands))
    parser.commands = dict(commands.choices)
    return parser


def _add_demo(commands: Any) -> None:
    demo = commands.add_parser(
        "demo",
        help="find a real leak in real flights and write demo.html",
        description="Predicts cancelled flights with a model that looks wonderful, and finds out why it is not.\n"
        "Needs the data and model packages: pip install 'mlrepro[demo]'",
        epilog="examples:\n  mlrepro demo\n  mlrepro demo --html flights.html\n  mlrepro demo --json | python -m json.tool",
    )
    demo.add_argument(
        "--html",
        metavar="PATH",
        help="where the page goes (default: build/demo.html if build/ exists, else demo.html)",
    )
    demo.add_argument(
        "--data-frame",
        default="pandas",
        choices=["pandas", "polars", "pyarrow"],
        help="library whose tables go in; the answer is the same (default: pandas)",
    )
    _add_common(demo)


def _add_probe(commands: Any) -> None:
    probe = commands.add_parser(
        "probe",
        help="say for whom a target differs: a shallow tree with honest figures",
        description="Fits a shallow tree that says for whom the target holds: a label, a prediction, an error.\n"
        "Every figure comes from rows that did not choose the splits.",
        epilog="examples:\n"
        "  mlrepro probe flights.parquet --target cancelled --exclude dep_time,dep_delay --max-depth 3 --html probe.html\n"
        "  mlrepro probe scored.csv --target prediction --key id --rules sql\n"
        "  mlrepro probe scored.parquet --target prediction --json > probe.json    # mr.load reads it",
    )
    probe.add_argument("table", help="Parquet, CSV or Arrow IPC file")
    probe.add_argument(
        "--target", required=True, metavar="COLUMN", help="column to explain, or a role: label"
    )
    probe.add_argument(
        "--key", type=_names, default=[], metavar="A,B", help="columns that identify a row"
    )
    probe.add_argument(
        "--label", metavar="COLUMN", help="column with the role label: never a candidate"
    )
    probe.add_argument("--time", metavar="COLUMN", help="column with the role time")
    probe.add_argument(
        "--features", type=_names, metavar="A,B", help="the only candidates (default: all columns)"
    )
    probe.add_argument(
        "--exclude", type=_names, default=[], metavar="A,B", help="columns that are no candidates"
    )
    probe.add_argument(
        "--max-depth", type=_integer, default=3, metavar="N", help="0 to 8 (default: 3)"
    )
    probe.add_argument(
        "--min-samples-leaf",
        type=_integer,
        default=20,
        metavar="N",
        help="growing rows (default: 20)",
    )
    probe.add_argument(
        "--selection",
        default="unbiased",
        choices=["unbiased", "gain"],
        help="how the column of a split is chosen (default: unbiased)",
    )
    probe.add_argument(
        "--no-honest", action="store_true", help="grow on all rows; every figure is then in-sample"
    )
    probe.add_argument(
        "--alpha", type=float, default=0.05, metavar="P", help="level of the tests (default: 0.05)"
    )
    probe.add_argument(
        "--seed", type=_integer, default=0, metavar="N", help="halves the rows anew (default: 0)"
    )
    probe.add_argument(
        "--threads",
        type=_integer,
        metavar="N",
        help="changes no answer (default: the CPUs there are)",
    )
    probe.add_argument(
        "--rules",
        choices=["text", "sql", "pandas", "polars", "cpp"],
        metavar="LANGUAGE",
        help="print the leaves' conditions only: text, sql, pandas, polars or cpp",
    )
    probe.add_argument("--html", metavar="PATH", help="write the report as one page")
    probe.add_argument("--svg", metavar="PATH", help="write the picture of the tree")
    probe.add_argument(
        "-o", "--output", metavar="PATH", help="save the probe: mr.load and mr::Tree read it"
    )
    _add_schema(probe)
    _add_common(probe)


def _add_split(commands: Any) -> None:
    split = commands.add_parser(
        "split",
        help="make a plan of parts that cannot leak, and save it",
        description="Splits by a salted hash of a key or of the row (old rows never move as data grow),\n"
        "or by time: everything before --test-from is train.",
        epilog="examples:\n"
        "  mlrepro split flights.parquet --by tailnum --fractions train=.8,test=.2 --salt 2026 -o plan.json\n"
        "  mlrepro split flights.parquet --time time_hour --test-from 2013-10-01 --zone America/New_York -o plan.json",
    )
    split.add_argument("table", help="Parquet, CSV or Arrow IPC file")
    split.add_argument(
        "--by", type=_names, metavar="A,B", help="columns whose equal values stay together"
    )
    split.add_argument(
        "--fractions", type=_fractions, metavar="NAME=F,...", help="parts; together 1"
    )
    split.add_argument("--salt", default="", help="another salt, another split")
    split.add_argument("--test-from", metavar="TIME", help="first instant of test, e.g. 2013-10-01")
    split.add_argument("--time", metavar="COLUMN", help="column with the time of the event")
    split.add_argument("--zone", metavar="NAME", help="zone of --test-from (default: the column's)")
    split.add_argument(
        "--key", type=_names, default=[], metavar="A,B", help="columns that identify a row"
    )
    split.add_argument(
        "--label", metavar="COLUMN", help="column with the role label: its rate is reported by part"
    )
    split.add_argument("--html", metavar="PATH", help="write the report as one page")
    split.add_argument(
        "-o", "--output", metavar="PATH", help="save the plan: mr.load and mr::split::Plan read it"
    )
    _add_schema(split)
    _add_common(split)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--json", action="store_true", help="print one JSON document instead, on errors too"
    )


def _add_schema(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--schema",
        type=_schema,
        metavar="A=TYPE,B=TYPE",
        help="types of columns of a CSV file, where the inferred ones are not right: zip=string",
    )


def _schema(text: str) -> dict[str, str]:
    pairs = [pair.rpartition("=") for pair in text.split(",")]
    types = {name.strip(): kind.strip() for name, _, kind in pairs}
    if len(types) < len(pairs) or not all(name and kind for name, kind in types.items()):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a list of types, one a column, like zip=string,id=int64"
        )
    return types


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    if not all(names):
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of names like a,b")
    return names


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None


def _fractions(text: str) -> dict[str, float]:
    parts: dict[str, float] = {}
    for item in text.split(","):
        name, found, value = (piece.strip() for piece in item.partition("="))
        if not found or not name:
            raise argparse.ArgumentTypeError(f"{text!r} is not a list like train=.8,test=.2")
        if name in parts:
            raise argparse.ArgumentTypeError(f"{text!r} names part {name!r} twice")
        parts[name] = _fraction(name, value)
    return parts


def _fraction(name: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        percent = value.removesuffix("%")
        is_percent = percent != value and percent.replace(".", "", 1).isdigit()
        meant = (
            f"a percentage: write {name}={float(percent) / 100:g}" if is_percent else "no number"
        )
        raise argparse.ArgumentTypeError(f"part {name!r}: {value!r} is {meant}") from None


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse a command line.

    Raises
    ------
    UsageError
        With the nearest valid option or command, if one is near.
    """
    parser = make_parser()
    commands = parser.commands
    given = next((word for word in arguments if not word.startswith("-")), None)
    if given is not None and given not in commands:
        raise UsageError(
            f"mlrepro: {given!r} is not a command.",
            f"{_nearest(given, commands)}Commands: {', '.join(commands)}.",
        )
    if given is not None:
        _check_options(given, commands[given], arguments)
    return parser.parse_args(arguments)


def _check_options(command: str, parser: _Parser, arguments: Sequence[str]) -> None:
    """Refuse an unknown option before a missing one is complained of: it may be the same one, misspelt."""
    for word in arguments:
        name = word.split("=")[0]
        if name.startswith("--") and name != "--" and name not in parser.options:
            raise UsageError(
                f"mlrepro {command}: unknown option {name}.",
                f"{_nearest(name, parser.options)}Options: {', '.join(parser.options)}.",
            )


def _nearest(word: str, valid: Sequence[str] | dict[str, Any]) -> str:
    near = nearest(word, valid)
    return "" if near is None else f"Did you mean {near}? "
