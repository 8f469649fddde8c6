# SPDX-License-Identifier: Apache-2.0
"""Parquet, CSV and Arrow IPC files, through pyarrow."""

from __future__ import annotations

import glob
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlrepro._csv import null_words_note, read_csv, separator_note
from mlrepro._csv_parse import bare_suffix, opened_file
from mlrepro._csv_written import is_text
from mlrepro._errors import ArgumentError, Error, FileError, InputTypeError, LimitError
from mlrepro._files_union import concatenated, source_column, with_source
from mlrepro._names import did_you_mean

__all__ = ["expanded", "kind_of", "read_files"]

_KINDS = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".arrow": "ipc",
    ".feather": "ipc",
    ".ipc": "ipc",
    ".arrows": "ipc",
}


def read_files(
    paths: Any,
    schema: Mapping[str, Any] | None,
    source_file: str | bool | None = None,
    memory_limit: int = 0,
) -> tuple[Any, tuple[str, ...], str | None]:
    """Read one path, a glob or a list of paths: a pyarrow.Table, notes, and the column that says which file.

    Raises
    ------
    FileError
        A file is missing, truncated, or no file of its kind; pyarrow is not installed.
    ArgumentError
        A file is named twice: its rows would be in the table twice.
    """
    try:
        import pyarrow  # noqa: F401  (asked for before any file is)
    except ImportError as error:
        raise FileError(
            "Files are read through pyarrow, which is not installed.",
            next_step="pip install 'mlrepro[arrow]'.",
        ) from error
    files = expanded([paths] if isinstance(paths, (str, os.PathLike)) else list(paths))
    kinds = [kind_of(path) for path in files]
    if schema is not None and not isinstance(schema, Mapping):
        raise InputTypeError(
            f"schema= is a {type(schema).__name__}.",
            next_step="Pass a dict of column to type, e.g. schema={'id': 'string'}.",
        )
    nameless = [name for name in schema or () if not isinstance(name, str)]
    if nameless:
        raise InputTypeError(
            f"schema= names {nameless[0]!r}, and columns have names.",
            next_step="Pass a dict of name to type, e.g. schema={'id': 'string'}.",
        )
    if schema is not None and set(kinds) != {"csv"}:
        raise ArgumentError(
            "schema= is for CSV files; Parquet and Arrow files have their types in them.",
            next_step="Leave schema= out.",
        )
    tables, held = [], 0
    for path, kind in zip(files, kinds, strict=True):
        tables.append(_read_one(path, kind, schema, memory_limit - held if memory_limit else None))
        held += tables[-1].nbytes
        _check_room(path, held, memory_limit or None)
    tables = _text_where_others_have_it(files, kinds, tables, schema)
    notes: tuple[str, ...] = ()
    if "csv" in kinds:
        given = "" if not schema else f" but for {', '.join(schema)}"
        notes = (
            f"types inferred from CSV{given}; override them with schema=",
            *separator_note(tables[0].schema.names),
            *null_words_note([t for t, kind in zip(tables, kinds, strict=True) if kind == "csv"]),
        )
    source, said = source_column(paths, tables[0].schema.names, source_file)
    return with_source(concatenated(files, tables), files, tables, source), notes + said, source


def _text_where_others_have_it(
    files: list[Path], kinds: list[str], tables: list[Any], schema: Mapping[str, Any] | None
) -> list[Any]:
    """Read CSV columns of nothing but NA again as text where another file has text: there NA is two letters."""
    import pyarrow as pa

    text = {f.name for table in tables for f in table.schema if is_text(f.type)}
    made = []
    for path, kind, table in zip(files, kinds, tables, strict=True):
        untyped = {f.name for f in table.schema if pa.types.is_null(f.type)} & text
        again = kind == "csv" and untyped
        types = {**(schema or {}), **dict.fromkeys(untyped, pa.string())}
        made.append(read_csv(path, types) if again else table)
    return made


def _check_room(path: Path, need: int, limit: int | None) -> None:
    if limit is None or need <= limit:
        return
    raise LimitError(
        f"the files up to {path.name} need {need:,} bytes; {max(limit, 0):,} of memory_limit are left.",
        next_step="Read fewer columns or files, or raise memory_limit; mr.fingerprint reads files batch by batch.",
    )


