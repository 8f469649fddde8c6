# SPDX-License-Identifier: Apache-2.0
"""Fingerprints of tables, and what differs between two of them in words."""

from __future__ import annotations

import json
import operator
import os
from collections.abc import Mapping
from typing import Any

from mlrepro import _core
from mlrepro._arrays import as_threads
from mlrepro._dataset import Dataset, as_dataset
from mlrepro._errors import ArgumentError, InputTypeError
from mlrepro._fingerprint_secure import SecureLeaves, check_secure
from mlrepro._fingerprint_source import batches_of, held_table, opened
from mlrepro._fingerprint_verdict import Verdict
from mlrepro._load import register
from mlrepro._names import check_flag, options_listed, plural
from mlrepro._saved import as_text, write_text

__all__ = ["Fingerprint", "FingerprintState", "fingerprint"]

_SHOWN_COLUMNS = 20


class Fingerprint:
    """Digests of a table: equal values, equal bytes, whatever library, batching or number of threads.

    Made by `mr.fingerprint`. `==` compares everything, the schema included; `verdict` says what differs.

    Thread safety: immutable.
    """

    def __init__(self, core: _core.Fingerprint, table: Dataset | None = None) -> None:
        self._core_fingerprint = core
        self._table = table
        self._json = core.to_json()
        self._held: dict[str, Any] = json.loads(self._json)

    @classmethod
    def from_json(cls, text: str, *, hash_key: str | None = None) -> Fingerprint:
        """Read what `to_json` wrote.

        Parameters
        ----------
        text : str
            Canonical JSON.
        hash_key : str, optional
            The key it was made with; without it such a fingerprint is read unchecked and cannot be merged.

        Raises
        ------
        FormatError
            No fingerprint, newer than this library, or edited (the message says which part).
        """
        made = cls(_core.Fingerprint.from_json(as_text(text), _key_text(hash_key)))
        check_secure(made._core_fingerprint, made._held)
        return made

    @property
    def content_id(self) -> str:
        """Identity of schema and rows in any order: 32 hex digits."""
        return str(self._core_fingerprint.content_id)

    @property
    def table_id(self) -> str | None:
        """Identity of schema, rows and their order; None if the order is not known (see `FingerprintState`)."""
        core = self._core_fingerprint
        return str(core.table_id) if core.is_ordered else None

    @property
    def n_rows(self) -> int:
        """Rows."""
        return int(self._held["n_rows"])

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in order."""
        return [column["schema"]["name"] for column in self._held["columns"]]

    @property
    def secure(self) -> dict[str, Any] | None:
        """With ``secure=True``: SHA-256 of the table, and of each column its root and leaves; else None."""
        return self._held.get("secure")

    def verdict(
        self, other: Fingerprint, *, left: Any = None, right: Any = None, threads: int | None = None
    ) -> Verdict:
        """Say what is different in `other`.

        Parameters
        ----------
        other : Fingerprint
            The later table.
        left, right : frame or path, optional
            The tables themselves, to name rows. A fingerprint of a table in memory still has it, so that they are
            only needed for loaded fingerprints, files and streams.
        threads : int, optional
            Changes no answer.

        Returns
        -------
        Verdict
            Rows are named by key where both tables declare the same one (``mr.Dataset(df, key=...)``), else by
            position, else as removed and added.

        Raises
        ------
        ArgumentError
            `left` or `right` is not the table that was fingerprinted.
        """
        if not isinstance(other, Fingerprint):
            raise ArgumentError(
                f"verdict takes a Fingerprint, not {type(other).__name__}.",
                next_step="Pass mr.fingerprint(table).",
            )
        a, b, n = self._core_fingerprint, other._core_fingerprint, as_threads(threads)
        if left is not None or right is not None:
            pair = (self._table_or(left, "left"), other._table_or(right, "right"))
            return Verdict.from_json(_core.verdict(a, b, pair[0]._data, pair[1]._data, n))
        if self._table is not None and other._table is not None:
            try:
                text = _core.verdict(a, b, self._table._data, other._table._data, n)
            except ArgumentError:  # a frame was written to since: its fingerprint still holds
                text = _core.verdict(a, b)
            return Verdict.from_json(text)
        return Verdict.from_json(_core.verdict(a, b))

    def _table_or(self, given: Any, side: str) -> Dataset:
        if given is not None:
            return as_dataset(given)
        if self._table is None:
            raise ArgumentError(
                f"the {side} table is not at hand: its fingerprint came from a file or a stream.",
                next_step=f"Pass {side}= as well, or neither.",
            )
        return self._table

    def merge(self, other: Fingerprint) -> Fingerprint:
        """Return the fingerprint of this table with the rows of `other` below it.

        The content id is that of the whole. The table id too where this table has a multiple of 65,536 rows; else it
        is None, because leaves do not line up: use `FingerprintState` with ``first_row`` for parts of any size.

        Raises
        ------
        SchemaError
            Other columns, types or categories.
        ArgumentError
            Another hash_key.
        """
        if not isinstance(other, Fingerprint):
            raise ArgumentError(
                f"merge takes a Fingerprint, not {type(other).__name__}.",
                next_step="Pass mr.fingerprint(table).",
            )
        return Fingerprint(self._core_fingerprint.merge(other._core_fingerprint))

    def without_table(self) -> Fingerprint:
        """Return the same fingerprint without the table that it keeps for naming rows."""
        return Fingerprint(self._core_fingerprint)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain Python objects."""
        return dict(json.loads(self._json))

    def to_json(self) -> str:
        """Return canonical JSON, format "mlrepro.fingerprint"; equal tables give equal bytes."""
        return self._json

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write `to_json` to a file; ``mr.load`` and C++'s ``Fingerprint::from_json`` read it."""
        write_text(self.to_json(), path)

    def to_pandas(self) -> Any:
        """Return one row a column: name, dtype, n_null, n_nan, n_negzero, sum, root."""
        import pandas as pd

        names = ("n_null", "n_nan", "n_negzero", "sum", "root")
        return pd.DataFrame(
            [
                {"name": c["schema"]["name"], "dtype": _dtype(c["schema"])}
                | {name: c.get(name) for name in names}
                for c in self._held["columns"]
            ],
            columns=["name", "dtype", *names],
        )

    def to_text(self) -> str:
        """Return the ids, and a line a column: the beginning of its root, its type, what is missing."""
        lines = [
            f"Fingerprint (canon 1): {plural(self.n_rows, 'row')}, {plural(len(self.columns), 'column')}",
            f"table id    {self.table_id or 'unknown: merged from parts of unknown position'}",
            f"content id  {self.content_id}   (rows in any order)",
        ]
        if self.secure is not None:
            lines.append(f"sha256      {self.secure['table']}   (sums are not tamper-evident)")
        shown = self._held["columns"][:_SHOWN_COLUMNS]
        width = max((len(c["schema"]["name"]) for c in shown), default=0)
        lines += [
            f"  {c['schema']['name']:<{width}}  {(c.get('root') or c['sum'])[:16]}  "
            f"{_dtype(c['schema'])}{_missing(c)}"
            for c in shown
        ]
        hidden = len(self.columns) - len(shown)
        return "\n".join(lines + ([f"  and {hidden:,} columns more"] if hidden else []))

    def __repr__(self) -> str:
        return self.to_text()

    def __eq__(self, other: object) -> bool:
        return self._json == other._json if isinstance(other, Fingerprint) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._json)

    def __reduce__(self) -> tuple[Any, ...]:
        return Fingerprint.from_json, (self._json,)


