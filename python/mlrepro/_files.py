# SPDX-License-Identifier: Apache-2.0
"""Parquet, CSV and Arrow IPC files, through pyarrow."""

from __future__ import annotations

import glob
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlrepro._errors import (
    ArgumentError,
    ColumnNotFoundError,
    FileError,
    InputTypeError,
    LimitError,
)
from mlrepro._names import did_you_mean

__all__ = ["SOURCE_FILE", "read_files"]

SOURCE_FILE = "source_file"
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
_PYTHON_TYPES = {"int": "int64", "float": "float64", "str": "string", "bool": "bool"}


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
    files = _expand([paths] if isinstance(paths, (str, os.PathLike)) else list(paths))
    kinds = [_kind_of(path) for path in files]
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
    notes: tuple[str, ...] = ()
    if "csv" in kinds:
        given = "" if not schema else f" but for {', '.join(schema)}"
        notes = (f"types inferred from CSV{given}; override them with schema=",)
    source, said = _source_column(paths, tables[0].schema.names, source_file)
    return _with_source(_concatenated(files, tables), files, tables, source), notes + said, source


def _concatenated(files: list[Path], tables: list[Any]) -> Any:
    import pyarrow as pa

    for path, table in zip(files, tables, strict=True):
        if table.schema.names != tables[0].schema.names:
            raise FileError(
                f"{path} has the columns {table.schema.names}, and {files[0]} has "
                f"{tables[0].schema.names}.",
                next_step="Read files with the same columns.",
            )
    try:
        return pa.concat_tables(tables, promote_options="permissive")
    except pa.ArrowInvalid as error:
        raise FileError(
            f"The files do not have the same types: {error}", next_step="Cast them first."
        ) from error


def _source_column(
    paths: Any, names: list[str], given: str | bool | None
) -> tuple[str | None, tuple[str, ...]]:
    """Return the column that says which file a row is from, made or there already; by default for lists and globs."""
    is_one = isinstance(paths, (str, os.PathLike)) and not (
        glob.has_magic(os.fspath(paths)) and not Path(paths).exists()
    )
    if given is False or (given is None and is_one):
        return None, ()
    if given is None and SOURCE_FILE in names:
        note = (
            f"the files have a column {SOURCE_FILE} of their own, so their names are in no column"
        )
        return None, (note,)
    return (given if isinstance(given, str) else SOURCE_FILE), ()


def _with_source(table: Any, files: list[Path], tables: list[Any], source: str | None) -> Any:
    import numpy as np
    import pyarrow as pa

    if source is None or source in table.schema.names:
        return table
    codes = np.repeat(np.arange(len(files), dtype=np.int32), [t.num_rows for t in tables])
    return table.append_column(source, pa.DictionaryArray.from_arrays(codes, _short_names(files)))


def _short_names(files: list[Path]) -> list[str]:
    """Paths from the folder that all are in: the same text wherever that folder lies."""
    folder = os.path.commonpath([path.absolute().parent for path in files])
    names = [Path(os.path.relpath(path.absolute(), folder)).as_posix() for path in files]
    return [os.fsencode(name).decode("utf-8", "backslashreplace") for name in names]


def _check_room(path: Path, need: int, limit: int | None) -> None:
    if limit is None or need <= limit:
        return
    raise LimitError(
        f"the files up to {path.name} need {need:,} bytes; {max(limit, 0):,} of memory_limit are left.",
        next_step="Read fewer columns or files, or raise memory_limit; mr.fingerprint reads files batch by batch.",
    )


def _expand(paths: list[Any]) -> list[Path]:
    files: list[Path] = []
    for given in paths:
        path = Path(given).expanduser()
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
            raise FileError(
                f"There is no file {os.fspath(given)!r}.",
                next_step=_near(path) or "Check the path, and the folder that it is relative to.",
            )
        files += found
    _refuse_repeats(files)
    return files


def _near(path: Path) -> str:
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


def _bare_suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    return Path(path.stem).suffix.lower() if suffix in (".gz", ".bz2") else suffix


def _kind_of(path: Path) -> str:
    kind = _KINDS.get(_bare_suffix(path))
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

            file = pq.ParquetFile(path)
            groups = [file.metadata.row_group(i) for i in range(file.num_row_groups)]
            _check_room(path, sum(group.total_byte_size for group in groups), room)
            return file.read()
        if kind == "csv":
            return _read_csv(path, schema)
        import pyarrow.ipc as ipc

        with pa.OSFile(str(path)) as source:
            try:
                return ipc.open_file(source).read_all()
            except pa.ArrowInvalid:
                source.seek(0)
                return ipc.open_stream(source).read_all()
    except (OSError, pa.ArrowException, EOFError) as error:
        raise FileError(
            f"{path} cannot be read as {kind}: {error}",
            next_step="Is the file complete, and of the kind that its ending says?",
        ) from error


def _read_csv(path: Path, schema: Mapping[str, Any] | None) -> Any:
    from pyarrow import csv

    types = {name: _arrow_type(name, given) for name, given in (schema or {}).items()}
    delimiter = "\t" if _bare_suffix(path) == ".tsv" else ","
    table = csv.read_csv(
        path,
        parse_options=csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        convert_options=csv.ConvertOptions(column_types=types, strings_can_be_null=True),
    )
    for name in types:
        if name not in table.schema.names:
            raise ColumnNotFoundError(
                f"schema= names {name!r}, and {path.name} has the columns "
                f"{', '.join(table.schema.names)}.",
                column=name,
                next_step=did_you_mean(name, table.schema.names) or "Name one of these.",
            )
    return table


def _arrow_type(name: str, given: Any) -> Any:
    import pyarrow as pa

    if isinstance(given, pa.DataType):
        return given
    text = given.__name__ if isinstance(given, type) else str(given)
    if text in ("category", "categorical", "dictionary"):
        return pa.dictionary(pa.int32(), pa.string())
    try:
        return pa.type_for_alias(_PYTHON_TYPES.get(text, text))
    except ValueError as error:
        raise ArgumentError(
            f"schema= gives column {name!r} the type {given!r}, which is not known.",
            column=name,
            next_step="Use a pyarrow type or a name: int64, float64, string, bool, category, "
            "date32, timestamp[s], ...",
        ) from error
