# SPDX-License-Identifier: Apache-2.0
"""Text of CSV files to Arrow tables, by pyarrow's reader."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlrepro._errors import FileError

__all__ = ["bare_suffix", "opened_file", "parsed"]

_BLOCKS = (1 << 20, 1 << 28)  # bytes: a row must fit in one, and most rows in the first
_COMPRESSED = {".gz": "gzip", ".bz2": "bz2"}


def bare_suffix(path: Path) -> str:
    """Return the ending of the file's kind, in small letters: that before .gz and .bz2."""
    suffix = path.suffix.lower()
    return Path(path.stem).suffix.lower() if suffix in _COMPRESSED else suffix


def opened_file(path: Path) -> Any:
    """Open a file for pyarrow, which takes no path that is not UTF-8."""
    import pyarrow as pa

    try:
        return pa.OSFile(str(path))
    except UnicodeEncodeError:
        return pa.PythonFile(open(path, "rb"), mode="r")


def parsed(
    path: Path,
    types: Mapping[str, Any],
    columns: list[str] | None = None,
    ignore_empty_lines: bool = True,
) -> Any:
    """Return the table; of some `columns`, and with the `types` that are given.

    Raises
    ------
    FileError
        A row of more than 256 MB, or a quote that is never closed: pyarrow takes all to the end for one cell.
    """
    import pyarrow as pa

    for block in _BLOCKS:
        try:
            table = _parsed_in_blocks(path, types, columns, ignore_empty_lines, block)
        except pa.ArrowInvalid as error:
            if "straddl" not in str(error):
                raise
            continue
        if columns is None and _swallows_the_end(path, table):
            raise _unclosed(path, f"the quote that opens in row {len(table) - 1:,} is never closed")
        return table
    raise _unclosed(path, f"a row is longer than {_BLOCKS[-1]:,} bytes")


def _unclosed(path: Path, what: str) -> FileError:
    return FileError(
        f"{path}: {what}.",
        next_step="Look for a quote without its partner; where text is that long, write Parquet.",
    )


def _parsed_in_blocks(
    path: Path,
    types: Mapping[str, Any],
    columns: list[str] | None,
    ignore_empty_lines: bool,
    block: int,
) -> Any:
    from pyarrow import csv

    with opened_file(path) as file:
        return csv.read_csv(
            _text_of(path, file),
            read_options=csv.ReadOptions(block_size=block),
            parse_options=csv.ParseOptions(
                delimiter="\t" if bare_suffix(path) == ".tsv" else ",",
                newlines_in_values=True,
                ignore_empty_lines=ignore_empty_lines,
            ),
            convert_options=csv.ConvertOptions(
                column_types=types, strings_can_be_null=True, include_columns=columns
            ),
        )


def _text_of(path: Path, file: Any) -> Any:
    import pyarrow as pa

    kind = _COMPRESSED.get(path.suffix.lower())
    return file if kind is None else pa.CompressedInputStream(file, kind)


def _swallows_the_end(path: Path, table: Any) -> bool:
    """Say whether the last cell has several lines and the file does not end in the quote that closes them."""
    if not table.num_rows or not table.num_columns:
        return False
    cell = table.column(-1)[-1].as_py()
    cell = cell.encode() if isinstance(cell, str) else cell
    if not isinstance(cell, bytes) or b"\n" not in cell:
        return False
    end = b""
    with opened_file(path) as file:
        text = _text_of(path, file)
        while read := text.read(_BLOCKS[0]):
            end = end[-_BLOCKS[0] :] + read
    return not end.rstrip(b" \t\r\n").endswith(b'"')
