# SPDX-License-Identifier: Apache-2.0
"""Writes fingerprint.json: small tables of every type, and every digest of canon 1 of them.

An oracle apart from the library: plain Python integers, lists and PyPI's xxhash. Run by hand where xxhash is installed:
`python tests/vectors/make_fingerprint.py`. A change of the file it writes is a new canon.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import make_row_identity as cells
import xxhash

LEAF = 65_536
U64 = 2**64 - 1
Column = dict[str, Any]


def h(domain: str, data: bytes) -> int:
    seed = xxhash.xxh3_64_intdigest(b"mlrepro:1:" + domain.encode(), seed=0)
    return int(xxhash.xxh3_128_intdigest(data, seed=seed))


def u64(n: int) -> bytes:
    return n.to_bytes(8, "little")


def fed(digest: int) -> bytes:
    return u64(digest & U64) + u64(digest >> 64)


def total(digests: list[int]) -> int:
    return sum(digests) % 2**128


def root(n_rows: int, leaves: list[int]) -> int:
    while len(leaves) > 1:
        above = [
            h("node", fed(a) + fed(b)) for a, b in zip(leaves[::2], leaves[1::2], strict=False)
        ]
        leaves = above + ([leaves[-1]] if len(leaves) % 2 else [])
    return h("root", u64(n_rows) + b"".join(fed(top) for top in leaves))


def dtype(column: Column) -> dict[str, Any]:
    record: dict[str, Any] = {"name": column["name"], "dtype": column["type"]}
    if column["type"] in ("timestamp", "duration"):
        record["unit"] = column["unit"]
    if column["type"] == "timestamp":
        record["aware"] = column["zone"] != ""
        if column["zone"]:
            record["zone"] = column["zone"]
    if column["type"] == "dictionary":
        levels = [h("value", cells.element({"type": "utf8"}, level)) for level in column["levels"]]
        record["ordered"] = column["ordered"]
        record["level_type"] = "utf8"
        record["levels"] = f"{h('levels', b''.join(fed(level) for level in levels)):032x}"
        record["n_levels"] = len(levels)
        record["level_sum"] = f"{total(levels):032x}"
        record["n_unused_levels"] = len(set(column["levels"]) - set(column["cells"]))
    return record


def counted(column: Column) -> dict[str, int]:
    elements = [bytes.fromhex(e) for e in column["elements"]]
    n_null = sum(cell is None for cell in column["cells"])
    zeros = {"float64": "8000000000000000", "float32": "80000000"}
    negative_zero = zeros.get(column["type"])
    return {
        "n_null": n_null,
        "n_nan": sum(e == b"\0" for e in elements) - n_null,
        "n_negzero": sum(negative_zero is not None and c == negative_zero for c in column["cells"]),
    }


def canonical(document: Any) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digests(columns: list[Column], n_rows: int) -> dict[str, Any]:
    by_name = sorted(columns, key=lambda c: c["name"].encode())
    rows, made = [0] * n_rows, []
    for column in columns:
        elements = [bytes.fromhex(e) for e in column["elements"]]
        values = [h("value", e) for e in elements]
        name = h("name", column["name"].encode())
        rows = [r + h("cell", fed(name) + fed(v)) for r, v in zip(rows, values, strict=True)]
        leaves = []
        for at in range(0, n_rows, LEAF):
            held = elements[at : at + LEAF]
            leaves.append(h("leaf", u64(len(held)) + b"".join(held)))
        made.append(
            {
                **counted(column),
                "name": column["name"],
                "sum": f"{total(values):032x}",
                "root": f"{root(n_rows, leaves):032x}",
                "leaves": [f"{leaf:032x}" for leaf in leaves],
            }
        )
    row_sum = total([h("row", fed(r % 2**128)) for r in rows])
    schema = h("schema", canonical([dtype(c) for c in by_name]))
    content = h("content", fed(schema) + u64(n_rows) + fed(row_sum))
    roots = {c["name"]: int(c["root"], 16) for c in made}
    pairs = [fed(h("name", c["name"].encode())) + fed(roots[c["name"]]) for c in by_name]
    return {
        "row_sum": f"{row_sum:032x}",
        "schema_digest": f"{schema:032x}",
        "content_id": f"{content:032x}",
        "table_id": f"{h('table', fed(content) + b''.join(pairs)):032x}",
        "columns": made,
    }


def category(name: str, held: list[Any], levels: list[str], ordered: bool) -> Column:
    return cells.column(name, "dictionary", held) | {"levels": levels, "ordered": ordered}


def tables() -> list[list[Column]]:
    made = [t for t in cells.one_column_tables() if t[0]["type"] != "dictionary"]
    held = ["b", "a", None, "b", ""]
    made.append([category("x", held, ["b", "a", ""], False)])
    made.append([category("x", held, ["", "unused", "a", "b"], True)])
    made.append(cells.wide_table())
    made.append([cells.column("none", "int64", []), cells.column("text", "utf8", [])])
    return made


def many_rows() -> Column:
    """Three leaves; cells by a formula that the tests know: null where row % 11 == 3, else row * 7919 % 1009 - 500."""
    rows = range(2 * LEAF + 4_321)
    values = [None if row % 11 == 3 else row * 7919 % 1009 - 500 for row in rows]
    return cells.column("n", "int64", values)


def main() -> None:
    made: list[dict[str, Any]] = []
    for columns in tables():
        n_rows = len(columns[0]["cells"])
        expected = digests(columns, n_rows)
        held = [{k: v for k, v in c.items() if k != "elements"} for c in columns]
        made.append({"columns": held, "n_rows": n_rows, "digests": expected})
    column = many_rows()
    n_rows = len(column["cells"])
    big = {"n_rows": n_rows, "digests": digests([column], n_rows)}
    document = {"canon": 1, "tables": made, "formula": big}
    path = Path(__file__).parent / "fingerprint.json"
    path.write_text(json.dumps(document, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
