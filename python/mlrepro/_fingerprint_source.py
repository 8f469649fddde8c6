# SPDX-License-Identifier: Apache-2.0
"""Where rows come from: a table in memory as it is, files and streams batch by batch."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from mlrepro._csv_parse import opened_file
from mlrepro._dataset import Dataset, as_dataset
from mlrepro._errors import FileError, InputTypeError
from mlrepro._files import expanded, kind_of, unreadable
from mlrepro._origin import library_of
from mlrepro._streams import refuse_infinite_times

__all__ = ["batches_of", "held_table", "opened"]

_BATCH_ROWS = 4 * 65_536


def _paths(table: Any) -> list[Any] | None:
    if isinstance(table, (str, os.PathLike)):
        return [table]
    is_list = isinstance(table, (list, tuple)) and len(table) > 0
    return (
        list(table) if is_list and all(isinstance(p, (str, os.PathLike)) for p in table) else None
    )


def _is_stream(table: Any) -> bool:
    return hasattr(table, "read_next_batch") or hasattr(table, "__next__")


def opened(table: Any) -> Any:
    """Return what a function opens, and the batches of a lazy query instead of its whole result."""
    library = library_of(table)
    if library in ("", None) and callable(table) and not isinstance(table, type):
        return opened(table())
    if library == "polars" and hasattr(table, "collect_batches"):
        return table.collect_batches(chunk_size=_BATCH_ROWS, maintain_order=True)
    if library == "duckdb" and hasattr(table, "__arrow_c_stream__"):
        try:
            import pyarrow as pa
        except ImportError:
            return table
        return _relation_batches(pa.RecordBatchReader.from_stream(table))
    return table


def _relation_batches(reader: Any) -> Iterator[Dataset]:
    with reader:  # an open one blocks the connection's next query
        yield as_dataset(reader.schema.empty_table())
        n_rows = 0
        for batch in reader:
            made = as_dataset(batch)
            refuse_infinite_times(made._data, n_rows)
            n_rows += len(made)
            yield made


def held_table(table: Any, schema: Mapping[str, Any] | None) -> Dataset | None:
    """Return a table in memory as a Dataset without a copy; None for files and streams."""
    if isinstance(table, Dataset) and schema is None:
        return table
    if _paths(table) is not None or _is_stream(table):
        return None
    return Dataset(table, copy=False, schema=schema)


def batches_of(table: Any, schema: Mapping[str, Any] | None) -> Iterator[Dataset]:
    """Yield the rows of files or of a stream; at least one batch, so that a table without rows has its columns."""
    paths = _paths(table)
    if paths is None:
        made = as_dataset if schema is None else partial(Dataset, schema=schema)
        yield from (made(batch) for batch in _stream_batches(table))
        return
    files = expanded(paths)
    has_csv = "csv" in {kind_of(path) for path in files}
    if has_csv or schema is not None or not _same_types(files):
        yield Dataset(paths, source_file=False, schema=schema)  # types are decided by all of it
        return
    for path in files:
        yield from _file_batches(path)


def _stream_batches(stream: Any) -> Iterable[Any]:
    n_batches = 0
    for batch in stream:
        n_batches += 1
        yield batch
    if n_batches == 0 and not hasattr(stream, "schema"):
        raise InputTypeError(
            f"A {type(stream).__name__} yielded no batch: its columns are not known.",
            next_step="Was it read before? Pass a new one, or a function that opens one.",
        )
    if n_batches == 0:
        yield stream.schema.empty_table()


def _schema(path: Path) -> Any:
    import pyarrow.parquet as pq

    if kind_of(path) == "parquet":
        with opened_file(path) as source:
            return pq.read_schema(source)
    with _ipc_reader(path) as reader:
        return reader.schema


def _same_types(files: list[Path]) -> bool:
    if len(files) == 1:
        return True
    schemas = _reading(files[0], lambda: [_schema(path) for path in files])
    return all(schema.equals(schemas[0]) for schema in schemas[1:])


def _reading(path: Path, read: Any) -> Any:
    try:
        import pyarrow as pa
    except ImportError as error:
        raise FileError(
            "Files are read through pyarrow, which is not installed.",
            next_step="pip install 'mlrepro[arrow]'.",
        ) from error
    try:
        return read()
    except (OSError, pa.ArrowException, EOFError) as error:
        raise unreadable(path, error) from error


def _ipc_reader(path: Path) -> Any:
    import pyarrow as pa
    import pyarrow.ipc as ipc

    source = pa.memory_map(str(path))
    try:
        return ipc.open_file(source)
    except pa.ArrowInvalid:
        source.seek(0)
        return ipc.open_stream(source)


def _batches_in(path: Path) -> Iterator[Any]:
    if kind_of(path) == "parquet":
        import pyarrow.parquet as pq

        with opened_file(path) as source, pq.ParquetFile(source) as file:
            yield file.schema_arrow.empty_table()
            yield from file.iter_batches(batch_size=_BATCH_ROWS)
        return
    with _ipc_reader(path) as reader:
        yield reader.schema.empty_table()
        if hasattr(reader, "num_record_batches"):
            yield from (reader.get_batch(i) for i in range(reader.num_record_batches))
        else:
            yield from reader


def _file_batches(path: Path) -> Iterator[Dataset]:
    batches = _reading(path, lambda: _batches_in(path))
    done = object()
    while (batch := _reading(path, lambda: next(batches, done))) is not done:
        yield as_dataset(batch)