def expanded(paths: list[Any]) -> list[Path]:
    """Return the files that paths and globs name, each once; globs in the order of their bytes."""
    files: list[Path] = []
    for given in paths:
        path = _path(given)
        if path.is_dir():
            raise FileError(
                f"{os.fspath(given)!r} is a directory.",
                next_step="Name its files, or pass a glob, e.g. "
                f"{os.path.join(os.fspath(given), '*.parquet')!r}.",
            )
        if not path.exists() and glob.has_magic(str(path)):
            found = sorted(map(Path, glob.glob(str(path), recursive=True)), key=os.fsencode)
        elif path.exists():
            found = [path]
        else:
            found = []
        if not found:
            what = "No file matches" if glob.has_magic(str(path)) else "There is no file"
            raise FileError(
                f"{what} {os.fspath(given)!r}.",
                next_step=_near(path) or "Check the path, and the folder that it is relative to.",
            )
        files += found
    _refuse_repeats(files)
    return files


def _path(given: Any) -> Path:
    text = os.fsdecode(given)
    if not text or "\0" in text:
        wrong = "empty" if not text else "no path: it holds a NUL character"
        raise FileError(f"The path {text!r} is {wrong}.", next_step="Pass the path of a file.")
    try:
        path = Path(text).expanduser()
        path.exists()
    except (OSError, RuntimeError) as error:  # a name that is too long; a user who is not known
        shown = text if len(text) <= 60 else f"{text[:60]}..."
        why = getattr(error, "strerror", None) or str(error).rstrip(".")
        raise FileError(
            f"The path {shown!r} cannot be looked at: {why}.", next_step="Pass the path of a file."
        ) from error
    return path


def _near(path: Path) -> str:
    if glob.has_magic(path.name):
        return ""
    try:
        there = [p.name for p in path.parent.iterdir()]
    except OSError:
        return ""
    return did_you_mean(path.name, there)


def _refuse_repeats(files: list[Path]) -> None:
    seen: set[Path] = set()
    for path in files:
        real = path.resolve()
        if real in seen:
            raise ArgumentError(
                f"The file {str(path)!r} is named twice among {len(files):,} files.",
                next_step="Name each file once; do the globs overlap?",
            )
        seen.add(real)


def kind_of(path: Path) -> str:
    """Return parquet, csv or ipc, by the ending; InputTypeError for others."""
    kind = _KINDS.get(bare_suffix(path))
    if kind is None:
        raise InputTypeError(
            f"The file {path.name!r} has an ending that is not known.",
            next_step=f"Name it {', '.join(_KINDS)}, or read it first and pass the frame.",
        )
    return kind


def _read_one(
    path: Path, kind: str, schema: Mapping[str, Any] | None, room: int | None = None
) -> Any:
    import pyarrow as pa

    try:
        if kind == "parquet":
            import pyarrow.parquet as pq

            with opened_file(path) as source, pq.ParquetFile(source) as file:
                groups = [file.metadata.row_group(i) for i in range(file.num_row_groups)]
                _check_room(path, sum(group.total_byte_size for group in groups), room)
                if len(groups) < 2:
                    return file.read()
                # Ctrl-C is heard between them
                return pa.concat_tables(file.read_row_group(i) for i in range(len(groups)))
        if kind == "csv":
            return read_csv(path, schema)
        import pyarrow.ipc as ipc

        with opened_file(path) as source:
            try:
                return ipc.open_file(source).read_all()
            except pa.ArrowInvalid:
                source.seek(0)
                return ipc.open_stream(source).read_all()
    except Error:
        raise
    except (OSError, pa.ArrowException, EOFError) as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: Exception) -> FileError:
    """Return the error of a file that pyarrow cannot read, in its words."""
    said = " ".join(str(error).split()).rstrip(".")
    return FileError(
        f"{path} cannot be read as {kind_of(path)}: {said}.",
        next_step="Is the file complete, and of the kind that its ending says?",
    )
