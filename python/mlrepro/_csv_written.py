# SPDX-License-Identifier: Apache-2.0
"""What a CSV file says, beside what its inferred types hold: numbers that would be others, and text that would be missing."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mlrepro._csv_parse import parsed
from mlrepro._errors import SchemaError
from mlrepro._names import listed

__all__ = ["as_written", "is_text"]

_EXACT = 2.0**53  # integers up to here are float64 exactly
_INTEGER = r"^[+-]?\d+(\.0*)?$"
_NOT_ZERO = r"^[+-]?[0.]*[1-9]"
_DIGITS = r"^[+-]?[0-9.]"  # a number: infinities are written in letters
_CODE = r"^[+-]?0[0-9xX]"  # integers that a number would not be written as: 01234, 0x10
_FLOAT_DIGITS = 309  # beyond the largest float64, and maybe beyond what Python takes for an int


def as_written(path: Path, table: Any, types: Mapping[str, Any]) -> Any:
    """Return the table after one more look at the text of columns that may not hold what was written.

    Those are inferred numbers of which one is whole, and text with missing cells: in text NA is two letters, and only an empty
    cell is missing.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    times = Counter(table.schema.names)
    fields = [f for f in table.schema if times[f.name] == 1]
    numbers = [
        f.name for f in fields if f.name not in types and _has_whole(table.column(f.name), f.type)
    ]
    texts = [f for f in fields if is_text(f.type) and table.column(f.name).null_count]
    wanted = dict.fromkeys(numbers, pa.string()) | {f.name: f.type for f in texts}
    if not wanted:
        return table
    written = parsed(
        path,
        wanted,
        columns=list(wanted),
        ignore_empty_lines=len(table.schema) > 1,
        only_empty_is_missing=True,
    )
    cells = {name: pc.utf8_trim_whitespace(written.column(name)) for name in numbers}
    for name in numbers:
        if pa.types.is_floating(table.schema.field(name).type):
            _refuse_rounded(path, name, table.column(name), cells[name])
    _refuse_codes(path, cells)
    kept = {f.name: written.column(f.name) for f in texts}
    columns = [
        kept.get(name, column)
        for name, column in zip(table.schema.names, table.columns, strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=table.schema)


def _has_whole(column: Any, arrow_type: Any) -> bool:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_integer(arrow_type):
        return True
    return pa.types.is_floating(arrow_type) and bool(
        pc.any(pc.equal(column, pc.floor(column))).as_py()
    )


def is_text(arrow_type: Any) -> bool:
    """Say whether cells of the type are text, plain or by dictionary."""
    import pyarrow as pa

    held = arrow_type.value_type if pa.types.is_dictionary(arrow_type) else arrow_type
    return bool(pa.types.is_string(held) or pa.types.is_large_string(held))


def _refuse_rounded(path: Path, name: str, column: Any, cells: Any) -> None:
    import pyarrow.compute as pc

    for lost, written in (pc.is_inf(column), _DIGITS), (pc.equal(column, 0), _NOT_ZERO):
        for row in _rows(pc.and_(lost, pc.match_substring_regex(cells, written))):
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
    digits = cell.partition(".")[0].lstrip("+-0")
    if len(digits) > _FLOAT_DIGITS:
        return True
    nearest = float(digits)
    return math.isinf(nearest) or int(nearest) != int(digits)


def _all_fit_uint64(cells: Any) -> bool:
    import pyarrow as pa
    import pyarrow.compute as pc

    numbers = pc.filter(cells, pc.match_substring_regex(cells, "[0-9]"))  # beside NA
    try:
        numbers.cast(pa.uint64())
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
