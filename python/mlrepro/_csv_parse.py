# SPDX-License-Identifier: Apache-2.0
"""Text of CSV files to Arrow tables, by pyarrow's reader."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlrepro._errors import Error, FileError, SchemaError

__all__ = ["bare_suffix", "opened_file", "parsed", "refuse_open_quotes"]

_BLOCKS = (1 << 20, 1 << 28)  # bytes: a row must fit in one, and most rows in the first
_IN_COLUMN = re.compile(
    r"In CSV column #(\d+): (?:Row #\d+: )?(?:CSV conversion error to [^:]+: )?(.*)", re.DOTALL
)
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
    as_written: bool = False,
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
    as_written : bool, default False
        Only a cell without a character is missing: neither NA nor a quoted "".

    Raises
    ------
    FileError
        A row of more than 256 MB; a quote that is not closed where its cell ends.
    """
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    given = {"null_values": [""], "quoted_strings_can_be_null": False} if as_written else {}
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
                raise _not_of_type(path, types, int(found[1]), parse, found[2]) from error
            if not str(error).startswith("straddling object"):
                raise
    raise FileError(
        f"{path}: a row is longer than {_BLOCKS[-1]:,} bytes.",
        next_step="Look for a quote without its partner; where text is that long, write Parquet.",
    )


def _not_of_type(path: Path, types: Mapping[str, Any], at: int, parse: Any, said: str) -> Error:
    """Return the error of a column whose cells are not of its type; pyarrow names its position only."""
    from pyarrow import csv as arrow_csv

    with opened_file(path) as file:
        name = arrow_csv.open_csv(_text_of(path, file), parse_options=parse).schema.names[at]
    return SchemaError(
        f"column {name!r} of {path.name} is not all {types.get(name, 'of one type')}: {said}.",
        column=name,
        next_step="Give it another type in schema=, e.g. 'string'.",
    )


def refuse_open_quotes(path: Path) -> None:
    """Refuse a file in which a quote is not closed where its cell ends.

    pyarrow takes what follows, up to the next quote or the end of the file, for one cell. Reads the whole file, in Python.
    """
    old = csv.field_size_limit(_BLOCKS[-1])
    try:
        with opened_file(path) as file:
            text = io.TextIOWrapper(_text_of(path, file), "utf-8-sig", "replace", newline="")
            reader = csv.reader(text, delimiter=_delimiter(path), strict=True)
            begin = 1
            for _ in reader:
                begin = reader.line_num + 1
    except csv.Error as error:
        raise FileError(
            f"{path}: a quote in the row that begins on line {begin:,} is not closed where its cell ends ({error}).",
            next_step="Close it, or double it where it is part of the text.",
        ) from error
    finally:
        csv.field_size_limit(old)


def _delimiter(path: Path) -> str:
    return "\t" if bare_suffix(path) == ".tsv" else ","


def _text_of(path: Path, file: Any) -> Any:
    import pyarrow as pa

    kind = _COMPRESSED.get(path.suffix.lower())
    return file if kind is None else pa.CompressedInputStream(file, kind)
