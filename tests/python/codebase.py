# SPDX-License-Identifier: Apache-2.0
"""Files of the code base, for the tests that read it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INCLUDE = ROOT / "include" / "mlrepro"
PYTHON = ROOT / "python" / "mlrepro"


def cpp_files(*folders: str) -> list[Path]:
    found = [
        p
        for f in folders
        for p in sorted((ROOT / f).rglob("*"))
        if p.suffix in {".cpp", ".hpp", ".ipp"}
    ]
    assert found, f"no C++ file below {folders}"
    return found


def without_comments(text: str) -> str:
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.DOTALL)


def includes(text: str) -> list[str]:
    return re.findall(
        r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', without_comments(text), flags=re.MULTILINE
    )


def python_modules() -> list[tuple[str, Path]]:
    return [
        (".".join(p.relative_to(PYTHON).with_suffix("").parts), p)
        for p in sorted(PYTHON.rglob("*.py"))
    ]
