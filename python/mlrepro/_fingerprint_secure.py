# SPDX-License-Identifier: Apache-2.0
"""SHA-256 of the canonical leaves that the core streams, their Merkle roots, and the table's."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from mlrepro import _core
from mlrepro._errors import FormatError

__all__ = ["SecureLeaves", "check_secure"]


def _sha256(domain: str, *parts: Any) -> bytes:
    digest = hashlib.sha256(domain.encode() + b"\0")
    for part in parts:
        digest.update(part)
    return digest.digest()


def _root(n_rows: int, leaves: list[bytes]) -> bytes:
    level = leaves
    while len(level) > 1:
        above = [_sha256("node", *level[i : i + 2]) for i in range(0, len(level) - 1, 2)]
        level = above + level[len(level) - len(level) % 2 :]  # an odd last node moves up
    return _sha256("root", n_rows.to_bytes(8, "little"), *level)


class SecureLeaves:
    """Collects leaves in any order of columns; called by the core as (column, leaf, bytes)."""

    def __init__(self) -> None:
        self._leaves: dict[str, dict[int, bytes]] = {}

    def __call__(self, column: str, leaf: int, data: memoryview) -> None:
        self._leaves.setdefault(column, {})[leaf] = _sha256("leaf", data)

    def to_json(self, made: _core.Fingerprint) -> str:
        """Return the digests as JSON: algorithm, table, and of each column its root and leaves."""
        leaves = {
            name: [digest for _, digest in sorted(by_leaf.items())]
            for name, by_leaf in self._leaves.items()
        }
        return json.dumps(_document(made, json.loads(made.to_json()), leaves))


def _document(
    made: _core.Fingerprint, held: Mapping[str, Any], leaves: Mapping[str, list[bytes]]
) -> dict[str, Any]:
    columns, pairs = {}, []
    for name in sorted((c["schema"]["name"] for c in held["columns"]), key=str.encode):
        of_column = leaves.get(name, [])
        root = _root(held["n_rows"], of_column)
        pairs += [_sha256("name", name.encode()), root]
        columns[name] = {"root": root.hex(), "leaves": [leaf.hex() for leaf in of_column]}
    schema = _sha256("schema", made.schema_json().encode())
    table = _sha256("table", schema, *pairs)
    return {"algorithm": "sha256", "table": table.hex(), "columns": columns}


def check_secure(made: _core.Fingerprint, held: Mapping[str, Any]) -> None:
    """Raise FormatError if the SHA-256 leaves of a fingerprint (`held`: its document) do not give its roots and table."""
    secure = held["secure"]
    if secure is None:
        return
    try:
        leaves = {
            name: [bytes.fromhex(leaf) for leaf in column["leaves"]]
            for name, column in secure["columns"].items()
        }
        fits = _document(made, held, leaves) == secure
    except ValueError:  # no hexadecimal digits
        fits = False
    if not fits:
        raise FormatError(
            "the fingerprint is damaged: its SHA-256 leaves do not give its roots and table.",
            next_step="Pass what save or to_json wrote, unchanged.",
        )
