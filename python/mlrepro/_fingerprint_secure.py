# SPDX-License-Identifier: Apache-2.0
"""SHA-256 of the canonical leaves that the core streams, their Merkle roots, and the table's."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from mlrepro import _core

__all__ = ["SecureLeaves"]


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
        held = json.loads(made.to_json())
        columns, pairs = {}, []
        for name in sorted((c["schema"]["name"] for c in held["columns"]), key=str.encode):
            leaves = [digest for _, digest in sorted(self._leaves.get(name, {}).items())]
            root = _root(held["n_rows"], leaves)
            pairs += [_sha256("name", name.encode()), root]
            columns[name] = {"root": root.hex(), "leaves": [leaf.hex() for leaf in leaves]}
        schema = _sha256("schema", made.schema_json().encode())
        table = _sha256("table", schema, *pairs)
        return json.dumps({"algorithm": "sha256", "table": table.hex(), "columns": columns})
