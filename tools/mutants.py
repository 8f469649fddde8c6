# SPDX-License-Identifier: Apache-2.0
"""Breaks the code on purpose, one mistake at a time, and demands that the named test fails.

python tools/mutants.py [word ...]          only mutants whose file, law or reason contains a word

`tools/mutants.json` is a list of objects: `law` (1 to 5, of DESIGN.md), `file`, `old` (text that occurs once in the file,
white space apart), `new` (the mistake), `test` ("test_core [tag]" for a C++ test program, "pytest ..." for Python) and `why` (what the mistake
would do to a user). Works on a copy of the tree in build/mutants; the tests must pass there before anything is broken.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "tools" / "mutants.json"
WORK = ROOT / "build" / "mutants"
TREE = WORK / "tree"
BUILD = WORK / "build"


def copy_tree() -> None:
    """Brings the copy up to date; unchanged files keep their time stamp, so that they are not built again."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True,
    ).stdout  # fmt: skip
    names = [name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]
    for name in names:
        source, target = ROOT / name, TREE / name
        if not target.exists() or target.read_bytes() != source.read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    for path in [p for p in TREE.rglob("*") if p.is_file() and "__pycache__" not in p.parts]:
        if str(path.relative_to(TREE)) not in names:
            path.unlink()


def run(command: list[str], log: Path) -> bool:
    environment = {
        **os.environ,
        "PYTHONPATH": str(BUILD / "python"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    with log.open("w") as out:
        done = subprocess.run(command, cwd=TREE, env=environment, stdout=out, stderr=out)
    return done.returncode == 0


def build(targets: list[str]) -> bool:
    return run(["cmake", "--build", str(BUILD), "--target", *targets], WORK / "build.log")


def target_of(test: str) -> str:
    program = test.split()[0]
    return "python_dev" if program == "pytest" else program


def passes(test: str) -> bool:
    program, *arguments = shlex.split(test)
    if program == "pytest":
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *arguments]
    else:
        room = program.removeprefix("test_")
        command = [str(BUILD / "tests" / "cpp" / room / program), *arguments]
    return run(command, WORK / "test.log")


def configure() -> None:
    command = ["cmake", "-S", str(TREE), "-B", str(BUILD), "-G", "Ninja"]
    command += ["-DCMAKE_BUILD_TYPE=Release", f"-DPython_EXECUTABLE={sys.executable}"]
    if not run(command, WORK / "configure.log"):
        sys.exit(f"mutants: configure failed, see {WORK / 'configure.log'}")


def spans(old: str, text: str) -> list[tuple[int, int]]:
    """Where `old` occurs in `text`, however it is broken into lines: a formatter makes no mutant stale."""
    tokens = re.findall(r"\w+|[^\w\s]", old)
    return [m.span() for m in re.finditer(r"\s*".join(map(re.escape, tokens)), text)]


def try_mutant(mutant: dict) -> str:
    """Applies one mutant, builds and tests; returns "killed" or what went wrong. The file is restored."""
    path = TREE / mutant["file"]
    text = path.read_text()
    found = spans(mutant["old"], text)
    if len(found) != 1:
        return f"stale: its old text occurs {len(found)} times"
    begin, end = found[0]
    path.write_text(text[:begin] + mutant["new"].strip() + text[end:])
    try:
        if not build([target_of(mutant["test"])]):
            return f"does not build, see {WORK / 'build.log'}"
        return "SURVIVED" if passes(mutant["test"]) else "killed"
    finally:
        path.write_text(text)


def main() -> int:
    words = sys.argv[1:]
    mutants = json.loads(LIST.read_text())
    mutants = [m for m in mutants if not words or any(w in json.dumps(m) for w in words)]
    TREE.mkdir(parents=True, exist_ok=True)
    copy_tree()
    configure()
    tests = sorted({mutant["test"] for mutant in mutants})
    if not build(sorted({target_of(test) for test in tests})):
        sys.exit(f"mutants: the unbroken tree does not build, see {WORK / 'build.log'}")
    for test in tests:
        if not passes(test):
            sys.exit(f"mutants: {test} fails on the unbroken tree, see {WORK / 'test.log'}")
    alive = 0
    for mutant in mutants:
        outcome = try_mutant(mutant)
        alive += outcome != "killed"
        print(f"law {mutant['law']}  {outcome:9}  {mutant['file']}: {mutant['why']}", flush=True)
    print(f"{len(mutants)} mutants, {len(mutants) - alive} killed")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
