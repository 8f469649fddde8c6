# SPDX-License-Identifier: Apache-2.0
"""The same bytes everywhere: one determinism program, built and run under everything that must not matter.

python tools/matrix.py [cell ...]            all cells, or those named; exit code 1 if one is red
python tools/matrix.py --mutate [word ...]   breaks the code so that a given cell must turn red; exit code 1 if it does not
python tools/matrix.py --list

One factor at a time from a base (g++ -O3, OpenMP, default threads and SIMD), and chosen pairs. Builds live in
build/matrix/<build> and are resumed. A cell that cannot run here (no such compiler, CPU or emulator) says so and is never
green. What one build can vary by itself also runs in `make test` (tests/cpp/determinism).
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from matrix_mutations import MUTATIONS, Mutation
from mutants import spans

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "matrix"
PROJECT = Path("tests/cpp/determinism")
GROUPS = ("identity", "fingerprint", "join", "split", "bins", "probe", "evaluate")
HOSTILE = "-O2 -ffast-math"


@dataclass(frozen=True)
class Build:
    """How the library and the program are compiled."""

    name: str
    compiler: str = "g++"
    flags: str = "-O3"
    options: tuple[str, ...] = ()
    emulator: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cell:
    """One run of a build."""

    name: str
    build: Build
    environment: dict[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()


def cross(name: str) -> Build:
    options = (
        "-DCMAKE_SYSTEM_NAME=Linux",
        f"-DCMAKE_SYSTEM_PROCESSOR={name}",
        "-DBUILD_SHARED_LIBS=OFF",
        f"-Dxxhash_INCLUDE_DIR={WORK / 'headers'}",
        f"-Dnlohmann_json_DIR={WORK / 'headers'}",
    )
    return Build(
        name,
        f"{name}-linux-gnu-g++",
        "-O2",
        options,
        (f"qemu-{name}", "-L", f"/usr/{name}-linux-gnu"),
    )


BASE = Build("gcc-O3")
SERVICE = Build("fast-math-project", flags=HOSTILE)
CLANG = Build("clang16-O3", "clang++-16")
NO_OPENMP = Build("no-openmp", options=("-DMLREPRO_OPENMP=OFF",))
CELLS = (
    Cell("base", BASE),
    Cell("gcc-O0", Build("gcc-O0", flags="-O0")),
    Cell("clang14-O3", Build("clang14-O3", "clang++-14")),
    Cell("clang16-O3", CLANG),
    Cell("clang16-O0", Build("clang16-O0", "clang++-16", "-O0")),
    *(Cell(f"threads-{n}", BASE, {"MLREPRO_NUM_THREADS": str(n)}) for n in (1, 2, 3, 8)),
    *(Cell(f"simd-{s}", BASE, {"MLREPRO_SIMD": s}) for s in ("baseline", "avx2", "avx512")),
    Cell("clang16-avx2", CLANG, {"MLREPRO_SIMD": "avx2", "MLREPRO_NUM_THREADS": "3"}),
    Cell("no-openmp", NO_OPENMP),
    Cell("no-openmp-threads-8", NO_OPENMP, {"MLREPRO_NUM_THREADS": "8"}),
    Cell("aarch64", cross("aarch64")),
    Cell("s390x", cross("s390x")),
    Cell("hostile-floats", BASE, arguments=("--hostile",)),
    Cell("fast-math-project", SERVICE),
    Cell("fast-math-hostile", SERVICE, {"MLREPRO_NUM_THREADS": "3"}, ("--hostile",)),
)


def run(command: list[str], log: Path, environment: dict[str, str] | None = None) -> bool:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a") as out:
        out.write(" ".join(command) + "\n")
        out.flush()
        done = subprocess.run(command, stdout=out, stderr=out, env=environment, cwd=ROOT)
    return done.returncode == 0


def make_headers() -> None:
    """Links the two header-only dependencies: /usr/include itself would mix another CPU's C library in."""
    folder = WORK / "headers"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("xxhash.h", "xxh3.h", "nlohmann"):
        link = folder / name
        if not link.is_symlink():
            link.symlink_to(Path("/usr/include") / name)
    (folder / "nlohmann_jsonConfig.cmake").write_text(
        "add_library(nlohmann_json::nlohmann_json INTERFACE IMPORTED)\n"
        f'target_include_directories(nlohmann_json::nlohmann_json INTERFACE "{folder}")\n'
    )
    (folder / "nlohmann_jsonConfigVersion.cmake").write_text(
        'set(PACKAGE_VERSION "3.11.2")\nset(PACKAGE_VERSION_COMPATIBLE TRUE)\n'
    )


def build(what: Build, tree: Path, folder: Path) -> str:
    """Builds the program; empty, or why there is none."""
    for tool in (what.compiler, *what.emulator[:1]):
        if shutil.which(tool) is None:
            return f"not run here: there is no {tool}"
    log = folder / "build.log"
    log.unlink(missing_ok=True)
    configure = [
        "cmake",
        "-S",
        str(tree / PROJECT / "subproject"),
        "-B",
        str(folder),
        "-G",
        "Ninja",
    ]
    configure += [f"-DCMAKE_CXX_COMPILER={what.compiler}", f"-DCMAKE_CXX_FLAGS={what.flags}"]
    configure += ["-DCMAKE_BUILD_TYPE=None", *what.options]
    if shutil.which("ccache"):
        configure.append("-DCMAKE_CXX_COMPILER_LAUNCHER=ccache")
    if run(configure, log) and run(["cmake", "--build", str(folder)], log):
        return ""
    return f"RED: does not build, see {log.relative_to(ROOT)}"