def _dtype(schema: Mapping[str, Any]) -> str:
    inside = ", ".join(schema[k] for k in ("unit", "zone", "level_type") if k in schema)
    return f"{schema['dtype']}[{inside}]" if inside else str(schema["dtype"])


def _missing(column: Mapping[str, Any]) -> str:
    names = {"n_null": "null", "n_nan": "NaN", "n_negzero": "-0.0"}
    return "".join(f", {column[k]:,} {name}" for k, name in names.items() if column[k])


def _key_text(hash_key: Any) -> str:
    if hash_key is None:
        return ""
    if isinstance(hash_key, str):
        return hash_key
    raise ArgumentError(
        f"hash_key is a {type(hash_key).__name__}, not text.", next_step="Pass a str."
    )


def _first_row(given: Any) -> int:
    try:
        row = operator.index(given)
    except TypeError:
        row = -1
    if not 0 <= row < 2**62:
        raise ArgumentError(
            f"first_row is {given!r}, not a position from 0 and below 2**62.",
            next_step="Pass e.g. first_row=0.",
        )
    return row


@options_listed()
class FingerprintState:
    """A fingerprint in the making: fed batch by batch, merged from parts that were fed anywhere.

    `merge` is associative and commutative bit for bit. Batches have the same columns, in one order, of the same types.

    Parameters
    ----------
    first_row : int, default 0
        Position in the whole table of the first row that is fed. Parts that know theirs merge to the fingerprint of
        the whole; parts that overlap lose the table id, never the content id.
    hash_key : str, optional
        As in `fingerprint`.
    threads : int, optional
        Changes no answer.

    Notes
    -----
    Thread safety: none; one thread at a time.
    """

    def __init__(
        self, *, first_row: int = 0, hash_key: str | None = None, threads: int | None = None
    ) -> None:
        self._key = _key_text(hash_key)
        self._state = _core.FingerprintState(
            hash_key=self._key, threads=as_threads(threads), first_row=_first_row(first_row)
        )

    @property
    def n_rows(self) -> int:
        """Rows so far."""
        return int(self._state.n_rows)

    def update(self, batch: Any) -> FingerprintState:
        """Feed the next rows: any frame, or a Dataset."""
        self._state.update(as_dataset(batch)._data)
        return self

    def merge(self, other: FingerprintState) -> FingerprintState:
        """Take over what `other` was fed."""
        if not isinstance(other, FingerprintState):
            raise ArgumentError(
                f"merge takes a FingerprintState, not {type(other).__name__}.",
                next_step="Pass the state of another part; feed a table with update(table).",
            )
        self._state.merge(other._state)
        return self

    def finalize(self) -> Fingerprint:
        """Return the fingerprint of what was fed; the state can be fed on."""
        return Fingerprint(self._state.finalize())

    def __reduce__(self) -> tuple[Any, ...]:
        return _state_of, (self.to_bytes(), self._key)

    def to_bytes(self) -> bytes:
        """Return the state as bytes, versioned and little-endian; equal states give equal bytes."""
        return bytes(self._state.to_bytes())

    @classmethod
    def from_bytes(cls, data: bytes, *, hash_key: str | None = None) -> FingerprintState:
        """Read what `to_bytes` wrote.

        Raises
        ------
        FormatError
            Damaged, cut short or newer bytes.
        ArgumentError
            Another hash_key.
        """
        if not isinstance(data, (bytes, bytearray, memoryview)):
            raise InputTypeError(
                f"a state is read from bytes, and got {type(data).__name__}.",
                next_step="Pass what to_bytes() returned.",
            )
        made = cls.__new__(cls)
        made._key = _key_text(hash_key)
        made._state = _core.FingerprintState.from_bytes(bytes(data), hash_key=made._key, threads=0)
        return made


