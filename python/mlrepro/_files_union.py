# SPDX-License-Identifier: Apache-2.0
"""Several files as one table: one set of columns and types, and which file each row is from."""

from __future__ import annotations

import glob
import itertools
import os
from pathlib import Path
from typing import Any

from mlrepro._errors import ArgumentError, FileError

__all__ = ["concatenated", "source_column", "with_source"]

_SOURCE_FILE = "source_file"


def concatenated(files: list[Path], tables: list[Any]) -> Any:
    """Return all rows: columns in the order of the first file, numbers widened where that is exact, and dictionaries as text where another file has text."""
    import pyarrow as pa

    if len(tables) == 1:
        return tables[0]
    first = tables[0].schema.names
    for path, table in zip(files, tables, strict=True):
        if sorted(table.schema.names) != sorted(first):
            only = sorted(set(first) ^ set(table.schema.names))
            raise FileError(
                f"{path} and {files[0]} do not have the same columns: one of them has "
                f"{', '.join(map(repr, only)) or 'a name twice'}.",
                next_step="Read files with the same columns.",
            )
    if len(set(first)) < len(first):
        return tables[0]  # refused for its repeated name
    tables = [table.select(first) for table in tables]
    tables = [_plain_text(table, tables) for table in tables]
    try:
        return pa.concat_tables(tables, promote_options="permissive")
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        raise _other_types(files, tables, str(error)) from error


def _plain_text(table: Any, tables: list[Any]) -> Any:
    """Decode the dictionaries that are plain text in another file."""
    import pyarrow as pa

    for at, field in enumerate(table.schema):
        is_text = [pa.types.is_string(t.schema.field(at).type) for t in tables]
        if any(is_text) and pa.types.is_dictionary(field.type):
            plain = table.column(at).cast(field.type.value_type)
            table = table.set_column(at, field.name, plain)
    return table


def _other_types(files: list[Path], tables: list[Any], reason: str) -> FileError:
    for column, path in itertools.product(range(len(tables[0].schema)), range(1, len(files))):
        a, b = tables[0].schema.field(column), tables[path].schema.field(column)
        if a.type == b.type or not (_cannot_unify(a, b) or len(files) == 2):
            continue
        return FileError(
            f"column {a.name!r} is {a.type} in {files[0]} and {b.type} in {files[path]}: {reason}.",
            column=a.name,
            next_step="Write the files with one type; for CSV pass schema={column: type}.",
        )
    return FileError(
        f"The files do not have the same types: {reason}.",
        next_step="Write the files with one type; for CSV pass schema={column: type}.",
    )


def _cannot_unify(a: Any, b: Any) -> bool:
    import pyarrow as pa

    try:
        pa.unify_schemas([pa.schema([a]), pa.schema([b])], promote_options="permissive")
    except pa.ArrowException:
        return True
    return False


def source_column(
    paths: Any, names: list[str], given: str | bool | None
) -> tuple[str | None, tuple[str, ...]]:
    """Return the column that says which file a row is from, made or there already; by default for lists and globs."""
    is_one = isinstance(paths, (str, os.PathLike)) and not (
        glob.has_magic(os.fspath(paths)) and not Path(paths).exists()
    )
    if given is False or (given is None and is_one):
        return None, ()
    if given is True and _SOURCE_FILE in names:
        raise ArgumentError(
            f"the files have a column {_SOURCE_FILE!r} of their own.",
            column=_SOURCE_FILE,
            next_step=f"Pass source_file={_SOURCE_FILE!r} to take it, or another name for a new column.",
        )
    if given is None and _SOURCE_FILE in names:
        note = (
            f"the files have a column {_SOURCE_FILE} of their own, so their names are in no column"
        )
        return None, (note,)
    return (given if isinstance(given, str) else _SOURCE_FILE), ()


def with_source(table: Any, files: list[Path], tables: list[Any], source: str | None) -> Any:
    """Return the table with the column `source`, unless the files have it."""
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
