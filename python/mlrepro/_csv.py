# SPDX-License-Identifier: Apache-2.0
"""CSV files, through pyarrow: nothing rounded, dropped or taken for bytes in silence."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mlrepro._csv_parse import parsed
from mlrepro._errors import ArgumentError, ColumnNotFoundError, FileError, SchemaError
from mlrepro._names import did_you_mean, listed

__all__ = ["read_csv", "separator_note"]

_PYTHON_TYPES = {"int": "int64", "float": "float64", "str": "string", "bool": "bool"}
_EXACT = 2.0**53  # integers up to here are float64 exactly
_INTEGER = r"^[+-]?\d+$"
_DIGITS = r"^[+-]?[0-9.]"  # a number: infinities are written in letters
_CODE = r"^[+-]?0[0-9xX]"  # integers that a number would not be written as: 01234, 0x10
_FLOAT_DIGITS = 309  # beyond the largest float64, and maybe beyond what Python takes for an int


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
    for name in types:
        if name not in names:
            raise ColumnNotFoundError(
                f"schema= names {name!r}, and {path.name} has the columns {listed(names)}.",
                column=name,
                next_step=did_you_mean(name, names) or "Name one of these.",
            )
    _refuse_bytes(path, table, types)
    _refuse_unkept(path, table, types)
    return table


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


def _refuse_unkept(path: Path, table: Any, types: Mapping[str, Any]) -> None:
    """Look, once, at the text of inferred numbers that may not be what was written.

    Those are floats that are large enough to have been integers beyond 2^53 or to be infinite, and all integers.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    names = table.schema.names
    inferred = [f for f in table.schema if f.name not in types and names.count(f.name) == 1]
    large = [
        f.name
        for f in inferred
        if pa.types.is_floating(f.type)
        and pc.any(pc.greater_equal(pc.abs(table.column(f.name)), _EXACT)).as_py()
    ]
    integers = [f.name for f in inferred if pa.types.is_integer(f.type)]
    suspects = [*large, *integers]
    if not suspects:
        return
    texts = parsed(path, dict.fromkeys(suspects, pa.string()), suspects, len(names) > 1)
    cells = {name: pc.utf8_trim_whitespace(texts.column(name)) for name in suspects}
    for name in large:
        _refuse_rounded(path, name, table.column(name), cells[name])
    _refuse_codes(path, {name: cells[name] for name in integers})


def _refuse_rounded(path: Path, name: str, column: Any, cells: Any) -> None:
    import pyarrow.compute as pc

    for row in _rows(pc.and_(pc.is_inf(column), pc.match_substring_regex(cells, _DIGITS))):
        raise _rounded(path, name, row, cells[row].as_py(), "string")
    beyond = pc.greater_equal(pc.abs(column), _EXACT)
    for row in _rows(pc.and_(beyond, pc.match_substring_regex(cells, _INTEGER))):
        if _is_rounded(cells[row].as_py()):
            fits = "uint64" if _all_fit_uint64(cells) else "string"
            raise _rounded(path, name, row, cells[row].as_py(), fits)


def _refuse_codes(path: Path, cells: Mapping[str, Any]) -> None:
    """01234 and 1234 are two postal codes and one number."""
    import pyarrow.compute as pc

    rows = {
        name: next(_rows(pc.match_substring_regex(c, _CODE)), None) for name, c in cells.items()
    }
    first = {name: row for name, row in rows.items() if row is not None}
    if not first:
        return
    name, row = next(iter(first.items()))
    cell = cells[name][row].as_py()
    others = f"; so do cells of {listed(list(first)[1:])}" if len(first) > 1 else ""
    raise SchemaError(
        f"column {name!r} of {path.name} holds {cell!r} (row {row:,}), which a number would not keep{others}.",
        column=name,
        example_row=row,
        next_step=f"Pass schema={dict.fromkeys(first, 'string')!r} to keep the text, or 'int64' where it is a number.",
    )


def _rows(mask: Any) -> Iterator[int]:
    import pyarrow.compute as pc

    return (row.as_py() for row in pc.indices_nonzero(pc.fill_null(mask, False)))


def _is_rounded(cell: str) -> bool:
    digits = cell.lstrip("+-0")
    if len(digits) > _FLOAT_DIGITS:
        return True
    nearest = float(digits)
    return math.isinf(nearest) or int(nearest) != int(digits)


def _all_fit_uint64(cells: Any) -> bool:
    import pyarrow as pa

    try:
        cells.cast(pa.uint64())
    except pa.ArrowInvalid:
        return False
    return True


def _rounded(path: Path, name: str, row: int, cell: str, fits: str) -> SchemaError:
    return SchemaError(
        f"column {name!r} of {path.name} holds a number that float64 would not keep "
        f"(row {row:,}: {cell if len(cell) <= 40 else f'{cell[:40]}..., {len(cell):,} characters'}).",
        column=name,
        example_row=row,
        next_step=f"Pass schema={{{name!r}: {fits!r}}}, or {{{name!r}: 'float64'}} to round it.",
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
