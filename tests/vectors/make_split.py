# SPDX-License-Identifier: Apache-2.0
"""Writes split.json: keys of every class and their parts, by another XXH3 (PyPI's xxhash) and plain Python integers.

An oracle apart from the library: run by hand, `python tests/vectors/make_split.py` with xxhash installed.
"""

from __future__ import annotations

import json
import struct
from fractions import Fraction
from pathlib import Path

import xxhash


def element(value: object) -> bytes:
    """Canonical element of a value written as in the JSON of plans."""
    if value is None:
        return b"\0"
    if isinstance(value, bool):
        return bytes([1, value])
    if isinstance(value, int):
        return b"\2" + struct.pack("<Q", value) if value >= 0 else b"\3" + struct.pack("<q", value)
    if isinstance(value, str):
        raw = value.encode()
        return b"\5" + struct.pack("<Q", len(raw)) + raw
    ((kind, payload),) = [(k, v) for k, v in value.items() if k != "v"]
    if kind == "int":
        return element(int(payload))
    if kind == "bits":
        number = struct.unpack(">d", bytes.fromhex(payload))[0]
        if number == int(number) if abs(number) < 2.0**63 else False:
            return element(int(number))
        return b"\4" + struct.pack("<d", number)
    tag = b"\7" if kind == "duration" else b"\6"
    ns = payload * 86_400 * 10**9 if kind == "date" else ticks_ns(payload)
    return tag + ns.to_bytes(16, "little", signed=True)


def ticks_ns(text: str) -> int:
    """Nanoseconds of "1380600000s", "-1ns"."""
    for unit, factor in [("ns", 1), ("us", 10**3), ("ms", 10**6), ("s", 10**9)]:
        if text.endswith(unit):
            return int(text.removesuffix(unit)) * factor
    raise ValueError(text)


def thresholds(fractions: list[str]) -> list[int]:
    sums, total = [], Fraction(0)
    for text in fractions[:-1]:
        total += Fraction(text)
        sums.append(round(total * 2**53) << 11)  # Python rounds half to even
    return sums


def key_hash(key: list[object], names: list[str], salt: str, level: str) -> int:
    counted = b"".join(struct.pack("<Q", len(t.encode())) + t.encode() for t in (salt, level))
    seed = xxhash.xxh3_64_intdigest(b"mlrepro:1:split" + counted, seed=0)
    ordered = [
        v for _, v in sorted(zip(names, key, strict=True), key=lambda pair: pair[0].encode())
    ]
    return xxhash.xxh3_128_intdigest(b"".join(element(v) for v in ordered), seed=seed)


def bits(number: float) -> dict[str, object]:
    return {"v": number, "bits": struct.pack(">d", number).hex()}


KEYS: list[list[object]] = [
    [0],
    [17],
    [-1],
    [{"int": str(2**63 - 1)}],
    [{"int": str(2**64 - 1)}],
    [{"int": str(-(2**63))}],
    [bits(0.1)],
    [bits(17.0)],
    [bits(-2.5)],
    [bits(1e300)],
    [bits(5e-324)],
    [""],
    ["N14228"],
    ["17"],
    ["Zürich"],
    ["東京"],
    ["e\u0301"],
    ["x" * 200],
    ["y" * 2000],
    [True],
    [False],
    [None],
    [{"date": 0}],
    [{"date": -3}],
    [{"date": 15_979}],
    [{"instant": "1380600000s"}],
    [{"instant": "-1ns"}],
    [{"instant": "1380600000000001us"}],
    [{"local": "1380585600000ms"}],
    [{"duration": "90s"}],
    [{"duration": "-1ms"}],
    ["AA", 17],
    [17, "AA"],
    ["AA", bits(17.0)],
    ["EWR", 2013, {"date": 15_706}],
]
NAMES = {1: ["k"], 2: ["b", "a"], 3: ["origin", "year", "day"]}
FRACTIONS = [["0.8", "0.1", "0.1"], ["0.5", "0.5"], ["0.7", "0.2", "0.1"]]


def main() -> None:
    cases = []
    for i, key in enumerate(KEYS):
        for salt, level in [("", ""), ("2026", ""), ("2026", "train"), ("sälz", "train/test")]:
            fractions = FRACTIONS[i % len(FRACTIONS)]
            names = NAMES[len(key)]
            h = key_hash(key, names, salt, level)
            u = h >> 64
            cuts = thresholds(fractions)
            part = next((j for j, t in enumerate(cuts) if u < t), len(cuts))
            if None in key:
                part = len(fractions)  # "missing" follows the named parts
            cases.append(
                {
                    "names": names,
                    "key": key,
                    "salt": salt,
                    "level": level,
                    "fractions": [float(f) for f in fractions],
                    "hash": f"{h:032x}",
                    "part": part,
                }
            )
    cuts = [
        {"fractions": [float(f) for f in fs], "thresholds": [f"{t:016x}" for t in thresholds(fs)]}
        for fs in [*FRACTIONS, ["0.1"] * 10, ["0.333", "0.667"], ["0.0001", "0.9999"]]
    ]
    document = {"made_by": "tests/vectors/make_split.py", "cases": cases, "thresholds": cuts}
    Path(__file__).with_name("split.json").write_text(
        json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    )


if __name__ == "__main__":
    main()
