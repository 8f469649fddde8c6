# SPDX-License-Identifier: Apache-2.0
"""Runs clang-tidy over our sources and bindings; a file whose inputs did not change since it was clean is not run again.

python tools/clang_tidy.py BUILD_DIR        (a CMake build directory with compile_commands.json)
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKED = ("src", "bindings")


def inputs(command: list[str], directory: str) -> list[Path]:
    """Files of this project that a translation unit reads."""
    keep = [arg for arg in command if arg not in ("-c",)]
    if "-o" in keep:
        at = keep.index("-o")
        del keep[at : at + 2]
    made = subprocess.run(
        [*keep, "-MM", "-MT", "x"], cwd=directory, capture_output=True, text=True, check=True
    )
    words = shlex.split(made.stdout.replace("\\\n", " "))[1:]
    paths = {(Path(directory) / word).resolve() for word in words}
    return sorted(path for path in paths if path.is_relative_to(ROOT))


def fingerprint(entry: dict) -> str:
    command = shlex.split(entry["command"])
    if Path(command[0]).name == "ccache":
        command = command[1:]
    digest = hashlib.sha256(entry["command"].encode() + (ROOT / ".clang-tidy").read_bytes())
    for path in inputs(command, entry["directory"]):
        digest.update(str(path).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def check(entry: dict, build: Path, clean: Path) -> tuple[str, str]:
    """Returns the file and what clang-tidy complains about, if anything."""
    stamp = clean / fingerprint(entry)
    if stamp.exists():
        return entry["file"], ""
    ran = subprocess.run(
        ["clang-tidy", "--quiet", "-p", str(build), entry["file"]], capture_output=True, text=True
    )
    if ran.returncode == 0:
        stamp.touch()
        return entry["file"], ""
    return entry["file"], ran.stdout + ran.stderr


def main() -> int:
    build = Path(sys.argv[1]).resolve()
    clean = build / "clang-tidy-clean"
    clean.mkdir(exist_ok=True)
    roots = [ROOT / name for name in CHECKED]
    entries = [
        entry
        for entry in json.loads((build / "compile_commands.json").read_text())
        if any(Path(entry["file"]).is_relative_to(root) for root in roots)
    ]
    if not entries:
        print("clang-tidy: no source of ours in compile_commands.json", file=sys.stderr)
        return 2
    failed = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for file, complaint in pool.map(lambda entry: check(entry, build, clean), entries):
            if complaint:
                failed += 1
                print(f"{Path(file).relative_to(ROOT)}:\n{complaint}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
