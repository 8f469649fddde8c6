# SPDX-License-Identifier: Apache-2.0
"""The sdist and the wheel: equal bytes wherever they are made; the sdist builds, and says which headers are missing.

python tools/check_sdist.py            of HEAD, which must have no uncommitted change; a few minutes
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv" / "bin" / "python"
HEADERS = {"nlohmann_json": "nlohmann-json3-dev", "xxhash": "libxxhash-dev"}


def run(
    command: list[str | Path], folder: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, command)), cwd=folder, capture_output=True, text=True,
        env={**os.environ, **environment},
    )  # fmt: skip


def succeed(command: list[str | Path], folder: Path, **environment: str) -> str:
    done = run(command, folder, **environment)
    if done.returncode != 0:
        sys.exit(f"check_sdist: {' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def clone(folder: Path) -> Path:
    succeed(["git", "clone", "--quiet", ROOT, folder], ROOT)
    return folder


def sdist(folder: Path) -> Path:
    code = "import scikit_build_core.build as b; print(b.build_sdist('dist'))"
    name = succeed([PYTHON, "-c", code], folder).split()[-1]
    return folder / "dist" / name


def wheel(source: Path, out: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "wheel", "--no-build-isolation"]
    return run([*pip, "--no-deps", "--wheel-dir", out, source], ROOT, **environment)


def check_equal(what: str, made: list[Path]) -> None:
    digests = {sha256(path) for path in made}
    if len(digests) != 1:
        sys.exit(f"check_sdist: {what} differs between two folders: {', '.join(map(str, made))}")
    print(
        f"{what}: equal bytes from two folders, sha256 {digests.pop()[:16]}, {made[0].name}",
        flush=True,
    )


def check_missing_headers(archive: Path, work: Path) -> None:
    for package, debian in HEADERS.items():
        hidden = f"-DCMAKE_DISABLE_FIND_PACKAGE_{package}=ON -DFETCHCONTENT_FULLY_DISCONNECTED=ON"
        done = wheel(archive, work / "none", CMAKE_ARGS=hidden)
        said = done.stdout + done.stderr
        if done.returncode == 0 or debian not in said:
            sys.exit(
                f"check_sdist: without {package} the build does not ask for {debian}\n{said[-3000:]}"
            )
        print(f"sdist without {package}: refused, names {debian}", flush=True)


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        clones = [clone(work / "a"), clone(work / "another" / "longer" / "path")]
        archives = [sdist(folder) for folder in clones]
        check_equal("sdist", archives)
        with tarfile.open(archives[0]) as archive:
            inside = archive.getnames()
        print(f"sdist: {len(inside)} files, {archives[0].stat().st_size / 1e6:.2f} MB", flush=True)
        built = wheel(archives[0], work / "wheel")
        if built.returncode != 0:
            sys.exit(f"check_sdist: no wheel of the sdist\n{built.stdout}{built.stderr}")
        print(f"sdist: builds {next((work / 'wheel').glob('*.whl')).name}", flush=True)
        check_missing_headers(archives[0], work)
        for folder in clones:
            succeed([sys.executable, folder / "tools" / "wheels.py", "3.11"], folder)
        check_equal("wheel", [next((folder / "build/wheels").glob("*.whl")) for folder in clones])
    return 0


if __name__ == "__main__":
    sys.exit(main())
