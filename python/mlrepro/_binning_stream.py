# SPDX-License-Identifier: Apache-2.0
"""Bins of what does not fit in memory: rows pass for their identity, then the columns in blocks that fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mlrepro import _core
from mlrepro._dataset import Dataset
from mlrepro._errors import (
    ArgumentError,
    ColumnNotFoundError,
    InputTypeError,
    LimitError,
    SchemaError,
)
from mlrepro._files import expanded, kind_of, unreadable
from mlrepro._names import did_you_mean

__all__ = ["stream_bins"]

_BATCH = 1 << 17  # rows
_BLOCK_BYTES = 1 << 30  # of values that are in memory at once, unless memory_limit says otherwise
_TEXT_BYTES = 32  # what a text is taken to be, where only reading it would tell
_COPIES = 3  # batches, the column that they are joined to, its keys


def stream_bins(
    source: Any,
    roles: dict[str, Any],
    keep: list[str],
    seed: int,
    threads: int,
    memory_limit: int | None,
) -> Any:
    """Return the core's bins of a source that can be opened again."""
    opened = _opener(source)
    schema = opened(None).schema
    names = schema.names
    _check_names([*_named(roles), *keep], names)
    stream = _core.BinnedStream(roles, keep, seed, threads)
    n_rows = 0
    for batch in _checked(opened(roles.get("key")), schema):
        n_rows += batch.num_rows
        stream.add_rows(_core_of(batch, roles))
    for block in _blocks(schema, n_rows, memory_limit):
        stream.add_columns(_core_of(_checked(opened(block), schema), {}))
    return stream.finish()


def _checked(reader: Any, schema: Any) -> Any:
    """Refuse what is not the source that was opened first."""
    for field in reader.schema:
        if field.name not in schema.names or field.type != schema.field(field.name).type:
            raise SchemaError(
                f"column {field.name!r} is {field.type} in a later reading of the stream.",
                column=field.name,
                next_step="Return the same rows and columns each time that the source is opened.",
            )
    return reader


def _core_of(given: Any, roles: dict[str, Any]) -> Any:
    here = set(given.schema.names)
    held = {
        role: named
        for role, named in roles.items()
        if here.issuperset([named] if isinstance(named, str) else named)
    }
    return Dataset(given, **held)._data


def _named(roles: dict[str, Any]) -> list[str]:
    return [c for held in roles.values() for c in ([held] if isinstance(held, str) else held)]


def _check_names(wanted: list[str], names: list[str]) -> None:
    for name in wanted:
        if name not in names:
            raise ColumnNotFoundError(
                f"the stream has no column {name!r}.",
                column=name,
                next_step=did_you_mean(name, names) or "Name one of its columns.",
            )


def _blocks(schema: Any, n_rows: int, memory_limit: int | None) -> Iterator[list[str]]:
    """Yield names of columns whose values fit in memory together."""
    stays = n_rows * (len(schema) + 16)
    room = _BLOCK_BYTES if memory_limit is None else memory_limit - stays
    block: list[str] = []
    used = 0
    for field in schema:
        need = _COPIES * n_rows * _bytes_of(field.type)
        if memory_limit is not None and need > room:
            raise LimitError(
                f"column {field.name!r} of {n_rows:,} rows needs about {stays + need:,} bytes with the bins;"
                f" memory_limit is {memory_limit:,}.",
                column=field.name,
                next_step="Raise memory_limit.",
            )
        if block and used + need > room:
            yield block
            block, used = [], 0
        block.append(field.name)
        used += need
    if block:
        yield block


def _bytes_of(kind: Any) -> int:
    try:
        return max(1, int(kind.bit_width) // 8)
    except ValueError:  # no fixed width
        return _TEXT_BYTES


def _opener(source: Any) -> Callable[[list[str] | None], Any]:
    """Return what opens the batches again, of some columns."""
    if callable(source):
        return lambda columns: _selected(_stream_of(source()), columns)
    given = source if isinstance(source, (list, tuple)) else [source]
    if not given:
        raise ArgumentError("the list of files is empty.", next_step="Name a file.")
    if not all(isinstance(path, str) or hasattr(path, "__fspath__") for path in given):
        raise InputTypeError(
            f"a stream is read more than once, and a {type(source).__name__} cannot be opened again.",
            next_step="Pass a path, a list of paths, or a function that returns an Arrow stream.",
        )
    files = expanded(list(given))
    for path in files:
        if kind_of(path) == "csv":
            raise InputTypeError(
                f"{path.name} is CSV, whose types only all of its rows tell.",
                next_step="Convert it to Parquet first, or read it with mr.Dataset.",
            )
    schema = _schema_of_all(files)
    return lambda columns: _of_files(files, schema, columns)


def _stream_of(made: Any) -> Any:
    import pyarrow as pa

    if not hasattr(made, "__arrow_c_stream__"):
        raise InputTypeError(
            f"the function returned a {type(made).__name__}, which is no Arrow stream.",
            next_step="Return a pyarrow RecordBatchReader, a table, or a frame of polars or DuckDB.",
        )
    return pa.RecordBatchReader.from_stream(made)


def _selected(reader: Any, columns: list[str] | None) -> Any:
    import pyarrow as pa

    if columns is None:
        return reader
    gone = [name for name in columns if reader.schema.get_field_index(name) < 0]
    if gone:  # or there twice
        raise SchemaError(
            f"the stream has no one column {gone[0]!r} when it is read again.",
            column=gone[0],
            next_step="Return the same rows and columns each time that the source is opened.",
        )
    schema = pa.schema([reader.schema.field(name) for name in columns])
    return pa.RecordBatchReader.from_batches(schema, (batch.select(columns) for batch in reader))


def _schema_of_all(files: list[Any]) -> Any:
    first = _schema_of(files[0])
    for path in files[1:]:
        if not _schema_of(path).equals(first):
            raise SchemaError(
                f"{path.name} has other columns or types than {files[0].name}.",
                next_step="Stream files of one schema, or read them with mr.Dataset.",
            )
    return first


def _of_files(files: list[Any], whole: Any, columns: list[str] | None) -> Any:
    import pyarrow as pa

    wanted = whole.names if columns is None else columns
    schema = pa.schema([whole.field(name) for name in wanted])

    def batches() -> Iterator[Any]:
        for path in files:
            yield from _batches_of(path, wanted)

    return pa.RecordBatchReader.from_batches(schema, batches())


def _schema_of(path: Any) -> Any:
    import pyarrow as pa

    try:
        if kind_of(path) == "parquet":
            import pyarrow.parquet as pq

            return pq.read_schema(path).remove_metadata()
        with pa.ipc.open_file(path) as file:
            return file.schema.remove_metadata()
    except (OSError, pa.ArrowException) as error:
        raise unreadable(path, error) from error


def _batches_of(path: Any, columns: list[str]) -> Iterator[Any]:
    if kind_of(path) == "parquet":
        import pyarrow.parquet as pq

        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(_BATCH, columns=columns)
        return
    import pyarrow as pa

    with pa.ipc.open_file(path) as file:
        for i in range(file.num_record_batches):
            yield file.get_batch(i).select(columns)