def _state_of(data: bytes, hash_key: str) -> FingerprintState:
    return FingerprintState.from_bytes(data, hash_key=hash_key or None)


@options_listed()
def fingerprint(
    table: Any,
    *,
    secure: bool = False,
    hash_key: str | None = None,
    schema: Mapping[str, Any] | None = None,
    threads: int | None = None,
) -> Fingerprint:
    """Fingerprint a table: digests of its columns, rows and schema (canon 1).

    Parameters
    ----------
    table : frame, Dataset, path or stream
        Any frame that `Dataset` takes. Parquet and Arrow files (a path, a glob or a list of paths), record batch
        readers and iterators of frames are read batch by batch, never as a whole; a CSV file is read whole, because
        its types are inferred from all of it.
    secure : bool, default False
        Also hash the canonical leaves with SHA-256, against tampering. Sums and row multiset stay XXH3-128 and are
        not tamper-evident.
    hash_key : str, optional
        Enters every seed, so that digests of columns with few values are harder to guess (no cryptography). Only
        fingerprints made with the same key compare; the key is not recorded.
    schema : mapping, optional
        Types of columns of CSV files, as `Dataset` takes them.
    threads : int, optional
        Changes no answer.

    Returns
    -------
    Fingerprint
        Of a table in memory it keeps that table (no copy), so that `verdict` can name rows; neither saved nor
        pickled, and dropped by `without_table`.

    Raises
    ------
    InputTypeError, SchemaError, FileError
        A type that is refused, batches whose types differ, an unreadable file.

    Notes
    -----
    The order of columns moves neither id; the order of rows moves the table id only. A null and a NaN that trade
    places within 65,536 rows change nothing. The index of a pandas frame is left out. Hash: XXH3-128; order-free sums
    mod 2^128; binary Merkle trees over leaves of 65,536 rows.

    Examples
    --------
    >>> import mlrepro as mr
    >>> a, b = {"x": [1, 2, 3]}, {"x": [3, 1, 2]}
    >>> mr.fingerprint(a).verdict(mr.fingerprint(b))
    only row order
    """
    check_flag("secure", secure)
    state = _core.FingerprintState(
        hash_key=_key_text(hash_key), threads=as_threads(threads), first_row=0
    )
    leaves = SecureLeaves() if secure else None
    table = opened(table)
    held = held_table(table, schema)
    for batch in batches_of(table, schema) if held is None else [held]:
        state.update(batch._data, leaves)
    made = state.finalize(leaves)
    if leaves is not None:
        made = made.with_secure_json(leaves.to_json(made))
    return Fingerprint(made, held)


register("mlrepro.fingerprint", Fingerprint.from_json)
