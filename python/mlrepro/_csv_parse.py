# SPDX-License-Identifier: Apache-2.0
"""Text of CSV files to Arrow tables, by pyarrow's reader."""

from __future__ import annotations

import csv
import io
import re
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mlrepro._errors import FileError, SchemaError

__all__ = ["bare_suffix", "column_names", "opened_file", "parsed", "refuse_open_quotes"]

_BLOCKS = (1 << 20, 1 << 28)  # bytes: a row must fit in one, and most rows in the first
_TAIL = 1 << 16  # bytes: most last rows fit
_IN_COLUMN = re.compile(
    r"In CSV column #(\d+): (?:Row #\d+: )?(?:CSV conversion error to .*?: )?(.*)", re.DOTALL
)
_LIMIT_LOCK = threading.Lock()  # csv.field_size_limit is one for all threads
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
    *,
    columns: list[str] | None = None,
    ignore_empty_lines: bool = True,
    only_empty_is_missing: bool = False,
) -> Any:
    """Return the table.

    Parameters
    ----------
    path : Path
        Of the file.
    types : mapping
        Types of some columns; those of the others are inferred.
    columns : list of str, optional
        Only these.
    ignore_empty_lines : bool, default True
        Whether an empty line is no row.
    only_empty_is_missing : bool, default False
        Neither NA nor a quoted "" is.

    Raises
    ------
    FileError
        A row of more than 256 MB.
    SchemaError
        A cell that is not of the type given for its column.
    """
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    given = (
        {"null_values": [""], "quoted_strings_can_be_null": False} if only_empty_is_missing else {}
    )
    convert = arrow_csv.ConvertOptions(
        column_types=types, strings_can_be_null=True, include_columns=columns, **given
    )
    parse = arrow_csv.ParseOptions(
        delimiter=_delimiter(path), newlines_in_values=True, ignore_empty_lines=ignore_empty_lines
    )
    for block in _BLOCKS:
        try:
            with opened_file(path) as file:
                return arrow_csv.read_csv(
                    _text_of(path, file),
                    read_options=arrow_csv.ReadOptions(block_size=block),
                    parse_options=parse,
                    convert_options=convert,
                )
        except pa.ArrowInvalid as error:
            if found := _IN_COLUMN.match(str(error)):
                raise _not_of_type(path, types, int(found[1]), found[2]) from error
            if not str(error).startswith("straddling object"):
                raise
    raise FileError(
        f"{path}: a row is longer than {_BLOCKS[-1]:,} bytes.",
        next_step="Look for a quote without its partner; where text is that long, write Parquet.",
    )


def column_names(path: Path) -> list[str]:
    """Return what its first line names."""
    from pyarrow import csv as arrow_csv

    parse = arrow_csv.ParseOptions(delimiter=_delimiter(path), newlines_in_values=True)
    with opened_file(path) as file:
        return list(arrow_csv.open_csv(_text_of(path, file), parse_options=parse).schema.names)


def _not_of_type(path: Path, types: Mapping[str, Any], at: int, said: str) -> SchemaError:
    """Return the error of a column whose cells are not of its type; pyarrow names its position only."""
    name = column_names(path)[at]
    return SchemaError(
        f"column {name!r} of {path.name} is not all {types.get(name, 'of one type')}: {said}.",
        column=name,
        next_step="Give it another type in schema=, e.g. 'string'.",
    )


def refuse_open_quotes(path: Path, everywhere: bool) -> None:
    """Refuse a file in which a quote is not closed where its cell ends.

    pyarrow takes what follows, up to the next quote or the end of the file, for one cell.

    Parameters
    ----------
    path : Path
        Of the file.
    everywhere : bool
        Read the whole file, in Python; else its last line, which is enough where no cell has several.
    """
    with opened_file(path) as file:
        text = _text_of(path, file)
        last = None if everywhere else _last_line(text)
        lines: Iterable[str] = (
            io.TextIOWrapper(text, "utf-8-sig", "replace", newline="") if last is None else [last]
        )
        begin, where = 1, "the row that begins on line {:,}" if last is None else "the last row"
        with _LIMIT_LOCK:
            old = csv.field_size_limit(_BLOCKS[-1])
            try:
                reader = csv.reader(lines, delimiter=_delimiter(path), strict=True)
                for _ in reader:
                    begin = reader.line_num + 1
            except csv.Error as error:
                raise FileError(
                    f"{path}: a quote in {where.format(begin)} is not closed where its cell ends ({error}).",
                    next_step="Close it, or double it where it is part of the text.",
                ) from error
            finally:
                csv.field_size_limit(old)


def _last_line(text: Any) -> str:
    """Return what follows the last line break that has something behind it; of a file, only its end is read."""
    ends = (_TAIL, *_BLOCKS) if text.seekable() else (None,)
    end = b""
    for size in ends:
        begin = 0 if size is None else max(text.size() - size, 0)
        if size is not None:
            text.seek(begin)
        end, is_whole = b"", begin == 0
        while read := text.read(_BLOCKS[0]):
            end += read
            content = end.rstrip(b"\r\n")
            at = max(content.rfind(b"\n"), content.rfind(b"\r"))
            end, is_whole = end[at + 1 :], is_whole or at >= 0
        if is_whole:
            break
    return end.rstrip(b"\r\n").decode("utf-8", "replace")


def _delimiter(path: Path) -> str:
    return "\t" if bare_suffix(path) == ".tsv" else ","


def _text_of(path: Path, file: Any) -> Any:
    import pyarrow as pa

    kind = _COMPRESSED.get(path.suffix.lower())
    return file if kind is None else pa.CompressedInputStream(file, kind)