def measure(cell: Cell, folder: Path, expected: dict[str, list[str]]) -> dict[str, str] | str:
    """The state of each group; or why there is none."""
    program = next(p for p in (folder / "determinism", folder / "determinism.exe") if p.exists())
    command = [*cell.build.emulator, str(program), *cell.arguments]
    unset = ("MLREPRO_NUM_THREADS", "MLREPRO_SIMD", "OMP_NUM_THREADS")
    inherited = {k: v for k, v in os.environ.items() if k not in unset}
    done = subprocess.run(
        command, capture_output=True, text=True, env={**inherited, **cell.environment}
    )
    if "MLREPRO_SIMD" in done.stderr and "cannot run" in done.stderr:
        return f"not run here: the CPU lacks {cell.environment['MLREPRO_SIMD']}"
    if done.returncode != 0:
        return f"RED: exit code {done.returncode}: {done.stderr.strip()[-200:]}"
    found = by_group(done.stdout)
    return {g: "same" if found.get(g) == expected[g] else "RED" for g in GROUPS}


def by_group(printed: str) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for line in printed.splitlines():
        groups.setdefault(line.split()[0], []).append(line)
    return groups


def is_red(state: dict[str, str] | str) -> bool:
    return state.startswith("RED") if isinstance(state, str) else "RED" in state.values()


def state_of(cell: Cell, tree: Path, builds: Path) -> dict[str, str] | str:
    folder = builds / cell.build.name
    why = build(cell.build, tree, folder)
    expected = by_group((tree / PROJECT / "expected.txt").read_text())
    return why or measure(cell, folder, expected)


def print_row(name: str, state: dict[str, str] | str) -> None:
    cells = state if isinstance(state, str) else "".join(f"{state[g]:<12}" for g in GROUPS)
    print(f"{name:<22}{cells}".rstrip(), flush=True)


def run_matrix(names: list[str]) -> int:
    make_headers()
    print(f"{'':<22}" + "".join(f"{g:<12}" for g in GROUPS), flush=True)
    states = []
    for cell in CELLS:
        if names and cell.name not in names:
            continue
        states.append(state_of(cell, ROOT, WORK))
        print_row(cell.name, states[-1])
    red, skipped = sum(map(is_red, states)), sum(isinstance(s, str) for s in states)
    print(f"{len(states)} cells, {red} red, {skipped - red if skipped > red else 0} not run here")
    return 1 if red else 0


def apply(mutation: Mutation, tree: Path) -> None:
    for edit in mutation.edits:
        path = tree / edit.file
        text = path.read_text()
        found = spans(edit.old, text)
        if len(found) != 1:
            sys.exit(
                f"matrix: {mutation.name}: {edit.file}: its old text occurs {len(found)} times"
            )
        begin, end = found[0]
        path.write_text(text[:begin] + edit.new + text[end:])


def copy_tree(tree: Path) -> None:
    """Brings the copy up to date; unchanged files keep their time stamp, so that they are not built again."""
    parts = ("CMakeLists.txt", "cmake", "include", "src", str(PROJECT))
    for part in parts:
        top = ROOT / part
        for source in [top] if top.is_file() else [p for p in top.rglob("*") if p.is_file()]:
            target = tree / source.relative_to(ROOT)
            if not target.exists() or target.read_bytes() != source.read_bytes():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, target)


def run_mutations(words: list[str]) -> int:
    make_headers()
    survived = 0
    tree = WORK / "mutants" / "tree"
    for mutation in MUTATIONS:
        if words and not any(w in mutation.name or w in mutation.cell for w in words):
            continue
        copy_tree(tree)  # undoes the mistake before
        apply(mutation, tree)
        cell = next(c for c in CELLS if c.name == mutation.cell)
        state = state_of(cell, tree, tree.parent)
        skipped = isinstance(state, str) and state.startswith("not run")
        verdict = state if skipped else "red, as it must" if is_red(state) else "SURVIVED"
        if isinstance(state, str) and "does not build" in state:
            verdict = f"SURVIVED ({state})"
        survived += verdict.startswith("SURVIVED")
        print(f"{mutation.cell:<22}{mutation.name:<40}{verdict}", flush=True)
    return 1 if survived else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="cell")
    parser.add_argument("--mutate", action="store_true", help="break the code, cell by cell")
    parser.add_argument("--list", action="store_true", help="names of the cells")
    given = parser.parse_args()
    known = [cell.name for cell in CELLS]
    if given.list:
        print("\n".join(known))
        return 0
    unknown = [n for n in given.names if n not in known]
    if unknown and not given.mutate:
        parser.error(f"no cell {', '.join(unknown)}; there are {', '.join(known)}")
    return run_mutations(given.names) if given.mutate else run_matrix(given.names)


if __name__ == "__main__":
    sys.exit(main())
