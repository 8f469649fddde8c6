# SPDX-License-Identifier: Apache-2.0
"""Writes row_identity.json: cells of every type, their canonical elements, and row identities of whole tables.

An oracle apart from the library: plain Python integers and PyPI's xxhash. Run by hand where xxhash is installed:
`python tests/vectors/make_row_identity.py`. A change of the file it writes is a change of every split ever made.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import xxhash

NS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
PURPOSES = ["split", "probe-honest", "join-honest"]


def integer(value: int) -> bytes:
    return b"\2" + struct.pack("<Q", value) if value >= 0 else b"\3" + struct.pack("<q", value)


def number(value: float) -> bytes:
    if value != value:
        return b"\0"
    if abs(value) != float("inf") and value == int(value) and -(2**63) <= int(value) < 2**64:
        return integer(int(value))
    return b"\4" + struct.pack("<d", value)


def element(column: dict[str, Any], cell: Any) -> bytes:
    if cell is None:
        return b"\0"
    kind = column["type"]
    if kind == "bool":
        return b"\1\1" if cell else b"\1\0"
    if kind == "float64":
        return number(struct.unpack(">d", bytes.fromhex(cell))[0])
    if kind == "float32":
        return number(struct.unpack(">f", bytes.fromhex(cell))[0])
    if kind in ("utf8", "dictionary"):
        raw = cell.encode()
        return b"\5" + struct.pack("<Q", len(raw)) + raw
    if kind == "date":
        return b"\6" + (int(cell) * 86_400 * 10**9).to_bytes(16, "little", signed=True)
    if kind in ("timestamp", "duration"):
        tag = b"\6" if kind == "timestamp" else b"\7"
        return tag + (int(cell) * NS[column["unit"]]).to_bytes(16, "little", signed=True)
    return integer(int(cell))


def column(name: str, kind: str, cells: list[Any], **more: str) -> dict[str, Any]:
    held = [c if c is None or isinstance(c, (bool, str)) else str(c) for c in cells]
    made = {"name": name, "type": kind, "cells": held, **more}
    made["elements"] = [element(made, cell).hex() for cell in held]
    return made


def bits64(*values: float) -> list[str]:
    return [struct.pack(">d", v).hex() for v in values]


def bits32(*values: float) -> list[str]:
    return [struct.pack(">f", v).hex() for v in values]


def one_column_tables() -> list[list[dict[str, Any]]]:
    tables = []
    for width in (8, 16, 32, 64):
        top = 2 ** (width - 1)
        tables.append([column("x", f"int{width}", [0, 1, -1, top - 1, -top, None])])
        tables.append([column("x", f"uint{width}", [0, 1, 2 * top - 1, None])])
    inf, nan = float("inf"), float("nan")
    doubles = bits64(
        0.0,
        -0.0,
        17.0,
        -17.0,
        0.1,
        inf,
        -inf,
        nan,
        5e-324,
        2.0**53,
        2.0**63,
        -(2.0**63),
        2.0**64,
        1e300,
    )
    tables.append([column("x", "float64", [*doubles, None])])
    tables.append(
        [column("x", "float32", [*bits32(0.0, -0.0, 17.0, 0.1, inf, nan, 1e-45, 2.0**63), None])]
    )
    tables.append([column("x", "bool", [True, False, None])])
    texts = ["", "a", "N14228", "é", "日本", "\U0001f600", "x" * 300, None]
    tables.append([column("x", "utf8", texts)])
    tables.append([column("x", "dictionary", ["b", "a", None, "b", ""])])
    tables.append([column("x", "date", [0, -1, 15706, None])])
    for unit in NS:
        ticks = [0, -1, 1_383_458_400, 2**62, None]
        tables.append([column("x", "timestamp", ticks, unit=unit, zone="")])
        tables.append([column("x", "timestamp", ticks, unit=unit, zone="America/New_York")])
        tables.append([column("x", "duration", ticks, unit=unit)])
    return tables


def wide_table() -> list[dict[str, Any]]:
    """Columns out of the order of their names: identity sorts them."""
    return [
        column("zeta", "utf8", ["AA", "MQ", None, "AA"]),
        column("Alpha", "int64", [2**53 + 1, -5, 7, None]),
        column("élan", "float64", bits64(0.5, 2.0, float("nan"), -0.0)),
        column("beta", "bool", [True, None, False, True]),
    ]


def ids(columns: list[dict[str, Any]], purpose: str) -> list[list[str]]:
    seed = xxhash.xxh3_64_intdigest(b"mlrepro:1:" + purpose.encode(), seed=0)
    ordered = sorted(columns, key=lambda c: c["name"].encode())
    out = []
    for row in range(len(columns[0]["cells"])):
        bytes_of_row = b"".join(bytes.fromhex(c["elements"][row]) for c in ordered)
        digest = xxhash.xxh3_128_intdigest(bytes_of_row, seed=seed)
        out.append([f"{digest & (2**64 - 1):016x}", f"{digest >> 64:016x}"])
    return out


def main() -> None:
    tables = [
        {"columns": columns, "ids": {purpose: ids(columns, purpose) for purpose in PURPOSES}}
        for columns in [*one_column_tables(), wide_table()]
    ]
    path = Path(__file__).parent / "row_identity.json"
    path.write_text(
        json.dumps({"canon": 1, "tables": tables}, indent=1, ensure_ascii=True) + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
