# SPDX-License-Identifier: Apache-2.0
"""CSV files, through pyarrow: nothing rounded, dropped or taken for bytes in silence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mlrepro._csv_parse import parsed, refuse_open_quotes
from mlrepro._csv_written import as_written, is_text
from mlrepro._errors import ArgumentError, ColumnNotFoundError, FileError
from mlrepro._names import did_you_mean, listed

__all__ = ["null_words_note", "read_csv", "separator_note"]

_PYTHON_TYPES = {"int": "int64", "float": "float64", "str": "string", "bool": "bool"}
_NULL_WORDS = [
    "NA",
    "N/A",
    "NULL",
    "Null",
    "null",
    "NaN",
    "nan",
    "None",
    "none",
    "n/a",
    "#N/A",
    "<NA>",
]


def read_csv(path: Path, schema: Mapping[str, Any] | None) -> Any:
    """Read a file as a pyarrow.Table; `schema`: column to type, where the inferred one is not right.

    Raises
    ------
    FileError
        Not UTF-8; a quote that is never closed.
    SchemaError
        An inferred column holds an integer that float64 would round, or is written as a number would not be (01234).
    ColumnNotFoundError, ArgumentError
        `schema` names no column, or no type.
    """
    types = {name: _arrow_type(name, given) for name, given in (schema or {}).items()}
    try:
        table = parsed(path, types)
        names = table.schema.names
    except UnicodeDecodeError as error:
        raise _not_utf8(f"its header: {error}", path) from error
    if len(names) == 1:  # an empty line is a missing cell here, and no row elsewhere
        table = parsed(path, types, ignore_empty_lines=False)
        if table.schema.names != names:
            raise FileError(
                f"{path} begins with an empty line, where the name of its column is expected.",
                next_step="Remove the line.",
            )
    for name in types:
        if name not in names:
            raise ColumnNotFoundError(
                f"schema= names {name!r}, and {path.name} has the columns {listed(names)}.",
                column=name,
                next_step=did_you_mean(name, names) or "Name one of these.",
            )
    _refuse_bytes(path, table, types)
    refuse_open_quotes(path, everywhere=_has_lines(table))
    return as_written(path, table, types)


def separator_note(names: list[str]) -> tuple[str, ...]:
    """Say it where one column's name looks like several."""
    for separator in (";", "\t", "|"):
        if len(names) == 1 and separator in names[0]:
            return (
                f"one column, {names[0]!r}: if {separator!r} separates columns, pass "
                f"pandas.read_csv(path, sep={separator!r}) instead of the path",
            )
    return ()


def _not_utf8(where: str, path: Path, column: str = "", row: int | None = None) -> FileError:
    return FileError(
        f"{path} is not UTF-8: {where}.",
        column=column,
        example_row=row,
        next_step="Convert it, e.g. iconv -f latin1 -t utf-8.",
    )


def _refuse_bytes(path: Path, table: Any, types: Mapping[str, Any]) -> None:
    import pyarrow as pa

    for field in table.schema:
        if field.name in types or not pa.types.is_binary(field.type):
            continue
        cells = table.column(field.name).to_pylist()
        row = next(i for i, cell in enumerate(cells) if cell is not None and not _is_utf8(cell))
        where = f"column {field.name!r} holds {cells[row]!r} in row {row}"
        raise _not_utf8(where, path, field.name, row)


def _is_utf8(cell: bytes) -> bool:
    try:
        cell.decode()
    except UnicodeDecodeError:
        return False
    return True


def _has_lines(table: Any) -> bool:
    """Say whether a cell of text has more than one line."""
    import pyarrow.compute as pc

    return any(
        pc.any(pc.match_substring_regex(texts, "[\\r\\n]")).as_py() for _, texts in _texts(table)
    )


def _texts(table: Any) -> Iterator[tuple[str, Any]]:
    """Yield the columns of text by name, with the texts that occur in each."""
    import pyarrow as pa

    for field, column in zip(table.schema, table.columns, strict=True):
        if pa.types.is_dictionary(field.type) and is_text(field.type):
            chunks = [chunk.dictionary for chunk in column.chunks]
            yield field.name, pa.chunked_array(chunks, field.type.value_type)
        elif is_text(field.type):
            yield field.name, column


def null_words_note(tables: list[Any]) -> tuple[str, ...]:
    """Say it where text holds what other readers take for a missing cell."""
    import pyarrow as pa
    import pyarrow.compute as pc

    words = pa.array(_NULL_WORDS, pa.large_string())
    held = {
        name
        for table in tables
        for name, texts in _texts(table)
        if pc.any(pc.is_in(texts.cast(words.type), words)).as_py()
    }
    if not held:
        return ()
    return (
        f"'NA', 'null' and the like are text in {listed(sorted(held))}: a missing cell is empty",
    )


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
